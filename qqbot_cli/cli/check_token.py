"""`qqbot check-token`: are appid and secret right, and who is the bot."""

from __future__ import annotations

import asyncio
from pathlib import Path

from qqbot_cli.bot.platform import Platform
from qqbot_cli.cli.answer import Answer, answer_question, mode_word
from qqbot_cli.cli.redact import clean


def check(path: Path | None, *, sandbox: bool | None, simulate: bool, as_json: bool) -> None:
    """Carry out the command."""
    answer_question(path, sandbox=sandbox, simulate=simulate, as_json=as_json, ask=_ask, word=_word)


async def _ask(platform: Platform) -> Answer:
    bot = await platform.api.get_bot_info()
    expires_at = platform.tokens.expires_at
    now = asyncio.get_running_loop().time()
    return {
        "token_expires_in": None if expires_at is None else round(expires_at - now),
        "bot": {"id": bot.id, "username": bot.username, "share_url": bot.share_url},
    }


def _word(answer: Answer) -> str:
    bot = answer["bot"]
    lines = [
        f"token ok, {answer['token_expires_in']} s left",
        f"bot   {clean(bot['username'])} ({clean(bot['id'])}), {mode_word(answer)}",
    ]
    if bot["share_url"]:
        lines.append(f"add   {clean(bot['share_url'])}")
    return "\n".join(lines)
