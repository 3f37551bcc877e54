"""A realistic payload for every event the platform documents, for whoever does not care about the details.

Source: platform documentation, "事件".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from qqbot_cli.simulator.ids import Ids
from qqbot_cli.simulator.scene import Scene
from qqbot_cli.simulator.scribe import JOINED_AT, Payload, Scribe
from qqbot_cli.simulator.wallclock import timestamp, unix_time
from qqbot_cli.simulator.world import Group, Guild, Person, World

TEXT: Final = "你好"


@dataclass(frozen=True, slots=True)
class Stage:
    """Who and what the default payloads are about."""

    world: World
    ids: Ids
    scribe: Scribe
    user_index: int = 0
    group_index: int = 0
    guild_index: int = 0
    channel_index: int = 0
    about: str = ""
    """Id of the message that is withdrawn or reacted to; one that nobody has seen if left out."""

    @property
    def person(self) -> Person:
        """The person who acts."""
        return self.world.people[self.user_index]

    @property
    def group(self) -> Group:
        """The group it happens in."""
        return self.world.groups[self.group_index]

    @property
    def guild(self) -> Guild:
        """The guild it happens in."""
        return self.world.guilds[self.guild_index]

    @property
    def channel_id(self) -> str:
        """The channel it happens in."""
        return self.guild.channel_ids[self.channel_index]

    @property
    def message_id(self) -> str:
        """The guild message it is about."""
        return self.about or self.ids.guild_message_id()


def default_payload(name: str, stage: Stage) -> object:
    """Return a payload for *name*, an empty object for a name nobody knows."""
    make = DEFAULTS.get(name)
    return {} if make is None else make(stage)


def _guild(stage: Stage) -> Payload:
    return {
        "id": stage.guild.id,
        "name": stage.guild.name,
        "icon": stage.person.avatar,
        "description": "模拟器里的频道",
        "owner_id": stage.person.id,
        "member_count": len(stage.world.people),
        "max_members": 300,
        "joined_at": JOINED_AT,
        "op_user_id": stage.person.id,
    }


def _channel(stage: Stage) -> Payload:
    return {
        "id": stage.channel_id,
        "guild_id": stage.guild.id,
        "name": "大厅",
        "type": 0,
        "sub_type": 0,
        "owner_id": stage.person.id,
        "op_user_id": stage.person.id,
    }


def _member(stage: Stage) -> Payload:
    person = stage.person
    return {
        "guild_id": stage.guild.id,
        "joined_at": JOINED_AT,
        "nick": person.username,
        "op_user_id": person.id,
        "roles": ["1"],
        "user": {"id": person.id, "username": person.username, "avatar": person.avatar, "bot": False},
    }


def _deleted(stage: Stage) -> Payload:
    person = stage.person
    message = {
        "id": stage.message_id,
        "channel_id": stage.channel_id,
        "guild_id": stage.guild.id,
        "author": {"id": person.id, "username": person.username, "bot": False},
    }
    return {"message": message, "op_user": {"id": person.id}}


def _direct_deleted(stage: Stage) -> Payload:
    person = stage.person
    message = {
        "id": stage.message_id,
        "channel_id": person.dm_channel_id,
        "guild_id": person.dm_guild_id,
        "src_guild_id": stage.guild.id,
        "direct_message": True,
        "author": {"id": person.id, "username": person.username, "bot": False},
    }
    return {"message": message, "op_user": {"id": person.id}}


def _reaction(stage: Stage) -> Payload:
    return {
        "channel_id": stage.channel_id,
        "guild_id": stage.guild.id,
        "user_id": stage.person.id,
        "emoji": {"id": "277", "type": 1},
        "target": {"id": stage.message_id, "type": "ReactionTargetType_MSG"},
    }


def _audit(stage: Stage) -> Payload:
    return {
        "audit_id": stage.ids.uuid(),
        "audit_time": timestamp(),
        "create_time": timestamp(),
        "guild_id": stage.guild.id,
        "channel_id": stage.channel_id,
    }


def _audit_passed(stage: Stage) -> Payload:
    return {**_audit(stage), "message_id": stage.ids.guild_message_id(), "seq_in_channel": "1"}


def _author(stage: Stage) -> Payload:
    return {"guild_id": stage.guild.id, "channel_id": stage.channel_id, "author_id": stage.person.id}


def _rich(text: str) -> str:
    elem = {"text": {"text": text}, "type": 1}
    return json.dumps({"paragraphs": [{"elems": [elem], "props": {}}]}, ensure_ascii=False)


def _thread(stage: Stage) -> Payload:
    info = {"thread_id": "B_1", "title": _rich("话题"), "content": _rich(TEXT), "date_time": timestamp()}
    return {**_author(stage), "thread_info": info}


def _post(stage: Stage) -> Payload:
    info = {"thread_id": "B_1", "post_id": "c_1", "content": _rich(TEXT), "date_time": timestamp()}
    return {**_author(stage), "post_info": info}


def _forum_reply(stage: Stage) -> Payload:
    info = {
        "thread_id": "B_1",
        "post_id": "c_1",
        "reply_id": "r_1",
        "content": _rich(TEXT),
        "date_time": timestamp(),
    }
    return {**_author(stage), "reply_info": info}


def _forum_result(stage: Stage) -> Payload:
    return {
        **_author(stage),
        "task_id": "",
        "thread_id": "B_1",
        "post_id": "",
        "reply_id": "",
        "type": 1,
        "result": 0,
        "err_msg": "",
        "date_time": timestamp(),
    }


def _voice(stage: Stage) -> Payload:
    return {
        "guild_id": stage.guild.id,
        "channel_id": stage.channel_id,
        "channel_type": 2,
        "user_id": stage.person.id,
    }


def _audio(stage: Stage) -> Payload:
    return {
        "guild_id": stage.guild.id,
        "channel_id": stage.channel_id,
        "audio_url": "https://example.com/a.mp3",
        "text": "一首歌",
    }


def _mic(stage: Stage) -> Payload:
    return {"guild_id": stage.guild.id, "channel_id": stage.channel_id}


def _group_managed(stage: Stage) -> Payload:
    return {
        "group_openid": stage.group.openid,
        "op_member_openid": stage.person.openid,
        "timestamp": unix_time(),
    }


def _group_member(stage: Stage) -> Payload:
    return {
        "group_openid": stage.group.openid,
        "member_openid": stage.person.openid,
        "user_openid": "",
        "timestamp": unix_time(),
    }


def _join_request(stage: Stage) -> Payload:
    answer = {"question": "从哪里知道这个群？", "answer": "朋友介绍"}
    return {
        "apply_at": timestamp(),
        "apply_source": "self_apply",
        "bot": False,
        "group_openid": stage.group.openid,
        "join_request_id": f"JR_{stage.ids.number(12)}",
        "member_openid": stage.person.openid,
        "risk_tips": "",
        "union_openid": "",
        "username": stage.person.username,
        "verify_info": {"method": "admin_review_qa", "review_qa_list": [answer]},
    }


def _friend(stage: Stage) -> Payload:
    return {
        "openid": stage.person.openid,
        "author": {"union_openid": stage.person.union_openid},
        "timestamp": unix_time(),
    }


def _new_friend(stage: Stage) -> Payload:
    return {**_friend(stage), "scene": 1001, "scene_param": "", "short_code": ""}


def _c2c_managed(stage: Stage) -> Payload:
    return {"openid": stage.person.openid, "timestamp": unix_time()}


def _subscription(stage: Stage) -> Payload:
    result = {
        "custom_template_id": "1",
        "op": 1,
        "subscribe_id": "1",
        "template_id": 1001,
        "update_ts": unix_time(),
    }
    return {"group_openid": "", "openid": stage.person.openid, "result": [result]}


def _entered(stage: Stage) -> Payload:
    return {"from_source": "profile_card", "user_openid": stage.person.openid}


def _group_message(stage: Stage) -> Payload:
    return stage.scribe.group_message(stage.person, stage.group, TEXT, to_bot=True)


def _channel_message(stage: Stage) -> Payload:
    return stage.scribe.channel_message(stage.person, stage.guild, stage.channel_id, TEXT, to_bot=True)


def _direct_message(stage: Stage) -> Payload:
    return stage.scribe.direct_message(stage.person, stage.guild, TEXT)


def _c2c_message(stage: Stage) -> Payload:
    return stage.scribe.c2c_message(stage.person, TEXT)


def _button(stage: Stage) -> Payload:
    return stage.scribe.button(Scene.C2C, stage.person, "page=2", group=stage.group, guild=stage.guild)


DEFAULTS: Final[dict[str, Callable[[Stage], Payload]]] = {
    **dict.fromkeys(("GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"), _guild),
    **dict.fromkeys(("CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE"), _channel),
    **dict.fromkeys(("GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE"), _member),
    **dict.fromkeys(("MESSAGE_CREATE", "AT_MESSAGE_CREATE"), _channel_message),
    **dict.fromkeys(("MESSAGE_DELETE", "PUBLIC_MESSAGE_DELETE"), _deleted),
    "DIRECT_MESSAGE_CREATE": _direct_message,
    "DIRECT_MESSAGE_DELETE": _direct_deleted,
    **dict.fromkeys(("MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"), _reaction),
    "MESSAGE_AUDIT_PASS": _audit_passed,
    "MESSAGE_AUDIT_REJECT": _audit,
    **dict.fromkeys(("FORUM_THREAD_CREATE", "FORUM_THREAD_UPDATE", "FORUM_THREAD_DELETE"), _thread),
    **dict.fromkeys(("FORUM_POST_CREATE", "FORUM_POST_DELETE"), _post),
    **dict.fromkeys(("FORUM_REPLY_CREATE", "FORUM_REPLY_DELETE"), _forum_reply),
    "FORUM_PUBLISH_AUDIT_RESULT": _forum_result,
    **dict.fromkeys(
        ("OPEN_FORUM_THREAD_CREATE", "OPEN_FORUM_THREAD_UPDATE", "OPEN_FORUM_THREAD_DELETE"), _author
    ),
    **dict.fromkeys(("OPEN_FORUM_POST_CREATE", "OPEN_FORUM_POST_DELETE"), _author),
    **dict.fromkeys(("OPEN_FORUM_REPLY_CREATE", "OPEN_FORUM_REPLY_DELETE"), _author),
    **dict.fromkeys(("AUDIO_OR_LIVE_CHANNEL_MEMBER_ENTER", "AUDIO_OR_LIVE_CHANNEL_MEMBER_EXIT"), _voice),
    **dict.fromkeys(("AUDIO_START", "AUDIO_FINISH"), _audio),
    **dict.fromkeys(("AUDIO_ON_MIC", "AUDIO_OFF_MIC"), _mic),
    **dict.fromkeys(("GROUP_AT_MESSAGE_CREATE", "GROUP_MESSAGE_CREATE"), _group_message),
    "C2C_MESSAGE_CREATE": _c2c_message,
    **dict.fromkeys(
        ("GROUP_ADD_ROBOT", "GROUP_DEL_ROBOT", "GROUP_MSG_REJECT", "GROUP_MSG_RECEIVE"), _group_managed
    ),
    **dict.fromkeys(("GROUP_MEMBER_ADD", "GROUP_MEMBER_REMOVE"), _group_member),
    "GROUP_JOIN_REQUEST": _join_request,
    "FRIEND_ADD": _new_friend,
    "FRIEND_DEL": _friend,
    **dict.fromkeys(("C2C_MSG_REJECT", "C2C_MSG_RECEIVE"), _c2c_managed),
    "SUBSCRIBE_MESSAGE_STATUS": _subscription,
    "ENTER_AIO": _entered,
    "INTERACTION_CREATE": _button,
}
