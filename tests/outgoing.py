"""Messages of every kind, for tests of what sends them, what checks them and what judges them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

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
    Scene,
    StreamMessage,
    command_enter,
)
from qqbot_cli.model.outgoing import InputState, KeyboardContent, MarkdownParam, Outgoing, SubscribeData
from qqbot_cli.model.outgoing.kinds import KINDS, Access

PARAMS: Final[dict[Scene, type[Outgoing]]] = {
    Scene.CHANNEL: MessageParams,
    Scene.DMS: DirectMessageParams,
    Scene.GROUP: GroupMessageParams,
    Scene.C2C: C2CMessageParams,
}

PNG: Final = b"\x89PNG\r\n\x1a\n" + bytes(100)
"""What counts as a picture."""


def furnish(folder: Path) -> None:
    """Put the files into *folder* that pages speak of; the film goes in parts."""
    (folder / "cat.png").write_bytes(PNG)
    with (folder / "cat.mp4").open("wb") as file:
        file.write(b"\0\0\0\x18ftypisom")
        file.truncate(6 * 1024 * 1024)


KIND_SAMPLES: Final[dict[str, Any]] = {
    "content": "hello 😀",
    "markdown": Markdown("# hello"),
    "ark": Ark.text_list(["a line", ("a link", "https://example.com")], desc="d", prompt="p"),
    "embed": Embed.lines("title", "one", "two", prompt="p", thumbnail="https://example.com/a.png"),
    "image": "https://example.com/a.png",
    "file_image": PNG,
    "media": Media("file"),
    "input_notify": InputNotify(10),
    "card": {"type": "tuwen", "content": {"title": "t"}},
}
"""For every row of KINDS, something of that kind."""

ALLOWED: Final = [(scene, kind) for kind in KINDS for scene in Scene if kind.access[scene] is not Access.NO]
"""Every scene with every kind that may be sent there."""


def group(**fields: Any) -> GroupMessageParams:  # noqa: ANN401
    return GroupMessageParams(**fields)


def c2c(**fields: Any) -> C2CMessageParams:  # noqa: ANN401
    return C2CMessageParams(**fields)


def channel(**fields: Any) -> MessageParams:  # noqa: ANN401
    return MessageParams(**fields)


def pressed(button: Button) -> dict[str, Any]:
    """Fields of a message with one button."""
    return {"markdown": Markdown("x"), "keyboard": Keyboard.row(button)}


def param(*values: str) -> Markdown:
    return Markdown(custom_template_id="1_2", params=[MarkdownParam("title", values)])


def piece(**fields: Any) -> StreamMessage:  # noqa: ANN401
    base: dict[str, Any] = {
        "input_state": InputState.GENERATING,
        "index": 0,
        "content_raw": "x",
        "msg_id": "m",
    }
    return StreamMessage(**{**base, **fields})


B = Button("x", data="y")

REFUSED: Final[dict[str, tuple[Outgoing, str]]] = {
    "nothing": (group(), "content: there is nothing to send"),
    "empty text": (channel(content=""), "content: there is nothing to send"),
    "embed to a group": (
        group(embed=Embed("t", "p")),
        "embed: cannot be sent to a group; write the lines as markdown or content",
    ),
    "embed to a user": (
        c2c(embed=Embed("t", "p")),
        "embed: cannot be sent to a one-to-one chat; write the lines as markdown or content",
    ),
    "media to a channel": (
        channel(media=Media("f")),
        "media: cannot be sent to a channel; send a picture as image",
    ),
    "media to a direct message": (
        DirectMessageParams(media=Media("f")),
        "media: cannot be sent to a direct message of a guild; send a picture as image",
    ),
    "picture by address to a group": (
        group(image="https://x.cn/a.png"),
        "image: cannot be sent to a group; upload the picture and send it as media",
    ),
    "picture itself to a user": (
        c2c(file_image=PNG),
        "file_image: cannot be sent to a one-to-one chat; upload the picture and send it as media",
    ),
    "a quote next to a picture": (
        channel(file_image=PNG, message_reference=Reference("08")),
        "message_reference: cannot stand next to file_image; leave out the quote, or give the address of the"
        " picture as image",
    ),
    "text next to markdown": (
        group(content="a", markdown=Markdown("b")),
        "content: cannot stand next to markdown; write the text into it, or send two messages",
    ),
    "text next to markdown in a channel": (
        channel(content="a", markdown=Markdown("b")),
        "content: cannot stand next to markdown; write the text into it, or send two messages",
    ),
    "text next to a typing notice": (
        c2c(content="a", input_notify=InputNotify()),
        "content: cannot stand next to input_notify; write the text into it, or send two messages",
    ),
    "two kinds": (
        group(markdown=Markdown("a"), media=Media("f")),
        "markdown and media: a message has one of them; send several messages",
    ),
    "markdown with a picture in a channel": (
        channel(markdown=Markdown("a"), image="https://x.cn/a.png"),
        "markdown and image: a message has one of them; send several messages",
    ),
    "markdown with text and template": (
        group(markdown=Markdown("a", custom_template_id="1_2")),
        "markdown: has content and custom_template_id; give the text or the template",
    ),
    "markdown with nothing": (group(markdown=Markdown()), "markdown: has neither content nor a template"),
    "markdown with values only": (
        group(markdown=Markdown(params=[MarkdownParam("a", ["b"])])),
        "markdown: has neither content nor a template",
    ),
    "empty markdown": (
        group(markdown=Markdown("")),
        "markdown.content: is empty; the least is one character, such as \\u200b",
    ),
    "empty template value": (
        group(markdown=param("")),
        "markdown.params 'title': has an empty value, which no template takes",
    ),
    "no template value": (
        group(markdown=param()),
        "markdown.params 'title': has an empty value, which no template takes",
    ),
    "line break in a template value": (
        group(markdown=param("a\nb")),
        "markdown.params 'title': has a line break; use several variables",
    ),
    "command that is sent at once in a group": (
        group(markdown=Markdown(command_enter("/go"))),
        "markdown.content: commands that are sent at once do not work in a group; use command_input",
    ),
    "keyboard without markdown": (
        group(content="a", keyboard=Keyboard.row(B)),
        "keyboard: needs markdown; the text above the buttons goes there",
    ),
    "keyboard alone": (
        channel(keyboard=Keyboard.template("1")),
        "keyboard: needs markdown; the text above the buttons goes there",
    ),
    "keyboard with template and content": (
        group(markdown=Markdown("x"), keyboard=Keyboard("1", KeyboardContent([]))),
        "keyboard: needs either id or content",
    ),
    "keyboard with neither": (
        group(markdown=Markdown("x"), keyboard=Keyboard()),
        "keyboard: needs either id or content",
    ),
    "too many rows": (
        group(markdown=Markdown("x"), keyboard=Keyboard.rows(*[[B]] * 6)),
        "keyboard.rows[5]: at most 5 rows",
    ),
    "too many buttons": (
        group(markdown=Markdown("x"), keyboard=Keyboard.rows([B], [B] * 6)),
        "keyboard.rows[1].buttons[5]: at most 5 buttons in a row",
    ),
    "long label": (
        group(**pressed(Button("0123456789ab", data="y"))),
        "button '0123456789ab': label has 12 characters, at most 10",
    ),
    "no label": (group(**pressed(Button("", data="y"))), "button '': needs a label"),
    "link that leads nowhere": (
        group(**pressed(Button("x", link=""))),
        "button 'x': data is the address to open, and is empty",
    ),
    "subscription to nothing": (
        group(**pressed(Button("x", action=Action(ActionType.SUBSCRIBE)))),
        "button 'x': subscribe_data says what for, and is missing",
    ),
    "button for nobody": (
        group(**pressed(Button("x", data="y", permission=Permission.users()))),
        "button 'x': permission is for certain users, and names none in specify_user_ids",
    ),
    "button for no role": (
        channel(**pressed(Button("x", data="y", permission=Permission.roles()))),
        "button 'x': permission is for certain roles, and names none in specify_role_ids",
    ),
    "button for roles in a group": (
        group(**pressed(Button("x", data="y", permission=Permission.roles("1")))),
        "button 'x': permission by roles exists in guilds only; use users or administrators",
    ),
    "long question": (
        group(**pressed(Button("x", data="y", modal=Modal("?" * 41)))),
        "button 'x': modal.content has 41 characters, at most 40",
    ),
    "long confirmation": (
        group(**pressed(Button("x", data="y", modal=Modal("?", "of course")))),
        "button 'x': modal.confirm_text has 9 characters, at most 4",
    ),
    "address in a question": (
        group(**pressed(Button("x", data="y", modal=Modal("https://x.cn ?")))),
        "button 'x': modal.content contains a URL, which is not allowed there",
    ),
    "reply to two things": (
        group(content="a", msg_id="m", event_id="e"),
        "event_id: stands next to msg_id; a reply has one of them",
    ),
    "wake-up as a reply": (
        c2c(content="a", is_wakeup=True, msg_id="m"),
        "is_wakeup: a wake-up message is no reply; leave out msg_id and event_id",
    ),
    "msg_seq too small": (group(content="a", msg_seq=0), "msg_seq: 0 is not from 1 to 4294967295"),
    "msg_seq too large": (
        group(content="a", msg_seq=2**32),
        "msg_seq: 4294967296 is not from 1 to 4294967295",
    ),
    "quote of nothing": (
        channel(content="a", message_reference=Reference("")),
        "message_reference.message_id: is empty",
    ),
    "quote by message id in a group": (
        group(content="a", message_reference=Reference("ROBOT1.0_x")),
        "message_reference.message_id: is a message id, but groups and one-to-one chats quote by index,"
        " REFIDX_…; take session.event.index, or ext_info.ref_idx of what was sent",
    ),
    "typing too short": (
        c2c(input_notify=InputNotify(0)),
        "input_notify.input_second: 0 is not from 1 to 60",
    ),
    "typing too long": (
        c2c(input_notify=InputNotify(61)),
        "input_notify.input_second: 61 is not from 1 to 60",
    ),
    "media without file": (
        group(media=Media("")),
        "media.file_info: is empty; take it from the answer to the upload",
    ),
    "long suggestion": (
        c2c(content="a", prompt_keyboard=PromptKeyboard.suggest("eleven char")),
        "button 'eleven char': label has 11 characters, at most 10",
    ),
    "too many suggestions": (
        c2c(content="a", prompt_keyboard=PromptKeyboard.suggest(*"abcdef")),
        "prompt_keyboard.keyboard.rows[0].buttons[5]: at most 5 buttons in a row",
    ),
    "long callback data": (
        c2c(content="a", action_button=ActionButton(callback_data="x" * 129)),
        "action_button.callback_data: has 129 characters, at most 128",
    ),
}
"""A message and what is said about it, for everything that is refused before it is sent."""

REFUSED_PIECES: Final[dict[str, tuple[StreamMessage, str]]] = {
    "reply to two things": (
        piece(event_id="e"),
        "event_id: stands next to msg_id; a stream has one of them",
    ),
    "reply to nothing": (
        piece(msg_id=None),
        "msg_id: a stream answers something; give msg_id or event_id",
    ),
    "wake-up as a reply": (
        piece(is_wakeup=True),
        "is_wakeup: a wake-up message is no reply; leave out msg_id and event_id",
    ),
    "negative index": (piece(index=-1), "index: -1 is below 0, the number of the first piece"),
    "second piece of nothing": (
        piece(index=1),
        "stream_msg_id: every piece but the first names the stream: take the id of the first answer",
    ),
    "msg_seq too small": (piece(msg_seq=0), "msg_seq: 0 is not from 1 to 4294967295"),
}

ACCEPTED: Final[dict[str, Outgoing]] = {
    "a caption beside media, which people rely on": group(content="a", media=Media("f")),
    "text beside an ark": group(content="a", ark=Ark(23)),
    "text and picture in a channel": channel(content="a", image="https://x.cn/a.png"),
    "text and the picture itself in a channel": channel(content="a", file_image=PNG),
    "empty text next to markdown": group(content="", markdown=Markdown("a")),
    "a keyboard without rows": group(markdown=Markdown("a"), keyboard=Keyboard.rows()),
    "an emoji is one character on a button": group(**pressed(Button("👨‍👩‍👧" * 10, data="y"))),
    "types of tomorrow": group(**pressed(Button("x", action=Action(9, "y", permission=Permission(7))))),
    "a subscription": group(
        **pressed(Button("x", action=Action(ActionType.SUBSCRIBE, subscribe_data=SubscribeData([]))))
    ),
    "roles in a channel": channel(**pressed(Button("x", data="y", permission=Permission.roles("4")))),
    "commands that are sent at once in a one-to-one chat": c2c(markdown=Markdown(command_enter("/go"))),
    "both template ids": group(markdown=Markdown(template_id=1, custom_template_id="1_2")),
    "a wake-up message": c2c(content="a", is_wakeup=True),
    "the largest msg_seq": group(content="a", msg_seq=2**32 - 1),
    "markdown with a quote": channel(markdown=Markdown("a"), message_reference=Reference("08")),
    "an embed with fields": channel(embed=Embed("t", "p", fields=[EmbedField("n", "v")])),
    "an active message": group(content="a"),
}
"""What is allowed, or not known to be refused."""
