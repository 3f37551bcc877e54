"""REST calls in words and as methods, made from ENDPOINTS."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any, Final

import msgspec

from qqbot_cli.model.endpoints import FAMILIES, Endpoint, Host, Query, Repeat
from qqbot_cli.model.endpoints.parameters import meaning
from qqbot_cli.model.endpoints.row import Paging
from qqbot_cli.model.rate import Rate
from qqbot_cli.protocol.request import exception_for
from tools.text import HEADER, docstring

_TABLE: Final = HEADER.format(table="model/endpoints")
_UNITS: Final = {1.0: "second", 60.0: "minute"}


def limit_in_words(rate: Rate) -> str:
    """Return a limit as "2 a minute, bursts of 10"."""
    text = f"{rate.calls} a {_UNITS[rate.seconds]}"
    if rate.per != "bot":
        text += f" for each {rate.per.removesuffix('_id').removesuffix('_openid')}"
    return f"{text}, bursts of {rate.burst}" if rate.burst else text


def query_in_words(query: Query) -> str:
    """Return the meaning and the range of a query parameter."""
    return f"{query.text} {range_in_words(query)}".strip()


def range_in_words(query: Query) -> str:
    """Return "1 to 100.", or an empty text."""
    if query.choices:
        return f"One of {', '.join(f'``{choice}``' for choice in query.choices)}."
    return "" if query.most is None else f"{query.least} to {query.most}."


def arguments_in_words(row: Endpoint) -> dict[str, str]:
    """Return the meaning of every argument of the method."""
    found = {name: meaning(row, name) for name in row.parameters}
    if row.body is not None:
        found["body"] = (row.body.__doc__ or "").split("\n")[0]
    return found | {query.name: query_in_words(query) for query in row.query}


def errors(row: Endpoint) -> dict[str, list[int]]:
    """Return the documented codes of a call by the name of the exception they become."""
    found: dict[str, list[int]] = {}
    for code in sorted(row.codes):
        if (kind := exception_for(code)) is not None:
            found.setdefault(kind.__name__, []).append(code)
    return dict(sorted(found.items()))


def harmless(row: Endpoint) -> str:
    """Return the codes that say that what was asked for is so already, in words; empty if there are none."""
    codes = ", ".join(str(code) for code in sorted(row.codes) if exception_for(code) is None)
    return f"Done already, and no error: {codes}." if codes else ""


def result_type(row: Endpoint) -> str:
    """Return what the method returns, as an annotation."""
    if row.result is None:
        return "None"
    return f"list[{row.result.__name__}]" if row.many else row.result.__name__


def item_type(row: Endpoint) -> type[Any]:
    """Return the type of the items of a list that comes in pages."""
    assert row.paging is not None
    assert row.result is not None
    if not row.paging.items:
        return row.result
    item: type[Any] = typing.get_args(typing.get_type_hints(row.result)[row.paging.items])[0]
    return item


def largest_page(row: Endpoint, paging: Paging) -> int:
    """Return how many items a page may have."""
    for query in row.query:
        if query.name == paging.size:
            assert query.most is not None
            return query.most
    assert row.body is not None
    annotation = typing.get_type_hints(row.body, include_extras=True)[paging.size]
    (limit,) = (item for item in metas(annotation) if item.le is not None)
    return int(limit.le or 0)


def metas(annotation: Any) -> Iterator[msgspec.Meta]:  # noqa: ANN401 - any annotation
    """Give the limits that *annotation* or something inside it carries."""
    for item in getattr(annotation, "__metadata__", ()):
        if isinstance(item, msgspec.Meta):
            yield item
    for argument in typing.get_args(annotation):
        if not isinstance(argument, msgspec.Meta):
            yield from metas(argument)


def iterator_name(row: Endpoint) -> str:
    """Return the name of the method that walks through all pages."""
    return f"iter_{row.name.removeprefix('list_').removeprefix('get_')}"


def signature(row: Endpoint) -> list[str]:
    """Return the parameters of the method, without ``self``."""
    parameters = _path_parameters(row)
    if row.body is not None:
        optional = " | None = None" if row.body_optional else ""
        parameters.append(f"body: {row.body.__name__}{optional}")
    if row.query:
        parameters.append("*")
        parameters += [
            f"{query.name}: {query.kind.__name__}" + ("" if query.required else " | None = None")
            for query in row.query
        ]
    return parameters


def iterator_signature(row: Endpoint) -> list[str]:
    """Return the parameters of the method that walks through all pages, without ``self``."""
    assert row.paging is not None
    named = [f"{query.name}: {query.kind.__name__}" for query in row.query if query.required]
    if row.paging.size:
        named.append(f"{row.paging.size}: int = {largest_page(row, row.paging)}")
    return [*_path_parameters(row), *(["*", *named] if named else [])]


def _path_parameters(row: Endpoint) -> list[str]:
    return [f"{name}: {'int' if name in row.numbers else 'str'}" for name in row.parameters]


def methods(rows: tuple[Endpoint, ...]) -> list[Endpoint]:
    """Return the rows that have a method."""
    return [row for row in rows if row.host is Host.REST]


def family_class(family: str) -> str:
    """Return the name of the class with the methods of a family."""
    return f"{family.title().replace('_', '')}Calls"


def api_sources() -> dict[str, Callable[[], str]]:
    """Return the files of `rest/api` by their paths."""
    return {
        "qqbot_cli/rest/api/__init__.py": _package_source,
        **{f"qqbot_cli/rest/api/{family}.py": partial(_family_source, family) for family in FAMILIES},
    }


def _package_source() -> str:
    lines = [
        _TABLE,
        '"""BotApi: one method for each REST call, one module per family of calls."""',
        "",
        "from __future__ import annotations",
        "",
        *sorted(
            [
                *(f"from qqbot_cli.rest.api.{name} import {family_class(name)}" for name in FAMILIES),
                "from qqbot_cli.rest.api.shortcuts import Shortcuts",
            ]
        ),
        "",
        '__all__ = ["BotApi"]',
        "",
        "",
        f"class BotApi(Shortcuts, {', '.join(map(family_class, FAMILIES))}):",
        '    """The REST interface of the platform.',
        "",
        "    Every method may raise the exceptions of `RestClient.call`.",
        '    """',
    ]
    return "\n".join(lines) + "\n"


