"""Uploads, as the platform and its storage judge them; asked without any of our client."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import aiohttp
import pytest

from qqbot_cli.simulator import PartFault, Scene, Simulator, Violation
from qqbot_cli.simulator.uploads import is_kind
from tests.simulator.client import Api, Clock, Frame

CONTENT = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10
BLOCK = 1000


@pytest.fixture
def group(simulator: Simulator) -> str:
    simulator.switches.upload_block = BLOCK
    return f"/v2/groups/{simulator.world.groups[0].openid}"


@pytest.fixture
def user(simulator: Simulator) -> str:
    return f"/v2/users/{simulator.world.people[0].openid}"


def announcement(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    md5 = hashlib.md5(CONTENT).hexdigest()
    return {
        "file_type": 1,
        "file_size": str(len(CONTENT)),
        "file_name": "a.png",
        "md5": md5,
        "sha1": hashlib.sha1(CONTENT).hexdigest(),
        "md5_10m": md5,
        **changes,
    }


def block(number: int) -> bytes:
    return CONTENT[number * BLOCK : (number + 1) * BLOCK]


async def put(api: Api, part: Frame, content: Any, **headers: str) -> int:  # noqa: ANN401
    async with api.http.put(part["presigned_url"], data=content, headers=headers) as response:
        return response.status


def finishing(upload: Frame, number: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    content = block(number)
    return {
        "upload_id": upload["upload_id"],
        "part_index": upload["parts"][number]["index"],
        "block_size": str(len(content)),
        "md5": hashlib.md5(content).hexdigest(),
        **changes,
    }


async def send_all(api: Api, place: str, upload: Frame) -> None:
    for number, part in enumerate(upload["parts"]):
        assert await put(api, part, block(number)) == 200
        await api.done("POST", f"{place}/upload_part_finish", finishing(upload, number))


@pytest.mark.parametrize("as_text", [True, False], ids=["sizes as text", "sizes as numbers"])
async def test_a_file_comes_in_parts(simulator: Simulator, api: Api, group: str, as_text: bool) -> None:
    size = str(len(CONTENT)) if as_text else len(CONTENT)
    upload = await api.done("POST", f"{group}/upload_prepare", announcement(file_size=size))
    await send_all(api, group, upload)
    media = await api.done("POST", f"{group}/files", {"upload_id": upload["upload_id"]})

    assert [part["index"] for part in upload["parts"]] == [1, 2, 3]
    assert upload["upload_config"] == {"concurrency": 1, "retry_timeout": 300, "retry_delay": 1}
    assert (media["ttl"], media["id"], bool(media["raw_url"])) == (3600, "", True)
    assert simulator.uploads[0].file_info == media["file_info"]
    # It is complete, so it is over.
    assert await api.refused("POST", f"{group}/files", {"upload_id": upload["upload_id"]}) == 10000


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"file_size": str(201 * 1024 * 1024)}, 850031),
        ({"file_size": "many"}, 40011000),
        ({"file_size": "0"}, 40011000),
        ({"md5": ""}, 40011000),
        ({"file_type": 9}, 850019),
    ],
    ids=["too big", "no number", "empty", "no hash", "no kind"],
)
async def test_a_wrong_announcement_is_refused(
    api: Api, group: str, changes: dict[str, Any], code: int
) -> None:
    assert await api.refused("POST", f"{group}/upload_prepare", announcement(**changes)) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"md5": "0" * 32}, 40093001),
        ({"block_size": "999"}, 40093001),
        ({"part_index": 9}, 10000),
        ({"upload_id": "another"}, 10000),
    ],
    ids=["wrong hash", "wrong size", "no such part", "foreign upload"],
)
async def test_a_part_that_is_not_what_was_said_is_refused(
    api: Api, group: str, changes: dict[str, Any], code: int
) -> None:
    upload = await api.done("POST", f"{group}/upload_prepare", announcement())
    await put(api, upload["parts"][0], block(0))

    assert await api.refused("POST", f"{group}/upload_part_finish", finishing(upload, 0, **changes)) == code


async def test_a_part_that_never_came_cannot_be_finished(api: Api, group: str) -> None:
    upload = await api.done("POST", f"{group}/upload_prepare", announcement())

    assert await api.refused("POST", f"{group}/upload_part_finish", finishing(upload, 0)) == 40093001


async def test_a_file_with_a_missing_part_cannot_be_completed(api: Api, group: str) -> None:
    upload = await api.done("POST", f"{group}/upload_prepare", announcement())
    await put(api, upload["parts"][0], block(0))
    await api.done("POST", f"{group}/upload_part_finish", finishing(upload, 0))

    assert await api.refused("POST", f"{group}/files", {"upload_id": upload["upload_id"]}) == 40093001


@pytest.mark.parametrize("name", ["md5", "sha1", "md5_10m"])
async def test_a_file_with_another_hash_cannot_be_completed(api: Api, group: str, name: str) -> None:
    upload = await api.done("POST", f"{group}/upload_prepare", announcement(**{name: "0" * 32}))
    await send_all(api, group, upload)

    assert await api.refused("POST", f"{group}/files", {"upload_id": upload["upload_id"]}) == 40093001


async def test_an_upload_belongs_to_its_target(api: Api, group: str, user: str) -> None:
    upload = await api.done("POST", f"{group}/upload_prepare", announcement())
    await send_all(api, group, upload)

    assert await api.refused("POST", f"{user}/files", {"upload_id": upload["upload_id"]}) == 10000
    assert await api.refused("POST", f"{user}/upload_part_finish", finishing(upload, 0)) == 10000


async def test_the_storage_has_its_own_manners(simulator: Simulator, api: Api, group: str) -> None:
    upload = await api.done("POST", f"{group}/upload_prepare", announcement())
    part = upload["parts"][0]

    async def without_length() -> Any:  # noqa: ANN401
        yield block(0)

    assert await put(api, part, block(0), Authorization=f"QQBot {api.token}") == 403
    assert simulator.history[-2] == Violation("an access token was sent to the storage")
    assert await put(api, part, without_length()) == 411
    assert await put(api, part, block(0)[:-1]) == 400
    assert await put(api, part, block(0) + b"x") == 400
    unsigned = {"presigned_url": part["presigned_url"].partition("?")[0]}
    assert await put(api, unsigned, block(0)) == 403
    assert await put(api, {"presigned_url": part["presigned_url"].replace("/0?", "/7?")}, block(0)) == 403
    assert await put(api, part, block(0)) == 200


async def test_parts_go_wrong_on_demand(simulator: Simulator, api: Api, group: str) -> None:
    # Twice, because aiohttp quietly repeats a PUT that broke once.
    faults = [PartFault(0, "503", 2), PartFault(1, "reset", 2), PartFault(2, "retry", 2)]
    simulator.switches.part_faults += faults
    upload = await api.done("POST", f"{group}/upload_prepare", announcement())
    first, second, third = upload["parts"]

    assert [await put(api, first, block(0)) for _ in range(3)] == [503, 503, 200]
    with pytest.raises(aiohttp.ClientError):
        await put(api, second, block(1))
    assert await api.refused("POST", f"{group}/upload_part_finish", finishing(upload, 1)) == 40093001
    assert await put(api, second, block(1)) == 200
    assert await put(api, third, block(2)) == 200
    for _ in range(2):
        assert await api.refused("POST", f"{group}/upload_part_finish", finishing(upload, 2)) == 40093001
    await api.done("POST", f"{group}/upload_part_finish", finishing(upload, 2))


async def test_the_volume_of_a_day_can_be_used_up(simulator: Simulator, api: Api, group: str) -> None:
    simulator.switches.upload_volume = len(CONTENT) + 1
    body = {"file_type": 1, "file_data": base64.b64encode(CONTENT).decode(), "srv_send_msg": False}

    await api.done("POST", f"{group}/files", body)
    assert await api.refused("POST", f"{group}/files", body) == 40093002
    assert await api.refused("POST", f"{group}/upload_prepare", announcement()) == 40093002


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"file_type": 1}, 40011000),
        ({"file_type": 1, "url": "https://x.cn/a", "upload_id": "x"}, 40011000),
        ({"file_type": 1, "url": "ftp://x.cn/a.png"}, 850026),
        ({"url": "https://x.cn/a.png"}, 850019),
        ({"file_type": 2, "file_data": base64.b64encode(CONTENT).decode()}, 850019),
        ({"file_type": 1, "file_data": "no base64"}, 40011000),
        ({"upload_id": "unknown"}, 10000),
        ([], 40011000),
    ],
    ids=["nothing", "two", "address", "no kind", "another kind", "no base64", "no upload", "no object"],
)
async def test_a_wrong_file_is_refused(api: Api, group: str, body: object, code: int) -> None:
    assert await api.refused("POST", f"{group}/files", body) == code


async def test_an_unknown_target_takes_nothing(api: Api) -> None:
    assert (
        await api.refused("POST", "/v2/groups/X/files", {"file_type": 1, "url": "https://x.cn"}) == 40011028
    )


async def test_a_file_can_be_sent_at_once(simulator: Simulator, api: Api, group: str) -> None:
    body = {"file_type": 1, "url": "https://example.com/a.png", "srv_send_msg": True}
    media = await api.done("POST", f"{group}/files", body)

    (message,) = simulator.messages
    assert (message.id, message.reply_to) == (media["id"], None)


async def test_what_was_uploaded_expires(simulator: Simulator, api: Api, group: str, clock: Clock) -> None:
    simulator.switches.media_ttl = 60
    body = {"file_type": 1, "url": "https://example.com/a.png", "srv_send_msg": False}
    message = {
        "msg_type": 7,
        "media": {"file_info": (await api.done("POST", f"{group}/files", body))["file_info"]},
    }

    await api.done("POST", f"{group}/messages", message)
    clock.advance(60)
    assert await api.refused("POST", f"{group}/messages", message) == 304080
    simulator.switches.media_ttl = 0
    message["media"] = {"file_info": (await api.done("POST", f"{group}/files", body))["file_info"]}
    clock.advance(6000)
    await api.done("POST", f"{group}/messages", message)


@pytest.mark.parametrize(
    ("file_type", "content", "expected"),
    [
        (1, b"\xff\xd8\xff", True),
        (1, b"text", False),
        (1, "text", False),
        (2, b"\0\0\0\x18ftypisom", True),
        (2, b"\x89PNG", False),
        (3, b"\x02#!SILK_V3", True),
        (3, b"text", False),
        (4, b"text", True),
        (5, b"text", False),
    ],
)
def test_contents_are_known_by_their_beginning(file_type: int, content: object, expected: bool) -> None:
    assert is_kind(file_type, content) is expected


def form(*fields: tuple[str, Any, dict[str, str]]) -> aiohttp.FormData:
    made = aiohttp.FormData()
    for name, value, more in fields:
        made.add_field(name, value, **more)
    made.add_field("file_image", CONTENT, filename="a.png")
    return made


@pytest.mark.parametrize("wrapped", [True, False], ids=["wrapped", "bare"])
@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
@pytest.mark.parametrize("scene", [Scene.CHANNEL, Scene.DMS], ids=str)
async def test_a_picture_comes_in_a_form(
    simulator: Simulator, api: Api, scene: Scene, wrapped: bool, content_type: str
) -> None:
    channel, dm = simulator.world.guilds[0].channel_ids[0], simulator.world.people[0].dm_guild_id
    path = f"/channels/{channel}/messages" if scene is Scene.CHANNEL else f"/dms/{dm}/messages"
    ark = {"template_id": 23, "kv": []}
    value = json.dumps({"ark": ark} if wrapped else ark)
    async with api.ready():
        status, _ = await post_form(api, path, form(("ark", value, {"content_type": content_type})))

    assert status == 200
    assert simulator.messages[0].body == {"ark": ark, "file_image": CONTENT}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([("ark", "{", {})], 50035),
        ([("message_reference", '{"message_id":"08"}', {})], 50035),
        ([("file_image", b"text", {"filename": "a.png"})], 304017),
    ],
    ids=["no JSON", "quote", "no picture"],
)
async def test_a_wrong_form_is_refused(
    simulator: Simulator, api: Api, fields: list[tuple[str, Any, dict[str, str]]], code: int
) -> None:
    path = f"/channels/{simulator.world.guilds[0].channel_ids[0]}/messages"
    made = aiohttp.FormData()
    for name, value, more in fields:
        made.add_field(name, value, **more)
    if code == 50035:
        made.add_field("file_image", CONTENT, filename="a.png")
    async with api.ready():
        status, answer = await post_form(api, path, made)

    assert (status, answer["code"]) == (400, code)


async def post_form(api: Api, path: str, body: aiohttp.FormData) -> tuple[int, Frame]:
    headers = {"Authorization": f"QQBot {api.token}"}
    async with api.http.post(api.simulator.endpoints.api + path, data=body, headers=headers) as response:
        return response.status, await response.json()
