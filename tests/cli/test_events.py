"""`qqbot events`: the table, a page for each event, and examples that run."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import msgspec
import pytest

from qqbot_cli.bot.plugin import Plugin
from qqbot_cli.cli.events import UnknownEventNameError, event_named, show_events
from qqbot_cli.cli.manual import example, payload_entries
from qqbot_cli.model.events import EVENTS, EventSpec
from qqbot_cli.model.fact import HandlerFailed
from qqbot_cli.model.intents import Intents
from qqbot_cli.model.simulation import FaultKind
from qqbot_cli.simulator.defaults import DEFAULTS
from tests.conftest import run_qqbot
from tests.e2e.bots import running, simulating, until

ROWS = pytest.mark.parametrize("row", EVENTS.values(), ids=lambda row: row.name)


def printed(capsys: pytest.CaptureFixture[str], name: str | None, *, as_json: bool = False) -> str:
    show_events(name, json_wanted=as_json)
    return capsys.readouterr().out


def test_the_table_has_every_event_with_its_callback(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line.split() for line in printed(capsys, None).splitlines()]

    for row in EVENTS.values():
        assert [row.name, row.callback] in lines


def test_the_table_says_who_may_have_what_and_how_it_is_answered(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, None)

    assert "guild message · GUILD_MESSAGES (private-domain bots, privileged) · replies within 5 min" in text
    assert "c2c message · PUBLIC_MESSAGES (on request, every group bot) · 4 replies within 60 min" in text


def test_the_table_as_json_has_the_rows(capsys: pytest.CaptureFixture[str]) -> None:
    table = json.loads(printed(capsys, None, as_json=True))["events"]

    assert [entry["name"] for entry in table] == list(EVENTS)
    (forum,) = [entry for entry in table if entry["name"] == "FORUM_THREAD_CREATE"]
    assert forum["privileged"] is True
    assert forum["intents"] == ["FORUMS"]
    assert forum["reply_window"] == {"seconds": 300, "limit": None, "against": "event_id"}


@ROWS
def test_a_page_shows_every_field_of_the_payload_with_its_meaning(
    row: EventSpec, capsys: pytest.CaptureFixture[str]
) -> None:
    page = printed(capsys, row.name)

    assert f"{row.callback}(session: {row.session})" in page
    for entry in payload_entries(row.payload):
        assert f"\n{entry.name}: " in page
        for field in (*entry.fields, *entry.values):
            assert field.text, f"{entry.name}.{field.name} is not described"
            assert f"\n  {field.name} " in page


@ROWS
def test_a_page_as_json_has_the_fields_that_the_payload_has(
    row: EventSpec, capsys: pytest.CaptureFixture[str]
) -> None:
    page = json.loads(printed(capsys, row.name, as_json=True))

    assert [field["name"] for field in page["classes"][0]["fields"]] == [
        field.name for field in msgspec.structs.fields(row.payload)
    ]
    assert page["example"] == example(row)


@pytest.mark.parametrize(
    "name", ["GROUP_AT_MESSAGE_CREATE", "group_message_create", "group-at-message-create"]
)
def test_an_event_is_found_by_its_name_and_by_its_callback(name: str) -> None:
    assert event_named(name).name == "GROUP_AT_MESSAGE_CREATE"


def test_a_misspelt_name_gets_a_suggestion() -> None:
    with pytest.raises(UnknownEventNameError) as caught:
        event_named("GULD_CREATE")

    assert caught.value.help == "did you mean GUILD_CREATE?"


def test_a_misspelt_callback_gets_a_callback_and_not_the_event_that_is_called_like_it() -> None:
    with pytest.raises(UnknownEventNameError) as caught:
        event_named("group_mesage_create")

    assert caught.value.help == "did you mean group_message_create?"


def test_the_command_prints_a_page_without_loading_the_network() -> None:
    from pathlib import Path

    done = run_qqbot("events", "ENTER_AIO", cwd=Path.cwd())

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ENTER_AIO\n")


def plugin_of(row: EventSpec, channel_id: str) -> Plugin:
    """The example of *row* as a plugin."""
    names: dict[str, Any] = {}
    exec(example(row).replace("1699792", channel_id), names)
    return Plugin(row.callback, names["Example"]())


async def test_every_example_runs_and_answers_where_it_can(capsys: pytest.CaptureFixture[str]) -> None:
    forwarded = sum(row.forwards_to is not None for row in EVENTS.values())
    async with simulating() as simulator:
        channel_id = simulator.world.guilds[0].channel_ids[0]
        plugins = [plugin_of(row, channel_id) for row in EVENTS.values()]
        async with running(simulator, plugins, intents=Intents(sum(Intents))) as bot:
            for name in DEFAULTS:
                await simulator.emit(name)
            await simulator.inject(FaultKind.DROP)
            await until(
                lambda: sum(plugin.handled for plugin in bot.client.snapshot().plugins) == 59 + forwarded
            )

            assert [fact for fact in bot.facts if isinstance(fact, HandlerFailed)] == []
        answerable = [row for row in EVENTS.values() if row.window is not None]
        assert len(simulator.messages) == len(answerable) + forwarded
    printed = capsys.readouterr().out
    assert "session_id='" in printed
    assert not re.search(r"session_id='[^']{12}", printed)


@ROWS
def test_an_example_is_short_and_complete(row: EventSpec) -> None:
    tree = ast.parse(example(row))

    assert isinstance(tree.body[0], ast.ImportFrom)
    assert len(example(row).splitlines()) <= 8
