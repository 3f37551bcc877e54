"""A store that may be read and not written: a look leaves nothing that keeps a bot from starting."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from qqbot_cli.store.sqlite import SqliteStore
from tests.cli.test_inbox import config_of
from tests.cli.test_inbox_hostile import CHANGES, LOOKS, good
from tests.conftest import OUTPUT
from tests.store.processes import OWNER, ROOT, first_line, program

SETPRIV = shutil.which("setpriv")
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or (IS_ROOT and SETPRIV is None), reason="nothing is closed to us"
)


def as_a_user(config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `qqbot` as somebody to whom permissions apply, which they do not to root."""
    caps = "-dac_override,-dac_read_search"
    plain = [SETPRIV or "", f"--bounding-set={caps}", f"--inh-caps={caps}"] if IS_ROOT else []
    done = subprocess.run(
        [*plain, sys.executable, "-m", "qqbot_cli", *words],
        cwd=config.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    OUTPUT.append((f"qqbot {words}", done.stdout + done.stderr))
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return config_of(tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "state/102000001/inbox.sqlite3"
    path.parent.mkdir(parents=True)
    good(path)
    return path


def crash(path: Path) -> None:
    """Have the newest of the store in its log alone, as after a crash."""
    aside = path.with_name("aside")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("UPDATE meta SET done = 4711")
        aside.mkdir()
        for file in path.parent.glob(f"{path.name}*"):
            shutil.copy(file, aside)
    for file in aside.iterdir():
        file.replace(path.with_name(file.name))
    aside.rmdir()


def files(path: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode for file in path.parent.iterdir()}


@pytest.mark.parametrize("mode", [0o444, 0o400])
def test_a_look_at_a_store_that_is_read_only_leaves_nothing(mode: int, config: Path, path: Path) -> None:
    path.chmod(mode)
    before = files(path)

    for command in LOOKS:
        done = as_a_user(config, "inbox", *command, "-c", str(config))
        assert (done.returncode, done.stderr) == (0, "")
        assert files(path) == before
    path.chmod(0o600)

    async def start() -> None:
        async with SqliteStore(path) as store:
            assert (await store.counts()).dead == 50

    asyncio.run(start())


def test_who_changes_a_store_that_is_read_only_is_told_which_file_it_is(config: Path, path: Path) -> None:
    path.chmod(0o400)
    before = files(path)

    for command in CHANGES:
        done = as_a_user(config, "inbox", *command, "-c", str(config))
        assert (done.returncode, done.stdout) == (78, "")
        assert f"the store {path} is read-only: {path} cannot be written" in done.stderr
        assert "as the user that owns them" in done.stderr
    assert files(path) == before


def test_a_look_beside_a_bot_that_runs_leaves_nothing_either(config: Path, path: Path) -> None:
    with program(OWNER, path) as owner:
        assert first_line(owner) == "open\n"
        path.chmod(0o400)
        before = files(path)

        done = as_a_user(config, "inbox", "-c", str(config))

        assert f"running, process {owner.pid}" in done.stdout, done.stderr
        assert files(path) == before


def test_a_folder_that_is_read_only_keeps_nobody_from_looking(config: Path, path: Path) -> None:
    path.parent.chmod(0o500)
    look = as_a_user(config, "inbox", "-c", str(config))
    change = as_a_user(config, "inbox", "drop", "--all", "-c", str(config))
    path.parent.chmod(0o700)

    assert (look.returncode, "dead     50" in look.stdout) == (0, True), look.stderr
    assert (change.returncode, f"{path.parent} cannot be written" in change.stderr) == (78, True)


def test_a_store_that_may_not_be_read_is_78(config: Path, path: Path) -> None:
    for closed in (path, path.parent):
        closed.chmod(0)
        done = as_a_user(config, "inbox", "-c", str(config))
        closed.chmod(0o700)

        assert (done.returncode, "as the user that the bot runs as" in done.stderr) == (78, True)


def test_after_a_crash_what_is_in_the_log_is_shown_too(config: Path, path: Path) -> None:
    crash(path)
    path.chmod(0o400)
    before = files(path)
    assert set(before) >= {"inbox.sqlite3-wal", "inbox.sqlite3-shm"}

    done = as_a_user(config, "inbox", "-c", str(config))

    assert "done     4711" in done.stdout, done.stderr
    assert files(path) == before


def test_a_log_that_cannot_be_read_without_writing_is_78(config: Path, path: Path) -> None:
    crash(path)
    path.with_name(f"{path.name}-shm").unlink()
    path.chmod(0o400)
    before = files(path)

    done = as_a_user(config, "inbox", "-c", str(config))

    assert (done.returncode, f"{path} cannot be written" in done.stderr) == (78, True)
    assert files(path) == before


@pytest.mark.parametrize("part", ["-wal", "-shm"])
def test_f82_a_start_names_the_file_that_cannot_be_written(part: str, tmp_path: Path, path: Path) -> None:
    simulated = tmp_path / "simulated.yaml"
    simulated.write_text(f"simulate: {{users: 0, shards: 1}}\nstore: sqlite:///{path}\n")
    simulated.chmod(0o600)
    crash(path)
    other = path.with_name(path.name + part)
    other.chmod(0o444)

    done = as_a_user(simulated, "run", str(simulated), "--no-plugins", "--for", "1s")

    assert done.returncode == 78, done.stderr
    assert f"the store {path} is read-only: {other} cannot be written\n   = help: make file" in done.stderr


def test_who_may_not_see_whether_the_bot_runs_is_not_told_that_it_does_not(config: Path, path: Path) -> None:
    with program(OWNER, path) as owner:
        assert first_line(owner) == "open\n"
        beside = path.with_name(f"{path.name}.owner")
        beside.chmod(0)

        looked = as_a_user(config, "inbox", "-c", str(config), "--json")
        changed = as_a_user(config, "inbox", "replay", "1", "-c", str(config))

    assert (looked.returncode, json.loads(looked.stdout)["ok"]) == (78, False)
    assert f"the store {path} cannot be read: Permission denied ({beside})" in looked.stderr
    assert (changed.returncode, "1 event will run again now or at the next start" in changed.stdout) == (
        0,
        True,
    )


def test_f82_a_folder_that_may_not_be_entered_is_78(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(0)
    config = tmp_path / "bot.yaml"
    config.write_text("simulate: {users: 0, shards: 1}\nstore: sqlite:///closed/folder/x.db\n")
    config.chmod(0o600)

    for command in (("run", str(config), "--no-plugins", "--for", "1s"), ("inbox", "-c", str(config))):
        done = as_a_user(config, *command)

        assert (done.returncode, "Permission denied" in done.stderr) == (78, True)
        assert str(tmp_path / "closed/folder/x.db") in done.stderr
        assert f"({config}:2:8)" in done.stderr
