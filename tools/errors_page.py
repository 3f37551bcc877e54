"""Tables of `docs/errors.md`, made from the tables of codes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Final

from qqbot_cli.model.codes import CODES, RANGES, CodeClass, CodeEntry, Repetition
from qqbot_cli.model.codes.close import NOTHING_TO_DO, in_both, recovery_in_words
from qqbot_cli.model.codes.entry import usual_remedy
from qqbot_cli.model.codes.exits import EXITS
from qqbot_cli.model.language import Text
from qqbot_cli.model.opcode import CLOSE_RULES
from tools.events_page import table

_SHORT: Final[dict[Repetition, str]] = {
    Repetition.NEVER: "",
    Repetition.FRESH_TOKEN: "new token",
    Repetition.ONCE: "once",
    Repetition.BACK_OFF: "yes",
    Repetition.EACH_SECOND: "each second",
    Repetition.PACE: "after a pause",
}
"""What the column "repeated" has for codes that are listed; the words are explained below the heading."""


def sections() -> dict[str, Callable[[], str]]:
    """Return what the page takes from the tables, by the name of the section."""
    return {
        "classes": _classes,
        "repetitions": _repetitions,
        "codes": _codes,
        "ranges": _ranges,
        "close codes": _closes,
        "exit codes": _exits,
    }


def _classes() -> str:
    rows = []
    for kind in CodeClass:
        remedy = usual_remedy(kind, None)
        number = sum(entry.kind is kind for entry in CODES.values())
        rows.append([f"`{kind.value}`", str(number), remedy.en, remedy.zh])
    return table(["class", "codes", "what to do", "怎么办"], rows)


def _repetitions() -> str:
    rows = [[word or "(empty)", kind.value.en, kind.value.zh] for kind, word in _SHORT.items()]
    return table(["word", "the call is made again", "是否自动重试"], rows)


def _codes() -> str:
    parts = []
    for area, entries in groupby(CODES.values(), key=lambda entry: entry.area):
        heads = ["code", "name", "class", "meaning", "含义", "what to do", "repeated"]
        parts.append(f"### {area.value.en} · {area.value.zh}\n\n{table(heads, map(_cells, entries))}\n")
    return "\n".join(parts)


def _cells(entry: CodeEntry) -> list[str]:
    assert entry.kind is not None
    # What the class says already stands at the top of the page.
    has_own = entry.remedy != usual_remedy(entry.kind, None)
    return [
        str(entry.number),
        f"`{entry.name}`" if entry.name else "",
        entry.kind.value,
        entry.meaning.en,
        entry.meaning.zh,
        _both(entry.remedy) if has_own else "",
        _SHORT[entry.repetition],
    ]


def _both(text: Text) -> str:
    return f"{text.en}<br>{text.zh}"


def _ranges() -> str:
    rows = [
        [
            f"{found.numbers.start} to {found.numbers.stop - 1}",
            found.area.value.en,
            found.area.value.zh,
            found.kind.value if found.kind else "",
        ]
        for found in RANGES
    ]
    return table(["codes", "about", "关于", "class, as a guess"], rows)


def _closes() -> str:
    rows = []
    for number, rule in sorted(CLOSE_RULES.items()):
        meaning = in_both(rule.meaning)
        remedy = in_both(rule.remedy) if rule.remedy else NOTHING_TO_DO
        rows.append(
            [str(number), meaning.en, meaning.zh, _both(recovery_in_words(rule)), _both(remedy)],
        )
    return table(["code", "meaning", "含义", "does qqbot go on", "what to do"], rows)


def _exits() -> str:
    rows = [
        [str(int(code)), _both(entry.meaning), _both(entry.remedy), _both(entry.restart)]
        for code, entry in EXITS.items()
    ]
    return table(["code", "meaning", "what to do", "restart"], rows)
