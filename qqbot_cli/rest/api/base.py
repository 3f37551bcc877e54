"""What all families of calls have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qqbot_cli.rest.client import RestClient


class Calls:
    """The REST interface of the platform, or a part of it.

    Every method may raise the exceptions of `RestClient.call`, whatever codes its own text names:
    `AuthenticationError` for the bot itself, `PermissionDeniedError` for a call it was not granted,
    `RateLimitedError`, `PlatformUnreachableError`.
    """

    def __init__(self, client: RestClient) -> None:
        self.client = client

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,  # noqa: ANN401 - any JSON
    ) -> Any:  # noqa: ANN401 - any JSON
        """Make a call that has no method here, and return the JSON of its answer; None if there is none.

        Repeated on trouble for GET, PUT and DELETE only.

        Args:
            method: ``GET``, ``POST``, …
            path: Below the REST base, with its ids in it: ``/guilds/123``.
            query: Values of query parameters; None leaves one out.
            body: What to send: anything that is JSON.
        """
        return await self.client.call_other(method, path, query=query, body=body)
