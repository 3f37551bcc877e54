"""Answers to interactions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

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
    data: Mapping[str, Any] | msgspec.UnsetType = msgspec.UNSET
    """What interactions that ask for something are given; undocumented, known from one of the SDKs. Left out
    if it is not set; too much of it is refused with 630007."""
