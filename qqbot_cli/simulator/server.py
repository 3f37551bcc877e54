"""The simulator: a QQ bot platform on a loopback port, with people who talk and faults on demand."""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from types import TracebackType
from typing import Final, Self, TypeVar

import msgspec
from aiohttp import web

from qqbot_cli.model.hosts import Endpoints
from qqbot_cli.model.simulation import NETWORK_FAULTS, FaultKind, Simulation, Way
from qqbot_cli.simulator.agenda import each_when_due
from qqbot_cli.simulator.crowd import chat, talk
from qqbot_cli.simulator.defaults import Stage, default_payload
from qqbot_cli.simulator.faults import Faults, FaultScript
from qqbot_cli.simulator.front import Front
from qqbot_cli.simulator.http import TOKEN_PATH, make_app
from qqbot_cli.simulator.ledger import BotMessage
from qqbot_cli.simulator.people import Expectations
from qqbot_cli.simulator.platform import Platform
from qqbot_cli.simulator.press import Press
from qqbot_cli.simulator.quirks import quirky
from qqbot_cli.simulator.record import HISTORY_LIMIT, Emitted, Record, Stats, Uploaded
from qqbot_cli.simulator.rest import note
from qqbot_cli.simulator.routing import guild_of
from qqbot_cli.simulator.scene import Scene
from qqbot_cli.simulator.scribe import Payload, Scribe
from qqbot_cli.simulator.switches import Switches
from qqbot_cli.simulator.world import Person, World

T = TypeVar("T")

_YIELD_EVERY: Final = 64
"""Events after which whoever emits lets others have a turn."""
_SWEEP: Final = 0.1
"""Seconds between two looks at who has waited too long."""


