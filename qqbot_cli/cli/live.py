"""The panel on the screen, and the console it is drawn by."""

from __future__ import annotations

import io
import os
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO, Final, TextIO, cast

from rich.console import Console, ConsoleDimensions
from rich.control import Control
from rich.live import Live
from rich.text import Text

from qqbot_cli.bot.snapshot import Snapshot
from qqbot_cli.cli.channel import Channel
from qqbot_cli.cli.echo import Echo
from qqbot_cli.cli.panel import render

_REPLAYED: Final = 200
"""Log lines remembered for the redraw after a change of size."""


class LivePanel:
    """The panel on the screen, and the log lines that scroll above it."""

    def __init__(
        self, console: Console, channel: Channel, safe: Callable[[str], str], *, ascii_only: bool
    ) -> None:
        self._console = console
        self._channel = channel
        self._safe = safe
        self._ascii = ascii_only
        self._frame: Text | None = None
        self._texts: deque[Text] = deque(maxlen=_REPLAYED)
        self._size = _screen_size(channel.stream)
        self._echo = Echo(channel.stream)
        self._echo.switch_off()
        self._live = self._start()

    def _start(self) -> Live:
        # Printed text comes in by our own redirection, which cleans it; rich's would not.
        live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )
        live.start()
        return live

    def draw(self, snapshot: Snapshot, now: float) -> None:
        """Bring the screen up to date; write nothing if it is."""
        self._echo.switch_off()
        size = _screen_size(self._channel.stream)
        width, height = size
        frame = render(snapshot, now, width=width, height=height, ascii_only=self._ascii, safe=self._safe)
        if size != self._size:
            self._size = size
            self._repaint()
        elif frame == self._frame:
            return
        self._frame = frame
        self._live.update(frame, refresh=True)

    def _repaint(self) -> None:
        """Start over on an empty screen.

        The terminal has wrapped the old frame anew, so that nobody knows which rows it takes now.
        """
        self._live.stop()
        self._console.size = ConsoleDimensions(*self._size)
        self._console.control(Control.clear(), Control.home())
        for text in list(self._texts)[-self._size[1] :]:
            self._console.print(text, soft_wrap=True)
        self._live = self._start()

    def scroll(self, texts: Sequence[Text]) -> None:
        """Print *texts* above the panel."""
        self._texts.extend(texts)
        # In one go, since each call draws the panel anew.
        self._console.print(Text("\n").join(texts), soft_wrap=True)

    def stop(self) -> None:
        """Take the panel off the screen, show the cursor and what is typed."""
        try:
            self._live.stop()
        finally:
            self._echo.give_back()


class _ChannelFile(io.TextIOBase):
    """The file rich writes to; a frame or a batch of lines arrives as one text."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def write(self, text: str) -> int:
        self._channel.write(text)
        return len(text)


def console_on(channel: Channel, *, live: bool) -> Console:
    """Return what writes to *channel*, with cursor movements if it is *live*."""
    return Console(
        file=cast("IO[str]", _ChannelFile(channel)),
        force_terminal=live or bool(os.environ.get("FORCE_COLOR")),
        force_interactive=live,
        width=_screen_size(channel.stream)[0],
        height=_screen_size(channel.stream)[1],
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def _screen_size(stream: TextIO) -> tuple[int, int]:
    """Return columns and rows; 80 and 24 where the system does not know."""
    try:
        size = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        return 80, 24
    return size.columns or 80, size.lines or 24
