"""MessageStream: writing a message while somebody reads it, in a one-to-one chat."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self

from qqbot_cli.errors import MessageError, PlatformUnreachableError, QQBotError, RateLimitedError
from qqbot_cli.model.answer.message import StreamResponse
from qqbot_cli.model.outgoing import ContentType, StreamMessage
from qqbot_cli.protocol.stream import StreamText

logger = logging.getLogger(__name__)

_FINISH_TRIES: Final = 4
"""The last piece is the important one: without it the text seems to be written for ever."""
_FINISH_LIMIT: Final = 15.0
"""Seconds for all of them."""


class MessageStream:
    """A message that grows; ``async with`` begins it, and ends it in every case.

    What is written is sent in the background, a few times a second; what comes faster is merged.
    """

    def __init__(
        self,
        send: Callable[[StreamMessage], Awaitable[StreamResponse]],
        reserve: Callable[[], Mapping[str, Any]],
        give_back: Callable[[], None],
        clock: Callable[[], float],
        content_type: ContentType,
    ) -> None:
        """Send nothing yet.

        Args:
            send: Carries out the call.
            reserve: Counts one reply and returns the fields that make it one.
            give_back: Called if nothing was sent after all.
            clock: Answers monotonic seconds.
            content_type: What the text is.
        """
        self._send = send
        self._reserve = reserve
        self._give_back = give_back
        self._clock = clock
        self._content_type = content_type
        self._text = StreamText({}, content_type)
        self._changed = asyncio.Event()
        self._sending = asyncio.Lock()
        self._sender: asyncio.Task[None] | None = None
        self.response: StreamResponse | None = None
        """Answer to the newest piece; None before the first."""

    @property
    def text(self) -> str:
        """Everything that was written."""
        return self._text.text

    @property
    def id(self) -> str:
        """Id of the message, by which it can be recalled; empty before the first answer."""
        return self._text.stream_id

    @property
    def remaining(self) -> int | None:
        """Characters that still fit into the message; None if the platform did not say."""
        return self.response.remain_msg_len if self.response is not None else None

    async def append(self, piece: str) -> None:
        """Write *piece* after what is there; raises what became of the pieces before, as `replace` does."""
        self._alive()
        self._text.append(piece)
        await self._announce()

    async def replace(self, text: str) -> None:
        """Write *text* in place of what is there.

        Raises:
            MessageError: If it does not begin with what people may see already.
            QQBotError: If an earlier piece was refused, or never arrived.
        """
        self._alive()
        self._text.replace(text)
        await self._announce()

    async def __aenter__(self) -> Self:
        self._text = StreamText(self._reserve(), self._content_type)
        self._sender = asyncio.create_task(self._send_pieces(), name="message stream")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failure = await self._stop_sender()
        if not self._text.started and (error is not None or failure is not None or not self._text.pending):
            # People saw nothing, so there is nothing to end; unless nobody knows whether they did.
            if not isinstance(failure, PlatformUnreachableError):
                self._give_back()
        else:
            try:
                async with asyncio.timeout(_FINISH_LIMIT):
                    await self._finish()
            except (QQBotError, TimeoutError) as exc:
                if error is None and failure is None:
                    raise
                logger.warning("stream %s: could not be ended: %s", self.id or "-", exc)
        if failure is not None and error is None:
            raise failure

    def _alive(self) -> None:
        if self._sender is None:
            raise MessageError(["stream: has not begun; write inside async with"])
        if self._sender.done():
            self._sender.result()

    async def _announce(self) -> None:
        self._changed.set()
        await asyncio.sleep(0)  # a writer that never waits would keep the sender from its turn

    async def _send_pieces(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(self._text.wait(now=self._clock()))
            self._changed.clear()
            if self._text.pending:
                async with self._sending:
                    await self._piece(last=False)

    async def _stop_sender(self) -> BaseException | None:
        """End the sender, after the piece that is on its way, and return why it failed, if it did."""
        sender = self._sender
        assert sender is not None
        try:
            async with self._sending:
                sender.cancel()
            await asyncio.wait([sender])
        finally:
            sender.cancel()
        return None if sender.cancelled() else sender.exception()

    async def _finish(self) -> None:
        if not self._text.started:
            await self._piece(last=False)
        for attempt in range(1, _FINISH_TRIES + 1):
            await asyncio.sleep(self._text.wait(now=self._clock()))
            if await self._piece(last=True, patient=attempt < _FINISH_TRIES):
                return

    async def _piece(self, *, last: bool, patient: bool = True) -> bool:
        """Send the next piece; return False if it came too fast and has to be sent again."""
        piece = self._text.piece(last=last)
        try:
            self.response = await self._send(piece)
        except RateLimitedError:
            if not patient:
                raise
            self._text.too_fast(now=self._clock())
            self._changed.set()
            return False
        self._text.taken(piece, self.response.id, now=self._clock())
        if not self.id:
            # A repetition is recognised as delivered, but its answer has no id to go on with.
            raise PlatformUnreachableError(
                "send_stream_message: the answer with the id of the stream was lost"
            )
        return True
