"""Every key of the configuration: what it means, its unit, its default and why.

The classes are the manual. A section that is written without anything below it counts as empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AliasChoices, BeforeValidator, Field, PrivateAttr, model_validator

from qqbot_cli.config.document import Document
from qqbot_cli.config.script import DAY, EventSection, FaultSection
from qqbot_cli.config.section import Section
from qqbot_cli.config.source import Source
from qqbot_cli.config.values import (
    MAX_SHARDS,
    AppId,
    FilePath,
    Flag,
    HttpUrl,
    IntentsOrAuto,
    Secret,
    WebSocketUrl,
    Words,
    duration,
    file_path,
    number,
    refusal,
    shards_from_text,
    share,
    wrong_type,
)
from qqbot_cli.model.hosts import Endpoints
from qqbot_cli.model.inbox import Retention
from qqbot_cli.model.simulation import Simulation

APPID_KEYS: Final = ("appid", "app_id", "appId")
"""Spellings of the appid: ours, and those of other SDKs."""

_ENDPOINTS: Final = Endpoints()
_SIMULATION: Final = Simulation()

_EmptyAsMapping: Final = BeforeValidator(lambda value: {} if value is None else value)
"""A key with nothing below it: everything in it has its default."""
_RETENTION: Final = Retention()


def _or_off(low: float, high: float) -> BeforeValidator:
    """Return the check for a duration from *low* to *high* seconds, or off."""
    check = duration(low, high, otherwise=", or off").func

    def either(value: object) -> float | None:
        # YAML calls off false, and null means that nothing is wanted either; 0 only equals false.
        off = value is None or value is False or value == "off"
        return None if off else check(value)  # type: ignore[call-arg]

    return BeforeValidator(either)


_EmptyAsList: Final = BeforeValidator(lambda value: [] if value is None else value)


class TokenSection(Section):
    """Who the bot is; from the management page of the bot at https://q.qq.com."""

    appid: AppId = Field(validation_alias=AliasChoices(*APPID_KEYS))
    """The number of the bot. Put it in quotes: it is a name made of digits, not a quantity."""
    secret: Secret
    """The AppSecret. Better as ${QQBOT_SECRET} or in a `secret_file`, so that this file can be shown."""
    secret_file: str | None = None
    """A file that contains nothing but the secret, instead of `secret`."""


class ShardsSection(Section):
    """Which connections this process opens; without `count` what the platform recommends."""

    count: Annotated[int, number(1, MAX_SHARDS)] | None = None
    """Connections of the bot in all processes, 1 to 1024. The platform's advice if left out."""
    ids: tuple[Annotated[int, number(0, MAX_SHARDS - 1)], ...] | None = None
    """Those of them that this process opens, each from 0 to count - 1. All of them if left out."""

    @model_validator(mode="after")
    def _ids_fit(self) -> ShardsSection:
        if self.ids is None:
            return self
        if self.count is None:
            raise refusal("ids need a count", "write for example {count: 4, ids: [0, 1]}", at=("ids",))
        if not self.ids or len(set(self.ids)) != len(self.ids) or max(self.ids) >= self.count:
            raise refusal(
                f"ids should be different numbers from 0 to {self.count - 1}",
                "write for example {count: 4, ids: [0, 1]}",
                at=("ids",),
            )
        return self


def _shards(value: object) -> object:
    match value:
        case str():
            return shards_from_text(value)
        case int() if not isinstance(value, bool):
            return {"count": value}
        case dict() | ShardsSection():
            return value
        case _:
            raise wrong_type(
                "auto, a number or a mapping", "write shards: auto, or shards: {count: 4, ids: [0, 1]}"
            )


@dataclass(frozen=True, slots=True)
class StoreChoice:
    """Which store to use."""

    kind: Literal["memory", "sqlite"] = "sqlite"
    path: Path | None = None
    """A file of its own for sqlite; None is a file in the state folder."""


_SQLITE: Final = "sqlite:///"


def _store(value: object) -> StoreChoice:
    match value:
        case StoreChoice():
            return value
        case "memory" | "sqlite":
            return StoreChoice(value)
        case str() if value.startswith(_SQLITE) and len(value) > len(_SQLITE):
            return StoreChoice("sqlite", file_path(value.removeprefix(_SQLITE)))
        case _:
            raise refusal(
                "there is no such store; this version has memory and sqlite",
                "write store: sqlite, store: memory, or store: sqlite:///folder/file.sqlite3",
            )


