"""Uploads over real sockets, against the simulator and its storage."""

from __future__ import annotations

import asyncio
import hashlib
import io
import logging
import math
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from qqbot_cli import FileType, Media, Scene, Simulation, Simulator, Token
from qqbot_cli.bot.platform import open_platform
from qqbot_cli.errors import ApiError, MessageError, PlatformUnreachableError, RateLimitedError
from qqbot_cli.rest.api import BotApi
from qqbot_cli.simulator import PartFault, PartReceived, RestCalled, Uploaded

ROOT = Path(__file__).resolve().parent.parent.parent
MEBIBYTE = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n" + bytes(1000)
VIDEO = b"\0\0\0\x18ftypisom"


class World:
    """A simulator, and a bot's way to it."""

    def __init__(self, simulator: Simulator, api: BotApi) -> None:
        self.simulator = simulator
        self.api = api
        self.group = simulator.world.groups[0].openid
        self.user = simulator.world.people[0].openid

    def target(self, scene: Scene) -> str:
        return self.group if scene is Scene.GROUP else self.user

    async def upload(self, source: Any, file_type: FileType | None = None, **more: Any) -> Media:  # noqa: ANN401
        return await self.api.media.upload(Scene.GROUP, self.group, source, file_type, **more)

    @property
    def sole(self) -> Uploaded:
        """What was uploaded, which must be one thing."""
        (only,) = self.simulator.uploads
        return only

    def parts(self) -> list[tuple[int, bool]]:
        """Places of the parts that came to the storage, and whether they were kept."""
        return [
            (record.position, record.kept)
            for record in self.simulator.history
            if isinstance(record, PartReceived)
        ]

    def calls(self, ending: str) -> list[int]:
        """Statuses of the calls whose path ends so."""
        return [
            record.status
            for record in self.simulator.history
            if isinstance(record, RestCalled) and record.path.endswith(ending)
        ]


@asynccontextmanager
async def world(timeout: float = 5) -> AsyncIterator[World]:
    async with Simulator(Simulation(users=0, shards=1), secret="canary-secret-5b1c9d7e") as simulator:
        simulator.switches.upload_config |= {"retry_delay": 0.02, "retry_timeout": 5}
        async with open_platform(
            Token(simulator.appid, simulator.secret),
            endpoints=simulator.endpoints,
            sandbox=False,
            timeout=timeout,
            report=lambda _: None,
            learn=lambda _: None,
            jitter=lambda: -0.99,
        ) as platform:
            yield World(simulator, platform.api)
            assert simulator.stats.violations == 0


def film(folder: Path, size: int = 12 * MEBIBYTE) -> Path:
    """A video that takes no room on the disk, and is the same nowhere."""
    path = folder / "film.mp4"
    with path.open("wb") as file:
        file.write(VIDEO)
        for begin in range(MEBIBYTE, size, MEBIBYTE):
            file.seek(begin)
            file.write(str(begin).encode())
        file.truncate(size)
    return path


def md5_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


class Pipe(io.RawIOBase):
    """A file object that can be read once, and gives less than it is asked for."""

    def __init__(self, content: bytes) -> None:
        self._rest = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._rest.read(min(size, 1000) if size >= 0 else -1)


