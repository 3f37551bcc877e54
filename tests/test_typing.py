"""What a type checker knows about a plugin."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

RIGHT = """\
from qqbot_cli import EventHandler, GroupReplySession, InteractionSession, ReactionSession

class Plugin(EventHandler):
    async def group_message_create(self, session: GroupReplySession) -> None:
        reveal_type(session.event.author.member_openid)
        reveal_type(session.event.attachments)
        await session.reply(session.event.text)

    async def interaction_create(self, session: InteractionSession) -> None:
        reveal_type(session.event.data.resolved.button_data)
        await session.ack()

    async def message_reaction_add(self, session: ReactionSession) -> None:
        reveal_type(session.event.emoji.id)
"""

WRONG = """\
from qqbot_cli import C2CReplySession, EventHandler, GroupReplySession, GuildSession

class Plugin(EventHandler):
    async def group_message_create(self, session: C2CReplySession) -> None: ...
    async def c2c_message_create(self, session: C2CReplySession, more: int) -> None: ...
    def message_create(self, session: GroupReplySession) -> None: ...
    async def guild_create(self, session: GuildSession) -> None:
        await session.reply("no")
        session.event.no_such_field
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What mypy says, by file and line."""
    folder = tmp_path_factory.mktemp("typed")
    for name, text in (("right.py", RIGHT), ("wrong.py", WRONG)):
        (folder / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--config-file",
            "pyproject.toml",
            folder / "right.py",
            folder / "wrong.py",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said: dict[str, str] = {}
    for line in done.stdout.splitlines():
        place, _, text = line.partition(": ")
        said[Path(place).name] = said.get(Path(place).name, "") + text
    return said


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("line", "kind"),
    [(5, "str"), (6, "tuple[qqbot_cli.model.payload.shared.Attachment, ...]"), (10, "str"), (14, "str")],
)
def test_payloads_are_known_to_the_type_checker(told: dict[str, str], line: int, kind: str) -> None:
    assert f'"{kind}"' in told[f"right.py:{line}"].replace("builtins.", "")
    assert not any("error" in text for place, text in told.items() if place.startswith("right.py"))


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("line", "code"),
    [(4, "override"), (5, "override"), (6, "override"), (8, "attr-defined"), (9, "attr-defined")],
    ids=["other session", "another argument", "no coroutine", "no reply", "no field"],
)
def test_a_wrong_callback_is_an_error(told: dict[str, str], line: int, code: str) -> None:
    assert f"[{code}]" in told[f"wrong.py:{line}"]
