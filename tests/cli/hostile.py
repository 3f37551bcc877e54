"""A plugin that does what it is told in a group, a real `qqbot run` with it, and the screen it draws on."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from qqbot_cli import Simulation, Simulator
from qqbot_cli.model.simulation import FaultKind
from tests.cli.test_commands import live, plugin_package
from tests.conftest import CANARY, OUTPUT
from tests.forked import QQBOT, Forked

SOURCE = """
import asyncio, logging, logging.config, os, signal, socket, sys, time
from qqbot_cli import EventHandler

class Handler(EventHandler):
    async def setup(self, context):
        self._kept = []
        self._tasks = []

    async def group_message_create(self, session):
        deed = getattr(self, "_" + session.event.text, None)
        if deed is not None:
            await deed()
        await session.reply("done")

    async def _sleep(self):
        time.sleep(float(os.environ.get("SECONDS", "3")))

    async def _exit(self):
        sys.exit(3)

    async def _interrupt(self):
        raise KeyboardInterrupt

    async def _generator_exit(self):
        raise GeneratorExit

    async def _exit_in_a_task(self):
        async def leave():
            sys.exit(3)
        self._tasks.append(asyncio.create_task(leave()))

    async def _interrupt_in_a_task(self):
        async def leave():
            raise KeyboardInterrupt
        self._tasks.append(asyncio.create_task(leave()))

    async def _leak(self):
        try:
            while True:
                self._kept.append(open(os.devnull))
        except OSError:
            pass
        async def take_what_comes_free():
            while True:
                try:
                    self._kept.append(open(os.devnull))
                except OSError:
                    await asyncio.sleep(0)
        self._tasks.append(asyncio.create_task(take_what_comes_free()))

    async def _fill_threads(self):
        for _ in range(64):
            self._tasks.append(asyncio.ensure_future(asyncio.to_thread(time.sleep, 3600)))

    async def _print(self):
        print("said on stdout")
        print("said on stderr", file=sys.stderr)

    async def _basic_config(self):
        logging.basicConfig(force=True, level=logging.ERROR)
        logging.disable(logging.CRITICAL)

    async def _dict_config(self):
        logging.config.dictConfig({"version": 1, "root": {"level": "CRITICAL", "handlers": []}})

    async def _log(self):
        logging.getLogger("weather").info("logged by the plugin")

    async def _close_streams(self):
        sys.stdout.close()
        sys.stderr.close()
        sys.__stdout__.close()
        sys.__stderr__.close()

    async def _close_descriptors(self):
        os.close(1)
        os.close(2)
        for _ in range(2):  # and something else gets their numbers
            self._kept.append(open(os.environ["MARK"], "w"))

    async def _real_stdout(self):
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__

    async def _chdir(self):
        os.chdir("/")

    async def _signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
"""


class Screen:
    """What a process writes to a terminal or a pipe."""

    def __init__(self, descriptor: int) -> None:
        self.written = b""
        self._descriptor = descriptor
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(descriptor, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self._descriptor)
        self.written += data
        self._changed.set()

    @property
    def text(self) -> str:
        return self.written.decode("utf-8", "replace")

    async def shows(self, words: str, *, after: int = 0, timeout: float = 15.0) -> None:
        async with asyncio.timeout(timeout):
            while words.encode() not in self.written[after:]:
                self._changed.clear()
                await self._changed.wait()

    def close(self) -> None:
        """The window is closed, or the reader leaves."""
        if self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1


class Victim:
    """A running `qqbot run` with the plugin."""

    def __init__(self, simulator: Simulator, process: Forked, err: Screen, out: Screen) -> None:
        self.simulator = simulator
        self.process = process
        self.err = err
        self.out = out

    async def told(self, deed: str, *, timeout: float = 15.0) -> None:
        """Let the plugin do *deed*, and wait until it has."""
        await self.answered(await self.simulator.say_group(deed), timeout=timeout)

    async def answered(self, message_id: str, *, timeout: float = 15.0) -> None:
        await self.simulator.wait_for(lambda: self.simulator.replies_to(message_id), timeout)

    async def still_hears(self, *, timeout: float = 15.0) -> None:
        await self.told("nothing", timeout=timeout)

    async def resumes(self) -> None:
        """Have the connection ended, and wait until the session goes on and the plugin hears."""
        before, shown = self.simulator.stats.resumes, len(self.err.written)
        await self.simulator.inject(FaultKind.DROP)
        await self.simulator.wait_for(lambda: self.simulator.stats.resumes > before, 20)
        await self.simulator.say_group("print")
        await self.err.shows("said on stdout", after=shown)

    async def ends(self, number: int = signal.SIGTERM, *, within: float = 12.0) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, within)


Open = Callable[..., Awaitable[Victim]]


@asynccontextmanager
async def victim(
    folder: Path,
    *,
    pty: bool = False,
    more: str = "",
    env: dict[str, str] | None = None,
    before: str = "",
    arguments: tuple[str, ...] = (),
    host: str = "127.0.0.1",
    **simulation: float,
) -> AsyncIterator[Victim]:
    """Run a bot and its platform.

    Args:
        folder: Where its files are; the working directory.
        pty: Whether its streams are a terminal of its own.
        more: Lines of the configuration.
        env: Variables.
        before: Statements for the process before it becomes a bot.
        arguments: More of the command line.
        host: By which name it knows the platform.
        simulation: Settings of the simulator.
    """
    settings = Simulation(users=0, shards=1, **simulation)  # type: ignore[arg-type]
    async with Simulator(settings, secret=CANARY) as simulator:
        file = live(simulator, folder, more=more)
        gateway = simulator.endpoints.api.replace("http", "ws") + "/websocket/"
        text = file.read_text().replace("endpoints:\n", f"endpoints:\n  gateway: {gateway}\n")
        file.write_text(text.replace("127.0.0.1", host))
        variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("QQBOT_")},
            **plugin_package(folder, "hostile", SOURCE),
            "TERM": "xterm",
            "PYTHONIOENCODING": "utf-8",
            **(env or {}),
        }
        arguments = ("run", file.name, "--only", "hostile", *arguments)
        program = f"{before}\n{QQBOT}"
        streams: tuple[int | None, int, int]
        if pty:
            program = f"import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n{program}"
            screen, terminal = os.openpty()
            streams = (terminal, terminal, terminal)
            ends = [screen]
        else:
            (out, out_writer), (err, err_writer) = os.pipe(), os.pipe()
            streams = (None, out_writer, err_writer)
            ends = [err, out]
        process = Forked(program, arguments, cwd=folder, env=variables, ends=streams, session=True)
        for descriptor in {*streams} - {None}:
            os.close(descriptor)
        screens = [Screen(descriptor) for descriptor in ends]
        bot = Victim(simulator, process, screens[0], screens[-1])
        try:
            await simulator.wait_for(lambda: simulator.stats.identifies or process.poll() is not None, 20)
            await bot.still_hears()
            yield bot
        finally:
            if process.poll() is None:
                process.kill()
            await asyncio.to_thread(process.wait)
            for screen_ in screens:
                OUTPUT.append(("hostile", screen_.text))
                screen_.close()
