"""Emoji reactions to messages of guild channels."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.answer.reaction import ReactionUsers
from qqbot_cli.model.endpoints.row import Endpoint, Paging, Query

_PATH: Final = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_type}/{emoji_id}"
_NUMBERS: Final = ("emoji_type",)
_CODES: Final = (620001, 620005, 620006, 620007)

ROWS: Final = (
    Endpoint(
        "put_reaction",
        "PUT",
        _PATH,
        "React to a message with an emoji.",
        numbers=_NUMBERS,
        success=(204,),
        codes=(*_CODES, 620002, 620003),
        source="发表表情表态",
    ),
    Endpoint(
        "delete_reaction",
        "DELETE",
        _PATH,
        "Take back a reaction of the bot.",
        numbers=_NUMBERS,
        success=(204,),
        codes=(*_CODES, 620004),
        source="删除自己的表情表态",
    ),
    Endpoint(
        "get_reaction_users",
        "GET",
        _PATH,
        "Return a page of the users who reacted to a message with an emoji.",
        numbers=_NUMBERS,
        query=(
            Query("cookie", str, "`cookie` of the page before; left out for the first."),
            Query(
                "limit",
                int,
                "Users in a page; 20 without it. Heeded on the first page only.",
                least=1,
                most=50,
            ),
        ),
        result=ReactionUsers,
        codes=(620001, 620007),
        paging=Paging(send="cookie", items="users", next="cookie", end="is_end", key="id"),
        source="拉取表情表态用户列表",
    ),
)
