"""Finds and loads plugins: packages with an entry point in the group ``qqbot.plugins``.

Each plugin fails alone. Importing one may raise anything, call `sys.exit` or never return; whatever
happens is written down next to its name, and the others load.
"""

from __future__ import annotations

import inspect
import re
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from importlib import import_module, metadata
from types import ModuleType, new_class
from typing import Any, Final, cast

from pydantic import BaseModel, ValidationError

from qqbot_cli.bot.blame import error_text
from qqbot_cli.bot.contract import check_methods
from qqbot_cli.bot.handler import EventHandler
from qqbot_cli.bot.plugin import OnError, Plugin
from qqbot_cli.errors import PluginError

GROUP: Final = "qqbot.plugins"
"""Entry-point group that plugins announce themselves in."""

IMPORT_LIMIT: Final = 10.0
"""Seconds an import may take."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_RESERVED: Final = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]")
"""Names that Windows keeps for devices, whatever the case: no file or folder can be called so."""


@dataclass(frozen=True, slots=True)
class PluginSettings:
    """How the operator wants one plugin to be run."""

    enabled: bool = True
    order: int = 50
    """Lower first; ties by name."""
    timeout: float = 10.0
    concurrency: int = 16
    on_error: OnError = OnError.KEEP
    package: str | None = None
    """Distribution to take it from, where two offer the same name."""
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plugin that is installed, not yet imported."""

    name: str
    package: str
    version: str
    load: Callable[[], object]


@dataclass(frozen=True, slots=True)
class PluginFailure:
    """A plugin that could not be loaded or set up."""

    name: str
    version: str
    reason: str
    """One line: what happened, where, and the way out."""


@dataclass(frozen=True, slots=True)
class PluginSet:
    """What came of loading."""

    plugins: tuple[Plugin, ...]
    failures: tuple[PluginFailure, ...]


def reasons_of(failures: Iterable[PluginFailure]) -> str:
    """Return what went wrong with each plugin, as the message of an error."""
    return "\n".join(f"plugin {failure.name}: {failure.reason}" for failure in failures)


Explain = Callable[[str, ValidationError, type[BaseModel]], str]
"""Turns rejected options of the plugin named first into a report with file and line."""


def installed() -> list[Candidate]:
    """Return what is installed, without importing any of it.

    A distribution that is there twice (an editable install and old metadata) counts once.
    """
    found: dict[tuple[str, str], Candidate] = {}
    for entry in metadata.entry_points(group=GROUP):
        package = re.sub(r"[-_.]+", "-", entry.dist.name).lower() if entry.dist else ""
        version = entry.dist.version if entry.dist else ""
        load = partial(_target, entry)
        found.setdefault((entry.name, package), Candidate(entry.name, package, version, load))
    return list(found.values())


def _target(entry: metadata.EntryPoint) -> object:
    """Import what *entry* names; like its own `load`, which does not tell what there is instead."""
    match = entry.pattern.match(entry.value)
    if match is None:
        raise PluginError(f"the entry point is {entry.value!r}, not of the form module:Class")
    module = import_module(match["module"])
    target: object = module
    for name in filter(None, (match["attr"] or "").split(".")):
        try:
            target = getattr(target, name)
        except AttributeError as exc:
            where = module.__file__ or module.__name__
            hint = _handlers_meant(name, module)
            raise PluginError(f"the entry point is {entry.value}; no {name} in {where}; {hint}") from exc
    return target


def _handlers_meant(name: str, module: ModuleType) -> str:
    kinds = [kind.__name__ for kind in _handlers_in(module)]
    if not kinds:
        return "it has no subclass of EventHandler"
    close = get_close_matches(name, kinds, n=1) or (kinds if len(kinds) == 1 else [])
    return f"did you mean {close[0]}?" if close else f"its handlers are {', '.join(kinds)}"


def _handlers_in(module: ModuleType) -> list[type[EventHandler]]:
    return [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, EventHandler) and value is not EventHandler
    ]


def load_plugins(
    candidates: Iterable[Candidate],
    settings: Mapping[str, PluginSettings],
    *,
    explain: Explain,
    only: Sequence[str] = (),
    limit: float = IMPORT_LIMIT,
) -> PluginSet:
    """Load what is installed and wanted, in the order in which events are handed out.

    Args:
        candidates: What is installed.
        settings: By plugin name; plugins that are not mentioned run with the defaults. A name that no
            candidate has means nothing here; the configuration is where that is a mistake.
        explain: Renders rejected options.
        only: If not empty, the only plugins to load.
        limit: Seconds each import may take.
    """
    by_name: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_name.setdefault(candidate.name, []).append(candidate)
    failures: list[PluginFailure] = []
    plugins: list[tuple[int, Plugin]] = []
    for name in sorted(by_name):
        wanted = settings.get(name, PluginSettings())
        if not wanted.enabled or (only and name not in only):
            continue
        chosen = by_name[name]
        try:
            candidate = _choose(name, chosen, wanted.package)
            plugins.append((wanted.order, _load(candidate, wanted, explain, limit)))
        except PluginError as exc:
            version = chosen[0].version if len(chosen) == 1 else ""
            failures.append(PluginFailure(name, version, exc.message))
    plugins.sort(key=lambda pair: (pair[0], pair[1].name))
    return PluginSet(tuple(plugin for _, plugin in plugins), tuple(failures))


