"""Faults of disk, file and place, one by one."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from qqbot_cli.errors import ExitCode, StoreError
from qqbot_cli.model.inbox import Batch, DeadLetter, Retention, State
from qqbot_cli.store.place import file_system
from qqbot_cli.store.schema import VERSION
from qqbot_cli.store.sqlite import SqliteStore
from qqbot_cli.store.writer import Patience
from tests.store.processes import LOCKER, OWNER, first_line, program, run, say
from tests.store.stores import HASTY, Clock, Troubles, event, session

BODY = b"x" * 3000


async def fill(path: Path) -> None:
    """Leave a store with two waiting events, a dead one and a session."""
    async with SqliteStore(path) as store:
        rows = await store.write(Batch([event(f"{index}", body=BODY) for index in range(3)], [session(3)]))
        await store.write(Batch(dead=[DeadLetter(row, "no", ()) for row in rows[:1] if row is not None]))


async def refusal(store: SqliteStore) -> StoreError:
    """Return why *store* does not open."""
    with pytest.raises(StoreError) as caught:
        async with store:
            pass
    return caught.value


# --- F-78: no space


async def test_f78_a_full_store_keeps_the_batch_and_goes_on_when_there_is_space(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "inbox.db"
    troubles = Troubles()
    store = SqliteStore(path, retention=Retention(max_size=300_000), patience=HASTY, on_trouble=troubles)
    async with store:
        rows: list[int] = []
        writing = asyncio.ensure_future(store.write(Batch()))
        while not troubles.said:
            await writing
            seq = len(rows) + 1
            writing = asyncio.ensure_future(
                store.write(Batch([event(f"{seq}", seq=seq, body=BODY)], [session(seq)]))
            )
            done, _ = await asyncio.wait({writing}, timeout=0.5)
            if done:
                rows += [row for row in writing.result() if row is not None]
        later = asyncio.ensure_future(store.write(Batch(sessions=[session(999)])))
        trouble = await troubles.next() or ""
        assert trouble == store.trouble
        assert trouble.startswith("the store cannot be written: inbox.max_size (0.3 MB) is reached: ")
        assert [one.row for one in await store.unfinished(limit=1000)] == rows
        assert [one.seq for one in await store.sessions()] == [len(rows)]
        assert not later.done()

        async with SqliteStore(path, tool=True) as tool:
            await tool.write(Batch(done=rows[:-2]))
        assert len(await writing) == 1
        await later

        assert await troubles.next() is None
        assert [one.row for one in await store.unfinished()] == [*rows[-2:], rows[-1] + 1]
        assert [one.seq for one in await store.sessions()] == [999]
    error, warning = [(record.levelname, record.message) for record in caplog.records]
    assert error == ("ERROR", f"{trouble} ({path}); events wait until it can")
    assert warning == ("WARNING", f"store {path} can be used again")


async def test_f78_whoever_makes_room_overtakes_those_who_need_it(tmp_path: Path) -> None:
    troubles = Troubles()
    retention = Retention(max_size=300_000)
    slow = Patience(retry=0.3)
    async with SqliteStore(
        tmp_path / "inbox.db", retention=retention, patience=slow, on_trouble=troubles
    ) as store:
        rows = await store.write(Batch([event(f"{index}", body=BODY) for index in range(40)]))
        await store.write(Batch(dead=[DeadLetter(row, "no", ()) for row in rows if row is not None]))
        writing = asyncio.ensure_future(
            store.write(Batch([event(f"new {index}", body=BODY) for index in range(40)]))
        )
        assert await troubles.next() is not None

        assert await store.drop(None) == 40

        assert not writing.done()
        assert len(await writing) == 40


FULL_DISK = """
import asyncio, resource, sys
from pathlib import Path
from qqbot_cli.model.inbox import Batch
from qqbot_cli.store.sqlite import SqliteStore
from qqbot_cli.store.writer import Patience
from tests.store.stores import event, session

