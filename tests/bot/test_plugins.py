"""Loading plugins: each fails alone, with the reason and the way out."""

from __future__ import annotations

import functools
import inspect
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import invalidate_caches
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from qqbot_cli.bot.handler import EventHandler
from qqbot_cli.bot.plugins import (
    Candidate,
    PluginSet,
    PluginSettings,
    installed,
    load_plugins,
)
from qqbot_cli.bot.wanted import auto_intents, unheard_callbacks, unused_intents
from qqbot_cli.model.intents import Intents
from tests.turns import NOISE


class Good(EventHandler):
    async def group_message_create(self, session: Any) -> None: ...  # noqa: ANN401


def make_good() -> Good:
    return Good()


class Options(BaseModel):
    city: str = "北京"


class WithOptions(Good):
    Config = Options


def candidate(name: str, target: object, *, package: str = "", version: str = "1.0") -> Candidate:
    def load() -> object:
        if isinstance(target, BaseException):
            raise target
        return target

    return Candidate(name, package or f"qqbot-plugin-{name}", version, load)


def explain(_name: str, exc: ValidationError, _model: type[BaseModel]) -> str:
    return f"bad options: {[error['loc'] for error in exc.errors()]}"


def load(
    *candidates: Candidate, limit: float = 5, only: tuple[str, ...] = (), **settings: PluginSettings
) -> PluginSet:
    return load_plugins(candidates, settings, explain=explain, only=only, limit=limit)


def reasons(result: PluginSet) -> Mapping[str, str]:
    return {failure.name: failure.reason for failure in result.failures}


@pytest.mark.parametrize("target", [Good, Good(), make_good], ids=["class", "instance", "factory"])
def test_an_entry_point_may_lead_to_a_class_an_instance_or_a_factory(target: object) -> None:
    (plugin,) = load(candidate("good", target)).plugins

    assert isinstance(plugin.handler, Good)
    assert plugin.callbacks == {"group_message_create"}


def test_a_module_with_exactly_one_handler_is_a_plugin() -> None:
    module = ModuleType("one")
    handler = type("One", (Good,), {"__module__": "one"})
    vars(module).update(One=handler, Good=Good)

    assert type(load(candidate("one", module)).plugins[0].handler) is handler
    vars(module)["Two"] = type("Two", (Good,), {"__module__": "one"})
    assert "defines 2 subclasses" in reasons(load(candidate("one", module)))["one"]


class Misspelt(Good):
    async def group_mesage_create(self, session: Any) -> None: ...  # noqa: ANN401


class WithOn(Good):
    async def on_c2c_message(self, session: Any) -> None: ...  # noqa: ANN401


class NotAsync(EventHandler):
    def message_create(self, session: Any) -> None: ...  # type: ignore[override]  # noqa: ANN401


