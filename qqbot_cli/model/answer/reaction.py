"""Who reacted to a message.

Source: platform documentation, "拉取表情表态用户列表".
"""

from __future__ import annotations

from qqbot_cli.model.payload.shared import Payload, User


class ReactionUsers(Payload, frozen=True):
    """A page of the users who reacted with one emoji."""

    users: tuple[User, ...] = ()
    """The users; only id, name and picture are sent."""
    cookie: str = ""
    """Asks for the next page."""
    is_end: bool = False
    """Whether this was the last page."""
