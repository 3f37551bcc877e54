"""One process for each bot on a machine: a lock that the system releases, however the process ends.

Two processes with the same shards would take each other's sessions in turn, and each would look healthy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from qqbot_cli.errors import ConfigError
from qqbot_cli.store import lock


@contextmanager
def bot_lock(folder: Path, appid: str, shards: tuple[int, ...] | None) -> Iterator[None]:
    """Hold the bot *appid*, or only some of its shards, for the time of the block.

    Raises:
        ConfigError: If another process holds it, or if *folder* cannot be used.
    """
    names = [appid] if shards is None else [f"{appid}.{shard}" for shard in shards]
    with ExitStack() as held:
        for name in names:
            held.enter_context(_locked(folder / f"{name}.lock", f"bot {name}"))
        yield


@contextmanager
def _locked(path: Path, what: str) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not truncated: the file tells who holds the lock.
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        raise ConfigError(
            f"cannot use {path}: {exc.strerror}", help="choose another folder with state_dir:"
        ) from exc
    try:
        if not lock.take(file):
            holder = os.read(file, 32).decode("ascii", "replace").strip()
            raise ConfigError(
                f"{what} is already running, process {holder or 'unknown'}",
                help="stop that process first; to run several, give each other shards",
            )
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(file)
