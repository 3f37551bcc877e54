"""From a frame to the plugins that want it: who is called, how often, and who is not."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from qqbot_cli.bot.handler import EventHandler
from qqbot_cli.bot.session import (
    SESSIONS,
    AnswerSession,
    C2CReplySession,
    ChannelReplySession,
    ErrorSession,
    GroupReplySession,
    InteractionSession,
    ReadySession,
    UnknownEventSession,
)
from qqbot_cli.model.events import EVENTS, EventSpec
from qqbot_cli.model.fact import EventUnknown, HandlerFailed
from qqbot_cli.model.frame import Frame, decode_frame
from tests.offices import BOT, SAMPLES, Called, handler_of_everything, office, sample

NEW = "MESSAGE_UPDATE"
"""An event that is in no table."""


class Addressed(Called):
    async def message_create(self, session: ChannelReplySession) -> None:
        self.calls.append(("message_create", session))

    async def group_message_create(self, session: GroupReplySession) -> None:
        self.calls.append(("group_message_create", session))


class Everything(Called):
    async def guild_message_create(self, session: ChannelReplySession) -> None:
        self.calls.append(("guild_message_create", session))

    async def group_full_message_create(self, session: GroupReplySession) -> None:
        self.calls.append(("group_full_message_create", session))


class Both(Addressed):
    async def guild_message_create(self, session: ChannelReplySession) -> None:
        self.calls.append(("guild_message_create", session))

    async def group_full_message_create(self, session: GroupReplySession) -> None:
        self.calls.append(("group_full_message_create", session))


class Others(Called):
    async def ready(self, session: ReadySession) -> None:
        self.calls.append(("ready", session))

    async def c2c_message_create(self, session: C2CReplySession) -> None:
        self.calls.append(("c2c_message_create", session))

    async def interaction_create(self, session: InteractionSession) -> None:
        self.calls.append(("interaction_create", session))


class Curious(Called):
    async def unknown_event(self, session: UnknownEventSession) -> None:
        self.calls.append(("unknown_event", session))


async def test_each_event_goes_to_the_callback_of_its_row() -> None:
    handler = Others()

    async with office(handler) as o:
        for name in ("READY", "C2C_MESSAGE_CREATE", "INTERACTION_CREATE"):
            assert o.give(sample(name), shard=3)
        await o.finish()

    assert sorted(handler.names) == ["c2c_message_create", "interaction_create", "ready"]
    assert {session.shard for _, session in handler.calls} == {3}
    assert {session.name for _, session in handler.calls} == {
        "READY",
        "C2C_MESSAGE_CREATE",
        "INTERACTION_CREATE",
    }


async def test_an_event_nobody_wants_is_not_even_decoded() -> None:
    broken = decode_frame('{"op":0,"s":2,"t":"GROUP_AT_MESSAGE_CREATE","id":"x","d":{"nothing":1}}')

    async with office(Others(), Curious()) as o:
        assert not o.give(broken)
        assert o.facts == []


async def test_every_plugin_that_wants_an_event_gets_it_and_it_is_done_once() -> None:
    first, second, other = Addressed(), Addressed(), Others()

    async with office(first, second, other) as o:
        o.give(sample("GROUP_AT_MESSAGE_CREATE"))
        await o.finish()
        assert o.done_count == 1

    assert first.names == second.names == ["group_message_create"]
    assert first.calls[0][1] is second.calls[0][1]  # numbers of replies are counted across plugins
    assert other.names == []


async def test_f35_a_message_that_comes_twice_is_handled_once_whatever_its_event_is_called() -> None:
    handler = Addressed()

    async with office(handler) as o:
        assert o.give(sample("GROUP_AT_MESSAGE_CREATE", event_id="e-1"))
        assert not o.give(sample("GROUP_AT_MESSAGE_CREATE", event_id="e-2"))
        await o.finish()
        assert o.dispatcher.tally.repeated == 1

    assert handler.names == ["group_message_create"]


async def test_f35_an_unknown_event_that_comes_twice_is_recognised_by_its_event_id() -> None:
    handler = Curious()

    async with office(handler) as o:
        assert o.give(sample("FRIEND_ADD", called=NEW))
        assert not o.give(sample("FRIEND_ADD", called=NEW))
        assert o.give(sample("FRIEND_ADD", called=NEW, event_id="FRIEND_ADD:another"))
        await o.finish()

    assert handler.names == ["unknown_event"] * 2


async def test_sessions_that_begin_are_never_taken_for_repetitions() -> None:
    handler = Others()

    async with office(handler) as o:
        assert o.give(sample("READY"))
        assert o.give(sample("READY"))
        await o.finish()

    assert handler.names == ["ready", "ready"]


async def test_f41_an_unknown_event_goes_to_unknown_event_and_is_reported_once_per_kind() -> None:
    handler = Curious()

    async with office(handler) as o:
        for event_id in ("a", "b", "c"):
            o.give(sample("FRIEND_ADD", called=NEW, event_id=event_id))
        o.give(sample("FRIEND_DEL", called="MESSAGE_ODD"))
        await o.finish()
        assert o.facts == [
            EventUnknown(NEW, "no callback is known for it"),
            EventUnknown("MESSAGE_ODD", "no callback is known for it"),
        ]

    session = handler.calls[0][1]
    assert session.name == NEW
    assert session.event_id == "a"
    assert "openid" in session.raw


async def test_f42_a_payload_that_cannot_be_typed_goes_to_unknown_event_with_the_place() -> None:
    typed, curious = Addressed(), Curious()

    async with office(typed, curious) as o:
        assert o.give(sample("GROUP_AT_MESSAGE_CREATE", group_openid=None))
        await o.finish()
        (fact,) = o.told(EventUnknown)

    assert typed.names == []
    assert curious.names == ["unknown_event"]
    assert curious.calls[0][1].event.reason == fact.reason
    assert "group_openid" in fact.reason


async def test_f41_without_unknown_event_an_unknown_event_is_reported_and_left() -> None:
    async with office(Addressed()) as o:
        assert not o.give(sample("FRIEND_ADD", called=NEW))
        assert len(o.told(EventUnknown)) == 1


async def test_f41_invented_names_without_end_do_not_fill_the_memory() -> None:
    async with office(Addressed()) as o:
        for number in range(1_500):
            o.give(decode_frame(json.dumps({"op": 0, "s": 1, "t": f"NEW_{number}", "d": {}})))
        assert len(o.facts) == 1_000


@pytest.mark.parametrize(
    ("name", "not_for_bot", "callback"),
    [
        ("GROUP_MESSAGE_CREATE", {"mentions": []}, "group_message_create"),
        ("MESSAGE_CREATE", {}, "message_create"),
    ],
    ids=["group", "guild"],
)
async def test_a_message_among_all_messages_is_forwarded_only_if_the_bot_is_addressed(
    name: str, not_for_bot: dict[str, Any], callback: str
) -> None:
    handler = Addressed()
    to_bot: dict[str, Any] = {} if name.startswith("GROUP") else {"mentions": [{"id": BOT.id, "bot": True}]}

    async with office(handler) as o:
        o.give(sample(name, id="m-1", **not_for_bot))
        o.give(sample(name, id="m-2", **to_bot))
        await o.finish()

    assert [(called, session.event.id) for called, session in handler.calls] == [(callback, "m-2")]


PAIRS = pytest.mark.parametrize(
    "names",
    [
        ("AT_MESSAGE_CREATE", "MESSAGE_CREATE"),
        ("MESSAGE_CREATE", "AT_MESSAGE_CREATE"),
        ("GROUP_AT_MESSAGE_CREATE", "GROUP_MESSAGE_CREATE"),
        ("GROUP_MESSAGE_CREATE", "GROUP_AT_MESSAGE_CREATE"),
    ],
    ids="-then-".join,
)


def under_two_names(names: tuple[str, str]) -> list[Frame]:
    """One message that mentions the bot, pushed as two events."""
    mentions = [{"id": BOT.id, "bot": True, "is_you": True}]
    return [sample(name, id="m-1", mentions=mentions) for name in names]


@PAIRS
async def test_a_plugin_with_both_callbacks_is_called_once_for_a_message_under_two_names(
    names: tuple[str, str],
) -> None:
    handler = Both()

    async with office(handler) as o:
        for frame in under_two_names(names):
            o.give(frame)
        await o.finish()

    assert handler.names == [EVENTS[names[0]].callback]


@PAIRS
async def test_a_plugin_for_everything_and_one_for_what_is_addressed_each_get_a_message_under_two_names(
    names: tuple[str, str],
) -> None:
    everything, addressed = Everything(), Addressed()

    async with office(everything, addressed) as o:
        for frame in under_two_names(names):
            o.give(frame)
        await o.finish()

    assert len(addressed.names) == 1
    assert len(everything.names) == 1


async def test_f64_a_plugin_that_raises_does_not_affect_another() -> None:
    class Broken(EventHandler):
        async def group_message_create(self, session: GroupReplySession) -> None:
            raise LookupError("no such city")

    fine = Addressed()

    async with office(Broken(), fine) as o:
        frame = sample("GROUP_AT_MESSAGE_CREATE")
        o.give(frame)
        await o.finish()
        (failure,) = o.told(HandlerFailed)

    assert fine.names == ["group_message_create"]
    assert (failure.plugin, failure.callback) == ("p0", "group_message_create")
    assert failure.event_id == frame.id
    assert failure.error == "LookupError: no such city"
    assert "test_dispatcher.py:" in failure.place


async def test_f65_a_plugin_that_hangs_is_ended_by_the_watch_and_does_not_hold_up_another() -> None:
    class Hanging(EventHandler):
        async def group_message_create(self, session: GroupReplySession) -> None:
            await asyncio.get_running_loop().create_future()

    fine = Addressed()

    async with office(Hanging(), fine, timeout=0.05) as o:
        o.give(sample("GROUP_AT_MESSAGE_CREATE"))
        await o.finish()
        (failure,) = o.told(HandlerFailed)

    assert fine.names == ["group_message_create"]
    assert failure.error == "TimeoutError: took more than 0.05 s"


class Slow(Called):
    """Notes when it begins and waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.begun: asyncio.Queue[str] = asyncio.Queue()

    async def group_message_create(self, session: GroupReplySession) -> None:
        self.begun.put_nowait(session.event.id)
        await self.go.wait()
        self.calls.append((session.event.id, session))


