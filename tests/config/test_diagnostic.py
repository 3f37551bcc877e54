from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from qqbot_cli.config.diagnostic import Code
from qqbot_cli.config.document import Document, parse_document
from qqbot_cli.config.source import MAX_COLUMNS, Source, printable
from qqbot_cli.config.validation import diagnostics_of

PREFIX = ("plugins", "echo", "config")


class Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str = ""


class EchoOptions(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    prefix: str
    """What a message begins with. Without it the bot is silent."""
    mode: Literal["loud", "quiet"] = "loud"
    replies: list[Reply] = []
    limit: int | None = None

    @field_validator("prefix")
    @classmethod
    def _no_space(cls, prefix: str) -> str:
        if " " in prefix:
            raise ValueError(f"{prefix!r} has a space in it")
        return prefix


def document_with(options: str) -> Document:
    return parse_document("config.yaml", f"plugins:\n  echo:\n    config: {options}\n".encode())


def report_about(options: str) -> str:
    document = document_with(options)
    with pytest.raises(ValidationError) as caught:
        EchoOptions.model_validate(document.data["plugins"]["echo"]["config"])
    return document.report(diagnostics_of(caught.value, document, PREFIX, EchoOptions))


@pytest.mark.parametrize(
    ("options", "headline", "help_"),
    [
        (
            "{prefx: /, prefix: /}",
            "3:14: error[QB101]: plugins.echo.config.prefx: unknown key",
            "'prefix' is given",
        ),
        (
            "{prefx: /}",
            "3:14: error[QB101]: plugins.echo.config.prefx: unknown key",
            "did you mean 'prefix'?",
        ),
        ("{}", "3:5: error[QB102]: plugins.echo.config.prefix: missing key", "What a message begins with"),
        (
            "{prefix: 3}",
            "3:22: error[QB104]: plugins.echo.config.prefix: Input should be",
            "put it in quotes",
        ),
        ("{prefix: /, mode: load}", "3:31: error[QB103]: plugins.echo.config.mode", "did you mean 'loud'?"),
        (
            "{prefix: /, replies: [{txt: a}]}",
            "3:36: error[QB101]: plugins.echo.config.replies.0.txt",
            "did you mean 'text'?",
        ),
        ("{prefix: /, limit: many}", "3:32: error[QB103]: plugins.echo.config.limit", "write a whole number"),
    ],
)
def test_the_options_of_a_plugin_have_places_and_help(options: str, headline: str, help_: str) -> None:
    report = report_about(options)

    assert f"config.yaml:{headline}" in report
    assert help_ in report


def test_f94_the_message_of_a_validator_does_not_repeat_the_value() -> None:
    report = report_about('{prefix: "canary secret"}')

    assert "plugins.echo.config.prefix: '****' has a space in it" in report.splitlines()[0]


def test_a_caller_can_report_at_any_place() -> None:
    document = document_with("{prefix: /echo}")

    diagnostic = document.diagnostic((*PREFIX, "prefix"), Code.BAD_VALUE, "is taken", help="choose another")

    assert document.report([diagnostic]).splitlines() == [
        "config.yaml:3:22: error[QB103]: plugins.echo.config.prefix: is taken",
        "   |",
        "  3|     config: {prefix: /echo}",
        "   |                      ^",
        "   = help: choose another",
    ]


@pytest.mark.parametrize(
    ("line", "column", "shown", "caret"),
    [
        ("名字: x", 5, "名字: x", 6),
        ("a\tb: x", 6, r"a\tb: x", 6),
        ("e\u0301: x", 5, "e\u0301: x", 3),
        ("a\x1b[0m: x", 8, r"a\x1b[0m: x", 10),
    ],
    ids=["CJK", "tab", "combining", "escape"],
)
def test_the_caret_counts_columns_of_the_terminal(line: str, column: int, shown: str, caret: int) -> None:
    assert Source("f", line).excerpt(1, column) == (shown, caret)


@pytest.mark.parametrize("column", [1, 50, 150, 300])
def test_a_long_line_is_cut_around_the_caret(column: int) -> None:
    line = "".join(str(number % 10) for number in range(1, 301))

    shown, caret = Source("f", line).excerpt(1, column)

    assert len(shown) <= MAX_COLUMNS
    assert shown[caret] == line[column - 1]


@pytest.mark.parametrize(
    "text",
    [
        "token: {appid: 1, secret: CANARY}",
        "token:\n  secret: CANARY",
        "token:\n  secert: CANARY",
        "token:\n  secret:\n    CANARY",
        "token:\n  CANARY",
        "token:\n  appid: 1, secret: CANARY",
        "secret: CANARY",
        '{"token": {"secret":"CANARY"}}',
        "plugins:\n  x:\n    config:\n      api_key: CANARY",
        "plugins:\n  x:\n    config:\n      password: |\n        CANARY",
        "store: redis://user:CANARY@host/0",
        "# secret: CANARY",
        "token：CANARY",
    ],
)
def test_f94_a_line_with_a_secret_is_blanked(text: str) -> None:
    source = Source("config.yaml", text)

    shown, _ = source.excerpt(len(source.lines), 1)

    assert "CANARY" not in shown
    assert "****" in shown


@pytest.mark.parametrize(
    "text",
    [
        "token:\n  appid: 102000001",
        "token:\n  secret: ${QQBOT_SECRET}",
        "token:\n  secret_file: ./secret",
        "endpoints:\n  token: https://bots.qq.com/app",
        "endpoints:\n  api: https://api.sgroup.qq.com",
    ],
)
def test_a_line_without_a_secret_is_shown(text: str) -> None:
    source = Source("config.yaml", text)

    assert source.excerpt(len(source.lines), 1)[0] == source.lines[-1]


def test_printable_spells_what_a_terminal_would_obey() -> None:
    assert printable("a\x1b[31m\u202e\n名", limit=8) == r"a\x1b[31m\u202e…"
