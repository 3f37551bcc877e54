"""Recordings of what the gateway sent: one frame a line, as JSON, with the shard and the time.

`qqbot run --record` writes them, `qqbot simulate --replay` plays them, `qqbot events --drift` compares
them with the table of events. A capture made by something else serves as well, if each line is a frame.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from qqbot_cli.cli.channel import Channel
from qqbot_cli.cli.redact import MASK, Redactor
from qqbot_cli.errors import ExitCode, QQBotError
from qqbot_cli.model.frame import Frame
from qqbot_cli.model.opcode import Opcode

STDIN: Final = "-"
_LONGEST_LINE: Final = 4 << 20
"""Characters; the platform's frames end far below."""

_BLANK: Final = "×"
_PERSONAL: Final = frozenset(
    (
        *("content", "text", "title", "desc", "description", "prompt", "introduce", "remark", "keyword"),
        *("username", "nick", "name", "member_nick", "avatar", "icon", "url", "voice_wav_url", "filename"),
        *("asr_refer_text", "button_data", "verify_message", "question", "answer", "value", "audio_url"),
        *("jump_url", "preview", "source_logo", "nickname", "address", "scene_param", "callback_data"),
        *("risk_tips", "union_user_account", "err_msg", "tag", "tags"),
    )
)
"""Fields with what people wrote, are called or look like; ids are needed to make sense of a recording."""
_SECRET: Final = frozenset(("session_id", "token"))


class RecordingError(QQBotError):
    """A recording cannot be opened or read."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class RecordedFrame:
    """One DISPATCH of a recording."""

    event: str
    """``t``."""
    d: Any
    """Payload, any JSON value."""
    id: str
    """The envelope's ``id``, or empty."""
    at: float | None
    """When it arrived, in seconds since 1970, if the recording says so."""
    line: int


class Recorder:
    """Writes every event that is received to a file; the event loop never waits for the disk."""

    def __init__(self, path: Path, secrets: Redactor, *, blank: bool) -> None:
        """*blank* hides what people wrote and how they are called."""
        self._path = path
        self._secrets = secrets
        self._blank = blank
        self.left_out = 0
        """Events that came faster than the disk could take them, or that Python's JSON cannot read."""

    def __enter__(self) -> Self:
        try:
            # Appended to: a restart must not destroy what was recorded before.
            self._file: IO[str] = self._path.open("a", encoding="utf-8", newline="\n")
        except OSError as exc:
            raise RecordingError(
                f"--record {self._path}: {exc.strerror}", help="name a file that can be written"
            ) from exc
        self._channel = Channel(self._file)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._channel.close()
        self._file.close()

    def take(self, shard: int, frame: Frame) -> None:
        """Record *frame*."""
        if self._channel.full:
            self.left_out += 1
            return
        try:
            d = hidden(json.loads(bytes(frame.body) or b"null"), blank=self._blank)
        except (ValueError, RecursionError):  # digits or brackets by the thousand
            self.left_out += 1
            return
        line = {"op": int(Opcode.DISPATCH), "s": frame.seq, "t": frame.event, "id": frame.id, "d": d}
        line |= {"shard": shard, "at": round(time.time(), 3)}
        self._channel.write(self._secrets(json.dumps(line, ensure_ascii=False, separators=(",", ":"))) + "\n")


def hidden(value: Any, *, blank: bool) -> Any:  # noqa: ANN401 - any JSON
    """Return *value* without secrets and, if *blank*, without personal texts; types and lengths stay."""
    match value:
        case dict():
            return {key: _hidden_field(key, inner, blank=blank) for key, inner in value.items()}
        case list():
            return [hidden(item, blank=blank) for item in value]
        case _:
            return value


def _hidden_field(key: str, value: Any, *, blank: bool) -> Any:  # noqa: ANN401 - any JSON
    if key in _SECRET and isinstance(value, str):
        return MASK
    return _blanked(value) if blank and key in _PERSONAL else hidden(value, blank=blank)


def _blanked(value: Any) -> Any:  # noqa: ANN401 - any JSON
    match value:
        case str():
            return _BLANK * len(value)
        case dict():
            return {key: _blanked(inner) for key, inner in value.items()}
        case list():
            return [_blanked(item) for item in value]
        case _:
            return value


def read_recording(name: str, *, unreadable: Callable[[int, str], None]) -> Iterator[RecordedFrame]:
    """Yield the events in the file *name*, ``-`` for stdin, in order; frames that are no events are skipped.

    *unreadable* is told the number and the fault of each line that is no frame.

    Raises:
        RecordingError: If it cannot be opened, or is no text.
    """
    if name == STDIN:
        yield from _frames(sys.stdin, unreadable)
        return
    try:
        with Path(name).open(encoding="utf-8-sig") as file:
            yield from _frames(file, unreadable)
    except OSError as exc:
        raise RecordingError(f"{name}: {exc.strerror}", help="name a file with one frame a line") from exc
    except UnicodeDecodeError as exc:
        raise RecordingError(f"{name}: not UTF-8 text (byte {exc.start})") from exc


def _frames(file: IO[str], unreadable: Callable[[int, str], None]) -> Iterator[RecordedFrame]:
    number = 0
    while text := file.readline(_LONGEST_LINE):
        number += 1
        if not text.strip():
            continue
        try:
            frame = json.loads(text)
        except (ValueError, RecursionError) as exc:
            unreadable(number, f"no JSON ({type(exc).__name__})")
            continue
        if not isinstance(frame, dict) or not isinstance(frame.get("op", Opcode.DISPATCH), int):
            unreadable(number, "no frame: an object with op, t and d")
            continue
        if frame.get("op", Opcode.DISPATCH) != Opcode.DISPATCH:
            continue
        if not isinstance(frame.get("t"), str):
            unreadable(number, "no frame: t is missing")
            continue
        at, event_id = frame.get("at"), frame.get("id")
        yield RecordedFrame(
            frame["t"],
            frame.get("d"),
            event_id if isinstance(event_id, str) else "",
            float(at) if isinstance(at, int | float) and not isinstance(at, bool) else None,
            number,
        )
