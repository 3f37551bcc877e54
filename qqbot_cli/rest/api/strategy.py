# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Rules by which applicants are let into groups. Since 2026."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

from qqbot_cli.model.answer.strategy import (
    JoinStrategies,
    JoinStrategy,
    JoinStrategyCreated,
    JoinStrategyState,
    WhitelistChanged,
)
from qqbot_cli.model.body.strategy import CreateJoinStrategyParams, UpdateJoinStrategyParams, WhitelistParams
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.rest.api.base import Calls


class StrategyCalls(Calls):
    """Rules by which applicants are let into groups. Since 2026."""

    async def list_join_strategies(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> JoinStrategies:
        """Return a page of the rules of the bot.

        ``GET /v2/groups/join_approval_strategy``. Limit: 60 a minute.

        Args:
            cursor: `next_cursor` of the page before; left out for the first.
            limit: Rules in a page; 20 without it. 1 to 100.

        Source: platform documentation, 入群审批策略.
        """
        return cast(
            JoinStrategies,
            await self.client.call(
                ENDPOINTS["list_join_strategies"], query={"cursor": cursor, "limit": limit}
            ),
        )

    def iter_join_strategies(self, *, limit: int = 100) -> AsyncIterator[JoinStrategy]:
        """Give all of them, each once, page after page.

        Asks for pages with `list_join_strategies`.

        Args:
            limit: Items in a page; 1 to 100.
        """
        return self.client.pages(ENDPOINTS["list_join_strategies"], query={"limit": limit})

    async def create_join_strategy(self, body: CreateJoinStrategyParams) -> JoinStrategyCreated:
        """Create a rule.

        ``POST /v2/groups/join_approval_strategy``. Limit: 60 a minute. Quota: 20 rules for each
        bot. Not repeated after a time-out: it would happen twice.

        Args:
            body: A rule; name the groups by openid or by number, not both.

        Source: platform documentation, 入群审批策略.
        """
        return cast(JoinStrategyCreated, await self.client.call(ENDPOINTS["create_join_strategy"], body=body))

    async def update_join_strategy(
        self, strategy_id: str, body: UpdateJoinStrategyParams
    ) -> JoinStrategyState:
        """Change a rule and return whether and how long it is in force.

        ``PATCH /v2/groups/join_approval_strategy/{strategy_id}``. Limit: 60 a minute.

        Args:
            strategy_id: The rule.
            body: What is to change about a rule; at least one field.

        Source: platform documentation, 入群审批策略.
        """
        return cast(
            JoinStrategyState,
            await self.client.call(
                ENDPOINTS["update_join_strategy"], {"strategy_id": strategy_id}, body=body
            ),
        )

    async def delete_join_strategy(self, strategy_id: str) -> None:
        """Delete a rule.

        ``DELETE /v2/groups/join_approval_strategy/{strategy_id}``. Limit: 60 a minute.

        Args:
            strategy_id: The rule.

        Source: platform documentation, 入群审批策略.
        """
        await self.client.call(ENDPOINTS["delete_join_strategy"], {"strategy_id": strategy_id})

    async def execute_join_strategy(self, strategy_id: str) -> None:
        """Look through the waiting requests of all groups of a rule; it takes about ten minutes.

        ``POST /v2/groups/join_approval_strategy/{strategy_id}/execute``. Limit: 60 a minute. Not
        repeated after a time-out: it would happen twice.

        Args:
            strategy_id: The rule.

        Source: platform documentation, 入群审批策略.
        """
        await self.client.call(ENDPOINTS["execute_join_strategy"], {"strategy_id": strategy_id})

    async def update_join_strategy_whitelist(
        self, strategy_id: str, body: WhitelistParams
    ) -> WhitelistChanged:
        """Put QQ numbers onto the list of a rule, or take them off.

        ``POST /v2/groups/join_approval_strategy/{strategy_id}/whitelist_users``. Limit: 60 a
        minute. Quota: 100000 QQ numbers for each rule.

        Args:
            strategy_id: The rule.
            body: Who is let in by the rule, or no longer; 100000 people in total.

        Source: platform documentation, 入群审批策略.
        """
        return cast(
            WhitelistChanged,
            await self.client.call(
                ENDPOINTS["update_join_strategy_whitelist"], {"strategy_id": strategy_id}, body=body
            ),
        )