class Helper(Good):
    async def _look_up(self) -> None: ...

    def compute(self) -> None: ...


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Misspelt, "no event is called group_mesage_create; did you mean group_message_create?"),
        (WithOn, "no event is called on_c2c_message; did you mean c2c_message_create?"),
        (NotAsync, "message_create must be a coroutine: write async def"),
        (EventHandler, "implements no callback"),
        (42, "gives an int, not a subclass or instance of EventHandler"),
        (dict, "gives a dict"),
        (ModuleNotFoundError("No module named 'PIL'"), "ModuleNotFoundError: No module named 'PIL'"),
        (SystemExit(3), "SystemExit: 3"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_f70_a_plugin_that_cannot_be_loaded_is_left_out_with_the_reason(target: object, words: str) -> None:
    result = load(candidate("bad", target), candidate("good", Good))

    assert [plugin.name for plugin in result.plugins] == ["good"]
    assert words in reasons(result)["bad"]


def test_helpers_and_plain_methods_are_allowed() -> None:
    assert load(candidate("helper", Helper)).plugins


class NoSession(EventHandler):
    async def group_message_create(self) -> None: ...  # type: ignore[override]


class NoSelf(EventHandler):
    async def group_message_create() -> None: ...  # type: ignore[override,misc]


class OneTooMany(EventHandler):
    async def group_message_create(self, session: Any, bot: int) -> None: ...  # type: ignore[override]  # noqa: ANN401


class OnlyByName(EventHandler):
    async def group_message_create(self, *, session: Any) -> None: ...  # type: ignore[override]  # noqa: ANN401


class StaticWithSelf(EventHandler):
    @staticmethod
    async def group_message_create(self: Any, session: Any) -> None: ...  # type: ignore[override]  # noqa: ANN401, PLW0211


class NoContext(Good):
    async def setup(self) -> None: ...  # type: ignore[override]


class TornDownWithContext(Good):
    async def teardown(self, context: Any) -> None: ...  # type: ignore[override]  # noqa: ANN401


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (NoSession, "group_message_create takes (self) and must take (self, session):"),
        (NoSelf, "group_message_create takes () and must take (self, session):"),
        (OneTooMany, "group_message_create takes (self, session, bot) and must take (self, session):"),
        (OnlyByName, "group_message_create takes (self, *, session) and must take (self, session):"),
        (StaticWithSelf, "group_message_create takes (self, session) and must take (session):"),
        (NoContext, "setup takes (self) and must take (self, context): write async def setup(self, context)"),
        (TornDownWithContext, "teardown takes (self, context) and must take (self):"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_f70_a_method_that_cannot_be_called_with_what_it_is_given_is_refused_with_its_line(
    handler: type[EventHandler], words: str
) -> None:
    reason = reasons(load(candidate("bad", handler)))["bad"]

    assert words in reason
    place = re.search(r"\(([^()]+):(\d+)\)$", reason)
    assert place is not None
    line = inspect.getsourcelines(handler)[1]
    assert place[1] == __file__
    assert line < int(place[2]) <= line + 2


def injecting(method: Any) -> Any:  # noqa: ANN401 - a decorator
    @functools.wraps(method)
    async def with_database(self: Any, session: Any) -> None:  # noqa: ANN401
        await method(self, session, "database")

    return with_database


class TakesAnything(EventHandler):
    async def group_message_create(self, *args: Any, **more: Any) -> None: ...  # noqa: ANN401

    async def setup(self, context: Any, retries: int = 3, **_: Any) -> None: ...  # noqa: ANN401


class Static(EventHandler):
    @staticmethod
    async def group_message_create(session: Any) -> None: ...  # noqa: ANN401


class Decorated(EventHandler):
    @injecting
    async def group_message_create(self, session: Any, database: str) -> None: ...  # noqa: ANN401


class Built:
    async def __call__(self, session: Any) -> None: ...  # noqa: ANN401


class Odd(EventHandler):
    group_message_create = Built()
    setup = print  # type: ignore[assignment]


@pytest.mark.parametrize("handler", [TakesAnything, Static, Decorated, Odd])
def test_a_method_that_can_be_called_is_fine_however_it_is_written(handler: type[EventHandler]) -> None:
    assert load(candidate("fine", handler)).plugins


def test_f70_an_import_that_hangs_is_given_up() -> None:
    begun = time.monotonic()

    result = load(candidate("slow", lambda: time.sleep(2 * NOISE)), candidate("good", Good), limit=0.1)

    assert time.monotonic() - begun < NOISE
    assert reasons(result) == {"slow": "import did not end within 0.1 s"}
    assert [plugin.name for plugin in result.plugins] == ["good"]


def test_f74_two_packages_with_one_name_are_both_left_out_until_one_is_chosen() -> None:
    both = (candidate("echo", Good, package="a-echo"), candidate("echo", WithOptions, package="b-echo"))

    reason = reasons(load(*both))["echo"]
    assert "a-echo and b-echo both offer this name" in reason
    assert "plugins: {echo: {package: a-echo}}" in reason
    chosen = load(*both, echo=PluginSettings(package="B_Echo"))
    assert type(chosen.plugins[0].handler) is WithOptions
    assert "'c' does not offer it" in reasons(load(*both, echo=PluginSettings(package="c")))["echo"]


def test_plugins_come_in_order_and_then_by_name() -> None:
    result = load(
        *(candidate(name, Good) for name in ("c", "a", "b")),
        c=PluginSettings(order=1),
        a=PluginSettings(order=60),
    )

    assert [plugin.name for plugin in result.plugins] == ["c", "b", "a"]


def test_switched_off_and_unwanted_plugins_are_not_even_imported() -> None:
    bad = candidate("bad", SystemExit())

    assert load(bad, bad=PluginSettings(enabled=False)) == PluginSet((), ())
    assert load(bad, candidate("good", Good), only=("good",)).failures == ()


def test_options_go_through_the_model_and_unknown_ones_are_refused() -> None:
    (plugin,) = load(candidate("w", WithOptions), w=PluginSettings(config={"city": "上海"})).plugins
    assert isinstance(plugin.config, Options)
    assert plugin.config.city == "上海"

    wrong = load(candidate("w", WithOptions), w=PluginSettings(config={"citi": 1}))
    assert reasons(wrong)["w"] == "bad options: [('citi',)]"
    none = load(candidate("g", Good), g=PluginSettings(config={"x": 1}))
    assert "it has no options" in reasons(none)["g"]


ODD = ["Echo", "../x", "..", "a/b", "a\\b", "/x", "a b", "1x", "x\n", "x\x00", "é", "x" * 65, ""]
DEVICES = ["con", "prn", "aux", "nul", "com0", "com1", "com9", "lpt1"]


def unread(name: str) -> Candidate:
    def load() -> object:
        raise AssertionError(f"{name!r} was read")

    return Candidate(name, "odd", "1.0", load)


@pytest.mark.parametrize("name", [*ODD, *(name.upper() for name in DEVICES)])
def test_f75_odd_names_are_refused_and_nothing_is_read(name: str) -> None:
    assert "a plugin name is" in reasons(load(unread(name)))[name]


@pytest.mark.parametrize("name", DEVICES)
def test_f75_names_of_devices_are_refused_on_every_system(name: str) -> None:
    assert "Windows keeps this name" in reasons(load(unread(name)))[name]


@pytest.mark.parametrize("name", ["console", "com", "com10", "null", "a-con"])
def test_f75_names_that_only_look_like_devices_are_fine(name: str) -> None:
    assert [plugin.name for plugin in load(candidate(name, Good)).plugins] == [name]


def test_intents_follow_what_is_implemented_and_never_what_is_only_forwarded() -> None:
    class Channel(EventHandler):
        async def message_create(self, session: Any) -> None: ...  # noqa: ANN401

    plugins = load(candidate("good", Good), candidate("channel", Channel)).plugins

    assert auto_intents(plugins) == Intents.PUBLIC_MESSAGES | Intents.PUBLIC_GUILD_MESSAGES
    assert auto_intents([]) == Intents.GUILDS
    assert unused_intents(plugins, Intents.FORUMS | Intents.PUBLIC_MESSAGES) == Intents.FORUMS
    assert unheard_callbacks(plugins, Intents.PUBLIC_MESSAGES) == [
        "plugin channel: message_create will never be called; add intents: [PUBLIC_GUILD_MESSAGES]"
    ]


def test_installed_packages_are_found_without_importing_them_and_doubles_count_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("1.0", "0.9"):
        info = tmp_path / f"qqbot_plugin_ghost-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: qqbot-plugin-ghost\nVersion: {version}\n"
        )
        (info / "entry_points.txt").write_text("[qqbot.plugins]\nghost = no_such_ghost:Ghost\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    ghosts = [found for found in installed() if found.name == "ghost"]

    assert len(ghosts) == 1
    assert "no_such_ghost" not in sys.modules


HANDLERS = """
from qqbot_cli import EventHandler
class Weather(EventHandler):
    async def ready(self, session): ...
"""
MORE = HANDLERS + "class Lottery(EventHandler): ...\n"


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], str]]:
    """Install a plugin with a value for its entry point and a source, and return why it cannot be loaded."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def offer(value: str, source: str) -> str:
        info = tmp_path / "qqbot_plugin_bad-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: qqbot-plugin-bad\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[qqbot.plugins]\nbad = {value}\n")
        (tmp_path / "plugin_that_is_bad.py").write_text(source)
        invalidate_caches()
        return reasons(load(*installed(), only=("bad",)))["bad"]

    yield offer
    sys.modules.pop("plugin_that_is_bad", None)


@pytest.mark.parametrize(
    ("value", "source", "hint"),
    [
        ("plugin_that_is_bad:Wether", HANDLERS, "no Wether in {file}; did you mean Weather?"),
        ("plugin_that_is_bad:plugin", HANDLERS, "no plugin in {file}; did you mean Weather?"),
        ("plugin_that_is_bad:plugin", MORE, "no plugin in {file}; its handlers are Weather, Lottery"),
        ("plugin_that_is_bad:Weather.Rain", HANDLERS, "no Rain in {file}; did you mean Weather?"),
        ("plugin_that_is_bad:Weather", "", "no Weather in {file}; it has no subclass of EventHandler"),
    ],
    ids=["misspelt", "other", "several", "nested", "none"],
)
def test_f70_an_entry_point_that_leads_nowhere_is_told_with_the_classes_there_are(
    value: str, source: str, hint: str, offered: Callable[[str, str], str], tmp_path: Path
) -> None:
    told = hint.format(file=tmp_path / "plugin_that_is_bad.py")

    assert offered(value, source) == f"the entry point is {value}; {told}"


def test_f70_an_entry_point_that_is_none_is_told(offered: Callable[[str, str], str]) -> None:
    assert offered("a plugin", HANDLERS) == "the entry point is 'a plugin', not of the form module:Class"


def test_f70_a_syntax_error_is_told_with_its_file_and_line(
    offered: Callable[[str, str], str], tmp_path: Path
) -> None:
    reason = offered("plugin_that_is_bad:Weather", HANDLERS + "def broken(:\n")

    assert reason == f"SyntaxError: invalid syntax ({tmp_path / 'plugin_that_is_bad.py'}:5)"


def test_f70_a_syntax_error_in_generated_code_is_told_with_the_line_that_generated_it(
    offered: Callable[[str, str], str], tmp_path: Path
) -> None:
    reason = offered("plugin_that_is_bad:Weather", "exec('def broken(:')\n")

    assert reason.endswith(f"({tmp_path / 'plugin_that_is_bad.py'}:1)")