async def test_messages_of_one_group_are_handled_in_order_and_other_groups_meanwhile() -> None:
    handler = Slow()

    async with office(handler) as o, asyncio.timeout(5):
        for group, message in (("g1", "a"), ("g1", "b"), ("g2", "c")):
            o.give(sample("GROUP_AT_MESSAGE_CREATE", group_openid=group, id=message))
        begun = [await handler.begun.get() for _ in range(2)]
        assert handler.begun.empty()
        assert o.dispatcher.waiting_by_shard() == {0: 3}
        handler.go.set()
        await o.finish()
        assert o.dispatcher.waiting_by_shard() == {}

    assert begun == ["a", "c"]
    assert handler.names.index("a") < handler.names.index("b")


async def test_what_waits_is_counted_by_shard_and_once_for_all_plugins() -> None:
    first, second = Slow(), Slow()

    async with office(first, second) as o:
        for shard in (0, 1, 1):
            o.give(sample("GROUP_AT_MESSAGE_CREATE", id=f"m-{o.taken}"), shard=shard)
        assert o.dispatcher.waiting_by_shard() == {0: 1, 1: 2}
        first.go.set()
        second.go.set()
        await o.finish()


@pytest.mark.parametrize("row", EVENTS.values(), ids=lambda row: row.name)
async def test_every_documented_event_reaches_its_callback_with_its_types(row: EventSpec) -> None:
    handler = handler_of_everything()

    async with office(handler) as o:
        assert o.give(sample(row.name))
        await o.finish()
        assert o.facts == []

    ((callback, session),) = handler.calls
    assert callback == row.callback
    assert type(session) is SESSIONS[row.session]
    assert type(session.event) is row.payload
    assert session.name == row.name
    assert session.raw == json.loads((SAMPLES / f"{row.name}.json").read_text(encoding="utf-8"))["d"]


