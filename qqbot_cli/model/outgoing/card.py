"""Cards: arks, which fill a template of the platform, and embeds, which are boxes of lines.

Source: platform documentation, "Ark 消息" and "Embed 消息".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from msgspec import UNSET, UnsetType

from qqbot_cli.model.outgoing.wire import Wire


class ArkObjKv(Wire, frozen=True):
    """One value of an entry of a list."""

    key: str
    value: str


class ArkObj(Wire, frozen=True):
    """One entry of a list."""

    obj_kv: Sequence[ArkObjKv]


class ArkKv(Wire, frozen=True):
    """One variable of an ark: a text in `value`, or a list in `obj`."""

    key: str
    """Name of the variable, ``#…#``."""
    value: str | UnsetType = UNSET
    obj: Sequence[ArkObj] | UnsetType = UNSET


class Ark(Wire, frozen=True):
    """A card made from a template; links on it must belong to registered hosts."""

    template_id: int
    """23, 24 and 37 are open to all."""
    kv: Sequence[ArkKv] = ()

    @classmethod
    def text_list(cls, lines: Sequence[str | tuple[str, str]], *, desc: str = "", prompt: str = "") -> Self:
        """Return template 23: *lines*, each a text or a text with a link.

        *desc* describes the whole, *prompt* is what lists of messages and notifications show.
        """
        entries = [ArkObj(_line(line)) for line in lines]
        return cls(
            23, (ArkKv("#DESC#", desc), ArkKv("#PROMPT#", prompt or desc), ArkKv("#LIST#", obj=entries))
        )

    @classmethod
    def thumbnail(
        cls,
        title: str,
        *,
        desc: str = "",
        prompt: str = "",
        image: str = "",
        link: str = "",
        meta_desc: str = "",
        subtitle: str = "",
    ) -> Self:
        """Return template 24: a text with a small picture.

        *image* and *link* are addresses, *meta_desc* is the longer text, *subtitle* names the source, and
        *prompt* is what lists of messages and notifications show.
        """
        return cls(
            24,
            _texts(
                DESC=desc or title,
                PROMPT=prompt or title,
                TITLE=title,
                METADESC=meta_desc,
                IMG=image,
                LINK=link,
                SUBTITLE=subtitle,
            ),
        )

    @classmethod
    def large_image(
        cls, title: str, *, cover: str, subtitle: str = "", url: str = "", prompt: str = ""
    ) -> Self:
        """Return template 37: a large picture, 975 by 540 pixels, with a title.

        *cover* and *url* are addresses, *prompt* is what lists of messages and notifications show.
        """
        return cls(
            37,
            _texts(
                PROMPT=prompt or title,
                METATITLE=title,
                METASUBTITLE=subtitle,
                METACOVER=cover,
                METAURL=url,
            ),
        )


class EmbedThumbnail(Wire, frozen=True):
    """Picture of an embed."""

    url: str


class EmbedField(Wire, frozen=True):
    """A line of an embed."""

    name: str
    """Text of the line."""
    value: str | UnsetType = UNSET
    """A second text; typed by the official Go SDK."""


class Embed(Wire, frozen=True):
    """A box with title, picture and lines; guilds only."""

    title: str
    prompt: str
    """What lists of messages and notifications show."""
    description: str | UnsetType = UNSET
    thumbnail: EmbedThumbnail | UnsetType = UNSET
    fields: Sequence[EmbedField] | UnsetType = UNSET

    @classmethod
    def lines(cls, title: str, *lines: str, prompt: str = "", thumbnail: str = "") -> Self:
        """Return a box with these *lines*; *thumbnail* is an address, *prompt* is *title* if left out."""
        return cls(
            title,
            prompt or title,
            thumbnail=EmbedThumbnail(thumbnail) if thumbnail else UNSET,
            fields=[EmbedField(line) for line in lines],
        )


def _line(line: str | tuple[str, str]) -> list[ArkObjKv]:
    if isinstance(line, str):
        return [ArkObjKv("desc", line)]
    desc, link = line
    return [ArkObjKv("desc", desc), ArkObjKv("link", link)]


def _texts(**values: str) -> list[ArkKv]:
    """Return the variables that have a value."""
    return [ArkKv(f"#{key}#", value) for key, value in values.items() if value]
