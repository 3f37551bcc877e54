"""Events: the table, the samples, and payloads that are not what they should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqbot_cli.bot.session import SESSIONS
from qqbot_cli.model.decode import PayloadError
from qqbot_cli.model.events import EVENTS, EventSpec
from qqbot_cli.model.frame import decode_frame
from qqbot_cli.model.intents import ALWAYS_GRANTED, PRIVILEGED_INTENTS, Intents, intent_named
from qqbot_cli.model.payload.group_message import GroupMessage
from qqbot_cli.model.payload.guild_message import Message
from qqbot_cli.model.payload.shared import Attachment, parse_time

SAMPLES = Path(__file__).parent.parent / "samples"
ROWS = list(EVENTS.values())


def sample(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return body


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_sample_decodes_in_the_strict_pass(row: EventSpec) -> None:
    body = sample(row.name)["d"]

    payload = msgspec.json.decode(json.dumps(body or {}), type=row.payload)

    if row.conversation is not None:
        assert row.conversation(payload)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_sample_is_a_frame(path: Path) -> None:
    frame = decode_frame(path.read_bytes())

    assert frame.op == 0
    assert frame.event == path.stem
    assert frame.seq


def test_the_table_is_consistent() -> None:
    assert len({row.callback for row in ROWS}) == len(ROWS)
    assert all(row.session in SESSIONS for row in ROWS)
    callbacks = {row.callback for row in ROWS}
    assert all(row.forwards_to in callbacks for row in ROWS if row.forwards_to)
    assert all(row.intent for row in ROWS if row.family != "session")


@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_a_payload_error(raw: bytes) -> None:
    with pytest.raises(PayloadError):
        EVENTS["GROUP_AT_MESSAGE_CREATE"].decode(raw)


def group_message(**changes: object) -> GroupMessage:
    body = {**sample("GROUP_MESSAGE_CREATE")["d"], **changes}
    payload = EVENTS["GROUP_MESSAGE_CREATE"].decode(json.dumps(body).encode())
    assert isinstance(payload, GroupMessage)
    return payload


@pytest.mark.parametrize(
    ("field", "given_", "expected"),
    [
        ("content", None, ""),
        ("content", 5, "5"),
        ("message_type", "103", 103),
        ("message_type", 3.0, 3),
        ("message_type", "many", 0),
        ("attachments", None, ()),
        ("attachments", [{"url": "a"}, "broken"], (Attachment(url="a"),)),
        ("attachments", "none", ()),
        ("message_scene", 7, None),
        ("timestamp", 1780000000, "1780000000"),
    ],
)
def test_a_field_of_another_type_is_read_as_far_as_it_makes_sense(
    field: str, given_: object, expected: object
) -> None:
    assert getattr(group_message(**{field: given_}), field) == expected


def test_a_missing_required_field_is_named() -> None:
    with pytest.raises(PayloadError, match="group_openid"):
        group_message(group_openid=None)


def test_text_is_what_was_said_without_mentions_of_the_bot() -> None:
    body = sample("AT_MESSAGE_CREATE")["d"]
    message = EVENTS["AT_MESSAGE_CREATE"].decode(json.dumps(body).encode())

    assert isinstance(message, Message)
    assert message.content == "<@!5777414462219517083> /ping"
    assert message.text == "/ping"
    assert message.mentions_user("5777414462219517083")
    assert group_message().text == "status"
    assert group_message().is_for_bot


def test_an_attachment_of_a_guild_gets_its_scheme() -> None:
    assert Attachment(url="gchat.qpic.cn/a").link == "https://gchat.qpic.cn/a"
    assert Attachment(url="https://x/a").link == "https://x/a"
    assert Attachment().link == ""


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("2026-06-20T12:02:10+08:00", 1781928130), (1781928130, 1781928130), ("1781928130", 1781928130)],
)
def test_every_form_of_time_is_read(value: str | int, seconds: int) -> None:
    moment = parse_time(value)

    assert moment is not None
    assert moment.timestamp() == seconds


@pytest.mark.parametrize(
    "value", ["", "soon", "2026-06-20T12:02:10", 10**20, "2023-11-06 13:37:18 +0800 CST"]
)
def test_what_is_no_time_is_none(value: str | int) -> None:
    assert parse_time(value) is None


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("PUBLIC_MESSAGES", Intents.PUBLIC_MESSAGES),
        ("group_and_c2c_event", Intents.PUBLIC_MESSAGES),
        ("c2c-group-at-messages", Intents.PUBLIC_MESSAGES),
        ("at_messages", Intents.PUBLIC_GUILD_MESSAGES),
        (" Guilds ", Intents.GUILDS),
        ("forums_event", Intents.FORUMS),
        ("no_such", None),
    ],
)
def test_intents_are_known_by_all_names_in_use(name: str, flag: Intents | None) -> None:
    assert intent_named(name) == flag


def test_the_masks_are_those_of_the_reference() -> None:
    assert Intents.default() == 1846285315
    assert Intents.all() == 2114721283
    assert Intents.default() & PRIVILEGED_INTENTS == 0
    assert ALWAYS_GRANTED == 1073741827
    assert (Intents.GUILDS | Intents.INTERACTION).names() == ["GUILDS", "INTERACTION"]
