# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Command panels, and the menu of one-to-one chats. Since 2026."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

from qqbot_cli.model.answer.panel import MenuRecord, PanelCreated, PanelRecord, Panels, Version
from qqbot_cli.model.body.panel import CreatePanelParams, PanelTargetParams, PutMenuParams, PutPanelParams
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.rest.api.base import Calls


class PanelCalls(Calls):
    """Command panels, and the menu of one-to-one chats. Since 2026."""

    async def list_panels(self, *, scope: str, cursor: str | None = None, limit: int | None = None) -> Panels:
        """Return a page of the panels that are shown in one place.

        ``GET /v2/panels``. Limit: 30 a minute.

        Args:
            scope: Where they are shown. One of ``c2c``, ``group``, ``channel``, ``dm``.
            cursor: `next_cursor` of the page before; left out for the first.
            limit: Panels in a page; 20 without it. 1 to 50.

        Raises:
            ApiError: 40030001, 40030011.

        Source: platform documentation, 指令面板.
        """
        return cast(
            Panels,
            await self.client.call(
                ENDPOINTS["list_panels"], query={"scope": scope, "cursor": cursor, "limit": limit}
            ),
        )

    def iter_panels(self, *, scope: str, limit: int = 50) -> AsyncIterator[PanelRecord]:
        """Give all of them, each once, page after page.

        Asks for pages with `list_panels`.

        Args:
            scope: Where they are shown. One of ``c2c``, ``group``, ``channel``, ``dm``.
            limit: Items in a page; 1 to 50.
        """
        return self.client.pages(ENDPOINTS["list_panels"], query={"scope": scope, "limit": limit})

    async def create_panel(self, body: CreatePanelParams) -> PanelCreated:
        """Create a panel.

        ``POST /v2/panels``. Limit: 10 a minute. Quota: 20 panels for each bot. Not repeated after a
        time-out: it would happen twice.

        Args:
            body: A panel, where it is shown and to whom.

        Raises:
            ApiError: 40030001, 40030008, 40030009, 40030011, 40030012, 40030013, 40030015,
                40030016, 40030018, 40030021.
            ContentRefusedError: 40030020.

        Source: platform documentation, 指令面板.
        """
        return cast(PanelCreated, await self.client.call(ENDPOINTS["create_panel"], body=body))

    async def get_panel(self, panel_id: str) -> PanelRecord:
        """Return a panel and who sees it.

        ``GET /v2/panels/{panel_id}``. Limit: 30 a minute.

        Args:
            panel_id: The panel.

        Raises:
            ApiError: 40030001.
            NotFoundError: 40030006.

        Source: platform documentation, 指令面板.
        """
        return cast(PanelRecord, await self.client.call(ENDPOINTS["get_panel"], {"panel_id": panel_id}))

    async def put_panel(self, panel_id: str, body: PutPanelParams) -> Version:
        """Replace the entries and the note of a panel; who sees it stays.

        ``PUT /v2/panels/{panel_id}``. Limit: 10 a minute.

        Args:
            panel_id: The panel.
            body: What takes the place of a panel; who sees it stays.

        Raises:
            ApiError: 40030001, 40030008, 40030009, 40030013, 40030015, 40030016, 40030018.
            ContentRefusedError: 40030020.
            NotFoundError: 40030006.

        Source: platform documentation, 指令面板.
        """
        return cast(
            Version, await self.client.call(ENDPOINTS["put_panel"], {"panel_id": panel_id}, body=body)
        )

    async def delete_panel(self, panel_id: str) -> None:
        """Delete a panel.

        ``DELETE /v2/panels/{panel_id}``. Limit: 10 a minute.

        Args:
            panel_id: The panel.

        Raises:
            ApiError: 40030001, 40030009.
            NotFoundError: 40030006.

        Source: platform documentation, 指令面板.
        """
        await self.client.call(ENDPOINTS["delete_panel"], {"panel_id": panel_id})

    async def put_panel_targets(self, panel_id: str, body: PanelTargetParams) -> None:
        """Change who sees a panel; not for channels, direct messages and panels for all.

        ``PUT /v2/panels/{panel_id}/target``. Limit: 60 a minute.

        Args:
            panel_id: The panel.
            body: Who shall see a panel, or no longer.

        Raises:
            ApiError: 40030001, 40030009, 40030013, 40030016, 40030017, 40030018, 40030021.
            NotFoundError: 40030006.

        Source: platform documentation, 指令面板.
        """
        await self.client.call(ENDPOINTS["put_panel_targets"], {"panel_id": panel_id}, body=body)

    async def get_menu(self) -> MenuRecord:
        """Return the menu.

        ``GET /v2/menu``. Limit: 30 a minute.

        Source: platform documentation, 单聊菜单.
        """
        return cast(MenuRecord, await self.client.call(ENDPOINTS["get_menu"]))

    async def put_menu(self, body: PutMenuParams) -> Version:
        """Replace the menu of all one-to-one chats.

        ``PUT /v2/menu``. Limit: 5 a minute.

        Args:
            body: What takes the place of the menu.

        Raises:
            ApiError: 40030001, 40030008, 40030009, 40030013, 40030014, 40030016.
            ContentRefusedError: 40030020.

        Source: platform documentation, 单聊菜单.
        """
        return cast(Version, await self.client.call(ENDPOINTS["put_menu"], body=body))
