"""`qqbot gateway-info`: where the gateway is, how many shards it wants, how many sessions may be started."""

from __future__ import annotations

from pathlib import Path

from qqbot_cli.bot.platform import Platform
from qqbot_cli.bot.wording import counted, duration
from qqbot_cli.cli.answer import Answer, answer_question, mode_word
from qqbot_cli.cli.redact import clean


def show(path: Path | None, *, sandbox: bool | None, simulate: bool, as_json: bool) -> None:
    """Carry out the command."""
    answer_question(path, sandbox=sandbox, simulate=simulate, as_json=as_json, ask=_ask, word=_word)


async def _ask(platform: Platform) -> Answer:
    gateway = await platform.api.get_gateway()
    limit = gateway.session_start_limit
    return {
        "url": gateway.url,
        "shards": gateway.shards,
        "session_start_limit": {
            "total": limit.total,
            "remaining": limit.remaining,
            "reset_after": limit.reset_after,
            "max_concurrency": limit.max_concurrency,
        },
    }


def _word(answer: Answer) -> str:
    limit = answer["session_start_limit"]
    pace = counted(limit["max_concurrency"], "session")
    return "\n".join(
        (
            f"gateway  {clean(answer['url'])} ({mode_word(answer)})",
            f"shards   {answer['shards']} recommended",
            f"quota    {limit['remaining']} of {limit['total']} session starts left,"
            f" all back in {duration(limit['reset_after'])}",
            f"pace     {pace} every 5 s",
        )
    )
