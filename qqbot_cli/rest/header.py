"""Headers of REST calls, made once for each access token instead of for each call."""

from __future__ import annotations

from typing import Final

from multidict import CIMultiDict, CIMultiDictProxy

from qqbot_cli.model.endpoints import Endpoint

_JSON: Final = {"Content-Type": "application/json"}


class Headers:
    """What every call of one bot carries."""

    def __init__(self, appid: str) -> None:
        """*appid* is the number of the bot."""
        self._appid = appid
        self._token = ""
        self._plain = self._json = CIMultiDictProxy(CIMultiDict[str]())

    def of(self, endpoint: Endpoint, token: str, *, is_json: bool) -> CIMultiDictProxy[str]:
        """Return the headers of a call of *endpoint* with *token*; *is_json* tells of its body."""
        if token != self._token:
            base = {"Authorization": f"QQBot {token}", "X-Union-Appid": self._appid}
            self._plain = CIMultiDictProxy(CIMultiDict(base))
            self._json = CIMultiDictProxy(CIMultiDict({**base, **_JSON}))
            self._token = token
        headers = self._json if is_json else self._plain
        if endpoint.appid_header:
            return CIMultiDictProxy(CIMultiDict({**headers, endpoint.appid_header: self._appid}))
        return headers
