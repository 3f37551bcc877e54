"""What a person sees who has made a mistake in a plugin, or about one: real processes and packages."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.test_commands import QUIET, plugin_package, started, write
from tests.conftest import OUTPUT, run_qqbot

BROKEN_SETUP = """
from qqbot_cli import EventHandler
class Handler(EventHandler):
    async def setup(self, context):
        raise ValueError("no city")
    async def c2c_message_create(self, session): ...
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write(tmp_path, QUIET)


def run(config: Path, *arguments: str, env: dict[str, str]) -> tuple[int, str]:
    """Return exit code and stderr; unlike `run_qqbot`, it may show a traceback of a plugin."""
    with started("run", config, "--ui", "plain", *arguments, cwd=config.parent, env=env) as process:
        assert process.stderr is not None
        err = process.stderr.read()
        OUTPUT.append(("qqbot", err))
        return process.wait(30), err


@pytest.mark.parametrize("arguments", [("--strict",), ("--only", "weather")], ids=["strict", "none is left"])
def test_f70_a_setup_that_fails_is_78_before_any_shard_connects(
    arguments: tuple[str, ...], config: Path
) -> None:
    code, err = run(config, *arguments, env=plugin_package(config.parent, "weather", BROKEN_SETUP))

    assert code == 78
    assert err.endswith(
        "qqbot: plugin weather: setup: ValueError: no city\n"
        "   = help: repair it, or switch it off: plugins: {weather: {enabled: false}}\n"
    )
    assert "shard.state" not in err


def test_f70_the_others_run_if_a_setup_fails(config: Path) -> None:
    env = plugin_package(config.parent, "weather", BROKEN_SETUP)

    code, err = run(config, "--for", "300ms", env=env)

    assert code == 0
    assert "plugin weather: setup: ValueError: no city" in err
    assert "to=ready" in err


def test_a_misspelt_plugin_is_78_with_its_place_before_anything_is_contacted(tmp_path: Path) -> None:
    file = write(tmp_path, QUIET + "plugins:\n  ecko: {config: {prefix: /e}}\n")

    done = run_qqbot("run", file, "--only", "eccho", cwd=tmp_path)

    assert done.returncode == 78
    assert "--only: error[QB106]: eccho: no installed package offers this plugin" in done.stderr
    assert f"{file}:3:3: error[QB106]: plugins.ecko: no installed package offers this plugin" in done.stderr
    assert done.stderr.count("= help: did you mean 'echo'?") == 2


def test_who_runs_without_plugins_need_not_have_them(tmp_path: Path) -> None:
    file = write(tmp_path, QUIET + "plugins: {zzz: {}}\n")

    assert run_qqbot("run", file, "--no-plugins", "--for", "200ms", cwd=tmp_path).returncode == 0


def test_plugins_that_fail_are_all_named_in_the_way_out(config: Path) -> None:
    packages = [plugin_package(config.parent, name, "import no_such_module\n") for name in ("a", "b")]
    path = os.pathsep.join(package["PYTHONPATH"] for package in packages)

    done = run_qqbot("run", config, "--strict", cwd=config.parent, env={"PYTHONPATH": path})

    assert done.returncode == 78
    assert "switch them off: plugins: {a: {enabled: false}, b: {enabled: false}}" in done.stderr
