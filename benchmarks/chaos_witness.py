"""The plugin of `chaos.py`: writes down every event, replies, and is now and then slow or raises.

What it does with an event follows from the event's id alone. Lines are written with one call and without
fsync: what was written survives the process, which is what is killed here.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from qqbot_cli import EventHandler

HISTORY: Final = "QQBOT_CHAOS_HISTORY"
"""Environment variable that names the file."""
_PLACES: Final = ("group_openid", "channel_id", "user_openid", "openid", "guild_id")
"""Fields that say where an event happened, the narrowest first. Not what qqbot takes for a conversation:
whether it keeps the order within what people take for one is the question."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history."""

    at: float
    pid: int
    verb: str
    """``begin``, ``raise`` or ``done``."""
    place: str
    """Id of the group, channel, person or guild where the event happened: its conversation."""
    event_id: str


def read_lines(text: str) -> list[Line]:
    """Return what stands in a history."""
    fields = (line.split(" ", 4) for line in text.splitlines())
    return [Line(float(at), int(pid), verb, place, event_id) for at, pid, verb, place, event_id in fields]


def _place_of(event: Any) -> str:  # noqa: ANN401 - payloads of many kinds
    """Return the id of the group, channel, person or guild of *event*."""
    known = (getattr(one, name, "") for name in _PLACES for one in (event, getattr(event, "author", None)))
    return next(place for place in known if place)


class Witness(EventHandler):
    """Handles messages, buttons and what people do in groups and guilds."""

    def __init__(self) -> None:
        path = Path(os.environ[HISTORY])
        # Another process may have raised already: with the platform's own failures that would be too many.
        before = read_lines(path.read_text(encoding="utf-8")) if path.exists() else []
        self._raised = {line.event_id for line in before if line.verb == "raise"}
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._pid = os.getpid()

    def _write(self, verb: str, session: Any) -> None:  # noqa: ANN401 - sessions of many kinds
        place = _place_of(session.event)
        line = f"{time.monotonic():.6f} {self._pid} {verb} {place} {session.event_id}\n"
        os.write(self._file, line.encode())

    async def _saw(self, session: Any) -> None:  # noqa: ANN401
        event_id = session.event_id
        chance = crc32(event_id.encode()) % 100
        self._write("begin", session)
        if 5 <= chance < 15:
            await asyncio.sleep(chance / 10)
        if chance < 3:
            self._stumble(session)
        if hasattr(session, "ack"):
            await session.ack()
        elif hasattr(session, "reply"):
            await session.reply(f"seen {event_id}")
        if chance < 5:
            self._stumble(session)
        self._write("done", session)

    def _stumble(self, session: Any) -> None:  # noqa: ANN401
        """Raise what time mends, once for each event."""
        if session.event_id not in self._raised:
            self._raised.add(session.event_id)
            self._write("raise", session)
            raise ConnectionError("on purpose")

    async def _noted(self, session: Any) -> None:  # noqa: ANN401
        self._write("begin", session)
        self._write("done", session)

    group_message_create = group_full_message_create = c2c_message_create = _saw
    message_create = direct_message_create = interaction_create = _saw
    message_reaction_add = message_reaction_remove = guild_member_add = guild_member_remove = _noted
    group_member_add = group_member_remove = friend_add = friend_del = _noted
