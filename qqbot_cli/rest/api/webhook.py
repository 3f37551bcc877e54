# Generated from model/endpoints by tools/generate.py. Do not edit.

"""The old interface for sessions of webhooks; today addresses are set in the management console."""

from __future__ import annotations

from typing import cast

from qqbot_cli.model.answer.webhook import WebhookSession, WebhookSessionState
from qqbot_cli.model.body.webhook import WebhookSessionParams
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.rest.api.base import Calls


class WebhookCalls(Calls):
    """The old interface for sessions of webhooks; today addresses are set in the management console."""

    async def create_webhook_session(self, body: WebhookSessionParams) -> WebhookSession:
        """Open a session.

        ``POST /gateway/webhook/sessions``. Not repeated after a time-out: it would happen twice.

        Args:
            body: What a session is told, and where.

        Legacy: in the platform's Go SDK only; superseded by the management console.
        """
        return cast(WebhookSession, await self.client.call(ENDPOINTS["create_webhook_session"], body=body))

    async def list_webhook_sessions(self) -> list[WebhookSessionState]:
        """Return the sessions.

        ``GET /gateway/webhook/sessions``.

        Legacy: in the platform's Go SDK only; superseded by the management console.
        """
        return cast(list[WebhookSessionState], await self.client.call(ENDPOINTS["list_webhook_sessions"]))

    async def check_webhook_sessions(self) -> list[WebhookSessionState]:
        """Have the sessions checked, and return them.

        ``PATCH /gateway/webhook/sessions?action=check``.

        Legacy: in the platform's Go SDK only; superseded by the management console.
        """
        return cast(list[WebhookSessionState], await self.client.call(ENDPOINTS["check_webhook_sessions"]))

    async def delete_webhook_session(self, session_id: str) -> None:
        """Close a session.

        ``DELETE /gateway/webhook/sessions/{session_id}``.

        Args:
            session_id: The session.

        Legacy: in the platform's Go SDK only; superseded by the management console.
        """
        await self.client.call(ENDPOINTS["delete_webhook_session"], {"session_id": session_id})