class Simulator:
    """A QQ bot platform for one bot; ``async with`` starts and ends it.

    Everything may be changed while it runs; `history`, `messages` and `stats` say what happened.
    """

    def __init__(
        self,
        simulation: Simulation = Simulation(),
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        appid: str = "102000001",
        secret: str | None = None,
        clock: Callable[[], float] | None = None,
        front: bool = False,
        tls: ssl.SSLContext | None = None,
        remember: int = HISTORY_LIMIT,
    ) -> None:
        """Furnish the platform.

        Args:
            simulation: People, shards and faults.
            host: Address to listen on.
            port: Port to listen on; 0 takes a free one.
            appid: The only bot the platform knows.
            secret: Its secret; one made from the seed if left out.
            clock: Seconds for everything that expires or is rationed; the monotonic clock if left out.
            front: Whether all addresses lead through `front`, which can spoil the network; they do too if a
                fault of the simulation wants it.
            tls: Certificate and key to speak HTTPS with; plain HTTP if left out.
            remember: Facts that `history` keeps; the oldest go first.
        """
        self._platform = Platform(
            simulation, appid=appid, secret=secret, clock=clock or time.monotonic, remember=remember
        )
        self._host = host
        self._port = port
        self._wants_front = front or any(fault.kind in NETWORK_FAULTS for fault in simulation.faults)
        self._front: Front | None = None
        self._tls = tls
        platform = self._platform
        self._scribe = Scribe(platform.world, platform.ids, appid=appid)
        self._stage = Stage(platform.world, platform.ids, self._scribe)
        self._faults = Faults(platform, lambda: self.front)
        self._script = FaultScript(simulation.faults, self._faults)
        self._expectations = Expectations()
        self._asked = asyncio.Event()
        """Set when somebody begins to wait for an answer."""
        self._chance = random.Random(f"quirks/{simulation.seed}")
        self._press = Press(platform, self._heard)
        self._exit = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self._listening())
            await stack.enter_async_context(self._living())
            self._exit = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.aclose()

    @property
    def endpoints(self) -> Endpoints:
        """Where the platform listens; the gateway's address is what ``/gateway/bot`` answers."""
        base = f"{'https' if self._tls else 'http'}://{self._platform.address}"
        return Endpoints(api=base, sandbox_api=base, token=base + TOKEN_PATH)

    @property
    def appid(self) -> str:
        """The bot's appid."""
        return self._platform.appid

    @property
    def secret(self) -> str:
        """The bot's secret."""
        return self._platform.secret

    @property
    def bot_user_id(self) -> str:
        """The bot's user id in guilds."""
        return self._platform.world.bot.id

    @property
    def world(self) -> World:
        """People, groups and guilds."""
        return self._platform.world

    @property
    def switches(self) -> Switches:
        """How the platform behaves; assign to its fields at any time."""
        return self._platform.switches

    @property
    def front(self) -> Front:
        """The network before the platform; only with ``front=True``, and while the simulator runs."""
        assert self._front is not None, "the network can be spoilt only with front=True"
        return self._front

    @property
    def timeline(self) -> list[tuple[float, Record]]:
        """`history` with the time of each fact, on the simulator's clock."""
        history = self._platform.history
        return list(zip(history.times, history.records, strict=True))

    @property
    def history(self) -> list[Record]:
        """What happened, oldest first; the newest 100 000 facts."""
        return list(self._platform.history.records)

    @property
    def stats(self) -> Stats:
        """Counters since the start."""
        return self._platform.history.stats

    @property
    def messages(self) -> list[BotMessage]:
        """What the bot said and did not recall, oldest first."""
        return list(self._platform.ledger.messages.values())

    @property
    def uploads(self) -> list[Uploaded]:
        """What the bot uploaded, oldest first."""
        return [record for record in self.history if isinstance(record, Uploaded)]

    def replies_to(self, message_id: str) -> list[BotMessage]:
        """Return the visible answers to a message or an event."""
        return [message for message in self.messages if message.reply_to == message_id]

    async def wait_for(self, predicate: Callable[[], T], timeout: float | None = 5.0) -> T:
        """Return the first true value of *predicate*, asked now and after every new fact.

        Raises:
            TimeoutError: If it stayed false for *timeout* seconds.
        """
        return await self._platform.history.wait_for(predicate, timeout)

    async def emit(
        self,
        name: str,
        d: object | None = None,
        *,
        user: int = 0,
        group: int = 0,
        guild: int = 0,
        channel: int = 0,
        about: str = "",
        shard: int | None = None,
        event_id: str | None = None,
    ) -> str:
        """Let an event happen and return its id.

        Args:
            name: Any name; one nobody knows is not filtered by intents.
            d: Payload; a realistic one, made of the next five, if left out.
            user: Number of the person who acts.
            group: Number of the group it happens in.
            guild: Number of the guild it happens in.
            channel: Number of the channel there.
            about: Id of the message that is withdrawn or reacted to.
            shard: Index of the shard that gets it; by guild, else shard 0, if left out.
            event_id: The envelope's ``id``; a fresh one if left out.
        """
        if d is None:
            stage = replace(
                self._stage,
                user_index=user,
                group_index=group,
                guild_index=guild,
                channel_index=channel,
                about=about,
            )
            payload = default_payload(name, stage)
        else:
            payload = d
        event_id = event_id or self._platform.ids.event_id(name)
        note(self._platform.site, name, payload)
        await self._deliver(name, payload, event_id, shard)
        return event_id

    async def say_group(
        self, text: str, *, user: int = 0, group: int = 0, to_bot: bool = True, mentions: tuple[int, ...] = ()
    ) -> str:
        """Let a person speak in a group and return the message id.

        The bot hears all in the last group, elsewhere only what mentions it.
        """
        place = self.world.groups[group]
        d = self._scribe.group_message(
            self.world.people[user], place, text, to_bot=to_bot, mentions=self._people(mentions)
        )
        names = ("GROUP_MESSAGE_CREATE",) if place.hears_all else ("GROUP_AT_MESSAGE_CREATE",) * to_bot
        return await self._say(d, names, to_bot=to_bot)

    async def say_channel(
        self, text: str, *, user: int = 0, guild: int = 0, channel: int = 0, to_bot: bool = True,
        mentions: tuple[int, ...] = (),
    ) -> str:  # fmt: skip
        """Let a person speak in a channel and return the message id."""
        place = self.world.guilds[guild]
        d = self._scribe.channel_message(
            self.world.people[user], place, place.channel_ids[channel], text, to_bot=to_bot,
            mentions=self._people(mentions),
        )  # fmt: skip
        return await self._say(d, ("MESSAGE_CREATE", *("AT_MESSAGE_CREATE",) * to_bot), to_bot=to_bot)

    async def say_private(self, text: str, *, user: int = 0, guild: int = 0) -> str:
        """Let a person speak to the bot in a guild DM and return the message id."""
        d = self._scribe.direct_message(self.world.people[user], self.world.guilds[guild], text)
        return await self._say(d, ("DIRECT_MESSAGE_CREATE",), to_bot=True)

    async def say_c2c(self, text: str, *, user: int = 0) -> str:
        """Let a person speak to the bot in a one-to-one chat and return the message id."""
        d = self._scribe.c2c_message(self.world.people[user], text)
        return await self._say(d, ("C2C_MESSAGE_CREATE",), to_bot=True)

    async def press_button(
        self, data: str = "page=2", *, scene: Scene = Scene.C2C, user: int = 0, group: int = 0, guild: int = 0
    ) -> str:
        """Let a person press a button and return the interaction id."""
        d = self._scribe.button(
            scene,
            self.world.people[user],
            data,
            group=self.world.groups[group],
            guild=self.world.guilds[guild],
        )
        await self.emit("INTERACTION_CREATE", d)
        return str(d["id"])

    def admits(
        self, scene: Scene, *, user: int, group: int, guild: int, channel: int, joining: bool = False
    ) -> bool:
        """Whether a person can act there: the place exists, and they are in it, or may come if they join."""
        world = self.world
        return self._platform.site.admits(
            scene,
            world.people[user],
            group=world.groups[group],
            guild=world.guilds[guild],
            channel_id=world.guilds[guild].channel_ids[channel],
            joining=joining,
        )

    def is_muted(self, scene: Scene, *, user: int, group: int, guild: int) -> bool:
        """Whether the bot has muted a person there."""
        world = self.world
        return self._platform.site.is_muted(
            scene, world.people[user], group=world.groups[group], guild=world.guilds[guild]
        )

    def upload(self, scene: Scene = Scene.GROUP) -> str:
        """Return the ``file_info`` of something that was uploaded for *scene*, ready to be sent there."""
        file_info = self._platform.ids.file_info()
        self._platform.ledger.note_upload(scene, file_info)
        return file_info

    async def inject(
        self,
        kind: FaultKind,
        amount: float = 0,
        *,
        shard: int | None = None,
        seconds: float | None = None,
        way: Way | None = None,
    ) -> None:
        """Let a fault happen to the live connections, to those of one shard if *shard* is given.

        A lasting fault ends after *seconds*, or with `heal`. Faults of the network need ``front=True``; they
        know no shard, but a *way*.
        """
        self._faults.inject(kind, amount, shard=shard, seconds=seconds, way=way)

    def heal(self, shard: int | None = None) -> None:
        """End every lasting fault."""
        self._faults.heal(shard)

    def revoke_tokens(self) -> None:
        """Make every access token invalid."""
        self._platform.tokens.revoke()

    def forget_sessions(self) -> None:
        """Refuse every RESUME of a session there is; connections that live are left alone."""
        self._platform.sessions.forget_all()

    async def send_raw(self, what: str | bytes, *, shard: int | None = None) -> None:
        """Send any text or binary frame to the live connections, outside of the numbering."""
        for connection in self._faults.connections(shard):
            connection.line.send(what)

    async def send_below(self, data: bytes, *, shard: int | None = None) -> None:
        """Send bytes below the websocket layer to the live connections; `wire` makes frames of all kinds."""
        for connection in self._faults.connections(shard):
            connection.line.send_below(data)

    def _people(self, numbers: tuple[int, ...]) -> list[Person]:
        return [self.world.people[number] for number in numbers]

    async def _say(self, d: Payload, names: tuple[str, ...], *, to_bot: bool) -> str:
        message_id = str(d["id"])
        heard = 0
        note(self._platform.site, next(iter(names), ""), d)
        for name in names:
            heard += await self._deliver(name, d, self._platform.ids.event_id(name), None)
        if heard and to_bot:
            self._expectations.ask(message_id, now=self._platform.clock())
            self._asked.set()
        return message_id

    async def _follow_up(self, name: str, d: object) -> None:
        """Let an event follow that a call of the bot caused; what it changed is changed already."""
        await self._deliver(name, d, self._platform.ids.event_id(name), None)

    async def _deliver(self, name: str, d: object, event_id: str, shard: int | None) -> int:
        """Give an event to every session that wants it, and return how many there were."""
        platform, switches, now = self._platform, self._platform.switches, self._platform.clock()
        limit, age = switches.replay_frames, switches.replay_seconds
        platform.ledger.note(name, event_id, d, now=now)
        platform.sessions.drop_ended(now=now, age=age)
        if switches.quirks and self._chance.random() < switches.quirks:
            d = quirky(d, self._chance)
        text = msgspec.json.encode(d).decode()
        guild_id = guild_of(name, d)
        stats = platform.history.stats
        stats.emitted += 1
        wanted = [session for session in platform.sessions if session.wants(name, guild_id, shard)]
        for session in wanted:
            before = session.seq
            seq = session.push(name, text, event_id, now=now, limit=limit, age=age)
            stats.delivered += 1
            platform.history.add(Emitted(seq, name, event_id, session.shard))
            self._script.seq_reached(session, before)
        if not wanted:
            platform.history.add(Emitted(None, name, event_id, None))
        self._script.event_sent(stats.delivered)
        for connection in [c for c in platform.connections if c.session in wanted]:
            await connection.line.room()
        if stats.emitted % _YIELD_EVERY == 0:
            await asyncio.sleep(0)
        return len(wanted)

    def _heard(self, message: BotMessage) -> None:
        answered = self._expectations.answer(message.reply_to, now=self._platform.clock())
        if answered is not None:
            self._platform.history.add(answered)
            chat.info("%s (%s): %s", self.world.bot.username, message.scene, message.content)

    async def _emit_by_plan(self) -> None:
        """Let happen what the simulation plans, once a bot is there."""
        planned = self._platform.simulation.events
        await self.wait_for(lambda: self.stats.identifies, timeout=None)
        async for number in each_when_due([(event.after, event.every) for event in planned]):
            event = planned[number]
            payload = None if event.payload is None else dict(event.payload)
            await self.emit(event.name, payload, shard=event.shard)

    async def _sweep(self) -> None:
        """Notice who has given up waiting for an answer."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            while self._expectations.waiting:
                await asyncio.sleep(_SWEEP)
                for unanswered in self._expectations.give_up(now=self._platform.clock()):
                    self._platform.history.add(unanswered)

    @contextlib.asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        platform = self._platform
        runner = web.AppRunner(
            make_app(platform, self._press),
            access_log=None,
            handle_signals=False,
            shutdown_timeout=1.0,
        )
        await runner.setup()
        try:
            port = 0 if self._wants_front else self._port
            await web.TCPSite(runner, self._host, port, ssl_context=self._tls).start()
            host, port = runner.addresses[0][:2]
            platform.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            platform.secure = self._tls is not None
            async with self._fronted(host, port):
                yield
        finally:
            platform.closing.set()
            self._faults.release()
            for connection in list(platform.connections):
                connection.line.abort()
            await runner.cleanup()
            platform.uploads.close()

    @contextlib.asynccontextmanager
    async def _fronted(self, host: str, port: int) -> AsyncIterator[None]:
        if not self._wants_front:
            yield
            return
        seed = self._platform.simulation.seed
        async with Front(host, port, host=self._host, port=self._port, seed=seed) as front:
            self._front = front
            self._platform.address = front.address
            yield

    @contextlib.asynccontextmanager
    async def _living(self) -> AsyncIterator[None]:
        parts = {
            "people": talk(self, self._platform.simulation),
            "patience": self._sweep(),
            "events": self._emit_by_plan(),
            "fault script": self._script.run(),
            "follow-ups": self._platform.site.aftermath.tell_all(self._follow_up),
            "work put off": self._platform.site.aftermath.finish_all(),
            "reviews": self._press.settle_reviews(self.emit),
        }
        tasks = [asyncio.create_task(part, name=f"simulator {name}") for name, part in parts.items()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            for task in tasks:
                if not task.cancelled() and (error := task.exception()) is not None:
                    raise error
