"""Acknowledging interactions."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.endpoints.row import Endpoint, a_second
from qqbot_cli.model.outgoing import InteractionAck

ROWS: Final = (
    Endpoint(
        "put_interaction",
        "PUT",
        "/interactions/{interaction_id}",
        "Acknowledge an interaction; the client of the person waits about five seconds for it.",
        "Once for each.",
        body=InteractionAck,
        success=(200, 204),
        rate=a_second(50),
        codes=(*range(630001, 630009),),
        appid_header="X-Callback-AppID",
        source="互动回调",
    ),
)