def _family_source(family: str) -> str:
    rows = methods(FAMILIES[family])
    paged = [row for row in rows if row.paging]
    types = {row.result for row in rows} | {row.body for row in rows} | {item_type(row) for row in paged}
    by_module: dict[str, list[str]] = {}
    for kind in types - {None}:
        assert kind is not None
        by_module.setdefault(kind.__module__, []).append(kind.__name__)
    summary = heading(family)
    by_module["qqbot_cli.model.endpoints"] = ["ENDPOINTS"]
    by_module["qqbot_cli.rest.api.base"] = ["Calls"]
    standard = [
        *(["from collections.abc import AsyncIterator"] if paged else []),
        *(["from typing import cast"] if any(row.result for row in rows) else []),
    ]
    lines = [
        _TABLE,
        f'"""{summary}"""',
        "",
        "from __future__ import annotations",
        "",
        *([*standard, ""] if standard else []),
        *(f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(by_module.items())),
        "",
        "",
        f"class {family_class(family)}(Calls):",
        f'    """{summary}"""',
    ]
    for row in rows:
        lines += ["", *_method(row)]
        if row.paging:
            lines += ["", *_iterator(row)]
    return "\n".join(lines) + "\n"


def heading(family: str) -> str:
    """Return what the module of the rows of *family* says it is about."""
    return str(import_module(f"qqbot_cli.model.endpoints.{family}").__doc__)


