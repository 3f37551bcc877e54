"""Where a bot keeps its sessions and events, and under which name."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Final

from qqbot_cli.bot.wording import ranges
from qqbot_cli.cli.target import Loaded, state_dir
from qqbot_cli.config.schema import Config
from qqbot_cli.errors import ConfigError, ExitCode, StoreError
from qqbot_cli.model.inbox import Store
from qqbot_cli.store.sqlite import SqliteStore

_NAME: Final = "inbox.sqlite3"
_LONGEST: Final = 100


@contextmanager
def store_of(loaded: Loaded, *, trial: bool) -> Iterator[Store | None]:
    """Give the store that the configuration means, not opened; None for memory.

    A simulated bot begins anew each time, on a platform that has just come into being: what it keeps goes
    the same way, but is gone with it, unless the configuration names a file.

    Args:
        loaded: The configuration.
        trial: Whether it is simulated by a flag: the file may be that of the real bot then.
    """
    config = loaded.config
    if config.store.kind == "memory":
        yield None
        return
    if is_temporary(config, trial=trial):
        with tempfile.TemporaryDirectory(prefix="qqbot-", ignore_cleanup_errors=True) as folder:
            yield _sqlite(config, Path(folder) / _NAME)
        return
    yield _sqlite(config, store_path(loaded))


def is_temporary(config: Config, *, trial: bool) -> bool:
    """Whether the store is gone after the run, together with the platform that was simulated for it."""
    chosen = config.store.path is not None and not trial
    return config.simulation is not None and config.store.kind != "memory" and not chosen


@contextmanager
def placed(loaded: Loaded) -> Iterator[None]:
    """Add to what is wrong with a store by configuration where that was written."""
    try:
        yield
    except StoreError as exc:
        if exc.help and exc.exit_code is ExitCode.CONFIG:
            key = "state_dir" if loaded.config.store.path is None else "store"
            exc.help += written_at(loaded.config, key)
        raise


def written_at(config: Config, key: str) -> str:
    """Return where the value of *key* is from, in brackets; nothing for a default."""
    known = config.document.known((key,))
    return f" ({config.document.place(known)})" if known else ""


def _sqlite(config: Config, path: Path) -> SqliteStore:
    return SqliteStore(
        path, bot=bot_of(config), full=config.inbox.power_safe, retention=config.inbox.retention()
    )


def bot_of(config: Config) -> str:
    """Return what a store calls the bot; it stands in files, so it never changes."""
    if config.simulation is not None:
        return "a simulated bot"
    appid = "" if config.token is None else config.token.appid
    return f"bot {appid} in the sandbox" if config.sandbox else f"bot {appid}"


def store_path(loaded: Loaded) -> Path:
    """Return the file of the store; bots, their sandboxes and processes with other shards have others.

    Raises:
        ConfigError: If there is no such file by configuration.
    """
    config = loaded.config
    if config.store.kind == "memory":
        raise ConfigError("store: memory keeps nothing", help="write store: sqlite, and run the bot")
    if config.store.path is not None:
        return loaded.cwd / loaded.path.parent / config.store.path
    if config.simulation is not None:
        raise ConfigError(
            "a simulated bot keeps its store only until it ends",
            help="to look into it, name a file: store: sqlite:///inbox.sqlite3",
        )
    if config.token is None:
        raise ConfigError("token.appid is missing, which tells whose store it is")
    parts = ["inbox", "sandbox" if config.sandbox else ""]
    if config.shards.ids is not None:
        parts.append(f"shards-{_in_a_name(ranges(config.shards.ids))}-of-{config.shards.count}")
    name = ".".join(filter(None, parts))
    return state_dir(loaded) / config.token.appid / f"{name}.sqlite3"


def _in_a_name(shards: str) -> str:
    """Return *shards*, or what stands for a list that is too long for the name of a file."""
    if len(shards) <= _LONGEST:
        return shards
    return f"{shards[: _LONGEST // 2]}~{blake2b(shards.encode(), digest_size=8).hexdigest()}"
