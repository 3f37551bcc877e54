"""`qqbot run`: the whole job, from the configuration to the exit code."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from qqbot_cli.bot.client import Client
from qqbot_cli.bot.manager import ShardPlan
from qqbot_cli.bot.plugin import OnError
from qqbot_cli.bot.plugins import (
    Candidate,
    PluginFailure,
    PluginSet,
    PluginSettings,
    installed,
    load_plugins,
    reasons_of,
)
from qqbot_cli.bot.program import until_told
from qqbot_cli.bot.snapshot import Fate
from qqbot_cli.bot.wanted import auto_intents, unheard_callbacks, unused_intents
from qqbot_cli.bot.wording import counted
from qqbot_cli.cli.channel import own_copy
from qqbot_cli.cli.flags import duration_of
from qqbot_cli.cli.leave import leave
from qqbot_cli.cli.lock import bot_lock
from qqbot_cli.cli.mode import UiMode, choose_mode
from qqbot_cli.cli.output import Terminal
from qqbot_cli.cli.recording import Recorder
from qqbot_cli.cli.redact import Redactor
from qqbot_cli.cli.stored import is_temporary, placed, store_of, written_at
from qqbot_cli.cli.target import Loaded, load, state_dir, target_of
from qqbot_cli.config.load import Overrides
from qqbot_cli.config.schema import Config
from qqbot_cli.config.validation import diagnostics_of
from qqbot_cli.errors import ExitCode, PluginError
from qqbot_cli.model.intents import Intents
from qqbot_cli.protocol.hearing import Patience
from qqbot_cli.protocol.limits import Limits
from qqbot_cli.rest.descriptors import reserve_descriptors

logger = logging.getLogger(__name__)

_SETTLE: Final = 0.25
"""Seconds for tasks of plugins to end after everything else has."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line says."""

    config: Path | None = None
    ui: UiMode | None = None
    duration: str | None = None
    shards: str | None = None
    strict: bool = False
    only: tuple[str, ...] = ()
    no_plugins: bool = False
    wait: bool = True
    sandbox: bool | None = None
    simulate: bool = False
    ascii_only: bool = False
    verbose: bool = False
    record: Path | None = None
    blank: bool = False


class Streams:
    """Where this process writes to, out of the reach of plugins."""

    def __init__(self) -> None:
        self.out = own_copy(sys.stdout)
        self.err = own_copy(sys.stderr)
        self.is_tty = self.err.isatty()


def run_bot(options: RunOptions) -> ExitCode:
    """Run until stopped.

    Raises:
        QQBotError: If it cannot start or go on; its exit code is that of the command.
    """
    duration = None if options.duration is None else duration_of(options.duration, "--for")
    reserve_descriptors()
    streams = Streams()
    candidates = [] if options.no_plugins else installed()
    overrides = Overrides(options.shards, options.sandbox, options.simulate, options.only)
    # If there is none at all, that is what has to be said, and not of each name in the file.
    names = {candidate.name for candidate in candidates} or None
    loaded = load(options.config, overrides, names)
    config = loaded.config
    plugins = _plugins(config, options, candidates)
    if config.simulation is not None or config.token is None:
        lock: Any = nullcontext()  # a simulated bot has the platform to itself
    else:
        lock = bot_lock(
            state_dir(loaded),
            config.token.appid,
            _plan(config),
            sandbox=config.sandbox,
            chosen=written_at(config, "state_dir"),
        )
    with lock, asyncio.Runner(loop_factory=_loop_factory()) as runner:
        stuck = runner.run(_run(loaded, plugins, options, duration, streams))
        if stuck:
            # Tasks that refuse to end would hold the interpreter for ever.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(ExitCode.OK)
    return ExitCode.OK


def _plan(config: Config) -> ShardPlan:
    return ShardPlan(config.shards.count, config.shards.ids)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return the faster event loop if the extra `uvloop` is installed."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _plugins(config: Config, options: RunOptions, candidates: Sequence[Candidate]) -> PluginSet:
    """Load the plugins, or say why there is nothing to run."""
    if options.no_plugins:
        return PluginSet((), ())
    if not candidates:
        raise PluginError(
            "no plugin is installed, so there is nothing to run",
            help="install one (pip install qqbot-plugin-…), or add --no-plugins to run without",
        )
    settings = {
        name: PluginSettings(
            enabled=section.enabled,
            order=section.order,
            timeout=section.timeout,
            concurrency=section.concurrency,
            on_error=OnError(section.on_error),
            package=section.package,
            config=section.config,
        )
        for name, section in config.plugins.items()
    }
    loaded = load_plugins(candidates, settings, explain=_explainer(config), only=options.only)
    if loaded.failures and (options.strict or not loaded.plugins):
        raise PluginError(reasons_of(loaded.failures), help=_way_out(loaded.failures))
    return loaded


