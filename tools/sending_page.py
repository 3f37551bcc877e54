"""Tables about what can be sent, made from the tables that decide it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from qqbot_cli.model import text
from qqbot_cli.model.outgoing import rules
from qqbot_cli.model.outgoing.kinds import KEYBOARD, KINDS, QUOTE, STREAM, ContentKind
from qqbot_cli.model.scene import Scene
from tools.events_page import table

_SCENES: Final = {
    Scene.CHANNEL: "channel",
    Scene.DMS: "direct message of a guild",
    Scene.GROUP: "group",
    Scene.C2C: "one-to-one chat",
}


def sections() -> dict[str, Callable[[], str]]:
    """Return what `docs/sending.md` takes from the tables, by the name of the section."""
    return {"kinds": _kinds, "limits": _limits}


def _kinds() -> str:
    rows = [_kind(kind) for kind in (*KINDS, KEYBOARD, QUOTE, STREAM)]
    return table(["what", "field", *_SCENES.values(), "`msg_type`"], rows)


def _kind(kind: ContentKind) -> list[str]:
    cells = [kind.access[scene].value for scene in _SCENES]
    return [kind.name, f"`{kind.field}`", *cells, "" if kind.msg_type is None else str(kind.msg_type)]


def _limits() -> str:
    modal = ", ".join(f"{limit} ({part})" for part, limit in rules.MODAL_LIMITS.items())
    least, most = rules.NOTICE_SECONDS
    rows = [
        ["rows of a keyboard", str(rules.MAX_ROWS)],
        ["buttons of a row", str(rules.MAX_BUTTONS)],
        ["characters of a button's label", str(rules.MAX_LABEL)],
        ["characters of a modal", modal],
        ["characters of a command in Markdown", str(text.MAX_COMMAND)],
        ["characters of an action button's callback data", str(rules.MAX_CALLBACK_DATA)],
        ["seconds of a typing notice", f"{least} to {most}"],
        ["`msg_seq`", f"{rules.SEQ_RANGE[0]} to {rules.SEQ_RANGE[1]}"],
    ]
    return table(["limit", "value"], rows)
