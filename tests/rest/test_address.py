"""An id stands in an address as it is, or quoted where it would lead elsewhere."""

from __future__ import annotations

import string
from urllib.parse import quote

import pytest

from qqbot_cli.model.endpoints import Endpoint
from qqbot_cli.rest.address import address_of

LOOK = Endpoint("look", "GET", "/things/{thing}", "Look.", fixed_query=(("v", "2"),))


@pytest.mark.parametrize("sign", [*string.printable, "猫", "\0"])
def test_every_character_is_quoted_as_the_standard_says(sign: str) -> None:
    assert address_of(LOOK, {"thing": f"a{sign}"}, {}) == f"/things/a{quote(sign, safe='')}?v=2"


def test_what_is_none_is_left_out_of_the_query() -> None:
    address = address_of(LOOK, {"thing": "1"}, {"after": None, "limit": 5, "all": True, "name": "a b"})

    assert address == "/things/1?v=2&limit=5&all=true&name=a%20b"
