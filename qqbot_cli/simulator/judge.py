"""Whether a message may be sent: rules in the order in which the platform applies them. No I/O.

Each rule is told what is to be sent and what is known, and answers with a refusal or None.
Source: platform documentation, "发送消息"; the order is not documented.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from qqbot_cli.simulator import refusals
from qqbot_cli.simulator.ledger import BotMessage, Ledger, Prompt
from qqbot_cli.simulator.refusals import Refusal
from qqbot_cli.simulator.routing import ANSWERABLE_EVENTS, EVENT_INTENTS
from qqbot_cli.simulator.scene import ACTIVE_LIMIT, SCENES, Scene

NOTICE: Final = 6
"""The ``msg_type`` of "is typing"; it does not count as an answer."""
MAX_SEQ: Final = 2**32 - 1
KEYBOARD_SIZE: Final = 5
"""Rows of a keyboard, and buttons of a row."""


@dataclass(frozen=True, slots=True)
class Post:
    """A request to send; nulls are left out of `body`."""

    scene: Scene
    target: str
    body: Mapping[str, object]

    @property
    def reply_to(self) -> str | None:
        """The ``msg_id``, else the ``event_id``."""
        return str(self.body.get("msg_id") or self.body.get("event_id") or "") or None


@dataclass(frozen=True, slots=True)
class Known:
    """What the platform knows when it judges."""

    ledger: Ledger
    now: float
    online: bool
    """Whether the bot has a gateway connection."""


Rule = Callable[[Post, Known], Refusal | None]

_COMMON: Final[dict[str, type]] = {
    "content": str,
    "markdown": dict,
    "keyboard": dict,
    "ark": dict,
    "embed": dict,
    "message_reference": dict,
    "msg_id": str,
    "event_id": str,
}

_V2_FIELDS: Final[dict[str, type]] = {
    **_COMMON,
    "msg_type": int,
    "msg_seq": int,
    "media": dict,
    "is_wakeup": bool,
    "input_notify": dict,
    "stream": dict,
    "prompt_keyboard": dict,
    "action_button": dict,
    "card": dict,
    "subscribe_id": str,
    "feature_id": int,
    "timestamp": int,
    # botpy repeats the address in the body.
    "group_openid": str,
    "openid": str,
}

_GUILD_FIELDS: Final[dict[str, type]] = {
    **_COMMON,
    "image": str,
    "file_image": bytes,
    "channel_id": str,
    "guild_id": str,
}

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
_KIND_SCENES: Final = {NOTICE: Scene.C2C, 8: Scene.GROUP}
"""Kinds that exist in one scene only."""
_GUILD_CONTENT: Final = ("content", "markdown", "ark", "embed", "image", "file_image")


def judge_send(post: Post, known: Known) -> Refusal | None:
    """Return why *post* is refused, None if it may be sent."""
    for rule in _GUILD_RULES if post.scene.in_guild else _V2_RULES:
        refusal = rule(post, known)
        if refusal is not None:
            return refusal
    return None


def judge_recall(scene: Scene, target: str, message: BotMessage | None, *, now: float) -> Refusal | None:
    """Return why *message* cannot be taken back from *target*, None if it can."""
    if message is None or (message.scene, message.target) != (scene, target):
        return refusals.GUILD_RECALL_UNKNOWN if scene.in_guild else refusals.RECALL_UNKNOWN
    window = SCENES[scene].recall_window
    if window is not None and now - message.at > window:
        return refusals.RECALL_TOO_LATE
    return None


def judge_ack(acknowledged: bool | None, body: object) -> Refusal | None:
    """Return why an interaction cannot be confirmed; *acknowledged* is None for an unknown one."""
    code = body.get("code") if isinstance(body, Mapping) else None
    well_formed = isinstance(code, int) and not isinstance(code, bool) and 0 <= code <= 5
    return None if acknowledged is False and well_formed else refusals.BAD_ACK


def _target(post: Post, known: Known) -> Refusal | None:
    if known.ledger.knows(post.scene, post.target):
        return None
    match post.scene:
        case Scene.CHANNEL:
            return refusals.UNKNOWN_CHANNEL
        case Scene.DMS:
            return refusals.UNKNOWN_DM
        case _:
            return refusals.UNKNOWN_RESOURCE


def _fields_of(fields: Mapping[str, type], refusal: Refusal) -> Rule:
    def rule(post: Post, known: Known) -> Refusal | None:
        for name, value in post.body.items():
            expected = fields.get(name)
            if expected is None or not isinstance(value, expected):
                return refusal
            if expected is int and isinstance(value, bool):
                return refusal
        return None

    return rule


def _v2_values(post: Post, known: Known) -> Refusal | None:
    if not 0 <= _number(post, "msg_seq", 1) <= MAX_SEQ:
        return refusals.BAD_DATA
    if post.body.get("is_wakeup") and (post.reply_to is not None or post.scene is not Scene.C2C):
        return refusals.BAD_DATA
    return None


def _v2_kind(post: Post, known: Known) -> Refusal | None:
    kind, body = _number(post, "msg_type", 0), post.body
    if kind not in _KINDS or _KIND_SCENES.get(kind, post.scene) is not post.scene:
        return refusals.BAD_KIND
    if not body.get(_KINDS[kind]):
        others = any(body.get(field) for field in _KINDS.values())
        return refusals.KIND_MISMATCH if others else refusals.EMPTY_CONTENT
    if body.get("markdown") and str(body.get("content", "")).strip():
        return refusals.KIND_MISMATCH
    if body.get("keyboard") and kind != 2:
        return refusals.KIND_MISMATCH
    if kind == NOTICE and not _is_notice(body["input_notify"]):
        return refusals.BAD_NOTICE
    return None


def _v2_reply(post: Post, known: Known) -> Refusal | None:
    if post.reply_to is None:
        return None
    prompt = known.ledger.prompt(post.body)
    if post.body.get("msg_id"):
        if not _is_for(prompt, post):
            return refusals.BAD_MSG_ID
        expired = refusals.MSG_ID_EXPIRED
    else:
        name = post.reply_to.partition(":")[0]
        if prompt is None and name in EVENT_INTENTS and name not in ANSWERABLE_EVENTS:
            return refusals.EVENT_NOT_ALLOWED
        if not _is_for(prompt, post):
            return refusals.BAD_EVENT_ID
        expired = refusals.EVENT_ID_EXPIRED
    assert prompt is not None
    rule = SCENES[post.scene]
    if known.now - prompt.at > rule.reply_window:
        return expired
    if rule.reply_limit is not None and prompt.replies >= rule.reply_limit and not _is_typing(post):
        return refusals.TOO_MANY_REPLIES
    return refusals.REPEATED_SEQ if _number(post, "msg_seq", 1) in prompt.used_seqs else None


def _v2_active(post: Post, known: Known) -> Refusal | None:
    if post.reply_to is not None or post.body.get("is_wakeup"):
        return None
    return refusals.TOO_MANY_ACTIVE if _active_used_up(post, known) else None


def _v2_keyboard(post: Post, known: Known) -> Refusal | None:
    keyboard = post.body.get("keyboard")
    content = keyboard.get("content") if isinstance(keyboard, Mapping) else None
    rows = content.get("rows") if isinstance(content, Mapping) else None
    if not isinstance(rows, list):
        return None
    widths = [len(row.get("buttons") or ()) for row in rows if isinstance(row, Mapping)]
    return refusals.KEYBOARD_TOO_BIG if max([len(rows), *widths]) > KEYBOARD_SIZE else None


def _v2_reference(post: Post, known: Known) -> Refusal | None:
    reference = post.body.get("message_reference")
    if not isinstance(reference, Mapping) or reference.get("message_id") in known.ledger.references:
        return None
    return refusals.BAD_MSG_ID


def _guild_content(post: Post, known: Known) -> Refusal | None:
    given = [field for field in _GUILD_CONTENT if post.body.get(field)]
    if not given:
        return refusals.EMPTY_MESSAGE
    return refusals.MARKDOWN_MIXED if "markdown" in given and len(given) > 1 else None


def _guild_session(post: Post, known: Known) -> Refusal | None:
    return None if known.online else refusals.NO_GATEWAY_SESSION


def _guild_reply(post: Post, known: Known) -> Refusal | None:
    if post.reply_to is None:
        return None
    prompt = known.ledger.prompt(post.body)
    if prompt is None or not _is_for(prompt, post):
        return refusals.BAD_REPLY_ID
    late = known.now - prompt.at > SCENES[post.scene].reply_window
    return refusals.REPLY_ID_EXPIRED if late else None


def _guild_active(post: Post, known: Known) -> Refusal | None:
    if post.reply_to is not None or not _active_used_up(post, known):
        return None
    return refusals.CHANNEL_QUOTA if post.scene is Scene.CHANNEL else refusals.DM_QUOTA


def _guild_reference(post: Post, known: Known) -> Refusal | None:
    reference = post.body.get("message_reference")
    if not isinstance(reference, Mapping) or reference.get("ignore_get_message_error"):
        return None
    quoted = reference.get("message_id")
    if quoted in known.ledger.prompts or quoted in known.ledger.messages:
        return None
    return refusals.UNREADABLE_REFERENCE


_V2_RULES: Final[tuple[Rule, ...]] = (
    _target,
    _fields_of(_V2_FIELDS, refusals.BAD_DATA),
    _v2_values,
    _v2_kind,
    _v2_reply,
    _v2_active,
    _v2_keyboard,
    _v2_reference,
)

_GUILD_RULES: Final[tuple[Rule, ...]] = (
    _target,
    _fields_of(_GUILD_FIELDS, refusals.BAD_FORM),
    _guild_content,
    _guild_session,
    _guild_reply,
    _guild_active,
    _guild_reference,
)


def _number(post: Post, name: str, default: int) -> int:
    value = post.body.get(name, default)
    assert isinstance(value, int)
    return value


def _is_for(prompt: Prompt | None, post: Post) -> bool:
    return prompt is not None and prompt.scene is post.scene and prompt.target in (None, post.target)


def _is_typing(post: Post) -> bool:
    return post.body.get("msg_type") == NOTICE


def _is_notice(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    seconds = value.get("input_second", 1)
    return value.get("input_type") in (1, 2) and isinstance(seconds, int) and 1 <= seconds <= 60


def _active_used_up(post: Post, known: Known) -> bool:
    return known.ledger.active_count(post.scene, post.target, now=known.now) >= ACTIVE_LIMIT
