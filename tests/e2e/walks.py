"""A walk through each family of calls: what is created is read back, changed and taken away.

`Checked` compares every answer with the row of its call.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import msgspec

from qqbot_cli import Scene, Simulator
from qqbot_cli.model.answer.announce import RecommendChannel
from qqbot_cli.model.answer.grant import ApiIdentify
from qqbot_cli.model.answer.member import ChannelPermission
from qqbot_cli.model.answer.panel import Menu, MenuItem, Panel, PanelItem
from qqbot_cli.model.body.announce import AnnounceParams, ChannelAnnounceParams
from qqbot_cli.model.body.audio import AudioControl, AudioStatus
from qqbot_cli.model.body.forum import ThreadFormat, ThreadParams
from qqbot_cli.model.body.grant import PermissionDemand
from qqbot_cli.model.body.group import (
    BlacklistParams,
    GroupMuteParams,
    IndexedMembersParams,
    JoinDecision,
    JoinRequestDecision,
    ListOp,
    MemberMute,
    RemoveMembersParams,
)
from qqbot_cli.model.body.guild import CreateChannelParams, UpdateChannelParams
from qqbot_cli.model.body.guild_message import (
    DirectMessageToCreate,
    DirectSettingGuideParams,
    GuideTarget,
    SettingGuideParams,
)
from qqbot_cli.model.body.member import ChannelPermissionsParams, MemberDeleteOptions, RoleParams
from qqbot_cli.model.body.mute import GuildMute
from qqbot_cli.model.body.panel import (
    CreatePanelParams,
    PanelScope,
    PanelTarget,
    PanelTargetParams,
    PutMenuParams,
    PutPanelParams,
)
from qqbot_cli.model.body.platform import UrlLinkParams
from qqbot_cli.model.body.schedule import ScheduleFields, ScheduleParams
from qqbot_cli.model.body.strategy import (
    CreateJoinStrategyParams,
    StrategySwitch,
    UpdateJoinStrategyParams,
    WhitelistParams,
)
from qqbot_cli.model.body.upload import FileType, FileUpload, UploadPartFinish, UploadPrepare
from qqbot_cli.model.body.webhook import WebhookSessionParams
from qqbot_cli.model.outgoing import (
    Button,
    C2CMessageParams,
    DirectMessageParams,
    GroupMessageParams,
    InteractionAck,
    Keyboard,
    Markdown,
    MessageParams,
)
from qqbot_cli.model.outgoing.stream import InputState, StreamMessage
from qqbot_cli.model.payload.guild import ChannelType
from tests.e2e.bots import until
from tests.e2e.calls import Checked
from tests.simulator.rest.places import Places

PANEL = Panel(items=(PanelItem(type="command", name="天气", desc="今天"),), remark="注")
BUTTONS = MessageParams(markdown=Markdown("一"), keyboard=Keyboard.row(Button("好", data="x")))


def tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


async def walk_platform(api: Checked, simulator: Simulator, at: Places) -> None:
    assert (await api.get_gateway_url()).url == (await api.get_gateway()).url
    assert (await api.get_bot_info()).id == simulator.bot_user_id
    assert [guild.id for guild in await api.list_bot_guilds()] == [at.guild]
    assert (await api.generate_url_link(UrlLinkParams(callback_data="x"))).url.startswith("https://")


async def walk_guild(api: Checked, simulator: Simulator, at: Places) -> None:
    assert (await api.get_guild(at.guild)).member_count == 4
    made = await api.create_channel(at.guild, CreateChannelParams(name="新", type=ChannelType.TEXT))
    assert await api.get_channel(made.id) == made
    changed = await api.update_channel(made.id, UpdateChannelParams(name="旧"))
    assert changed in await api.list_channels(at.guild)
    await api.delete_channel(made.id)
    where = {"guild_id": at.guild, "channel_id": at.voice, "channel_type": 2, "user_id": at.user}
    await simulator.emit("AUDIO_OR_LIVE_CHANNEL_MEMBER_ENTER", where)
    assert (await api.get_online_nums(at.voice)).online_nums == 1
    assert [member.user.id for member in await api.list_voice_channel_members(at.voice)] == [at.user]


async def walk_member(api: Checked, simulator: Simulator, at: Places) -> None:
    listed = await api.list_guild_members(at.guild, limit=400)
    assert len(listed) == 4
    assert await api.get_guild_member(at.guild, at.user) in listed
    page = await api.list_guild_role_members(at.guild, "4", limit=10)
    assert [member.user.id for member in page.data] == [at.owner]
    await api.delete_guild_member(at.guild, at.user, MemberDeleteOptions(add_blacklist=False))
    await simulator.emit("GUILD_MEMBER_ADD", user=2)


async def walk_role(api: Checked, simulator: Simulator, at: Places) -> None:
    made = await api.create_role(at.guild, RoleParams(name="喵", hoist=1))
    changed = await api.update_role(at.guild, made.role_id, RoleParams(color=7))
    assert changed.role in (await api.list_roles(at.guild)).roles
    await api.add_member_role(at.guild, made.role_id, at.user)
    assert made.role_id in (await api.get_guild_member(at.guild, at.user)).roles
    await api.delete_member_role(at.guild, made.role_id, at.user)
    await api.delete_role(at.guild, made.role_id)
    change = ChannelPermissionsParams.of(remove=ChannelPermission.SPEAK)
    await api.put_channel_user_permissions(at.text, at.user, change)
    assert (await api.get_channel_user_permissions(at.text, at.user)).flags == ChannelPermission.VIEW
    await api.put_channel_role_permissions(at.text, "1", change)
    assert (await api.get_channel_role_permissions(at.text, "1")).flags == ChannelPermission.VIEW


async def walk_guild_message(api: Checked, simulator: Simulator, at: Places) -> None:
    sent = await api.send_message(at.text, BUTTONS)
    read = await api.get_message(at.text, sent.id)
    assert (read.id, read.content) == (sent.id, "一")
    changed = await api.update_message(
        at.text, sent.id, msgspec.structs.replace(BUTTONS, markdown=Markdown("二"))
    )
    assert changed.content == "二"
    assert [message.id for message in await api.list_messages(at.text)] == [sent.id]
    await api.recall_message(at.text, sent.id, hidetip=True)
    assert await api.list_messages(at.text) == []
    opened = await api.create_direct_message(
        DirectMessageToCreate(recipient_id=at.user, source_guild_id=at.guild)
    )
    direct = await api.send_direct_message(opened.guild_id, DirectMessageParams(content="一"))
    await api.recall_direct_message(opened.guild_id, direct.id)
    assert (await api.get_message_setting(at.guild)).channel_ids[0] == at.text
    await api.send_setting_guide(at.text, SettingGuideParams(content=f"<@{at.owner}>"))
    guide = DirectSettingGuideParams(setting_guide=GuideTarget(guild_id=at.guild))
    await api.send_direct_setting_guide(opened.guild_id, guide)


async def walk_announce(api: Checked, simulator: Simulator, at: Places) -> None:
    said = await simulator.say_channel("一", to_bot=False)
    message = AnnounceParams(message_id=said, channel_id=at.text)
    assert (await api.create_guild_announce(at.guild, message)).message_id == said
    await api.delete_guild_announce(at.guild, said)
    channels = (RecommendChannel(channel_id=at.text),)
    recommended = await api.create_guild_announce(at.guild, AnnounceParams(recommend_channels=channels))
    assert recommended.recommend_channels == channels
    await api.create_channel_announce(at.text, ChannelAnnounceParams(message_id=said))
    await api.delete_channel_announce(at.text, "all")
    assert (await api.put_pin(at.text, said)).message_ids == (said,)
    await api.delete_pin(at.text, said)
    assert (await api.get_pins(at.text)).message_ids == ()


async def walk_schedule(api: Checked, simulator: Simulator, at: Places) -> None:
    event = ScheduleFields.at(tomorrow(), tomorrow() + timedelta(hours=1), "会")
    made = await api.create_schedule(at.calendar, ScheduleParams(schedule=event))
    changed = await api.update_schedule(
        at.calendar, made.id, ScheduleParams(schedule=msgspec.structs.replace(event, name="改"))
    )
    assert (changed.id, changed.name) == (made.id, "改")
    assert await api.get_schedule(at.calendar, made.id) == changed
    assert await api.get_schedules(at.calendar, since=1) == [changed]
    await api.delete_schedule(at.calendar, made.id)


async def walk_reaction(api: Checked, simulator: Simulator, at: Places) -> None:
    where = at.text, await simulator.say_channel("一", to_bot=False), 2, "128077"
    await api.put_reaction(*where)
    users = await api.get_reaction_users(*where)
    assert ([user.id for user in users.users], users.is_end) == ([at.bot], True)
    await api.delete_reaction(*where)


async def walk_mute(api: Checked, simulator: Simulator, at: Places) -> None:
    await api.mute_guild(at.guild, GuildMute.lasting(60))
    await api.mute_guild(at.guild, GuildMute.lifted())
    muted = await api.mute_members(at.guild, GuildMute.lasting(60, user_ids=(at.user, at.owner)))
    assert muted.user_ids == (at.user,)
    await api.mute_member(at.guild, at.user, GuildMute.lifted())


async def walk_audio(api: Checked, simulator: Simulator, at: Places) -> None:
    await api.put_mic(at.voice)
    await api.post_audio(at.voice, AudioControl(status=AudioStatus.START, audio_url="https://a/b.mp3"))
    await api.delete_mic(at.voice)


async def walk_forum(api: Checked, simulator: Simulator, at: Places) -> None:
    simulator.switches.audit_seconds = 0.0
    params = ThreadParams(title="题", content="文", format=ThreadFormat.TEXT)
    assert (await api.put_thread(at.forum, params)).created_at is not None
    await until(lambda: any(getattr(fact, "name", "") == "FORUM_THREAD_CREATE" for fact in simulator.history))
    (thread,) = (await api.list_threads(at.forum)).threads
    thread_id = thread.thread_info.thread_id
    assert (await api.get_thread(at.forum, thread_id)).thread == thread
    await api.delete_thread(at.forum, thread_id)


async def walk_grant(api: Checked, simulator: Simulator, at: Places) -> None:
    simulator.switches.grants = frozenset()
    api_identify = ApiIdentify(path="/guilds/{guild_id}/members", method="GET")
    apis = (await api.get_api_permissions(at.guild)).apis
    assert not any(one.granted for one in apis)
    demand = PermissionDemand(channel_id=at.text, api_identify=api_identify, desc="名单")
    assert (await api.post_permission_demand(at.guild, demand)).api_identify == api_identify
    simulator.switches.grants = None


async def walk_open(api: Checked, simulator: Simulator, at: Places) -> None:
    """Groups and one-to-one chats: sends, and acknowledging buttons."""
    await api.put_interaction(await simulator.press_button(scene=Scene.GROUP), InteractionAck())
    sent = await api.send_group_message(at.group, GroupMessageParams(content="一"))
    await api.recall_group_message(at.group, sent.id)
    person = at.group_owner
    single = await api.send_c2c_message(person, C2CMessageParams(content="一"))
    await api.recall_c2c_message(person, single.id)
    said = await simulator.say_c2c("你好")
    piece = StreamMessage(content_raw="一", input_state=InputState.FINISHED, index=0, msg_id=said, msg_seq=1)
    assert (await api.send_stream_message(person, piece)).remain_msg_len > 0


async def walk_group(api: Checked, simulator: Simulator, at: Places) -> None:
    assert (await api.get_group_info(at.group)).group_member_num == 4
    assert (await api.get_group_bot_state(at.group)).joined is not None
    members = (await api.list_group_members(at.group)).members
    assert await api.get_group_member(at.group, at.group_member) in members
    indexed = await api.list_group_members_by_index(at.group, IndexedMembersParams(limit=2))
    assert (len(indexed.members), indexed.next_index) == (2, 2)
    mute = MemberMute.until(tomorrow(), at.group_member)
    await api.mute_group_members(at.group, GroupMuteParams(members=(mute,)))
    assert [one.member_openid for one in (await api.get_group_mute(at.group)).members] == [at.group_member]
    people = (at.group_member,)
    removed = await api.remove_group_members(at.group, RemoveMembersParams(member_openids=people))
    assert removed.remove_members_result == "success"
    ban = BlacklistParams(op=ListOp.ADD, member_openids=people)
    assert (await api.update_group_blacklist(at.group, ban)).fail_openids == ()
    assert [user.member_openid for user in (await api.get_group_blacklist(at.group)).users] == [*people]
    await simulator.emit("GROUP_JOIN_REQUEST", user=1)
    (request,) = (await api.list_group_join_requests(at.group)).list
    decision = JoinRequestDecision(op=JoinDecision.APPROVE, join_request_id=request.join_request_id)
    await api.decide_group_join_request(at.group, request.member_openid, decision)
    assert (await api.list_group_join_requests(at.group)).list == ()


async def walk_strategy(api: Checked, simulator: Simulator, at: Places) -> None:
    made = await api.create_join_strategy(CreateJoinStrategyParams(group_openids=(at.group,)))
    off = UpdateJoinStrategyParams(is_enable=StrategySwitch.OFF)
    assert not (await api.update_join_strategy(made.strategy_id, off)).enabled
    numbers = WhitelistParams(op=ListOp.ADD, whitelist_users=("10001",))
    changed = await api.update_join_strategy_whitelist(made.strategy_id, numbers)
    assert changed.whitelist_user_count == 1
    await api.execute_join_strategy(made.strategy_id)
    (rule,) = (await api.list_join_strategies()).strategies
    assert (rule.group_openids, rule.whitelist_user_count) == ((at.group,), 1)
    await api.delete_join_strategy(made.strategy_id)


async def walk_panel(api: Checked, simulator: Simulator, at: Places) -> None:
    params = CreatePanelParams(
        scope=PanelScope.GROUP, target_type=PanelTarget.SPECIFIC, group_openids=(at.group,), panel=PANEL
    )
    panel_id = (await api.create_panel(params)).panel_id
    record = await api.get_panel(panel_id)
    assert (record.panel.items, record.group_openids) == (PANEL.items, (at.group,))
    assert (await api.list_panels(scope=PanelScope.GROUP)).records == (record,)
    assert (await api.put_panel(panel_id, PutPanelParams(panel=PANEL))).version == 2
    await api.put_panel_targets(panel_id, PanelTargetParams(op=ListOp.DEL, group_openids=(at.group,)))
    assert (await api.get_panel(panel_id)).group_openids == ()
    await api.delete_panel(panel_id)
    menu = Menu(items=(MenuItem(type="send_message", name="你好", send_message="你好"),))
    assert (await api.put_menu(PutMenuParams(menu=menu))).version == 1
    assert (await api.get_menu()).menu == menu


async def walk_upload(api: Checked, simulator: Simulator, at: Places) -> None:
    content = b"\x89PNG\r\n\x1a\n" + bytes(9)
    md5 = hashlib.md5(content).hexdigest()
    sha1 = hashlib.sha1(content).hexdigest()
    size = str(len(content))
    for place, of in ((at.group, "group"), (at.group_owner, "c2c")):
        prepared = await getattr(api, f"prepare_{of}_upload")(
            place,
            UploadPrepare(
                file_type=FileType.IMAGE, file_size=size, file_name="a.png", md5=md5, sha1=sha1, md5_10m=md5
            ),
        )
        (part,) = prepared.parts
        async with api.http.put(part.presigned_url, data=content) as stored:
            assert stored.status == 200
        finish = UploadPartFinish(
            upload_id=prepared.upload_id, part_index=part.index, block_size=size, md5=md5
        )
        await getattr(api, f"finish_{of}_upload_part")(place, finish)
        media = await getattr(api, f"post_{of}_file")(place, FileUpload(upload_id=prepared.upload_id))
        assert media.file_info


async def walk_webhook(api: Checked, simulator: Simulator, at: Places) -> None:
    params = WebhookSessionParams(intents=1, shards=(0, 1), callback_url="https://example.com")
    made = await api.create_webhook_session(params)
    (session,) = await api.list_webhook_sessions()
    assert (session.session_id, session.shards) == (made.session_id, (0, 1))
    assert [one.session_id for one in await api.check_webhook_sessions()] == [made.session_id]
    await api.delete_webhook_session(made.session_id)


WALKS = (
    *(walk_platform, walk_guild, walk_member, walk_role, walk_guild_message, walk_announce, walk_schedule),
    *(walk_reaction, walk_mute, walk_audio, walk_forum, walk_grant, walk_open, walk_group, walk_strategy),
    *(walk_panel, walk_upload, walk_webhook),
)