async def main():
    told = []
    hasty = Patience(retry=0.05)
    async with SqliteStore(Path(sys.argv[1]), patience=hasty, on_trouble=told.append) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
        written = 0
        while True:
            events = [event(f"{written + index}", body=b"x" * 3000) for index in range(10)]
            writing = asyncio.ensure_future(store.write(Batch(events, [session(written + 10)])))
            done, _ = await asyncio.wait({writing}, timeout=0.5)
            if not done:
                break
            written += 10
        assert told == [store.trouble] and store.trouble, told
        assert (await store.counts()).waiting == written > 0
        assert (await store.sessions())[0].seq == written
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await writing
        assert (await store.counts()).waiting == written + 10
        assert told[1:] == [None] and store.trouble is None, told
    async with SqliteStore(Path(sys.argv[1])) as store:
        assert (await store.counts()).waiting == written + 10
        assert (await store.sessions())[0].seq == written + 10
    print("fine", told[0])

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit for the size of files")
def test_f78_a_disk_that_takes_no_more_loses_nothing(tmp_path: Path) -> None:
    done = run(FULL_DISK, tmp_path / "inbox.db")

    assert done.stdout.startswith("fine the store cannot be written: the disk"), done.stderr


FULL_AT_THE_START = """
import asyncio, resource, sys
from pathlib import Path
from qqbot_cli.errors import StoreError
from qqbot_cli.store.sqlite import SqliteStore

async def attempt():
    try:
        async with SqliteStore(Path(sys.argv[1])):
            return "fine"
    except StoreError as error:
        return f"{error.exit_code:d} {error.message}"

async def main():
    for room in (3, 2_000, 5_000, resource.RLIM_INFINITY, 5_000, resource.RLIM_INFINITY):
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        print(await attempt())

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit for the size of files")
def test_f78_a_disk_that_is_full_at_the_start_is_temporary(tmp_path: Path) -> None:
    done = run(FULL_AT_THE_START, tmp_path / "inbox.db")

    *outcomes, last = done.stdout.splitlines()
    assert outcomes.pop(3) == last == "fine", done.stdout
    assert all(line.startswith(f"75 the store {tmp_path / 'inbox.db'}") for line in outcomes), done.stdout


async def test_f78_what_could_not_be_stored_at_the_end_is_said(tmp_path: Path) -> None:
    troubles = Troubles()
    store = SqliteStore(
        tmp_path / "inbox.db", retention=Retention(max_size=100_000), patience=HASTY, on_trouble=troubles
    )
    async with store:
        writing = asyncio.ensure_future(
            store.write(Batch([event(f"{index}", body=BODY) for index in range(99)]))
        )
        await troubles.next()

    with pytest.raises(
        StoreError, match=r"the store .*/inbox\.db was closed, but inbox\.max_size \(0\.1 MB\)"
    ):
        await writing
    with pytest.raises(StoreError, match=r"the store .*/inbox\.db is closed"):
        await store.counts()


# --- F-79: damage


def overwrite(begin: int, length: int = 10_000) -> Callable[[Path], None]:
    """Return what destroys a part of a file."""

    def spoil(path: Path) -> None:
        with path.open("r+b") as file:
            file.seek(begin)
            file.write(b"\xa5" * length)

    return spoil


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize(
    ("spoil", "contents"),
    [
        (overwrite(0, 100), "nothing that can be read"),
        (overwrite(0), "nothing that can be read"),
        (overwrite(12_288, 200), "2 waiting events, 1 sessions"),
        (cut, None),
        (lambda path: path.write_bytes(b"not a database, " * 999), "nothing that can be read"),
    ],
    ids=["header", "first pages", "one page", "half of it", "something else"],
)
async def test_f79_a_damaged_file_is_put_aside_and_a_new_store_begun(
    tmp_path: Path,
    spoil: Callable[[Path], None],
    contents: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = tmp_path / "inbox.db"
    await fill(path)
    spoil(path)
    damaged = path.read_bytes()

    begun = time.monotonic()
    async with SqliteStore(path, clock=Clock(1_700_000_000.0)) as store:
        assert time.monotonic() - begun < 3
        assert not store.unclean
        assert (await store.counts()).waiting == 0
        assert await store.sessions() == []
        (notice,) = store.notices
    assert notice.startswith(f"the store {path} is damaged (")
    assert "was moved to inbox.db.corrupt-20231114T221320Z; a new one was begun" in notice
    assert contents is None or notice.endswith(f"In the old one: {contents}")
    assert [record.message for record in caplog.records] == [notice]
    assert (tmp_path / "inbox.db.corrupt-20231114T221320Z").read_bytes() == damaged


async def test_f79_files_put_aside_in_one_second_have_names_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    await fill(path)
    for _ in range(3):
        path.write_bytes(b"no")
        async with SqliteStore(path, clock=Clock()):
            pass

    assert len(list(tmp_path.glob("inbox.db.corrupt-*"))) == 3


async def test_f79_a_file_that_never_was_a_store_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letters.txt"
    path.write_text("dear reader, " * 99)

    error = await refusal(SqliteStore(path))

    assert "it is no store of qqbot (file is not a database)" in error.message
    assert path.read_text().startswith("dear reader")


# --- F-80: another file than expected


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("spoil", [empty, Path.unlink], ids=["empty", "missing"])
async def test_f80_a_store_that_is_gone_does_not_pass_for_a_new_one(
    tmp_path: Path, spoil: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "inbox.db"
    async with SqliteStore(path) as store:
        assert store.notices == []
    spoil(path)

    async with SqliteStore(path) as store:
        (notice,) = store.notices

    assert notice == (
        f"the store {path} is gone or empty, though there was one: sessions and events that were not done"
        " are lost"
    )
    assert [record.message for record in caplog.records] == [notice]
    async with SqliteStore(path) as store:
        assert store.notices == []


@pytest.mark.parametrize(("tool", "code"), [(False, ExitCode.TEMPORARY), (True, ExitCode.CONFIG)])
async def test_f79_damage_while_it_is_open_asks_for_a_restart(
    tmp_path: Path, tool: bool, code: ExitCode
) -> None:
    path = tmp_path / "inbox.db"
    await fill(path)
    async with SqliteStore(path) as store:  # more than its cache holds
        await store.write(Batch([event(f"{number}", body=b"x" * 5000) for number in range(1000)]))

    async with SqliteStore(path, tool=tool) as store:
        path.write_bytes(b"no database any more" * 1000)
        with pytest.raises(StoreError, match=r"the store .*inbox\.db: cannot be read \(") as caught:
            await store.list_events(State.WAITING, 10_000)

    assert caught.value.exit_code is code


async def test_f79_damage_that_is_met_by_a_write_asks_for_a_restart_too(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    await fill(path)
    async with SqliteStore(path) as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            (page,) = other.execute("SELECT rootpage FROM sqlite_master WHERE name = 'seen'").fetchone()
            (size,) = other.execute("PRAGMA page_size").fetchone()
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            with path.open("r+b") as file:
                file.seek((page - 1) * size)
                file.write(b"?" * size)
            other.execute("CREATE TABLE another (x)")  # as any writer does, it empties the caches
        with pytest.raises(StoreError, match="it is damaged") as caught:
            async with asyncio.timeout(10):
                await store.write(Batch([event("new")]))

    assert caught.value.exit_code is ExitCode.TEMPORARY


@pytest.mark.parametrize("tool", [False, True])
async def test_f80_a_store_of_a_newer_version_is_not_touched(tmp_path: Path, tool: bool) -> None:
    path = tmp_path / "inbox.db"
    await fill(path)
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    before = path.read_bytes()

    error = await refusal(SqliteStore(path, tool=tool))

    assert error.message == (
        f"the store {path} was written by a newer qqbot: its format is {VERSION + 1},"
        f" this version knows {VERSION}"
    )
    assert error.exit_code is ExitCode.CONFIG
    assert path.read_bytes() == before


async def test_f80_a_database_of_another_program_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "music.db"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE songs (title)")
    database.close()
    before = path.read_bytes()

    error = await refusal(SqliteStore(path))

    assert error.message == f"{path} is not a store of qqbot, but a database of another program"
    assert path.read_bytes() == before


# --- F-81: locks


async def test_f81_a_lock_of_another_process_delays_but_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    troubles = Troubles()
    async with SqliteStore(path, patience=HASTY, on_trouble=troubles) as store:
        with program(LOCKER, path) as locker:
            assert first_line(locker) == "locked\n"
            writing = asyncio.ensure_future(store.write(Batch([event("a")], [session(1)])))
            assert await troubles.next() == "the store cannot be written: another process has locked it"
            assert (await store.counts()).waiting == 0
            say(locker)
            assert await writing == [1]
            assert await troubles.next() is None
        assert [one.seq for one in await store.sessions()] == [1]


async def test_f81_a_short_lock_is_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    troubles = Troubles()
    async with SqliteStore(path, patience=Patience(busy=0.02), on_trouble=troubles) as store:
        with program(LOCKER, path) as locker:
            first_line(locker)
            writing = asyncio.ensure_future(store.write(Batch([event("a")])))
            await asyncio.sleep(0.2)  # longer than SQLite itself waits
            assert not writing.done()
            say(locker)
            assert await writing == [1]
    assert troubles.said == []


async def test_f81_a_store_that_stays_locked_does_not_open(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    await fill(path)
    with program(LOCKER, path) as locker:
        first_line(locker)

        error = await refusal(SqliteStore(path, patience=HASTY))

    assert error.message == (
        f"the store {path} cannot be used: another process has locked it (database is locked)"
    )
    assert error.help == "wait until that process has finished, or end it"
    assert error.exit_code is ExitCode.TEMPORARY


async def test_f81_a_start_that_waits_for_a_lock_says_so_and_goes_on_when_it_is_free(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "inbox.db"
    await fill(path)
    with program(LOCKER, path) as locker:
        first_line(locker)
        store = SqliteStore(path, patience=Patience(busy=0.02, silent=0.1))
        opening = asyncio.ensure_future(store.__aenter__())
        async with asyncio.timeout(10):
            while not caplog.records:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        say(locker)
        await opening
        await store.__aexit__()

    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("WARNING", f"the store {path} is locked by another process, waiting up to 30 s")
    ]


async def test_f81_a_tool_does_not_wait_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    await fill(path)
    async with SqliteStore(path, tool=True) as tool:
        with program(LOCKER, path) as locker:
            first_line(locker)

            with pytest.raises(StoreError, match="another process has locked it"):
                await tool.revive(None)
        assert await tool.revive(None) == 1


# --- F-82: places that cannot be used

READ_ONLY = """
import asyncio, os, stat, sys, tempfile, time
from pathlib import Path
from qqbot_cli.errors import StoreError
from qqbot_cli.store.sqlite import SqliteStore

