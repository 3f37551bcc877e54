"""What REST calls answer, by the name of the call: documented samples, captured ones where those differ."""

from __future__ import annotations

from typing import Any, Final

_GUILD: Final = {
    "id": "123456",
    "name": "x",
    "icon": "x",
    "owner_id": "x",
    "owner": False,
    "joined_at": "2022-01-13T11:02:21+08:00",
    "member_count": 5,
    "max_members": 300,
    "description": "x",
}
_CHANNEL: Final = {
    "id": "100001",
    "guild_id": "123456",
    "name": "x",
    "type": 0,
    "sub_type": 0,
    "position": 2,
    "parent_id": "65535",
    "owner_id": "0",
    "private_type": 0,
    "speak_permission": 1,
    "application_id": "0",
    "permissions": "4",
}
_USER: Final = {"id": "1158788878435714165", "username": "x", "avatar": "http://a"}
_MEMBER: Final = {
    "user": {**_USER, "bot": False, "public_flags": 0, "system": False},
    "nick": "x",
    "roles": ["1", "4"],
    "joined_at": "2021-04-12T16:34:42+08:00",
    "deaf": False,
    "mute": False,
    "pending": False,
}
_ROLE: Final = {"id": "12", "name": "x", "color": 4278245297, "hoist": 1, "number": 0, "member_limit": 1000}
_MESSAGE: Final = {
    "id": "xxxxxx",
    "channel_id": "100001",
    "guild_id": "123456",
    "content": "<@!1234>hello world",
    "timestamp": "2021-05-13T14:45:45+08:00",
    "tts": False,
    "mention_everyone": False,
    "author": {"id": "1234", "username": "abc", "avatar": "", "bot": True},
    "embeds": [{}],
    "pinned": False,
    "type": 0,
    "flags": 0,
}
_SENT: Final = {
    "id": "ROBOT1.0_xxx",
    "timestamp": "2026-08-05T14:19:09+08:00",
    "ext_info": {"ref_idx": "REFIDX_xxx"},
}
_ANNOUNCE: Final = {
    "guild_id": "123456",
    "channel_id": "100001",
    "message_id": "",
    "announces_type": 0,
    "recommend_channels": [{"channel_id": "100002", "introduce": "x"}],
}
_PINS: Final = {"guild_id": "123456", "channel_id": "100001", "message_ids": ["a", "b"]}
_SCHEDULE: Final = {
    "id": "33",
    "name": "x",
    "description": "x",
    "start_timestamp": "1642076453000",
    "end_timestamp": "1642083653000",
    "creator": {"user": _USER, "nick": "x", "joined_at": "2021-04-12T16:34:42+08:00"},
    "jump_channel_id": "0",
    "remind_type": "0",
}
_THREAD: Final = {
    "guild_id": "123456",
    "channel_id": "100001",
    "author_id": "1158788878435714165",
    "thread_info": {
        "thread_id": "B_1",
        "title": "a title",
        "content": '{"paragraphs":[{"elems":[{"text":{"text":"hello"},"type":1}],"props":{}}]}',
        "date_time": "2022-02-21T18:04:00+08:00",
    },
}
_MEDIA: Final = {"file_uuid": "x", "file_info": "x", "ttl": 3600, "id": "", "raw_url": ""}
_PREPARED: Final = {
    "upload_id": "x",
    "block_size": "5242880",
    "parts": [{"index": 1, "presigned_url": "https://a", "block_size": "5242880"}],
    "upload_config": {"concurrency": 1, "retry_timeout": 300, "retry_delay": 1},
}
_GROUP_MEMBER: Final = {
    "member_openid": "FE",
    "username": "x",
    "member_role": "member",
    "bot": False,
    "joined_at": "2026-08-05T14:19:09+08:00",
    "union_openid": "UN",
}
_PANEL: Final = {
    "items": [
        {"type": "command", "name": "weather", "desc": "today", "only_admin": False},
        {"type": "link", "name": "more", "link": "https://example.com"},
    ],
    "remark": "c2c panel",
    "version": 3,
}
_PANEL_RECORD: Final = {
    "panel_id": "p_x8k2x8k2x8k2",
    "scope": "c2c",
    "target_type": "specific",
    "panel": _PANEL,
    "created_at": "2026-08-05T14:19:09+08:00",
    "updated_at": "2026-08-05T14:19:09+08:00",
    "version": 3,
    "user_openids": ["A"],
}
_STRATEGY: Final = {
    "strategy_id": "s1",
    "group_openids": ["G"],
    "group_ids": ["12***89"],
    "whitelist_user_count": 3,
    "is_enable": "on",
    "expire_at": "2027-08-05T14:19:09+08:00",
    "created_at": "2026-08-05T14:19:09+08:00",
    "updated_at": "2026-08-05T14:19:09+08:00",
    "remark": "x",
}
_WEBHOOK: Final = {
    "app_id": "102",
    "session_id": "s",
    "callback_url": "https://a",
    "env": "x",
    "intents": 1,
    "last_heartbeat_time": "x",
    "state": "x",
    "shards": [0, 1],
}