class PluginSection(Section):
    """How one plugin is run. An installed plugin runs with these defaults if it is not mentioned."""

    enabled: Flag = True
    """Whether the plugin runs at all."""
    order: Annotated[int, number(-1000, 1000)] = 50
    """Plugins with lower numbers get each event first, -1000 to 1000. The default 50 leaves room on
    either side."""
    timeout: Annotated[float, duration(0.1, 3600)] = 10.0
    """Time for one event, 100ms to 1h. The default is 10s: people do not wait longer for an answer."""
    concurrency: Annotated[int, number(1, 1024)] = 16
    """Events that the plugin may handle at the same time, 1 to 1024. The default keeps one busy plugin
    from using up everything."""
    on_error: Literal["pause", "keep", "stop"] = "keep"
    """After an error: pause the plugin for a while, keep it running, or stop it for good. The default is
    keep, because one bad message should not silence a bot."""
    package: str | None = None
    """The installed package that provides the plugin; needed only if two provide the same name."""
    config: Annotated[dict[str, Any], _EmptyAsMapping] = Field(default_factory=dict)
    """The plugin's own options; the plugin checks them."""


class InboxSection(Section):
    """What the store keeps. With store: memory nothing in here has a meaning."""

    remember: Annotated[float, duration(60, 30 * DAY)] = _RETENTION.seen_for
    """Time for which the platform's repetitions of an event are recognised, 1m to 720h. The default is
    24h; it repeats within minutes."""
    ids: Annotated[int, number(1_000, 100_000_000)] = _RETENTION.seen_count
    """Newest events whose repetitions are recognised, 1000 to 100000000. The default of a million takes
    some 60 MB on the disk."""
    dead: Annotated[int, number(0, 1_000_000)] = _RETENTION.dead
    """Newest events that were given up to keep, 0 to 1000000. The default of 10000 takes some 10 MB."""
    max_size: Annotated[int, number(16, 1_000_000)] | None = None
    """Largest size of file and log together in MB, 16 to 1000000; when it is reached, reading stops until
    events are done. A fourth of it is for the log, and at most a fourth for ids, whatever ids: says. The
    default null leaves it to the disk."""
    power_safe: Flag = False
    """Wait for the disk at every transaction, so that not even a power failure makes the platform send
    events again. The default false is ten times faster and loses nothing either."""

    def retention(self) -> Retention:
        """Return the plain values the store takes."""
        size = None if self.max_size is None else self.max_size * 1_000_000
        return Retention(seen_for=self.remember, seen_count=self.ids, dead=self.dead, max_size=size)


class WatchdogsSection(Section):
    """Watchdogs for what no protocol notices."""

    silent_session: Annotated[float | None, _or_off(60, DAY)] = 1_800.0
    """Silence after which a session older than a day is replaced by a new one (longer where events are
    rare), 1m to 24h, or off. The default is 30m: old sessions have been seen to deliver nothing while
    they looked healthy."""
    blocked_loop: Annotated[float | None, _or_off(1, 3600)] = 5.0
    """Time after which the log names the line that blocks the event loop, and the plugin it belongs to,
    1s to 1h, or off. The default is 5s; handlers that wait without await silence the whole bot."""
    skipped_numbers: Annotated[int, number(1, 1000)] | None = None
    """Sequence numbers that may be left out in one session before it is resumed from before them, 1 to 1000.
    The default null never does it: by the documentation a number that is left out is no error."""
    memory: Annotated[int, number(64, 1_000_000)] | None = None
    """Memory of the bot in MB, 64 to 1000000; above it, reading stops until handlers have finished what
    they have. The default null sets no limit, because only you know what the machine can spare."""


class EndpointsSection(Section):
    """Addresses of the platform, for proxies, tests and its move to new hosts."""

    api: HttpUrl = _ENDPOINTS.api
    """REST, production."""
    sandbox_api: HttpUrl = _ENDPOINTS.sandbox_api
    """REST, sandbox."""
    token: HttpUrl = _ENDPOINTS.token
    """Access tokens, the same for production and sandbox."""
    gateway: WebSocketUrl | None = _ENDPOINTS.gateway
    """WebSocket address; replaces the one that the platform answers. The default null uses the answer."""


