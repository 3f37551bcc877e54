"""Rules by which applicants are let into groups. Since 2026."""

from __future__ import annotations

from typing import Any, Final

from qqbot_cli.model.answer.strategy import (
    JoinStrategies,
    JoinStrategyCreated,
    JoinStrategyState,
    WhitelistChanged,
)
from qqbot_cli.model.body.strategy import CreateJoinStrategyParams, UpdateJoinStrategyParams, WhitelistParams
from qqbot_cli.model.endpoints.group import CURSOR
from qqbot_cli.model.endpoints.row import Endpoint, Paging, Query, Repeat, a_minute

# A path parameter of the group calls would match this word too: routers have to look here first.
_ALL: Final = "/v2/groups/join_approval_strategy"
_ONE: Final = f"{_ALL}/{{strategy_id}}"


def _row(name: str, method: str, path: str, summary: str, **more: Any) -> Endpoint:  # noqa: ANN401
    """Row of a call about these rules."""
    return Endpoint(name, method, path, summary, rate=a_minute(60), source="入群审批策略", **more)


ROWS: Final = (
    _row(
        "list_join_strategies",
        "GET",
        _ALL,
        "Return a page of the rules of the bot.",
        query=(CURSOR, Query("limit", int, "Rules in a page; 20 without it.", least=1, most=100)),
        result=JoinStrategies,
        paging=Paging(send="cursor", items="strategies", next="next_cursor", key="strategy_id"),
    ),
    _row(
        "create_join_strategy",
        "POST",
        _ALL,
        "Create a rule.",
        body=CreateJoinStrategyParams,
        result=JoinStrategyCreated,
        quota="20 rules for each bot",
    ),
    _row(
        "update_join_strategy",
        "PATCH",
        _ONE,
        "Change a rule and return whether and how long it is in force.",
        body=UpdateJoinStrategyParams,
        result=JoinStrategyState,
        repeat=Repeat.SAFE,
    ),
    _row("delete_join_strategy", "DELETE", _ONE, "Delete a rule."),
    _row(
        "execute_join_strategy",
        "POST",
        f"{_ONE}/execute",
        "Look through the waiting requests of all groups of a rule; it takes about ten minutes.",
    ),
    _row(
        "update_join_strategy_whitelist",
        "POST",
        f"{_ONE}/whitelist_users",
        "Put QQ numbers onto the list of a rule, or take them off.",
        body=WhitelistParams,
        result=WhitelistChanged,
        repeat=Repeat.SAFE,
        quota="100000 QQ numbers for each rule",
    ),
)
