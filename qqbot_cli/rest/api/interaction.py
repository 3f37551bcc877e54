# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Acknowledging interactions."""

from __future__ import annotations

from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.outgoing.interaction import InteractionAck
from qqbot_cli.rest.api.base import Calls


class InteractionCalls(Calls):
    """Acknowledging interactions."""

    async def put_interaction(self, interaction_id: str, body: InteractionAck) -> None:
        """Acknowledge an interaction; the client of the person waits about five seconds for it.

        Once for each.

        ``PUT /interactions/{interaction_id}``. Limit: 50 a second.

        Args:
            interaction_id: ``id`` of the payload, not the id of the event.
            body: Answer to an interaction; once per interaction, within about five seconds.

        Raises:
            ApiError: 630001, 630002, 630004, 630005, 630006, 630007, 630008.
            AuthenticationError: 630003.

        Source: platform documentation, 互动回调.
        """
        await self.client.call(ENDPOINTS["put_interaction"], {"interaction_id": interaction_id}, body=body)
