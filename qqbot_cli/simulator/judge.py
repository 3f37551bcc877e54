"""Whether a message may be sent: rules in the order in which the platform applies them. No I/O.

Each rule is told what is to be sent and what is known, and answers with a refusal or None.
Source: platform documentation, "发送消息"; the order is not documented.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qqbot_cli.simulator import refusals
from qqbot_cli.simulator.content import CONTENT_RULES, guild_kind, v2_kind
from qqbot_cli.simulator.ledger import BotMessage, Prompt
from qqbot_cli.simulator.post import MAX_SEQ, NOTICE, Known, Post, Rule, fields_of, first_refusal, number
from qqbot_cli.simulator.refusals import Refusal
from qqbot_cli.simulator.routing import ANSWERABLE_EVENTS, EVENT_INTENTS
from qqbot_cli.simulator.scene import ACTIVE_LIMIT, SCENES, Scene

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


def judge_send(post: Post, known: Known) -> Refusal | None:
    """Return why *post* is refused, None if it may be sent."""
    return first_refusal(_GUILD_RULES if post.scene.in_guild else _V2_RULES, post, known)


def judge_edit(post: Post, known: Known) -> Refusal | None:
    """Return why a message of a channel cannot become *post*, None if it can."""
    return first_refusal(
        (fields_of(_GUILD_FIELDS, refusals.BAD_FORM), guild_kind, *CONTENT_RULES), post, known
    )


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


def _v2_values(post: Post, known: Known) -> Refusal | None:
    if not 0 <= number(post, "msg_seq", 1) <= MAX_SEQ:
        return refusals.BAD_DATA
    if post.body.get("is_wakeup") and (post.reply_to is not None or post.scene is not Scene.C2C):
        return refusals.BAD_DATA
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
    return refusals.REPEATED_SEQ if number(post, "msg_seq", 1) in prompt.used_seqs else None


def _v2_active(post: Post, known: Known) -> Refusal | None:
    if post.reply_to is not None or post.body.get("is_wakeup"):
        return None
    return refusals.TOO_MANY_ACTIVE if _active_used_up(post, known) else None


def _v2_reference(post: Post, known: Known) -> Refusal | None:
    reference = post.body.get("message_reference")
    if not isinstance(reference, Mapping) or reference.get("message_id") in known.ledger.references:
        return None
    return refusals.BAD_MSG_ID


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
    if post.reply_to is not None:
        return None
    if not known.switches.push_messages:
        return refusals.NO_PUSH
    if not _active_used_up(post, known):
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


TARGET_RULE: Final[Rule] = _target
REPLY_RULE: Final[Rule] = _v2_reply
"""Rules that hold for growing texts too."""

_V2_RULES: Final[tuple[Rule, ...]] = (
    _target,
    fields_of(_V2_FIELDS, refusals.BAD_DATA),
    _v2_values,
    v2_kind,
    _v2_reply,
    _v2_active,
    *CONTENT_RULES,
    _v2_reference,
)

_EDIT_RULES: Final[tuple[Rule, ...]] = (
    fields_of(_GUILD_FIELDS, refusals.BAD_FORM),
    guild_kind,
    *CONTENT_RULES,
)

_GUILD_RULES: Final[tuple[Rule, ...]] = (
    _target,
    fields_of(_GUILD_FIELDS, refusals.BAD_FORM),
    guild_kind,
    _guild_session,
    _guild_reply,
    _guild_active,
    *CONTENT_RULES,
    _guild_reference,
)


def _is_for(prompt: Prompt | None, post: Post) -> bool:
    return prompt is not None and prompt.scene is post.scene and prompt.target in (None, post.target)


def _is_typing(post: Post) -> bool:
    return post.body.get("msg_type") == NOTICE


def _active_used_up(post: Post, known: Known) -> bool:
    return known.ledger.active_count(post.scene, post.target, now=known.now) >= ACTIVE_LIMIT
