"""Every code block of the documentation is executed or checked."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

from qqbot_cli.config.load import load_config
from qqbot_cli.errors import ConfigError
from tests.conftest import run_qqbot
from tests.forked import run_python
from tests.outgoing import furnish

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "benchmarks/README.md"]
PAGES += sorted((ROOT / "docs").glob("*.md")) + sorted((ROOT / "plugins").glob("*/README.md"))
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(path: Path, language: str) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return [body for kind, body in FENCE.findall(text) if kind == language]


def cases(language: str) -> list[object]:
    return [
        pytest.param(body, id=f"{page.parent.name}-{page.stem}-{number}")
        for page in PAGES
        for number, body in enumerate(blocks(page, language))
    ]


def test_ci_calls_exactly_the_test_command_of_the_readme() -> None:
    run, test = blocks(ROOT / "README.md", "sh")[:2]

    assert run.strip().endswith("qqbot run config.example.yaml")
    assert test.strip().endswith("-m pytest")
    assert "\n" not in run.strip()
    assert test.strip() in (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()


def test_the_powershell_forms_do_the_same() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pairs = re.findall(
        r"^```sh\n((?:(?!```).)*)^```\n\n```powershell\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
    )
    assert len(pairs) == text.count("```powershell")
    for sh, powershell in pairs:
        assert re.findall(r"-e \S+", sh) == re.findall(r"-e \S+", powershell.replace(";", ""))
        assert re.findall(r"[A-Z]+_[A-Z]+", sh) == re.findall(r"\b[A-Z]+_[A-Z]+", powershell)
        if "qqbot run" in sh or "pytest" in sh:
            assert sh.split("/bin/")[-1].split()[1:] == powershell.split("Scripts\\")[-1].split()[1:]


@pytest.mark.skipif(sys.platform == "win32", reason="pastes into a POSIX shell")
def test_what_follows_the_set_up_can_be_pasted_into_one_shell(tmp_path: Path) -> None:
    scripts = tmp_path / ".venv/bin"
    venv.create(tmp_path / ".venv", with_pip=False)
    (scripts / "qqbot").write_text('#!/bin/sh\necho "$QQBOT_SECRET" "$@"\n', encoding="utf-8")
    (scripts / "qqbot").chmod(0o755)
    pasted = "".join(blocks(ROOT / "README.md", "sh")[2:])

    done = subprocess.run(
        ["/bin/sh", "-eu"],
        input=pasted,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.stderr == ""
    shown = re.findall(r"^qqbot ([^#\n]*?)\s*(?:#.*)?$", pasted, re.MULTILINE)
    assert done.stdout.splitlines() == [f"... {words}" for words in shown]


def test_both_readmes_say_the_same() -> None:
    english, chinese = ROOT / "README.md", ROOT / "README.zh-CN.md"

    def code(path: Path) -> list[tuple[str, str]]:
        found = FENCE.findall(path.read_text(encoding="utf-8"))
        return [(kind, re.sub(r"\s*#.*", "", body)) for kind, body in found]

    def headings(path: Path) -> list[str]:
        return re.findall(r"^(#+) ", path.read_text(encoding="utf-8"), re.MULTILINE)

    def links(path: Path) -> set[str]:
        return set(re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8"))) - {
            english.name,
            chinese.name,
        }

    assert code(english) == code(chinese)
    assert headings(english) == headings(chinese)
    assert links(english) == links(chinese)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_relative_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if "://" not in link:
            assert (page.parent / link).exists(), link


@pytest.mark.parametrize("body", cases("yaml"))
def test_a_yaml_block_is_a_configuration(body: str, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    # A page may show one section; whoever runs it has a token, and the simulator needs none.
    extra = "" if re.search(r"^(simulate|token):", body, re.MULTILINE) else "\nsimulate: {}\n"
    file.write_text(body + extra, encoding="utf-8")
    file.chmod(0o600)

    load_config(file, environ={"QQBOT_SECRET": "secret"})


@pytest.mark.parametrize("body", cases("toml"))
def test_a_toml_block_is_toml(body: str) -> None:
    assert tomllib.loads(body)


PREAMBLE = """
import asyncio, os, sys
import qqbot_cli.bot.client as home
from qqbot_cli import Simulation, Simulator

