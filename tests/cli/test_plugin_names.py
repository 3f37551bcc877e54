"""F-74 and F-75: names of plugins that clash or are odd, as packages have them that are really installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_commands import QUIET, write
from tests.conftest import run_qqbot

MARKING = """
from qqbot_cli import EventHandler
open({mark!r}, "w").close()
class Handler(EventHandler):
    async def c2c_message_create(self, session): ...
"""


def install(folder: Path, package: str, name: str) -> Path:
    """Install *package* with a plugin of that *name*; return the file that is made when it is imported."""
    module = package.replace("-", "_")
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir(parents=True)
    mark = folder / f"{module} was imported"
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[qqbot.plugins]\n{name} = {module}:Handler\n")
    (folder / f"{module}.py").write_text(MARKING.format(mark=str(mark)))
    return mark


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write(tmp_path, QUIET)


def test_f74_a_name_that_two_packages_offer_is_78_if_strict_and_neither_is_imported(
    site: Path, config: Path
) -> None:
    marks = [install(site, package, "weather") for package in ("a-weather", "b-weather")]
    env = {"PYTHONPATH": str(site)}

    strict = run_qqbot("run", config, "--strict", cwd=config.parent, env=env)
    lenient = run_qqbot("run", config, "--for", "200ms", "--ui", "plain", cwd=config.parent, env=env)

    assert (strict.returncode, lenient.returncode) == (78, 0)
    for done in (strict, lenient):
        assert "a-weather and b-weather both offer this name, so neither is loaded" in done.stderr
    assert not [mark for mark in marks if mark.exists()]


def test_f74_the_one_that_is_chosen_runs(site: Path, config: Path) -> None:
    marks = [install(site, package, "weather") for package in ("a-weather", "b-weather")]
    write(config.parent, QUIET + "plugins: {weather: {package: b-weather}}\n")
    env = {"PYTHONPATH": str(site)}

    done = run_qqbot("run", config, "--strict", "--for", "200ms", cwd=config.parent, env=env)

    assert done.returncode == 0
    assert [mark.exists() for mark in marks] == [False, True]


@pytest.mark.parametrize("name", ["../x", "a/b", "CON", "con", "lpt1"])
def test_f75_a_package_with_an_odd_name_is_refused_and_not_imported(
    name: str, site: Path, config: Path
) -> None:
    mark = install(site, "odd-one", name)

    done = run_qqbot("run", config, "--strict", cwd=config.parent, env={"PYTHONPATH": str(site)})

    assert done.returncode == 78
    assert f"plugin {name}: " in done.stderr
    assert not mark.exists()
