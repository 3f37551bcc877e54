"""Chaos: a real `qqbot run` behind a bad network, killed again and again, and nothing may be lost.

`python benchmarks/chaos.py [--minutes N | --seconds N] [--seed N]`. A simulated platform with a front, people
who talk, some thirty faults a minute, two `kill -9` a minute; then everything is healed and the invariants
are checked. Faults, kills and people follow from the seed; what meets what in which millisecond does not.
Ends with 1 if an invariant is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that it runs from anywhere, without being installed

from benchmarks.chaos_excuse import RecordedGap  # noqa: E402
from benchmarks.chaos_judge import Evidence, Kill, Verdict, judge  # noqa: E402
from benchmarks.chaos_plan import SHARDS, Deed, plan_faults, plan_kills  # noqa: E402
from benchmarks.chaos_witness import HISTORY, Line, Witness, read_lines  # noqa: E402
from qqbot_cli.bot import retry  # noqa: E402
from qqbot_cli.model.events import EVENTS  # noqa: E402
from qqbot_cli.model.inbox import State  # noqa: E402
from qqbot_cli.model.simulation import FaultKind, Simulation  # noqa: E402
from qqbot_cli.simulator import (  # noqa: E402
    Bandwidth,
    Blackhole,
    Emitted,
    Hang,
    Latency,
    Limit,
    Refuse,
    Rst,
    Simulator,
    Slice,
    SlowClose,
    Switches,
    Toxic,
    Way,
    wire,
)
from qqbot_cli.store.sqlite import SqliteStore  # noqa: E402

SECRET: Final = "canary-secret-5b1c9d7e"
INTERVAL: Final = 5.0
"""Seconds between heartbeats; the shortest that qqbot accepts."""
HANDLED: Final = frozenset(row.name for row in EVENTS.values() if row.callback in vars(Witness))
_MANY: Final = 1_000_000
PATIENCE: Final = max(retry.DELAYS) + 15.0
"""Seconds after the last fault until everything has to be handled: the longest pause before another run is
among them."""
_CATCHING_UP: Final = 0.4
"""Of the run, for what a conversation is behind: one event after the other, and each failure is a pause."""
_SAMPLE: Final = 0.5
_WARM: Final = 3.0
"""Seconds after which a process has loaded everything."""
_PAGE: Final = os.sysconf("SC_PAGE_SIZE") / (1 << 20)

TOXICS: Final[dict[str, Callable[[Deed], Toxic]]] = {
    "reset": lambda deed: Rst(),
    "reset_after": lambda deed: Rst(int(deed.amount)),
    "limit": lambda deed: Limit(int(deed.amount)),
    "blackhole": lambda deed: Blackhole(),
    "latency": lambda deed: Latency(deed.amount, jitter=deed.amount / 3),
    "bandwidth": lambda deed: Bandwidth(deed.amount),
    "slice": lambda deed: Slice(int(deed.amount), delay=0.001),
    "slow_close": lambda deed: SlowClose(deed.amount),
    "refuse": lambda deed: Refuse(),
    "hang": lambda deed: Hang(),
}
SWITCHES: Final[dict[str, Callable[[Deed], tuple[str, Any]]]] = {
    "fragments": lambda deed: ("fragment_size", int(deed.amount)),
    "upgrade": lambda deed: ("upgrade", deed.detail),
    "no_hello": lambda deed: ("hello", False),
    "rest_down": lambda deed: ("rest_down", deed.detail),
    "token_down": lambda deed: ("token_down", deed.detail),
}
"""Kind of a fault -> the switch that makes it, and its value meanwhile."""


class Bot:
    """The process, and its successors."""

    def __init__(self, folder: Path, simulator: Simulator, evidence: Evidence) -> None:
        self._folder = folder
        self._evidence = evidence
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0
        self._began = 0.0
        self._base: float | None = None
        where = simulator.endpoints
        facts = {
            "token": {"appid": simulator.appid, "secret": SECRET},
            "endpoints": {"api": where.api, "sandbox_api": where.sandbox_api, "token": where.token},
            "state_dir": str(folder / "state"),
            "store": f"sqlite:///{folder / 'inbox.sqlite3'}",
            # Shorter than the faults are long, so that calls meet their ends too; handlers outlast them.
            "timeout": "4s",
            "plugins": {"witness": {"timeout": "60s"}},
        }
        self._config = folder / "config.yaml"
        self._config.write_text(yaml.safe_dump(facts), encoding="utf-8")
        self._config.chmod(0o600)
        info = folder / "site" / "qqbot_plugin_witness-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: qqbot-plugin-witness\nVersion: 1.0\n")
        entry = "[qqbot.plugins]\nwitness = benchmarks.chaos_witness:Witness\n"
        (info / "entry_points.txt").write_text(entry)

    @property
    def store(self) -> Path:
        """Where its events are kept."""
        return self._folder / "inbox.sqlite3"

    def start(self) -> None:
        """Start a process, which says more than usual every other time."""
        self._count += 1
        self._began, self._base = time.monotonic(), None
        command = [sys.executable, "-m", "qqbot_cli", "run", str(self._config)]
        command += ["--ui", "plain", "--only", "witness", *["--verbose"] * (self._count % 2)]
        path = os.pathsep.join((str(ROOT), str(self._folder / "site")))
        with (self._folder / f"output-{self._count:03}.txt").open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=self._folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": path, HISTORY: str(self._folder / "history.txt")},
            )

    def kill(self) -> None:
        """End it as a power failure would."""
        process, self._process = self._process, None
        assert process is not None
        if process.poll() is not None:  # it was quicker
            self._evidence.exits.append(process.returncode)
            return
        self._evidence.kills.append(Kill(time.monotonic(), process.pid))
        process.kill()
        process.wait()

    async def end(self, patience: float = 15.0) -> None:
        """End it as an operator does."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(self._process.wait, patience)
        self._evidence.exits.append(self._process.returncode)

    def watch(self) -> None:
        """Look at its memory, and start it again if it has ended by itself."""
        if self._process is None:
            return
        if self._process.poll() is not None:
            self._evidence.exits.append(self._process.returncode)
            self.start()
            return
        with contextlib.suppress(OSError, ValueError, IndexError):
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1])
            if self._base is None and time.monotonic() - self._began > _WARM:
                self._base = pages * _PAGE
            if self._base is not None:
                self._evidence.growth = max(self._evidence.growth, pages * _PAGE - self._base)

    def output(self) -> str:
        """Return what all processes have printed."""
        files = sorted(self._folder.glob("output-*.txt"))
        return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)

    def history(self) -> list[Line]:
        """Return what the plugin wrote; a kill may have cut the last line of a process short."""
        return read_lines((self._folder / "history.txt").read_text(encoding="utf-8"))


