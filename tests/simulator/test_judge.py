"""Every refusal of a message, by the rule that gives it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qqbot_cli.simulator.ids import Ids
from qqbot_cli.simulator.judge import judge_recall, judge_send
from qqbot_cli.simulator.ledger import BotMessage, Ledger
from qqbot_cli.simulator.post import Known, Post
from qqbot_cli.simulator.refusals import GUILD_RECALL_UNKNOWN, RECALL_TOO_LATE, RECALL_UNKNOWN
from qqbot_cli.simulator.scene import ACTIVE_LIMIT, Scene
from qqbot_cli.simulator.switches import Switches
from qqbot_cli.simulator.world import make_world

WORLD = make_world(2, 1, Ids(1))
TARGETS = {
    Scene.GROUP: WORLD.groups[0].openid,
    Scene.C2C: WORLD.people[0].openid,
    Scene.CHANNEL: WORLD.guilds[0].channel_ids[0],
    Scene.DMS: WORLD.people[0].dm_guild_id,
}
BIG_KEYBOARD = {"content": {"rows": [{"buttons": ["?"] * 6}]}}
NOW = 1000.0

MESSAGES: dict[str, tuple[str, dict[str, object]]] = {
    "group-message": ("GROUP_AT_MESSAGE_CREATE", {"group_openid": TARGETS[Scene.GROUP]}),
    "other-group-message": ("GROUP_AT_MESSAGE_CREATE", {"group_openid": WORLD.groups[1].openid}),
    "c2c-message": ("C2C_MESSAGE_CREATE", {"author": {"user_openid": TARGETS[Scene.C2C]}}),
    "channel-message": ("AT_MESSAGE_CREATE", {"channel_id": TARGETS[Scene.CHANNEL]}),
    "dms-message": ("DIRECT_MESSAGE_CREATE", {"guild_id": TARGETS[Scene.DMS]}),
}
EVENTS = {
    "GROUP_ADD_ROBOT:1": {"group_openid": TARGETS[Scene.GROUP]},
    "FRIEND_ADD:1": {"openid": TARGETS[Scene.C2C]},
    "GUILD_MEMBER_ADD:1": {"guild_id": WORLD.guilds[0].id},
}


@pytest.fixture
def known() -> Known:
    ledger = Ledger(WORLD)
    for message_id, (name, d) in MESSAGES.items():
        ledger.note(name, f"{name}:{message_id}", {"id": message_id, **d}, now=NOW)
    ledger.note_upload(Scene.GROUP, "x")
    for event_id, place in EVENTS.items():
        ledger.note(event_id.partition(":")[0], event_id, place, now=NOW)
    return Known(ledger, NOW, online=True, switches=Switches())


def post(scene: Scene, **body: object) -> Post:
    return Post(scene, TARGETS[scene], body)


def judged(post: Post, known: Known) -> int | None:
    refusal = judge_send(post, known)
    if refusal is None:
        return None
    return refusal.code if refusal.err_code is None else refusal.err_code


def send(known: Known, post: Post) -> None:
    """Send without a judge."""
    seq = post.body.get("msg_seq")
    message = BotMessage(
        id=f"sent-{len(known.ledger.messages)}",
        scene=post.scene,
        target=post.target,
        content="",
        reply_to=post.reply_to,
        msg_seq=seq if isinstance(seq, int) else None,
        at=known.now,
        body=post.body,
    )
    known.ledger.book(message, reference="REFIDX_sent", visible=True)


ACCEPTED = {
    "group text": post(Scene.GROUP, content="a"),
    "group markdown": post(Scene.GROUP, msg_type=2, markdown={"content": "a"}, keyboard={"id": "1"}),
    "group media with a space": post(Scene.GROUP, msg_type=7, media={"file_info": "x"}, content=" "),
    "group card": post(Scene.GROUP, msg_type=8, card={"type": "tuwen"}),
    "group reply": post(Scene.GROUP, content="a", msg_id="group-message"),
    "group reply to an event": post(Scene.GROUP, content="a", event_id="GROUP_ADD_ROBOT:1"),
    "msg_id goes before event_id": post(Scene.GROUP, content="a", msg_id="group-message", event_id="x"),
    "largest msg_seq": post(Scene.GROUP, content="a", msg_seq=2**32 - 1),
    "nonebot's timestamp": post(Scene.GROUP, content="a", timestamp=1),
    "c2c typing": post(Scene.C2C, msg_type=6, input_notify={"input_type": 1, "input_second": 60}),
    "c2c wake-up": post(Scene.C2C, content="a", is_wakeup=True),
    "c2c reply to an event": post(Scene.C2C, content="a", event_id="FRIEND_ADD:1"),
    "channel text and picture": post(Scene.CHANNEL, content="a", image="https://x/a.png"),
    "channel reply": post(Scene.CHANNEL, content="a", msg_id="channel-message"),
    "channel reply to an event": post(Scene.CHANNEL, content="a", event_id="GUILD_MEMBER_ADD:1"),
    "channel quote": post(Scene.CHANNEL, content="a", message_reference={"message_id": "channel-message"}),
    "dm reply": post(Scene.DMS, content="a", msg_id="dms-message"),
}  # fmt: skip

REFUSED = {
    "unknown group": (Post(Scene.GROUP, "?", {"content": "a"}), 40011028),
    "unknown user": (Post(Scene.C2C, "?", {"content": "a"}), 40011028),
    "unknown field": (post(Scene.GROUP, content="a", colour="red"), 40011000),
    "wrong field type": (post(Scene.GROUP, content=1), 40011000),
    "bool for a number": (post(Scene.GROUP, content="a", msg_seq=True), 40011000),
    "msg_seq too large": (post(Scene.GROUP, content="a", msg_seq=2**32), 40011000),
    "wake-up as a reply": (post(Scene.C2C, content="a", is_wakeup=True, msg_id="c2c-message"), 40011000),
    "unknown msg_type": (post(Scene.GROUP, content="a", msg_type=99), 340069),
    "typing in a group": (post(Scene.GROUP, msg_type=6, input_notify={"input_type": 1}), 340069),
    "no content": (post(Scene.GROUP, content=""), 304061),
    "content of another kind": (post(Scene.GROUP, msg_type=2, content="a"), 22006),
    "text beside markdown": (post(Scene.GROUP, msg_type=2, markdown={"content": "a"}, content="a"), 22006),
    "keyboard without markdown": (post(Scene.GROUP, content="a", keyboard={"id": "1"}), 22006),
    "bad typing notice": (post(Scene.C2C, msg_type=6, input_notify={"input_type": 3}), 50059),
    "unknown msg_id": (post(Scene.GROUP, content="a", msg_id="?"), 40034024),
    "msg_id of another group": (post(Scene.GROUP, content="a", msg_id="other-group-message"), 40034024),
    "msg_id of another scene": (post(Scene.GROUP, content="a", msg_id="c2c-message"), 40034024),
    "unknown event_id": (post(Scene.GROUP, content="a", event_id="GROUP_ADD_ROBOT:?"), 40034025),
    "event_id of another scene": (post(Scene.GROUP, content="a", event_id="FRIEND_ADD:1"), 40034025),
    "event without replies": (post(Scene.GROUP, content="a", event_id="GROUP_DEL_ROBOT:1"), 40034027),
    "keyboard too wide": (
        post(Scene.GROUP, msg_type=2, markdown={"content": "a"}, keyboard=BIG_KEYBOARD),
        40034029,
    ),
    "unknown quote": (post(Scene.GROUP, content="a", message_reference={"message_id": "?"}), 40034024),
    "unknown channel": (Post(Scene.CHANNEL, "?", {"content": "a"}), 12001),
    "unknown dm": (Post(Scene.DMS, "?", {"content": "a"}), 304032),
    "unknown channel field": (post(Scene.CHANNEL, content="a", msg_seq=1), 50035),
    "wrong channel field type": (post(Scene.CHANNEL, content=["a"]), 50035),
    "empty channel message": (post(Scene.CHANNEL, msg_id="channel-message"), 50006),
    "markdown with text": (post(Scene.CHANNEL, markdown={"content": "a"}, content="a"), 50037),
    "unknown channel msg_id": (post(Scene.CHANNEL, content="a", msg_id="?"), 304026),
    "channel msg_id of a dm": (post(Scene.CHANNEL, content="a", msg_id="dms-message"), 304026),
    "unknown channel quote": (post(Scene.CHANNEL, content="a", message_reference={"message_id": "?"}), 50039),
}

REPLIES = {
    "group": (Scene.GROUP, "group-message", 300.0, 5, 40034005),
    "c2c": (Scene.C2C, "c2c-message", 3600.0, 4, 40034005),
    "channel": (Scene.CHANNEL, "channel-message", 300.0, None, 304027),
    "dms": (Scene.DMS, "dms-message", 300.0, None, 304027),
}


@pytest.mark.parametrize("post", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_correct_message_is_accepted(known: Known, post: Post) -> None:
    assert judged(post, known) is None


@pytest.mark.parametrize(("post", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_a_wrong_message_is_refused(known: Known, post: Post, code: int) -> None:
    assert judged(post, known) == code


@pytest.mark.parametrize(("scene", "msg_id", "window", "limit", "code"), REPLIES.values(), ids=REPLIES.keys())
def test_replies_end_with_their_window(
    known: Known, scene: Scene, msg_id: str, window: float, limit: int | None, code: int
) -> None:
    reply = post(scene, content="a", msg_id=msg_id)

    assert judged(reply, replace(known, now=NOW + window)) is None
    assert judged(reply, replace(known, now=NOW + window + 1)) == code


@pytest.mark.parametrize(("scene", "msg_id", "window", "limit", "code"), REPLIES.values(), ids=REPLIES.keys())
def test_replies_end_with_their_number(
    known: Known, scene: Scene, msg_id: str, window: float, limit: int | None, code: int
) -> None:
    for seq in range(1, (limit or 10) + 1):
        numbered = {} if scene.in_guild else {"msg_seq": seq}
        reply = post(scene, content="a", msg_id=msg_id, **numbered)
        assert judged(reply, known) is None
        send(known, reply)

    numbered = {} if scene.in_guild else {"msg_seq": 100}
    assert judged(post(scene, content="a", msg_id=msg_id, **numbered), known) == (limit and 40034128)


def test_an_event_can_be_answered_in_its_window_only(known: Known) -> None:
    reply = post(Scene.GROUP, content="a", event_id="GROUP_ADD_ROBOT:1")

    assert judged(reply, replace(known, now=NOW + 301)) == 40034026


@pytest.mark.parametrize("first", [{}, {"msg_seq": 1}], ids=["absent", "1"])
def test_a_msg_seq_that_is_left_out_is_1(known: Known, first: dict[str, object]) -> None:
    send(known, post(Scene.GROUP, content="a", msg_id="group-message", **first))

    assert judged(post(Scene.GROUP, content="b", msg_id="group-message"), known) == 40054005
    assert judged(post(Scene.GROUP, content="b", msg_id="group-message", msg_seq=2), known) is None


@pytest.mark.parametrize(
    ("scene", "code"),
    [(Scene.GROUP, 40034100), (Scene.C2C, 40034100), (Scene.CHANNEL, 304045), (Scene.DMS, 304049)],
    ids=str,
)
def test_unasked_messages_are_rationed_by_the_minute(known: Known, scene: Scene, code: int) -> None:
    for _ in range(ACTIVE_LIMIT):
        send(known, post(scene, content="a"))

    assert judged(post(scene, content="a"), known) == code
    assert judged(post(scene, content="a"), replace(known, now=NOW + 60)) is None


def test_a_sent_message_can_be_quoted(known: Known) -> None:
    send(known, post(Scene.GROUP, content="a"))
    quote = post(Scene.GROUP, content="b", message_reference={"message_id": "REFIDX_sent"})

    assert judged(quote, known) is None


def test_a_guild_message_needs_a_gateway_connection(known: Known) -> None:
    assert judged(post(Scene.CHANNEL, content="a"), replace(known, online=False)) == 304018


def test_a_recall_names_the_place_the_message_is_in(known: Known) -> None:
    send(known, post(Scene.GROUP, content="a"))
    message = known.ledger.messages["sent-0"]

    assert judge_recall(Scene.GROUP, message.target, message, now=NOW + 120) is None
    assert judge_recall(Scene.GROUP, message.target, message, now=NOW + 121) is RECALL_TOO_LATE
    assert judge_recall(Scene.GROUP, "?", message, now=NOW) is RECALL_UNKNOWN
    assert judge_recall(Scene.CHANNEL, "?", None, now=NOW) is GUILD_RECALL_UNKNOWN
