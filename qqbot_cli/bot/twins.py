"""One message under two names: as one that is addressed to the bot, and as one of all messages.

A bot that may read everything can be sent a message that mentions it both as GROUP_AT_MESSAGE_CREATE and as
GROUP_MESSAGE_CREATE, in either order (guild channels likewise). Every plugin gets it once: under the first
name that it handles, and without a callback for all messages only if it is addressed to the bot. Both
sessions count replies together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from qqbot_cli.bot.session import ChannelReplySession, GroupReplySession
from qqbot_cli.bot.worker import Listener
from qqbot_cli.protocol.dedupe import SeenIds

MessageSession = ChannelReplySession | GroupReplySession

_REMEMBERED: Final = 100_000
"""Message ids by which repetitions are recognised, for each name."""
_UNSETTLED: Final = 1_000
"""Messages that a plugin may still get under their other name; that one follows at once or never."""


class Twins:
    """Who gets a message, by the name under which it arrives."""

    def __init__(self, addressed: Sequence[Listener], full: Sequence[Listener]) -> None:
        """*addressed* handle what is addressed to the bot, *full* handle everything; some may do both."""
        in_full = {runner for runner, _ in full}
        in_addressed = {runner for runner, _ in addressed}
        self._addressed = addressed
        self._full = full
        self._only_addressed = [listener for listener in addressed if listener[0] not in in_full]
        self._only_full = [listener for listener in full if listener[0] not in in_addressed]
        self.everybody: Sequence[Listener] = [*full, *self._only_addressed]
        """Who gets a message that is addressed to the bot and comes as one of all messages."""
        self._seen_addressed = SeenIds(_REMEMBERED)
        self._seen_full = SeenIds(_REMEMBERED)
        self._unsettled: dict[str, MessageSession] = {}

    def take_addressed(self, session: MessageSession) -> Sequence[Listener] | None:
        """Return who gets a message that came as addressed to the bot; None if it is a repetition."""
        message_id = session.event.id
        if not self._seen_addressed.add(message_id):
            return None
        if message_id in self._seen_full:
            return self._settle(message_id, session, self._only_addressed)
        if self._only_full:
            self._keep(message_id, session)
        return self._addressed

    def take_full(self, session: MessageSession) -> Sequence[Listener] | None:
        """Return who gets a message that came as one of all messages; None if it is a repetition."""
        message_id = session.event.id
        if not self._seen_full.add(message_id):
            return None
        if message_id in self._seen_addressed:
            return self._settle(message_id, session, self._only_full)
        if session.is_for_bot:
            return self.everybody
        if self._only_addressed:
            # A reply to the bot need not mention it: only its other name shows that it is addressed.
            self._keep(message_id, session)
        return self._full

    def _settle(
        self, message_id: str, session: MessageSession, rest: Sequence[Listener]
    ) -> Sequence[Listener] | None:
        earlier = self._unsettled.pop(message_id, None)
        if earlier is None:
            return None
        session.share_replies(earlier)
        return rest

    def _keep(self, message_id: str, session: MessageSession) -> None:
        if len(self._unsettled) >= _UNSETTLED:
            del self._unsettled[next(iter(self._unsettled))]
        self._unsettled[message_id] = session
