# Generated from model/events.py by tools/generate.py. Do not edit.

"""EventHandler: what a plugin is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel

    from qqbot_cli.bot.context import PluginContext
    from qqbot_cli.bot.session import (
        C2CReplySession,
        ChannelReplySession,
        DirectReplySession,
        GroupReplySession,
        InteractionSession,
        ReadySession,
        ResumeSession,
        UnknownEventSession,
    )


class EventHandler:
    """Base of every plugin: override the callbacks you want, and no more.

    Each callback is given one session, which has the event and, where it can be answered, `reply`.
    Other public coroutine methods are refused, because they are most likely misspelt callbacks;
    helpers take a leading underscore.
    """

    Config: type[BaseModel] | None = None
    """A pydantic model for the options under `plugins.NAME.config`; unknown keys are refused."""

    async def setup(self, context: PluginContext[Any]) -> None:
        """Called once before the first event; `context.config` has the validated options."""

    async def teardown(self) -> None:
        """Called once after the last event."""

    async def ready(self, session: ReadySession) -> None:
        """A new session has begun; events that happened before it are lost.

        Event: ``READY``.
        """

    async def resumed(self, session: ResumeSession) -> None:
        """A session continues after a lost connection; what was missed has been delivered.

        Event: ``RESUMED``.
        """

    async def message_create(self, session: ChannelReplySession) -> None:
        """Somebody mentioned the bot in a guild channel, or replied to it.

        Event: ``AT_MESSAGE_CREATE``.
        """

    async def guild_message_create(self, session: ChannelReplySession) -> None:
        """Somebody wrote in a guild channel, whether to the bot or not.

        Event: ``MESSAGE_CREATE``. Left as it is, messages that are addressed to the bot go to
        `message_create`, so that a plugin that only wants to be spoken to works either way.
        """
        if session.is_for_bot:
            await self.message_create(session)

    async def direct_message_create(self, session: DirectReplySession) -> None:
        """Somebody wrote to the bot in a direct message of a guild.

        Event: ``DIRECT_MESSAGE_CREATE``.
        """

    async def group_message_create(self, session: GroupReplySession) -> None:
        """A group member mentioned the bot.

        Event: ``GROUP_AT_MESSAGE_CREATE``.
        """

    async def group_full_message_create(self, session: GroupReplySession) -> None:
        """A group member wrote, whether to the bot or not, in a group that lets the bot read everything.

        Event: ``GROUP_MESSAGE_CREATE``. Left as it is, messages that are addressed to the bot go to
        `group_message_create`, so that a plugin that only wants to be spoken to works either way.
        """
        if session.is_for_bot:
            await self.group_message_create(session)

    async def c2c_message_create(self, session: C2CReplySession) -> None:
        """Somebody wrote to the bot in a one-to-one chat.

        Event: ``C2C_MESSAGE_CREATE``.
        """

    async def interaction_create(self, session: InteractionSession) -> None:
        """Somebody pressed a button, chose a menu item or rated an answer.

        Event: ``INTERACTION_CREATE``.
        """

    async def unknown_event(self, session: UnknownEventSession) -> None:
        """An event without a callback of its own, or one whose payload could not be typed."""
