"""Threads of forums."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.answer.forum import ThreadDetail, ThreadList, ThreadTask
from qqbot_cli.model.body.forum import ThreadParams
from qqbot_cli.model.endpoints.row import Endpoint, Repeat

_NEEDS: Final = "private-domain bot"
_ALL: Final = "/channels/{channel_id}/threads"
_ONE: Final = "/channels/{channel_id}/threads/{thread_id}"
_READ_CODES: Final = (503001, 503002, 503003, 503008, 503010, 503013)

ROWS: Final = (
    Endpoint(
        "list_threads",
        "GET",
        _ALL,
        "Return threads of a forum.",
        result=ThreadList,
        needs=_NEEDS,
        codes=_READ_CODES,
        source="获取帖子列表",
    ),
    Endpoint(
        "get_thread",
        "GET",
        _ONE,
        "Return a thread.",
        result=ThreadDetail,
        needs=_NEEDS,
        codes=(*_READ_CODES, 503007, 503009, 503011, 503012),
        source="获取帖子详情",
    ),
    Endpoint(
        "put_thread",
        "PUT",
        _ALL,
        "Publish a thread; the platform reviews it first and tells the outcome by events.",
        body=ThreadParams,
        result=ThreadTask,
        # Although it is a PUT: a second one is a second thread.
        repeat=Repeat.NEVER,
        needs=_NEEDS,
        codes=(*_READ_CODES, 503004, 503005, 503006, *range(503014, 503021)),
        source="发表帖子",
    ),
    Endpoint(
        "delete_thread",
        "DELETE",
        _ONE,
        "Delete a thread.",
        success=(204,),
        needs=_NEEDS,
        codes=(*_READ_CODES, 503007, 503009, 503011, 503012),
        source="删除帖子",
    ),
)
