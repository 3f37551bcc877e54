"""Writes the files that are computed from the tables: `python tools/generate.py`.

A test compares them with what this would write now.
"""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from qqbot_cli.model.endpoints import ENDPOINTS, Endpoint, Repeat
from qqbot_cli.model.events import ERROR, EVENTS, UNKNOWN_EVENT, EventSpec
from tools import sending_page
from tools.events_page import CHINESE, ENGLISH, sections, short_table

ROOT: Final = Path(__file__).resolve().parent.parent
_HEADER: Final = "# Generated from {table} by tools/generate.py. Do not edit.\n"


def handler_source() -> str:
    """Return `bot/handler.py`: EventHandler with one method for each row of EVENTS."""
    sessions = sorted({row.session for row in EVENTS.values()} | {"UnknownEventSession", "ErrorSession"})
    lines = [
        _HEADER.format(table="model/events.py"),
        '"""EventHandler: what a plugin is made of."""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import TYPE_CHECKING, Any",
        "",
        "if TYPE_CHECKING:",
        "    from pydantic import BaseModel",
        "",
        "    from qqbot_cli.bot.context import PluginContext",
        f"    from qqbot_cli.bot.session import {', '.join(sessions)}",
        "",
        "",
        "class EventHandler:",
        '    """Base of every plugin: override the callbacks you want, and no more.',
        "",
        "    Each callback is given one session, which has the event and, where it can be answered, `reply`.",
        "    Other public coroutine methods are refused, because they are most likely misspelt callbacks;",
        "    helpers take a leading underscore.",
        '    """',
        "",
        "    Config: type[BaseModel] | None = None",
        '    """A pydantic model for the options under `plugins.NAME.config`; unknown keys are refused."""',
        "",
        "    async def setup(self, context: PluginContext[Any]) -> None:",
        '        """Called once before the first event; `context.config` has the validated options."""',
        "",
        "    async def teardown(self) -> None:",
        '        """Called once after the last event."""',
    ]
    for row in EVENTS.values():
        lines += ["", *_callback(row)]
    lines += [
        "",
        f"    async def {UNKNOWN_EVENT}(self, session: UnknownEventSession) -> None:",
        '        """An event without a callback of its own, or one whose payload could not be typed."""',
        "",
        f"    async def {ERROR}(self, session: ErrorSession) -> None:",
        '        """A callback of a plugin, this or another, raised or took too long.',
        "",
        "        `session.event` tells plugin, callback, exception and what the callback had been given.",
        "        What fails in here is reported, and this callback is not called for it.",
        '        """',
    ]
    return "\n".join(lines) + "\n"


def _callback(row: EventSpec) -> list[str]:
    head = f"    async def {row.callback}(self, session: {row.session}) -> None:"
    if row.forwards_to is None:
        return [head, *_docstring(row.summary, f"Event: ``{row.name}``.", indent=8)]
    text = (
        f"Event: ``{row.name}``. Left as it is, messages that are addressed to the bot go to"
        f" `{row.forwards_to}`, so that a plugin that only wants to be spoken to works either way."
    )
    return [
        head,
        *_docstring(row.summary, text, indent=8),
        "        if session.is_for_bot:",
        f"            await self.{row.forwards_to}(session)",
    ]


def _docstring(summary: str, text: str, *, indent: int) -> list[str]:
    margin = " " * indent
    paragraphs = "\n\n".join(textwrap.fill(part, 100 - indent) for part in text.split("\n\n"))
    body = f'"""{summary}\n\n{paragraphs}\n"""'
    return textwrap.indent(body, margin).splitlines()


