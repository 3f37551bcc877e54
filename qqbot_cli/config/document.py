"""YAML text as values that remember where they were written.

YAML can do far more than a configuration needs, and each of those things has surprised somebody. So
this reader has limits that hold before anything is built, refuses anchors and tags, reports equal keys,
and follows the core schema of YAML 1.2: ``yes`` is a word, ``12:30`` is text, ``1_000`` is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from yaml import MappingNode, MarkedYAMLError, Node, ScalarNode, SequenceNode
from yaml.composer import Composer
from yaml.error import Mark, YAMLError
from yaml.events import NodeEvent
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

try:
    from yaml.cyaml import CParser  # type: ignore[attr-defined] # the stubs list what is documented
except ImportError:  # PyYAML was built without libyaml; its wheels are built with it
    CParser = None  # type: ignore[assignment,misc]

from qqbot_cli.config.diagnostic import Code, Diagnostic, KeyPath, Place, full_width_colon, report, shown_key
from qqbot_cli.config.source import Source, printable
from qqbot_cli.errors import ConfigError

MAX_BYTES: Final = 1024 * 1024
"""Size of a file; one that a person wrote has a few thousand bytes."""

MAX_DEPTH: Final = 32
"""Mappings and lists inside each other."""

MAX_NODES: Final = 20_000
"""Keys and values in all."""

MAX_LINES: Final = 20_000
MAX_LINE: Final = 16_384
"""Characters of one line. Both are checked before parsing, because the parser takes its time over them."""

EXPLAINED_BYTES: Final = 64 * 1024
"""A mistake in a larger file is told in the words of libyaml.

PyYAML's own parser knows better where it was made, but reads a hundred times more slowly.
"""

_STARTING_POINT: Final = "copy config.example.yaml and change it"

_TOO_DEEP: Final = "maximum nesting depth"
_BAD_ESCAPE: Final = "an escape or number that YAML does not allow"

_SYNTAX: Final[tuple[tuple[str, str, str], ...]] = (
    ("'\\t' that cannot start", "a tab where spaces are expected", "indent with spaces"),
    ("cannot start any token", "no value can begin with this character", "put the text in quotes"),
    ("could not find expected ':'", "a key without a colon", "write a colon and a space after the key"),
    ("unexpected end of stream", "this quote is never closed", "add the same quote at the end of the text"),
    ("expected ',' or ']'", "this list is not closed", "separate the items with commas and end with ]"),
    ("expected ',' or '}'", "this mapping is not closed", "separate the entries with commas and end with }"),
    ("mapping values are not allowed", "a second colon on this line, or wrong indentation",
     "put text that contains ': ' in quotes"),
    ("expected <block end>", "this line does not line up with the lines above it",
     "give all keys of one section the same indentation"),
    ("did not find expected key", "this line does not line up with the lines above it",
     "give all keys of one section the same indentation"),
    ("unknown escape character", "no such escape exists in double quotes", "use single quotes"),
    (_BAD_ESCAPE, _BAD_ESCAPE, "use single quotes"),
    ("invalid Unicode character escape", _BAD_ESCAPE, "use single quotes"),
    (_TOO_DEEP, f"deeper than {MAX_DEPTH} levels", "check the brackets"),
    ("expected alphabetic or numeric", "an anchor or alias without a name", "put the text in quotes"),
    ("found another document", "a second document begins here", "delete the line ---"),
    ("special characters are not allowed", "a character that YAML does not allow", "delete it"),
)  # fmt: skip
"""What PyYAML or libyaml says, what we say, and the way out."""

_AT_THE_BEGINNING: Final = ("could not find expected ':'", "unexpected end of stream", "expected ',' or")
"""Errors that the parser notices far behind the place where they were made."""


class _LimitError(Exception):
    """YAML that is refused before it is built."""

    def __init__(self, message: str, help: str, mark: Mark) -> None:  # noqa: A002 - as in ConfigError
        super().__init__(message)
        self.message = message
        self.help = help
        self.mark = mark


def _too_many(mark: Mark) -> _LimitError:
    return _LimitError(f"more than {MAX_NODES} keys and values", "shorten the file", mark)


class _LimitedComposer(Composer, BaseResolver):
    """Composes nodes within the limits; BaseResolver knows no implicit types but those added below."""

    def __init__(self) -> None:
        Composer.__init__(self)
        BaseResolver.__init__(self)
        self.depth = 0
        self.nodes = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event = self.peek_event()  # type: ignore[attr-defined] # of the parser beside it
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _too_many(event.start_mark)
        if self.depth > MAX_DEPTH:
            raise _LimitError(f"deeper than {MAX_DEPTH} levels", "check the brackets", event.start_mark)
        if getattr(event, "anchor", None) is not None:
            raise _LimitError(
                "anchors (&) and aliases (*) are not supported",
                "repeat the value; if it is text, put it in quotes",
                event.start_mark,
            )
        if getattr(event, "tag", None) is not None:
            raise _LimitError(
                "tags (!) are not supported",
                "delete the tag; if it is text, put it in quotes",
                event.start_mark,
            )
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Loader(_LimitedComposer, Reader, Scanner, Parser):
    """The parser in Python, which is always there and explains mistakes best."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        _LimitedComposer.__init__(self)