if os.getuid() == 0:
    os.setuid(65534)  # to whom permissions apply

async def attempt(path):
    begun = time.monotonic()
    try:
        async with SqliteStore(path):
            print("opened")
    except StoreError as error:
        assert str(path) in error.message and time.monotonic() - begun < 1, error
        print(error.message.replace(str(path), "PATH"), "|", error.help)

async def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "store")
        async with SqliteStore(folder / "inbox.db"):
            pass
        os.chmod(folder / "inbox.db", 0o400)
        await attempt(folder / "inbox.db")
        os.chmod(folder / "inbox.db", 0o600)
        os.chmod(folder, 0o500)
        await attempt(folder / "inbox.db")
        await attempt(folder / "other.db")
        await attempt(folder / "below" / "inbox.db")
        os.chmod(folder, 0o700)
        await attempt(folder / "inbox.db")

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has other permissions")
def test_f82_what_cannot_be_written_is_refused_with_its_path_and_a_way_out(tmp_path: Path) -> None:
    done = run(READ_ONLY)

    file, log, new_file, new_folder, good = done.stdout.splitlines()
    way_out = (
        "| make file and folder writable, or run qqbot as the user that owns them;"
        " at another place (store:, state_dir:) it begins anew"
    )
    denied = "the store PATH cannot be used: Permission denied"
    assert file == f"{denied} {way_out}"
    assert new_file == f"{denied} (PATH.owner) {way_out}"
    assert (new_folder.startswith(denied), new_folder.endswith(way_out)) == (True, True)
    assert (log.startswith("the store PATH is read-only: "), log.endswith(way_out)) == (True, True), log
    assert good == "opened"


