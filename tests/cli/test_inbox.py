"""`qqbot inbox`: what waits, what was given up, what was missed; while the bot runs and while it does not."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from qqbot_cli import Simulation, Simulator
from qqbot_cli.model.inbox import Batch, DeadLetter, Gap, Received, Retention, SavedSession
from qqbot_cli.store.sqlite import SqliteStore
from tests.cli.test_commands import POSIX, live, plugin_package, started, write
from tests.conftest import CANARY, OUTPUT, run_qqbot

NOW = 1_700_000_000.0


def config_of(folder: Path) -> Path:
    token = "token: {appid: '102000001', secret: canary-secret-5b1c9d7e}"
    return write(folder, f"{token}\nstate_dir: state\n")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A bot that has run: one event waits, two were given up, one gap."""
    file = config_of(tmp_path)
    path = tmp_path / "state/102000001/inbox.sqlite3"

    async def furnish() -> None:
        async with SqliteStore(path, clock=lambda: NOW) as store:
            events = [
                Received(0, "C2C_MESSAGE_CREATE", f"C2C:{n}", f"k{n}", b'{"content":"my secret diary"}', NOW)
                for n in range(3)
            ]
            session = SavedSession(0, 1, "session-id-that-is-secret", 42, "wss://x", NOW, NOW)
            rows = await store.write(Batch(events, [session]))
            letters = [DeadLetter(row or 0, "ValueError: no such city", ("weather",)) for row in rows[:2]]
            await store.write(Batch(dead=letters))
            await store.add_gap(Gap(0, NOW - 60, NOW, "4006 invalid session id"))

    asyncio.run(furnish())
    return file


def ask(config: Path, *words: str) -> Any:  # noqa: ANN401 - any JSON
    done = run_qqbot("inbox", *words, "-c", config, "--json", cwd=config.parent)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer.pop("ok") is True
    return answer


def test_the_overview_has_counts_sessions_and_the_oldest_waiting_events(config: Path) -> None:
    answer = ask(config)

    assert (answer["waiting"], answer["dead"], answer["gaps"]) == (1, 2, 1)
    assert answer["sessions"] == [{"shard": 0, "count": 1, "seq": 42, "saved_at": NOW}]
    assert [event["event_id"] for event in answer["oldest"]] == ["C2C:2"]


@pytest.mark.parametrize("words", [(), ("dead",), ("gaps",)], ids=["overview", "dead", "gaps"])
def test_f94_no_session_id_and_no_text_of_people_is_shown(words: tuple[str, ...], config: Path) -> None:
    for form in ((), ("--json",)):
        done = run_qqbot("inbox", *words, "-c", config, *form, cwd=config.parent)

        assert done.returncode == 0
        assert "secret" not in done.stdout.replace("canary-secret", "")


def test_what_was_given_up_is_listed_with_plugin_and_reason(config: Path) -> None:
    done = run_qqbot("inbox", "dead", "-c", config, cwd=config.parent)

    assert "C2C_MESSAGE_CREATE  given up by weather: ValueError: no such city" in done.stdout
    assert "qqbot inbox replay ID" in done.stdout


def test_a_gap_says_from_when_to_when_and_why(config: Path) -> None:
    done = run_qqbot("inbox", "gaps", "-c", config, cwd=config.parent)

    assert "(60 s): 4006 invalid session id" in done.stdout


def test_events_are_replayed_by_number_and_dropped_all(config: Path) -> None:
    first, second = (event["id"] for event in ask(config, "dead")["events"])

    assert ask(config, "replay", str(first)) == {"replayed": 1}
    assert ask(config)["waiting"] == 2
    assert ask(config, "drop", "--all") == {"dropped": 1}
    assert ask(config, "dead") == {"events": []}
    assert second


def test_compacting_tells_how_much_was_given_back(config: Path) -> None:
    assert ask(config, "compact")["freed"] >= 0


def test_compacting_tells_what_it_drops(config: Path) -> None:
    assert ask(config, "compact")["dropped"] == 0
    config.write_text(f"{config.read_text()}inbox: {{dead: 1}}\n")

    done = run_qqbot("inbox", "compact", "-c", config, cwd=config.parent)

    dropped = "; 1 event dropped that had been given up, inbox.dead keeps no more\n"
    assert done.stdout.endswith(f"MB given back{dropped}")
    config.write_text(config.read_text().replace("dead: 1", "dead: 0"))
    assert ask(config, "compact")["dropped"] == 1
    assert "inbox.dead" in run_qqbot("inbox", "compact", "--help", cwd=config.parent).stdout


