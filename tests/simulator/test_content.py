"""The content of messages, as the platform judges it: every refusal by the rule that gives it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from qqbot_cli.model.outgoing import Outgoing
from qqbot_cli.simulator import Scene
from qqbot_cli.simulator.ids import Ids
from qqbot_cli.simulator.judge import judge_send
from qqbot_cli.simulator.ledger import Ledger
from qqbot_cli.simulator.post import Known, Post
from qqbot_cli.simulator.switches import Switches
from qqbot_cli.simulator.world import make_world
from tests.outgoing import ACCEPTED, REFUSED

WORLD = make_world(2, 1, Ids(1))
TARGETS = {
    Scene.GROUP: WORLD.groups[0].openid,
    Scene.C2C: WORLD.people[0].openid,
    Scene.CHANNEL: WORLD.guilds[0].channel_ids[0],
    Scene.DMS: WORLD.people[0].dm_guild_id,
}


@pytest.fixture
def known() -> Known:
    ledger = Ledger(WORLD)
    ledger.note_upload(Scene.GROUP, "f")
    ledger.note("AT_MESSAGE_CREATE", "E", {"id": "08", "channel_id": TARGETS[Scene.CHANNEL]}, now=0.0)
    ledger.note("GROUP_AT_MESSAGE_CREATE", "E", {"id": "m", "group_openid": TARGETS[Scene.GROUP]}, now=0.0)
    switches = Switches(registered_hosts=frozenset({"good.cn"}), longest_text=200)
    return Known(ledger, 0.0, online=True, switches=switches)


def judged(known: Known, scene: Scene, body: dict[str, Any]) -> int | None:
    refusal = judge_send(Post(scene, TARGETS[scene], body), known)
    return None if refusal is None else refusal.code


def button(label: object = "x", action: object = 1, **permission: object) -> dict[str, Any]:
    acts = {"type": action, "data": "d", "permission": {"type": 2, **permission}, "unsupport_tips": "t"}
    return {"render_data": {"label": label, "visited_label": "x", "style": 1}, "action": acts}


def keyboard(*buttons: object) -> dict[str, Any]:
    return {"content": {"rows": [{"buttons": list(buttons)}]}}


def values(*given: object) -> dict[str, Any]:
    return {"custom_template_id": "1_2", "params": [{"key": "a", "values": list(given)}]}


def command(kind: str, **arguments: str) -> dict[str, Any]:
    inner = " ".join(f'{name}="{value}"' for name, value in arguments.items())
    return {"content": f"press <qqbot-cmd-{kind} {inner} />"}


MARKDOWN: dict[str, tuple[dict[str, Any], int, int]] = {
    "text and template": ({"content": "a", "custom_template_id": "1_2"}, 50057, 50057),
    "text and values": ({"content": "a", "params": []}, 50057, 50057),
    "nothing": ({"params": [{"key": "a", "values": ["b"]}]}, 40034011, 50055),
    "empty text": ({"content": "", "style": {}}, 40034011, 50055),
    "empty value": (values(""), 40034008, 50041),
    "no value": (values(), 40034008, 50041),
    "number as a value": (values(1), 40034008, 50041),
    "line break in a value": (values("a\nb"), 40034009, 50054),
    "bold value": (values("**a**"), 40034010, 50054),
    "link in a value": (values("[a](b)"), 40034010, 50054),
    "command in capitals": (command("ENTER", text="a"), 40034106, 40034106),
    "command without text": (command("input", show="a"), 40034109, 40034109),
    "long command": (command("input", text="a" * 101), 40034108, 40034108),
}


@pytest.mark.parametrize(("markdown", "code", "guild_code"), MARKDOWN.values(), ids=MARKDOWN.keys())
def test_wrong_markdown_is_refused(
    known: Known, markdown: dict[str, Any], code: int, guild_code: int
) -> None:
    if "params" in markdown and markdown["params"] == []:
        markdown = {**markdown, "template_id": 1}

    assert judged(known, Scene.GROUP, {"msg_type": 2, "markdown": markdown}) == code
    assert judged(known, Scene.CHANNEL, {"markdown": markdown}) == guild_code


@pytest.mark.parametrize(
    "markdown",
    [
        {"content": "# a"},
        values("a"),
        values("a", "b_c - d"),
        {"template_id": 5},
        command("input", text="%2Fgo"),
    ],
    ids=["text", "value", "list", "number", "command"],
)
def test_right_markdown_is_accepted(known: Known, markdown: dict[str, Any]) -> None:
    assert judged(known, Scene.GROUP, {"msg_type": 2, "markdown": markdown}) is None
    assert judged(known, Scene.CHANNEL, {"markdown": markdown}) is None


def test_commands_that_are_sent_at_once_belong_to_one_to_one_chats(known: Known) -> None:
    body = {"msg_type": 2, "markdown": command("enter", text="a")}

    assert judged(known, Scene.C2C, body) is None
    assert judged(known, Scene.GROUP, body) == 40034106


KEYBOARDS: dict[str, tuple[Any, int]] = {
    "neither id nor content": ({}, 304039),
    "both": ({"id": "1", **keyboard(button())}, 304039),
    "no label": (keyboard(button("")), 304040),
    "long label": (keyboard(button("eleven char")), 304040),
    "label of another type": (keyboard(button(5)), 304040),
    "no action": (keyboard({"render_data": {"label": "x"}}), 304040),
    "nobody may press": (keyboard(button(type=0)), 304040),
    "no role may press": (keyboard(button(type=3, specify_role_ids=[])), 304040),
    "not a button": (keyboard("?"), 304040),
    "six buttons": (keyboard(*[button()] * 6), 40034029),
    "six rows": ({"content": {"rows": [{"buttons": []}] * 6}}, 40034029),
}


@pytest.mark.parametrize(("given", "code"), KEYBOARDS.values(), ids=KEYBOARDS.keys())
def test_a_wrong_keyboard_is_refused(known: Known, given: object, code: int) -> None:
    body = {"markdown": {"content": "a"}, "keyboard": given}

    assert judged(known, Scene.GROUP, {"msg_type": 2, **body}) == code
    assert judged(known, Scene.CHANNEL, body) == code


def test_roles_exist_in_guilds_only(known: Known) -> None:
    body = {"markdown": {"content": "a"}, "keyboard": keyboard(button(type=3, specify_role_ids=["4"]))}

    assert judged(known, Scene.CHANNEL, body) is None
    assert judged(known, Scene.GROUP, {"msg_type": 2, **body}) == 304040


def test_a_keyboard_needs_markdown(known: Known) -> None:
    assert judged(known, Scene.CHANNEL, {"content": "a", "keyboard": {"id": "1"}}) == 304040
    assert judged(known, Scene.GROUP, {"content": "a", "keyboard": {"id": "1"}}) == 22006


def ark(link: str) -> dict[str, Any]:
    line = {"obj_kv": [{"key": "link", "value": link}]}
    return {"template_id": 23, "kv": [{"key": "#LIST#", "obj": [line]}]}


@pytest.mark.parametrize(
    ("host", "is_refused"),
    [("good.cn", False), ("GOOD.cn", False), ("bad.cn", True), ("sub.good.cn", True), ("1.sh", True)],
)
def test_addresses_belong_to_registered_hosts(known: Known, host: str, is_refused: bool) -> None:
    group: dict[str, dict[str, Any]] = {
        "text": {"content": f"see https://{host}/a"},
        "markdown": {"msg_type": 2, "markdown": {"content": f"[a](https://{host})"}},
        "value": {"msg_type": 2, "markdown": values(f"https://{host}")},
        "ark": {"msg_type": 3, "ark": ark(f"https://{host}")},
    }
    for body in group.values():
        assert judged(known, Scene.GROUP, body) == (40054010 if is_refused else None)
    assert judged(known, Scene.CHANNEL, {"content": host}) == (304003 if is_refused else None)


def test_addresses_are_not_looked_at_unless_hosts_are_registered(known: Known) -> None:
    known.switches.registered_hosts = None

    assert judged(known, Scene.GROUP, {"content": "https://bad.cn 3.5 e.g. a.b"}) is None


def test_ordinary_dots_are_no_addresses(known: Known) -> None:
    assert judged(known, Scene.GROUP, {"content": "3.14, wait... yes. No.1！好.吧 v1.2.3"}) is None


@pytest.mark.parametrize("scene", [Scene.GROUP, Scene.C2C])
def test_a_text_that_is_too_long_is_refused(known: Known, scene: Scene) -> None:
    assert judged(known, scene, {"content": "x" * 200}) is None
    assert judged(known, scene, {"content": "x" * 201}) == 40054007
    assert judged(known, Scene.CHANNEL, {"content": "x" * 201}) == 1000001


def test_media_is_known_to_the_scene_it_was_uploaded_for(known: Known) -> None:
    media = {"msg_type": 7, "media": {"file_info": "f"}}

    assert judged(known, Scene.GROUP, media) is None
    assert judged(known, Scene.C2C, media) == 304080
    assert judged(known, Scene.GROUP, {"msg_type": 7, "media": {"file_info": "?"}}) == 304080


def test_embeds_are_open_to_nobody_outside_guilds(known: Known) -> None:
    assert judged(known, Scene.GROUP, {"msg_type": 4, "embed": {"title": "t", "prompt": "p"}}) == 340069
    assert judged(known, Scene.CHANNEL, {"embed": {"title": "t", "prompt": "p"}}) is None


def test_an_uploaded_picture_stands_without_a_quote(known: Known) -> None:
    body = {"file_image": b"\x89PNG", "message_reference": {"message_id": "08"}}

    assert judged(known, Scene.CHANNEL, body) == 50035


NOT_JUDGED = {
    "reply to two things",  # the platform looks at msg_id then
    "msg_seq too small",  # 0 is what the official Go SDK sends for "none"
    "link that leads nowhere",
    "subscription to nothing",
    "long question",
    "long confirmation",
    "address in a question",
    "long suggestion",
    "too many suggestions",
    "long callback data",
}
"""What the author is told although the judge lets it pass: which refusal it would be is not documented."""


@pytest.mark.parametrize("name", REFUSED)
def test_what_we_refuse_the_platform_refuses(known: Known, name: str) -> None:
    message: Outgoing = REFUSED[name][0]
    body = msgspec.json.decode(msgspec.json.encode(message))

    assert (judged(known, message.scene, body) is None) is (name in NOT_JUDGED)


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_we_send_the_platform_takes(known: Known, name: str) -> None:
    known.switches.registered_hosts = None
    message = ACCEPTED[name]
    body = msgspec.json.decode(msgspec.json.encode(message))
    if message.file_image is not msgspec.UNSET:
        body["file_image"] = message.file_image  # a form carries it as it is

    assert judged(known, message.scene, body) is None
