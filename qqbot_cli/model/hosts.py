"""Where the platform lives: the four addresses that a proxy, a test or the platform's move may change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Base addresses, without a trailing slash.

    The defaults are the classic hosts, which every SDK uses; the documentation of August 2026 announces
    ``https://api.bot.qq.com`` for all of them.
    """

    api: str = "https://api.sgroup.qq.com"
    """REST, production."""
    sandbox_api: str = "https://sandbox.api.sgroup.qq.com"
    """REST, sandbox."""
    token: str = "https://bots.qq.com/app/getAppAccessToken"  # noqa: S105 - an address, not a token
    """Access tokens, the same for production and sandbox."""
    gateway: str | None = None
    """Replaces the address that ``/gateway/bot`` answers; None uses the answer."""

    def rest(self, *, sandbox: bool) -> str:
        """Return the REST base for production or the sandbox."""
        return self.sandbox_api if sandbox else self.api
