"""Bodies of REST calls: exactly what goes over the wire, and what is refused before."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from qqbot_cli.errors import InvalidRequestError
from qqbot_cli.model.answer.announce import RecommendChannel
from qqbot_cli.model.answer.grant import ApiIdentify
from qqbot_cli.model.answer.member import ChannelPermission
from qqbot_cli.model.answer.panel import Menu, MenuItem, MenuSwitch, Panel, PanelItem, SubMenuItem
from qqbot_cli.model.body.announce import AnnounceParams, AnnounceType
from qqbot_cli.model.body.audio import AudioControl, AudioStatus
from qqbot_cli.model.body.forum import ThreadFormat, ThreadParams
from qqbot_cli.model.body.grant import PermissionDemand
from qqbot_cli.model.body.group import (
    BlacklistParams,
    GroupMuteParams,
    JoinDecision,
    JoinRequestDecision,
    ListOp,
    MemberMute,
    MuteOp,
    RemoveMembersParams,
)
from qqbot_cli.model.body.guild import (
    ChannelSubType,
    CreateChannelParams,
    PrivateType,
    SpeakPermission,
    UpdateChannelParams,
)
from qqbot_cli.model.body.guild_message import DirectMessageToCreate, DirectSettingGuideParams, GuideTarget
from qqbot_cli.model.body.member import (
    ChannelPermissionsParams,
    HistoryDays,
    MemberDeleteOptions,
    MemberRoleParams,
    RoleChannel,
    RoleParams,
)
from qqbot_cli.model.body.mute import GuildMute
from qqbot_cli.model.body.panel import (
    CreatePanelParams,
    PanelScope,
    PanelTarget,
    PanelTargetParams,
    PutMenuParams,
    PutPanelParams,
)
from qqbot_cli.model.body.platform import AccessTokenRequest, UrlLinkParams
from qqbot_cli.model.body.schedule import RemindType, ScheduleFields, ScheduleParams
from qqbot_cli.model.body.strategy import (
    CreateJoinStrategyParams,
    GroupAction,
    StrategySwitch,
    UpdateJoinStrategyParams,
    WhitelistParams,
)
from qqbot_cli.model.body.upload import FileType, FileUpload, UploadPartFinish, UploadPrepare
from qqbot_cli.model.body.webhook import WebhookSessionParams
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.outgoing import StreamMessage
from qqbot_cli.model.outgoing.stream import InputMode, InputState
from qqbot_cli.model.payload.guild import ChannelType
from qqbot_cli.protocol.arguments import check

BEIJING = timezone(timedelta(hours=8))
START = datetime(2022, 1, 13, 20, 20, 53, tzinfo=BEIJING)
PANEL = Panel(
    items=(
        PanelItem(type="command", name="weather", desc="today"),
        PanelItem(type="link", name="more", link="https://example.com"),
    ),
    remark="c2c panel",
)
MD5 = "0" * 32

BODIES: list[tuple[str, msgspec.Struct, object]] = [
    (
        "get_app_access_token",
        AccessTokenRequest(app_id="102", client_secret="s"),
        {"appId": "102", "clientSecret": "s"},
    ),
    ("generate_url_link", UrlLinkParams(callback_data="from the web"), {"callback_data": "from the web"}),
    (
        "create_channel",
        CreateChannelParams(
            name="x",
            type=ChannelType.TEXT,
            sub_type=ChannelSubType.NOTICE,
            private_type=PrivateType.ADMINISTRATORS_AND_MEMBERS,
            private_user_ids=("1",),
            speak_permission=SpeakPermission.EVERYBODY,
        ),
        {
            "name": "x",
            "type": 0,
            "sub_type": 1,
            "private_type": 2,
            "private_user_ids": ["1"],
            "speak_permission": 1,
        },
    ),
    ("update_channel", UpdateChannelParams(position=3), {"position": 3}),
    (
        "delete_guild_member",
        MemberDeleteOptions(add_blacklist=True, delete_history_msg_days=HistoryDays.ALL),
        {"add_blacklist": True, "delete_history_msg_days": -1},
    ),
    (
        "create_role",
        RoleParams(name="x", color=4278245297, hoist=1),
        {"name": "x", "color": 4278245297, "hoist": 1},
    ),
    ("add_member_role", MemberRoleParams(channel=RoleChannel(id="1744939")), {"channel": {"id": "1744939"}}),
    ("delete_member_role", MemberRoleParams(), {}),
    (
        "put_channel_user_permissions",
        ChannelPermissionsParams.of(add=ChannelPermission.VIEW, remove=ChannelPermission.SPEAK),
        {"add": "1", "remove": "4"},
    ),
    (
        "create_direct_message",
        DirectMessageToCreate(recipient_id="1", source_guild_id="2"),
        {"recipient_id": "1", "source_guild_id": "2"},
    ),
    (
        "send_direct_setting_guide",
        DirectSettingGuideParams(setting_guide=GuideTarget(guild_id="2")),
        {"setting_guide": {"guild_id": "2"}},
    ),
    (
        "create_guild_announce",
        AnnounceParams(message_id="m", channel_id="c"),
        {"message_id": "m", "channel_id": "c"},
    ),
    (
        "create_guild_announce",
        AnnounceParams(
            announces_type=AnnounceType.WELCOME,
            recommend_channels=(RecommendChannel(channel_id="c", introduce="x"),),
        ),
        {"announces_type": 1, "recommend_channels": [{"channel_id": "c", "introduce": "x"}]},
    ),
    (
        "create_schedule",
        ScheduleParams(
            schedule=ScheduleFields.at(
                START,
                START + timedelta(hours=2),
                "x",
                description="x",
                jump_channel_id="0",
                remind_type=RemindType.NEVER,
            )
        ),
        {
            "schedule": {
                "name": "x",
                "description": "x",
                "start_timestamp": "1642076453000",
                "end_timestamp": "1642083653000",
                "jump_channel_id": "0",
                "remind_type": "0",
            }
        },
    ),
    ("mute_guild", GuildMute.lasting(60), {"mute_seconds": "60"}),
    ("mute_member", GuildMute.until(START), {"mute_end_timestamp": "1642076453"}),
    (
        "mute_members",
        GuildMute.lifted(user_ids=["1", "2"]),
        {"mute_seconds": "0", "user_ids": ["1", "2"]},
    ),
    (
        "post_audio",
        AudioControl(status=AudioStatus.START, audio_url="http://x.mp3", text="x"),
        {"audio_url": "http://x.mp3", "text": "x", "status": 0},
    ),
    (
        "put_thread",
        ThreadParams(title="x", content="# x", format=ThreadFormat.MARKDOWN),
        {"title": "x", "content": "# x", "format": 3},
    ),
    (
        "post_permission_demand",
        PermissionDemand(
            channel_id="c",
            api_identify=ApiIdentify(path="/guilds/{guild_id}/members/{user_id}", method="GET"),
            desc="x",
        ),
        {
            "channel_id": "c",
            "api_identify": {"path": "/guilds/{guild_id}/members/{user_id}", "method": "GET"},
            "desc": "x",
        },
    ),
    (
        "send_stream_message",
        StreamMessage(
            input_mode=InputMode.REPLACE,
            input_state=InputState.FINISHED,
            index=1,
            content_raw="Hello",
            msg_id="ROBOT1.0_x",
            msg_seq=7,
            stream_msg_id="S1",
        ),
        {
            "input_mode": "replace",
            "input_state": 10,
            "index": 1,
            "content_type": "markdown",
            "content_raw": "Hello",
            "msg_id": "ROBOT1.0_x",
            "msg_seq": 7,
            "stream_msg_id": "S1",
        },
    ),
    (
        "post_group_file",
        FileUpload(file_type=FileType.IMAGE, url="https://a/b.png"),
        {"file_type": 1, "url": "https://a/b.png", "srv_send_msg": False},
    ),
    ("post_c2c_file", FileUpload(upload_id="u"), {"upload_id": "u", "srv_send_msg": False}),
    (
        "prepare_c2c_upload",
        UploadPrepare(
            file_type=FileType.FILE, file_size="12", file_name="a.zip", md5=MD5, sha1="a" * 40, md5_10m=MD5
        ),
        {
            "file_type": 4,
            "file_size": "12",
            "file_name": "a.zip",
            "md5": MD5,
            "sha1": "a" * 40,
            "md5_10m": MD5,
        },
    ),
    (
        "finish_group_upload_part",
        UploadPartFinish(upload_id="u", part_index=1, block_size="12", md5=MD5),
        {"upload_id": "u", "part_index": 1, "block_size": "12", "md5": MD5},
    ),
    (
        "remove_group_members",
        RemoveMembersParams(member_openids=("a",), add_to_member_blacklist=True),
        {"member_openids": ["a"], "add_to_member_blacklist": True},
    ),
    (
        "update_group_blacklist",
        BlacklistParams(op=ListOp.DEL, member_openids=("a",)),
        {"op": "del", "member_openids": ["a"]},
    ),
    (
        "decide_group_join_request",
        JoinRequestDecision(op=JoinDecision.DECLINE, join_request_id="r", reject_reason="no"),
        {"op": "decline", "join_request_id": "r", "reject_reason": "no"},
    ),
    (
        "mute_group_members",
        GroupMuteParams(members=(MemberMute.until(START, "a"), MemberMute(op=MuteOp.DEL, member_openid="b"))),
        {
            "members": [
                {"op": "add", "member_openid": "a", "mute_expire_at": "2022-01-13T20:20:53+08:00"},
                {"op": "del", "member_openid": "b"},
            ]
        },
    ),
    (
        "create_join_strategy",
        CreateJoinStrategyParams(group_ids=(123,), is_enable=StrategySwitch.ON, remark="x"),
        {"group_ids": [123], "is_enable": "on", "remark": "x"},
    ),
    (
        "update_join_strategy",
        UpdateJoinStrategyParams(group_action=GroupAction(op=ListOp.ADD, group_openids=("G",))),
        {"group_action": {"op": "add", "group_openids": ["G"]}},
    ),
    (
        "update_join_strategy_whitelist",
        WhitelistParams(op=ListOp.ADD, whitelist_users=("10001",)),
        {"op": "add", "whitelist_users": ["10001"]},
    ),
    (
        "create_panel",
        CreatePanelParams(scope=PanelScope.C2C, target_type=PanelTarget.ALL, panel=PANEL),
        {
            "scope": "c2c",
            "target_type": "all",
            "panel": {
                "items": [
                    {"type": "command", "name": "weather", "desc": "today"},
                    {"type": "link", "name": "more", "link": "https://example.com"},
                ],
                "remark": "c2c panel",
            },
        },
    ),
    (
        "put_panel_targets",
        PanelTargetParams(op=ListOp.ADD, user_openids=("a",)),
        {"op": "add", "user_openids": ["a"]},
    ),
    (
        "put_menu",
        PutMenuParams(
            menu=Menu(
                items=(
                    MenuItem(type="switch", name="deep", switch=MenuSwitch(switch_id="d", default=True)),
                    MenuItem(
                        type="menu",
                        name="more",
                        sub_menu_items=(SubMenuItem(type="link", name="x", link="https://a"),),
                    ),
                )
            )
        ),
        {
            "menu": {
                "items": [
                    {"type": "switch", "name": "deep", "switch": {"switch_id": "d", "default": True}},
                    {
                        "type": "menu",
                        "name": "more",
                        "sub_menu_items": [{"type": "link", "name": "x", "link": "https://a"}],
                    },
                ]
            }
        },
    ),
    ("put_menu", PutMenuParams(menu=Menu()), {"menu": {"items": []}}),
    (
        "create_webhook_session",
        WebhookSessionParams(intents=1, shards=(0, 1), callback_url="https://a"),
        {"intents": 1, "shards": [0, 1], "callback_url": "https://a"},
    ),
]


def checked(name: str, body: msgspec.Struct) -> None:
    """Check *body* as it is checked before it is sent."""
    row = ENDPOINTS[name]
    check(row, {}, {}, body, msgspec.json.encode(body))


WIDE_ENTRY = SubMenuItem(type="link", name="查询今天的天气吗")


@pytest.mark.parametrize(
    ("name", "body", "wire"), BODIES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_body_is_exactly_this_on_the_wire(name: str, body: msgspec.Struct, wire: object) -> None:
    kind = ENDPOINTS[name].body
    assert kind is not None

    assert isinstance(body, kind)
    assert json.loads(msgspec.json.encode(body)) == wire
    checked(name, body)


@pytest.mark.parametrize(
    ("build", "field"),
    [
        (RoleParams, "name / color / hoist"),
        (UpdateChannelParams, "name / position / parent_id / private_type / speak_permission"),
        (lambda: CreateChannelParams(name="x", type=ChannelType.CATEGORY, position=1), "position"),
        (ChannelPermissionsParams.of, "add / remove"),
        (lambda: AnnounceParams(message_id="m"), "channel_id"),
        (lambda: AnnounceParams(recommend_channels=(RecommendChannel("c"),) * 4), "recommend_channels"),
        (lambda: GuildMute(user_ids=("1",)), "mute_end_timestamp / mute_seconds"),
        (lambda: GuildMute.until(datetime(2022, 1, 1)), "mute_end_timestamp"),  # noqa: DTZ001
        (lambda: MemberMute.until(datetime(2022, 1, 1), "a"), "mute_expire_at"),  # noqa: DTZ001
        (lambda: ScheduleFields.at(datetime(2022, 1, 1), START, "x"), "start / end"),  # noqa: DTZ001
        (lambda: AudioControl(status=AudioStatus.STOP, text="x"), "audio_url / text"),
        (lambda: FileUpload(file_type=FileType.IMAGE), "url / file_data / upload_id"),
        (lambda: FileUpload(file_type=FileType.IMAGE, url="a", file_data="b"), "url / file_data / upload_id"),
        (lambda: FileUpload(url="a"), "file_type"),
        (
            lambda: JoinRequestDecision(op=JoinDecision.APPROVE, reject_reason="no"),
            "reject_reason / add_to_member_blacklist",
        ),
        (lambda: MemberMute(op=MuteOp.ADD, member_openid="a"), "mute_expire_at"),
        (CreateJoinStrategyParams, "group_openids / group_ids"),
        (lambda: CreateJoinStrategyParams(group_openids=("a",), group_ids=(1,)), "group_openids / group_ids"),
        (lambda: PanelTargetParams(op=ListOp.ADD), "user_openids / group_openids"),
        (
            lambda: CreatePanelParams(scope=PanelScope.DM, target_type=PanelTarget.SPECIFIC, panel=PANEL),
            "target_type",
        ),
        (lambda: PutPanelParams(panel=Panel(items=PANEL.items * 11)), "panel.items"),
        (lambda: PutPanelParams(panel=Panel(remark="x" * 256)), "panel.remark"),
        (
            lambda: PutPanelParams(panel=Panel(items=(PanelItem(type="command", name="x" * 15),))),
            "panel.items[0].name",
        ),
        (
            lambda: PutMenuParams(menu=Menu(items=(MenuItem(type="link", name="x" * 11),))),
            "menu.items[0].name",
        ),
        (
            lambda: PutPanelParams(panel=Panel(items=(PanelItem(type="command", name="查询今天的天气吗"),))),
            "panel.items[0].name",
        ),
        (
            lambda: PutMenuParams(menu=Menu(items=(MenuItem(type="link", name="查询天气吗x"),))),
            "menu.items[0].name",
        ),
        (
            lambda: PutMenuParams(
                menu=Menu(items=(MenuItem(type="menu", name="x", sub_menu_items=(WIDE_ENTRY,)),))
            ),
            "menu.items[0].sub_menu_items[0].name",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_body_that_makes_no_sense_cannot_be_built(build: Any, field: str) -> None:  # noqa: ANN401
    with pytest.raises(InvalidRequestError) as caught:
        build()

    assert caught.value.field == field
    assert isinstance(caught.value, ValueError)


def test_a_chinese_character_counts_as_two_and_an_emoji_as_one() -> None:
    PutPanelParams(panel=Panel(items=(PanelItem(type="command", name="查询今天的天气"),)))
    PutPanelParams(panel=Panel(items=(PanelItem(type="command", name="🐱" * 14),)))
    PutMenuParams(menu=Menu(items=(MenuItem(type="link", name="查询天气吗"),)))


@pytest.mark.parametrize(
    ("name", "body", "field", "limit"),
    [
        ("generate_url_link", UrlLinkParams(callback_data="x" * 33), "callback_data", "length <= 32"),
        ("create_role", RoleParams(color=1 << 32), "color", "<= 4294967295"),
        ("create_role", RoleParams(hoist=2), "hoist", "<= 1"),
        ("create_channel", CreateChannelParams(name="", type=ChannelType.TEXT), "name", "length >= 1"),
        ("mute_guild", GuildMute(mute_seconds="1 h"), "mute_seconds", "regex"),
        ("mute_guild", GuildMute(mute_seconds="1", user_ids=("1",)), "user_ids", "not for this call"),
        ("mute_members", GuildMute(mute_seconds="1"), "user_ids", "needed"),
        ("mute_members", GuildMute(mute_seconds="1", user_ids=()), "user_ids", "needed"),
        (
            "remove_group_members",
            RemoveMembersParams(member_openids=("a",) * 21),
            "member_openids",
            "length <= 20",
        ),
        (
            "mute_group_members",
            GroupMuteParams(members=(MemberMute(op=MuteOp.DEL, member_openid="b"),) * 11),
            "members",
            "length <= 10",
        ),
        (
            "mute_group_members",
            GroupMuteParams(members=(MemberMute(op=MuteOp.DEL, member_openid=""),)),
            "members[0].member_openid",
            "length >= 1",
        ),
        (
            "create_join_strategy",
            CreateJoinStrategyParams(group_ids=(1,) * 101),
            "group_ids",
            "length <= 100",
        ),
        (
            "finish_c2c_upload_part",
            UploadPartFinish(upload_id="u", part_index=1, block_size="12", md5="x"),
            "md5",
            "regex",
        ),
    ],
)
def test_a_limit_of_the_platform_is_named_before_anything_is_sent(
    name: str, body: msgspec.Struct, field: str, limit: str
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        checked(name, body)

    assert caught.value.field == field
    assert limit in caught.value.limit
    assert str(caught.value) == f"{name}: {field}: {caught.value.limit}"


@pytest.mark.parametrize(
    ("name", "query", "limit"),
    [
        ("list_guild_members", {"limit": 401}, "at most 400, not 401"),
        ("list_guild_members", {"limit": 0}, "at least 1, not 0"),
        ("list_panels", {}, "needed"),
        ("list_panels", {"scope": "guild"}, "one of c2c, group, channel, dm, not 'guild'"),
    ],
)
def test_a_query_parameter_outside_of_its_range_is_named(
    name: str, query: dict[str, Any], limit: str
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        check(ENDPOINTS[name], {}, query, None, None)

    assert caught.value.limit == limit


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_what_is_no_id_leads_to_no_other_call(value: str) -> None:
    with pytest.raises(InvalidRequestError, match="get_guild: guild_id: "):
        check(ENDPOINTS["get_guild"], {"guild_id": value}, {}, None, None)


def test_a_secret_is_not_shown_by_the_body_that_carries_it() -> None:
    assert "geheim" not in repr(AccessTokenRequest(app_id="1", client_secret="geheim"))