class SimulateSection(Section):
    """The embedded simulator; nothing leaves this machine. Delete the section to go live."""

    users: Annotated[int, number(0, 10_000)] = _SIMULATION.users
    """Number of simulated people, 0 to 10000."""
    seed: Annotated[int, number(0, 2**63 - 1)] = _SIMULATION.seed
    """Seed of everything that is left to chance; equal seeds give equal people and texts."""
    shards: Annotated[int, number(1, MAX_SHARDS)] = _SIMULATION.shards
    """Connections that the simulated platform recommends, 1 to 1024. The default 2 shows how shards look."""
    pace: Annotated[float, duration(0.001, 3600)] = _SIMULATION.pace
    """Average time between two messages of one person, 1ms to 1h."""
    say: Annotated[tuple[Words, ...], _EmptyAsList] = _SIMULATION.say
    """What people say to the bot, a list of texts, so that they use the commands of your plugin. The
    default is a mixture of questions, /ping and /echo."""
    heartbeat_interval: Annotated[float, duration(0.1, 3600)] = _SIMULATION.heartbeat_interval
    """Time between heartbeats that HELLO tells, 100ms to 1h. The default 45s is near to what the
    platform tells."""
    max_concurrency: Annotated[int, number(1, 1000)] = _SIMULATION.max_concurrency
    """Sessions that may be started every five seconds, 1 to 1000."""
    remaining: Annotated[int, number(0, 1000)] = _SIMULATION.remaining
    """Session starts that are left today, 0 to 1000."""
    reset_after: Annotated[float, duration(0.001, DAY)] = _SIMULATION.reset_after
    """Time until `remaining` is 1000 again, 1ms to 24h."""
    quirks: Annotated[float, share()] = _SIMULATION.quirks
    """Share of the events, 0 to 1, that come with fields left out, retyped or of older shapes.
    The default is 0; a plugin that lives with 0.3 is ready for the real platform."""
    repeats: Annotated[int, number(0, 1000)] = _SIMULATION.repeats
    """Events, 0 to 1000, that come once more after a lost connection although they had been received."""
    events: Annotated[tuple[EventSection, ...], _EmptyAsList] = ()
    """What happens by plan, besides what people do, one entry for each event."""
    faults: Annotated[tuple[FaultSection, ...], _EmptyAsList] = ()
    """What goes wrong on purpose, one entry for each fault."""

    def simulation(self) -> Simulation:
        """Return the plain values the simulator takes."""
        lists = ("events", "faults")
        values = {name: getattr(self, name) for name in type(self).model_fields if name not in lists}
        return Simulation(
            **values,
            events=tuple(line.emission() for line in self.events),
            faults=tuple(fault for line in self.faults for fault in line.faults()),
        )


def _simulate(value: object) -> object:
    match value:
        case None | True | "true":
            return {}
        case False | "false":
            return None
        case dict() | SimulateSection():
            return value
        case _:
            raise wrong_type("a mapping, true or false", "write simulate: {users: 5}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a configuration comes from; given to pydantic as its context."""

    document: Document
    notes: tuple[str, ...] = ()


class Config(Section):
    """The whole configuration; a file needs nothing but `token`, and not even that to simulate."""

    token: TokenSection | None = None
    """Who the bot is. Required, unless the environment gives it or the bot is simulated."""
    intents: IntentsOrAuto = None
    """Which events to ask for: auto, a list of names in any spelling in use (all, default, -name to take
    one away), or the number itself. The default auto (None) asks for what the loaded plugins implement."""
    sandbox: Flag = False
    """Talk to the sandbox of the platform instead of the real one."""
    timeout: Annotated[float, duration(1, 600)] = 30.0
    """Time for one REST call, 1s to 10m. The default 30s is enough for an upload on a slow line."""
    shards: Annotated[ShardsSection, BeforeValidator(_shards)] = ShardsSection()
    """Connections to the gateway: auto, a number, {count, ids}, or text such as "0-3/16". The default auto
    follows the platform's advice."""
    store: Annotated[StoreChoice, BeforeValidator(_store)] = StoreChoice()
    """Where sessions and events are kept until they are done: sqlite is a file in `state_dir`,
    sqlite:///PATH another file (relative to this one), memory forgets everything when the process ends,
    and stops reading at a thousand events that are not done. The default is sqlite, so that a restart
    loses nothing."""
    inbox: Annotated[InboxSection, _EmptyAsMapping] = InboxSection()
    """How long and how much the store keeps."""
    watchdogs: Annotated[WatchdogsSection, _EmptyAsMapping] = WatchdogsSection()
    """What is done about a bot that looks connected and hears nothing."""
    state_dir: FilePath | None = None
    """Folder for the lock and the state, relative to this file. The default null is the folder that the
    system has for this."""
    plugins: Annotated[
        dict[str, Annotated[PluginSection, _EmptyAsMapping]],
        _EmptyAsMapping,
    ] = Field(default_factory=dict)
    """How plugins run, by name."""
    endpoints: Annotated[EndpointsSection, _EmptyAsMapping] = EndpointsSection()
    """Addresses of the platform."""
    simulate: Annotated[SimulateSection | None, BeforeValidator(_simulate)] = None
    """Present, even empty or true: run against the embedded simulator. The default is the real platform."""

    _origin: Origin = PrivateAttr(default_factory=lambda: Origin(Document(Source("configuration"))))

    def model_post_init(self, context: object, /) -> None:
        """Remember where the values were written."""
        if isinstance(context, Origin):
            self._origin = context

    @property
    def document(self) -> Document:
        """The file, for places of values and for reports about plugin options."""
        return self._origin.document

    @property
    def notes(self) -> tuple[str, ...]:
        """What works but should be changed, each one line with file, line and column."""
        return self._origin.notes

    @property
    def simulation(self) -> Simulation | None:
        """How to furnish the simulator, None to talk to the platform."""
        return self.simulate.simulation() if self.simulate is not None else None

    @property
    def hosts(self) -> Endpoints:
        """The addresses as plain values."""
        section = self.endpoints
        return Endpoints(section.api, section.sandbox_api, section.token, section.gateway)

    def plugin(self, name: str) -> PluginSection:
        """Return how to run a plugin, with defaults if the file does not mention it."""
        return self.plugins.get(name) or PluginSection()
