"""Headers are made once for each token, and never kept longer than it."""

from __future__ import annotations

from qqbot_cli.model.endpoints import ENDPOINTS, Endpoint
from qqbot_cli.rest.header import Headers

LOOK = Endpoint("look", "GET", "/things", "Look.")


def test_headers_follow_the_token() -> None:
    headers = Headers("102000001")

    first = headers.of(LOOK, "t-1", is_json=False)
    assert headers.of(LOOK, "t-1", is_json=False) is first
    assert first == {"Authorization": "QQBot t-1", "X-Union-Appid": "102000001"}
    assert headers.of(LOOK, "t-2", is_json=False)["Authorization"] == "QQBot t-2"


def test_only_what_is_json_is_called_so() -> None:
    headers = Headers("102000001")

    assert headers.of(LOOK, "t", is_json=True)["Content-Type"] == "application/json"
    assert "Content-Type" not in headers.of(LOOK, "t", is_json=False)


def test_a_header_of_one_row_is_not_sent_with_the_next() -> None:
    headers = Headers("102000001")
    row = next(row for row in ENDPOINTS.values() if row.appid_header)

    assert headers.of(row, "t", is_json=True)[row.appid_header] == "102000001"
    assert row.appid_header not in headers.of(LOOK, "t", is_json=True)
