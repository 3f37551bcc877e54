"""From pydantic's errors to diagnostics: for our own sections and for the options of plugins.

Nothing here prints the value that was rejected. Pydantic's own messages do not contain it, and the
messages of a plugin's validators are searched for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from qqbot_cli.config.diagnostic import (
    Code,
    Diagnostic,
    KeyPath,
    closest,
    did_you_mean,
    full_width_colon,
    shown_key,
    word_of,
)
from qqbot_cli.config.document import Document
from qqbot_cli.config.source import HIDDEN, printable
from qqbot_cli.config.values import REFUSAL

_HELP: Final = {
    "string_type": "put it in quotes",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "int_type": "write a whole number, without quotes",
    "int_parsing": "write a whole number, without quotes",
    "int_from_float": "write a whole number, without a point",
    "float_type": "write a number, without quotes",
    "float_parsing": "write a number, without quotes",
    "model_type": "write keys and values, each on a line of its own and indented",
    "dict_type": "write keys and values, each on a line of its own and indented",
    "list_type": "write a list: [first, second]",
    "tuple_type": "write a list: [first, second]",
    "set_type": "write a list: [first, second]",
    "path_type": "put it in quotes",
}
"""Way out by pydantic's type of error; without a row the description of the field has to do."""

_WORDING: Final = {
    "model_type": "should be a mapping",
    "dict_type": "should be a mapping",
    "tuple_type": "should be a list",
    "path_type": "should be the name of a file or folder",
}
"""Our words where pydantic's speak of Python."""

_SAFE_MESSAGES: Final = frozenset(get_args(ErrorType)) - {
    "value_error",
    "assertion_error",
    "union_tag_invalid",
}
"""Errors whose message is pydantic's own and does not repeat the value."""


def diagnostics_of(
    exc: ValidationError, document: Document, prefix: KeyPath, model: type[BaseModel]
) -> list[Diagnostic]:
    """Return what pydantic found, each with its place, a code and the way out.

    Args:
        exc: The error of ``model.model_validate(...)``; the values it rejected are not shown.
        document: The document that the values are from.
        prefix: Where in the document they stand: ``("plugins", "echo", "config")``; ``()`` is the top.
        model: The model that was validated, for "did you mean" and the descriptions of its fields.
    """
    return [_diagnostic(error, document, prefix, model) for error in exc.errors(include_url=False)]


def _diagnostic(
    error: ErrorDetails, document: Document, prefix: KeyPath, model: type[BaseModel]
) -> Diagnostic:
    kind, context = error["type"], error.get("ctx", {})
    path = (*prefix, *error["loc"])
    if kind == REFUSAL:
        # What a short form such as `shards: 4` stands for is not in the document; the short form is.
        known = document.known((*path, *context["at"]))
        return document.diagnostic(
            known, context["code"], context["message"], help=context["help"], key=context["key"]
        )
    name = str(path[-1]) if path else ""
    section = _model_at(model, error["loc"][:-1])
    if kind == "missing":
        help_ = f"add {printable(name)}: …{_described(section, name)}"
        return document.diagnostic(
            path, Code.MISSING_KEY, f"missing key '{printable(name)}'", help=help_, key=True
        )
    if kind == "extra_forbidden":
        # Where a secret is wanted, it may have been written in place of a key.
        hidden = path[0] == "token" and closest(word_of(name), _keys(section)) is None
        diagnostic = document.diagnostic(
            path,
            Code.UNKNOWN_KEY,
            f"unknown key '{HIDDEN if hidden else shown_key(name)}'",
            help=_help_for_unknown(name, section, document, path[:-1]),
            key=True,
        )
        return replace(diagnostic, path=(*path[:-1], HIDDEN)) if hidden else diagnostic
    message = error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    message = _WORDING.get(kind, message)
    if kind not in _SAFE_MESSAGES:
        message = printable(_without(_texts(error["input"]), message))
    help_ = _HELP.get(kind, "") or _described(section, name).removeprefix(" # ")
    expected = re.findall(r"'([^']+)'", str(context.get("expected", "")))
    if expected:
        word = error["input"]
        help_ = (
            did_you_mean(word, expected) if isinstance(word, str) else f"use one of: {', '.join(expected)}"
        )
    code = Code.WRONG_TYPE if kind.endswith("_type") else Code.BAD_VALUE
    # Pydantic adds the tried type to the path of a union's errors; only keys of the file are shown.
    known = document.known(path)
    return document.diagnostic(known if len(known) >= len(prefix) else path, code, message, help=help_)


def _help_for_unknown(name: str, section: type[BaseModel] | None, document: Document, parent: KeyPath) -> str:
    if "：" in name:
        return full_width_colon(document.place((*parent, name), key=True).line or 1)
    fields = _keys(section)
    match = closest(name, fields)
    if match is not None:
        other = document.place((*parent, match), key=True)
        if document.known((*parent, match)) == (*parent, match) and other.line is not None:
            return f"'{match}' is given on line {other.line}; delete this one"
        return f"did you mean '{match}'?"
    for key in fields:
        inner = _model_at(section, (key,)) if section is not None else None
        if name in _keys(inner):
            return f"it belongs in the section '{key}'"
    return f"the keys here are: {', '.join(fields)}" if fields else "delete it; no keys are expected here"


def _keys(section: type[BaseModel] | None) -> list[str]:
    if section is None:
        return []
    return [field.alias or name for name, field in section.model_fields.items()]


def _described(section: type[BaseModel] | None, key: str) -> str:
    """Return a comment with the first sentence of a field's description, or nothing."""
    for name, field in (section.model_fields if section is not None else {}).items():
        if key in {name, field.alias} and field.description:
            sentence = re.split(r"(?<=[.;])\s", " ".join(field.description.split()))[0]
            return f" # {printable(sentence.rstrip('.;'))}"
    return ""


def _model_at(model: type[BaseModel] | None, path: Iterable[str | int]) -> type[BaseModel] | None:
    """Return the model that a path leads to, None if there is none."""
    annotation: Any = model
    for part in path:
        section = next(_models(annotation), None)
        if section is not None:
            fields = {field.alias or name: field.annotation for name, field in section.model_fields.items()}
            if part not in fields:
                return None
            annotation = fields[str(part)]
        else:
            # A list or a mapping: its items have the last of its type arguments.
            inner = [a for a in get_args(annotation) if a not in (type(None), Ellipsis)]
            if not inner:
                return None
            annotation = inner[-1]
    return next(_models(annotation), None)


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models that a value of this annotation may be; those inside lists and mappings are not."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) not in (list, tuple, dict, set, frozenset, Mapping):
        for argument in get_args(annotation):
            yield from _models(argument)


def _texts(value: object) -> Iterator[str]:
    """Yield every scalar inside *value* as text."""
    match value:
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list() | tuple():
            for item in value:
                yield from _texts(item)
        case None | bool():
            return
        case _:
            yield str(value)
            yield repr(str(value))[1:-1]


def _without(texts: Iterable[str], message: str) -> str:
    """Return *message* with every occurrence of *texts* blanked; short ones only as words of their own."""
    for text in sorted(set(texts), key=len, reverse=True):
        if text:
            pattern = re.escape(text)
            message = re.sub(pattern if len(text) > 3 else rf"(?<!\w){pattern}(?!\w)", HIDDEN, message)
    return message
