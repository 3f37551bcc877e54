"""What goes along with a reply as a file: which field it ends in depends on where the reply goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from qqbot_cli.errors import MessageError
from qqbot_cli.model.body.upload import FileType
from qqbot_cli.model.outgoing.kinds import PLACES
from qqbot_cli.model.scene import Scene

if TYPE_CHECKING:
    from qqbot_cli.rest.source import Source

_TYPES: Final = {
    "image": FileType.IMAGE,
    "video": FileType.VIDEO,
    "voice": FileType.VOICE,
    "file": FileType.FILE,
}
"""Arguments of `reply`."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes along with a message."""

    called: str
    """The argument of `reply`."""
    source: Source
    file_type: FileType


def enclosure(sources: dict[str, Source | None], *, beside: bool) -> Enclosure | None:
    """Return the one of *sources* that was given, or None if there is none.

    Args:
        sources: Arguments of `reply` by their names.
        beside: Whether something that was uploaded before was given, too.

    Raises:
        MessageError: If there are several.
    """
    given = [Enclosure(name, source, _TYPES[name]) for name, source in sources.items() if source is not None]
    if len(given) + beside > 1:
        names = [one.called for one in given] + ["media"] * beside
        raise MessageError([f"{' and '.join(names)}: a message has one of them; send several messages"])
    return given[0] if given else None


async def fields_in_guild(one: Enclosure, scene: Scene) -> dict[str, Any]:
    """Return the field of a message to a guild that *one* becomes.

    Raises:
        MessageError: If it is no picture, or cannot be read.
    """
    # Here, because whoever imports a session for its name does not want the machinery of files.
    from qqbot_cli.rest.media import read_picture
    from qqbot_cli.rest.source import address_of

    if one.file_type is not FileType.IMAGE:
        raise MessageError(
            [
                f"{one.called}: cannot be sent to {PLACES[scene]}; send a picture as image, or a link to the"
                f" {one.called}"
            ]
        )
    address = address_of(one.source, one.called)
    if address is not None:
        return {"image": address}
    return {"file_image": await read_picture(one.source, one.called)}
