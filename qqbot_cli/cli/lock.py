"""One process for each shard of a bot on a machine: locks that the system releases, however a process ends.

Two processes with the same shards would take each other's sessions in turn, and each would look healthy.

Each process keeps a file of its own locked, which says who it is and what it runs, and before that compares
itself with all others. Shards of another count are other cuts through the same guilds, and how many `auto`
will be is not known yet: only parts of one count can be told apart. The files stay; one that nobody has
locked is used again.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Self

from qqbot_cli.bot.manager import ShardPlan
from qqbot_cli.bot.wording import ranges
from qqbot_cli.config.values import shards_from_text
from qqbot_cli.errors import ConfigError, ExitCode
from qqbot_cli.store import lock
from qqbot_cli.store.hindrance import PASSING

_PAUSE: Final = 0.02
_LONGEST: Final = 8_192
"""Bytes of a file that are read; as many shards as there can be, each by itself, take less."""


@contextmanager
def bot_lock(
    folder: Path, appid: str, plan: ShardPlan, *, sandbox: bool, patience: float = 5.0, chosen: str = ""
) -> Iterator[None]:
    """Hold the shards of *plan* of the bot *appid*, in the sandbox or outside, for the time of the block.

    Another process that compares itself just now, which takes milliseconds, is waited for *patience* seconds.
    *chosen* says where *folder* was configured.

    Raises:
        ConfigError: If another process may have one of them, or if *folder* cannot be used.
    """
    with ExitStack() as held:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _hold(held, folder / (f"{appid}.sandbox" if sandbox else appid), plan, patience)
        except OSError as exc:
            error = ConfigError(
                f"cannot use {exc.filename or folder}: {exc.strerror}",
                help=f"choose another folder with state_dir:{chosen}",
            )
            if exc.errno in PASSING:
                error.exit_code = ExitCode.TEMPORARY
            raise error from exc
        yield


def _hold(held: ExitStack, bot: Path, plan: ShardPlan, patience: float) -> None:
    """Have *held* hold *plan*; the names of all files begin with *bot*."""
    with _LockFile(bot.with_name(f"{bot.name}.lock")) as door:  # one at a time compares and settles
        deadline = time.monotonic() + patience
        while not door.take():
            if time.monotonic() >= deadline:
                raise _held_up(bot.name, door)
            time.sleep(_PAUSE)
        door.write(str(os.getpid()))
        mine: _LockFile | None = None
        files = _files(bot)
        for path in files:
            with ExitStack() as opened:
                file = opened.enter_context(_LockFile(path))
                if not file.take():
                    _compare(bot.name, plan, file)
                elif mine is None:
                    mine = file
                    held.push(opened.pop_all())
        if mine is None:
            unused = next(
                path for number in range(len(files) + 1) if (path := _file(bot, number)) not in files
            )
            mine = held.enter_context(_LockFile(unused))
            mine.take()
        mine.write(f"{os.getpid()} {_text(plan)}")


def _file(bot: Path, number: int) -> Path:
    return bot.with_name(f"{bot.name}.{number}.lock")


def _files(bot: Path) -> list[Path]:
    name = re.compile(rf"{re.escape(bot.name)}\.[0-9]+\.lock")
    return sorted(path for path in bot.parent.iterdir() if name.fullmatch(path.name))


class _LockFile:
    """An open file, locked or not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # Not truncated: the file tells who holds the lock.
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        os.close(self._file)

    def take(self) -> bool:
        """Lock it; return False if another process has locked it."""
        return lock.take(self._file)

    def read(self) -> tuple[str, ShardPlan]:
        """Return the number of the process that wrote last, and what it runs."""
        words = os.read(self._file, _LONGEST).decode("ascii", "replace").partition(" ")
        try:
            section = shards_from_text(words[2])
        except ValueError:
            section = {}  # for all we know it runs everything
        ids = section.get("ids")
        return words[0].strip() or "unknown", ShardPlan(section.get("count"), ids and tuple(ids))

    def write(self, text: str) -> None:
        """Replace what is in it."""
        os.ftruncate(self._file, 0)
        os.write(self._file, f"{text}\n".encode())


def _compare(name: str, plan: ShardPlan, other: _LockFile) -> None:
    """Make sure that *plan* has nothing of what the holder of *other* runs."""
    process, theirs = other.read()
    same_count = plan.count == theirs.count
    if plan.ids is not None and theirs.ids is not None and same_count and not {*plan.ids} & {*theirs.ids}:
        return
    raise ConfigError(
        f"bot {name} is already running, process {process} with {_in_words(theirs)}; with"
        f" {_in_words(plan)} this one would take its sessions away ({other.path} is locked)",
        help="stop that process first; to run several, give each other shards of one count, such as"
        " --shards 0/2 and --shards 1/2",
    )


def _held_up(name: str, door: _LockFile) -> ConfigError:
    process, _ = door.read()
    error = ConfigError(
        f"bot {name} is just being started, process {process}, and that takes too long"
        f" ({door.path} is locked)",
        help="end that process if it hangs, then try again",
    )
    error.exit_code = ExitCode.TEMPORARY
    return error


def _text(plan: ShardPlan) -> str:
    """Return *plan* as `--shards` takes it."""
    if plan.ids is None:
        return "auto" if plan.count is None else str(plan.count)
    return f"{ranges(plan.ids)}/{plan.count}"


def _in_words(plan: ShardPlan) -> str:
    return "all shards" if plan.ids is None else f"shards {_text(plan)}"