SAMPLES: Final[dict[str, Any]] = {
    "get_app_access_token": {"access_token": "T", "expires_in": "7200"},
    "get_gateway_url": {"url": "wss://api.sgroup.qq.com/websocket/"},
    "get_gateway": {
        "url": "wss://api.sgroup.qq.com/websocket/",
        "shards": 9,
        "session_start_limit": {
            "total": 1000,
            "remaining": 999,
            "reset_after": 14400000,
            "max_concurrency": 1,
        },
    },
    "get_bot_info": {
        "id": "11586990140073229091",
        "username": "gitsub",
        "avatar": "https://thirdqq.qlogo.cn/g?b=oidb&k=abc&s=100&t=1641802698",
        "union_openid": "74F138F7F3AF68C4B8E8325013FCA295",
        "union_user_account": "",
        "share_url": "https://qun.qq.com/qunpro/robot/qunshare?robot_uin=1&robot_appid=1&biz_type=1",
        "welcome_msg": "hello",
        "welcome_suggestions": ["hi"],
    },
    "list_bot_guilds": [_GUILD],
    "generate_url_link": {"retcode": 0, "msg": "success", "data": {"url": "https://a"}},
    "get_guild": _GUILD,
    "list_channels": [_CHANNEL],
    "create_channel": _CHANNEL,
    "get_channel": _CHANNEL,
    "update_channel": _CHANNEL,
    "get_online_nums": {"online_nums": 1},
    "list_voice_channel_members": [_MEMBER],
    "list_guild_members": [_MEMBER],
    "get_guild_member": _MEMBER,
    "list_guild_role_members": {"data": [_MEMBER], "next": "0"},
    "list_roles": {"guild_id": "123456", "roles": [_ROLE], "role_num_limit": "30"},
    "create_role": {"role_id": "12", "role": _ROLE},
    "update_role": {"guild_id": "123456", "role_id": "12", "role": _ROLE},
    "get_channel_user_permissions": {"channel_id": "123456", "user_id": "112233", "permissions": "4"},
    "get_channel_role_permissions": {"channel_id": "123456", "role_id": "12", "permissions": "28671"},
    "send_message": _MESSAGE,
    "get_message": _MESSAGE,
    "list_messages": [_MESSAGE],
    "update_message": _MESSAGE,
    "create_direct_message": {"guild_id": "x", "channel_id": "x", "create_time": "1642545606"},
    "send_direct_message": _MESSAGE,
    "get_message_setting": {
        "disable_create_dm": True,
        "disable_push_msg": False,
        "channel_ids": ["1146313", "2651849"],
        "channel_push_max_num": 12,
    },
    "send_setting_guide": _MESSAGE,
    "send_direct_setting_guide": _MESSAGE,
    "create_guild_announce": _ANNOUNCE,
    "create_channel_announce": {"guild_id": "123456", "channel_id": "100001", "message_id": "a"},
    "put_pin": _PINS,
    "get_pins": _PINS,
    "get_schedules": [_SCHEDULE],
    "get_schedule": _SCHEDULE,
    "create_schedule": _SCHEDULE,
    "update_schedule": _SCHEDULE,
    "get_reaction_users": {"users": [_USER], "cookie": "1_2", "is_end": False},
    "mute_members": {"user_ids": ["1", "2"]},
    "list_threads": {"threads": [_THREAD], "is_finish": 1},
    "get_thread": {"thread": _THREAD},
    "put_thread": {"task_id": "1645413752912602306", "create_time": "1645503180"},
    "get_api_permissions": {
        "apis": [
            {
                "path": "/guilds/{guild_id}/members/{user_id}",
                "method": "GET",
                "desc": "x",
                "auth_status": 1,
            },
            {"path": "/guilds/{guild_id}", "method": "GET", "desc": "x"},
        ]
    },
    "post_permission_demand": {
        "guild_id": "123456",
        "channel_id": "100001",
        "api_identify": {"path": "/guilds/{guild_id}/members/{user_id}", "method": "GET"},
        "title": "x",
        "desc": "x",
    },
    "send_c2c_message": _SENT,
    "send_stream_message": {**_SENT, "id": "S1", "remain_msg_len": 4000},
    "post_c2c_file": _MEDIA,
    "prepare_c2c_upload": _PREPARED,
    "send_group_message": _SENT,
    "post_group_file": _MEDIA,
    "prepare_group_upload": _PREPARED,
    "get_group_info": {
        "group_openid": "G",
        "group_name": "x",
        "group_finger_memo": "x",
        "group_class_text": "x",
        "group_tags": ["x"],
        "group_member_num": 3,
    },
    "get_group_bot_state": {
        "member_openid": "FE",
        "joined_at": "2026-08-05T14:19:09+08:00",
        "allow_proactive_msg": True,
        "recv_msg_setting": "only_mention",
        "member_role": "member",
    },
    "list_group_members": {"members": [_GROUP_MEMBER], "next_cursor": ""},
    "list_group_members_by_index": {
        "members": [{"member_openid": "x", "join_timestamp": 1780000000}],
        "next_index": 0,
    },
    "get_group_member": _GROUP_MEMBER,
    "remove_group_members": {
        "remove_members_result": "success",
        "add_to_member_blacklist_fail_openids": ["FE"],
    },
    "get_group_blacklist": {
        "users": [
            {
                "union_openid": "UN",
                "member_openid": "FE",
                "username": "x",
                "banned_at": "2026-08-05T14:19:09+08:00",
                "bot": False,
            }
        ],
        "next_cursor": "",
    },
    "update_group_blacklist": {"fail_openids": ["FE"]},
    "list_group_join_requests": {
        "list": [
            {
                "join_request_id": "Ael-",
                "risk_tips": "",
                "union_openid": "FE",
                "member_openid": "FE",
                "username": "x",
                "apply_at": "2026-08-05T14:19:09+08:00",
                "apply_source": "self_apply",
                "invited_by": "",
                "bot": False,
                "verify_info": {"method": "verify_message", "verify_message": "hi", "review_qa_list": []},
            }
        ],
        "next_cursor": "1785767153250497",
    },
    "get_group_mute": {
        "global_rule": {
            "mode": "schedule",
            "schedule_rules": [
                {
                    "task_id": "t",
                    "start_at": "2026-08-05T14:19:09+08:00",
                    "end_at": "2026-08-06T14:19:09+08:00",
                    "enabled": True,
                }
            ],
            "recurring_rules": [
                {
                    "task_id": "t",
                    "weekdays": [1, 7],
                    "start_time": "23:00",
                    "end_time": "07:00",
                    "enabled": True,
                }
            ],
        },
        "members": [
            {
                "member_openid": "FE",
                "mute_expire_at": "2026-08-05T14:19:09+08:00",
                "username": "x",
                "union_openid": "UN",
            }
        ],
    },
    "list_join_strategies": {"strategies": [_STRATEGY], "next_cursor": ""},
    "create_join_strategy": {
        "strategy_id": "s1",
        "is_enable": "on",
        "expire_at": "2027-08-05T14:19:09+08:00",
    },
    "update_join_strategy": {"is_enable": "off", "expire_at": "2027-08-05T14:19:09+08:00"},
    "update_join_strategy_whitelist": {
        "strategy_id": "s1",
        "whitelist_user_count": 3,
        "updated_at": "2026-08-05T14:19:09+08:00",
    },
    "list_panels": {"records": [_PANEL_RECORD], "next_cursor": "c", "is_end": False},
    "create_panel": {"panel_id": "p_x8k2x8k2x8k2"},
    "get_panel": _PANEL_RECORD,
    "put_panel": {"version": 3},
    "get_menu": {
        "version": 1,
        "menu": {
            "items": [
                {"name": "a", "type": "switch", "switch": {"switch_id": "deep", "default": True}},
                {"name": "b", "type": "send_message", "send_message": "hi"},
                {
                    "name": "c",
                    "type": "menu",
                    "sub_menu_items": [{"name": "d", "type": "link", "link": "https://a"}],
                },
            ]
        },
    },
    "put_menu": {"version": 2},
    "create_webhook_session": {
        "version": 1,
        "session_id": "s",
        "bot": {"id": "1", "username": "x"},
        "shard": [0, 1],
    },
    "list_webhook_sessions": [_WEBHOOK],
    "check_webhook_sessions": [_WEBHOOK],
}

NOT_TYPED: Final = frozenset({"deaf", "mute", "pending", "public_flags", "system"})
"""Keys of samples that mean nothing and have no field."""
NOT_KEPT: Final = frozenset({"tts", "mention_everyone", "author", "embeds", "pinned", "type", "flags"})
"""Keys of a sent guild message that are not kept: whoever sent it knows them."""