def _method(row: Endpoint) -> list[str]:
    arguments = _arguments(row)
    if row.body is not None:
        arguments.append("body=body")
    if row.query:
        arguments.append("query={" + ", ".join(f'"{query.name}": {query.name}' for query in row.query) + "}")
    call = f"await self.client.call({', '.join(arguments)})"
    result = result_type(row)
    return [
        f"    async def {row.name}({', '.join(['self', *signature(row)])}) -> {result}:",
        *docstring(row.summary, "\n\n".join(_paragraphs(row)), indent=8),
        f"        return cast({result}, {call})" if row.result else f"        {call}",
    ]


def _iterator(row: Endpoint) -> list[str]:
    paging = row.paging
    assert paging is not None
    arguments = _arguments(row)
    named = [query.name for query in row.query if query.required]
    if any(query.name == paging.size for query in row.query):
        named.append(paging.size)
    elif paging.size:
        assert row.body is not None
        arguments.append(f"body={row.body.__name__}({paging.size}={paging.size})")
    if named:
        arguments.append("query={" + ", ".join(f'"{name}": {name}' for name in named) + "}")
    item = item_type(row).__name__
    meanings = {name: meaning(row, name) for name in row.parameters}
    meanings |= {query.name: query_in_words(query) for query in row.query if query.required}
    if paging.size:
        meanings[paging.size] = f"Items in a page; 1 to {largest_page(row, paging)}."
    text = f"Asks for pages with `{row.name}`."
    if meanings:
        text += "\n\nArgs:\n" + "\n".join(f"    {name}: {words}" for name, words in meanings.items())
    head = f"{iterator_name(row)}({', '.join(['self', *iterator_signature(row)])})"
    return [
        f"    def {head} -> AsyncIterator[{item}]:",
        *docstring("Give all of them, each once, page after page.", text, indent=8),
        f"        return self.client.pages({', '.join(arguments)})",
    ]


def _arguments(row: Endpoint) -> list[str]:
    arguments = [f'ENDPOINTS["{row.name}"]']
    if row.parameters:
        values = {name: f"str({name})" if name in row.numbers else name for name in row.parameters}
        arguments.append("{" + ", ".join(f'"{name}": {value}' for name, value in values.items()) + "}")
    return arguments


def facts(row: Endpoint) -> list[tuple[str, str]]:
    """Return what is to be known about a call, as pairs of a heading and a text."""
    found = []
    if row.rate:
        found.append(("Limit", limit_in_words(row.rate)))
    if row.quota:
        found.append(("Quota", row.quota))
    if row.needs:
        found.append(("Needs", row.needs))
    return found


_REPEATS: Final = {
    Repeat.NEVER: "Not repeated after a time-out: it would happen twice.",
    Repeat.WITH_SEQ: "Repeated after a time-out if it is a reply with `msg_seq`, which arrives once.",
    Repeat.UNSENT: "Repeated after a time-out unless the file is sent at once.",
}


def repeat_in_words(row: Endpoint) -> str:
    """Return whether a call is repeated, or an empty text where it always is."""
    return _REPEATS.get(row.repeat or Repeat.SAFE, "")


def source_in_words(row: Endpoint) -> str:
    """Return where the call is described, and why not to build on it."""
    if not row.legacy:
        return f"platform documentation, {row.source}"
    return row.legacy


def _paragraphs(row: Endpoint) -> Iterator[str]:
    if row.details:
        yield row.details
    lines = [f"``{row.method} {full_path(row)}``.", *(f"{head}: {text}." for head, text in facts(row))]
    yield " ".join(filter(None, [*lines, repeat_in_words(row), harmless(row)]))
    if arguments := arguments_in_words(row):
        yield "Args:\n" + "\n".join(f"    {name}: {text}" for name, text in arguments.items())
    if row.codes:
        found = (f"    {name}: {', '.join(map(str, codes))}." for name, codes in errors(row).items())
        yield "Raises:\n" + "\n".join(found)
    yield f"{'Source' if not row.legacy else 'Legacy'}: {source_in_words(row)}."


def full_path(row: Endpoint) -> str:
    """Return the path with the query parameters that are always sent."""
    fixed = "&".join(f"{name}={value}" for name, value in row.fixed_query)
    return f"{row.path}?{fixed}" if fixed else row.path
