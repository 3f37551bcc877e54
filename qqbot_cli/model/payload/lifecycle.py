"""READY and RESUMED: a session begins or continues."""

from __future__ import annotations

from qqbot_cli.model.payload.shared import Payload, User


class Ready(Payload, frozen=True):
    """The first event of a new session."""

    session_id: str
    """Needed to resume; never shown whole."""
    user: User
    """The bot itself."""
    shard: tuple[int, int] = (0, 1)
    """``[index, count]``, an echo of IDENTIFY."""
    version: int = 1
    """Of the protocol."""

    def __repr__(self) -> str:
        # Whoever prints it must not give away the key to the session.
        return f"Ready(session_id='{self.session_id[:6]}~', user={self.user}, shard={self.shard})"


class Resumed(Payload, frozen=True):
    """Everything that was missed has been replayed. It has no fields: ``d`` is an empty text."""
