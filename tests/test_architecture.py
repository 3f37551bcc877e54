"""The shape of the code, checked by the tools that know it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "qqbot_cli"
MODULES = sorted(PACKAGE.rglob("*.py"))

CHECKS = {
    "ruff": ["-m", "ruff", "check", "."],
    "format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy"],
    "layers": ["-c", "from importlinter.cli import lint_imports_command as c; c()"],
}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.long
def test_a_checker_is_silent(name: str) -> None:
    done = subprocess.run(
        [sys.executable, *CHECKS[name]], cwd=ROOT, capture_output=True, text=True, timeout=230, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def imported_by(statement: str) -> set[str]:
    program = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "forbidden"),
    [
        ("import qqbot_cli", {"aiohttp", "msgspec", "pydantic", "rich", "typer", "yaml"}),
        ("from qqbot_cli import EventHandler, GroupReplySession", {"aiohttp", "rich", "typer", "yaml"}),
        ("import qqbot_cli.cli.entry", {"aiohttp", "msgspec", "pydantic", "rich", "typer"}),
        ("import qqbot_cli.cli.app", {"aiohttp", "msgspec", "pydantic", "yaml"}),
        ("import qqbot_cli.simulator", {"pydantic", "rich", "typer", "yaml"}),
    ],
    ids=["package", "plugin", "entry", "app", "simulator"],
)
def test_what_is_not_used_is_not_imported(statement: str, forbidden: set[str]) -> None:
    assert imported_by(statement) & forbidden == set()


def test_every_public_name_can_be_imported() -> None:
    import qqbot_cli

    for name in qqbot_cli.__all__:
        assert getattr(qqbot_cli, name).__name__ == name
    with pytest.raises(AttributeError):
        _ = qqbot_cli.no_such_name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_says_what_it_is_for_and_stays_readable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 500


def test_the_project_speaks_of_itself_alone() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    ).stdout.splitlines()
    elsewhere = ("/" + "work/", ".." + "/shared", "/" + "farm/")
    for name in listed:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yaml"} and path.is_file():
            text = path.read_bytes().decode("utf-8", "replace")
            assert not [word for word in elsewhere if word in text], name