def test_compacting_keeps_what_the_configuration_keeps(tmp_path: Path) -> None:
    file = config_of(tmp_path)
    file.write_text(f"{file.read_text()}inbox: {{dead: 20000}}\n")

    async def furnish() -> None:
        path = tmp_path / "state/102000001/inbox.sqlite3"
        async with SqliteStore(path, retention=Retention(dead=20_000), clock=lambda: NOW) as store:
            events = [Received(0, "X", f"{n}", f"k{n}", b"{}", NOW) for n in range(10_500)]
            rows = await store.write(Batch(events))
            await store.write(Batch(dead=[DeadLetter(row or 0, "x", ("p",)) for row in rows]))

    asyncio.run(furnish())
    ask(file, "compact")

    assert ask(file)["dead"] == 10_500


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("replay",), 2, "or all of them with --all"),
        (("replay", "1", "--all"), 2, "or all of them with --all"),
        (("replay", "999"), 2, "no event 999 was given up"),
        (("drop", "x"), 2, "valid integer"),
        (("nonsense",), 2, "No such command"),
        (("config.yaml",), 2, "is an option: -c config.yaml"),
        (("dead", "./config.yml", "--json"), 2, "is an option: -c ./config.yml"),
        (("--shards", "0/2", "dead"), 2, "after the subcommand"),
    ],
)
def test_wrong_usage_is_2_and_changes_nothing(
    words: tuple[str, ...], code: int, text: str, config: Path
) -> None:
    done = run_qqbot("inbox", *words, "-c", config, cwd=config.parent)

    assert (done.returncode, text in done.stderr) == (code, True), done.stderr
    assert ask(config)["dead"] == 2


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("inbox", "-c", "nope.yaml"), 78, "nope.yaml"),
        (("inbox", "dead", "-c", "new.yaml"), 78, "there is no store"),
        (("inbox", "gaps", "-c", "new.yaml"), 78, "there is no store"),
        (("inbox", "drop", "99999"), 2, "no event 99999 was given up"),
        (("inbox", "replay"), 2, "or all of them with --all"),
        (("inbox", "compact", "--shards", "x"), 78, "does not name shards"),
        (("events", "nonsense"), 2, "no event is called"),
        (("events", "--drift", "nope.jsonl"), 2, "nope.jsonl"),
        (("explain", "nonsense"), 2, "is not a code"),
        (("simulate", "nope.yaml"), 78, "nope.yaml"),
        (("check-token", "nope.yaml"), 78, "nope.yaml"),
        (("gateway-info", "nope.yaml"), 78, "nope.yaml"),
    ],
)
def test_with_json_an_error_is_one_object_too(
    words: tuple[str, ...], code: int, text: str, config: Path
) -> None:
    write(config.parent, config.read_text().replace("state_dir: state", "state_dir: other"), "new.yaml")

    done = run_qqbot(*words, "--json", cwd=config.parent)

    answer = json.loads(done.stdout)
    assert (answer["ok"], answer["exit_code"], done.returncode) == (False, code, code), done.stderr
    assert text in answer["error"]
    assert text in done.stderr


def test_with_json_every_answer_is_one_object(config: Path) -> None:
    for words in (("inbox", "dead"), ("inbox", "gaps"), ("events",), ("explain", "77"), ("events", "READY")):
        answer = json.loads(run_qqbot(*words, "--json", cwd=config.parent).stdout)

        assert answer["ok"] is True

    assert [gap["reason"] for gap in ask(config, "gaps")["gaps"]] == ["4006 invalid session id"]


def test_without_a_store_the_way_out_is_named(tmp_path: Path) -> None:
    missing = run_qqbot("inbox", "-c", config_of(tmp_path), cwd=tmp_path)
    memory = write(tmp_path, "simulate: {}\nstore: memory\n", "memory.yaml")
    nothing = run_qqbot("inbox", "-c", memory, cwd=tmp_path)
    simulated = run_qqbot("inbox", "-c", write(tmp_path, "simulate: {}\n", "simulated.yaml"), cwd=tmp_path)

    assert (missing.returncode, "there is no store" in missing.stderr) == (78, True)
    assert (nothing.returncode, "store: memory keeps nothing" in nothing.stderr) == (78, True)
    assert (simulated.returncode, "store: sqlite:///" in simulated.stderr) == (78, True)


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_bot_that_keeps_nothing_says_so_at_its_start(kind: str, tmp_path: Path) -> None:
    config = write(tmp_path, f"simulate: {{}}\nstore: {kind}\n", "bot.yaml")
    done = run_qqbot("run", config, "--for", "200ms", "--ui", "plain", cwd=tmp_path)

    assert ("events that are not done, end with this process" in done.stderr) == (kind == "memory")


BROKEN = """
import os
from pathlib import Path
from qqbot_cli import EventHandler
class Handler(EventHandler):
    async def c2c_message_create(self, session):
        with open(os.environ["QQBOT_TEST_LOG"], "a") as log:
            print(session.event.text, file=log)
        if not Path(os.environ["QQBOT_TEST_REPAIRED"]).exists():
            raise LookupError("no such city")
"""
CRASHING = """
import os
from qqbot_cli import EventHandler
class Handler(EventHandler):
    async def c2c_message_create(self, session):
        with open(os.environ["QQBOT_TEST_LOG"], "a") as log:
            print(session.event.text, file=log)
        if session.event.text == "poison":
            os._exit(9)
"""


def lines(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


async def eventually(condition: Any, timeout: float = 30) -> None:  # noqa: ANN401
    async with asyncio.timeout(timeout):
        while not condition():
            await asyncio.sleep(0.02)


BUSY = """
import asyncio, os
from pathlib import Path
from qqbot_cli import EventHandler
class Handler(EventHandler):
    async def c2c_message_create(self, session):
        while not Path(os.environ["QQBOT_TEST_REPAIRED"]).exists():
            await asyncio.sleep(0.02)
"""


@POSIX
async def test_what_runs_for_the_first_time_is_counted_while_the_bot_runs_and_not_after_a_crash(
    tmp_path: Path,
) -> None:
    release, file = tmp_path / "release", tmp_path / "config.yaml"
    env = {**plugin_package(tmp_path, "busy", BUSY), "QQBOT_TEST_REPAIRED": str(release)}

    async def look() -> tuple[int | None, int, int, int, list[bool]]:
        seen = await asyncio.to_thread(ask, file)
        flags = [event["running"] for event in seen["oldest"]]
        return seen["process"], seen["waiting"], seen["running"], seen["done"], flags

    async def reaches(wanted: tuple[int | None, int, int, int, list[bool]]) -> None:
        async with asyncio.timeout(20):
            while (seen := await look()) != wanted:
                OUTPUT.append(("overview", str(seen)))

    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        config = live(simulator, tmp_path, more="plugins: {echo: {enabled: false}}\n")
        with started("run", config, "--ui", "quiet", cwd=tmp_path, env=env) as process:
            await eventually(lambda: simulator.stats.identifies)
            for text in ("one", "two"):
                await simulator.say_c2c(text)
            await reaches((process.pid, 2, 2, 0, [True, True]))
            text = (await asyncio.to_thread(run_qqbot, "inbox", "-c", config, cwd=tmp_path)).stdout
            assert f"bot      running, process {process.pid}\n" in text
            assert "waiting  2\nrunning  2  (of those that wait, in the hands of plugins)\n" in text
            process.kill()
            await asyncio.to_thread(process.wait, 15)

        await reaches((None, 2, 0, 0, [False, False]))
        with started("run", config, "--ui", "quiet", cwd=tmp_path, env=env) as process:
            await eventually(lambda: simulator.stats.resumes)
            # A second run is counted when it begins, and the other event waits for it to end.
            await reaches((process.pid, 2, 1, 0, [True, False]))
            release.touch()
            await reaches((process.pid, 0, 0, 2, []))


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ((), "inbox.sqlite3"),
        (("--sandbox",), "inbox.sandbox.sqlite3"),
        (("--shards", "1,0/3"), "inbox.shards-0,1-of-3.sqlite3"),
        (("--sandbox", "--shards", "0/2"), "inbox.sandbox.shards-0-of-2.sqlite3"),
        (("--shards", ",".join(map(str, range(0, 1024, 2))) + "/1024"), None),
    ],
    ids=["plain", "sandbox", "shards", "both", "many shards"],
)
async def test_every_store_that_a_run_makes_can_be_reached(
    words: tuple[str, ...], name: str | None, tmp_path: Path
) -> None:
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        config = live(simulator, tmp_path)
        with started("run", config, *words, "--ui", "quiet", "--no-plugins", cwd=tmp_path):
            await eventually(lambda: simulator.stats.identifies)
        (made,) = (tmp_path / "state" / simulator.appid).glob("*.sqlite3")

        assert (await asyncio.to_thread(ask, config, *words))["store"] == str(made)
        for command in (("dead",), ("gaps",), ("replay", "--all"), ("drop", "--all"), ("compact",)):
            await asyncio.to_thread(ask, config, *command, *words)
        if name is not None:
            assert made.name == name
        if words:
            other = await asyncio.to_thread(run_qqbot, "inbox", "-c", config, cwd=tmp_path)
            assert other.returncode == 78
            assert made.name in other.stderr
            assert "--shards and --sandbox" in other.stderr


