"""The old interface for sessions of webhooks; today addresses are set in the management console."""

from __future__ import annotations

from typing import Any, Final

from qqbot_cli.model.answer.webhook import WebhookSession, WebhookSessionState
from qqbot_cli.model.body.webhook import WebhookSessionParams
from qqbot_cli.model.endpoints.row import Endpoint, Repeat

_ALL: Final = "/gateway/webhook/sessions"


def _row(name: str, method: str, path: str, summary: str, **more: Any) -> Endpoint:  # noqa: ANN401
    """Row of a call of this interface."""
    reason = "in the platform's Go SDK only; superseded by the management console"
    return Endpoint(name, method, path, summary, legacy=reason, **more)


ROWS: Final = (
    _row(
        "create_webhook_session",
        "POST",
        _ALL,
        "Open a session.",
        body=WebhookSessionParams,
        result=WebhookSession,
    ),
    _row("list_webhook_sessions", "GET", _ALL, "Return the sessions.", result=WebhookSessionState, many=True),
    _row(
        "check_webhook_sessions",
        "PATCH",
        _ALL,
        "Have the sessions checked, and return them.",
        fixed_query=(("action", "check"),),
        result=WebhookSessionState,
        many=True,
        repeat=Repeat.SAFE,
    ),
    _row("delete_webhook_session", "DELETE", f"{_ALL}/{{session_id}}", "Close a session."),
)
