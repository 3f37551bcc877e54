"""Markdown: native text, or a template of the console with values for its variables.

Source: platform documentation, "Markdown 消息"; `style` and `process_msg` from the official Go SDK.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Self

from msgspec import UNSET, UnsetType

from qqbot_cli.model.outgoing.wire import Wire


class FontSize(StrEnum):
    """Size of the text."""

    SMALL = "small"
    MIDDLE = "middle"
    LARGE = "large"


class MarkdownParam(Wire, frozen=True):
    """One variable of a template."""

    key: str
    """Name in the template, without dot and braces."""
    values: Sequence[str]
    """One value for a text, several for a list; none of them empty or with a line break."""


class MarkdownStyle(Wire, frozen=True):
    """How the message looks."""

    main_font_size: FontSize | str | UnsetType = UNSET
    layout: str | UnsetType = UNSET
    """``hide_avatar_and_center``."""


class Markdown(Wire, frozen=True):
    """A formatted text: either `content`, or a template and its values."""

    content: str | UnsetType = UNSET
    """Native Markdown; may contain mentions and commands, see `qqbot_cli.model.text`."""
    custom_template_id: str | UnsetType = UNSET
    """Template of the console, ``appid_number``."""
    params: Sequence[MarkdownParam] | UnsetType = UNSET
    """Values for the variables of the template."""
    template_id: int | UnsetType = UNSET
    """Number of a template, the old way of naming one."""
    force_verify_image_resource: bool | UnsetType = UNSET
    """Whether sending fails when a picture cannot be fetched; else the message comes without it."""
    style: MarkdownStyle | UnsetType = UNSET
    process_msg: str | UnsetType = UNSET
    """Typed by the official Go SDK, documented nowhere."""

    @classmethod
    def template(cls, template_id: str | int, values: Mapping[str, str | Sequence[str]] = {}) -> Self:
        """Return a template with its *values*: a text, or several for a variable that is a list.

        A text names a template of today's console, a number one of the old kind.
        """
        params = [
            MarkdownParam(key, (value,) if isinstance(value, str) else tuple(value))
            for key, value in values.items()
        ]
        given = params or UNSET
        if isinstance(template_id, int):
            return cls(template_id=template_id, params=given)
        return cls(custom_template_id=template_id, params=given)
