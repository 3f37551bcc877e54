"""What payloads offer beside their fields: text, quotes, times, kinds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from qqbot_cli.model.events import EVENTS
from qqbot_cli.model.payload.audit import MessageAudit
from qqbot_cli.model.payload.contact import (
    C2CManageEvent,
    FriendScene,
    GroupJoinRequest,
    GroupManageEvent,
)
from qqbot_cli.model.payload.forum import ForumAuditResult, Post, Thread
from qqbot_cli.model.payload.group_message import C2CMessage, GroupMessage
from qqbot_cli.model.payload.guild import Channel, ChannelType, Guild, GuildMember
from qqbot_cli.model.payload.guild_message import Message, MessageDelete
from qqbot_cli.model.payload.interaction import Interaction, InteractionType
from qqbot_cli.model.payload.reaction import Reaction, TargetKind
from qqbot_cli.model.payload.rich_text import plain_text
from qqbot_cli.model.payload.subscription import SubscribeMessageStatusData

SAMPLES = Path(__file__).parent.parent / "samples"
T = TypeVar("T")


def typed(kind: type[T], name: str, **changes: object) -> T:
    body: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))["d"]
    payload = EVENTS[name].decode(json.dumps({**body, **changes}).encode())
    assert isinstance(payload, kind)
    return payload


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (" /ping", "/ping"),
        ("<@91D3F60B5E2A47C8B0F4E7A36C1D5928> /ping", "/ping"),
        ('<qqbot-at-user id="91D3F60B5E2A47C8B0F4E7A36C1D5928" /> hi', "hi"),
        ("<@7C5E19B0A4D84F3E92C6F1A05D7B3E48> lunch?", "<@7C5E19B0A4D84F3E92C6F1A05D7B3E48> lunch?"),
        ("say <@91D3F60B5E2A47C8B0F4E7A36C1D5928>", "say <@91D3F60B5E2A47C8B0F4E7A36C1D5928>"),
        ("", ""),
    ],
)
def test_the_text_of_a_group_message_is_without_leading_mentions_of_the_bot(content: str, text: str) -> None:
    assert typed(GroupMessage, "GROUP_MESSAGE_CREATE", content=content).text == text


def test_a_quoted_message_is_at_hand_with_its_author_and_index() -> None:
    message = typed(
        C2CMessage,
        "C2C_MESSAGE_CREATE",
        message_type=103,
        message_scene={"source": "default", "ext": ["ref_msg_idx=REFIDX_a=b", "msg_idx=REFIDX_c="]},
        msg_elements=[
            {"content": "The answer is 42", "author": {"username": "DemoBot", "bot": True}, "msg_idx": "x"}
        ],
    )

    assert message.quoted is not None
    assert message.quoted.content == "The answer is 42"
    assert message.quoted.author is not None
    assert message.quoted.author.bot
    assert message.quoted_index == "REFIDX_a=b"
    assert message.index == "REFIDX_c="


def test_a_quote_inside_a_quote_needs_neither_index_nor_type() -> None:
    element = {"message_type": 103, "content": "look", "msg_elements": [{"content": "inner text"}]}
    message = typed(C2CMessage, "C2C_MESSAGE_CREATE", message_type=103, msg_elements=[element])

    assert message.quoted is not None
    assert message.quoted.msg_elements[0].content == "inner text"


def test_a_quote_of_which_only_the_index_is_left_is_none() -> None:
    message = typed(C2CMessage, "C2C_MESSAGE_CREATE", message_type=103, msg_elements=[])

    assert message.quoted is None


def test_a_card_keeps_all_of_its_fields() -> None:
    card = {"prompt": "[QQ小程序]Demo", "ark_type": "miniapp", "fields": {"title": "Demo", "tags": ["a"]}}
    message = typed(C2CMessage, "C2C_MESSAGE_CREATE", message_type=3, ark_data=card)

    assert message.ark_data is not None
    assert message.ark_data.fields == {"title": "Demo", "tags": ("a",)}


def test_who_wrote_is_said_the_same_way_everywhere() -> None:
    assert not typed(GroupMessage, "GROUP_AT_MESSAGE_CREATE").is_bot
    assert not typed(C2CMessage, "C2C_MESSAGE_CREATE").is_bot
    assert typed(Message, "AT_MESSAGE_CREATE", author={"id": "1", "bot": True}).is_bot
    reference = {"message_id": "m-0"}
    assert typed(Message, "AT_MESSAGE_CREATE", message_reference=reference).quoted_id == "m-0"
    assert typed(Message, "AT_MESSAGE_CREATE").quoted_id == ""


def test_a_withdrawn_message_is_read_in_both_shapes() -> None:
    nested = typed(MessageDelete, "MESSAGE_DELETE")
    body = json.loads((SAMPLES / "MESSAGE_DELETE.json").read_text(encoding="utf-8"))["d"]

    flat = EVENTS["MESSAGE_DELETE"].decode(
        json.dumps({**body["message"], "op_user": body["op_user"]}).encode()
    )

    assert flat == nested


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("ReactionTargetType_MSG", TargetKind.MESSAGE),
        ("ReactionTargetType_FEED", TargetKind.POST),
        ("ReactionTargetType_COMMNENT", TargetKind.COMMENT),
        ("ReactionTargetType_COMMENT", TargetKind.COMMENT),
        ("ReactionTargetType_REPLY", TargetKind.REPLY),
        (0, TargetKind.MESSAGE),
        ("3", TargetKind.REPLY),
        (9, None),
        ("ReactionTargetType_NEW", None),
    ],
)
def test_the_target_of_a_reaction_is_a_value_in_every_spelling(told: object, kind: TargetKind | None) -> None:
    reaction = typed(Reaction, "MESSAGE_REACTION_ADD", target={"id": "m-1", "type": told})

    assert reaction.target.kind == kind


RICH = {
    "paragraphs": [
        {"elems": [{"text": {"text": "hello "}, "type": 1}, {"url": {"url": "https://x", "desc": "a link"}}]},
        {},
        {"elems": [{"image": {"plat_image": {"url": "u"}}, "type": 2}, {"video": {}, "type": 3}]},
    ]
}
OLD = [
    {"type": 1, "text_info": {"text": "hi "}},
    {"type": 2, "at_info": {"type": 1, "user_info": {"id": "1", "nick": "Lin"}}},
    {"type": 3, "url_info": {"url": "https://x", "display_text": " here"}},
    {"type": 5, "channel_info": {"channel_id": 1, "channel_name": "lobby"}},
    {"type": 4, "emoji_info": {"name": "doge"}},
]


@pytest.mark.parametrize(
    ("rich", "text"),
    [
        (json.dumps(RICH), "hello a link\n\n[图片][视频]"),
        (json.dumps(OLD), "hi @Lin here#lobbydoge"),
        ("just words", "just words"),
        ("42", "42"),
        ("", ""),
        ('{"paragraphs": "none"}', '{"paragraphs": "none"}'),
        ('{"paragraphs": [7, {"elems": [null, {"text": 5}]}]}', "\n"),
        ("[" * 5000, "[" * 5000),
    ],
)
def test_rich_text_is_read_as_plain_text_in_every_shape(rich: str, text: str) -> None:
    assert plain_text(rich) == text


def test_forum_payloads_tell_what_was_written() -> None:
    thread = typed(Thread, "FORUM_THREAD_CREATE")

    assert thread.thread_info.title_text == "Weekly news"
    assert thread.thread_info.text == "First paragraph of the topic"
    assert thread.thread_info.written_at == datetime(2026, 6, 2, 2, 10, tzinfo=UTC)
    assert typed(Post, "FORUM_POST_CREATE").post_info.text == "nice topic"
    assert typed(ForumAuditResult, "FORUM_PUBLISH_AUDIT_RESULT").passed


def test_rich_text_that_is_json_itself_and_ids_that_are_numbers_are_accepted() -> None:
    info = {"thread_id": 5, "title": OLD, "content": RICH, "date_time": "2026-06-02T10:10:00+08:00"}

    thread = typed(Thread, "FORUM_THREAD_CREATE", thread_info=info, guild_id=46646271634786417)

    assert thread.guild_id == "46646271634786417"
    assert thread.thread_info.thread_id == "5"
    assert thread.thread_info.title_text.startswith("hi @Lin")
    assert thread.thread_info.text.startswith("hello a link")


@pytest.mark.parametrize("told", [1781928000, "1781928000", "2026-06-20T12:00:00+08:00"])
def test_the_time_of_a_management_event_is_read_in_every_form(told: object) -> None:
    event = typed(GroupManageEvent, "GROUP_ADD_ROBOT", timestamp=told)

    assert event.happened_at == datetime(2026, 6, 20, 4, 0, tzinfo=UTC)


def test_times_are_aware_moments_everywhere() -> None:
    moments = [
        typed(Guild, "GUILD_CREATE").joined,
        typed(GuildMember, "GUILD_MEMBER_ADD").joined,
        typed(MessageAudit, "MESSAGE_AUDIT_PASS").audited_at,
        typed(MessageAudit, "MESSAGE_AUDIT_PASS").created_at,
        typed(GroupJoinRequest, "GROUP_JOIN_REQUEST").applied_at,
        typed(SubscribeMessageStatusData, "SUBSCRIBE_MESSAGE_STATUS").result[0].updated_at,
        typed(Interaction, "INTERACTION_CREATE").sent_at,
        typed(Message, "AT_MESSAGE_CREATE", edited_timestamp="2026-06-02T10:10:00+08:00").edited_at,
    ]

    assert all(moment is not None and moment.tzinfo is not None for moment in moments)
    assert typed(GroupManageEvent, "GROUP_ADD_ROBOT", timestamp=None).happened_at is None


def test_numbers_with_a_meaning_have_a_name_and_unknown_ones_are_none() -> None:
    assert typed(C2CManageEvent, "FRIEND_ADD").came_by is FriendScene.SEARCH_ALL
    assert typed(C2CManageEvent, "FRIEND_ADD", scene=9999).came_by is None
    assert typed(Channel, "CHANNEL_CREATE").kind is ChannelType.TEXT
    assert typed(Channel, "CHANNEL_CREATE", type=10099).kind is None
    assert typed(SubscribeMessageStatusData, "SUBSCRIBE_MESSAGE_STATUS").result[0].allowed


@pytest.mark.parametrize(
    ("changes", "kind", "needs_ack"),
    [
        ({}, InteractionType.BUTTON, True),
        ({"type": 12, "data": {"type": 12, "resolved": {"feature_id": "m"}}}, InteractionType.MENU, True),
        ({"type": 13, "data": {"type": 13, "resolved": {"checked": 1}}}, InteractionType.FEEDBACK, False),
        ({"type": 2, "data": {"type": 9, "resolved": {"keyword": "k"}}}, InteractionType.SEARCH, False),
        (
            {
                "type": 18,
                "chat_type": None,
                "data": {"resolved": {"authorize_data": {"opt_scene": "setting", "scope": "c2c_push"}}},
            },
            InteractionType.AUTHORIZE,
            False,
        ),
        ({"type": 77, "data": {}, "application_id": 102012345}, None, False),
    ],
    ids=["button", "menu", "rating", "search", "authorisation", "new"],
)
def test_all_kinds_of_interaction_are_typed(
    changes: dict[str, Any], kind: InteractionType | None, needs_ack: bool
) -> None:
    interaction = typed(Interaction, "INTERACTION_CREATE", **changes)

    assert interaction.kind is kind
    assert interaction.needs_ack is needs_ack
    assert interaction.application_id == "102012345"
    assert interaction.who == interaction.user_openid
