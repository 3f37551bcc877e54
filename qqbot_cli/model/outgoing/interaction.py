"""Answers to interactions."""

from __future__ import annotations

from enum import IntEnum

import msgspec


class InteractionCode(IntEnum):
    """What the client of the person who pressed a button shows."""

    SUCCESS = 0
    FAILED = 1
    TOO_FREQUENT = 2
    REPEATED = 3
    NO_PERMISSION = 4
    ADMINISTRATORS_ONLY = 5


class InteractionAck(msgspec.Struct, frozen=True):
    """Answer to an interaction; once per interaction, within about five seconds."""

    code: InteractionCode = InteractionCode.SUCCESS
