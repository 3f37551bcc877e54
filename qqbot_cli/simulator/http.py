"""The HTTP side: every row of ENDPOINTS has its route here. Routes only, no rules."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import msgspec
from aiohttp import web

from qqbot_cli.model.endpoints import Endpoint
from qqbot_cli.simulator import gateway, refusals
from qqbot_cli.simulator.desk import STORAGE_PATH, Desk
from qqbot_cli.simulator.judge import judge_ack, judge_send
from qqbot_cli.simulator.platform import Platform
from qqbot_cli.simulator.post import Known, Post
from qqbot_cli.simulator.press import Press
from qqbot_cli.simulator.quota import SESSIONS_PER_DAY
from qqbot_cli.simulator.record import Acknowledged, RestCalled, TokenAsked
from qqbot_cli.simulator.refusals import Refusal, RefusedError
from qqbot_cli.simulator.rest import HANDLERS
from qqbot_cli.simulator.rest.call import Call
from qqbot_cli.simulator.rest.directory import addresses, row_for
from qqbot_cli.simulator.rest.rights import RateGate, judge_rights
from qqbot_cli.simulator.scene import Scene
from qqbot_cli.simulator.streaming import judge_piece
from qqbot_cli.simulator.switches import Outage

logger = logging.getLogger(__name__)

TOKEN_PATH: Final = "/app/getAppAccessToken"  # noqa: S105 - an address, not a token
TRACE_HEADER: Final = "X-Tps-trace-ID"
_SOCKET_PATHS: Final = ("/websocket", "/websocket/")
_OBJECTS: Final = ("markdown", "keyboard", "ark", "embed", "message_reference")
"""Parts of a form that hold JSON."""
_GARBAGE: Final = "<html><body>502 Bad Gateway</body></html>"
_MAX_BODY: Final = 32 * 1024 * 1024

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_app(platform: Platform, press: Press) -> web.Application:
    """Return the platform as a web application; *press* puts messages of the bot before people."""
    routes = Routes(platform, press)
    app = web.Application(middlewares=[routes.border], client_max_size=_MAX_BODY)
    for path in _SOCKET_PATHS:
        app.router.add_get(path, routes.websocket)
    app.router.add_put(STORAGE_PATH + r"{upload_id}/{position:\d+}", routes.desk.store)
    for (method, path), rows in addresses().items():
        if all(row.name in routes.own or row.name in HANDLERS for row in rows):
            app.router.add_route(method, path, routes.door(rows))
    return app


class Routes:
    """The way of a request to whoever answers it."""

    def __init__(self, platform: Platform, press: Press) -> None:
        self._platform = platform
        self._press = press
        self._rates = RateGate()
        self.desk = desk = Desk(platform, press)
        self.own: Final[dict[str, Handler]] = {
            "get_app_access_token": self.token,
            "get_gateway_url": self.gateway,
            "get_gateway": self.gateway_bot,
            "get_bot_info": self.me,
            "put_interaction": self.acknowledge,
            "send_message": _for_scene(self.send, Scene.CHANNEL),
            "send_direct_message": _for_scene(self.send, Scene.DMS),
            "send_group_message": _for_scene(self.send, Scene.GROUP),
            "send_c2c_message": _for_scene(self.send, Scene.C2C),
            "send_stream_message": self.stream,
            "post_group_file": _answering(desk.post, Scene.GROUP),
            "prepare_group_upload": _answering(desk.prepare, Scene.GROUP),
            "finish_group_upload_part": _answering(desk.finish_part, Scene.GROUP),
            "post_c2c_file": _answering(desk.post, Scene.C2C),
            "prepare_c2c_upload": _answering(desk.prepare, Scene.C2C),
            "finish_c2c_upload_part": _answering(desk.finish_part, Scene.C2C),
        }
        """Rows that are answered here, by name; all others are in `rest.HANDLERS`."""

    @web.middleware
    async def border(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """What holds for every call: reachability, outages, authorization, trace id, JSON errors."""
        platform = self._platform
        await _until(platform.reachable, platform.closing)
        trace_id = platform.ids.trace_id()
        is_socket = request.path in _SOCKET_PATHS
        # Another host in truth, with its own manners.
        is_storage = request.path.startswith(STORAGE_PATH)
        try:
            if not is_socket and not is_storage:
                await self._fail_if_told(request)
                if request.path != TOKEN_PATH:
                    self._authorize(request)
            response = await handler(request)
        except ConnectionError:
            response = web.Response(status=499)  # nobody reads it: the client has gone in mid request
        except _GarbageError:
            response = web.Response(text=_GARBAGE, content_type="text/html")
        except RefusedError as error:
            response = _json(error.refusal.body(trace_id), error.refusal.status)
            if error.retry_after is not None:
                response.headers["Retry-After"] = str(error.retry_after)
        except web.HTTPNotFound:
            response = _json(refusals.UNKNOWN_PATH.body(trace_id), 404)
        except web.HTTPMethodNotAllowed:
            response = _json(refusals.WRONG_METHOD.body(trace_id), 405)
        if not is_socket:
            if not is_storage:
                response.headers[TRACE_HEADER] = trace_id
            platform.history.add(RestCalled(request.method, request.path, response.status))
            logger.debug("%s %s: %d", request.method, request.path, response.status)
        return response

    def door(self, rows: Sequence[Endpoint]) -> Handler:
        """Return what answers at the address that *rows* have in common."""

        async def handler(request: web.Request) -> web.StreamResponse:
            row = row_for(rows, await _read_json(request) if len(rows) > 1 else None)
            try:
                self._admit(row, request)
                own = self.own.get(row.name)
                return await own(request) if own is not None else await self._carry_out(row, request)
            except RefusedError as error:
                if not row.retcode or error.retry_after is not None:
                    raise
                answer = {"retcode": error.refusal.code, "msg": error.refusal.message, "data": {}}
                return _json(answer)

        return handler

    def _admit(self, row: Endpoint, request: web.Request) -> None:
        """Refuse a call that the bot may not make, or not yet, or that is to be refused."""
        platform = self._platform
        told = platform.switches.rest_refuse_next
        number = next((n for n, (name, _, _) in enumerate(told) if name == row.name), None)
        if number is not None:
            _, status, code = told.pop(number)
            raise RefusedError(Refusal(code, "refused on purpose", status))
        refusal = judge_rights(row, platform.switches)
        if refusal is not None:
            raise RefusedError(refusal)
        if platform.switches.enforce_rates:
            wait = self._rates.wait(row, request.match_info, now=platform.clock())
            if wait is not None:
                raise RefusedError(refusals.TOO_FAST, retry_after=wait)

    async def _carry_out(self, row: Endpoint, request: web.Request) -> web.Response:
        """Let the room of *row* answer."""
        body = await _read_json(request) if request.body_exists else None
        answer = HANDLERS[row.name](self._platform.site, Call(request.match_info, request.query, body))
        if row.success[0] == web.HTTPNoContent.status_code:
            return web.Response(status=204)
        return _json({} if answer is None else answer)

    async def token(self, request: web.Request) -> web.Response:
        """Hand out an access token; refusals come with HTTP 200."""
        platform, now = self._platform, self._platform.clock()
        body = await _read_json(request) if request.content_type == "application/json" else {"appId": ""}
        refusal = platform.tokens.judge(body, now=now)
        platform.history.add(TokenAsked(0 if refusal is None else refusal.code))
        if refusal is not None:
            return _json({"code": refusal.code, "message": refusal.message}, refusal.status)
        token, left = platform.tokens.issue(platform.switches.token_lifetime, now=now)
        told = platform.switches.token_expires_in
        return _json({"access_token": token, "expires_in": str(left) if told is msgspec.UNSET else told})

    async def gateway(self, request: web.Request) -> web.Response:
        """Tell the address of the gateway."""
        return _json({"url": self._gateway_url()})

    async def gateway_bot(self, request: web.Request) -> web.Response:
        """Tell the address of the gateway, the number of shards and the session starts that are left."""
        platform, now = self._platform, self._platform.clock()
        return _json(
            {
                "url": self._gateway_url(),
                "shards": platform.simulation.shards,
                "session_start_limit": {
                    "total": SESSIONS_PER_DAY,
                    "remaining": platform.quota.remaining(now=now),
                    "reset_after": round(platform.quota.reset_after(now=now) * 1000),
                    "max_concurrency": platform.quota.max_concurrency,
                },
            }
        )

    async def me(self, request: web.Request) -> web.Response:
        """Describe the bot."""
        bot = self._platform.world.bot
        return _json(
            {
                "id": bot.id,
                "username": bot.username,
                "avatar": bot.avatar,
                "bot": True,
                "union_openid": "",
                "union_user_account": "",
                "share_url": "https://qun.qq.com/qunpro/robot/qunshare?robot_appid=" + self._platform.appid,
                "welcome_msg": "你好",
            }
        )

    async def acknowledge(self, request: web.Request) -> web.Response:
        """Confirm an interaction."""
        interactions = self._platform.ledger.interactions
        interaction_id = request.match_info["interaction_id"]
        body = await _read_json(request)
        refusal = judge_ack(interactions.get(interaction_id), body)
        if refusal is not None:
            raise RefusedError(refusal)
        interactions[interaction_id] = True
        assert isinstance(body, dict)
        self._platform.history.add(Acknowledged(interaction_id, body["code"]))
        return self._answer(request, {})

    async def send(self, request: web.Request, scene: Scene) -> web.Response:
        """Send a message."""
        switches = self._platform.switches
        if switches.rest_fail_next:
            status, failure = switches.rest_fail_next.pop(0)
            return _json(failure, status)
        post, known = await self._post(request, scene)
        refusal = judge_send(post, known)
        if refusal is not None:
            raise RefusedError(refusal)
        if switches.audit_next:
            return _json(*self._press.review(post, switches.audit_next.pop(0)))
        return self._answer(request, self._press.publish(post))

    async def stream(self, request: web.Request) -> web.Response:
        """Take a piece of a growing text."""
        switches = self._platform.switches
        if switches.rest_fail_next:
            status, failure = switches.rest_fail_next.pop(0)
            return _json(failure, status)
        post, known = await self._post(request, Scene.C2C)
        refusal = judge_piece(post, known)
        if refusal is not None:
            raise RefusedError(refusal)
        return self._answer(request, self._press.grow(post))

    async def _post(self, request: web.Request, scene: Scene) -> tuple[Post, Known]:
        platform = self._platform
        body = await (_read_form(request) if _is_form(request, scene) else _read_json(request))
        if not isinstance(body, Mapping):
            raise RefusedError(refusals.BAD_FORM if scene.in_guild else refusals.BAD_DATA)
        given = {name: value for name, value in body.items() if value is not None}
        known = Known(platform.ledger, platform.clock(), platform.sessions.online(), platform.switches)
        return Post(scene, next(iter(request.match_info.values())), given), known

    def _answer(self, request: web.Request, answer: object) -> web.Response:
        """Return *answer*, unless it shall be lost."""
        switches = self._platform.switches
        if switches.lose_answers > 0:
            switches.lose_answers -= 1
            assert request.transport is not None
            request.transport.abort()
        return _json(answer)

    async def websocket(self, request: web.Request) -> web.StreamResponse:
        """Open a gateway connection, or fail to as a proxy would."""
        self._platform.history.stats.upgrades += 1
        match self._platform.switches.upgrade:
            case "html":
                return web.Response(text="<html><body>maintenance</body></html>", content_type="text/html")
            case "502":
                return web.Response(status=502, text=_GARBAGE, content_type="text/html")
            case "403":
                return web.Response(status=403)
            case "ok":
                return await gateway.serve(self._platform, request)

    def _gateway_url(self) -> str:
        scheme = "wss" if self._platform.secure else "ws"
        address = self._platform.switches.gateway_address or self._platform.address
        return f"{scheme}://{address}/websocket/"

    async def _fail_if_told(self, request: web.Request) -> None:
        switches = self._platform.switches
        outage: Outage | None = switches.token_down if request.path == TOKEN_PATH else switches.rest_down
        match outage:
            case "refuse":
                raise RefusedError(refusals.OUT_OF_SERVICE)
            case "hang":
                await self._platform.closing.wait()
                raise RefusedError(refusals.OUT_OF_SERVICE)
            case "garbage":
                raise _GarbageError
            case None:
                return

    def _authorize(self, request: web.Request) -> None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind == "Bot":
            raise RefusedError(refusals.RETIRED_TOKEN)
        if kind != "QQBot" or not token:
            raise RefusedError(refusals.NO_TOKEN)
        if not self._platform.is_token_valid(token):
            raise RefusedError(refusals.BAD_TOKEN)


class _GarbageError(Exception):
    """Answer with something that is not JSON."""


async def _until(reachable: asyncio.Event, closing: asyncio.Event) -> None:
    if reachable.is_set():
        return
    waiters = [asyncio.ensure_future(event.wait()) for event in (reachable, closing)]
    try:
        await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiters:
            waiter.cancel()


def _for_scene(route: Callable[[web.Request, Scene], Awaitable[web.Response]], scene: Scene) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return await route(request, scene)

    return handler


def _answering(route: Callable[[web.Request, Scene], Awaitable[dict[str, object]]], scene: Scene) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return _json(await route(request, scene))

    return handler


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")


async def _read_json(request: web.Request) -> object:
    try:
        return msgspec.json.decode(await request.read())
    except ValueError:
        return None


def _is_form(request: web.Request, scene: Scene) -> bool:
    return scene.in_guild and request.content_type.startswith("multipart/")


async def _read_form(request: web.Request) -> dict[str, object] | None:
    """Return a multipart body; None if it is malformed."""
    fields: dict[str, object] = {}
    try:
        form = await request.post()
    except ValueError:
        return None
    for name, value in form.items():
        if isinstance(value, web.FileField):
            fields[name] = value.file.read()
        elif name in _OBJECTS:
            try:
                fields[name] = _unwrapped(name, msgspec.json.decode(value))
            except ValueError:
                return None
        else:
            fields[name] = value
    return fields


def _unwrapped(name: str, value: object) -> object:
    """Return an object of a form, which may be wrapped once more under its own name."""
    is_wrapped = isinstance(value, Mapping) and set(value) == {name}
    return value[name] if is_wrapped and isinstance(value, Mapping) else value
