"""The plugins that docs/sending.md shows do what they say, with people who write to them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from qqbot_cli import EventHandler, Intents, Scene
from qqbot_cli.model.fact import HandlerFailed
from tests.e2e.bots import INTENTS, running, simulating, until
from tests.outgoing import furnish

PAGE = Path(__file__).resolve().parent.parent.parent / "docs/sending.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
PLUGINS = [block for block in BLOCKS if re.search(r"^class \w+\(EventHandler\)", block, re.MULTILINE)]


def handler_of(block: str) -> EventHandler:
    names: dict[str, Any] = {}
    exec(block, names)
    (kind,) = (
        value
        for value in names.values()
        if isinstance(value, type) and issubclass(value, EventHandler) and value is not EventHandler
    )
    made: EventHandler = kind()
    return made


@pytest.mark.parametrize("block", PLUGINS, ids=lambda block: re.findall(r"class (\w+)", block)[0])
async def test_a_plugin_of_the_page_answers(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    async with (
        simulating() as simulator,
        running(simulator, handler_of(block), intents=INTENTS | Intents.MESSAGE_AUDIT) as bot,
    ):
        simulator.switches.audit_next.extend(["pass"] if "wait=" in block else [])
        for scene in ("group", "c2c", "channel", "private"):
            await getattr(simulator, f"say_{scene}")("hello")
        await simulator.press_button("drink=tea", scene=Scene.GROUP)
        await until(
            lambda: (
                bot.client.snapshot().handled + bot.client.snapshot().failed
                >= block.count("(self, session: ")
            )
        )

        assert not [fact for fact in bot.facts if isinstance(fact, HandlerFailed)]
        assert simulator.messages
        assert simulator.stats.violations == 0
