"""The plugin of `chaos.py`: writes down every event, replies, and is now and then slow or raises.

What it does with an event follows from the event's id alone. Lines are written with one call and without
fsync: what was written survives the process, which is what is killed here.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from qqbot_cli import EventHandler

HISTORY: Final = "QQBOT_CHAOS_HISTORY"
"""Environment variable that names the file."""


def _fields(line: str) -> list[str]:
    return line.split(" ", 3)


class Witness(EventHandler):
    """Handles messages, buttons and what people do in groups and guilds."""

    def __init__(self) -> None:
        path = Path(os.environ[HISTORY])
        # Another process may have raised already: with the platform's own failures that would be too many.
        before = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self._raised = {event_id for _, _, verb, event_id in map(_fields, before) if verb == "raise"}
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._pid = os.getpid()

    def _write(self, verb: str, event_id: str) -> None:
        os.write(self._file, f"{time.monotonic():.6f} {self._pid} {verb} {event_id}\n".encode())

    async def _saw(self, session: Any) -> None:  # noqa: ANN401 - sessions of many kinds
        event_id = session.event_id
        chance = crc32(event_id.encode()) % 100
        self._write("begin", event_id)
        if 5 <= chance < 15:
            await asyncio.sleep(chance / 10)
        if chance < 3:
            self._stumble(event_id)
        if hasattr(session, "ack"):
            await session.ack()
        elif hasattr(session, "reply"):
            await session.reply(f"seen {event_id}")
        if chance < 5:
            self._stumble(event_id)
        self._write("done", event_id)

    def _stumble(self, event_id: str) -> None:
        """Raise what time mends, once for each event."""
        if event_id not in self._raised:
            self._raised.add(event_id)
            self._write("raise", event_id)
            raise ConnectionError("on purpose")

    async def _noted(self, session: Any) -> None:  # noqa: ANN401
        self._write("begin", session.event_id)
        self._write("done", session.event_id)

    group_message_create = group_full_message_create = c2c_message_create = _saw
    message_create = direct_message_create = interaction_create = _saw
    message_reaction_add = message_reaction_remove = guild_member_add = guild_member_remove = _noted
    group_member_add = group_member_remove = friend_add = friend_del = _noted
