"""`qqbot simulate`: the simulated platform by itself, for plugin authors and for clients in any language."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import typer
import yaml

from qqbot_cli.cli.flags import duration_of
from qqbot_cli.cli.stop import stop_signals
from qqbot_cli.cli.target import load
from qqbot_cli.config.load import Overrides
from qqbot_cli.model.simulation import Simulation
from qqbot_cli.simulator import Simulator


@dataclass(frozen=True, slots=True)
class SimulateOptions:
    """What the command line says; None leaves a value to the configuration or its default."""

    config: Path | None = None
    users: int | None = None
    seed: int | None = None
    shards: int | None = None
    port: int = 0
    duration: str | None = None
    as_json: bool = False


def simulate_platform(options: SimulateOptions) -> None:
    """Serve until stopped; on stdout stands what a client needs."""
    duration = None if options.duration is None else duration_of(options.duration, "--for")
    simulation = Simulation()
    if options.config is not None:
        simulation = load(options.config, Overrides(simulate=True)).config.simulation or simulation
    given = {name: getattr(options, name) for name in ("users", "seed", "shards")}
    simulation = replace(simulation, **{name: value for name, value in given.items() if value is not None})
    asyncio.run(_serve(simulation, options, duration))


async def _serve(simulation: Simulation, options: SimulateOptions, duration: float | None) -> None:
    stopped = asyncio.Event()
    async with Simulator(simulation, port=options.port) as simulator:
        typer.echo(_connection(simulator, as_json=options.as_json))
        typer.echo(
            f"simulating QQ: {simulation.users} people, {simulation.shards} shards; Ctrl-C ends it", err=True
        )
        with stop_signals(drain=stopped.set, restore=lambda: None):
            try:
                async with asyncio.timeout(duration):
                    await stopped.wait()
            except TimeoutError:
                pass
        stats = simulator.stats
    typer.echo(
        f"simulated {stats.emitted} events: {stats.answered} answered, {stats.unanswered} unanswered,"
        f" {stats.violations} violations of the protocol",
        err=True,
    )


def _connection(simulator: Simulator, *, as_json: bool) -> str:
    """Return credentials and addresses, ready to be pasted into a configuration."""
    endpoints = simulator.endpoints
    facts: dict[str, Any] = {
        "token": {"appid": simulator.appid, "secret": simulator.secret},
        "endpoints": {
            "api": endpoints.api,
            "sandbox_api": endpoints.sandbox_api,
            "token": endpoints.token,
            "gateway": endpoints.gateway,
        },
    }
    return json.dumps(facts) if as_json else yaml.safe_dump(facts, sort_keys=False).rstrip()