def api_source() -> str:
    """Return `rest/api.py`: BotApi with one method for each row of ENDPOINTS."""
    results = sorted({row.result.__name__ for row in ENDPOINTS.values() if row.result})
    bodies = sorted({row.body.__name__ for row in ENDPOINTS.values() if row.body})
    lines = [
        _HEADER.format(table="model/endpoints.py"),
        '"""BotApi: one method for each REST call."""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import TYPE_CHECKING, cast",
        "",
        f"from qqbot_cli.model.answer import {', '.join(results)}",
        "from qqbot_cli.model.endpoints import ENDPOINTS",
        f"from qqbot_cli.model.outgoing import {', '.join(bodies)}",
        "",
        "if TYPE_CHECKING:",
        "    from qqbot_cli.rest.client import RestClient",
        "",
        "",
        "class BotApi:",
        '    """The REST interface of the platform.',
        "",
        "    Every method may raise the exceptions of `RestClient.call`.",
        '    """',
        "",
        "    def __init__(self, client: RestClient) -> None:",
        "        self.client = client",
    ]
    for row in ENDPOINTS.values():
        lines += ["", *_method(row)]
    return "\n".join(lines) + "\n"


def _method(row: Endpoint) -> list[str]:
    parameters = [f"{name}: str" for name in row.parameters]
    if row.body:
        parameters.append(f"body: {row.body.__name__}")
    if row.query:
        parameters += ["*", *(f"{name}: {kind.__name__} | None = None" for name, kind in row.query)]
    arguments = [f'ENDPOINTS["{row.name}"]']
    if row.parameters:
        arguments.append("{" + ", ".join(f'"{name}": {name}' for name in row.parameters) + "}")
    if row.body:
        arguments.append("body=body")
    if row.query:
        arguments.append("query={" + ", ".join(f'"{name}": {name}' for name, _ in row.query) + "}")
    call = f"await self.client.call({', '.join(arguments)})"
    result = row.result.__name__ if row.result else "None"
    facts = [f"``{row.method} {row.path}``."]
    if row.rate:
        facts.append(f"Limit: {row.rate}.")
    if row.repeat is Repeat.NEVER:
        facts.append("Never repeated after a time-out: people would see it twice.")
    text = " ".join(facts) + f"\n\nSource: platform documentation, {row.source}."
    return [
        f"    async def {row.name}({', '.join(['self', *parameters])}) -> {result}:",
        *_docstring(row.summary, text, indent=8),
        f"        return cast({result}, {call})" if row.result else f"        {call}",
    ]


def help_text() -> str:
    """Return `cli/help.txt`: what `qqbot --help` prints, 80 columns wide."""
    import typer

    from qqbot_cli.cli.app import app

    command = typer.main.get_command(app)
    context = command.make_context("qqbot", [], resilient_parsing=True, terminal_width=80)
    return command.get_help(context) + "\n"


_SECTION: Final = re.compile(
    r"(?<=<!-- generated by tools/generate.py: )([^>]+)( -->\n).*?(?=<!-- end -->)", re.DOTALL
)


def page(path: str, sections: Mapping[str, Callable[[], str]]) -> str:
    """Return the page at *path* with its generated *sections* as they must be now."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return _SECTION.sub(lambda match: f"{match[1]}{match[2]}{sections[match[1]]()}\n", text)


GENERATED: Final[dict[str, Callable[[], str]]] = {
    "qqbot_cli/bot/handler.py": lambda: formatted(handler_source()),
    "qqbot_cli/rest/api.py": lambda: formatted(api_source()),
    "qqbot_cli/cli/help.txt": help_text,
    "README.md": lambda: page("README.md", {"callbacks": lambda: short_table(ENGLISH)}),
    "README.zh-CN.md": lambda: page("README.zh-CN.md", {"callbacks": lambda: short_table(CHINESE)}),
    "docs/events.md": lambda: page("docs/events.md", sections()),
    "docs/sending.md": lambda: page("docs/sending.md", sending_page.sections()),
}
"""Path below the root -> what it must contain."""


def formatted(source: str) -> str:
    """Return *source* as `ruff format` writes it."""
    command = [sys.executable, "-m", "ruff", "format", "--config", str(ROOT / "pyproject.toml"), "-"]
    done = subprocess.run(command, input=source.encode(), capture_output=True, check=True)  # noqa: S603
    return done.stdout.decode()


def main() -> None:
    """Write all generated files."""
    for path, source in GENERATED.items():
        (ROOT / path).write_text(source(), encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
