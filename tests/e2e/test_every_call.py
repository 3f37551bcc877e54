"""Every row of ENDPOINTS through the real `BotApi`: its success, its refusals, every code it documents."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from qqbot_cli import Simulator
from qqbot_cli.errors import AuthenticationError, PlatformUnreachableError, QQBotError
from qqbot_cli.model.codes import CodeClass, code_entry
from qqbot_cli.model.endpoints import ENDPOINTS, Endpoint
from qqbot_cli.model.outgoing import (
    C2CMessageParams,
    DirectMessageParams,
    GroupMessageParams,
    InteractionAck,
    MessageParams,
)
from qqbot_cli.model.outgoing.stream import InputState, StreamMessage
from qqbot_cli.protocol.request import MAX_ATTEMPTS, exception_for
from qqbot_cli.rest.token import TokenSource
from tests.e2e.bots import simulating
from tests.e2e.calls import ROWS, TOKEN, Caller, calling
from tests.e2e.walks import BUTTONS, WALKS
from tests.model.test_bodies import BODIES
from tests.simulator.client import api_of
from tests.simulator.rest.places import Places, places_of


async def find_places(simulator: Simulator) -> Places:
    async with api_of(simulator) as api:
        return await places_of(simulator, api)


async def test_every_call_is_answered_as_its_row_says() -> None:
    async with simulating() as simulator, calling(simulator) as caller:
        api, at = caller.checked, await find_places(simulator)
        for walk in WALKS:
            await walk(api, simulator, at)

        assert api.called == ROWS.keys()


@dataclass(frozen=True)
class Wrong:
    """A way to be refused: what differs from a call that would succeed, and the code that comes."""

    name: str
    code: int
    body: object = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, object] = field(default_factory=dict)
    switches: Mapping[str, object] = field(default_factory=dict)


NO_ADMIN: Mapping[str, object] = {"bot_is_admin": False}
NO_GROUP_ADMIN: Mapping[str, object] = {"bot_is_group_admin": False}
PUBLIC: Mapping[str, object] = {"private_domain": False}
UNGRANTED: Mapping[str, object] = {"grants": frozenset()}
GONE: Mapping[str, str] = dict.fromkeys(
    ("guild_id", "channel_id", "user_id", "group_openid", "user_openid", "panel_id", "strategy_id"), "1"
)
TEXT_CHANNEL = {"channel_id": "{text}"}
CALENDAR = {"channel_id": "{calendar}", "schedule_id": "1"}
FORUM = {"channel_id": "{forum}", "thread_id": "B_1"}
PAST = {"name": "x", "start_timestamp": "1000", "end_timestamp": "2000"}

PROVOKED = (
    Wrong("list_bot_guilds", 12002, query={"limit": 101}),
    Wrong("generate_url_link", 10001, {"callback_data": "x" * 33}),
    Wrong("get_guild", 10004, path=GONE),
    Wrong("list_channels", 10004, path=GONE),
    Wrong("create_channel", 200016, {"name": "", "type": 0}),
    Wrong("create_channel", 200017, {"name": "x", "type": 4, "position": 1}),
    Wrong("create_channel", 200011, {"name": "禁词", "type": 0}),
    Wrong("create_channel", 130008, {"name": "x", "type": 4, "parent_id": "1"}),
    Wrong("create_channel", 11282, {"name": "x", "type": 0}, switches=NO_ADMIN),
    Wrong("create_channel", 11253, {"name": "x", "type": 0}, switches=PUBLIC),
    Wrong("create_channel", 11264, {"name": "x", "type": 0}, switches=UNGRANTED),
    Wrong("get_channel", 10003, path=GONE),
    Wrong("update_channel", 200016, {"name": ""}),
    Wrong("delete_channel", 10003, path=GONE),
    Wrong("get_online_nums", 13011),
    Wrong("list_voice_channel_members", 13011),
    Wrong("list_guild_members", 12002, query={"limit": 401}),
    Wrong("list_guild_members", 11253, switches=PUBLIC),
    Wrong("get_guild_member", 10001, path={"user_id": "1"}),
    Wrong("delete_guild_member", 11282, {}, path={"user_id": "{owner}"}),
    Wrong("list_guild_role_members", 12002, path={"role_id": "77"}),
    Wrong("list_roles", 10004, path=GONE),
    Wrong("create_role", 12002, {}),
    Wrong("update_role", 12002, {"name": "x"}, path={"role_id": "77"}),
    Wrong("delete_role", 12002, path={"role_id": "1"}),
    Wrong("add_member_role", 12002, path={"role_id": "5"}),
    Wrong("delete_member_role", 12002, path={"role_id": "4"}),
    Wrong("get_channel_user_permissions", 301006, path={"user_id": "1"}),
    Wrong("put_channel_user_permissions", 301000, {"add": "2"}),
    Wrong("get_channel_role_permissions", 301000, path={"role_id": "77"}),
    Wrong("put_channel_role_permissions", 301000, {}, path={"role_id": "1"}),
    Wrong("send_message", 50006, {}),
    Wrong("send_message", 304048, {"content": "x"}, switches={"push_messages": False}),
    Wrong("get_message", 306002),
    Wrong("list_messages", 12002, query={"limit": 21}),
    Wrong("update_message", 50051, {"content": "x"}, path={"message_id": "{said}"}),
    Wrong("recall_message", 306002),
    Wrong("create_direct_message", 304031, {"recipient_id": "{user}", "source_guild_id": "{guild}"},
          switches={"open_direct_messages": False}),
    Wrong("send_direct_message", 304032, {"content": "x"}),
    Wrong("recall_direct_message", 306002),
    Wrong("get_message_setting", 504001, path=GONE),
    Wrong("send_setting_guide", 304051, {"content": "x"}),
    Wrong("send_direct_setting_guide", 304032, {}),
    Wrong("create_guild_announce", 501001, {}),
    Wrong("create_guild_announce", 501018, {"recommend_channels": [{"channel_id": "1"}]}),
    Wrong("delete_guild_announce", 501008),
    Wrong("create_channel_announce", 501001, {}),
    Wrong("delete_channel_announce", 501005),
    Wrong("put_pin", 501008),
    Wrong("put_pin", 501010, path={"channel_id": "{other_text}", "message_id": "{said}"}),
    Wrong("delete_pin", 501008),
    Wrong("get_pins", 10003, path=GONE),
    Wrong("get_schedules", 302000),
    Wrong("get_schedule", 302011, path=CALENDAR),
    Wrong("create_schedule", 302017, {}, path=CALENDAR),
    Wrong("create_schedule", 302015, {"schedule": PAST}, path=CALENDAR),
    Wrong("update_schedule", 302011, {"schedule": PAST}, path=CALENDAR),
    Wrong("delete_schedule", 302011, path=CALENDAR),
    Wrong("put_reaction", 620001, path={"emoji_type": "3"}),
    Wrong("delete_reaction", 620001),
    Wrong("get_reaction_users", 620001, query={"limit": 51}, path={"message_id": "{said}"}),
    Wrong("mute_guild", 502006, {}),
    Wrong("mute_members", 502004, {"user_ids": [], "mute_seconds": "1"}),
    Wrong("mute_member", 502003, {"mute_seconds": "1"}, path={"user_id": "1"}),
    Wrong("post_audio", 13011, {"status": 1}),
    Wrong("put_mic", 13011),
    Wrong("delete_mic", 11253, switches=UNGRANTED),
    Wrong("list_threads", 10003),
    Wrong("get_thread", 503012, path=FORUM),
    Wrong("put_thread", 503005, {"title": "", "content": "x", "format": 1}, path=FORUM),
    Wrong("put_thread", 503014, {"title": "x", "content": "x", "format": 4}, path=FORUM),
    Wrong("delete_thread", 503009, path={**FORUM, "thread_id": "x"}),
    Wrong("get_api_permissions", 610007, path=GONE),
    Wrong("post_permission_demand", 610008, {}),
    Wrong("put_interaction", 630001, {"code": 0}),
    Wrong("send_group_message", 40034024, {"content": "x", "msg_id": "x"}),
    Wrong("recall_group_message", 40061002),
    Wrong("send_c2c_message", 40034024, {"content": "x", "msg_id": "x"}),
    Wrong("send_stream_message", 40011000, {}),
    Wrong("recall_c2c_message", 40061002),
    Wrong("post_group_file", 850026, {"file_type": 1, "url": "x"}),
    Wrong("prepare_group_upload", 40011000, {}),
    Wrong("finish_group_upload_part", 10000, {}),
    Wrong("post_c2c_file", 850019, {"file_type": 1, "file_data": "eHg="}),
    Wrong("prepare_c2c_upload", 40011000, {}),
    Wrong("finish_c2c_upload_part", 10000, {}),
    Wrong("get_group_info", 11253, switches=UNGRANTED),
    Wrong("get_group_bot_state", 40011028, path=GONE),
    Wrong("list_group_members", 40011000, query={"cursor": "x"}),
    Wrong("list_group_members_by_index", 40011000, {"limit": 501}),
    Wrong("get_group_member", 40011028),
    Wrong("remove_group_members", 11703, {}, switches=NO_GROUP_ADMIN),
    Wrong("get_group_blacklist", 11703, switches=NO_GROUP_ADMIN),
    Wrong("update_group_blacklist", 11703, {}, switches=NO_GROUP_ADMIN),
    Wrong("list_group_join_requests", 11703, switches=NO_GROUP_ADMIN),
    Wrong("decide_group_join_request", 11703, {}, switches=NO_GROUP_ADMIN),
    Wrong("get_group_mute", 11703, switches=NO_GROUP_ADMIN),
    Wrong("mute_group_members", 11703, {}, switches=NO_GROUP_ADMIN),
    Wrong("list_join_strategies", 40011000, query={"limit": 101}),
    Wrong("create_join_strategy", 40011000, {}),
    Wrong("update_join_strategy", 40011028, {}),
    Wrong("delete_join_strategy", 40011028),
    Wrong("execute_join_strategy", 40011028),
    Wrong("update_join_strategy_whitelist", 40011028, {}),
    Wrong("list_panels", 40030011),
    Wrong("create_panel", 40030016, {"scope": "c2c"}),
    Wrong("create_panel", 40030011, {"scope": "x"}),
    Wrong("create_panel", 40030012, {"scope": "c2c", "target_type": "x"}),
    Wrong("create_panel", 40030021, {"scope": "c2c", "user_openids": ["x"]}),
    Wrong("get_panel", 40030006),
    Wrong("put_panel", 40030006, {}),
    Wrong("delete_panel", 40030006),
    Wrong("put_panel_targets", 40030006, {}),
    Wrong("put_menu", 40030014, {"menu": {"items": [{"name": "x", "type": "x"}]}}),
    Wrong("create_webhook_session", 12002, {}),
    Wrong("check_webhook_sessions", 12002),
    Wrong("delete_webhook_session", 40011028),
)  # fmt: skip
UNREFUSED = {"get_gateway_url", "get_gateway", "get_bot_info", "get_menu", "list_webhook_sessions"}
"""Calls without anything that could be wrong."""


def test_every_call_has_a_way_to_be_refused() -> None:
    assert {wrong.name for wrong in PROVOKED} | UNREFUSED == ROWS.keys()


async def test_what_is_wrong_is_refused_with_the_documented_code() -> None:
    async with simulating() as simulator, calling(simulator) as caller:
        at = vars(await find_places(simulator)) | {"said": await simulator.say_channel("一", to_bot=False)}
        usual = {
            "guild_id": at["guild"],
            "channel_id": at["text"],
            "user_id": at["user"],
            "group_openid": at["group"],
            "user_openid": at["group_owner"],
            "member_openid": "unknown",
            "role_id": "2",
            "emoji_type": "1",
            "emoji_id": "1",
        }
        simulator.switches.forbidden_words = frozenset({"禁词"})
        for wrong in PROVOKED:
            await refuse(caller, wrong, usual, at)


async def refuse(caller: Caller, wrong: Wrong, usual: Mapping[str, str], at: Mapping[str, str]) -> None:
    """Make the call that is wrong, with everything that the types would not let through."""
    row, switches = ENDPOINTS[wrong.name], caller.simulator.switches
    given = {name: value.format_map(at) for name, value in wrong.path.items()}
    path = row.path.format_map({name: given.get(name, usual.get(name, "unknown")) for name in row.parameters})
    body = wrong.body
    if isinstance(body, dict):
        texts = {name: value.format_map(at) for name, value in body.items() if isinstance(value, str)}
        body = {**body, **texts}
    before = {name: getattr(switches, name) for name in wrong.switches}
    for name, value in wrong.switches.items():
        setattr(switches, name, value)
    answer, error = await outcome(caller.api.call(row.method, path, query=wrong.query, body=body))
    for name, value in before.items():
        setattr(switches, name, value)
    if row.retcode:  # a call without its row does not know that success may be none
        assert answer["retcode"] == wrong.code, wrong
    else:
        assert type(error) is exception_for(wrong.code), (wrong, error)
        assert f"{wrong.code}" in str(error), wrong


async def outcome(call: Awaitable[Any]) -> tuple[Any, QQBotError | None]:
    """Return what *call* answers, or how it fails."""
    try:
        return await call, None
    except QQBotError as error:
        return None, error


PATHS = {"emoji_type": "1"}
SENT: Mapping[str, msgspec.Struct] = {
    "send_message": MessageParams(content="x"),
    "send_direct_message": DirectMessageParams(content="x"),
    "update_message": BUTTONS,
    "send_group_message": GroupMessageParams(content="x"),
    "send_c2c_message": C2CMessageParams(content="x"),
    "send_stream_message": StreamMessage(content_raw="x", input_state=InputState.FINISHED, index=0),
    "put_interaction": InteractionAck(),
    **{name: body for name, body, _ in reversed(BODIES)},
}
"""A body for each row that has one."""


async def test_every_documented_code_of_every_row_arrives_as_its_exception() -> None:
    async with simulating() as simulator, calling(simulator) as caller:
        async with asyncio.TaskGroup() as group:
            for row in ROWS.values():
                group.create_task(arrive(caller, row))

        assert simulator.switches.rest_refuse_next == []


async def arrive(caller: Caller, row: Endpoint) -> None:
    """Refuse *row* once for each of its codes, however often the client tries."""
    switches = caller.simulator.switches
    path = {name: PATHS.get(name, "x") for name in row.parameters}
    query = {query.name: query.choices[0] for query in row.query if query.required}
    for code in row.codes:
        status = 202 if code_entry(code).kind is CodeClass.PENDING else 400
        switches.rest_refuse_next += [(row.name, status, code)] * MAX_ATTEMPTS
        call = caller.client().call(row, path, body=SENT.get(row.name), query=query)
        _, error = await outcome(call)
        kind, where = exception_for(code), f"{row.name} {code}: {error!r}"
        assert (None if error is None else type(error)) is kind, where
        assert error is None or (str(code) in str(error) and getattr(error, "code", code) == code), where
        assert switches.rest_refuse_next.count((row.name, status, code)) < MAX_ATTEMPTS, where
        switches.rest_refuse_next = [told for told in switches.rest_refuse_next if told[0] != row.name]


@pytest.mark.parametrize("code", ENDPOINTS[TOKEN].codes)
async def test_every_code_of_the_token_endpoint_arrives(code: int) -> None:
    async with simulating() as simulator, calling(simulator) as caller:
        simulator.switches.rest_refuse_next = [(TOKEN, 200, code)]
        tokens = TokenSource(
            caller.platform.http,
            url=simulator.endpoints.token,
            appid=simulator.appid,
            secret=simulator.secret,
            report=lambda _: None,
            learn=lambda _: None,
        )
        with pytest.raises((AuthenticationError, PlatformUnreachableError), match=f"code {code}"):
            await tokens.get()
