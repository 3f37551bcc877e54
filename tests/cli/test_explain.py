"""`qqbot explain`: an answer for every number, in every space in which it exists."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from qqbot_cli.cli.explain import UnknownCodeError, as_json, explain, explanations, in_lines
from qqbot_cli.errors import ExitCode
from qqbot_cli.model.codes import CODES
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.opcode import CLOSE_RULES
from qqbot_cli.protocol.request import Answer, error_of, refusal_of
from tests.conftest import run_qqbot

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("code", [*CODES, *CLOSE_RULES, *map(int, ExitCode)])
def test_every_code_of_the_tables_is_explained(code: int, capsys: pytest.CaptureFixture[str]) -> None:
    explain(str(code), json_wanted=True)

    entries = json.loads(capsys.readouterr().out)["entries"]
    assert entries
    for entry in entries:
        assert entry["number"] == code
        assert entry["listed"]
        for field in ("about", "meaning", "remedy", "repeated"):
            assert entry[field]["zh"]
            assert entry[field]["en"]


@pytest.mark.parametrize(
    ("asked", "spaces"),
    [
        ("11298", ["rest"]),
        ("4009", ["close"]),
        ("77", ["exit"]),
        ("0", ["exit"]),
        ("304999", ["rest"]),
        ("4999", ["close"]),
        (" 850026/40034001 ", ["rest", "rest"]),
        ("11298/11298", ["rest"]),
        ("77/4009/11298", ["exit", "close", "rest"]),
        ("11298/12", ["rest"]),
    ],
)
def test_a_number_is_looked_for_in_all_spaces(asked: str, spaces: list[str]) -> None:
    assert [entry.space for entry in explanations(asked)] == spaces


def test_a_page_says_meaning_and_remedy_in_both_languages() -> None:
    (entry,) = explanations("11244")

    assert list(in_lines(entry)) == [
        "11244 · REST code · auth · the identity of the bot",
        "  meaning     the access token is unknown or has expired",
        "              访问令牌不存在或已过期",
        "  what to do  a new token is fetched by itself; if it stays, the secret was changed or the bot runs"
        " elsewhere too",
        "              令牌会自动更换；反复出现时检查 AppSecret 是否已重置，或同一机器人是否在别处运行",
        "  repeated    once, with a new access token",
        "              换新的访问令牌后重试一次",
    ]


@pytest.mark.parametrize("asked", ["304999", "4950", "40099999"])
def test_a_number_that_is_not_listed_is_said_to_be_so(asked: str) -> None:
    (entry,) = explanations(asked)

    assert as_json(entry)["listed"] is False
    assert "no document lists this number" in "\n".join(in_lines(entry))


@pytest.mark.parametrize(
    ("asked", "message", "help_text"),
    [
        ("abc", "'abc' is not a code", "11298"),
        ("", "'' is not a code", "11298"),
        ("1e4", "'1e4' is not a code", "11298"),
        ("١٢", "is not a code", "11298"),
        ("9" * 5000, "is not a code", "11298"),
        ("11298/x", "is not a code", "11298"),
        ("12", "nothing is known about 12", "trace id"),
        ("429", "nothing is known about 429", "HTTP status"),
    ],
)
def test_what_is_no_code_is_refused_with_a_way_out(asked: str, message: str, help_text: str) -> None:
    with pytest.raises(UnknownCodeError, match=message) as caught:
        explanations(asked)

    assert help_text in caught.value.help
    assert caught.value.exit_code is ExitCode.USAGE


def test_the_command_answers_on_stdout_and_errs_with_2(tmp_path: Path) -> None:
    fine = run_qqbot("explain", "11298", cwd=tmp_path)
    json_answer = run_qqbot(
        "explain", "4009", "--json", cwd=tmp_path, env={"PYTHONIOENCODING": "ascii"}, fresh=True
    )
    wrong = run_qqbot("explain", "abc", cwd=tmp_path)

    assert (fine.returncode, fine.stderr) == (0, "")
    assert "IP 白名单" in fine.stdout
    assert json.loads(json_answer.stdout)["entries"][0]["meaning"]["zh"] == "会话超时"
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "not a code" in wrong.stderr


def test_the_guide_shows_what_is_printed() -> None:
    page = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```console\n\$ qqbot explain 11298\n(.*?)```", page, re.DOTALL)
    (message,) = re.findall(r"```text\n(.*)\n```", page)
    body = {"code": 40034105, "message": "主动消息失败, 无权限", "trace_id": "8cbfe057"}
    refusal = refusal_of(ENDPOINTS["send_group_message"], Answer(400, body))
    assert refusal is not None

    assert shown.splitlines() == list(in_lines(explanations("11298")[0]))
    assert message == str(error_of(ENDPOINTS["send_group_message"], refusal))
    assert f"qqbot knows {len(CODES)} of them" in page


def test_nothing_heavy_is_imported_for_it() -> None:
    program = "import sys, qqbot_cli.cli.explain; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )

    assert not set(done.stdout.split()) & {"aiohttp", "asyncio", "msgspec", "pydantic", "rich", "yaml"}
