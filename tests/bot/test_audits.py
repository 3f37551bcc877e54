"""Reviews: each verdict reaches the send that waits for it, and nothing is kept for ever."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import pytest

from qqbot_cli.bot.audits import Audits
from qqbot_cli.bot.handler import EventHandler
from qqbot_cli.errors import MessageAuditError, QQBotError
from qqbot_cli.model.answer import MessageResponse
from qqbot_cli.model.payload.audit import MessageAudit
from tests.offices import Called, office, sample


def reviewed(audit_id: str) -> MessageAuditError:
    error = MessageAuditError("waits", status=202)
    error.audit_id = audit_id
    return error


def sending(
    audit_id: str, meanwhile: Callable[[], object] = lambda: None
) -> Callable[[], Awaitable[MessageResponse]]:
    async def send() -> MessageResponse:
        meanwhile()
        raise reviewed(audit_id)

    return send


def verdict(audit_id: str, *, name: str = "MESSAGE_AUDIT_PASS") -> SimpleNamespace:
    return SimpleNamespace(name=name, event=MessageAudit(audit_id, message_id=f"message of {audit_id}"))


def hear(audits: Audits, audit_id: str, **more: str) -> bool:
    return audits.add(None, None, verdict(audit_id, **more))


def make() -> Audits:
    return Audits(asyncio.get_running_loop().time)


async def test_each_verdict_reaches_the_send_that_waits_for_it() -> None:
    audits = make()
    waiting = [asyncio.ensure_future(audits.settle(sending(name), 5)) for name in "ab"]
    await asyncio.sleep(0)

    for name in "bxa":
        assert not hear(audits, name)

    assert [(await answer).id for answer in waiting] == ["message of a", "message of b"]


async def test_a_verdict_may_come_before_the_answer_to_the_send() -> None:
    audits = make()

    response = await audits.settle(sending("a", lambda: hear(audits, "a")), 5)

    assert response == MessageResponse(id="message of a", audit_id="a")


async def test_a_verdict_may_come_twice() -> None:
    audits = make()
    waiting = asyncio.ensure_future(audits.settle(sending("a"), 5))
    await asyncio.sleep(0)
    hear(audits, "a")
    hear(audits, "a", name="MESSAGE_AUDIT_REJECT")

    assert (await waiting).id == "message of a"


async def test_other_errors_are_not_waited_for() -> None:
    async def send() -> MessageResponse:
        raise QQBotError("no")

    with pytest.raises(QQBotError, match="no"):
        await make().settle(send, 5)


async def test_listening_begins_with_the_first_send_and_ends_with_the_last() -> None:
    audits = make()
    told: list[bool] = []
    audits.on_demand = told.append

    waiting = [asyncio.ensure_future(audits.settle(sending(name), 5)) for name in "ab"]
    await asyncio.sleep(0)
    hear(audits, "a")
    await waiting[0]
    assert told == [True]
    hear(audits, "b")
    await waiting[1]

    assert told == [True, False]


async def test_what_is_never_fetched_is_forgotten() -> None:
    now = 0.0
    audits = Audits(lambda: now)
    waiting = asyncio.ensure_future(audits.settle(sending("x"), 5))
    await asyncio.sleep(0)
    for number in range(2_000):
        hear(audits, f"{number}")
    assert len(audits._early) == 1_000
    now = 100.0
    hear(audits, "late")
    assert list(audits._early) == ["late"]

    hear(audits, "x")
    await waiting
    assert not audits._early
    assert not audits._waiting


async def test_verdicts_are_decoded_only_while_somebody_waits() -> None:
    async with office(Called()) as o:
        audits = o.dispatcher._scope.audits
        frame = sample("MESSAGE_AUDIT_PASS")
        audit_id = json.loads(bytes(frame.body))["audit_id"]
        assert not o.give(frame)

        waiting = asyncio.ensure_future(audits.settle(sending(audit_id), 5))
        await asyncio.sleep(0)
        assert not o.give(sample("MESSAGE_AUDIT_PASS", event_id="E:2"))
        assert (await waiting).audit_id == audit_id
        assert o.dispatcher._routes["MESSAGE_AUDIT_PASS"].listeners == []


async def test_a_plugin_hears_verdicts_whether_or_not_somebody_waits() -> None:
    class Auditor(Called):
        async def message_audit_pass(self, session: object) -> None:
            self.calls.append(("pass", session))  # type: ignore[arg-type]

    handler: EventHandler = Auditor()
    async with office(handler) as o:
        waiting = asyncio.ensure_future(o.dispatcher._scope.audits.settle(sending("other"), 5))
        await asyncio.sleep(0)
        assert o.give(sample("MESSAGE_AUDIT_PASS", event_id="E:1"))
        hear(o.dispatcher._scope.audits, "other")
        await waiting
        assert o.give(sample("MESSAGE_AUDIT_PASS", event_id="E:2"))
        await o.finish()
    assert isinstance(handler, Auditor)
    assert handler.names == ["pass", "pass"]
