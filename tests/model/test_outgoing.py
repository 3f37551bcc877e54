"""What goes over the wire for each kind of message: exactly this JSON, and nothing that was not said."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from qqbot_cli import (
    Action,
    ActionButton,
    ActionType,
    Ark,
    Button,
    C2CMessageParams,
    DirectMessageParams,
    Embed,
    EmbedField,
    GroupMessageParams,
    InputNotify,
    Keyboard,
    Markdown,
    Media,
    MessageParams,
    Modal,
    Permission,
    PromptKeyboard,
    Reference,
    StreamMessage,
)
from qqbot_cli.model.outgoing import (
    FontSize,
    InputState,
    MarkdownStyle,
    Outgoing,
    Stream,
    SubscribeData,
    SubscribeTemplate,
)
from qqbot_cli.model.outgoing.keyboard import OLD_CLIENT
from tests.outgoing import PARAMS


def wire(body: msgspec.Struct) -> Any:  # noqa: ANN401
    return msgspec.json.decode(msgspec.json.encode(body))


EVERYBODY = {"permission": {"type": 2}, "unsupport_tips": OLD_CLIENT}

BODIES: dict[str, tuple[Outgoing, dict[str, Any]]] = {
    "text in a channel": (MessageParams.new_text("hi"), {"content": "hi"}),
    "text in a group": (GroupMessageParams.new_text("hi"), {"msg_type": 0, "content": "hi"}),
    "reply": (
        C2CMessageParams.new_text("hi").with_reply("m"),
        {"msg_type": 0, "content": "hi", "msg_id": "m"},
    ),
    "picture by address": (
        MessageParams(content="look", image="https://x/a.png"),
        {"content": "look", "image": "https://x/a.png"},
    ),
    "quote": (
        DirectMessageParams(content="yes", message_reference=Reference("08", ignore_get_message_error=True)),
        {"content": "yes", "message_reference": {"message_id": "08", "ignore_get_message_error": True}},
    ),
    "markdown in a channel": (
        MessageParams.new_markdown("# title"),
        {"markdown": {"content": "# title"}},
    ),
    "markdown in a group": (
        GroupMessageParams.new_markdown(Markdown("# title", force_verify_image_resource=True)),
        {"msg_type": 2, "markdown": {"content": "# title", "force_verify_image_resource": True}},
    ),
    "markdown with style": (
        GroupMessageParams(
            markdown=Markdown("x", style=MarkdownStyle(FontSize.LARGE, "hide_avatar_and_center"))
        ),
        {
            "msg_type": 2,
            "markdown": {
                "content": "x",
                "style": {"main_font_size": "large", "layout": "hide_avatar_and_center"},
            },
        },
    ),
    "template": (
        GroupMessageParams.new_markdown(Markdown.template("101_1", {"title": "T", "list": ["a", "b"]})),
        {
            "msg_type": 2,
            "markdown": {
                "custom_template_id": "101_1",
                "params": [{"key": "title", "values": ["T"]}, {"key": "list", "values": ["a", "b"]}],
            },
        },
    ),
    "old template": (
        MessageParams.new_markdown(Markdown.template(5)),
        {"markdown": {"template_id": 5}},
    ),
    "keyboard from a template": (
        MessageParams.new_keyboard("# t", Keyboard.template("123")),
        {"markdown": {"content": "# t"}, "keyboard": {"id": "123"}},
    ),
    "keyboard": (
        GroupMessageParams.new_keyboard(
            "# t",
            Keyboard.rows(
                [Button("yes", data="y", id="1", group_id="g"), Button("site", link="https://x", style=0)],
                [Button("help", command="/help", enter=True, reply=False, visited_label="helped")],
                font_size="small",
            ),
        ),
        {
            "msg_type": 2,
            "markdown": {"content": "# t"},
            "keyboard": {
                "content": {
                    "rows": [
                        {
                            "buttons": [
                                {
                                    "id": "1",
                                    "group_id": "g",
                                    "render_data": {"label": "yes", "visited_label": "yes", "style": 1},
                                    "action": {"type": 1, "data": "y", **EVERYBODY},
                                },
                                {
                                    "render_data": {"label": "site", "visited_label": "site", "style": 0},
                                    "action": {"type": 0, "data": "https://x", **EVERYBODY},
                                },
                            ]
                        },
                        {
                            "buttons": [
                                {
                                    "render_data": {"label": "help", "visited_label": "helped", "style": 1},
                                    "action": {
                                        "type": 2,
                                        "data": "/help",
                                        "enter": True,
                                        "reply": False,
                                        **EVERYBODY,
                                    },
                                }
                            ]
                        },
                    ],
                    "style": {"font_size": "small"},
                }
            },
        },
    ),
    "ark 23": (
        MessageParams.new_ark(Ark.text_list(["a", ("b", "https://x")], desc="d", prompt="p")),
        {
            "ark": {
                "template_id": 23,
                "kv": [
                    {"key": "#DESC#", "value": "d"},
                    {"key": "#PROMPT#", "value": "p"},
                    {
                        "key": "#LIST#",
                        "obj": [
                            {"obj_kv": [{"key": "desc", "value": "a"}]},
                            {
                                "obj_kv": [
                                    {"key": "desc", "value": "b"},
                                    {"key": "link", "value": "https://x"},
                                ]
                            },
                        ],
                    },
                ],
            }
        },
    ),
    "ark 24": (
        GroupMessageParams.new_ark(
            Ark.thumbnail("t", image="https://i", link="https://l", meta_desc="m", subtitle="s")
        ),
        {
            "msg_type": 3,
            "ark": {
                "template_id": 24,
                "kv": [
                    {"key": "#DESC#", "value": "t"},
                    {"key": "#PROMPT#", "value": "t"},
                    {"key": "#TITLE#", "value": "t"},
                    {"key": "#METADESC#", "value": "m"},
                    {"key": "#IMG#", "value": "https://i"},
                    {"key": "#LINK#", "value": "https://l"},
                    {"key": "#SUBTITLE#", "value": "s"},
                ],
            },
        },
    ),
    "ark 37": (
        C2CMessageParams.new_ark(Ark.large_image("t", cover="https://i", subtitle="s", url="https://l")),
        {
            "msg_type": 3,
            "ark": {
                "template_id": 37,
                "kv": [
                    {"key": "#PROMPT#", "value": "t"},
                    {"key": "#METATITLE#", "value": "t"},
                    {"key": "#METASUBTITLE#", "value": "s"},
                    {"key": "#METACOVER#", "value": "https://i"},
                    {"key": "#METAURL#", "value": "https://l"},
                ],
            },
        },
    ),
    "embed": (
        MessageParams.new_embed(Embed.lines("t", "one", "two", prompt="p", thumbnail="https://x/a.png")),
        {
            "embed": {
                "title": "t",
                "prompt": "p",
                "thumbnail": {"url": "https://x/a.png"},
                "fields": [{"name": "one"}, {"name": "two"}],
            }
        },
    ),
    "embed in full": (
        DirectMessageParams.new_embed(Embed("t", "p", "d", fields=[EmbedField("n", "v")])),
        {
            "embed": {
                "title": "t",
                "prompt": "p",
                "description": "d",
                "fields": [{"name": "n", "value": "v"}],
            }
        },
    ),
    "media": (
        GroupMessageParams.new_media(Media("x")),
        {"msg_type": 7, "media": {"file_info": "x"}},
    ),
    "typing": (
        C2CMessageParams(input_notify=InputNotify(30)),
        {"msg_type": 6, "input_notify": {"input_type": 1, "input_second": 30}},
    ),
    "card": (
        GroupMessageParams(card={"type": "tuwen", "content": {"title": "t"}}),
        {"msg_type": 8, "card": {"type": "tuwen", "content": {"title": "t"}}},
    ),
    "suggestions and feedback": (
        C2CMessageParams(
            markdown=Markdown("x"),
            prompt_keyboard=PromptKeyboard.suggest("why?"),
            action_button=ActionButton(feedback=True, callback_data="c"),
            is_wakeup=True,
        ),
        {
            "msg_type": 2,
            "markdown": {"content": "x"},
            "prompt_keyboard": {
                "keyboard": {
                    "content": {
                        "rows": [
                            {
                                "buttons": [
                                    {
                                        "render_data": {"label": "why?", "visited_label": "why?", "style": 2},
                                        "action": {"type": 2, "data": "why?", **EVERYBODY},
                                    }
                                ]
                            }
                        ]
                    }
                }
            },
            "action_button": {"feedback": True, "callback_data": "c"},
            "is_wakeup": True,
        },
    ),
    "growing text of old": (
        C2CMessageParams(markdown=Markdown("x"), stream=Stream(1, 1)),
        {"msg_type": 2, "markdown": {"content": "x"}, "stream": {"state": 1, "index": 1}},
    ),
    "fields of SDKs": (
        GroupMessageParams(content="x", subscribe_id="s", feature_id=3),
        {"msg_type": 0, "content": "x", "subscribe_id": "s", "feature_id": 3},
    ),
}


@pytest.mark.parametrize(("message", "body"), BODIES.values(), ids=BODIES.keys())
def test_a_message_is_this_json(message: Outgoing, body: dict[str, Any]) -> None:
    assert wire(message) == body


def test_a_button_can_say_everything() -> None:
    button = Button(
        "sub",
        action=Action(
            ActionType.SUBSCRIBE,
            "d",
            permission=Permission.users("U"),
            unsupport_tips="old",
            modal=Modal("sure?", "yes", "no"),
            anchor=1,
            click_limit=2,
            at_bot_show_channel_list=True,
            subscribe_data=SubscribeData([SubscribeTemplate(1), SubscribeTemplate(custom_template_id="c")]),
        ),
    )

    assert wire(Keyboard.row(button))["content"]["rows"][0]["buttons"][0]["action"] == {
        "type": 4,
        "data": "d",
        "permission": {"type": 0, "specify_user_ids": ["U"]},
        "unsupport_tips": "old",
        "modal": {"content": "sure?", "confirm_text": "yes", "cancel_text": "no"},
        "anchor": 1,
        "click_limit": 2,
        "at_bot_show_channel_list": True,
        "subscribe_data": {"template_ids": [{"template_id": 1}, {"custom_template_id": "c"}]},
    }


@pytest.mark.parametrize(
    ("permission", "body"),
    [
        (Permission(), {"type": 2}),
        (Permission.administrators(), {"type": 1}),
        (Permission.users("A", "B"), {"type": 0, "specify_user_ids": ["A", "B"]}),
        (Permission.roles("4"), {"type": 3, "specify_role_ids": ["4"]}),
    ],
    ids=["everybody", "administrators", "users", "roles"],
)
def test_a_permission_is_this_json(permission: Permission, body: dict[str, Any]) -> None:
    assert wire(permission) == body


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"data": "a", "link": "b"},
        {"data": "a", "action": Action(1)},
        {"action": Action(2), "enter": True},
    ],
    ids=["nothing", "two", "short and full", "details beside the action"],
)
def test_a_button_does_one_thing(fields: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="button 'x'"):
        Button("x", **fields)


def test_a_piece_of_a_growing_text_is_this_json() -> None:
    piece = StreamMessage(
        input_state=InputState.FINISHED,
        index=1,
        content_raw="Hello",
        msg_id="m",
        msg_seq=7,
        stream_msg_id="S1",
    )

    assert wire(piece) == {
        "input_mode": "replace",
        "input_state": 10,
        "index": 1,
        "content_type": "markdown",
        "content_raw": "Hello",
        "msg_id": "m",
        "msg_seq": 7,
        "stream_msg_id": "S1",
    }


@pytest.mark.parametrize("params", PARAMS.values(), ids=PARAMS.keys())
def test_none_is_the_same_as_left_out(params: type[Outgoing]) -> None:
    nothing: dict[str, Any] = dict.fromkeys(set(params.__struct_fields__) - {"msg_type"})

    assert wire(params(**{**nothing, "content": "x"})) == wire(params(content="x"))


def test_msg_type_follows_a_changed_message() -> None:
    text = GroupMessageParams(content="x", msg_type=99)
    media = msgspec.structs.replace(text, content=msgspec.UNSET, media=Media("f"))

    assert (text.msg_type, media.msg_type) == (0, 7)


def test_a_reply_answers_one_thing() -> None:
    message = GroupMessageParams(content="x", event_id="e").with_reply("m")

    assert wire(message) == {"msg_type": 0, "content": "x", "msg_id": "m"}


def test_equal_messages_are_equal_and_can_be_printed() -> None:
    first, second = (GroupMessageParams.new_keyboard("x", Keyboard.row(Button("a", data="b"))) for _ in "12")

    assert first == second
    assert "label='a'" in repr(first)