_INT: Final = "tag:yaml.org,2002:int"
_FLOAT: Final = "tag:yaml.org,2002:float"
_BOOL: Final = "tag:yaml.org,2002:bool"
_NULL: Final = "tag:yaml.org,2002:null"

for _tag, _pattern, _first in (
    (_NULL, r"(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    (_BOOL, r"(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    # Longer numbers stay text: they are ids, and every digit counts.
    (_INT, r"(?:[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15})$", list("-+0123456789")),
    (
        _FLOAT,
        r"(?:[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        list("-+.0123456789"),
    ),
):
    _LimitedComposer.add_implicit_resolver(_tag, re.compile(_pattern), _first)


class Document:
    """The values of a configuration file, and for each of them the place where it was written.

    Attributes:
        source: Name and text of the file.
        data: The values as dicts, lists, str, int, float, bool and None.
        problems: What is wrong with the document whatever the keys mean: equal keys, keys that are not text.
    """

    def __init__(self, source: Source, root: MappingNode | None = None) -> None:
        self.source = source
        self.problems: list[Diagnostic] = []
        self._keys: dict[KeyPath, Place] = {}
        self._values: dict[KeyPath, Place] = {}
        self.data: dict[str, Any] = {}
        if root is not None:
            self._values[()] = self._at(root.start_mark)
            self.data = self._mapping(root, ())

    def place(self, path: KeyPath, *, key: bool = False) -> Place:
        """Return where the value at *path* is written, or where its key is.

        A path that is not in the document gives the key of the nearest section that is, and in the end
        the first entry of the file. A value that `override` brought in gives the name of its origin.
        """
        wanted = path
        while path:
            if not key and path == wanted and path in self._values:
                return self._values[path]
            if path in self._keys:
                return self._keys[path]
            if path in self._values:
                return self._values[path]
            path = path[:-1]
        return self._values.get((), Place(self.source.name))

    def known(self, path: KeyPath) -> KeyPath:
        """Return the longest beginning of *path* that exists in the document."""
        while path and path not in self._values:
            path = path[:-1]
        return path

    def diagnostic(
        self,
        path: KeyPath,
        code: Code,
        message: str,
        *,
        help: str = "",  # noqa: A002 - as in ConfigError
        key: bool = False,
    ) -> Diagnostic:
        """Return a diagnostic at the value of *path*, or at its key."""
        return Diagnostic(self.place(path, key=key), code, message, help, path)

    def report(self, diagnostics: Iterable[Diagnostic]) -> str:
        """Return the complete text about *diagnostics*, each with its line, a caret and the help."""
        return report(diagnostics, self.source)

    def override(self, path: tuple[str, ...], value: object, origin: str | KeyPath) -> None:
        """Put *value* in place of what the file says.

        Args:
            path: Keys; mappings on the way are made where they are missing. Nothing happens where
                something that is no mapping stands in the way, because that is reported already.
            value: The new value, of any type that YAML has.
            origin: ``$VARIABLE`` or ``--flag`` that errors shall name, or the path of another value
                of the document from which this one was derived.
        """
        *parents, last = path
        section = self.data
        for part in parents:
            if section.get(part) is None:
                section[part] = {}
            section = section[part]
            if not isinstance(section, dict):
                return
        section[last] = value
        place = Place(origin) if isinstance(origin, str) else self.place(origin)
        self._values[path] = self._keys[path] = place

    def _construct(self, node: Node, path: KeyPath) -> object:
        self._values[path] = self._at(node.start_mark)
        match node:
            case MappingNode():
                return self._mapping(node, path)
            case SequenceNode():
                return [self._construct(item, (*path, index)) for index, item in enumerate(node.value)]
            case _:
                return _scalar(node)

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            here = self._at(key_node.start_mark)
            key = _scalar(key_node) if isinstance(key_node, ScalarNode) else None
            if not isinstance(key, str):
                message, help_ = "this key is not text", "put the key in quotes"
                self.problems.append(Diagnostic(here, Code.WRONG_TYPE, message, help_, path))
            elif key in mapping:
                first = self._keys[(*path, key)].line
                message = f"key '{shown_key(key)}' is given twice (first on line {first})"
                self.problems.append(Diagnostic(here, Code.DUPLICATE_KEY, message, "delete one of them"))
            else:
                self._keys[(*path, key)] = here
                mapping[key] = self._construct(value_node, (*path, key))
        return mapping

    def _at(self, mark: Mark) -> Place:
        return Place(self.source.name, mark.line + 1, mark.column + 1)


def read_document(path: Path) -> Document:
    """Read a file of at most one MiB.

    Raises:
        ConfigError: If the file cannot be read or is not YAML within the limits.
    """
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _unreadable(name, "there is no such file", _STARTING_POINT) from None
    except (IsADirectoryError, PermissionError) as exc:
        if path.is_dir():
            raise _unreadable(name, "this is a folder", "name the file inside it") from None
        raise _unreadable(name, f"cannot be read: {exc.strerror}", "check its permissions") from None
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or "not a file name"
        raise _unreadable(name, f"cannot be read: {reason}", "check the name") from None
    return parse_document(name, content)


def parse_document(name: str, content: bytes) -> Document:
    """Return the document in *content*; *name* is what reports call it.

    Raises:
        ConfigError: If the content is not YAML within the limits.
    """
    if len(content) > MAX_BYTES:
        raise _unreadable(name, "is larger than 1 MiB", "is this the right file?")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unreadable(name, "is UTF-16 text", "save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        raise _unreadable(name, f"is not UTF-8 text (line {line})", "save it as UTF-8") from None
    if "\0" in text:
        raise _unreadable(name, "is a binary file", "is this the right file?")
    source = Source(name, text)
    _check_lines(source)
    root = _compose(source)
    if root is None:
        raise _unreadable(name, "is empty", _STARTING_POINT)
    if not isinstance(root, MappingNode):
        place = Place(name, root.start_mark.line + 1, root.start_mark.column + 1)
        help_ = _full_width_colon(source, place) or f"write key: value, or {_STARTING_POINT}"
        message = "the file must contain keys and values"
        raise ConfigError(report([Diagnostic(place, Code.WRONG_TYPE, message, help_)], source))
    return Document(source, root)


def _check_lines(source: Source) -> None:
    """Refuse what no person wrote, before the parser spends a second on it."""
    longest = max(range(len(source.lines)), key=lambda index: len(source.lines[index]), default=0)
    if len(source.lines) > MAX_LINES:
        line, message = MAX_LINES + 1, f"more than {MAX_LINES} lines"
    elif source.lines and len(source.lines[longest]) > MAX_LINE:
        line, message = longest + 1, f"a line of more than {MAX_LINE} characters"
    else:
        return
    place = Place(source.name, line, 1)
    raise ConfigError(report([Diagnostic(place, Code.LIMIT, message, "is this the right file?")], source))


def _compose(source: Source) -> Node | None:
    """Return the root node, None if there is none."""
    try:
        # Looks at the characters, with one regular expression; libyaml would count its bytes.
        Reader(source.text)
        if CParser is not None:
            try:
                return _composed_by_libyaml(source.text)
            except YAMLError as exc:
                explained = _to_be_explained(source, exc)
                if len(explained) > EXPLAINED_BYTES:
                    raise
                return _composed_in_python(explained)
        return _composed_in_python(source.text)
    except _LimitError as exc:
        place = Place(source.name, exc.mark.line + 1, exc.mark.column + 1)
        diagnostic = Diagnostic(place, Code.LIMIT, exc.message, exc.help)
    except YAMLError as exc:
        diagnostic = _syntax_error(source, exc)
    raise ConfigError(report([diagnostic], source))


def _composed_by_libyaml(text: str) -> Node | None:
    class Loader(_LimitedComposer, CParser):
        """The parser in C: with it a file at every limit takes a tenth of a second, and not two."""

        def __init__(self) -> None:
            CParser.__init__(self, text)
            _LimitedComposer.__init__(self)

    _count_nodes(CParser(text))
    return Loader().get_single_node()


def _count_nodes(parser: CParser) -> None:
    """Refuse too many nodes before there is even one: an event is quickly made, a node is not."""
    nodes = 0
    while (event := parser.get_event()) is not None:
        if isinstance(event, NodeEvent):
            nodes += 1
            if nodes > MAX_NODES:
                raise _too_many(event.start_mark)  # type: ignore[arg-type] # libyaml's has the same attributes


def _to_be_explained(source: Source, exc: YAMLError) -> str:
    """Return the text in which the parser in Python shall find what libyaml found."""
    mark = getattr(exc, "problem_mark", None)
    if mark is None or _TOO_DEEP not in (getattr(exc, "problem", None) or ""):
        return source.text
    # The scanner of libyaml runs ahead to its own limit, a thousand levels. Up to there is enough to
    # find ours, while PyYAML takes its time over more levels.
    return "\n".join([*source.lines[: mark.line], source.lines[mark.line][: mark.column]])


def _composed_in_python(text: str) -> Node | None:
    loader = _Loader(text)
    try:
        return loader.get_single_node()
    except (ValueError, OverflowError):
        # PyYAML 6.0 lets these out for escapes like "\UFFFFFFFF".
        raise MarkedYAMLError(problem=_BAD_ESCAPE, problem_mark=loader.get_mark()) from None


def _syntax_error(source: Source, exc: YAMLError) -> Diagnostic:
    """Return what *exc*, which came out of a parser, means for the person who wrote the file."""
    problem, mark = str(exc), None
    if isinstance(exc, ReaderError):
        problem = exc.reason
    elif isinstance(exc, MarkedYAMLError):
        problem = exc.problem or ""
        mark = exc.problem_mark or exc.context_mark
        if exc.context_mark is not None and any(words in problem for words in _AT_THE_BEGINNING):
            mark = exc.context_mark
    line, column = source.position(exc.position) if isinstance(exc, ReaderError) else (1, 1)
    if mark is not None:
        line, column = mark.line + 1, mark.column + 1
    message, help_ = _explained(problem)
    place = Place(source.name, line, column)
    if "this mapping is not closed" in message and "${" in source.lines[line - 1]:
        help_ = 'inside { } put variables in quotes: "${NAME}"'
    return Diagnostic(place, Code.SYNTAX, message, _full_width_colon(source, place) or help_)


def _full_width_colon(source: Source, place: Place) -> str:
    """Return the help if such a colon is at *place* or on the line above."""
    for line in (place.line or 1, (place.line or 1) - 1):
        if "：" in "".join(source.lines[max(line, 1) - 1 : line]):
            return full_width_colon(line)
    return ""


def _explained(problem: str) -> tuple[str, str]:
    for words, message, help_ in _SYNTAX:
        if words in problem:
            return message, help_
    return printable(problem), "check quotes, colons and indentation"


def _scalar(node: Node) -> str | int | float | bool | None:
    text: str = node.value
    match node.tag:
        case t if t == _NULL:
            return None
        case t if t == _BOOL:
            return text.lower() == "true"
        case t if t == _INT:
            return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
        case t if t == _FLOAT:
            return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        case _:
            return text


def _unreadable(name: str, message: str, help: str) -> ConfigError:  # noqa: A002 - as in ConfigError
    diagnostic = Diagnostic(Place(name), Code.UNREADABLE, message, help)
    return ConfigError(report([diagnostic], Source(name)))
