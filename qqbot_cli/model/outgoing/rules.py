"""What the platform would refuse, found before it is sent.

Each rule looks at one message and names what is wrong: the field, the limit and the way out. Where the
documentation is silent or sources differ, nothing is refused here: the platform decides.
Source: platform documentation, "发送消息", "Markdown 消息", "消息按钮" and "错误码".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import msgspec
from msgspec import UNSET

from qqbot_cli.errors import MessageError
from qqbot_cli.model.grapheme import count
from qqbot_cli.model.outgoing.card import Ark, Embed
from qqbot_cli.model.outgoing.keyboard import (
    ActionButton,
    ActionType,
    Button,
    Keyboard,
    Modal,
    PermissionType,
    PromptKeyboard,
)
from qqbot_cli.model.outgoing.kinds import KINDS, PLACES, TEXT, Access
from qqbot_cli.model.outgoing.markdown import Markdown
from qqbot_cli.model.outgoing.message import InputNotify, Media, Outgoing, Reference
from qqbot_cli.model.outgoing.stream import StreamMessage
from qqbot_cli.model.scene import Scene

MAX_ROWS: Final = 5
"""Rows of a keyboard."""
MAX_BUTTONS: Final = 5
"""Buttons of a row."""
MAX_LABEL: Final = 10
"""Characters on a button, as a reader counts them: how the platform counts is not documented."""
MODAL_LIMITS: Final = {"content": 40, "confirm_text": 4, "cancel_text": 4}
"""Characters of the parts of a modal."""
MAX_CALLBACK_DATA: Final = 128
"""Characters that an `ActionButton` hands back."""
NOTICE_SECONDS: Final = (1, 60)
"""How long a typing notice may last."""
SEQ_RANGE: Final = (1, 2**32 - 1)
"""``msg_seq``: an unsigned 32-bit number."""
_TYPES: Final[Mapping[str, tuple[type, str]]] = {
    "content": (str, "text"),
    "markdown": (Markdown, "text or Markdown"),
    "keyboard": (Keyboard, "a Keyboard"),
    "ark": (Ark, "an Ark"),
    "embed": (Embed, "an Embed"),
    "media": (Media, "Media, as an upload answers it"),
    "image": (str, "the address of a picture"),
    "message_reference": (Reference, "a Reference"),
}
"""Field -> what is taken there, and how that is called. Types are not checked elsewhere before the wire."""
_MESSAGE_ID: Final = "ROBOT1.0_"
"""Beginning of message ids outside guilds, where quotes go by index."""
_ENTER_COMMAND: Final = "<qqbot-cmd-enter"

Problems = Iterator[str]


def check(body: msgspec.Struct | None) -> None:
    """Refuse *body* if the platform would; what is no message passes.

    Raises:
        MessageError: With everything that is wrong.
    """
    found = tuple(problems(body))
    if found:
        raise MessageError(found)


def problems(body: msgspec.Struct | None) -> Problems:
    """Return what is wrong with *body*, one sentence each."""
    if isinstance(body, Outgoing):
        mistaken = tuple(_types(body))
        yield from mistaken
        if not mistaken:  # the others take for granted what annotations say
            for rule in _RULES:
                yield from rule(body)
    elif isinstance(body, StreamMessage):
        yield from _stream(body)


def _types(message: Outgoing) -> Problems:
    for field, (kind, wanted) in _TYPES.items():
        value = getattr(message, field)
        if value is not UNSET and not isinstance(value, kind):
            yield f"{field}: is of type {type(value).__name__}, and has to be {wanted}"


def _scene(message: Outgoing) -> Problems:
    for kind in KINDS:
        if kind.access[message.scene] is Access.NO and _given(message, kind.field):
            yield f"{kind.field}: cannot be sent to {PLACES[message.scene]}; {kind.instead}"


def _content(message: Outgoing) -> Problems:
    given = [kind for kind in KINDS if _given(message, kind.field)]
    others = [kind for kind in given if kind is not TEXT]
    if not given:
        if message.keyboard is UNSET:
            yield "content: there is nothing to send"
        return
    # In guilds some kinds may be combined, but nobody says which: only Markdown is known to stand alone.
    alone = not message.scene.in_guild or message.markdown is not UNSET
    if alone and len(others) > 1:
        names = " and ".join(kind.field for kind in others)
        yield f"{names}: a message has one of them; send several messages"
    for kind in others:
        if TEXT in given and not kind.beside_text:
            yield f"content: cannot stand next to {kind.field}; write the text into it, or send two messages"


def _markdown(message: Outgoing) -> Problems:
    markdown = message.markdown
    if markdown is UNSET:
        return
    templates = [
        name
        for name in ("custom_template_id", "template_id", "params")
        if getattr(markdown, name) is not UNSET
    ]
    # Both template ids at once are documented nowhere, so they pass.
    if markdown.content is not UNSET and templates:
        yield f"markdown: has content and {templates[0]}; give the text or the template"
    if markdown.content is UNSET and templates in ([], ["params"]):
        yield "markdown: has neither content nor a template"
    if markdown.content == "":
        yield "markdown.content: is empty; the least is one character, such as \\u200b"
    if markdown.params is not UNSET:
        for param in markdown.params:
            # Values with Markdown in them are refused too, but what counts as such is not documented.
            if not param.values or "" in param.values:
                yield f"markdown.params {param.key!r}: has an empty value, which no template takes"
            if any("\n" in value or "\r" in value for value in param.values):
                yield f"markdown.params {param.key!r}: has a line break; use several variables"
    if (
        message.scene is not Scene.C2C
        and markdown.content is not UNSET
        and _ENTER_COMMAND in markdown.content
    ):
        place = PLACES[message.scene]
        yield f"markdown.content: commands that are sent at once do not work in {place}; use command_input"


def _keyboard(message: Outgoing) -> Problems:
    if message.keyboard is UNSET:
        return
    if message.markdown is UNSET:
        yield "keyboard: needs markdown; the text above the buttons goes there"
    yield from _buttons("keyboard", message.keyboard, message.scene)


def _buttons(path: str, keyboard: Keyboard, scene: Scene) -> Problems:
    content = keyboard.content
    if (keyboard.id is UNSET) is (content is UNSET):
        yield f"{path}: needs either id or content"
    if content is UNSET:
        return
    if len(content.rows) > MAX_ROWS:
        yield f"{path}.rows[{MAX_ROWS}]: at most {MAX_ROWS} rows"
    for number, row in enumerate(content.rows):
        if len(row.buttons) > MAX_BUTTONS:
            yield f"{path}.rows[{number}].buttons[{MAX_BUTTONS}]: at most {MAX_BUTTONS} buttons in a row"
        for button in row.buttons:
            yield from _button(button, scene)


def _button(button: Button, scene: Scene) -> Problems:
    label, action = button.render_data.label, button.action
    name = f"button {label!r}"
    if not label:
        yield "button '': needs a label"
    if (length := count(label)) > MAX_LABEL:
        yield f"{name}: label has {length} characters, at most {MAX_LABEL}"
    if action.type == ActionType.LINK and not action.data:
        yield f"{name}: data is the address to open, and is empty"
    if action.type == ActionType.SUBSCRIBE and action.subscribe_data is UNSET:
        yield f"{name}: subscribe_data says what for, and is missing"
    permission = action.permission
    if permission.type == PermissionType.USERS and not permission.specify_user_ids:
        yield f"{name}: permission is for certain users, and names none in specify_user_ids"
    if permission.type == PermissionType.ROLES:
        if not scene.in_guild:
            yield f"{name}: permission by roles exists in guilds only; use users or administrators"
        elif not permission.specify_role_ids:
            yield f"{name}: permission is for certain roles, and names none in specify_role_ids"
    if action.modal is not UNSET:
        yield from _modal(name, action.modal)


def _modal(name: str, modal: Modal) -> Problems:
    for part, limit in MODAL_LIMITS.items():
        text = getattr(modal, part)
        if text is UNSET:
            continue
        if (length := count(text)) > limit:
            yield f"{name}: modal.{part} has {length} characters, at most {limit}"
        if "://" in text:
            yield f"{name}: modal.{part} contains a URL, which is not allowed there"


def _reference(message: Outgoing) -> Problems:
    if message.msg_id is not UNSET and message.event_id is not UNSET:
        yield "event_id: stands next to msg_id; a reply has one of them"
    if getattr(message, "is_wakeup", UNSET) is True and not _is_active(message):
        yield "is_wakeup: a wake-up message is no reply; leave out msg_id and event_id"
    yield from _number("msg_seq", getattr(message, "msg_seq", UNSET), *SEQ_RANGE)


def _quote(message: Outgoing) -> Problems:
    quote = message.message_reference
    if quote is UNSET:
        return
    if message.file_image is not UNSET:
        yield (
            "message_reference: cannot stand next to file_image; leave out the quote, or give the address of"
            " the picture as image"
        )
    if not quote.message_id:
        yield "message_reference.message_id: is empty"
    elif not message.scene.in_guild and quote.message_id.startswith(_MESSAGE_ID):
        yield (
            "message_reference.message_id: is a message id, but groups and one-to-one chats quote by index,"
            " REFIDX_…; take session.event.index, or ext_info.ref_idx of what was sent"
        )


def _parts(message: Outgoing) -> Problems:
    """What belongs to single kinds of messages."""
    notice = getattr(message, "input_notify", UNSET)
    if isinstance(notice, InputNotify):
        yield from _number("input_notify.input_second", notice.input_second, *NOTICE_SECONDS)
    if message.media is not UNSET and not message.media.file_info:
        yield "media.file_info: is empty; take it from the answer to the upload"
    prompts = getattr(message, "prompt_keyboard", UNSET)
    if isinstance(prompts, PromptKeyboard):
        yield from _buttons("prompt_keyboard.keyboard", prompts.keyboard, message.scene)
    bar = getattr(message, "action_button", UNSET)
    if isinstance(bar, ActionButton) and bar.callback_data is not UNSET:
        length = len(bar.callback_data)
        if length > MAX_CALLBACK_DATA:
            yield f"action_button.callback_data: has {length} characters, at most {MAX_CALLBACK_DATA}"


def _stream(piece: StreamMessage) -> Problems:
    if piece.msg_id is not UNSET and piece.event_id is not UNSET:
        yield "event_id: stands next to msg_id; a stream has one of them"
    if piece.is_wakeup is True and not _is_active(piece):
        yield "is_wakeup: a wake-up message is no reply; leave out msg_id and event_id"
    if piece.is_wakeup is not True and _is_active(piece):
        yield "msg_id: a stream answers something; give msg_id or event_id"
    if piece.index < 0:
        yield f"index: {piece.index} is below 0, the number of the first piece"
    if piece.index > 0 and piece.stream_msg_id is UNSET:
        yield "stream_msg_id: every piece but the first names the stream: take the id of the first answer"
    yield from _number("msg_seq", piece.msg_seq, *SEQ_RANGE)


_RULES: Final[Iterable[Callable[[Outgoing], Problems]]] = (
    _scene,
    _content,
    _markdown,
    _keyboard,
    _reference,
    _quote,
    _parts,
)


def _given(message: Outgoing, field: str) -> bool:
    """Whether there is something in *field*; an empty text is nothing."""
    value = getattr(message, field, UNSET)
    return value is not UNSET and value not in ("", b"")


def _is_active(message: Outgoing | StreamMessage) -> bool:
    return message.msg_id is UNSET and message.event_id is UNSET


def _number(field: str, value: object, least: int, most: int) -> Problems:
    if isinstance(value, int) and not least <= value <= most:
        yield f"{field}: {value} is not from {least} to {most}"
