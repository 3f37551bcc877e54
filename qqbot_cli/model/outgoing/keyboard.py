"""Buttons below a Markdown message.

Source: platform documentation, "消息按钮"; native schemes, subscriptions, modals and groups of buttons from
the official Go SDK.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

from msgspec import UNSET, UnsetType

from qqbot_cli.model.outgoing.wire import Wire

OLD_CLIENT: Final = "请升级 QQ 后使用"
"""What clients show that know no such button: "please update QQ"."""


class ActionType(IntEnum):
    """What pressing a button does."""

    LINK = 0
    """Opens a page or a mini program."""
    CALLBACK = 1
    """Tells the bot, by `interaction_create`."""
    COMMAND = 2
    """Puts a text into the input box of the person."""
    SCHEME = 3
    """Opens something inside QQ (``mqqapi://…``)."""
    SUBSCRIBE = 4
    """Asks for subscription messages."""


class PermissionType(IntEnum):
    """Who may press a button."""

    USERS = 0
    ADMINISTRATORS = 1
    EVERYBODY = 2
    ROLES = 3
    """Guilds only."""


class ButtonStyle(IntEnum):
    """How a button looks; every client knows the first two, sources differ about the others."""

    GREY = 0
    BLUE = 1
    WHITE_TEXT = 2
    """Suggestions of a `PromptKeyboard` have it; documented as white text."""
    BLUE_FILLED = 3
    """Documented as white on blue; the Go SDK says red text on white."""
    WHITE_ON_BLUE = 4
    """By the Go SDK."""


class Permission(Wire, frozen=True):
    """Who may press a button; everybody, if nothing else is said."""

    type: int = PermissionType.EVERYBODY
    specify_user_ids: Sequence[str] | UnsetType = UNSET
    specify_role_ids: Sequence[str] | UnsetType = UNSET

    @classmethod
    def users(cls, *ids: str) -> Self:
        """Return "only these": user ids in guilds, ``member_openid`` in groups."""
        return cls(PermissionType.USERS, specify_user_ids=ids)

    @classmethod
    def administrators(cls) -> Self:
        """Return "only administrators"."""
        return cls(PermissionType.ADMINISTRATORS)

    @classmethod
    def roles(cls, *ids: str) -> Self:
        """Return "only who has one of these roles"; guilds only."""
        return cls(PermissionType.ROLES, specify_role_ids=ids)


class Modal(Wire, frozen=True):
    """A question that is asked before the button acts; no part may contain a URL."""

    content: str
    """At most 40 characters."""
    confirm_text: str | UnsetType = UNSET
    """At most 4 characters."""
    cancel_text: str | UnsetType = UNSET
    """At most 4 characters."""


class SubscribeTemplate(Wire, frozen=True):
    """A template for subscription messages, by number or by name."""

    template_id: int | UnsetType = UNSET
    custom_template_id: str | UnsetType = UNSET


class SubscribeData(Wire, frozen=True):
    """What a button of the type SUBSCRIBE asks for."""

    template_ids: Sequence[SubscribeTemplate]


class Action(Wire, frozen=True):
    """What pressing a button does, in full."""

    type: int
    """An `ActionType`."""
    data: str | UnsetType = UNSET
    """Address, what the bot is told (``button_data``), or the text for the input box."""
    permission: Permission = Permission()
    unsupport_tips: str = OLD_CLIENT
    """What old clients show instead."""
    reply: bool | UnsetType = UNSET
    """COMMAND: whether the text quotes this message."""
    enter: bool | UnsetType = UNSET
    """COMMAND: whether the text is sent at once; one-to-one chats only."""
    anchor: int | UnsetType = UNSET
    """COMMAND: 1 opens the choice of pictures, and `enter` is not looked at; mobile one-to-one chats only."""
    modal: Modal | UnsetType = UNSET
    subscribe_data: SubscribeData | UnsetType = UNSET
    """SUBSCRIBE: what for."""
    click_limit: int | UnsetType = UNSET
    """Deprecated by the platform."""
    at_bot_show_channel_list: bool | UnsetType = UNSET
    """Deprecated by the platform."""


class RenderData(Wire, frozen=True):
    """How a button looks."""

    label: str
    """At most 10 characters."""
    visited_label: str
    """After it was pressed."""
    style: int = ButtonStyle.BLUE


@dataclass(frozen=True, init=False)
class Button:
    """One button; its fields are those of the wire, its constructor is shorter.

    ``Button("yes", data="vote=yes")`` tells the bot, ``Button("site", link="https://…")`` opens a page,
    ``Button("help", command="/help")`` fills the input box, and ``action=Action(…)`` does anything else.
    """

    render_data: RenderData
    action: Action
    id: str | UnsetType = UNSET
    """Comes back as ``button_id``; unique within the keyboard."""
    group_id: str | UnsetType = UNSET
    """A press greys out the other buttons with the same one."""

    def __init__(
        self,
        label: str,
        *,
        data: str | None = None,
        link: str | None = None,
        command: str | None = None,
        action: Action | None = None,
        enter: bool | None = None,
        reply: bool | None = None,
        permission: Permission | None = None,
        modal: Modal | None = None,
        visited_label: str | None = None,
        style: int = ButtonStyle.BLUE,
        id: str | None = None,  # noqa: A002 - the platform's word
        group_id: str | None = None,
    ) -> None:
        """Make a button.

        Args:
            label: Its text, at most 10 characters.
            data: Tell the bot this when it is pressed.
            link: Open this page.
            command: Put this text into the input box, after a mention of the bot.
            action: Do this; says in full what the other three are short for.
            enter: Whether *command* is sent at once; one-to-one chats only.
            reply: Whether *command* quotes the message.
            permission: Who may press it; everybody if left out.
            modal: Asked before it acts.
            visited_label: Its text after it was pressed; *label* if left out.
            style: A `ButtonStyle`.
            id: Comes back as ``button_id``.
            group_id: Buttons with the same one exclude each other.

        Raises:
            TypeError: If not exactly one of *data*, *link*, *command* and *action* is given, or *action*
                together with what it says itself.
        """
        short = {
            ActionType.CALLBACK: data,
            ActionType.LINK: link,
            ActionType.COMMAND: command,
        }
        given = {kind: text for kind, text in short.items() if text is not None}
        details = (enter, reply, permission, modal)
        if len(given) + (action is not None) != 1:
            raise TypeError(f"button {label!r}: give one of data, link, command and action")
        if action is not None and any(detail is not None for detail in details):
            raise TypeError(
                f"button {label!r}: enter, reply, permission and modal are said in the action itself"
            )
        if action is None:
            ((kind, text),) = given.items()
            action = Action(
                kind,
                text,
                permission=permission or Permission(),
                enter=UNSET if enter is None else enter,
                reply=UNSET if reply is None else reply,
                modal=modal or UNSET,
            )
        # Frozen, with a constructor of its own: there is no other way to set fields.
        put = object.__setattr__
        put(self, "render_data", RenderData(label, label if visited_label is None else visited_label, style))
        put(self, "action", action)
        put(self, "id", UNSET if id is None else id)
        put(self, "group_id", UNSET if group_id is None else group_id)


class KeyboardRow(Wire, frozen=True):
    """Buttons side by side."""

    buttons: Sequence[Button]
    """At most 5."""


class KeyboardStyle(Wire, frozen=True):
    """How all buttons look."""

    font_size: str | UnsetType = UNSET


class KeyboardContent(Wire, frozen=True):
    """Rows of buttons."""

    rows: Sequence[KeyboardRow]
    """At most 5."""
    style: KeyboardStyle | UnsetType = UNSET


class Keyboard(Wire, frozen=True):
    """Buttons below a message: `id` of a template of the console, or `content`."""

    id: str | UnsetType = UNSET
    content: KeyboardContent | UnsetType = UNSET

    @classmethod
    def template(cls, template_id: str) -> Self:
        """Return the keyboard that the console knows by this id."""
        return cls(id=template_id)

    @classmethod
    def row(cls, *buttons: Button) -> Self:
        """Return one row of buttons."""
        return cls.rows(buttons)

    @classmethod
    def rows(cls, *rows: Sequence[Button], font_size: str | None = None) -> Self:
        """Return several rows of buttons, from top to bottom."""
        style = UNSET if font_size is None else KeyboardStyle(font_size)
        return cls(content=KeyboardContent([KeyboardRow(row) for row in rows], style))


class PromptKeyboard(Wire, frozen=True):
    """Suggestions above the input box, in one-to-one chats; typed by SDKs, not documented."""

    keyboard: Keyboard

    @classmethod
    def suggest(cls, *texts: str) -> Self:
        """Return one suggestion for each of *texts*."""
        return cls(
            Keyboard.row(
                *(
                    Button(text, action=Action(ActionType.COMMAND, text), style=ButtonStyle.WHITE_TEXT)
                    for text in texts
                )
            )
        )


class ActionButton(Wire, frozen=True):
    """The bar for rating an answer, in one-to-one chats; typed by SDKs, not documented.

    A press arrives at `interaction_create` with ``feedback_opt``.
    """

    template_id: str | UnsetType = UNSET
    """``1`` or ``10``; deprecated."""
    callback_data: str | UnsetType = UNSET
    """At most 128 characters."""
    feedback: bool | UnsetType = UNSET
    """Thumbs up and down."""
    tts: bool | UnsetType = UNSET
    """Read aloud."""
    re_generate: bool | UnsetType = UNSET
    stop_generate: bool | UnsetType = UNSET
