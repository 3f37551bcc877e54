"""`qqbot simulate`: the simulated platform by itself, for plugin authors and for clients in any language."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NoReturn

import typer
import yaml

from qqbot_cli.bot.stop import stop_signals
from qqbot_cli.bot.wording import counted
from qqbot_cli.cli.events import event_named
from qqbot_cli.cli.flags import duration_of
from qqbot_cli.cli.json_object import print_object
from qqbot_cli.cli.leave import leave
from qqbot_cli.cli.recording import RecordedFrame, RecordingError, read_recording
from qqbot_cli.cli.target import load
from qqbot_cli.config.load import Overrides
from qqbot_cli.model.events import READY, RESUMED
from qqbot_cli.model.simulation import Emission, Simulation
from qqbot_cli.simulator import Simulator
from qqbot_cli.simulator.defaults import DEFAULTS

_USUAL_GAP: Final = 0.05
"""Seconds between two events of a recording that does not say when they happened."""
_LONGEST_GAP: Final = 1.0
"""Seconds; nobody wants to sit through a quiet night again."""


@dataclass(frozen=True, slots=True)
class SimulateOptions:
    """What the command line says; None leaves a value to the configuration or its default."""

    config: Path | None = None
    users: int | None = None
    seed: int | None = None
    shards: int | None = None
    port: int = 0
    duration: str | None = None
    emit: tuple[str, ...] = ()
    """Names of events, or ``all``."""
    replay: str | None = None
    """File with a recording, or ``-``."""
    as_json: bool = False


def simulate_platform(options: SimulateOptions) -> None:
    """Serve until stopped; on stdout stands what a client needs."""
    duration = None if options.duration is None else duration_of(options.duration, "--for")
    simulation = Simulation()
    if options.config is not None:
        simulation = load(options.config, Overrides(simulate=True)).config.simulation or simulation
    given = {name: getattr(options, name) for name in ("users", "seed", "shards")}
    if options.replay is not None and options.users is None:
        given["users"] = 0  # the recording is all that happens
    simulation = replace(simulation, **{name: value for name, value in given.items() if value is not None})
    planned = tuple(Emission(name) for name in _emitted(options.emit))
    simulation = replace(simulation, events=(*simulation.events, *planned))
    frames = [] if options.replay is None else _recorded(options.replay)
    asyncio.run(_serve(simulation, options, frames, duration))


def _emitted(names: tuple[str, ...]) -> Iterator[str]:
    """Yield the platform's names of the events that *names* mean."""
    for name in names:
        if name.lower() == "all":
            yield from DEFAULTS
        else:
            yield event_named(name).name


def _recorded(name: str) -> list[RecordedFrame]:
    """Return the events to play: all of a recording but those that only a connection itself can cause."""

    def refuse(line: int, fault: str) -> NoReturn:
        raise RecordingError(f"{name}:{line}: {fault}", help="a recording has one frame a line")

    return [frame for frame in read_recording(name, unreadable=refuse) if frame.event not in (READY, RESUMED)]


async def _serve(
    simulation: Simulation, options: SimulateOptions, frames: list[RecordedFrame], duration: float | None
) -> None:
    stopped = asyncio.Event()
    async with Simulator(simulation, port=options.port) as simulator:
        facts = _connection(simulator)
        if options.as_json:
            print_object(facts)
        else:
            typer.echo(yaml.safe_dump(facts, sort_keys=False).rstrip())
        typer.echo(
            f"simulating QQ: {simulation.users} people, {simulation.shards} shards; Ctrl-C ends it", err=True
        )
        playing = asyncio.create_task(_play(simulator, frames), name="replay") if frames else None
        with stop_signals(drain=stopped.set, again=leave):
            try:
                async with asyncio.timeout(duration):
                    await stopped.wait()
            except TimeoutError:
                pass
        if playing is not None:
            playing.cancel()
            await asyncio.wait((playing,))
            if not playing.cancelled():
                playing.result()
        stats = simulator.stats
    typer.echo(
        f"simulated {stats.emitted} events: {stats.answered} answered, {stats.unanswered} unanswered,"
        f" {stats.violations} violations of the protocol",
        err=True,
    )


async def _play(simulator: Simulator, frames: list[RecordedFrame]) -> None:
    """Let the recorded *frames* happen in their order and pace, once a bot is there."""
    await simulator.wait_for(lambda: simulator.stats.identifies, timeout=None)
    before: float | None = None
    for frame in frames:
        gap = _USUAL_GAP if frame.at is None or before is None else frame.at - before
        await asyncio.sleep(max(0.0, min(gap, _LONGEST_GAP)))
        before = frame.at
        await simulator.emit(frame.event, frame.d, event_id=frame.id or None)
    typer.echo(f"replayed {counted(len(frames), 'event')}; Ctrl-C ends it", err=True)


def _connection(simulator: Simulator) -> dict[str, Any]:
    """Return credentials and addresses, as they stand in a configuration."""
    endpoints = simulator.endpoints
    return {
        "token": {"appid": simulator.appid, "secret": simulator.secret},
        "endpoints": {
            "api": endpoints.api,
            "sandbox_api": endpoints.sandbox_api,
            "token": endpoints.token,
            "gateway": endpoints.gateway,
        },
    }
