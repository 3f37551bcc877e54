"""Commands as a person types them: real processes, a real simulator, every exit code."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from qqbot_cli import Intents, Simulation, Simulator
from qqbot_cli.cli.app import app
from tests.conftest import CANARY, OUTPUT, run_qqbot
from tests.forked import CAN_FORK, QQBOT, Forked

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
QUIET = "simulate: {users: 0, shards: 1}\n"


Process = subprocess.Popen[str] | Forked


@contextmanager
def started(*arguments: str | Path, cwd: Path, env: dict[str, str] | None = None) -> Iterator[Process]:
    """Have the command run until the end of the block."""
    env = {**os.environ, "PYTHONIOENCODING": "utf-8", **(env or {})}
    process: Process
    if CAN_FORK:
        process = Forked(QQBOT, arguments, cwd=cwd, env=env)
    else:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "qqbot_cli", *map(str, arguments)],
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=env,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        out, err = process.communicate()
        OUTPUT.append((f"qqbot {arguments}", out + err))


def wait_for_line(process: Process, words: str) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        OUTPUT.append(("qqbot", line))
        if words in line:
            return line
    raise AssertionError(f"{words!r} never came")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write(tmp_path, QUIET)


def write(folder: Path, text: str, name: str = "config.yaml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return file


def live(simulator: Simulator, folder: Path, *, secret: str | None = None, more: str = "") -> Path:
    where = simulator.endpoints
    facts = {
        "token": {"appid": simulator.appid, "secret": secret or simulator.secret},
        "endpoints": {"api": where.api, "sandbox_api": where.sandbox_api, "token": where.token},
        "state_dir": str(folder / "state"),
    }
    return write(folder, yaml.safe_dump(facts) + more)


def plugin_package(folder: Path, name: str, source: str) -> dict[str, str]:
    """Install a package by hand, as pip would leave it, and return the environment that finds it."""
    site = folder / f"site_{name}"
    info = site / f"qqbot_plugin_{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: qqbot-plugin-{name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[qqbot.plugins]\n{name} = test_plugin_{name}:Handler\n")
    (site / f"test_plugin_{name}.py").write_text(source)
    return {"PYTHONPATH": str(site)}


# --- what the commands say


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"], ["help"]])
def test_help_is_printed_in_every_spelling(arguments: list[str], tmp_path: Path) -> None:
    done = run_qqbot(*arguments, cwd=tmp_path, fresh=True)

    assert done.returncode == 0
    assert "gateway-info" in done.stdout


def every_help(width: int) -> dict[str, str]:
    """What each command says of itself on a terminal of so many columns."""
    pending, found = {"qqbot": get_command(app)}, {}
    while pending:
        name, command = pending.popitem()
        context = command.make_context(name, [], resilient_parsing=True, terminal_width=width)
        found[name] = command.get_help(context)
        pending |= {f"{name} {word}": one for word, one in getattr(command, "commands", {}).items()}
    return found


def test_no_help_is_cut_at_80_columns() -> None:
    assert len(every_help(80)) > 10
    for name, text in every_help(80).items():
        body = text.partition("\n")[2].replace("[ID]...", "")
        assert "..." not in body, name


@pytest.mark.parametrize("command", ["run", "check-token", "gateway-info", "simulate"])
def test_the_configuration_may_be_an_option_as_it_is_for_inbox(command: str, tmp_path: Path) -> None:
    wrong = write(tmp_path, "timeout: never\n", "mine.yaml")
    for words in ([wrong], ["-c", wrong], ["--config", wrong]):
        done = run_qqbot(command, *words, cwd=tmp_path)
        assert (done.returncode, "mine.yaml:1:10" in done.stderr) == (78, True), done.stderr
    twice = run_qqbot(command, wrong, "-c", wrong, cwd=tmp_path)
    assert (twice.returncode, "give CONFIG once" in twice.stderr) == (2, True)


@pytest.mark.parametrize("arguments", [["help", "run"], ["run", "--help"]])
def test_help_of_one_command(arguments: list[str], tmp_path: Path) -> None:
    assert "--no-wait" in run_qqbot(*arguments, cwd=tmp_path).stdout


def test_a_misspelt_command_gets_a_suggestion(tmp_path: Path) -> None:
    done = run_qqbot("rnu", cwd=tmp_path)

    assert done.returncode == 2
    assert "Did you mean 'run'?" in done.stderr


def test_the_version_is_printed(tmp_path: Path) -> None:
    assert run_qqbot("--version", cwd=tmp_path, fresh=True).stdout.startswith("qqbot 0.")


def test_run_ends_after_its_time_with_a_first_and_a_last_line(config: Path) -> None:
    done = run_qqbot("run", config, "--for", "500ms", cwd=config.parent, fresh=True)

    assert done.returncode == 0
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert "against the embedded simulator" in lines[0]
    assert "ran 0 s: 1 shard, 1 event received" in lines[-1] or "ran 1 s: 1 shard" in lines[-1]


def test_run_as_json_writes_one_object_for_each_fact_and_talks_on_stderr(config: Path) -> None:
    done = run_qqbot("run", config, "--for", "500ms", "--ui", "json", cwd=config.parent)

    facts = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"ts", "ev"} <= set(facts[0])
    assert any(fact["ev"] == "shard.state" and fact["to"] == "ready" for fact in facts)
    assert facts[-1]["ev"] == "exit"
    assert "stopping" in done.stderr


def test_the_simulator_by_itself_prints_what_a_configuration_needs(tmp_path: Path) -> None:
    with started("simulate", "--users", "2", "--shards", "1", cwd=tmp_path) as simulator:
        assert simulator.stdout is not None
        lines = [simulator.stdout.readline() for _ in range(8)]
        file = write(tmp_path, "".join(lines) + f"state_dir: {tmp_path}\n")
        simulated = yaml.safe_load("".join(lines))

        checked = run_qqbot("check-token", file, "--json", cwd=tmp_path)
        shown = run_qqbot("gateway-info", file, cwd=tmp_path)
        boxed = run_qqbot("check-token", file, "--sandbox", cwd=tmp_path)
        ran = run_qqbot("run", file, "--for", "1s", "--ui", "plain", cwd=tmp_path)

    answer = json.loads(checked.stdout)
    assert answer["ok"]
    assert answer["token_expires_in"] > 7000
    assert simulated["token"]["secret"] not in checked.stdout + checked.stderr + ran.stderr
    assert "shards   1 recommended" in shown.stdout
    host = simulated["endpoints"]["api"].removeprefix("http://")
    assert answer["elsewhere"] == host
    assert f"({host})" in shown.stdout.splitlines()[0]  # and not "production"
    assert f", sandbox at {host}" in boxed.stdout
    assert ran.returncode == 0
    assert "to=ready" in ran.stderr


@pytest.mark.parametrize("command", ["check-token", "gateway-info"])
def test_the_two_questions_are_answered_by_the_embedded_simulator_too(command: str, config: Path) -> None:
    done = run_qqbot(command, config, "--json", cwd=config.parent)

    assert done.returncode == 0
    assert json.loads(done.stdout)["simulated"] is True


# --- what can be wrong


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no such file"),
        (b"", "is empty"),
        (b"\x00\x01\x02", "is a binary file"),
        (b"\xff\xff", "is not UTF-8"),
        (b"token: {appid: 1, secert: x}\n", "did you mean 'secret'?"),
    ],
    ids=["missing", "empty", "binary", "encoding", "key"],
)
def test_f92_a_bad_file_is_one_report_and_78(content: bytes | None, words: str, tmp_path: Path) -> None:
    file = tmp_path / "bot.yaml"
    if content is not None:
        file.write_bytes(content)

    done = run_qqbot("run", "bot.yaml", cwd=tmp_path)

    assert done.returncode == 78
    assert done.stderr.startswith("bot.yaml")
    assert words in done.stderr
    assert "= help:" in done.stderr


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    done = run_qqbot("run", ".", cwd=tmp_path)

    assert (done.returncode, "this is a folder" in done.stderr) == (78, True)


def test_without_a_file_the_places_that_were_looked_at_are_named(tmp_path: Path) -> None:
    done = run_qqbot("run", cwd=tmp_path, env={"XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)})

    assert done.returncode == 78
    assert "config.yaml" in done.stderr


async def test_f55_a_wrong_secret_is_77_and_where_to_find_the_right_one(tmp_path: Path) -> None:
    import asyncio

    async with Simulator(Simulation(users=0), secret=CANARY) as simulator:
        file = live(simulator, tmp_path, secret="wrong-secret")
        for command in (["check-token"], ["run", "--ui", "plain"]):
            done = await asyncio.to_thread(run_qqbot, command[0], file, *command[1:], cwd=tmp_path)

            assert done.returncode == 77
            assert "100016" in done.stderr
            assert "https://q.qq.com" in done.stderr
            assert "wrong-secret" not in done.stderr


async def test_an_intent_that_is_not_permitted_is_77(tmp_path: Path) -> None:
    import asyncio

    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        simulator.switches.granted_intents = Intents.GUILDS
        file = live(simulator, tmp_path)
        done = await asyncio.to_thread(run_qqbot, "run", file, "--ui", "plain", cwd=tmp_path)

        assert done.returncode == 77
        assert "4014 intents not permitted" in done.stderr
        assert "PUBLIC_MESSAGES (on request, every group bot), wanted by plugin echo (" in done.stderr
        assert CANARY not in done.stderr + done.stdout


@pytest.mark.parametrize("part", ["token_down", "rest_down"])
@pytest.mark.parametrize(
    "command", [["check-token"], ["gateway-info"], ["run", "--no-wait", "--ui", "plain"]]
)
async def test_a_platform_that_is_out_of_service_is_69(command: list[str], part: str, tmp_path: Path) -> None:
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        setattr(simulator.switches, part, "refuse")
        done = await asyncio.to_thread(
            run_qqbot, command[0], live(simulator, tmp_path), *command[1:], cwd=tmp_path
        )

    assert done.returncode == 69
    assert "HTTP 503" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", [["check-token"], ["gateway-info"], ["run", "--no-wait", "--ui", "plain"]]
)
def test_a_platform_that_is_not_there_is_69(command: list[str], tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{free.getsockname()[1]}"
    text = f"token: {{appid: '102000001', secret: {CANARY}}}\nstate_dir: .\n"
    text += f"endpoints: {{api: '{base}', token: '{base}/token'}}\n"
    file = write(tmp_path, text)

    done = run_qqbot(command[0], file, *command[1:], cwd=tmp_path)

    assert done.returncode == 69
    assert "connection refused" in done.stderr
    assert "= help:" in done.stderr


def test_f54_an_empty_quota_is_75_without_waiting_and_a_countdown_with(tmp_path: Path) -> None:
    file = write(tmp_path, "simulate: {users: 0, shards: 1, remaining: 0}\n")

    done = run_qqbot("run", file, "--no-wait", "--ui", "plain", cwd=tmp_path)
    assert done.returncode == 75
    assert "0 session starts are left today" in done.stderr

    waited = run_qqbot("run", file, "--for", "500ms", "--ui", "plain", cwd=tmp_path)
    assert waited.returncode == 0
    assert "to=ready" not in waited.stderr


async def test_f83_a_second_bot_with_the_same_appid_is_78_and_names_the_first(tmp_path: Path) -> None:
    import asyncio

    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        file = live(simulator, tmp_path)
        with started("run", file, "--ui", "plain", cwd=tmp_path) as first:
            await simulator.wait_for(lambda: simulator.stats.identifies, 15)
            second = await asyncio.to_thread(run_qqbot, "run", file, "--ui", "plain", cwd=tmp_path)
            part = await asyncio.to_thread(
                run_qqbot, "run", file, "--shards", "1/2", "--ui", "plain", cwd=tmp_path
            )

            for refused in (second, part):
                assert refused.returncode == 78
                assert f"already running, process {first.pid} with all shards" in refused.stderr
            assert (simulator.stats.identifies, simulator.stats.upgrades) == (1, 1)


def test_f70_a_plugin_that_does_not_import_is_left_out_or_78_if_strict(config: Path) -> None:
    env = plugin_package(config.parent, "broken", "import no_such_module\n")

    done = run_qqbot("run", config, "--for", "300ms", "--ui", "plain", cwd=config.parent, env=env)
    strict = run_qqbot("run", config, "--strict", cwd=config.parent, env=env)

    assert done.returncode == 0
    assert "plugin broken is not loaded: ModuleNotFoundError: No module named 'no_such_module'" in done.stderr
    assert strict.returncode == 78
    assert "No module named 'no_such_module'" in strict.stderr


def test_a_wrong_option_is_reported_with_its_line(tmp_path: Path) -> None:
    file = write(tmp_path, QUIET + "plugins:\n  echo:\n    config:\n      prefx: '/e'\n")

    done = run_qqbot("run", file, "--strict", cwd=tmp_path)

    assert done.returncode == 78
    assert f"{file}:5:7: error[QB101]" in done.stderr
    assert "did you mean 'prefix'?" in done.stderr


def test_without_plugins_there_is_nothing_to_run_unless_that_is_meant(config: Path) -> None:
    only = run_qqbot("run", config, "--only", "ecko", cwd=config.parent)
    none = run_qqbot("run", config, "--no-plugins", "--for", "300ms", "--ui", "plain", cwd=config.parent)

    assert only.returncode == 78
    assert "did you mean 'echo'?" in only.stderr
    assert none.returncode == 0


def test_no_plugin_installed_is_78_and_says_what_to_do(config: Path) -> None:
    # An interpreter that knows of no entry points stands in for an environment without plugins.
    program = (
        "import sys, importlib.metadata\n"
        "importlib.metadata.entry_points = lambda **_: ()\n"
        f"sys.argv[1:] = ['run', {str(config)!r}]\n"
        "from qqbot_cli.cli.entry import main; main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )

    assert done.returncode == 78
    assert "no plugin is installed" in done.stderr
    assert "--no-plugins" in done.stderr


# --- how it ends


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_f58_the_first_signal_drains_and_ends_with_0(number: int, config: Path) -> None:
    with started("run", config, "--ui", "plain", cwd=config.parent) as process:
        wait_for_line(process, "to=ready")
        begun = time.monotonic()
        process.send_signal(number)

        assert process.wait(12) == 0
        assert time.monotonic() - begun < 5


@POSIX
@pytest.mark.parametrize("part", ["token_down", "rest_down"])
async def test_a_platform_that_is_away_at_the_start_is_said_once_a_try_with_the_way_out(
    part: str, tmp_path: Path
) -> None:
    async with Simulator(Simulation(users=0), secret=CANARY) as simulator:
        setattr(simulator.switches, part, "refuse")
        file = live(simulator, tmp_path)
        asked = await asyncio.to_thread(run_qqbot, "check-token", file, cwd=tmp_path)
        with started("run", file, "--ui", "plain", cwd=tmp_path) as process:
            lines = [await asyncio.to_thread(wait_for_line, process, "HTTP 503") for _ in range(2)]

    _, way_out = asked.stderr.split("= help: ")
    assert f"; help: {way_out.strip()}" in lines[0]
    for line in lines:
        assert "asking who the bot is (again " in line


SWALLOWER = """
import asyncio, os
from qqbot_cli import EventHandler
class Handler(EventHandler):
    async def ready(self, session):
        open(os.environ["QQBOT_TEST_MARK"], "w").close()
        while True:
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError:
                pass