async def test_a_reply_to_the_bot_without_a_mention_is_not_lost_when_its_other_name_comes_first() -> None:
    everything, addressed = Everything(), Addressed()

    async with office(everything, addressed) as o:
        assert o.give(sample("MESSAGE_CREATE", id="m-1", mentions=[]))
        assert o.give(sample("AT_MESSAGE_CREATE", id="m-1", mentions=[]))
        assert not o.give(sample("AT_MESSAGE_CREATE", id="m-1", mentions=[]))
        await o.finish()

    assert everything.names == ["guild_message_create"]
    assert addressed.names == ["message_create"]


@PAIRS
async def test_replies_to_a_message_under_two_names_are_counted_together(names: tuple[str, str]) -> None:
    everything, addressed = Everything(), Addressed()

    async with office(everything, addressed) as o:
        for frame in under_two_names(names):
            o.give(frame)
        await o.finish()

    (first,) = (session for _, session in everything.calls)
    (second,) = (session for _, session in addressed.calls)
    assert isinstance(first, AnswerSession)
    assert isinstance(second, AnswerSession)
    assert first._replies is second._replies


class Watching(Called):
    async def error(self, session: ErrorSession) -> None:
        self.calls.append(("error", session))


class Failing(EventHandler):
    async def group_message_create(self, session: GroupReplySession) -> None:
        raise LookupError("no such city")


