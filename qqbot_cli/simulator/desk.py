"""The HTTP side of uploads: the calls of the platform, and the storage whose addresses it hands out."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from qqbot_cli.simulator import refusals
from qqbot_cli.simulator.judge import judge_send
from qqbot_cli.simulator.platform import Platform
from qqbot_cli.simulator.post import Known, Post
from qqbot_cli.simulator.press import Press
from qqbot_cli.simulator.record import PartReceived, Uploaded, Violation
from qqbot_cli.simulator.refusals import RefusedError
from qqbot_cli.simulator.scene import Scene
from qqbot_cli.simulator.switches import PartFault
from qqbot_cli.simulator.uploads import LARGEST, Part, Pending, announced, as_size, cut, is_kind

STORAGE_PATH: Final = "/storage/"
_FILE_TYPES: Final = (1, 2, 3, 4)
_PIECE: Final = 64 * 1024


class Desk:
    """Takes files; one method for each route."""

    def __init__(self, platform: Platform, press: Press) -> None:
        self._platform = platform
        self._press = press

    async def prepare(self, request: web.Request, scene: Scene) -> dict[str, object]:
        """Begin an upload in parts, and hand out the addresses of the storage."""
        platform, switches = self._platform, self._platform.switches
        target, body = await self._asked(request, scene)
        size, refusal = announced(body)
        if refusal is not None:
            raise RefusedError(refusal)
        self._charge(size)
        upload = Pending(
            upload_id=platform.ids.uuid(),
            scene=scene,
            target=target,
            size=size,
            parts=cut(size, switches.upload_block, switches.first_part_index),
            signature=platform.ids.secret(),
            file_type=self._file_type(body),
            file_name=str(body["file_name"]),
            md5=str(body["md5"]).lower(),
            sha1=str(body["sha1"]).lower(),
            md5_10m=str(body["md5_10m"]).lower(),
        )
        platform.uploads.add(upload)
        config = switches.upload_config
        return {
            "upload_id": upload.upload_id,
            "block_size": str(switches.upload_block),
            "parts": [self._offer(upload, part) for part in upload.parts],
            **(config if switches.upload_config_on_top else {"upload_config": config}),
        }

    async def finish_part(self, request: web.Request, scene: Scene) -> dict[str, object]:
        """Compare a part with what the storage has."""
        target, body = await self._asked(request, scene)
        upload = self._platform.uploads.find(body.get("upload_id"), scene, target)
        part = upload.part(body.get("part_index")) if upload is not None else None
        if part is None:
            raise RefusedError(refusals.NO_SUCH_UPLOAD)
        if self._fault(part, "retry"):
            raise RefusedError(refusals.UPLOAD_FAILED)
        size, md5 = as_size(body.get("block_size")), body.get("md5")
        if not part.md5 or size != part.size or not isinstance(md5, str) or md5.lower() != part.md5:
            raise RefusedError(refusals.UPLOAD_FAILED)
        part.finished = True
        return {}

    async def post(self, request: web.Request, scene: Scene) -> dict[str, object]:
        """Take a file as an address, in base64, or as an upload in parts that is complete."""
        target, body = await self._asked(request, scene)
        given = [name for name in ("url", "file_data", "upload_id") if body.get(name)]
        if len(given) != 1:
            raise RefusedError(refusals.BAD_DATA)
        match given[0]:
            case "url":
                uploaded = self._fetched(scene, target, body)
            case "file_data":
                uploaded = self._decoded(scene, target, body)
            case _:
                uploaded = await self._completed(scene, target, body)
        return self._taken(uploaded, sends=body.get("srv_send_msg") is True)

    async def store(self, request: web.Request) -> web.Response:
        """Take the bytes of a part, as a storage does: no access token, a length, a signed address."""
        upload = self._platform.uploads.find(request.match_info["upload_id"])
        position = int(request.match_info["position"])
        if "Authorization" in request.headers:
            self._platform.history.add(Violation("an access token was sent to the storage"))
            return _storage_refusal(403, "SignatureDoesNotMatch")
        if upload is None or request.query.get("sign") != upload.signature or position >= len(upload.parts):
            return _storage_refusal(403, "AccessDenied")
        part = upload.parts[position]
        if request.content_length is None:
            return _storage_refusal(411, "MissingContentLength")
        if request.content_length != part.size:
            return _storage_refusal(
                400, "EntityTooLarge" if request.content_length > part.size else "EntityTooSmall"
            )
        return await self._read(request, upload, part)

    async def _read(self, request: web.Request, upload: Pending, part: Part) -> web.Response:
        md5, size = hashlib.md5(usedforsecurity=False), 0
        breaks = self._fault(part, "reset")
        refuses = not breaks and self._fault(part, "503")
        part.md5, part.finished = "", False
        kept = False
        try:
            async for content in request.content.iter_chunked(_PIECE):
                if breaks and size + len(content) > part.size // 2:
                    assert request.transport is not None
                    request.transport.abort()
                    break
                upload.file.seek(part.offset + size)
                upload.file.write(content)
                md5.update(content)
                size += len(content)
            kept = size == part.size and not refuses
        finally:
            self._platform.history.add(PartReceived(upload.upload_id, part.position, size, kept))
        if refuses:
            return _storage_refusal(503, "SlowDown")
        if kept:
            part.md5 = md5.hexdigest()
        return web.Response(headers={"ETag": f'"{md5.hexdigest()}"'})

    async def _asked(self, request: web.Request, scene: Scene) -> tuple[str, Mapping[str, object]]:
        target = next(iter(request.match_info.values()))
        if not self._platform.ledger.knows(scene, target):
            raise RefusedError(refusals.UNKNOWN_RESOURCE)
        try:
            body = msgspec.json.decode(await request.read())
        except ValueError:
            body = None
        if not isinstance(body, Mapping):
            raise RefusedError(refusals.BAD_DATA)
        return target, body

    def _fetched(self, scene: Scene, target: str, body: Mapping[str, object]) -> Uploaded:
        # Nothing is fetched: a test has no network, and an address that leads nowhere is not its subject.
        parts = urlsplit(str(body["url"]))
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise RefusedError(refusals.UNREACHABLE_FILE)
        return self._uploaded(scene, target, body, size=0, md5="", way="url")

    def _decoded(self, scene: Scene, target: str, body: Mapping[str, object]) -> Uploaded:
        try:
            content = base64.b64decode(str(body["file_data"]), validate=True)
        except binascii.Error:
            raise RefusedError(refusals.BAD_DATA) from None
        if not is_kind(self._file_type(body), content):
            raise RefusedError(refusals.BAD_FORMAT)
        if len(content) > LARGEST:
            raise RefusedError(refusals.FILE_TOO_BIG)
        self._charge(len(content))
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return self._uploaded(scene, target, body, size=len(content), md5=md5, way="base64")

    async def _completed(self, scene: Scene, target: str, body: Mapping[str, object]) -> Uploaded:
        uploads = self._platform.uploads
        upload = uploads.find(body["upload_id"], scene, target)
        if upload is None:
            raise RefusedError(refusals.NO_SUCH_UPLOAD)
        if not await asyncio.to_thread(upload.is_complete):
            raise RefusedError(refusals.UPLOAD_FAILED)
        given = {"file_type": upload.file_type, "file_name": upload.file_name}
        uploads.remove(upload)
        return self._uploaded(scene, target, given, size=upload.size, md5=upload.md5, way="parts")

    def _uploaded(self, scene: Scene, target: str, body: Mapping[str, object], **more: object) -> Uploaded:
        return Uploaded(
            scene=scene,
            target=target,
            file_type=self._file_type(body),
            file_name=str(body.get("file_name") or ""),
            file_info=self._platform.ids.file_info(),
            **more,  # type: ignore[arg-type]  # size, md5, way
        )

    def _file_type(self, body: Mapping[str, object]) -> int:
        file_type = body.get("file_type")
        if file_type not in _FILE_TYPES:
            raise RefusedError(refusals.BAD_FORMAT)
        assert isinstance(file_type, int)
        return file_type

    def _taken(self, uploaded: Uploaded, *, sends: bool) -> dict[str, object]:
        """Remember what was uploaded, send it if that was asked for, and return the answer."""
        platform, ttl = self._platform, self._platform.switches.media_ttl
        now = platform.clock()
        until = {"until": now + ttl} if ttl else {}
        platform.ledger.note_upload(uploaded.scene, uploaded.file_info, **until)
        message_id = ""
        if sends:
            body = {"msg_type": 7, "media": {"file_info": uploaded.file_info}}
            post = Post(uploaded.scene, uploaded.target, body)
            known = Known(platform.ledger, now, platform.sessions.online(), platform.switches)
            refusal = judge_send(post, known)
            if refusal is not None:
                raise RefusedError(refusal)
            message_id = str(self._press.publish(post)["id"])
        platform.history.add(uploaded)
        has_address = uploaded.way == "parts" and uploaded.file_type != 4
        return {
            "file_uuid": platform.ids.uuid(),
            "file_info": uploaded.file_info,
            "ttl": ttl,
            "id": message_id,
            "raw_url": f"http://{platform.address}/download/{uploaded.md5}" if has_address else "",
        }

    def _charge(self, size: int) -> None:
        """Take *size* bytes off the volume of the day."""
        left = self._platform.switches.upload_volume
        if left is None:
            return
        if size > left:
            raise RefusedError(refusals.VOLUME_USED_UP)
        self._platform.switches.upload_volume = left - size

    def _fault(self, part: Part, how: str) -> bool:
        """Whether something goes wrong with *part* now; it counts as once."""
        fault: PartFault
        for fault in self._platform.switches.part_faults:
            if (fault.position, fault.how) == (part.position, how) and fault.times > 0:
                fault.times -= 1
                return True
        return False

    def _offer(self, upload: Pending, part: Part) -> dict[str, object]:
        base = f"http://{self._platform.address}{STORAGE_PATH}"
        address = f"{base}{upload.upload_id}/{part.position}?sign={upload.signature}"
        return {"index": part.index, "presigned_url": address, "block_size": str(part.size)}


def _storage_refusal(status: int, code: str) -> web.Response:
    text = f"<?xml version='1.0' encoding='utf-8' ?><Error><Code>{code}</Code></Error>"
    return web.Response(status=status, text=text, content_type="application/xml")
