"""What is to be judged: a request to send, and what the platform knows at that moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from qqbot_cli.simulator.ledger import Ledger
from qqbot_cli.simulator.refusals import Refusal
from qqbot_cli.simulator.scene import Scene
from qqbot_cli.simulator.switches import Switches

NOTICE: Final = 6
"""The ``msg_type`` of "is typing"; it does not count as an answer."""
MAX_SEQ: Final = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Post:
    """A request to send; nulls are left out of `body`."""

    scene: Scene
    target: str
    body: Mapping[str, object]

    @property
    def reply_to(self) -> str | None:
        """The ``msg_id``, else the ``event_id``."""
        return str(self.body.get("msg_id") or self.body.get("event_id") or "") or None


@dataclass(frozen=True, slots=True)
class Known:
    """What the platform knows when it judges."""

    ledger: Ledger
    now: float
    online: bool
    """Whether the bot has a gateway connection."""
    switches: Switches


Rule = Callable[[Post, Known], Refusal | None]


def first_refusal(rules: tuple[Rule, ...], post: Post, known: Known) -> Refusal | None:
    """Return what the first of *rules* says that refuses *post*."""
    for rule in rules:
        refusal = rule(post, known)
        if refusal is not None:
            return refusal
    return None


def fields_of(fields: Mapping[str, type], refusal: Refusal) -> Rule:
    """Return the rule that a body has no other fields than these, of these types."""

    def rule(post: Post, _known: Known) -> Refusal | None:
        for name, value in post.body.items():
            expected = fields.get(name)
            if expected is None or not isinstance(value, expected):
                return refusal
            if expected is int and isinstance(value, bool):
                return refusal
        return None

    return rule


def number(post: Post, name: str, default: int) -> int:
    """Return a field that is a number, by an earlier rule."""
    value = post.body.get(name, default)
    assert isinstance(value, int)
    return value


def mapping(value: object) -> Mapping[str, object]:
    """Return *value* if it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: object) -> list[object]:
    """Return *value* if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []
