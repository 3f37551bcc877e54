"""Text in cells: columns, tables and lines that fit a width, whatever script they are written in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from rich.cells import cell_len, set_cell_size

Span = tuple[str, str]
"""Text and its style."""
Line = list[Span]
R = TypeVar("R")

TITLE_STYLE: Final = "dim"
_TAIL_LEAVES: Final = 14
"""Cells of a text that its tail does not take: a close code and a word."""


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """A column of a table: where it is shown, and how its cell is made from a row."""

    title: str
    cell: Callable[[R], str]
    from_width: int = 0
    below_width: int = 10_000
    right: bool = False
    coloured: bool = False
    """Whether its cells have the style of their row."""
    stretches: bool = False
    """Whether it takes what the other columns leave."""
    tail: Callable[[R], str] | None = None
    """Follows the cell's text; when there is no room for both, the text is cut first."""
    cap: int = 22
    """Most cells it takes, if it does not stretch."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line that may be left out; the one with the smallest `keep` goes first."""

    text: str
    style: str = ""
    keep: int = 0


def fitted(parts: Sequence[Part], width: int) -> Line:
    """Return the parts that fit side by side, in their order."""
    kept = list(parts)
    while len(kept) > 1 and sum(cell_len(part.text) + 2 for part in kept) - 2 > width:
        kept.remove(min(kept, key=lambda part: part.keep))
    line: Line = []
    for part in kept:
        line += [("  ", ""), (part.text, part.style)]
    return line[1:]


def table(
    columns: Sequence[Column[R]], rows: Sequence[R], styles: Sequence[str], width: int, cut: str
) -> list[Line]:
    """Return a line of titles and one for each row; *styles* are those of the rows' coloured cells."""
    shown = [column for column in columns if column.from_width <= width < column.below_width]
    titles = [(column.title, "") for column in shown]
    texts = [[_cell(column, row) for column in shown] for row in rows]
    widths = _widths(shown, [titles, *texts], width)
    lines = [_table_line(shown, titles, widths, [TITLE_STYLE] * len(shown), cut)]
    for cells, style in zip(texts, styles, strict=True):
        marks = [style if column.coloured else "" for column in shown]
        lines.append(_table_line(shown, cells, widths, marks, cut))
    return lines


def _table_line(
    columns: Sequence[Column[R]],
    cells: Sequence[Span],
    widths: Sequence[int],
    styles: Sequence[str],
    cut: str,
) -> Line:
    line: Line = []
    for column, cell, size, style in zip(columns, cells, widths, styles, strict=True):
        line += [(_padded(cell, size, cut, right=column.right), style), (" ", "")]
    return line[:-1]


def _cell(column: Column[R], row: R) -> Span:
    """Return text and tail of a cell."""
    return column.cell(row), column.tail(row) if column.tail else ""


def _widths(columns: Sequence[Column[R]], lines: Sequence[Sequence[Span]], width: int) -> list[int]:
    natural = [max(cell_len(joined(*line[at])) for line in lines) for at in range(len(columns))]
    widths = [
        0 if column.stretches else min(size, column.cap)
        for column, size in zip(columns, natural, strict=True)
    ]
    left = max(0, width - sum(widths) - (len(columns) - 1))
    stretching = [at for at, column in enumerate(columns) if column.stretches]
    for position, at in enumerate(stretching):
        others = sum(min(natural[other], left // 2) for other in stretching[position + 1 :])
        widths[at] = min(natural[at], left - others)
        left -= widths[at]
    return widths


def _padded(cell: Span, size: int, cut: str, *, right: bool) -> str:
    text, tail = cell
    if tail and text:
        over = cell_len(joined(text, tail)) - size
        text = shortened(text, max(min(size // 2, _TAIL_LEAVES), cell_len(text) - over), cut)
    text = shortened(joined(text, tail), size, cut)
    return " " * (size - cell_len(text)) + text if right else set_cell_size(text, size)


def joined(text: str, tail: str) -> str:
    """Return both with a comma between, or the one that is not empty."""
    return f"{text}, {tail}" if text and tail else text or tail


def shortened(text: str, size: int, cut: str) -> str:
    """Return *text* in at most *size* cells; *cut*, one cell wide, stands for what is missing."""
    if cell_len(text) <= size:
        return text
    return set_cell_size(text, size - 1).rstrip() + cut if size > 0 else ""


def line_width(line: Line) -> int:
    """Return the number of cells of *line*."""
    return sum(cell_len(text) for text, _ in line)


def cropped(line: Line, width: int, cut: str) -> Line:
    """Return *line* no wider than *width* and without blanks at its end."""
    kept: Line = []
    for text, style in line:
        short = shortened(text, width, cut)
        kept.append((short, style))
        width -= cell_len(short)
        if short != text:
            break
    while kept and not kept[-1][0].rstrip():
        kept.pop()
    if kept:
        text, style = kept[-1]
        kept[-1] = (text.rstrip(), style)
    return kept