class Bare:
    """Has nothing but `read`."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def read(self, size: int = -1, /) -> bytes:
        return self._content.read(size)


def written(folder: Path) -> Path:
    path = folder / "cat.bin"
    path.write_bytes(PNG)
    return path


SOURCES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "path": (written, "cat.bin"),
    "bytes": (lambda _: PNG, "image.png"),
    "bytearray": (lambda _: bytearray(PNG), "image.png"),
    "memoryview": (lambda _: memoryview(PNG), "image.png"),
    "BytesIO": (lambda _: io.BytesIO(PNG), "image.png"),
    "open file": (lambda folder: written(folder).open("rb"), "cat.bin"),
    "unbuffered file": (lambda folder: written(folder).open("rb", buffering=0), "cat.bin"),
    "pipe": (lambda _: Pipe(PNG), "image.png"),
    "anything with read": (lambda _: Bare(PNG), "image.png"),
}


@pytest.mark.parametrize("scene", [Scene.GROUP, Scene.C2C], ids=str)
@pytest.mark.parametrize(("make", "name"), SOURCES.values(), ids=SOURCES.keys())
async def test_a_file_can_be_given_in_many_ways(
    scene: Scene, make: Callable[[Path], Any], name: str, tmp_path: Path
) -> None:
    async with world() as here:
        source = make(tmp_path)
        media = await here.api.media.upload(scene, here.target(scene), source)

        assert here.sole == Uploaded(
            scene,
            here.target(scene),
            FileType.IMAGE,  # by its content: no name says so
            name,
            media.file_info,
            len(PNG),
            hashlib.md5(PNG).hexdigest(),
            "base64",
        )
        if hasattr(source, "close"):
            assert not source.closed  # it is not ours
            source.close()


async def test_a_file_object_is_read_from_where_it_stands_and_put_back_there() -> None:
    async with world() as here:
        file = io.BytesIO(b"skip me" + PNG)
        file.seek(7)
        await here.upload(file)
        await here.upload(file)

        assert here.sole.md5 == hashlib.md5(PNG).hexdigest()
        assert file.tell() == 7


async def test_an_address_is_left_to_the_platform() -> None:
    async with world() as here:
        await here.upload("https://example.com/a%20b/cat.png?x=1", FileType.IMAGE)
        await here.upload("HTTP://example.com/a%20report.pdf", FileType.FILE)

        assert [(one.way, one.file_type, one.file_name) for one in here.simulator.uploads] == [
            ("url", FileType.IMAGE, ""),
            ("url", FileType.FILE, "a report.pdf"),
        ]


@pytest.mark.parametrize(
    ("source", "file_type", "said"),
    [
        ("https://example.com/cat.png", None, "source: what is behind an address is not known"),
        ("/etc/passwd", FileType.FILE, "source: a text is an address, http:// or https://; give a file as"),
        (Path("no/such/file.png"), None, "source: cannot be read: No such file or directory"),
        (Path(), None, "source:  is no file"),
        (b"", None, "source: is empty"),
        (io.BytesIO(), None, "source: is empty; a file object is read from where it stands"),
        (io.StringIO("text"), None, "source: the file object gives text; open it with 'rb'"),
        (PNG, FileType.VIDEO, "source: its content is a picture, not one of mp4, mov; send it as image"),
    ],
    ids=lambda value: repr(value)[:20],
)
async def test_what_cannot_be_uploaded_is_no_request(
    source: Any,  # noqa: ANN401
    file_type: FileType | None,
    said: str,
) -> None:
    async with world() as here:
        with pytest.raises(MessageError, match=re.escape(said)):
            await here.upload(source, file_type)

        assert here.calls("") == []


async def test_something_else_than_a_file_is_the_mistake_of_the_programmer() -> None:
    async with world() as here:
        with pytest.raises(TypeError, match="source: an address, a path, bytes or a file object, not int"):
            await here.upload(5)


@pytest.mark.parametrize("scene", [Scene.CHANNEL, Scene.DMS], ids=str)
async def test_nothing_is_uploaded_for_guilds(scene: Scene) -> None:
    async with world() as here:
        with pytest.raises(MessageError, match="a picture goes along with the message, as image"):
            await here.api.media.upload(scene, "1", PNG)


async def test_too_much_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(201 * MEBIBYTE)
    async with world() as here:
        with pytest.raises(MessageError, match=r"has 201\.0 MB, at most 200 MB"):
            await here.upload(path)


async def test_a_stream_without_an_end_is_not_copied_for_ever() -> None:
    class Endless:
        def read(self, size: int = -1, /) -> bytes:
            return bytes(size)

    async with world() as here:
        with pytest.raises(MessageError, match="at most 200 MB"):
            await here.upload(Endless())


@pytest.mark.parametrize("first", [0, 1], ids=["documented index", "live index"])
@pytest.mark.parametrize("on_top", [False, True], ids=["nested", "top level"])
async def test_a_large_file_goes_in_parts(first: int, on_top: bool, tmp_path: Path) -> None:
    async with world() as here:
        path = film(tmp_path)
        here.simulator.switches.first_part_index = first
        here.simulator.switches.upload_config_on_top = on_top
        media = await here.upload(path)

        assert here.sole == Uploaded(
            Scene.GROUP, here.group, FileType.VIDEO, "film.mp4", media.file_info, 12 * MEBIBYTE, md5_of(path),
            "parts",
        )  # fmt: skip
        assert here.parts() == [(0, True), (1, True), (2, True)]


@pytest.mark.parametrize("make", [lambda path: path.read_bytes(), lambda path: Pipe(path.read_bytes())])
async def test_bytes_and_pipes_go_in_parts_too(make: Callable[[Path], Any], tmp_path: Path) -> None:
    async with world() as here:
        path = film(tmp_path, 6 * MEBIBYTE)
        await here.upload(make(path))

        assert (here.sole.way, here.sole.md5) == ("parts", md5_of(path))


async def test_parts_go_at_the_same_time_as_far_as_the_platform_allows(tmp_path: Path) -> None:
    async with world() as here:
        switches = here.simulator.switches
        switches.upload_block = MEBIBYTE
        switches.upload_config["concurrency"] = 3
        switches.part_faults.append(PartFault(0, "retry", 5))  # the first is the last to be finished
        path = film(tmp_path)
        await here.upload(path)

        assert here.sole.md5 == md5_of(path)
        assert sorted(here.parts()) == [(position, True) for position in range(12)]
        assert here.calls("upload_part_finish").index(200) < 5


@pytest.mark.parametrize("how", ["reset", "503", "retry"])
async def test_a_part_that_breaks_is_tried_again_alone(how: Any, tmp_path: Path) -> None:  # noqa: ANN401
    async with world() as here:
        here.simulator.switches.part_faults.append(PartFault(1, how, 3))
        path = film(tmp_path)
        await here.upload(path)

        again = [] if how == "retry" else [(1, False)] * 3
        assert here.parts() == [(0, True), *again, (1, True), (2, True)]
        assert here.sole.md5 == md5_of(path)
        assert len(here.calls("upload_prepare")) == 1


@pytest.mark.slow
async def test_a_hundred_megabytes_survive_a_broken_part_and_send_only_that_again(tmp_path: Path) -> None:
    async with world() as here:
        here.simulator.switches.upload_config["concurrency"] = 4
        here.simulator.switches.part_faults.append(PartFault(7, "reset", 2))
        path = film(tmp_path, 100 * MEBIBYTE)
        await here.upload(path)

        assert sorted(here.parts()) == sorted(
            [*((position, True) for position in range(20)), (7, False), (7, False)]
        )
        assert (here.sole.md5, here.sole.file_type) == (md5_of(path), FileType.FILE)  # too long for a video


async def test_an_upload_that_failed_goes_on_where_it_was(tmp_path: Path) -> None:
    async with world() as here:
        switches = here.simulator.switches
        switches.upload_config["retry_timeout"] = 0.1
        switches.part_faults.append(PartFault(1, "503", math.inf))
        path = film(tmp_path)
        told: list[int] = []
        async with here.api.media.begin(
            Scene.GROUP, here.group, path, progress=lambda done, _: told.append(done)
        ) as upload:
            with pytest.raises(ApiError, match="the storage refused part 2") as caught:
                await upload.send()
            assert caught.value.status == 503
            failed = len(here.parts())
            switches.part_faults.clear()
            media = await upload.send()

            assert here.parts()[failed:] == [(1, True), (2, True)]
            assert here.sole.md5 == md5_of(path)
            assert await upload.send() == media  # it is there: nothing more is sent
            assert upload.answer is not None
            assert upload.answer.ttl == 3600
            assert told == sorted(told)


async def test_a_storage_that_cannot_be_reached_is_an_error_without_its_address(tmp_path: Path) -> None:
    async with world() as here:
        here.simulator.switches.upload_config["retry_timeout"] = 0.05
        here.simulator.switches.part_faults.append(PartFault(0, "reset", math.inf))
        with pytest.raises(PlatformUnreachableError) as caught:
            await here.upload(film(tmp_path))

        assert caught.value.message.startswith("storage of uploads: ")
        assert "sign=" not in caught.value.message


async def test_what_the_platform_does_not_digest_in_time_can_be_continued_too(tmp_path: Path) -> None:
    async with world() as here:
        switches = here.simulator.switches
        switches.upload_config["retry_timeout"] = 0.8
        switches.part_faults.append(PartFault(0, "retry", math.inf))
        async with here.api.media.begin(Scene.GROUP, here.group, film(tmp_path)) as upload:
            with pytest.raises(ApiError) as caught:
                await upload.send()
            assert caught.value.code == 40093001
            # As often as the answer says, not as other calls do: they stop after the fourth.
            assert len(here.calls("upload_part_finish")) > 4
            switches.part_faults.clear()
            await upload.send()

        assert len(here.calls("upload_prepare")) == 1


async def test_an_upload_the_platform_has_forgotten_begins_anew(tmp_path: Path) -> None:
    async with world() as here:
        here.simulator.switches.upload_config["retry_timeout"] = 0.05
        here.simulator.switches.part_faults.append(PartFault(2, "503", math.inf))
        async with here.api.media.begin(Scene.GROUP, here.group, film(tmp_path)) as upload:
            with pytest.raises(ApiError):
                await upload.send()
            here.simulator.switches.part_faults.clear()
            here.simulator._platform.uploads.close()
            with pytest.raises(ApiError, match="403"):
                await upload.send()
            await upload.send()

        assert here.calls("upload_prepare") == [200, 200]
        assert here.sole.way == "parts"


async def test_the_volume_of_the_day_is_not_asked_for_twice(tmp_path: Path) -> None:
    async with world() as here:
        here.simulator.switches.upload_volume = MEBIBYTE
        with pytest.raises(RateLimitedError) as caught:
            await here.upload(film(tmp_path))
        await here.upload(PNG)

        assert caught.value.code == 40093002
        assert here.calls("upload_prepare") == [400]
        assert here.simulator.switches.upload_volume == MEBIBYTE - len(PNG)


async def test_the_same_content_is_uploaded_once_for_each_scene(tmp_path: Path) -> None:
    async with world() as here:
        first = await here.upload(PNG)
        again = await here.upload(written(tmp_path))
        other_group = await here.api.media.upload(Scene.GROUP, here.simulator.world.groups[1].openid, PNG)
        user = await here.api.media.upload(Scene.C2C, here.user, PNG)
        as_file = await here.upload(PNG, FileType.FILE)
        named = await here.upload(PNG, FileType.FILE, name="other.png")

        assert first == again == other_group
        assert len({media.file_info for media in (first, user, as_file, named)}) == 4
        assert len(here.simulator.uploads) == 4


@pytest.mark.parametrize("make", [lambda _: PNG, film], ids=["at once", "in parts"])
async def test_the_same_content_at_the_same_time_is_uploaded_once(
    make: Callable[[Path], Any], tmp_path: Path
) -> None:
    async with world() as here:
        source = make(tmp_path)
        got = await asyncio.gather(*(here.upload(source) for _ in range(5)))

        assert {media.file_info for media in got} == {here.sole.file_info}
        assert len(here.calls("/files")) == 1


async def test_an_upload_that_fails_does_not_fail_those_who_wait_for_it(tmp_path: Path) -> None:
    async with world() as here:

        def watch(done: int, _: int) -> None:
            if done:
                raise ZeroDivisionError

        path = film(tmp_path)
        first, *others = await asyncio.gather(
            here.upload(path, progress=watch), here.upload(path), here.upload(path), return_exceptions=True
        )

        assert isinstance(first, ZeroDivisionError)
        assert {type(media) for media in others} == {Media}
        assert {one.md5 for one in here.simulator.uploads} == {md5_of(path)}


async def test_where_an_upload_is_cancelled_one_of_those_who_wait_takes_over(tmp_path: Path) -> None:
    async with world() as here:
        switches = here.simulator.switches
        switches.upload_config |= {"retry_delay": 10, "retry_timeout": 300}
        switches.part_faults += [PartFault(position, "retry", 1) for position in range(12)]
        path = film(tmp_path)
        first = asyncio.ensure_future(here.upload(path))
        await here.simulator.wait_for(lambda: 400 in here.calls("upload_part_finish"))
        impatient, *others = [asyncio.ensure_future(here.upload(path)) for _ in range(3)]
        await asyncio.sleep(0.05)  # they have hashed it, and wait
        impatient.cancel()
        await asyncio.wait((impatient,))
        switches.part_faults.clear()
        first.cancel()
        got = await asyncio.gather(*others)

        assert {media.file_info for media in got} == {here.sole.file_info}
        assert len(here.calls("upload_prepare")) == 2


@pytest.mark.parametrize(("ttl", "uploads"), [(1, 2), (0, 1)], ids=["a second", "for good"])
async def test_what_has_expired_is_uploaded_again(ttl: int, uploads: int) -> None:
    async with world() as here:
        here.simulator.switches.media_ttl = ttl
        await here.upload(PNG)
        # Time is the loop's; everything remembered is put into its past.
        cache = here.api.media.cache
        cache._kept = {key: (media, until - 5) for key, (media, until) in cache._kept.items()}
        await here.upload(PNG)

        assert len(here.simulator.uploads) == uploads


async def test_what_is_used_again_does_not_live_longer_for_it() -> None:
    async with world() as here:
        await here.upload(PNG)
        (before,) = [until for _, until in here.api.media.cache._kept.values()]
        await asyncio.sleep(0.01)
        await here.upload(PNG)

        assert [until for _, until in here.api.media.cache._kept.values()] == [before]


@pytest.mark.parametrize("size", [1000, 6 * MEBIBYTE], ids=["at once", "in parts"])
async def test_progress_only_grows_and_ends_with_all(size: int, tmp_path: Path) -> None:
    async with world() as here:
        here.simulator.switches.part_faults.append(PartFault(0, "reset", 2))
        here.simulator.switches.upload_config["concurrency"] = 2
        told: list[tuple[int, int]] = []
        await here.upload(film(tmp_path, size), progress=lambda done, total: told.append((done, total)))

        assert told == sorted(told)
        assert told[-1] == (size, size)
        assert {total for _, total in told} == {size}


async def test_what_goes_wrong_while_watching_is_no_trouble_with_the_network(tmp_path: Path) -> None:
    def watch(done: int, total: int) -> None:
        if done:
            raise ZeroDivisionError

    async with world() as here:
        with pytest.raises(ZeroDivisionError):
            await here.upload(film(tmp_path), progress=watch)

        assert [kept for _, kept in here.parts()].count(True) <= 1


async def test_a_file_that_shrinks_meanwhile_is_not_sent(tmp_path: Path) -> None:
    async with world() as here:
        path = film(tmp_path)
        async with here.api.media.begin(Scene.GROUP, here.group, path) as upload:
            os.truncate(path, MEBIBYTE)
            with pytest.raises(MessageError, match="became shorter while it was being sent"):
                await upload.send()


@pytest.mark.parametrize("moment", ["hashing", "sending", "waiting"])
async def test_a_cancelled_upload_leaves_nothing_running_and_can_be_continued(
    moment: str, tmp_path: Path
) -> None:
    async with world() as here:
        switches = here.simulator.switches
        switches.upload_block = MEBIBYTE
        switches.upload_config |= {"concurrency": 4, "retry_delay": 10, "retry_timeout": 300}
        if moment == "waiting":
            switches.part_faults += [PartFault(position, "retry", 1) for position in range(12)]
        before = asyncio.all_tasks()
        path = film(tmp_path)
        begun = asyncio.Event()
        async with here.api.media.begin(
            Scene.GROUP, here.group, path, progress=lambda done, _: begun.set() if done else None
        ) as upload:
            task = asyncio.ensure_future(upload.send())
            if moment == "hashing":
                await asyncio.sleep(0)
            else:
                await begun.wait()
            if moment == "waiting":
                await here.simulator.wait_for(lambda: here.calls("upload_part_finish").count(400) == 4)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert not [left for left in asyncio.all_tasks() - before if "upload" in left.get_name()]
            assert not _bot_tasks(before)

            switches.part_faults.clear()
            await upload.send()

        assert here.sole.md5 == md5_of(path)
        assert len(here.calls("upload_prepare")) == 1


def _bot_tasks(before: set[asyncio.Task[Any]]) -> list[str]:
    """Tasks that are there now, without those of the simulator's web server."""
    return [
        repr(task) for task in asyncio.all_tasks() - before if "RequestHandler" not in repr(task.get_coro())
    ]


