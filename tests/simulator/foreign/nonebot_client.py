"""A bot on nonebot2 with its QQ adapter, configured for other hosts.

Arguments: API base, token address, appid, secret.
"""

from __future__ import annotations

import sys

import nonebot  # type: ignore[import-not-found, unused-ignore]  # tested if it is installed
from nonebot.adapters.qq import (  # type: ignore[import-not-found, unused-ignore]
    Adapter,
    Bot,
    MessageEvent,
)


async def answer(bot: Bot, event: MessageEvent) -> None:
    """Repeat what the bot is told."""
    await bot.send(event, f"nonebot: {event.get_plaintext().strip()}")


def main(api: str, token: str, appid: str, secret: str) -> None:
    intent = {"c2c_group_at_messages": True, "at_messages": True}
    nonebot.init(
        driver="~aiohttp",
        log_level="WARNING",
        qq_api_base=api,
        qq_auth_base=token,
        qq_bots=[{"id": appid, "secret": secret, "intent": intent}],
    )
    nonebot.get_driver().register_adapter(Adapter)
    nonebot.on_message(handlers=[answer])
    nonebot.run()


if __name__ == "__main__":
    main(*sys.argv[1:5])
