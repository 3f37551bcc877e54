"""Whether the content of a message is right: kinds, Markdown, buttons, addresses, length, media. No I/O.

Source: platform documentation, "发送消息", "Markdown 消息", "消息按钮" and "错误码"; which of several codes
is given is not always documented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote

from qqbot_cli.model.grapheme import count
from qqbot_cli.simulator import refusals
from qqbot_cli.simulator.post import NOTICE, Known, Post, Rule, mapping, number, sequence
from qqbot_cli.simulator.refusals import Refusal
from qqbot_cli.simulator.scene import Scene
from qqbot_cli.simulator.uploads import is_kind

KEYBOARD_SIZE: Final = 5
"""Rows of a keyboard, and buttons of a row."""
LABEL_LENGTH: Final = 10
"""Characters on a button."""
COMMAND_LENGTH: Final = 100
"""Characters of a command in Markdown, once they are decoded."""

_KINDS: Final = {
    0: "content",
    2: "markdown",
    3: "ark",
    4: "embed",
    NOTICE: "input_notify",
    7: "media",
    8: "card",
}
"""``msg_type`` and the field it needs; 1 and 5 were never enabled."""
_WITHOUT_TEXT: Final = (2, NOTICE)
"""Kinds beside which ``content`` must be empty."""
_KIND_SCENES: Final[dict[int, Scene | None]] = {NOTICE: Scene.C2C, 8: Scene.GROUP, 4: None}
"""Kinds that exist in one scene only; embeds are typed by every SDK and open to nobody outside guilds."""
_GUILD_CONTENT: Final = ("content", "markdown", "ark", "embed", "image", "file_image")

_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}(?![a-z0-9])", re.IGNORECASE)
"""What the platform takes for an address: it is greedy, ``1.sh`` is one."""
_COMMAND: Final = re.compile(r"<qqbot-cmd-(\w+)([^>]*)>")
_ATTRIBUTE: Final = re.compile(r'(\w+)="([^"]*)"')
_MARKUP: Final = re.compile(r"\*\*|__|~~|`|^#{1,6} |^> |\[[^\]]*\]\(", re.MULTILINE)
"""Markdown in the value of a template variable; what exactly counts is not documented."""
_ROLES: Final = 3
_LISTED: Final = {0: "specify_user_ids", _ROLES: "specify_role_ids"}
"""Types of permission, and the list each needs."""


def v2_kind(post: Post, _known: Known) -> Refusal | None:
    """Refuse a wrong ``msg_type``, and content that does not belong to it."""
    kind, body = number(post, "msg_type", 0), post.body
    if kind not in _KINDS or _KIND_SCENES.get(kind, post.scene) is not post.scene:
        return refusals.BAD_KIND
    if not body.get(_KINDS[kind]):
        has_other = any(body.get(field) for field in _KINDS.values())
        return refusals.KIND_MISMATCH if has_other else refusals.EMPTY_CONTENT
    # One kind for each message; text may stand beside cards and media, where people rely on it.
    others = [field for field in _KINDS.values() if field != "content" and body.get(field)]
    if len(others) > 1 or (kind in _WITHOUT_TEXT and str(body.get("content", "")).strip()):
        return refusals.KIND_MISMATCH
    if body.get("keyboard") and kind != 2:
        return refusals.KIND_MISMATCH
    if kind == NOTICE and not _is_notice(body["input_notify"]):
        return refusals.BAD_NOTICE
    return None


def guild_kind(post: Post, _known: Known) -> Refusal | None:
    """Refuse a message without content, and what cannot be combined."""
    given = [field for field in _GUILD_CONTENT if post.body.get(field)]
    if not given:
        return refusals.EMPTY_MESSAGE
    if "markdown" in given and len(given) > 1:
        return refusals.MARKDOWN_MIXED
    if post.body.get("keyboard") and "markdown" not in given:
        return refusals.KEYBOARD_WRONG
    if post.body.get("message_reference") and "file_image" in given:
        return refusals.BAD_FORM
    if "file_image" in given and not is_kind(1, post.body["file_image"]):
        return refusals.BAD_PICTURE
    return None


def _addresses(post: Post, known: Known) -> Refusal | None:
    hosts = known.switches.registered_hosts
    if hosts is None:
        return None
    for text in _texts(post.body):
        for match in _HOST.finditer(text):
            if match[0].lower() not in hosts:
                return refusals.GUILD_URL if post.scene.in_guild else refusals.URL
    return None


def _length(post: Post, known: Known) -> Refusal | None:
    longest = max((len(text) for text in _texts(post.body)), default=0)
    if longest <= known.switches.longest_text:
        return None
    return refusals.GUILD_TOO_LONG if post.scene.in_guild else refusals.TOO_LONG


def _keyboard_size(post: Post, _known: Known) -> Refusal | None:
    rows = _rows(post.body.get("keyboard"))
    widths = [len(row) for row in rows]
    return refusals.KEYBOARD_TOO_BIG if max([len(rows), *widths]) > KEYBOARD_SIZE else None


def _keyboard(post: Post, _known: Known) -> Refusal | None:
    keyboard = post.body.get("keyboard")
    if keyboard is None:
        return None
    given = mapping(keyboard)
    if bool(given.get("id")) is bool(given.get("content")):
        return refusals.KEYBOARD_UNREADABLE
    buttons = [mapping(button) for row in _rows(keyboard) for button in row]
    return next(filter(None, (_button(button, post.scene) for button in buttons)), None)


def _button(button: Mapping[str, object], scene: Scene) -> Refusal | None:
    label = mapping(button.get("render_data")).get("label")
    action = mapping(button.get("action"))
    permission = mapping(action.get("permission"))
    who = permission.get("type")
    if not isinstance(label, str) or not 1 <= count(label) <= LABEL_LENGTH:
        return refusals.KEYBOARD_WRONG
    if not isinstance(action.get("type"), int) or not isinstance(who, int):
        return refusals.KEYBOARD_WRONG
    if who in _LISTED and not sequence(permission.get(_LISTED[who])):
        return refusals.KEYBOARD_WRONG
    if who == _ROLES and not scene.in_guild:
        return refusals.KEYBOARD_WRONG
    return None


def _markdown(post: Post, _known: Known) -> Refusal | None:
    if "markdown" not in post.body:
        return None
    in_guild = post.scene.in_guild
    markdown = mapping(post.body["markdown"])
    has_template = bool(markdown.get("custom_template_id") or markdown.get("template_id"))
    if markdown.get("content") and (has_template or markdown.get("params")):
        return refusals.TWO_MARKDOWNS
    if not markdown.get("content") and not has_template:
        return refusals.GUILD_BAD_MARKDOWN if in_guild else refusals.BAD_MARKDOWN
    for value in _values(markdown):
        if not isinstance(value, str) or not value:
            return refusals.GUILD_EMPTY_VALUE if in_guild else refusals.EMPTY_VALUE
        if "\n" in value or "\r" in value:
            return refusals.GUILD_BAD_VALUE if in_guild else refusals.LINE_BREAK_VALUE
        if _MARKUP.search(value):
            return refusals.GUILD_BAD_VALUE if in_guild else refusals.MARKUP_VALUE
    return None


def _commands(post: Post, _known: Known) -> Refusal | None:
    text = mapping(post.body.get("markdown")).get("content")
    for kind, rest in _COMMAND.findall(text if isinstance(text, str) else ""):
        arguments = {name: unquote(value) for name, value in _ATTRIBUTE.findall(rest)}
        if kind not in ("enter", "input") or (kind == "enter" and post.scene is not Scene.C2C):
            return refusals.COMMAND_NOT_HERE
        if not arguments.get("text"):
            return refusals.COMMAND_UNREADABLE
        if any(len(value) > COMMAND_LENGTH for value in arguments.values()):
            return refusals.COMMAND_TOO_LONG
    return None


def _media(post: Post, known: Known) -> Refusal | None:
    if "media" not in post.body:
        return None
    file_info = mapping(post.body["media"]).get("file_info")
    is_known = known.ledger.has_media(post.scene, file_info, now=known.now)
    return None if is_known else refusals.BAD_MEDIA


CONTENT_RULES: Final[tuple[Rule, ...]] = (
    _addresses,
    _length,
    _keyboard_size,
    _keyboard,
    _markdown,
    _commands,
    _media,
)
"""What holds in every scene, once kind and reply are right."""


def _texts(body: Mapping[str, object]) -> Iterator[str]:
    """Return every text that people will see as text."""
    markdown, ark = mapping(body.get("markdown")), mapping(body.get("ark"))
    pairs = [mapping(pair) for pair in sequence(ark.get("kv"))]
    lists = [mapping(entry) for pair in pairs for entry in sequence(pair.get("obj"))]
    inner = [mapping(pair) for entry in lists for pair in sequence(entry.get("obj_kv"))]
    found = (
        body.get("content"),
        body.get("content_raw"),
        markdown.get("content"),
        *_values(markdown),
        *(pair.get("value") for pair in (*pairs, *inner)),
    )
    return (text for text in found if isinstance(text, str))


def _values(markdown: Mapping[str, object]) -> Iterator[object]:
    """Return the values of template variables; one that has none has an empty one."""
    for param in sequence(markdown.get("params")):
        yield from sequence(mapping(param).get("values")) or [""]


def _rows(keyboard: object) -> list[list[object]]:
    rows = sequence(mapping(mapping(keyboard).get("content")).get("rows"))
    return [sequence(mapping(row).get("buttons")) for row in rows]


def _is_notice(value: object) -> bool:
    notice = mapping(value)
    seconds = notice.get("input_second", 1)
    return notice.get("input_type") in (1, 2) and isinstance(seconds, int) and 1 <= seconds <= 60
