"""Below the websocket layer: frames by hand, and what a client sees of them."""

from __future__ import annotations

import json

import aiohttp
import pytest

from qqbot_cli.simulator import Simulator, wire
from tests.simulator.client import Api


def test_a_header_is_as_long_as_its_payload_needs() -> None:
    assert wire.frame(b"x" * 125)[:2] == b"\x81\x7d"
    assert wire.frame(b"x" * 126)[:4] == b"\x81\x7e\x00\x7e"
    assert wire.frame(b"x" * 65536)[:10] == b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"


def test_every_bit_can_be_set() -> None:
    assert wire.frame(b"", 0xB, final=False, reserved=7) == b"\x7b\x00"
    assert wire.frame(b"ab", mask=b"\x01\x02\x03\x04") == b"\x81\x82\x01\x02\x03\x04\x60\x60"
    assert wire.frame(b"", length=5 << 20) == b"\x81\x7f\x00\x00\x00\x00\x00\x50\x00\x00"


def test_fragments_have_pings_between_them() -> None:
    assert wire.fragments(b"abc", 2) == b"\x01\x02ab" + b"\x89\x00" + b"\x80\x01c"


async def test_a_masked_frame_is_put_up_with_by_aiohttp(simulator: Simulator, api: Api) -> None:
    async with api.ready() as gateway:
        await simulator.send_below(wire.frame(b'{"op":11}', mask=b"abcd"))

        assert await gateway.frame() == {"op": 11}


@pytest.mark.parametrize(("code", "seen"), [(None, 0), (4242, 4242)], ids=["empty", "any"])
async def test_a_close_frame_may_be_empty(
    simulator: Simulator, api: Api, code: int | None, seen: int
) -> None:
    async with api.ready() as gateway:
        await simulator.send_below(wire.close_frame(code))

        assert await gateway.closed() == seen


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("reserved bits", 1002),
        ("invalid UTF-8", 1007),
        ("unknown opcode", 1002),
        ("bad close code", 1002),
        ("half a close code", 1002),
        ("fragmented ping", 1002),
        ("continuation of nothing", 1002),
        ("long ping", 1002),
        ("5 MiB", 1009),
    ],
)
async def test_malformed_frames_are_told_apart_by_a_careful_client(
    simulator: Simulator, api: Api, what: str, code: int
) -> None:
    async with api.ready() as gateway:
        await simulator.send_below(wire.MALFORMED[what])
        message = await gateway.ws.receive(timeout=2)

        assert message.type is aiohttp.WSMsgType.ERROR
        assert message.data.code == code


async def test_events_in_fragments_are_the_same_events(simulator: Simulator, api: Api) -> None:
    simulator.switches.fragment_size = 7
    async with api.ready() as gateway:
        await simulator.emit("C2C_MESSAGE_CREATE", {"content": "你好"}, event_id="a")
        frame = await gateway.event("C2C_MESSAGE_CREATE")

    assert frame == json.loads('{"op":0,"s":2,"t":"C2C_MESSAGE_CREATE","id":"a","d":{"content":"你好"}}')