def _way_out(failures: Sequence[PluginFailure]) -> str:
    them = "it" if len(failures) == 1 else "them"
    switches = ", ".join(f"{failure.name}: {{enabled: false}}" for failure in failures)
    return f"repair {them}, or switch {them} off: plugins: {{{switches}}}"


def _explainer(config: Config) -> Callable[[str, ValidationError, type[BaseModel]], str]:
    def explain(name: str, exc: ValidationError, model: type[BaseModel]) -> str:
        prefix = ("plugins", name, "config")
        return config.document.report(diagnostics_of(exc, config.document, prefix, model))

    return explain


async def _run(
    loaded: Loaded, plugins: PluginSet, options: RunOptions, duration: float | None, streams: Streams
) -> bool:
    """Run the bot and return whether tasks are left that will not end."""
    config = loaded.config
    secrets = Redactor()
    async with AsyncExitStack() as stack:
        target = await stack.enter_async_context(target_of(config, secrets))
        recorder = None
        if options.record is not None:
            recorder = stack.enter_context(
                Recorder(loaded.cwd / options.record, secrets, blank=options.blank)
            )
        asked = config.intents
        intents = auto_intents(plugins.plugins) if asked is None else asked
        terminal: Terminal | None = None
        silence = config.watchdogs.silent_session
        client = Client(
            target.token,
            intents,
            plugins.plugins,
            sandbox=config.sandbox,
            timeout=config.timeout,
            endpoints=target.endpoints,
            shards=_plan(config),
            failures=plugins.failures,
            strict=options.strict,
            wait=options.wait,
            report=lambda fact: terminal.report(fact) if terminal is not None else None,
            learn=secrets.add,
            store=stack.enter_context(store_of(loaded, trial=options.simulate)),
            limits=Limits(
                deafness=None if silence is None else Patience(silence=silence),
                skips=config.watchdogs.skipped_numbers,
            ),
            blocked_after=config.watchdogs.blocked_loop,
            memory_limit=None if config.watchdogs.memory is None else config.watchdogs.memory * 1_000_000,
            tap=recorder.take if recorder is not None else None,
        )
        client.status.simulated = config.simulation is not None
        if is_temporary(config, trial=options.simulate):
            client.status.fate = Fate.GONE
        client.status.config = str(loaded.path)
        terminal = await stack.enter_async_context(
            Terminal(
                choose_mode(options.ui, stderr_is_tty=streams.is_tty, term=os.environ.get("TERM", "")),
                snapshot=client.snapshot,
                clock=time.monotonic,
                secrets=secrets,
                level=logging.DEBUG if options.verbose else logging.INFO,
                stderr=streams.err,
                stdout=streams.out,
                ascii_only=options.ascii_only,
            )
        )
        _announce(loaded, plugins, intents, asked, trial=options.simulate)
        try:
            with placed(loaded):
                await until_told(client, again=partial(leave, terminal.close), duration=duration)
        except PluginError as exc:  # the client does not know of the file in which plugins are switched off
            raise PluginError(exc.message, help=_way_out(client.status.failures)) from exc
        if recorder is not None and recorder.left_out:
            logger.warning("%d events are not in %s", recorder.left_out, options.record)
    return await _left_over()


def _announce(
    loaded: Loaded, plugins: PluginSet, intents: Intents, asked: Intents | None, *, trial: bool
) -> None:
    """Say what is going to happen, and what is odd about it."""
    config = loaded.config
    host = config.hosts.rest(sandbox=config.sandbox)
    where = "the embedded simulator" if config.simulation else host
    names = ", ".join(f"{plugin.name} {plugin.version}".strip() for plugin in plugins.plugins)
    count = counted(len(plugins.plugins), "plugin")
    logger.info(
        "qqbot %s: %s against %s, %s%s",
        version("qqbot-cli"),
        loaded.path,
        where,
        count,
        f" ({names})" if names else "",
    )
    for note in config.notes:
        logger.warning("%s", note)
    if trial and config.store.path is not None:
        logger.info("--simulate leaves the store %s alone and has one of its own", config.store.path)
    if config.store.kind == "memory":
        logger.warning("store: memory: sessions, and events that are not done, end with this process")
    for failure in plugins.failures:
        first, *others = failure.reason.split("\n")
        logger.error("plugin %s is not loaded: %s", failure.name, first)
        for line in others:
            logger.error("%s", line)
    if asked is not None:
        for warning in unheard_callbacks(plugins.plugins, intents):
            logger.warning("%s", warning)
        if unused := unused_intents(plugins.plugins, intents):
            logger.info("intents nobody handles: %s", ", ".join(unused.names()))


async def _left_over() -> bool:
    """End the tasks that plugins started and return whether some refuse."""
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    if not tasks:
        return False
    _, pending = await asyncio.wait(tasks, timeout=_SETTLE)
    return bool(pending)
