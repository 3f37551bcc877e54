"""Pictures, videos, voice and files in replies: whatever they are given as, people see them."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

from qqbot_cli import (
    ApiError,
    Ark,
    FileType,
    Markdown,
    Media,
    MessageAuditError,
    MessageError,
    MessageParams,
    ReplyWindowError,
    Scene,
)
from qqbot_cli.simulator import RestCalled, Simulator
from tests.e2e.bots import Recorder, running, simulating, until
from tests.e2e.test_sending import said
from tests.outgoing import PNG

OUTSIDE = [Scene.GROUP, Scene.C2C]
GUILDS = [Scene.CHANNEL, Scene.DMS]

CONTENTS: dict[str, tuple[FileType, bytes]] = {
    "image": (FileType.IMAGE, PNG),
    "video": (FileType.VIDEO, b"\0\0\0\x18ftypisom" + bytes(100)),
    "voice": (FileType.VOICE, b"\x02#!SILK_V3" + bytes(100)),
    "file": (FileType.FILE, b"%PDF-1.7" + bytes(100)),
}
STALE = [
    pytest.param((400, {"code": 304080, "message": "x"}), id="304080"),
    pytest.param((400, {"code": 1, "err_code": 40034004, "message": "x"}), id="40034004"),
]


def uploads(simulator: Simulator) -> int:
    return len(simulator.uploads)


def posts(simulator: Simulator) -> int:
    return sum(isinstance(record, RestCalled) and record.method == "POST" for record in simulator.history)


@pytest.mark.parametrize("scene", OUTSIDE, ids=str)
@pytest.mark.parametrize("kind", CONTENTS)
@pytest.mark.parametrize("given", ["path", "bytes", "file object"])
async def test_a_reply_carries_a_file(scene: Scene, kind: str, given: str, tmp_path: Path) -> None:
    file_type, content = CONTENTS[kind]
    path = tmp_path / "thing"
    path.write_bytes(content)
    source: Any = {"path": path, "bytes": content, "file object": io.BytesIO(content)}[given]
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, scene)
        await session.reply("look", **{kind: source})

        (uploaded,) = simulator.uploads
        assert (uploaded.file_type, uploaded.md5) == (file_type, hashlib.md5(content).hexdigest())
        (message,) = simulator.replies_to(session.event.id)
        assert message.body["media"] == {"file_info": uploaded.file_info}
        assert (message.body["msg_type"], message.content, message.msg_seq) == (7, "look", 1)
        assert simulator.stats.violations == 0


@pytest.mark.parametrize("scene", OUTSIDE, ids=str)
async def test_an_address_is_fetched_by_the_platform(scene: Scene) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, scene)
        await session.reply(video="https://example.com/film.mp4")

        assert [(one.way, one.file_type) for one in simulator.uploads] == [("url", FileType.VIDEO)]
        assert simulator.messages[0].body["media"]


@pytest.mark.parametrize("scene", GUILDS, ids=str)
@pytest.mark.parametrize("given", ["path", "bytes", "file object"])
async def test_in_guilds_a_picture_goes_along_with_the_message(
    scene: Scene, given: str, tmp_path: Path
) -> None:
    path = tmp_path / "thing"
    path.write_bytes(PNG)
    source: Any = {"path": path, "bytes": PNG, "file object": io.BytesIO(PNG)}[given]
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, scene)
        await session.reply("look", image=source)

        (message,) = simulator.replies_to(session.event.id)
        assert message.body == {"content": "look", "file_image": PNG, "msg_id": session.event.id}


@pytest.mark.parametrize("scene", GUILDS, ids=str)
async def test_in_guilds_an_address_is_a_field(scene: Scene) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, scene)
        await session.reply("look", image="https://example.com/a.png", quote=True)

        assert simulator.messages[0].body["image"] == "https://example.com/a.png"


async def test_objects_beside_a_picture_arrive_as_objects() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, Scene.CHANNEL)
        ark = Ark.text_list(["a line with 中文"])
        await session.send_message(MessageParams(content="look 中文", file_image=PNG, ark=ark))

        body: Any = simulator.messages[0].body
        assert body["ark"]["template_id"] == ark.template_id
        assert body["content"] == "look 中文"


WRONG: dict[str, tuple[Scene, dict[str, Any], str]] = {
    "video in a channel": (
        Scene.CHANNEL,
        {"video": CONTENTS["video"][1]},
        "video: cannot be sent to a channel; send a picture as image, or a link to the video",
    ),
    "file in a direct message": (
        Scene.DMS,
        {"file": PNG},
        "file: cannot be sent to a direct message of a guild; send a picture as image, or a link to the file",
    ),
    "quote beside a picture": (
        Scene.CHANNEL,
        {"image": PNG, "quote": True},
        "message_reference: cannot stand next to file_image",
    ),
    "no picture in a channel": (Scene.CHANNEL, {"image": b"text"}, "image: its content is a plain file"),
    "large picture in a channel": (
        Scene.CHANNEL,
        {"image": PNG + bytes(21 * 1024 * 1024)},
        "image: has 21.0 MB, a picture has at most 20 MB",
    ),
    "voice that is none": (Scene.GROUP, {"voice": PNG}, "voice: its content is a picture"),
    "a name of a file": (Scene.GROUP, {"image": "cat.png"}, "image: a text is an address"),
    "a name of a file in a channel": (Scene.CHANNEL, {"image": "cat.png"}, "image: a text is an address"),
    "no such file": (Scene.C2C, {"image": Path("no/cat.png")}, "image: cannot be read: No such file"),
    "two things": (
        Scene.GROUP,
        {"image": PNG, "voice": PNG},
        "image and voice: a message has one of them; send several messages",
    ),
    "uploaded and not": (
        Scene.GROUP,
        {"image": PNG, "media": Media("f")},
        "image and media: a message has one of them; send several messages",
    ),
    "markdown beside a picture": (
        Scene.GROUP,
        {"image": PNG, "markdown": Markdown("# hi")},
        "markdown and media: a message has one of them; send several messages",
    ),
}


@pytest.mark.parametrize(("scene", "fields", "words"), WRONG.values(), ids=WRONG.keys())
async def test_what_cannot_be_sent_is_not_uploaded_either(
    scene: Scene, fields: dict[str, Any], words: str
) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, scene)
        before, remaining = posts(simulator), session.remaining_replies

        with pytest.raises(MessageError, match=re.escape(words)):
            await session.reply(**fields)

        assert posts(simulator) == before
        assert session.remaining_replies == remaining
        await session.reply("fine")


async def test_nothing_is_uploaded_for_a_reply_that_cannot_be_sent() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, Scene.C2C)
        for _ in range(4):
            await session.reply("x")
        with pytest.raises(ReplyWindowError):
            await session.reply(image=PNG)

        assert uploads(simulator) == 0


async def test_the_same_picture_is_uploaded_once() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        for _ in range(3):
            session = await said(simulator, handler, Scene.GROUP)
            await session.reply(image=PNG)
        session = await said(simulator, handler, Scene.C2C)
        await session.reply(image=PNG)

        assert [one.scene for one in simulator.uploads] == OUTSIDE
        assert len(simulator.messages) == 4


@pytest.mark.parametrize("failure", STALE)
async def test_what_the_platform_does_not_take_any_more_is_uploaded_once_more(
    failure: tuple[int, object],
) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler, jitter=lambda: -0.99):
        session = await said(simulator, handler, Scene.GROUP)
        await session.reply(image=PNG)
        # 40034004 is tried four times before it counts.
        simulator.switches.rest_fail_next += [failure] * (1 if failure[1]["code"] == 304080 else 4)  # type: ignore[index]
        await session.reply("again", image=io.BytesIO(PNG))
        await session.reply(image=PNG)

        first, second = simulator.uploads
        assert [message.body["media"] for message in simulator.messages] == [
            {"file_info": first.file_info},
            {"file_info": second.file_info},
            {"file_info": second.file_info},
        ]
        assert session.remaining_replies == 2


async def test_what_is_refused_twice_is_an_error() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, Scene.GROUP)
        simulator.switches.rest_fail_next += [(400, {"code": 304080})] * 2
        with pytest.raises(ApiError, match="304080"):
            await session.reply(image=PNG)
        simulator.switches.rest_fail_next.append((400, {"code": 40034105}))
        with pytest.raises(ApiError, match="40034105"):
            await session.reply(image=PNG)

        assert uploads(simulator) == 3  # what is refused for another reason is still good
        assert session.remaining_replies == 5


async def test_what_was_uploaded_for_users_is_refused_in_groups() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        private = await said(simulator, handler, Scene.C2C)
        media = await private.upload(PNG)
        group = await said(simulator, handler, Scene.GROUP)
        with pytest.raises(ApiError, match="304080"):
            await group.reply(media=media)
        await private.reply(media=media)

        assert len(simulator.messages) == 1


async def test_something_is_uploaded_for_later() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, Scene.GROUP)
        told: list[tuple[int, int]] = []
        media = await session.upload(
            b"%PDF", name="report.pdf", progress=lambda done, total: told.append((done, total))
        )
        await session.reply(media=media)
        await session.send_media_message(media)

        assert [one.file_name for one in simulator.uploads] == ["report.pdf"]
        assert told == [(4, 4)]
        assert len(simulator.messages) == 2


@pytest.mark.parametrize("scene", GUILDS, ids=str)
async def test_nothing_is_uploaded_for_later_in_guilds(scene: Scene) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, scene)
        with pytest.raises(MessageError, match="a picture goes along with the message, as image"):
            await session.upload(PNG)


async def test_a_refused_media_that_was_given_is_not_used_again() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, Scene.GROUP)
        media = await session.upload(PNG)
        simulator.switches.rest_fail_next.append((400, {"code": 304080}))
        with pytest.raises(ApiError):
            await session.reply(media=media)

        assert await session.upload(PNG) != media


async def test_a_file_has_the_name_it_was_given() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, Scene.C2C)
        await session.reply(file=b"%PDF", file_name="report.pdf")

        assert simulator.uploads[0].file_name == "report.pdf"


@pytest.mark.parametrize("scene", [Scene.GROUP, Scene.CHANNEL, Scene.C2C], ids=str)
async def test_a_pressed_button_is_answered_with_a_picture(scene: Scene) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        await simulator.press_button("y", scene=scene)
        await until(lambda: handler.sessions)
        await handler.sessions[0].reply(image=PNG)

        field = "file_image" if scene.in_guild else "media"
        assert simulator.messages[0].body[field]


async def test_a_picture_can_be_reviewed() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, Scene.GROUP)
        simulator.switches.audit_next.append("never")
        with pytest.raises(MessageAuditError):
            await session.reply(image=PNG, wait=0.05)

        assert uploads(simulator) == 1


async def test_a_reply_that_is_cancelled_while_it_uploads_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        file.write(CONTENTS["video"][1])
        file.truncate(12 * 1024 * 1024)
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        simulator.switches.upload_config["concurrency"] = 4
        session = await said(simulator, handler, Scene.GROUP)
        task = asyncio.ensure_future(session.reply(video=path))
        await simulator.wait_for(
            lambda: [r for r in simulator.history if "upload_prepare" in getattr(r, "path", "")]
        )
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert not [one for one in asyncio.all_tasks() if one.get_name().startswith("upload")]
        assert simulator.messages == []
        await session.reply(video=path)
        assert len(simulator.messages) == 1
