"""Values of flags that need more than a type."""

from __future__ import annotations

import typer
from pydantic_core import PydanticCustomError

from qqbot_cli.config.values import seconds


def duration_of(text: str, flag: str) -> float:
    """Return the seconds that *text* after *flag* means; anything else is a usage error."""
    try:
        value = seconds(text)
    except PydanticCustomError:
        raise typer.BadParameter(
            "write a number of seconds, or 500ms, 30s, 5m or 1h", param_hint=flag
        ) from None
    if not value > 0:
        raise typer.BadParameter("must be more than 0", param_hint=flag)
    return value
