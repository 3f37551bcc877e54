"""Which configuration a command uses, and which platform that leads to: the real one or a simulated one."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from qqbot_cli.cli.redact import Redactor
from qqbot_cli.config.load import Overrides, find_config, load_config
from qqbot_cli.config.schema import Config
from qqbot_cli.errors import ConfigError
from qqbot_cli.model.hosts import Endpoints
from qqbot_cli.protocol.token import Token


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration and where it was found."""

    config: Config
    path: Path
    """As it was found; to be shown."""
    cwd: Path = field(default_factory=Path.cwd)
    """What relative paths are relative to, before a plugin may change it."""


@dataclass(frozen=True, slots=True)
class Target:
    """Who to be, and where."""

    token: Token
    endpoints: Endpoints


def load(argument: Path | None, overrides: Overrides, plugins: Collection[str] | None = None) -> Loaded:
    """Find and read the configuration; the plugins that it names have to be in *plugins* unless that is None.

    Raises:
        ConfigError: If there is none, or if anything is wrong with it; the message is the whole report.
    """
    user_dir = Path(platformdirs.user_config_dir("qqbot", appauthor=False))
    path = find_config(argument, environ=os.environ, cwd=Path(), user_dir=user_dir)
    config = load_config(path, environ=os.environ, overrides=overrides, plugins=plugins)
    return Loaded(config, path)


def state_dir(loaded: Loaded) -> Path:
    """Return the folder for locks and state, which may not exist yet; absolute."""
    configured = loaded.config.state_dir
    return loaded.cwd / (configured or Path(platformdirs.user_state_dir("qqbot", appauthor=False)))


@asynccontextmanager
async def target_of(config: Config, secrets: Redactor) -> AsyncIterator[Target]:
    """Give the platform that *config* means; a simulated one lives as long as the block."""
    if config.simulation is not None:
        from qqbot_cli.simulator import Simulator

        async with Simulator(config.simulation) as simulator:
            secrets.add(simulator.secret)
            yield Target(Token(simulator.appid, simulator.secret), simulator.endpoints)
        return
    if config.token is None:
        raise ConfigError("token: appid and secret are missing")
    secret = config.token.secret.get_secret_value()
    secrets.add(secret)
    yield Target(Token(config.token.appid, secret), config.hosts)
