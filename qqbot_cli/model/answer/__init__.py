"""Shapes of what REST calls answer, one module per family of calls; field names are the platform's.

Field by field as forgiving as payloads of events: only what a caller cannot do without is required.
"""

from __future__ import annotations

from qqbot_cli.model.answer.message import ExtInfo, MessageResponse
from qqbot_cli.model.answer.platform import BotInfo, GatewayResponse, GatewayUrl, SessionStartLimit

__all__ = ["BotInfo", "ExtInfo", "GatewayResponse", "GatewayUrl", "MessageResponse", "SessionStartLimit"]