async def test_the_event_loop_turns_while_a_slow_disk_is_read(tmp_path: Path) -> None:
    class Slow:
        """A file object whose every read takes a while."""

        def __init__(self) -> None:
            self.left = 12
            self.threads: set[int] = set()

        def read(self, size: int = -1, /) -> bytes:
            time.sleep(0.02)
            self.threads.add(threading.get_ident())
            self.left -= 1
            return b"x" * 100 if self.left > 0 else b""

    async with world() as here:
        turns = 0

        async def turn() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0.002)
                turns += 1

        task = asyncio.ensure_future(turn())
        slow = Slow()
        await here.upload(slow)
        task.cancel()

        assert turns > 12
        assert threading.get_ident() not in slow.threads


async def test_nothing_of_a_signed_address_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with world() as here:
        here.simulator.switches.part_faults.append(PartFault(0, "reset"))
        await here.upload(film(tmp_path))

    assert "upload: part 1 again in" in caplog.text
    assert "sign=" not in caplog.text


async def test_a_stalled_storage_is_noticed(tmp_path: Path) -> None:
    writers: list[asyncio.StreamWriter] = []
    stalled = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
    host, port = stalled.sockets[0].getsockname()
    async with world(timeout=0.2) as here, stalled:
        platform = here.simulator._platform
        platform.switches.upload_config["retry_timeout"] = 0
        platform.address = f"{host}:{port}"  # where the storage is said to be
        with pytest.raises(PlatformUnreachableError, match="no answer in time"):
            await here.upload(film(tmp_path))
        for writer in writers:
            writer.transport.abort()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from there")
@pytest.mark.parametrize("megabytes", [12, pytest.param(100, marks=pytest.mark.slow)])
def test_a_large_file_costs_little_memory(megabytes: int) -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/upload.py", "--megabytes", str(megabytes), "--at-once", "4"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )

    found = re.search(r"([\d.]+) MiB of RSS more", done.stdout)
    assert found is not None
    assert float(found[1]) <= 24