def _choose(name: str, candidates: Sequence[Candidate], package: str | None) -> Candidate:
    """Return the one candidate that is meant."""
    if not _NAME.fullmatch(name):
        raise PluginError("a plugin name is a lower-case letter followed by letters, digits, - and _")
    if _RESERVED.fullmatch(name):
        raise PluginError("Windows keeps this name for a device: a plugin has to be called otherwise")
    if package is not None:
        wanted = re.sub(r"[-_.]+", "-", package).lower()
        for candidate in candidates:
            if candidate.package == wanted:
                return candidate
        raise PluginError(f"package {package!r} does not offer it; {_packages(candidates)} does")
    if len(candidates) > 1:
        raise PluginError(
            f"{_packages(candidates)} both offer this name, so neither is loaded;"
            f" choose one: plugins: {{{name}: {{package: {candidates[0].package}}}}}"
        )
    return candidates[0]


def _packages(candidates: Sequence[Candidate]) -> str:
    return " and ".join(sorted(candidate.package for candidate in candidates))


def _load(candidate: Candidate, wanted: PluginSettings, explain: Explain, limit: float) -> Plugin:
    target = _imported(candidate, limit)
    handler = _handler_of(target)
    check_methods(handler)
    plugin = Plugin(
        name=candidate.name,
        handler=handler,
        version=candidate.version,
        config=_options(candidate.name, handler, wanted.config, explain),
        timeout=wanted.timeout,
        concurrency=wanted.concurrency,
        on_error=wanted.on_error,
    )
    if not plugin.callbacks:
        raise PluginError("it implements no callback of EventHandler")
    return plugin


def _imported(candidate: Candidate, limit: float) -> EventHandler | type | object:
    """Import *candidate* in a thread, because an import may hang, and build its handler."""
    outcome: list[object] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            outcome.append(_built(candidate.load()))
        except BaseException as exc:  # noqa: BLE001 - an import may call sys.exit
            failure.append(exc)

    thread = threading.Thread(target=work, name=f"import {candidate.name}", daemon=True)
    thread.start()
    thread.join(limit)
    if thread.is_alive():
        raise PluginError(f"import did not end within {limit:g} s")
    if failure:
        exc = failure[0]
        if isinstance(exc, PluginError):
            raise exc
        raise PluginError(_told(exc)) from exc
    return outcome[0]


def _told(exc: BaseException) -> str:
    """Return what *exc* says, and in parentheses where in the plugin it was raised."""
    if isinstance(exc, SyntaxError) and exc.filename and not exc.filename.startswith("<"):
        # Of the line that cannot be read, no frame tells; its own text leaves out the folder.
        return f"{type(exc).__name__}: {exc.msg} ({exc.filename}:{exc.lineno})"
    return f"{error_text(exc)}{_inside(exc)}"


def _inside(exc: BaseException) -> str:
    frames = [
        frame
        for frame in traceback.extract_tb(exc.__traceback__)
        if "importlib" not in frame.filename
        and not frame.filename.endswith(("bot/plugins.py", "bot\\plugins.py"))
    ]
    return f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""


def _built(target: object) -> object:
    """Return the handler that an entry point's *target* stands for: class, instance, factory or module."""
    if isinstance(target, ModuleType):
        kinds = [kind for kind in _handlers_in(target) if kind.__module__ == target.__name__]
        if len(kinds) != 1:
            raise PluginError(
                f"module {target.__name__} defines {len(kinds)} subclasses of EventHandler, exactly one is"
                " needed; or name one in the entry point: module:Class"
            )
        return kinds[0]()
    return target() if callable(target) else target


def _handler_of(target: object) -> EventHandler:
    if not isinstance(target, EventHandler):
        raise PluginError(
            f"the entry point gives {_article(type(target).__name__)},"
            " not a subclass or instance of EventHandler"
        )
    return target


def _article(word: str) -> str:
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"


def _options(
    name: str, handler: EventHandler, given: Mapping[str, Any], explain: Explain
) -> BaseModel | None:
    """Return the validated options, or None if the plugin has none."""
    model = handler.Config
    if model is None:
        if given:
            raise PluginError(f"it has no options, but plugins.{name}.config sets {', '.join(sorted(given))}")
        return None
    if not (inspect.isclass(model) and issubclass(model, BaseModel)):
        raise PluginError("Config must be a subclass of pydantic.BaseModel")
    # A subclass, so that a misspelt option is an error whatever the author wrote.
    strict = cast("type[BaseModel]", new_class(model.__name__, (model,), {"extra": "forbid"}))
    try:
        return strict.model_validate(given)
    except ValidationError as exc:
        raise PluginError(explain(name, exc, model)) from exc
    except Exception as exc:  # a validator of the plugin may raise anything
        raise PluginError(f"its options: {_told(exc)}") from exc
