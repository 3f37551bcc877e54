"""CODES: every error code of the REST interface, with its class, its meaning and the way out.

One row for each number that any document knows; `RANGES` says what can be said about the others. What
`protocol.request` does with an answer is derived from here, and so are `qqbot explain` and the
guide to errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from qqbot_cli.model.codes import channel, general, group, guild
from qqbot_cli.model.codes.entry import Area as Area
from qqbot_cli.model.codes.entry import CodeClass as CodeClass
from qqbot_cli.model.codes.entry import CodeEntry as CodeEntry
from qqbot_cli.model.codes.entry import Repetition as Repetition
from qqbot_cli.model.codes.entry import Special as Special
from qqbot_cli.model.codes.entry import usual_remedy
from qqbot_cli.model.language import Text

_TABLES: Final = (
    *(general.TOKEN, general.IDENTITY, general.RIGHTS, general.GENERAL, general.SHARE, general.STREAM),
    *(channel.CHANNEL_MESSAGES, channel.RECALL, channel.SENDING, channel.EDITING),
    *(group.GROUP_AND_C2C, group.UPLOAD, group.PANELS, group.INTERACTIONS),
    *(guild.CHANNELS, guild.CHANNEL_PERMISSIONS, guild.SCHEDULES, guild.ANNOUNCES, guild.MUTE, guild.FORUM),
    *(guild.MESSAGE_SETTING, guild.GRANTS, guild.REACTIONS),
)
CODES: Final[dict[int, CodeEntry]] = {row.number: row for table in _TABLES for row in table}
"""Number -> row; all areas, in the order in which a reader would look for them."""


@dataclass(frozen=True, slots=True)
class CodeRange:
    """What the place of a number tells about it."""

    numbers: range
    area: Area
    kind: CodeClass | None = None
    """A guess; None where the range has codes of all classes."""

    def entry(self, number: int) -> CodeEntry:
        """Return what can be said about *number*, which no document lists."""
        meaning = Text(
            f"平台没有公布这个编号；所在号段：{self.area.value.zh}",
            f"the platform has not published this number; its range is about {self.area.value.en}",
        )
        remedy = usual_remedy(self.kind, self.area)
        return CodeEntry(number, self.kind, self.area, meaning, remedy, listed=False)


def _numbers(first: int, last: int) -> range:
    return range(first, last + 1)


RANGES: Final = (
    CodeRange(_numbers(11240, 11249), Area.IDENTITY, CodeClass.AUTH),
    CodeRange(_numbers(11250, 11289), Area.RIGHTS, CodeClass.PERMISSION),
    CodeRange(_numbers(100000, 100999), Area.TOKEN, CodeClass.AUTH),
    CodeRange(_numbers(301000, 301099), Area.CHANNEL_PERMISSIONS),
    CodeRange(_numbers(302000, 302999), Area.SCHEDULES),
    CodeRange(_numbers(304000, 304999), Area.CHANNEL_MESSAGES),
    CodeRange(_numbers(306000, 306999), Area.RECALL),
    CodeRange(_numbers(501000, 501999), Area.ANNOUNCES),
    CodeRange(_numbers(502000, 502099), Area.MUTE),
    CodeRange(_numbers(503000, 503999), Area.FORUM),
    CodeRange(_numbers(504000, 504999), Area.MESSAGE_SETTING),
    CodeRange(_numbers(610000, 619999), Area.GRANTS),
    CodeRange(_numbers(620001, 629999), Area.REACTIONS),
    CodeRange(_numbers(630001, 639999), Area.INTERACTIONS),
    CodeRange(_numbers(850000, 850999), Area.UPLOAD),
    CodeRange(_numbers(1_000_000, 2_999_999), Area.SENDING),
    CodeRange(_numbers(3_000_000, 3_999_999), Area.EDITING),
    # The first of eight digits is not documented: every known 5xxxxxxx says "try again later", and the
    # known 4xxxxxxx are about the request, apart from a few that have rows of their own.
    CodeRange(_numbers(40_000_000, 49_999_999), Area.CALLER, CodeClass.PARAMETER),
    CodeRange(_numbers(50_000_000, 59_999_999), Area.PLATFORM, CodeClass.TRANSIENT),
)
"""What unlisted numbers are about. Source: platform documentation, "错误码"."""

NOTHING_KNOWN: Final = Text("平台没有公布这个编号的含义", "the platform has not published this number")


def code_entry(number: int) -> CodeEntry:
    """Return the row of *number*; what its range tells if there is none; else an entry that knows nothing."""
    listed = CODES.get(number)
    if listed is not None:
        return listed
    for found in RANGES:
        if number in found.numbers:
            return found.entry(number)
    return CodeEntry(
        number, None, Area.UNKNOWN, NOTHING_KNOWN, usual_remedy(None, Area.UNKNOWN), listed=False
    )
