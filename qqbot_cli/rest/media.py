"""Uploader: pictures, videos, voice and files on their way to groups and one-to-one chats.

A small file is one request; a larger one goes in parts to addresses that the platform hands out, and is
never in memory as a whole. What was uploaded is remembered as long as the platform does, so that the same
content goes over the wire once, also for those who want to send it at the same time.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, cast

from msgspec import UNSET

from qqbot_cli.errors import ApiError, MessageError, PlatformUnreachableError
from qqbot_cli.model.answer.upload import Media as Uploaded
from qqbot_cli.model.answer.upload import UploadPrepared
from qqbot_cli.model.body.upload import FileType, FileUpload, UploadPartFinish, UploadPrepare
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.outgoing import Media
from qqbot_cli.model.outgoing.kinds import PLACES
from qqbot_cli.model.scene import Scene
from qqbot_cli.protocol.media_cache import Key, MediaCache
from qqbot_cli.protocol.upload import (
    IN_PARTS_FROM,
    SOFT_LIMITS,
    Digest,
    Hasher,
    Patience,
    Piece,
    Progress,
    at_once,
    can_continue,
    cut,
    file_name_of,
    file_type_of,
    worth_repeating,
)
from qqbot_cli.rest.source import CHUNK, LocalFile, Source, address_of, local_file, name_in

if TYPE_CHECKING:
    from qqbot_cli.rest.client import RestClient

logger = logging.getLogger(__name__)

Watch = Callable[[int, int], object]
"""Is told how many bytes have been sent, and how many there are."""


class _Way(NamedTuple):
    """The calls of a scene."""

    target: str
    """Path parameter."""
    post: str
    prepare: str
    finish: str


_WAYS: Final = {
    Scene.GROUP: _Way("group_openid", "post_group_file", "prepare_group_upload", "finish_group_upload_part"),
    Scene.C2C: _Way("user_openid", "post_c2c_file", "prepare_c2c_upload", "finish_c2c_upload_part"),
}


class Uploader:
    """Uploads for one bot; `BotApi.media`."""

    def __init__(self, client: RestClient) -> None:
        self.client = client
        self.cache = MediaCache()
        self._flights: dict[Key, asyncio.Future[bool]] = {}
        """What is on its way now; the result tells whether to look again, or to try oneself."""

    async def upload(
        self,
        scene: Scene,
        target: str,
        source: Source,
        file_type: FileType | None = None,
        *,
        name: str = "",
        progress: Watch | None = None,
    ) -> Media:
        """Upload something and return what messages carry: good for every group, or every user, for a while.

        The same content is uploaded once as long as what it became is valid. To go on after a failure
        where it was, see `begin`.

        Args:
            scene: `Scene.GROUP` or `Scene.C2C`.
            target: The group or the user on whose behalf it is uploaded.
            source: An address (http, https) that the platform fetches, a path, bytes, or a file object.
            file_type: What it is; found out from the content if left out, which takes a file.
            name: Shown beside plain files; by default that of the file.
            progress: Is told bytes sent and bytes in all, again and again; not for addresses.

        Raises:
            MessageError: If it cannot be read, is empty or too big, or something else than *file_type*.
            ApiError: If the platform refuses; RateLimitedError if the volume of the day is used up.
            PlatformUnreachableError: If the platform or its storage is out of reach.
        """
        async with self.begin(scene, target, source, file_type, name=name, progress=progress) as upload:
            return await upload.send()

    def begin(
        self,
        scene: Scene,
        target: str,
        source: Source,
        file_type: FileType | None = None,
        *,
        name: str = "",
        called: str = "",
        progress: Watch | None = None,
    ) -> Upload:
        """Return an upload that can be continued; takes what `upload` takes.

        ``async with api.media.begin(…) as upload: media = await upload.send()``

        *called* is the caller's word for *source* in errors.
        """
        if scene not in _WAYS:
            raise MessageError(
                [
                    f"upload: nothing can be uploaded for {PLACES[scene]}; a picture goes along with the"
                    " message, as image"
                ]
            )
        return Upload(self, scene, target, source, file_type, name, called, progress)

    async def kept(self, key: Key) -> Uploaded | None:
        """Return what *key* became, if need be when whoever uploads it now is done; None if nobody has it."""
        loop = asyncio.get_running_loop()
        while True:
            answer = self.cache.get(key, now=loop.time())
            flight = self._flights.get(key)
            if answer is not None or flight is None:
                return answer
            # Not awaited itself: one who gives up must not cancel what the others wait for.
            await asyncio.wait((flight,))
            if not flight.result():
                return None

    @contextmanager
    def flight(self, key: Key) -> Iterator[None]:
        """Let others who want to upload *key* wait for the end of the block.

        If it is cancelled, one of them takes over. If it fails, all try themselves, at once: to fail one
        after the other would take so long that the last could not answer any more.
        """
        mine = asyncio.get_running_loop().create_future()
        self._flights.setdefault(key, mine)
        look_again = True
        try:
            yield
        except Exception:
            look_again = False
            raise
        finally:
            if self._flights.get(key) is mine:
                del self._flights[key]
            mine.set_result(look_again)


@dataclass(slots=True)
class _Plan:
    """An upload in parts that the platform has agreed to."""

    prepared: UploadPrepared
    pieces: tuple[Piece, ...]
    progress: Progress
    finished: set[int] = field(default_factory=set)
    """Positions of the parts that need not be sent again."""


class Upload:
    """One file on its way; an async context manager."""

    def __init__(
        self,
        uploader: Uploader,
        scene: Scene,
        target: str,
        source: Source,
        wanted: FileType | None,
        name: str,
        called: str,
        watch: Watch | None,
    ) -> None:
        """See `Uploader.begin`."""
        self.file_type = wanted
        """What it is sent as; None before it is known."""
        self.answer: Uploaded | None = None
        """All that the platform said in the end, such as ``ttl``; None before."""
        self._called = called or "source"
        self._address = address_of(source, self._called)
        if self._address is not None and wanted is None:
            raise MessageError([f"{self._called}: what is behind an address is not known; give file_type"])
        self._file = None if self._address is not None else local_file(source, self._called)
        self._name = name
        self._uploader = uploader
        self._client = uploader.client
        self._scene = scene
        self._way = _WAYS[scene]
        self._path = {self._way.target: target}
        self._watch = watch
        self._digest: Digest | None = None
        self._plan: _Plan | None = None

    async def __aenter__(self) -> Self:
        if self._file is not None:
            try:
                await self._file.open()
                self.file_type = file_type_of(
                    self._file.head, self._file.size, self.file_type, name=self._called
                )
            except BaseException:
                self._file.close()
                raise
            self._name = file_name_of(self._name or self._file.name, self._file.head)
        elif self.file_type is FileType.FILE and self._address is not None:
            self._name = self._name or name_in(self._address)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    async def send(self) -> Media:
        """Upload what is not uploaded yet, and return what messages carry.

        May be called again after it failed or was cancelled: parts that the platform has are not sent
        again, unless it has forgotten about them.

        Raises:
            ApiError: If the platform refuses.
            PlatformUnreachableError: If the platform or its storage is out of reach.
        """
        if self.answer is None:
            self.answer = await (self._send_address() if self._file is None else self._send(self._file))
        return Media(self.answer.file_info)

    def discard(self) -> None:
        """Forget what was uploaded, also for others: the platform does not take it. `send` begins anew."""
        if self.answer is not None:
            self._uploader.cache.drop(self.answer.file_info)
        self.answer = self._plan = None

    async def _send_address(self) -> Uploaded:
        assert self._address is not None
        assert self.file_type is not None
        return await self._post(FileUpload(file_type=self.file_type, url=self._address, **self._named()))

    async def _send(self, file: LocalFile) -> Uploaded:
        assert self.file_type is not None
        if self._digest is None:
            hasher = Hasher()
            await file.show(hasher)
            self._digest = hasher.digest()
        shown = self._name if self.file_type is FileType.FILE else ""
        key = Key(self._scene, self._digest.sha1, file.size, self.file_type, shown)
        answer = await self._uploader.kept(key)
        if answer is None:
            with self._uploader.flight(key):
                if file.size < IN_PARTS_FROM:
                    answer = await self._post(await self._whole(file, self.file_type))
                else:
                    answer = await self._send_parts(file, self.file_type, self._digest)
                self._uploader.cache.put(key, answer, now=asyncio.get_running_loop().time())
        self._tell(file.size, file.size)
        return answer

    async def _whole(self, file: LocalFile, file_type: FileType) -> FileUpload:
        content = await file.read(0, file.size)
        self._check_length(content, file.size)
        encoded = await asyncio.to_thread(lambda: base64.b64encode(content).decode())
        return FileUpload(file_type=file_type, file_data=encoded, **self._named())

    async def _send_parts(self, file: LocalFile, file_type: FileType, digest: Digest) -> Uploaded:
        try:
            if self._plan is None:
                self._plan = await self._prepare(file, file_type, digest)
            await self._store_all(file, self._plan)
            body = FileUpload(file_type=file_type, upload_id=self._plan.prepared.upload_id, **self._named())
            return await self._post(body)
        except ApiError as error:
            if not can_continue(error):
                self._plan = None
            raise

    async def _prepare(self, file: LocalFile, file_type: FileType, digest: Digest) -> _Plan:
        body = UploadPrepare(
            file_type=file_type,
            file_size=str(file.size),
            file_name=self._name,
            md5=digest.md5,
            sha1=digest.sha1,
            md5_10m=digest.md5_10m,
        )
        prepared = cast(
            UploadPrepared, await self._client.call(ENDPOINTS[self._way.prepare], self._path, body=body)
        )
        plan = _Plan(prepared, cut(file.size, prepared), Progress(file.size))
        logger.debug("upload of %d bytes in %d parts", file.size, len(plan.pieces))
        return plan

    async def _store_all(self, file: LocalFile, plan: _Plan) -> None:
        """Send every part that the platform does not have yet, several at a time."""
        waiting = deque(piece for piece in plan.pieces if piece.position not in plan.finished)
        self._tell(plan.progress.done, file.size)

        async def work() -> None:
            while waiting:
                piece = waiting.popleft()
                await self._store(file, plan, piece)
                plan.finished.add(piece.position)

        try:
            async with asyncio.TaskGroup() as group:
                for number in range(min(at_once(plan.prepared.config), len(waiting))):
                    group.create_task(work(), name=f"upload {number}")
        except BaseExceptionGroup as group_error:
            first = group_error.exceptions[0]
        else:
            return
        raise first

    async def _store(self, file: LocalFile, plan: _Plan, piece: Piece) -> None:
        """Send one part until the platform says that it has it, or patience ends."""
        loop = asyncio.get_running_loop()
        patience = Patience(plan.prepared.config, now=loop.time())
        while True:
            try:
                md5 = await self._put(file, piece, plan.progress)
                break
            except (PlatformUnreachableError, _BrokenError) as error:
                wait = patience.wait_to_send(now=loop.time())
                if wait is None and isinstance(error, _BrokenError):
                    raise error.refusal from None
                if wait is None:
                    raise
                logger.debug("upload: part %d again in %.1f s: %s", piece.index, wait, error)
            await asyncio.sleep(wait)
        body = UploadPartFinish(
            upload_id=plan.prepared.upload_id, part_index=piece.index, block_size=str(piece.size), md5=md5
        )
        await self._client.call(ENDPOINTS[self._way.finish], self._path, body=body, patience=patience)

    async def _put(self, file: LocalFile, piece: Piece, progress: Progress) -> str:
        """Send the bytes of one part, once, and return their MD5."""
        chunks = _Chunks(file, piece, progress, self._tell, self._check_length)
        try:
            status = await self._client.store(piece.url, chunks, piece.size)
        except PlatformUnreachableError:
            if chunks.failure is not None:
                raise chunks.failure from None
            raise
        if chunks.failure is not None:
            raise chunks.failure  # an answer came all the same, to half a part
        if status == 200:
            return chunks.md5.hexdigest()
        refusal = ApiError(
            f"the storage refused part {piece.index}", status=status, endpoint="storage of uploads"
        )
        raise _BrokenError(refusal) if worth_repeating(status) else refusal

    async def _post(self, body: FileUpload) -> Uploaded:
        return cast(Uploaded, await self._client.call(ENDPOINTS[self._way.post], self._path, body=body))

    def _named(self) -> dict[str, Any]:
        return {"file_name": self._name or UNSET}

    def _tell(self, done: int, total: int) -> None:
        if self._watch is not None:
            self._watch(done, total)

    def _check_length(self, content: bytes, size: int) -> None:
        if len(content) != size:
            raise MessageError([f"{self._called}: became shorter while it was being sent"])


class _Chunks:
    """The bytes of one part, once, from the disk to the socket."""

    def __init__(
        self,
        file: LocalFile,
        piece: Piece,
        progress: Progress,
        tell: Watch,
        check_length: Callable[[bytes, int], None],
    ) -> None:
        self.md5 = hashlib.md5(usedforsecurity=False)
        """Of what was read so far."""
        self.failure: Exception | None = None
        """What went wrong here: aiohttp would take it for trouble with the connection."""
        self._file = file
        self._piece = piece
        self._progress = progress
        self._tell = tell
        self._check_length = check_length
        self._sent = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await self._next()
        except StopAsyncIteration:
            raise
        except Exception as error:
            self.failure = error
            raise

    async def _next(self) -> bytes:
        # What was given out before has been written.
        if self._sent and self._progress.advance(self._piece.position, self._sent):
            self._tell(self._progress.done, self._progress.total)
        if self._sent == self._piece.size:
            raise StopAsyncIteration
        size = min(CHUNK, self._piece.size - self._sent)
        content = await self._file.read(self._piece.offset + self._sent, size, self.md5)
        self._check_length(content, size)
        self._sent += size
        return content


class _BrokenError(Exception):
    """The storage refused a part with something that may pass."""

    def __init__(self, refusal: ApiError) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


async def read_picture(source: Source, called: str) -> bytes:
    """Return a picture that goes along with a message of a guild, as bytes.

    Raises:
        MessageError: If it cannot be read, or is no picture, or is too big.
    """
    file = local_file(source, called)
    try:
        await file.open()
        if file_type_of(file.head, file.size, FileType.IMAGE, name=called) is not FileType.IMAGE:
            limit = SOFT_LIMITS[FileType.IMAGE] // (1024 * 1024)
            raise MessageError(
                [f"{called}: has {file.size / 1024**2:.1f} MB, a picture has at most {limit} MB"]
            )
        return await file.read(0, file.size)
    finally:
        file.close()