async def test_f82_a_folder_is_no_store(tmp_path: Path) -> None:
    assert (await refusal(SqliteStore(tmp_path))).message == f"the store {tmp_path} is a folder"


async def test_f82_a_network_file_system_is_refused(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/export {tmp_path} nfs4 rw,vers=4.2 0 0\n")

    error = await refusal(SqliteStore(tmp_path / "inbox.db", mounts=mounts))

    lies = f"the store {tmp_path}/inbox.db lies on a network file system (nfs4)"
    assert error.message == f"{lies}, where SQLite cannot keep it safe"
    assert error.help.startswith("name a place on a local disk")
    assert not (tmp_path / "inbox.db").exists()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/a/x.db", "ext4"),
        ("/mnt/nas/x.db", "nfs"),
        ("/mnt/nas/local/x.db", "xfs"),
        ("/mnt/nash/x.db", "ext4"),
        ("/mnt/two words/x.db", "cifs"),
        ("/over/x.db", "tmpfs"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="has no such paths")
def test_f82_the_file_system_of_a_path_is_that_of_the_deepest_mount(path: str, expected: str) -> None:
    mounts = (
        "/dev/vda / ext4 rw 0 0\nnas:/ /mnt/nas nfs rw 0 0\n/dev/vdb /mnt/nas/local xfs rw 0 0\n"
        "//nas/x /mnt/two\\040words cifs rw 0 0\nnas:/ /over nfs rw 0 0\ntmpfs /over tmpfs rw 0 0\nbroken\n"
    )

    assert file_system(Path(path), mounts) == expected
    assert file_system(Path(path), "") == ""


# --- F-83: several processes


async def test_f83_a_store_has_one_bot_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    with program(OWNER, path) as owner:
        assert first_line(owner) == "open\n"

        error = await refusal(SqliteStore(path))

        assert error.message == (
            f"the store {path} belongs to another bot that is running, process {owner.pid}"
        )
        owner.kill()
        owner.wait()
        async with SqliteStore(path) as store:
            assert store.unclean


async def test_f83_a_tool_works_beside_the_bot_and_does_not_count_as_its_end(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    await fill(path)
    with program(OWNER, path) as owner:
        first_line(owner)
        async with SqliteStore(path, tool=True) as tool:
            assert await tool.revive(None) == 1
            assert len(await tool.unfinished()) == 3
            assert await tool.list_events(State.DEAD) == []
        say(owner)
        assert owner.wait(10) == 0
    async with SqliteStore(path, tool=True) as tool:
        pass
    async with SqliteStore(path) as store:
        assert not store.unclean


async def test_f83_a_tool_after_a_crash_leaves_the_traces_of_the_crash(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    with program(OWNER, path) as owner:
        first_line(owner)
        owner.kill()
        owner.wait()
    async with SqliteStore(path, tool=True) as tool:
        await tool.counts()

    async with SqliteStore(path) as store:
        assert store.unclean


async def test_f83_tool_and_bot_write_at_the_same_time(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    async with SqliteStore(path) as store, SqliteStore(path, tool=True) as tool:

        async def write() -> None:
            for index in range(100):
                rows = await store.write(Batch([event(f"{index}")]))
                await store.write(Batch(dead=[DeadLetter(row, "no", ()) for row in rows if row]))

        async def drop() -> int:
            dropped = 0
            while dropped < 100:
                dropped += await tool.drop(None)
            return dropped

        async with asyncio.timeout(20):
            _, dropped = await asyncio.gather(write(), drop())

        assert dropped == 100
        assert (await store.counts()).dead == 0


async def test_f83_a_tool_makes_no_store(tmp_path: Path) -> None:
    error = await refusal(SqliteStore(tmp_path / "inbox.db", tool=True))

    assert error.message == f"there is no store {tmp_path}/inbox.db"
    assert list(tmp_path.iterdir()) == []


# --- what else a disk is owed


async def test_the_file_does_not_grow_with_what_is_done(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    sizes = []
    async with SqliteStore(path, retention=Retention(seen_count=0)) as store:
        for round_ in range(8):
            for batch in range(10):
                rows = await store.write(
                    Batch([event(f"{round_} {batch} {index}", body=BODY) for index in range(100)])
                )
                await store.write(Batch(done=[row for row in rows if row is not None]))
            await store.prune(0.0)
            sizes.append(path.stat().st_size + path.with_name("inbox.db-wal").stat().st_size)
        await store.compact(0.0)
        small = path.stat().st_size + path.with_name("inbox.db-wal").stat().st_size

    assert max(sizes) < 80_000_000  # the log, and hardly more
    assert small < 100_000


@pytest.mark.skipif(sys.platform == "win32", reason="has other permissions")
async def test_only_the_owner_can_read_what_people_wrote(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    async with SqliteStore(path):
        modes = {file.name: file.stat().st_mode & 0o077 for file in tmp_path.iterdir()}

    assert modes == dict.fromkeys(("inbox.db", "inbox.db-wal", "inbox.db-shm", "inbox.db.owner"), 0)


async def test_a_store_that_is_opened_in_vain_leaves_no_thread(tmp_path: Path) -> None:
    opening = asyncio.ensure_future(SqliteStore(tmp_path / "inbox.db").__aenter__())
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening

    for _ in range(200):  # the thread ends by itself, and lets go of the store
        try:
            async with SqliteStore(tmp_path / "inbox.db"):
                return
        except StoreError:
            await asyncio.sleep(0.01)
    raise AssertionError("the store is still owned")
