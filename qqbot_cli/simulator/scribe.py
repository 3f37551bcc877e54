"""Payloads of what people do: messages in the four scenes and pressed buttons, with every field there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from qqbot_cli.simulator.ids import Ids
from qqbot_cli.simulator.scene import Scene
from qqbot_cli.simulator.wallclock import timestamp
from qqbot_cli.simulator.world import Group, Guild, Person, World

JOINED_AT: Final = "2026-06-02T09:12:44+08:00"
BUTTON: Final = 11
"""Type of an interaction: a button of a message."""
_CHAT_TYPES: Final = {Scene.CHANNEL: 0, Scene.GROUP: 1, Scene.C2C: 2}
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

Payload = dict[str, object]


class Scribe:
    """Writes down what happens in a world."""

    def __init__(self, world: World, ids: Ids, *, appid: str) -> None:
        self._world = world
        self._ids = ids
        self._appid = appid
        self._seqs: Counter[str] = Counter()

    def group_message(
        self, person: Person, group: Group, text: str, *, to_bot: bool, mentions: Sequence[Person] = ()
    ) -> Payload:
        """Return a message in a group; the mention of the bot is cut out, which leaves a space."""
        bot = self._world.bot
        mentioned = [_mention(other.openid, other.username, bot=False) for other in mentions]
        if to_bot:
            mentioned.insert(0, _mention(bot.openid, bot.username, bot=True))
        names = "".join(f"<@{other.openid}> " for other in mentions)
        return {
            "id": self._ids.group_message_id(),
            "author": {
                "id": person.openid,
                "member_openid": person.openid,
                "member_role": person.role,
                "username": person.username,
                "union_openid": person.union_openid,
                "bot": False,
            },
            "group_id": group.openid,
            "group_openid": group.openid,
            "content": (" " if to_bot else "") + names + text,
            "mentions": mentioned,
            "message_scene": self._scene(),
            "message_type": 0,
            "timestamp": timestamp(),
        }

    def channel_message(
        self, person: Person, guild: Guild, channel_id: str, text: str, *, to_bot: bool,
        mentions: Sequence[Person] = (),
    ) -> Payload:  # fmt: skip
        """Return a message in a channel; mentions are part of the text, the bot's too."""
        bot = self._world.bot
        mentioned = [_guild_user(other) for other in mentions]
        if to_bot:
            mentioned.insert(0, {"id": bot.id, "username": bot.username, "avatar": bot.avatar, "bot": True})
        marks = "".join(f"<@!{user['id']}> " for user in mentioned)
        return {
            **self._guild_message(person, channel_id, marks + text.translate(_ESCAPES)),
            "guild_id": guild.id,
            "author": _guild_user(person),
            "member": {"joined_at": JOINED_AT, "nick": person.username, "roles": ["1"]},
            "mentions": mentioned,
        }

    def direct_message(self, person: Person, source: Guild, text: str) -> Payload:
        """Return a message in a guild DM."""
        return {
            **self._guild_message(person, person.dm_channel_id, text.translate(_ESCAPES)),
            "guild_id": person.dm_guild_id,
            "author": _guild_user(person),
            "member": {"joined_at": JOINED_AT},
            "direct_message": True,
            "src_guild_id": source.id,
        }

    def c2c_message(self, person: Person, text: str) -> Payload:
        """Return a message in a one-to-one chat."""
        return {
            "id": self._ids.group_message_id(),
            "author": {
                "id": person.openid,
                "user_openid": person.openid,
                "username": person.username,
                "union_openid": person.union_openid,
                "bot": False,
            },
            "content": text,
            "message_scene": {**self._scene(), "callback_data": ""},
            "message_type": 0,
            "timestamp": timestamp(),
        }

    def button(self, scene: Scene, person: Person, data: str, *, group: Group, guild: Guild) -> Payload:
        """Return a pressed button below a message."""
        resolved: Payload = {"button_id": "1", "button_data": data}
        place: Payload
        match scene:
            case Scene.GROUP:
                place = {"group_openid": group.openid, "group_member_openid": person.openid}
            case Scene.C2C:
                place = {"user_openid": person.openid}
            case _:
                scene = Scene.CHANNEL
                place = {"guild_id": guild.id, "channel_id": guild.channel_ids[0]}
                resolved |= {"user_id": person.id, "message_id": self._ids.guild_message_id()}
        return {
            "id": self._ids.uuid(),
            "application_id": self._appid,
            "type": BUTTON,
            "scene": "guild" if scene is Scene.CHANNEL else scene.value,
            "chat_type": _CHAT_TYPES[scene],
            "data": {"type": BUTTON, "resolved": resolved},
            **place,
            "timestamp": timestamp(),
            "version": 1,
        }

    def _guild_message(self, person: Person, channel_id: str, content: str) -> Payload:
        self._seqs[channel_id] += 1
        seq = self._seqs[channel_id]
        return {
            "id": self._ids.guild_message_id(),
            "channel_id": channel_id,
            "content": content,
            "seq": seq,
            "seq_in_channel": str(seq),
            "timestamp": timestamp(),
        }

    def _scene(self) -> Payload:
        return {"source": "default", "ext": [f"msg_idx={self._ids.reference()}"]}


def _mention(openid: str, username: str, *, bot: bool) -> Payload:
    return {
        "scope": "single",
        "id": openid,
        "member_openid": openid,
        "username": username,
        "bot": bot,
        "is_you": bot,
    }


def _guild_user(person: Person) -> Payload:
    return {"id": person.id, "username": person.username, "avatar": person.avatar, "bot": False}