async def main(program):
    async with Simulator(Simulation(users=1, shards=1, pace=3600)) as simulator:
        os.environ.update(QQBOT_APPID=simulator.appid, QQBOT_SECRET=simulator.secret)
        class Here(home.Client):
            def __init__(self, *args, **more):
                super().__init__(*args, **{"endpoints": simulator.endpoints, **more})
            def run(self):
                started.append(self.start())
        import qqbot_cli
        qqbot_cli.Client = Here
        started = []
        run, asyncio.run = asyncio.run, started.append
        exec(compile(program, "block", "exec"), {"__name__": "__main__"})
        for coroutine in started:
            running = asyncio.ensure_future(coroutine)
            if "start" in coroutine.__qualname__:
                await simulator.wait_for(lambda: simulator.stats.identifies)
                message = await simulator.say_group("hello")
                await simulator.wait_for(lambda: simulator.replies_to(message))
                running.cancel()
                await asyncio.wait([running])
            else:
                await running

import asyncio
_run = asyncio.run
_run(main(sys.argv[1]))
print("fine")
"""


@pytest.mark.parametrize("body", cases("python"))
def test_a_python_block_runs(body: str, tmp_path: Path) -> None:
    furnish(tmp_path)
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
    done = run_python(PREAMBLE, body, cwd=tmp_path, env=environment, timeout=50)

    assert done.stdout.endswith("fine\n"), done.stderr


def test_the_tutorial_for_plugins_leads_to_an_answer(tmp_path: Path) -> None:
    page = ROOT / "docs/plugins.md"
    (project,) = blocks(page, "toml")
    facts = tomllib.loads(project)["project"]
    info = tmp_path / f"dice-{facts['version']}.dist-info"  # as pip would leave it
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {facts['name']}\nVersion: 0.1.0\n")
    (entry,) = facts["entry-points"]["qqbot.plugins"].values()
    (info / "entry_points.txt").write_text(f"[qqbot.plugins]\ndice = {entry}\n")
    (tmp_path / "qqbot_plugin_dice.py").write_text(blocks(page, "python")[0], encoding="utf-8")
    quick = blocks(page, "yaml")[0].replace("simulate: {", "simulate: {pace: 50ms, ")
    (tmp_path / "config.yaml").write_text(quick, encoding="utf-8")
    (command,) = re.findall(r"^qqbot (.*)$", blocks(page, "sh")[0], re.MULTILINE)

    done = run_qqbot(*command.split(), "--for", "1s", cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)})

    assert re.search(r"simulator.chat.* \(group\): /dice", done.stderr)
    assert re.search(r"simulator.chat.* \(group\): 🎲 \d", done.stderr)
    assert "1 plugin (dice" in done.stderr


def test_the_commands_and_flags_that_are_shown_exist() -> None:
    from typer.main import get_command

    from qqbot_cli.cli.app import app

    commands = get_command(app).commands  # type: ignore[attr-defined]
    for page in PAGES:
        for line in re.findall(
            r"(?:^\$? ?|/bin/)qqbot ([a-z].*)$", page.read_text(encoding="utf-8"), re.MULTILINE
        ):
            name, *words = line.split("#")[0].split()
            assert name in commands, line
            command = commands[name]
            if words and words[0] in getattr(command, "commands", ()):
                command = command.commands[words[0]]
            known = {option for parameter in command.params for option in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= known, line


def test_the_error_that_is_shown_is_the_error_that_is_printed() -> None:
    (shown,) = [body for body in blocks(ROOT / "docs/running.md", "text") if "QB101" in body]
    content = b'token:\n  appid: "102000001"\n  secert: abc\n'

    assert shown.strip() in report(content)


def report(content: bytes) -> str:
    """What loading *content* as ``config.yaml`` complains about."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.yaml"
        file.write_bytes(content)
        try:
            load_config(file, environ={})
        except ConfigError as exc:
            return str(exc).replace(str(file), "config.yaml")
    return ""
