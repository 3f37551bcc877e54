"""Puts messages of the bot before people: at once, after a review, or piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from qqbot_cli.simulator.ledger import BotMessage, StreamState
from qqbot_cli.simulator.platform import Platform
from qqbot_cli.simulator.post import NOTICE, Post, mapping
from qqbot_cli.simulator.record import Replied
from qqbot_cli.simulator.rest.message import shown
from qqbot_cli.simulator.scene import Scene
from qqbot_cli.simulator.streaming import is_repetition, text_with
from qqbot_cli.simulator.wallclock import timestamp

Answer = dict[str, object]

_AUDIT_PLACES: Final = {
    Scene.CHANNEL: "channel_id",
    Scene.DMS: "guild_id",
    Scene.GROUP: "group_openid",
    Scene.C2C: "user_openid",
}
"""Field of the verdict that names the place."""


@dataclass(frozen=True, slots=True)
class Review:
    """A message that waits for its verdict."""

    post: Post
    audit_id: str
    verdict: Literal["pass", "reject", "never"]
    create_time: str


class Press:
    """What happens to messages that were accepted."""

    def __init__(self, platform: Platform, on_reply: Callable[[BotMessage], None]) -> None:
        """*on_reply* hears of every message of the bot that people see."""
        self._platform = platform
        self._on_reply = on_reply
        self._reviews: asyncio.Queue[Review] = asyncio.Queue()

    def publish(self, post: Post) -> Answer:
        """Show a message, and return the answer to the bot."""
        message, reference = self._show(post)
        if reference is not None:
            return {"id": message.id, "timestamp": timestamp(), "ext_info": {"ref_idx": reference}}
        return self._guild_message(message)

    def grow(self, post: Post) -> Answer:
        """Show a piece of a growing text, and return the answer to the bot."""
        platform, body = self._platform, post.body
        streams, messages = platform.ledger.streams, platform.ledger.messages
        stream_id = body.get("stream_msg_id")
        state = streams.get(stream_id) if isinstance(stream_id, str) else None
        if state is None:
            message, reference = self._show(post)
            pieces: tuple[Mapping[str, object], ...] = (body,)
        else:
            assert isinstance(stream_id, str)
            message, reference = messages[stream_id], None
            pieces = message.pieces if is_repetition(body, state) else (*message.pieces, body)
        text = text_with(body, state.text if state is not None else "")
        if state is not None and is_repetition(body, state):
            text = state.text
        grown = replace(message, content=text, body=body, pieces=pieces)
        platform.ledger.grow(grown, StreamState(post.target, text, body, platform.clock()))
        return {
            "id": message.id,
            "timestamp": timestamp(),
            "ext_info": {"ref_idx": reference} if reference else {},
            "remain_msg_len": platform.switches.longest_text - len(text),
        }

    def review(self, post: Post, verdict: Literal["pass", "reject", "never"]) -> tuple[Answer, int]:
        """Let a message wait for its verdict, and return answer and status; nobody sees it yet."""
        audit_id = self._platform.ids.uuid()
        self._reviews.put_nowait(Review(post, audit_id, verdict, timestamp()))
        if not post.scene.in_guild:
            # Known from other implementations: outside guilds the answer looks like a success.
            return {"id": "", "timestamp": timestamp(), "audit_id": audit_id}, 200
        code = 304023 if post.reply_to is None else 304024
        audit = {"message_audit": {"audit_id": audit_id}}
        return {"code": code, "message": "push message is waiting for audit now", "data": audit}, 202

    async def settle_reviews(self, emit: Callable[[str, object], Awaitable[object]]) -> None:
        """Give verdicts in the order of the messages, for ever."""
        while True:
            review = await self._reviews.get()
            await asyncio.sleep(self._platform.switches.audit_seconds)
            if review.verdict == "never":
                continue
            d: dict[str, object] = {
                "audit_id": review.audit_id,
                _AUDIT_PLACES[review.post.scene]: review.post.target,
                "audit_time": timestamp(),
                "create_time": review.create_time,
            }
            if review.verdict == "reject":
                await emit("MESSAGE_AUDIT_REJECT", d)
            else:
                message, _ = self._show(review.post)
                await emit("MESSAGE_AUDIT_PASS", {**d, "message_id": message.id})

    def _show(self, post: Post) -> tuple[BotMessage, str | None]:
        """Return the message as people see it, and the index by which it is quoted, outside guilds."""
        platform, body = self._platform, post.body
        in_guild = post.scene.in_guild
        reference = None if in_guild else platform.ids.reference()
        seq = body.get("msg_seq")
        message = BotMessage(
            id=platform.ids.guild_message_id() if in_guild else platform.ids.group_message_id(),
            scene=post.scene,
            target=post.target,
            content=str(body.get("content") or mapping(body.get("markdown")).get("content") or ""),
            reply_to=post.reply_to,
            msg_seq=seq if isinstance(seq, int) else None,
            at=platform.clock(),
            body=body,
        )
        visible = body.get("msg_type") != NOTICE
        platform.ledger.book(message, reference=reference, visible=visible)
        if visible:
            platform.history.add(
                Replied(
                    post.scene, post.target, message.id, message.reply_to, message.msg_seq, message.content
                )
            )
            self._on_reply(message)
        if post.scene is Scene.CHANNEL:
            platform.site.timeline.add(self._guild_message(message))
        return message, reference

    def _guild_message(self, message: BotMessage) -> dict[str, object]:
        world = self._platform.world
        if message.scene is Scene.DMS:
            guild_id = message.target
            channels = (person.dm_channel_id for person in world.people if person.dm_guild_id == guild_id)
            channel_id = next(channels, "0")
        else:
            channel_id = message.target
            guild_id = self._platform.site.guild_of(channel_id)
        card: dict[str, object] = {
            "id": message.id,
            "channel_id": channel_id,
            "guild_id": guild_id,
            "content": message.content,
            "timestamp": timestamp(),
            "tts": False,
            "mention_everyone": False,
            "author": {
                "id": world.bot.id,
                "username": world.bot.username,
                "avatar": world.bot.avatar,
                "bot": True,
            },
            "pinned": False,
            "type": 0,
            "flags": 0,
        }
        return shown(message, card)