@POSIX
async def test_an_event_that_a_plugin_failed_is_replayed_into_the_running_bot(tmp_path: Path) -> None:
    log, repaired = tmp_path / "log", tmp_path / "repaired"
    env = plugin_package(tmp_path, "weather", BROKEN)
    env |= {"QQBOT_TEST_LOG": str(log), "QQBOT_TEST_REPAIRED": str(repaired)}
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        config = live(simulator, tmp_path, more="plugins: {echo: {enabled: false}}\n")
        with started("run", config, "--ui", "quiet", cwd=tmp_path, env=env) as process:
            await eventually(lambda: simulator.stats.identifies)
            await simulator.say_c2c("weather")
            await eventually(lambda: lines(log) == ["weather"])
            repaired.touch()
            (dead,) = (await asyncio.to_thread(ask, config, "dead"))["events"]
            await asyncio.to_thread(ask, config, "replay", str(dead["id"]))
            await eventually(lambda: lines(log) == ["weather"] * 2)
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait, 15)

        assert (await asyncio.to_thread(ask, config))["waiting"] == 0


@POSIX
async def test_f60_after_kill_9_the_next_run_resumes_and_finishes(tmp_path: Path) -> None:
    log = tmp_path / "log"
    env = {**plugin_package(tmp_path, "poison", CRASHING), "QQBOT_TEST_LOG": str(log)}
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        config = live(simulator, tmp_path, more="plugins: {echo: {enabled: false}}\n")
        with started("run", config, "--ui", "quiet", cwd=tmp_path, env=env) as process:
            await eventually(lambda: simulator.stats.identifies)
            await simulator.say_c2c("one")
            await eventually(lambda: lines(log) == ["one"])
            process.kill()
            await asyncio.to_thread(process.wait, 15)
        await simulator.say_c2c("two")
        with started("run", config, "--ui", "quiet", cwd=tmp_path, env=env) as process:
            await eventually(lambda: "two" in lines(log))
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 15) == 0

        assert (simulator.stats.identifies, simulator.stats.resumes) == (1, 1)
        assert set(lines(log)) == {"one", "two"}


@POSIX
async def test_f76_an_event_that_crashes_the_process_is_given_up_after_three_restarts(tmp_path: Path) -> None:
    log = tmp_path / "log"
    env = {**plugin_package(tmp_path, "poison", CRASHING), "QQBOT_TEST_LOG": str(log)}
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        config = live(simulator, tmp_path, more="plugins: {echo: {enabled: false}}\n")
        restarts = -1
        said = False
        while True:
            restarts += 1
            assert restarts <= 3
            with started("run", config, "--ui", "quiet", cwd=tmp_path, env=env) as process:
                if not said:
                    await eventually(lambda: simulator.stats.identifies)
                    for text in ("before", "poison", "after"):
                        await simulator.say_c2c(text)
                    said = True
                begun = time.monotonic()
                while process.poll() is None and "after" not in lines(log):
                    await asyncio.sleep(0.02)
                    assert time.monotonic() - begun < 15
                if "after" in lines(log):
                    process.send_signal(signal.SIGTERM)
                    assert await asyncio.to_thread(process.wait, 15) == 0
                    break

        (dead,) = (await asyncio.to_thread(ask, config, "dead"))["events"]
        assert dead["name"] == "C2C_MESSAGE_CREATE"
        assert "the process died" in dead["error"]
        assert simulator.stats.identifies == 1
