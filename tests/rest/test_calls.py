"""REST calls over a real socket: what is asked, how answers are read, and lists that come in pages."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web

from qqbot_cli.errors import (
    ApiError,
    InvalidRequestError,
    MessageAuditError,
    NotFoundError,
    PlatformUnreachableError,
)
from qqbot_cli.model.answer.announce import Announce
from qqbot_cli.model.answer.member import ChannelPermission
from qqbot_cli.model.body.announce import AnnounceParams
from qqbot_cli.model.body.group import IndexedMembersParams
from qqbot_cli.model.body.guild import CreateChannelParams, PrivateType
from qqbot_cli.model.body.member import HistoryDays, MemberDeleteOptions
from qqbot_cli.model.body.mute import GuildMute
from qqbot_cli.model.body.panel import PanelScope
from qqbot_cli.model.body.upload import FileType, FileUpload
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.fact import Fact
from qqbot_cli.model.outgoing import Ark, InteractionAck, MessageParams
from qqbot_cli.model.payload.guild import ChannelType
from qqbot_cli.rest.api import BotApi
from qqbot_cli.rest.client import RestClient
from qqbot_cli.rest.token import TokenSource

Answerer = Callable[["Asked"], "Answer | None"]


class Asked:
    """A request as it arrived."""

    def __init__(self, request: web.Request, content: bytes) -> None:
        self.method = request.method
        self.path = request.raw_path
        self.query = dict(request.query)
        self.headers = request.headers
        self.content = content

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        return json.loads(self.content)


class Answer:
    """What the server says; *body* is JSON, or bytes as they are."""

    def __init__(self, body: object = b"", status: int = 200) -> None:
        self.status = status
        self.content = body if isinstance(body, bytes) else json.dumps(body).encode()


class Tokens:
    """Gives always the same token."""

    def at_hand(self) -> str:
        return "token"

    def refuse(self, value: str) -> None:
        raise AssertionError(value)


class Server:
    """Answers by a function, or the answers of a list one after the other; remembers what it was asked."""

    def __init__(self, api: BotApi, asked: list[Asked], facts: list[Fact]) -> None:
        self.api = api
        self.asked = asked
        self.facts = facts


@asynccontextmanager
async def serving(*answers: Answer | Answerer) -> AsyncIterator[Server]:
    asked: list[Asked] = []

    async def take(request: web.Request) -> web.StreamResponse:
        this = Asked(request, await request.read())
        asked.append(this)
        found = answers[min(len(asked), len(answers)) - 1]
        answer = found(this) if callable(found) else found
        if answer is None:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        return web.Response(status=answer.status, body=answer.content)

    app = web.Application(client_max_size=8 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        facts: list[Fact] = []
        async with aiohttp.ClientSession() as http:
            client = RestClient(
                http,
                cast(TokenSource, Tokens()),
                base=f"http://{host}:{port}",
                appid="102000001",
                timeout=5,
                report=facts.append,
                jitter=lambda: 0.0,
            )
            yield Server(BotApi(client), asked, facts)
    finally:
        await runner.cleanup()


def people(*ids: int) -> list[dict[str, Any]]:
    return [{"user": {"id": str(number)}} for number in ids]


async def ids_of(members: AsyncIterator[Any]) -> list[str]:
    return [member.user.id async for member in members]


async def test_an_id_leads_nowhere_else() -> None:
    async with serving(Answer({"id": "1"})) as server:
        await server.api.get_guild("a/../b?c#d")

        assert server.asked[0].path == "/guilds/a%2F..%2Fb%3Fc%23d"


async def test_query_parameters_that_are_left_out_are_not_sent() -> None:
    async with serving(Answer()) as server:
        await server.api.recall_message("c", "m")
        await server.api.recall_message("c", "m", hidetip=True)

        assert [asked.path for asked in server.asked] == [
            "/channels/c/messages/m",
            "/channels/c/messages/m?hidetip=true",
        ]


async def test_the_order_of_arguments_is_that_of_botrs_where_the_path_has_another() -> None:
    async with serving(Answer(status=204)) as server:
        await server.api.add_member_role("guild", "role", "user")

        (asked,) = server.asked
        assert (asked.method, asked.path) == ("PUT", "/guilds/guild/members/user/roles/role")
        assert asked.json == {}


async def test_a_number_in_the_path_is_sent() -> None:
    async with serving(Answer(status=204)) as server:
        await server.api.put_reaction("c", "m", 2, "128077")

        assert server.asked[0].path == "/channels/c/messages/m/reactions/2/128077"


async def test_a_removal_has_a_body() -> None:
    async with serving(Answer(status=204)) as server:
        await server.api.delete_guild_member(
            "g", "u", MemberDeleteOptions(delete_history_msg_days=HistoryDays.SEVEN)
        )

        (asked,) = server.asked
        assert asked.method == "DELETE"
        assert asked.headers["Content-Type"] == "application/json"
        assert asked.json == {"delete_history_msg_days": 7}


async def test_a_query_that_never_changes_is_always_sent() -> None:
    async with serving(Answer([])) as server:
        assert await server.api.check_webhook_sessions() == []

        assert server.asked[0].path == "/gateway/webhook/sessions?action=check"


@pytest.mark.parametrize("answer", [Answer(), Answer({}), Answer(status=204), Answer(b"ok")])
async def test_nothing_is_returned_whatever_the_answer_says(answer: Answer) -> None:
    async with serving(answer) as server:
        await server.api.put_interaction("i", InteractionAck())
        await server.api.delete_channel("c")


async def test_an_interaction_is_acknowledged_with_the_appid() -> None:
    async with serving(Answer()) as server:
        await server.api.put_interaction("i", InteractionAck())

        (asked,) = server.asked
        assert asked.json == {"code": 0}
        assert asked.headers["X-Callback-AppID"] == "102000001"
        assert asked.headers["Authorization"] == "QQBot token"


async def test_an_interaction_can_be_given_what_it_asks_for() -> None:
    async with serving(Answer()) as server:
        await server.api.put_interaction("i", InteractionAck(data={"items": ["猫"]}))

        assert server.asked[0].json == {"code": 0, "data": {"items": ["猫"]}}


async def test_an_announcement_may_be_answered_by_nothing() -> None:
    async with serving(Answer(status=204)) as server:
        body = AnnounceParams(message_id="m", channel_id="c")

        assert await server.api.create_guild_announce("g", body) == Announce()


async def test_a_required_field_that_is_missing_is_an_error_of_the_call() -> None:
    async with serving(Answer({"name": "x"})) as server:
        with pytest.raises(ApiError, match=r"answer cannot be read: .*id"):
            await server.api.get_guild("g")

        assert [fact.endpoint for fact in server.facts if hasattr(fact, "endpoint")] == ["get_guild"]


async def test_a_link_is_read_and_its_refusal_found_in_a_success() -> None:
    answers = [
        Answer({"retcode": 0, "msg": "success", "data": {"url": "https://a"}}),
        Answer({"retcode": 10001, "msg": "why"}),
    ]
    async with serving(*answers) as server:
        assert (await server.api.generate_url_link()).url == "https://a"
        with pytest.raises(ApiError, match=r"generate_url_link failed: why \(HTTP 200, code 10001"):
            await server.api.generate_url_link()

        assert server.asked[0].json == {}


async def test_a_message_that_waits_for_review_is_told_with_its_audit_id() -> None:
    audit = {"code": 304023, "message": "x", "data": {"message_audit": {"audit_id": "a-1"}}}
    async with serving(Answer(audit, 202)) as server:
        with pytest.raises(MessageAuditError) as caught:
            await server.api.send_message("c", MessageParams(content="x"))

        assert caught.value.audit_id == "a-1"


@pytest.mark.parametrize("status", [201, 202])
async def test_accepted_without_a_review_is_no_success(status: int) -> None:
    async with serving(Answer({"code": 5, "message": "later"}, status)) as server:
        with pytest.raises(ApiError, match="later"):
            await server.api.send_message("c", MessageParams(content="x"))


async def test_nothing_is_sent_that_the_platform_would_refuse() -> None:
    async with serving(Answer()) as server:
        with pytest.raises(InvalidRequestError, match="mute_members: user_ids: needed for this call"):
            await server.api.mute_members("g", GuildMute.lasting(60))
        with pytest.raises(InvalidRequestError, match="list_guild_members: limit: at most 400, not 500"):
            await server.api.list_guild_members("g", limit=500)

        assert server.asked == []


async def test_everybody_is_given_once_though_pages_overlap_and_are_short() -> None:
    pages = {"0": people(1, 2, 3), "3": people(3, 4), "4": people(5), "5": []}

    def answer(asked: Asked) -> Answer:
        return Answer(pages[asked.query["after"]])

    async with serving(answer) as server:
        assert await ids_of(server.api.iter_guild_members("g")) == ["1", "2", "3", "4", "5"]

        assert [asked.query for asked in server.asked] == [
            {"limit": "400", "after": after} for after in ("0", "3", "4", "5")
        ]


async def test_a_page_is_asked_for_when_it_is_needed() -> None:
    async with serving(Answer(people(1, 2)), Answer([])) as server:
        async for member in server.api.iter_guild_members("g", limit=2):
            assert member.user is not None
            break

        assert len(server.asked) == 1


async def test_a_list_goes_on_by_the_cursor_the_page_names() -> None:
    pages = {
        None: {"records": [{"panel_id": "a"}, {"panel_id": "b"}], "next_cursor": "x", "is_end": False},
        "x": {"records": [{"panel_id": "c"}], "is_end": True},
    }

    def answer(asked: Asked) -> Answer:
        return Answer(pages[asked.query.get("cursor")])

    async with serving(answer) as server:
        found = [panel.panel_id async for panel in server.api.iter_panels(scope=PanelScope.C2C, limit=2)]

        assert found == ["a", "b", "c"]
        assert server.asked[1].query == {"scope": "c2c", "limit": "2", "cursor": "x"}


async def test_a_list_goes_on_by_a_field_of_the_body() -> None:
    def answer(asked: Asked) -> Answer:
        start = asked.json.get("start_index", 0)
        return Answer({"members": [{"member_openid": f"m{start}"}], "next_index": (start + 1) % 3})

    async with serving(answer) as server:
        found = [member.member_openid async for member in server.api.iter_group_members_by_index("g")]

        assert found == ["m0", "m1", "m2"]
        assert [asked.json for asked in server.asked] == [
            {"limit": 500},
            {"limit": 500, "start_index": 1},
            {"limit": 500, "start_index": 2},
        ]
        assert (await server.api.list_group_members_by_index("g", IndexedMembersParams())).next_index == 1


async def test_a_server_that_never_ends_is_left_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(people(int(asked.query["after"]) + 1))

    async with serving(answer) as server:
        pages = server.api.client.pages(ENDPOINTS["list_guild_members"], {"guild_id": "g"}, most=5)
        with caplog.at_level(logging.WARNING):
            found = await ids_of(pages)

    assert found == ["1", "2", "3", "4", "5"]
    assert "list_guild_members: left after 5 pages, there are more" in caplog.text


async def test_a_server_that_repeats_itself_is_left() -> None:
    async with serving(Answer(people(1, 2))) as server:
        assert await ids_of(server.api.iter_guild_members("g")) == ["1", "2"]

        assert len(server.asked) == 2


async def test_trouble_on_a_later_page_is_told() -> None:
    async with serving(Answer(people(1)), Answer({"code": 11255, "message": "gone"}, 400)) as server:
        members = server.api.iter_guild_members("g")

        first = await anext(members)
        with pytest.raises(NotFoundError):
            await anext(members)

        assert first.user is not None
        assert first.user.id == "1"


async def test_a_call_without_a_row_is_made_all_the_same() -> None:
    async with serving(Answer({"answer": [42]}), Answer(), Answer({"code": 11255}, 400)) as server:
        got = await server.api.call("get", "/v3/new/{thing}", query={"deep": True, "no": None})
        none = await server.api.call("POST", "/v3/new", body={"a": 1})
        with pytest.raises(NotFoundError, match="DELETE /v3/new failed"):
            await server.api.call("DELETE", "/v3/new")

        assert got == {"answer": [42]}
        assert none is None
        assert server.asked[0].method == "GET"
        assert server.asked[0].query == {"deep": "true"}
        assert server.asked[0].headers["Authorization"] == "QQBot token"
        assert server.asked[1].json == {"a": 1}


async def test_a_call_without_a_row_is_counted_under_a_name_without_ids() -> None:
    async with serving(Answer({"code": 11255, "message": "gone"}, 400)) as server:
        with pytest.raises(NotFoundError) as caught:
            await server.api.call("get", "/v2/groups/3F6DCA7C0B/things/ROBOT1.0_x!/@me")

        assert caught.value.endpoint == "GET /v2/groups/{id}/things/{id}/@me"
        assert server.asked[0].path == "/v2/groups/3F6DCA7C0B/things/ROBOT1.0_x!/@me"


@pytest.mark.parametrize("path", ["v3/new", "", "/v3?x=1", "@elsewhere/v3"])
async def test_what_is_no_path_is_refused(path: str) -> None:
    async with serving(Answer()) as server:
        with pytest.raises(InvalidRequestError):
            await server.api.call("GET", path)


@pytest.mark.parametrize(
    ("method", "times"), [("GET", 2), ("PUT", 2), ("DELETE", 2), ("POST", 1), ("PATCH", 1)]
)
async def test_only_safe_verbs_are_repeated(method: str, times: int) -> None:
    def lost(_: Asked) -> None:
        return None

    async with serving(lost, Answer({})) as server:
        try:
            await server.api.call(method, "/v3/new")
        except PlatformUnreachableError:
            assert times == 1

        assert len(server.asked) == times


@pytest.mark.parametrize(("sends", "times"), [(False, 2), (True, 1)])
async def test_an_upload_is_repeated_unless_it_is_a_message_at_once(sends: bool, times: int) -> None:
    def lost(_: Asked) -> None:
        return None

    body = FileUpload(file_type=FileType.IMAGE, url="https://a", srv_send_msg=sends)
    async with serving(lost, Answer({"file_info": "x"})) as server:
        try:
            assert (await server.api.post_group_file("g", body)).file_info == "x"
        except PlatformUnreachableError:
            assert sends

        assert len(server.asked) == times


async def test_shortcuts_are_what_they_stand_for() -> None:
    async with serving(Answer({"id": "1"})) as server:
        api = server.api
        await asyncio.gather(api.clean_pins("c"), api.clean_guild_announces("g"))
        await api.create_private_channel("g", CreateChannelParams(name="x", type=ChannelType.TEXT), ["u"])
        await api.update_channel_role_permissions("c", "r", add=ChannelPermission.SPEAK)

        assert {asked.path for asked in server.asked[:2]} == {
            "/channels/c/pins/all",
            "/guilds/g/announces/all",
        }
        assert server.asked[2].json == {
            "name": "x",
            "type": 0,
            "private_type": PrivateType.ADMINISTRATORS_AND_MEMBERS,
            "private_user_ids": ["u"],
        }
        assert server.asked[3].json == {"add": "4"}


async def test_a_picture_makes_the_message_a_form() -> None:
    def read(content: bytes) -> dict[str, tuple[str, bytes]]:
        boundary = content.split(b"\r\n", 1)[0]
        found = {}
        for part in content.split(boundary)[1:-1]:
            head, _, body = part.strip(b"\r\n").partition(b"\r\n\r\n")
            name = head.decode().split('name="')[1].split('"')[0]
            found[name] = (head.decode(), body)
        return found

    message = MessageParams(
        content="look 中文",
        msg_id="08",
        ark=Ark(23),
        file_image=b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    )
    async with serving(Answer({"id": "1"})) as server:
        assert (await server.api.send_message("c", message)).id == "1"
        (asked,) = server.asked

    assert asked.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert asked.headers["Authorization"] == "QQBot token"
    parts = read(asked.content)
    assert list(parts) == ["content", "ark", "file_image", "msg_id"]
    assert parts["content"][1].decode() == "look 中文"
    assert parts["msg_id"][1] == b"08"
    assert "Content-Type: application/json" in parts["ark"][0]
    assert json.loads(parts["ark"][1]) == {"ark": {"template_id": 23, "kv": []}}  # once more under its name
    assert 'filename="image.png"' in parts["file_image"][0]
    assert parts["file_image"][1] == message.file_image


async def test_a_call_that_is_lost_sends_the_same_form_again() -> None:
    message = MessageParams(file_image=b"\x89PNG\r\n\x1a\n")
    busy = Answer({"code": 304082}, 500)
    async with serving(Answer({}, 429), busy, Answer({"id": "1"})) as server:
        with contextlib.suppress(ApiError):
            await server.api.send_message("c", message)

        sizes = {len(asked.content) for asked in server.asked}
        assert len(server.asked) >= 2
        assert len(sizes) == 1


async def test_long_bodies_are_written_without_a_warning() -> None:
    body = FileUpload(file_type=FileType.FILE, file_data="A" * 3_000_000)
    async with serving(Answer({"file_info": "x"})) as server:
        await server.api.post_c2c_file("u", body)

        assert server.asked[0].json["file_data"] == body.file_data
        assert server.asked[0].headers["Content-Type"] == "application/json"