"""
BLOCKER = """
import os, time
from qqbot_cli import EventHandler
class Handler(EventHandler):
    async def ready(self, session):
        open(os.environ["QQBOT_TEST_MARK"], "w").close()
        time.sleep(60)
"""


@pytest.mark.alone
@POSIX
@pytest.mark.parametrize("source", [SWALLOWER, BLOCKER], ids=["swallows cancellation", "blocks the loop"])
def test_f59_the_second_signal_leaves_within_a_second_with_130(source: str, config: Path) -> None:
    mark = config.parent / "in the handler"
    env = {**plugin_package(config.parent, "stubborn", source), "QQBOT_TEST_MARK": str(mark)}
    with started("run", config, "--ui", "plain", cwd=config.parent, env=env) as process:
        while not mark.exists():
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)

        assert process.wait(5) == 130
        assert time.monotonic() - begun <= 1
        assert ", 1 not finished (lost with the simulator), " in wait_for_line(process, "event received")


@POSIX
def test_f66_a_handler_that_never_ends_does_not_keep_the_process(config: Path) -> None:
    mark = str(config.parent / "mark")
    env = {**plugin_package(config.parent, "stubborn", SWALLOWER), "QQBOT_TEST_MARK": mark}
    config.write_text(QUIET + "plugins: {stubborn: {timeout: 300ms}}\n", encoding="utf-8")

    done = run_qqbot("run", config, "--for", "1500ms", "--ui", "plain", cwd=config.parent, env=env)

    assert done.returncode == 0
    assert "took more than 0.3 s" in done.stderr
    assert "test_plugin_stubborn.py" in done.stderr


@POSIX
@pytest.mark.parametrize(("interrupts", "code"), [(1, 0), (2, 130)])
def test_f59_under_a_terminal_the_cursor_comes_back(interrupts: int, code: int, config: Path) -> None:
    import pty

    mark = config.parent / "in the handler"
    # Only the second interrupt has to leave something behind that does not want to end.
    env = plugin_package(config.parent, "stubborn", SWALLOWER) if interrupts == 2 else {}
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update({"TERM": "xterm", "QQBOT_TEST_MARK": str(mark), **env})
        os.execv(sys.executable, [sys.executable, "-m", "qqbot_cli", "run", str(config)])
    seen = b""
    sent = 0
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
        wanted = (b"1/1 ready", b"draining")[min(sent, 1)]
        if sent < interrupts and wanted in seen and (mark.exists() or not env):
            sent += 1
            os.kill(pid, signal.SIGINT)
    _, status = os.waitpid(pid, 0)

    OUTPUT.append(("pty", seen.decode("utf-8", "replace")))
    assert os.waitstatus_to_exitcode(status) == code
    assert seen.rfind(b"\x1b[?25h") > seen.rfind(b"\x1b[?25l") >= 0


@pytest.mark.parametrize("command", ["check-token", "gateway-info", "--help"])
def test_commands_that_answer_a_question_import_no_plugin(command: str, config: Path) -> None:
    mark = config.parent / "imported"
    env = plugin_package(config.parent, "nosy", f"open({str(mark)!r}, 'w')\n")
    arguments = [command] if command.startswith("-") else [command, str(config)]

    assert run_qqbot(*arguments, cwd=config.parent, env=env).returncode == 0
    assert not mark.exists()
