"""Small pieces of generated source."""

from __future__ import annotations

import textwrap
from typing import Final

HEADER: Final = "# Generated from {table} by tools/generate.py. Do not edit.\n"


def docstring(summary: str, text: str, *, indent: int) -> list[str]:
    """Return the lines of a docstring; paragraphs of *text* are filled, lists inside them kept."""
    margin = " " * indent
    paragraphs = "\n\n".join(map(_filled, text.split("\n\n")))
    return textwrap.indent(f'"""{summary}\n\n{paragraphs}\n"""', margin).splitlines()


def _filled(paragraph: str) -> str:
    """Return *paragraph* in lines of at most 92 characters; indented lines are entries of their own."""
    if "\n    " not in paragraph:  # not a list of arguments or exceptions
        return textwrap.fill(paragraph, 92)
    head, *entries = paragraph.split("\n")
    filled = [
        textwrap.fill(entry.strip(), 92, initial_indent="    ", subsequent_indent="        ")
        for entry in entries
    ]
    return "\n".join([head, *filled])
