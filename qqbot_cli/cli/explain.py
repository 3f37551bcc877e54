"""`qqbot explain`: what a number of the platform, or of qqbot itself, means and what to do about it."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import typer

from qqbot_cli.cli.json_object import print_object
from qqbot_cli.errors import ExitCode, QQBotError
from qqbot_cli.model.codes import Area, CodeEntry, code_entry
from qqbot_cli.model.codes.close import NOTHING_TO_DO, in_both, known_close, recovery_in_words
from qqbot_cli.model.codes.exits import EXITS
from qqbot_cli.model.language import Text
from qqbot_cli.model.opcode import CLOSE_RULES, CloseRule

_MOST_DIGITS: Final = 12
"""No code is nearly as long; what is longer is something else."""

_STATUSES: Final = range(100, 600)
"""Numbers that are most likely HTTP statuses."""

_IN_RANGE_ONLY: Final = Text(
    "文档没有列出这个编号，以上按它所在的号段推断",
    "no document lists this number: the above is what its range tells",
)


class UnknownCodeError(QQBotError):
    """Nothing is known about what was asked for."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a number means in one of the spaces it exists in."""

    space: str
    """For programs: "rest", "close" or "exit"."""
    number: int
    name: str
    """Constant; empty if it has none."""
    kind: str
    """Class of a REST code, recovery of a close code; empty where nothing is known."""
    about: Text
    """Which part of the platform, or of qqbot, it is about."""
    meaning: Text
    remedy: Text
    repeated: Text
    """Whether qqbot tries again by itself; for an exit code, whether to start it again."""
    listed: bool = True
    """Whether a document lists the number itself."""


def explain(asked: str, *, json_wanted: bool) -> None:
    """Print what *asked* means: a number, or two with a stroke between them, as errors print them.

    Raises:
        UnknownCodeError: If it is no number, or nothing is known about it.
    """
    found = explanations(asked)
    # Half of the answer is Chinese, and a pipe may be anything; in JSON this makes an escape.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if json_wanted:
        print_object({"entries": [as_json(entry) for entry in found]})
    else:
        typer.echo("\n\n".join("\n".join(in_lines(entry)) for entry in found))


def explanations(asked: str) -> list[Explanation]:
    """Return what the numbers in *asked* mean, in every space in which they exist.

    Raises:
        UnknownCodeError: If it is no number, or nothing is known about it.
    """
    numbers = [part.strip() for part in asked.split("/")]
    for number in numbers:
        if not (number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS):
            raise UnknownCodeError(
                f"{asked!r} is not a code",
                help="take the number from an error message, a close or an exit: 11298, 4009 or 77",
            )
    found = [entry for number in dict.fromkeys(numbers) for entry in _in_all_spaces(int(number))]
    if not found:
        way_out = "read the message that came with it, and report the trace id to the platform"
        if int(numbers[0]) in _STATUSES:
            way_out = "an HTTP status does not tell what is wrong: the code beside it does"
        raise UnknownCodeError(f"nothing is known about {asked}", help=way_out)
    return found


def _in_all_spaces(number: int) -> Iterator[Explanation]:
    entry = code_entry(number)
    if entry.area is not Area.UNKNOWN:
        yield _of_rest(entry)
    rule = known_close(number)
    if rule is not None:
        yield _of_close(number, rule)
    if number in {int(code) for code in EXITS}:
        yield _of_exit(ExitCode(number))


def _of_rest(entry: CodeEntry) -> Explanation:
    return Explanation(
        "rest",
        entry.number,
        entry.name,
        entry.kind.value if entry.kind else "",
        entry.area.value,
        entry.meaning,
        entry.remedy,
        entry.repetition.value,
        entry.listed,
    )


def _of_close(code: int, rule: CloseRule) -> Explanation:
    return Explanation(
        "close",
        code,
        "",
        rule.recovery.value,
        Text("网关连接", "the connection to the gateway"),
        in_both(rule.meaning),
        in_both(rule.remedy) if rule.remedy else NOTHING_TO_DO,
        recovery_in_words(rule),
        code in CLOSE_RULES,
    )


def _of_exit(code: ExitCode) -> Explanation:
    entry = EXITS[code]
    about = Text("qqbot 进程", "the process of qqbot")
    return Explanation("exit", int(code), code.name, "", about, entry.meaning, entry.remedy, entry.restart)


_SPACES: Final = {"rest": "REST code", "close": "gateway close code", "exit": "exit code"}
_LABELS: Final = {"rest": "repeated", "close": "goes on", "exit": "restart"}
"""Space -> what the last field is called."""


def in_lines(entry: Explanation) -> Iterator[str]:
    """Return an explanation for people."""
    yield " · ".join(
        filter(None, (str(entry.number), _SPACES[entry.space], entry.name, entry.kind, entry.about.en))
    )
    yield from _field("meaning", entry.meaning)
    yield from _field("what to do", entry.remedy)
    yield from _field(_LABELS[entry.space], entry.repeated)
    if not entry.listed:
        yield from _field("note", _IN_RANGE_ONLY)


def _field(label: str, text: Text) -> Iterator[str]:
    yield f"  {label:10}  {text.en}"
    yield f"  {'':10}  {text.zh}"


def as_json(entry: Explanation) -> dict[str, Any]:
    """Return an explanation for programs; texts are objects with one member for each language."""
    return {
        "space": entry.space,
        "number": entry.number,
        "name": entry.name,
        "class": entry.kind,
        "about": entry.about._asdict(),
        "meaning": entry.meaning._asdict(),
        "remedy": entry.remedy._asdict(),
        "repeated": entry.repeated._asdict(),
        "listed": entry.listed,
    }
