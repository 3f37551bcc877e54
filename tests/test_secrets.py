"""The search for secrets finds them."""

from __future__ import annotations

import pytest

from tests.conftest import CANARY, SECRET


@pytest.mark.parametrize(
    "text",
    [
        f"secret {CANARY} here",
        "Authorization: QQBot abcdefgh12345678",
        "{'Authorization': 'QQBot abcdefgh12345678abc'}",
        '"access_token": "abcdefgh12345678abc"',
    ],
    ids=["canary", "header", "dict", "token"],
)
def test_f94_a_secret_in_the_output_is_found(text: str) -> None:
    assert SECRET.search(text)


@pytest.mark.parametrize(
    "text", ["QQBot ****", "Authorization: ****", "token QQBot is fine", "access_token: ****"]
)
def test_f94_harmless_text_is_not(text: str) -> None:
    assert not SECRET.search(text)
