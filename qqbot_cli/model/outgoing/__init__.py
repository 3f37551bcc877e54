"""What we send: bodies of REST calls. Fields left `UNSET` do not appear on the wire.

Source: platform documentation, "发送消息".
"""

from __future__ import annotations

from qqbot_cli.model.outgoing.card import (
    Ark,
    ArkKv,
    ArkObj,
    ArkObjKv,
    Embed,
    EmbedField,
    EmbedThumbnail,
)
from qqbot_cli.model.outgoing.interaction import InteractionAck, InteractionCode
from qqbot_cli.model.outgoing.keyboard import (
    Action,
    ActionButton,
    ActionType,
    Button,
    ButtonStyle,
    Keyboard,
    KeyboardContent,
    KeyboardRow,
    KeyboardStyle,
    Modal,
    Permission,
    PermissionType,
    PromptKeyboard,
    RenderData,
    SubscribeData,
    SubscribeTemplate,
)
from qqbot_cli.model.outgoing.kinds import KINDS, Access, ContentKind
from qqbot_cli.model.outgoing.markdown import FontSize, Markdown, MarkdownParam, MarkdownStyle
from qqbot_cli.model.outgoing.message import (
    C2CMessageParams,
    DirectMessageParams,
    GroupMessageParams,
    InputNotify,
    Media,
    MessageParams,
    Outgoing,
    Reference,
    as_markdown,
)
from qqbot_cli.model.outgoing.rules import check, problems
from qqbot_cli.model.outgoing.stream import ContentType, InputMode, InputState, Stream, StreamMessage
from qqbot_cli.model.outgoing.wire import Wire

__all__ = [
    "KINDS",
    "Access",
    "Action",
    "ActionButton",
    "ActionType",
    "Ark",
    "ArkKv",
    "ArkObj",
    "ArkObjKv",
    "Button",
    "ButtonStyle",
    "C2CMessageParams",
    "ContentKind",
    "ContentType",
    "DirectMessageParams",
    "Embed",
    "EmbedField",
    "EmbedThumbnail",
    "FontSize",
    "GroupMessageParams",
    "InputMode",
    "InputNotify",
    "InputState",
    "InteractionAck",
    "InteractionCode",
    "Keyboard",
    "KeyboardContent",
    "KeyboardRow",
    "KeyboardStyle",
    "Markdown",
    "MarkdownParam",
    "MarkdownStyle",
    "Media",
    "MessageParams",
    "Modal",
    "Outgoing",
    "Permission",
    "PermissionType",
    "PromptKeyboard",
    "Reference",
    "RenderData",
    "Stream",
    "StreamMessage",
    "SubscribeData",
    "SubscribeTemplate",
    "Wire",
    "as_markdown",
    "check",
    "problems",
]