async def test_a_failure_is_told_to_every_plugin_that_wants_to_know_with_the_event() -> None:
    watching = Watching()

    async with office(Failing(), watching) as o:
        o.give(sample("GROUP_AT_MESSAGE_CREATE"))
        await o.finish()
        assert o.done_count == 1

    ((_, session),) = watching.calls
    failure = session.event
    assert (failure.plugin, failure.callback) == ("p0", "group_message_create")
    assert isinstance(failure.exception, LookupError)
    assert "test_dispatcher.py:" in failure.place
    assert failure.session.event.text == "/ping 你好"
    assert session.event_id == failure.session.event_id
    assert session.raw["content"] == " /ping 你好"


async def test_a_failure_of_the_error_callback_is_reported_and_not_told_again() -> None:
    class Worse(Failing):
        async def error(self, session: ErrorSession) -> None:
            raise ValueError("worse")

    async with office(Worse()) as o:
        o.give(sample("GROUP_AT_MESSAGE_CREATE"))
        await o.finish()
        assert [fact.callback for fact in o.told(HandlerFailed)] == ["group_message_create", "error"]


async def test_a_broken_error_callback_is_no_failure_of_the_event() -> None:
    class Worse(Addressed):
        async def error(self, session: ErrorSession) -> None:
            raise ValueError("worse")

    class Flaky(Addressed):
        async def group_message_create(self, session: GroupReplySession) -> None:
            await super().group_message_create(session)
            if len(self.calls) == 1:
                raise ConnectionError

    flaky, worse = Flaky(), Worse()
    async with office(flaky, worse) as o:
        o.give(sample("GROUP_AT_MESSAGE_CREATE"))
        await o.finish()
        assert o.done_count == 1

    ((_, session), _) = flaky.calls
    assert not session.failures
    assert worse.names == ["group_message_create"]


async def test_a_handler_that_takes_too_long_is_told_as_a_time_out() -> None:
    class Hanging(Watching):
        async def group_message_create(self, session: GroupReplySession) -> None:
            await asyncio.get_running_loop().create_future()

    handler = Hanging()

    async with office(handler, timeout=0.05) as o:
        o.give(sample("GROUP_AT_MESSAGE_CREATE"))
        await o.finish()

    ((_, session),) = handler.calls
    assert isinstance(session.event.exception, TimeoutError)
