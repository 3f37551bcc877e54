"""F-92: every file in ``tests/bad_configs`` gives exactly the report that lies beside it.

After a deliberate change of a message write the reports anew with ``QQBOT_WRITE_EXPECTED=1`` and read
the difference as a newcomer would.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from qqbot_cli.config.load import load_config
from qqbot_cli.errors import ConfigError, ExitCode

BAD_CONFIGS = Path(__file__).parent.parent / "bad_configs"
CANARY = "canary-secret-5b1c9d7e"


@pytest.fixture(autouse=True)
def _in_the_folder_of_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD_CONFIGS)


@pytest.mark.parametrize("name", sorted(path.stem for path in BAD_CONFIGS.glob("*.yaml")))
def test_f92_a_bad_file_gives_the_expected_report(name: str) -> None:
    expected = Path(f"{name}.expected")

    with pytest.raises(ConfigError) as caught:
        load_config(Path(f"{name}.yaml"), environ={})

    report = str(caught.value) + "\n"
    if os.environ.get("QQBOT_WRITE_EXPECTED"):
        expected.write_text(report, encoding="utf-8")
    assert report == expected.read_text(encoding="utf-8")
    assert "help: " in report
    assert CANARY not in report
    assert caught.value.exit_code is ExitCode.CONFIG


def test_f92_no_report_lies_around_without_its_file() -> None:
    reports = {path.stem for path in BAD_CONFIGS.glob("*.expected")}

    assert reports == {path.stem for path in BAD_CONFIGS.glob("*.yaml")}
