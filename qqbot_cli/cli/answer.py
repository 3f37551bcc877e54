"""Commands that ask the platform one question and print the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import typer

from qqbot_cli.bot.platform import Platform, open_platform
from qqbot_cli.cli.json_object import failing_as_object, print_object
from qqbot_cli.cli.redact import Redactor, clean
from qqbot_cli.cli.target import Loaded, load, target_of
from qqbot_cli.config.load import Overrides
from qqbot_cli.errors import ApiError, PlatformUnreachableError, RateLimitedError
from qqbot_cli.model.fact import Fact
from qqbot_cli.model.hosts import Endpoints
from qqbot_cli.protocol.request import is_passing

Answer = Mapping[str, Any]
Ask = Callable[[Platform], Awaitable[Answer]]


def answer_question(
    path: Path | None,
    *,
    sandbox: bool | None,
    simulate: bool,
    as_json: bool,
    ask: Ask,
    word: Callable[[Answer], str],
) -> None:
    """Ask the platform and print what it says: JSON if *as_json*, else in the words of *word*."""
    secrets = Redactor()
    with failing_as_object(as_json, secrets):
        loaded = load(path, Overrides(sandbox=sandbox, simulate=simulate))
        typer.echo(f"using {clean(str(loaded.path))}", err=True)
        answer = asyncio.run(_asked(loaded, secrets, ask))
    if as_json:
        print_object(answer)
    else:
        typer.echo(secrets(word(answer)))


async def _asked(loaded: Loaded, secrets: Redactor, ask: Ask) -> Answer:
    config = loaded.config
    async with (
        target_of(config, secrets) as target,
        open_platform(
            target.token,
            endpoints=target.endpoints,
            sandbox=config.sandbox,
            timeout=config.timeout,
            report=_ignore,
            learn=secrets.add,
        ) as platform,
    ):
        target.token.validate()
        try:
            answer = await ask(platform)
        except ApiError as exc:
            # Out of service is as good as away, also for the exit code: time mends both.
            if isinstance(exc, RateLimitedError) or is_passing(exc):
                raise PlatformUnreachableError(exc.message, help=exc.help) from exc
            raise
        return {
            **answer,
            "sandbox": config.sandbox,
            "simulated": config.simulation is not None,
            "elsewhere": None
            if target.endpoints == Endpoints()
            else _host(target.endpoints.rest(sandbox=config.sandbox)),
        }


def _host(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""


def _ignore(_fact: Fact) -> None:
    """The outcome of the one question says it all."""


def mode_word(answer: Answer) -> str:
    """Return which platform answered, in words: its host where that is not known to be the real one."""
    if answer["simulated"]:
        return "simulated"
    host = answer["elsewhere"]
    if answer["sandbox"]:
        return "sandbox" if host is None else f"sandbox at {clean(host)}"
    return "production" if host is None else clean(host)
