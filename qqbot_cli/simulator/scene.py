"""How long and how often a bot may answer in each of the four scenes.

Source: platform documentation, "发送消息".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from qqbot_cli.model.scene import Scene as Scene


@dataclass(frozen=True, slots=True)
class SceneRule:
    """What the platform documents about one scene."""

    reply_window: float
    """Seconds in which a message can be answered."""
    reply_limit: int | None
    """Answers to one message; None where no number is published."""
    recall_window: float | None
    """Seconds in which the bot can take a message back; None where no limit is published."""


SCENES: Final = {
    Scene.CHANNEL: SceneRule(300.0, None, None),
    Scene.DMS: SceneRule(300.0, None, None),
    Scene.GROUP: SceneRule(300.0, 5, 120.0),
    # An older page says 5 replies and its field note 5 minutes; the overview of 2026 and users say this.
    Scene.C2C: SceneRule(3600.0, 4, 120.0),
}

ACTIVE_LIMIT: Final = 20
"""Messages that answer nothing, to one receiver in `ACTIVE_WINDOW`."""
ACTIVE_WINDOW: Final = 60.0
"""Seconds."""