class Chaos:
    """One run."""

    def __init__(self, seed: int, seconds: float, folder: Path) -> None:
        self._seed = seed
        self._seconds = seconds
        self._folder = folder
        self._evidence = Evidence(INTERVAL, SECRET, HANDLED)

    async def run(self) -> Verdict:
        """Let it happen, and judge it."""
        simulation = Simulation(
            users=20,
            seed=self._seed,
            shards=SHARDS,
            pace=1.0,
            heartbeat_interval=INTERVAL,
            max_concurrency=SHARDS,
            repeats=self._seed % 3,
        )
        async with Simulator(simulation, secret=SECRET, front=True) as simulator:
            simulator.switches.trim_on_heartbeat = bool(self._seed % 2)
            simulator.switches.replay_frames = 100_000
            bot = Bot(self._folder, simulator, self._evidence)
            bot.start()
            watching = asyncio.create_task(self._watch(bot))
            try:
                await simulator.wait_for(lambda: simulator.stats.identifies == SHARDS, 20)
                await asyncio.gather(self._spoil(simulator), self._kill(bot))
                await self._heal(simulator, bot)
            finally:
                watching.cancel()
                await asyncio.wait((watching,))
            self._evidence.stopped = time.monotonic()
            await bot.end()
            await self._collect(simulator, bot)
        return judge(self._evidence)

    async def _watch(self, bot: Bot) -> None:
        while True:
            await asyncio.sleep(_SAMPLE)
            bot.watch()

    async def _spoil(self, simulator: Simulator) -> None:
        begun = time.monotonic()
        for deed in plan_faults(self._seed, self._seconds):
            await asyncio.sleep(begun + deed.at - time.monotonic())
            self._evidence.deeds.append((time.monotonic(), deed))
            await do(deed, simulator)
        await asyncio.sleep(begun + self._seconds - time.monotonic())

    async def _kill(self, bot: Bot) -> None:
        begun = time.monotonic()
        for at, pause in plan_kills(self._seed, self._seconds):
            await asyncio.sleep(begun + at - time.monotonic())
            bot.kill()
            self._evidence.stored.append((time.monotonic(), await sessions_in(bot.store)))
            await asyncio.sleep(pause)
            bot.start()

    async def _heal(self, simulator: Simulator, bot: Bot) -> None:
        """End all faults, let people fall silent, and wait until everything is handled."""
        switches = simulator.switches
        switches.hush = True
        healthy = Switches()
        for name in ("upgrade", "hello", "rest_down", "token_down", "fragment_size", "lose_answers"):
            setattr(switches, name, getattr(healthy, name))
        switches.rest_fail_next.clear()
        simulator.front.clear()
        simulator.heal()
        # A reordering that has begun still holds events back: RESUME brings them.
        await simulator.inject(FaultKind.DROP)
        healed = time.monotonic()
        self._evidence.deeds.append((healed, Deed(self._seconds, FaultKind.DROP)))
        patience = max(PATIENCE, min(90.0, self._seconds), _CATCHING_UP * self._seconds)
        while time.monotonic() < healed + patience:
            done = {line.event_id for line in bot.history() if line.verb == "done"}
            # Nothing more becomes of what was given up; whether it should have been, the judge says.
            done |= {event_id for event_id, _ in await dead_in(bot.store)}
            if all(one.id in done for one in emitted_by(simulator)):
                self._evidence.drained = time.monotonic() - healed
                return
            await asyncio.sleep(0.2)

    async def _collect(self, simulator: Simulator, bot: Bot) -> None:
        evidence = self._evidence
        evidence.timeline = simulator.timeline
        evidence.lines = bot.history()
        evidence.messages = simulator.messages
        evidence.violations = simulator.stats.violations
        evidence.stored.append((time.monotonic(), await sessions_in(bot.store)))
        evidence.dead = await dead_in(bot.store)
        evidence.waiting = frozenset(await waiting_in(bot.store))
        async with SqliteStore(bot.store, tool=True) as store:
            ahead = time.time() - time.monotonic()
            evidence.gaps = [
                RecordedGap(gap.to_at - ahead, gap.shard, gap.reason) for gap in await store.gaps(_MANY)
            ]
        evidence.output = bot.output()
        told = sorted([*evidence.deeds, *evidence.timeline], key=lambda one: one[0])
        text = "\n".join(f"{at:.6f} {what}" for at, what in told)
        (self._folder / "platform.txt").write_text(f"{text}\n", encoding="utf-8")


