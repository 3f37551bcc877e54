"""`--json`: one object on stdout with the key `ok`, whatever happens; errors go their usual way besides."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec

import typer

from qqbot_cli.errors import ExitCode, QQBotError

P = ParamSpec("P")


def print_object(answer: Mapping[str, Any]) -> None:
    """Print *answer* as the object of a command that has succeeded."""
    typer.echo(json.dumps({"ok": True, **answer}, ensure_ascii=False))


@contextmanager
def failing_as_object(wanted: bool, secrets: Callable[[str], str] = str) -> Iterator[None]:
    """Let a deliberate error in the block be an object too if that is *wanted*; *secrets* takes them out."""
    try:
        yield
    except QQBotError as exc:
        if wanted:
            _print_failure(secrets(exc.message), exc.exit_code, help_=secrets(exc.help))
        raise
    except typer.BadParameter as exc:
        if wanted:
            _print_failure(exc.format_message(), ExitCode.USAGE)
        raise


def _print_failure(error: str, code: ExitCode, *, help_: str = "") -> None:
    failure = {"ok": False, "error": error, "help": help_, "exit_code": int(code)}
    typer.echo(json.dumps(failure, ensure_ascii=False))


def json_command(command: Callable[P, None]) -> Callable[P, None]:
    """Let the errors of a command with the flag `json` be objects if it is given."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        with failing_as_object(bool(kwargs.get("json"))):
            command(*args, **kwargs)

    return wrapped