def emitted_by(simulator: Simulator) -> list[Emitted]:
    """Return the events that the plugin has to see."""
    return [
        record
        for record in simulator.history
        if isinstance(record, Emitted) and record.seq and record.name in HANDLED
    ]


async def sessions_in(path: Path) -> dict[int, tuple[str, int]]:
    """Return shard -> session id and sequence number, as a store has them."""
    if not path.exists():
        return {}
    async with SqliteStore(path, tool=True) as store:
        return {one.shard: (one.session_id, one.seq) for one in await store.sessions()}


async def dead_in(path: Path) -> list[tuple[str, str]]:
    """Return event id and error of what was given up."""
    async with SqliteStore(path, tool=True) as store:
        return [(one.received.event_id, one.error) for one in await store.list_events(State.DEAD, 10_000)]


async def waiting_in(path: Path) -> list[str]:
    """Return the ids of events that are stored and not done."""
    async with SqliteStore(path, tool=True) as store:
        return [one.received.event_id for one in await store.list_events(State.WAITING, 100_000)]


async def do(deed: Deed, simulator: Simulator) -> None:
    """Carry out one fault; what lasts ends by itself."""
    switches, front = simulator.switches, simulator.front
    if deed.kind in TOXICS:
        ways = tuple(Way) if deed.detail == "both" else (Way(deed.detail),)
        front.add(TOXICS[deed.kind](deed), *ways, seconds=deed.seconds)
    elif deed.kind in SWITCHES:
        name, value = SWITCHES[deed.kind](deed)
        setattr(switches, name, value)
        usual = getattr(Switches(), name)
        asyncio.get_running_loop().call_later(deed.seconds, setattr, switches, name, usual)
    elif deed.kind in _OTHERS:
        await _OTHERS[deed.kind](deed, simulator)
    else:
        seconds = deed.seconds or None
        await simulator.inject(FaultKind(deed.kind), deed.amount, shard=deed.shard, seconds=seconds)


async def _malformed(deed: Deed, simulator: Simulator) -> None:
    await simulator.send_below(wire.MALFORMED[deed.detail], shard=deed.shard)


async def _garbage(deed: Deed, simulator: Simulator) -> None:
    await simulator.send_raw('{"op":0,"s":', shard=deed.shard)


async def _rest_fail(deed: Deed, simulator: Simulator) -> None:
    simulator.switches.rest_fail_next += [(500, {"code": 50001, "message": "on purpose"})] * int(deed.amount)


async def _lose_answers(deed: Deed, simulator: Simulator) -> None:
    simulator.switches.lose_answers += int(deed.amount)


async def _revoke(deed: Deed, simulator: Simulator) -> None:
    simulator.revoke_tokens()


_OTHERS: Final[dict[str, Callable[[Deed, Simulator], Awaitable[None]]]] = {
    "malformed": _malformed,
    "garbage": _garbage,
    "rest_fail": _rest_fail,
    "lose_answers": _lose_answers,
    "revoke": _revoke,
}


def main() -> int:
    """Run and print; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=10.0)
    length.add_argument("--seconds", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--keep", type=Path, help="folder for configuration, store, output and what the platform did"
    )
    options = parser.parse_args()
    seconds = options.seconds or options.minutes * 60
    with contextlib.ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(TemporaryDirectory(prefix="qqbot-chaos-")))
        folder.mkdir(parents=True, exist_ok=True)
        verdict = asyncio.run(Chaos(options.seed, seconds, folder).run())
    print(f"chaos: seed {options.seed}, {seconds:g} s")
    for name, value in verdict.figures:
        print(f"{name:26} {value}")
    for sentence in verdict.broken:
        print(f"BROKEN {sentence}")
    return 1 if verdict.broken else 0


if __name__ == "__main__":
    sys.exit(main())
