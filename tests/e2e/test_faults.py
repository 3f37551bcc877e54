"""Faults between a real bot and the simulated platform, by their numbers."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time

import pytest
import time_machine

from qqbot_cli import AuthenticationError, PlatformUnreachableError, SessionLimitError, ShardRefusedError
from qqbot_cli.bot.manager import ShardPlan
from qqbot_cli.bot.memory import resident_memory
from qqbot_cli.bot.wording import describe
from qqbot_cli.model.fact import EventUnknown, GatewayRead, ShardChanged, ShardState, ShardWarned
from qqbot_cli.model.hosts import Endpoints
from qqbot_cli.model.opcode import CLOSE_RULES, Recovery
from qqbot_cli.model.simulation import FaultKind
from qqbot_cli.protocol.limits import Limits
from qqbot_cli.simulator import HeartbeatSeen, Simulator
from tests.e2e.bots import CANARY, QUICK, Bot, Recorder, running, simulating, until
from tests.turns import NOISE


async def say(simulator: Simulator, count: int) -> set[str]:
    return {await simulator.say_group(f"message {number}") for number in range(count)}


def heard(handler: Recorder) -> list[str]:
    return [session.event.id for session in handler.sessions]


def pauses(bot: Bot) -> list[float | None]:
    """Seconds before each further attempt, as they were told."""
    changes = (fact for fact in bot.facts if isinstance(fact, ShardChanged))
    return [change.delay for change in changes if change.new is ShardState.BACKOFF]


@pytest.mark.alone
@pytest.mark.parametrize(
    "kind",
    [FaultKind.RST_MID_FRAME, FaultKind.DROP, FaultKind.RST, FaultKind.RECONNECT],
    ids=["rst_mid_frame", "fin_without_close", "rst", "op7"],
)
async def test_f01_f02_f21_a_broken_connection_is_resumed_and_nothing_is_lost(kind: FaultKind) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        said = await say(simulator, 3)
        begun = time.monotonic()
        await simulator.inject(kind)
        said |= await say(simulator, 5)
        await until(lambda: set(heard(handler)) == said)

        assert time.monotonic() - begun <= 2
        assert simulator.stats.identifies == 1
        assert len(heard(handler)) == len(said)
        assert simulator.stats.violations == 0


async def test_f03_a_peer_that_vanished_is_noticed_by_the_missing_heartbeat() -> None:
    handler = Recorder()
    async with simulating(heartbeat_interval=0.4) as simulator, running(simulator, handler):
        await simulator.inject(FaultKind.HALF_OPEN)
        said = await say(simulator, 3)
        begun = time.monotonic()
        await until(lambda: simulator.stats.resumes == 1)

        assert time.monotonic() - begun <= 0.4 + 0.2 + NOISE
        await until(lambda: set(heard(handler)) == said)
        assert simulator.stats.identifies == 1


async def test_f05_a_platform_that_is_not_there_is_tried_until_it_is() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    absent = Endpoints(base, base, f"{base}/app/getAppAccessToken")
    async with simulating() as nobody, running(nobody, Recorder(), ready=None, endpoints=absent) as bot:
        await until(lambda: "connection refused" in bot.client.snapshot().stage_error)
        from qqbot_cli import Simulation

        async with Simulator(Simulation(users=0, shards=1), port=port, secret=CANARY):
            await until(lambda: bot.ready == 1)


async def test_f05_without_waiting_an_absent_platform_is_an_error() -> None:
    async with simulating() as simulator:
        simulator.switches.rest_down = "refuse"
        simulator.switches.token_down = "refuse"
        with pytest.raises(PlatformUnreachableError):
            async with running(simulator, Recorder(), wait=False):
                pass


@pytest.mark.parametrize("outage", ["refuse", "garbage"])
async def test_a_platform_that_is_out_of_service_at_the_start_is_waited_for(outage: str) -> None:
    async with simulating() as simulator:
        simulator.switches.rest_down = outage  # type: ignore[assignment]
        async with running(simulator, Recorder(), ready=None) as bot:
            await until(lambda: bot.client.snapshot().stage_next_at or bot.running.done())
            simulator.switches.rest_down = None
            await until(lambda: bot.ready == 1)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("html", "HTTP 200 instead of a websocket: <html><body>maintenance</body></html>"),
        ("502", "HTTP 502 instead of a websocket: <html><body>502 Bad Gateway</body></html>"),
        ("403", "HTTP 403 instead of a websocket"),
    ],
)
async def test_f08_a_page_in_place_of_the_gateway_is_quoted_and_tried_once_for_each_pause(
    answer: str, said: str
) -> None:
    async with simulating() as simulator:
        simulator.switches.upgrade = answer  # type: ignore[assignment]
        begun = time.monotonic()
        async with running(simulator, Recorder(), ready=None, jitter=lambda: 0.9) as bot:
            await until(lambda: len(pauses(bot)) >= 3 and bot.states() == ["backoff"])

            assert time.monotonic() - begun >= 0.1 + 0.2
            assert simulator.stats.upgrades == len(pauses(bot))
            assert bot.client.snapshot().shards[0].last_error == f"cannot connect: {said}"
            simulator.switches.upgrade = "ok"
            await until(lambda: bot.ready == 1)


async def test_f09_a_hello_that_trickles_in_is_left_at_the_deadline_in_all() -> None:
    opened, over = asyncio.Event(), asyncio.Event()

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        opened.set()
        try:
            for byte in b"HTTP/1.1 101 Switching Protocols\r\n" * 100:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        finally:
            writer.close()
            over.set()

    server = await asyncio.start_server(trickle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with simulating() as simulator, server:
        where = simulator.endpoints
        endpoints = Endpoints(where.api, where.sandbox_api, where.token, f"ws://127.0.0.1:{port}/")
        limits = Limits(connecting=0.4)
        async with running(simulator, Recorder(), ready=None, endpoints=endpoints, limits=limits) as bot:
            await opened.wait()
            begun = time.monotonic()
            await until(lambda: bot.states() == ["backoff"])

            assert 0.2 <= time.monotonic() - begun <= 0.4 + NOISE
            assert "no answer in time" in bot.client.snapshot().shards[0].last_error
        await over.wait()


async def test_f10_a_gateway_that_says_no_hello_is_left() -> None:
    async with simulating() as simulator:
        simulator.switches.hello = False
        async with running(simulator, Recorder(), ready=None, limits=Limits(hello=0.2)) as bot:
            await until(
                lambda: "no hello" in bot.client.snapshot().shards[0].last_error if bot.states() else False
            )


@pytest.mark.parametrize(
    ("first", "why"),
    [
        ('{"op":7}', "platform asked to reconnect"),
        ('{"op":9,"d":true}', "the platform refused to create a session"),
        ('{"op":9}', "the platform refused to create a session"),
        ('{"op":11}', "first frame was not hello"),
        ('{"op":0,"s":1,"t":"X","d":{}}', "first frame was not hello"),
        ('{"op":42}', "first frame was not hello"),
    ],
)
async def test_f16_a_first_frame_that_is_not_hello_is_one_line_in_the_log_and_backed_off_from(
    first: str, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="qqbot_cli")
    async with simulating() as simulator:
        simulator.switches.first_frame = first
        async with running(simulator, Recorder(), ready=None, jitter=lambda: 0.9) as bot:
            await until(lambda: len(pauses(bot)) == 1)
            lines = [describe(fact, now=0) for fact in bot.facts if not isinstance(fact, GatewayRead)]
            told = [line for line in lines if line.level > logging.DEBUG and line.event != "token.new"]
            assert [(line.event, line.detail) for line in told] == [("shard.state", "")]
            assert told[0].text.startswith(f"connection ended: {why}, identify in ")
            assert not [record for record in caplog.records if record.levelno > logging.INFO]


async def test_garbage_in_place_of_hello_leads_to_another_connection() -> None:
    async with simulating() as simulator:
        simulator.switches.first_frame = "garbage"
        async with running(simulator, Recorder(), ready=None, limits=Limits(hello=0.3)) as bot:
            await until(lambda: any(shard.reconnects for shard in bot.client.snapshot().shards))


async def test_f18_acknowledgements_that_stop_end_the_connection_after_three() -> None:
    async with simulating(heartbeat_interval=0.3) as simulator, running(simulator, Recorder()) as bot:
        simulator.switches.acks = False
        while simulator.stats.resumes == 0:
            await simulator.say_group("still here")
            await asyncio.sleep(0.02)
        simulator.switches.acks = True
        beats = [record for record in simulator.history if isinstance(record, HeartbeatSeen)]
        assert len(beats) >= 3
        await until(lambda: bot.ready == 1)


@pytest.mark.alone
async def test_f20_a_heartbeat_of_the_server_is_answered_within_a_tenth_of_a_second() -> None:
    async with simulating() as simulator, running(simulator, Recorder()):
        before = simulator.stats.heartbeats
        begun = time.monotonic()
        await simulator.send_raw('{"op":1,"d":null}')
        await simulator.wait_for(lambda: simulator.stats.heartbeats > before)

        assert time.monotonic() - begun <= 0.1


async def test_f21_twenty_reconnects_lose_nothing_and_never_identify() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler) as bot:
        said: set[str] = set()
        for number in range(20):
            await simulator.inject(FaultKind.RECONNECT)
            said |= await say(simulator, 2)
            await until(lambda number=number: simulator.stats.resumes > number and bot.ready == 1)  # type: ignore[misc]
        await until(lambda: set(heard(handler)) == said)

        assert simulator.stats.identifies == 1


async def test_f22_an_invalid_session_that_is_resumable_is_resumed() -> None:
    async with simulating() as simulator, running(simulator, Recorder()) as bot:
        await simulator.inject(FaultKind.INVALID_SESSION, 1)
        await until(lambda: simulator.stats.resumes == 1 and bot.ready == 1)
        assert simulator.stats.identifies == 1


@pytest.mark.long
async def test_f22_f24_a_lost_session_is_replaced_and_the_gap_recorded() -> None:
    async with simulating() as simulator, running(simulator, Recorder(), jitter=lambda: 1.0) as bot:
        await simulator.inject(FaultKind.INVALID_SESSION, 0)
        await until(lambda: simulator.stats.identifies == 2 and bot.ready == 1)
        assert bot.client.status.gaps == 1


@pytest.mark.alone
async def test_f23_4009_is_resumed_within_a_second() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler, jitter=lambda: 0.9) as bot:
        begun = time.monotonic()
        await simulator.inject(FaultKind.CLOSE, 4009)
        said = await say(simulator, 2)
        await until(lambda: set(heard(handler)) == said and bot.ready == 1)
        assert time.monotonic() - begun <= 1


@pytest.mark.long
async def test_f25_a_session_that_was_resumed_elsewhere_costs_one_identify_and_no_resume() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler, jitter=lambda: 1.0) as bot:
        await simulator.inject(FaultKind.CLOSE, 4902)
        await until(lambda: simulator.stats.identifies == 2 and bot.ready == 1)
        said = await say(simulator, 2)
        await until(lambda: set(heard(handler)) == said)

        assert (simulator.stats.identifies, simulator.stats.resumes) == (2, 0)
        assert len(pauses(bot)) == 1


@pytest.mark.parametrize(
    "code", [code for code, rule in CLOSE_RULES.items() if rule.recovery is Recovery.STOP]
)
async def test_f28_a_fatal_code_stops_one_shard_and_the_other_lives(code: int) -> None:
    async with simulating(shards=2) as simulator, running(simulator, Recorder(), ready=2) as bot:
        await simulator.inject(FaultKind.CLOSE, code, shard=1)
        await until(lambda: bot.states() == ["ready", "FATAL"])
        await asyncio.sleep(0.05)

        assert simulator.stats.identifies == 2
        assert simulator.stats.resumes == 0
        assert CLOSE_RULES[code].remedy in bot.client.snapshot().shards[1].last_error


async def test_f28_without_a_shard_left_the_bot_ends_with_the_reason() -> None:
    async with simulating(shards=2) as simulator, running(simulator, Recorder(), ready=2) as bot:
        await simulator.inject(FaultKind.CLOSE, 4914)
        with pytest.raises(ShardRefusedError, match=r"all 2 shards: 4914 .*set sandbox: true"):
            await bot.running


async def test_an_intent_that_is_not_granted_is_refused() -> None:
    async with simulating() as simulator:
        from qqbot_cli import Intents

        simulator.switches.granted_intents = Intents.GUILDS
        with pytest.raises(ShardRefusedError, match="4014"):
            async with running(simulator, Recorder()):
                pass


async def test_4011_without_a_larger_recommendation_ends_with_the_number_to_set() -> None:
    async with simulating(shards=2) as simulator, running(simulator, Recorder(), ready=2) as bot:
        await simulator.inject(FaultKind.CLOSE, 4011, shard=0)
        with pytest.raises(ShardRefusedError, match="wants more than 2 shards"):
            await bot.running


@pytest.mark.parametrize("code", [4001, 4002, 4003, 4005])
async def test_f29_a_fault_of_ours_shows_the_last_five_frames_that_were_sent(code: int) -> None:
    async with simulating(heartbeat_interval=0.1) as simulator, running(simulator, Recorder()) as bot:
        await until(lambda: simulator.stats.heartbeats >= 6)
        await simulator.inject(FaultKind.CLOSE, code)
        await until(lambda: bot.states() == ["backoff"])

        told = [fact.message for fact in bot.facts if isinstance(fact, ShardWarned)]
        assert told == ["the last frames sent were: " + "  ".join(['{"op":1,"d":1}'] * 5)]


async def test_f29_an_identify_that_the_platform_takes_for_wrong_is_shown_without_its_token() -> None:
    async with simulating() as simulator, running(simulator, Recorder(), jitter=lambda: 0.9) as bot:
        token = await bot.client.api.client._tokens.get()  # type: ignore[union-attr]
        await simulator.inject(FaultKind.CLOSE, 4002)
        await until(lambda: bot.states() == ["backoff"])

        (told,) = [fact.message for fact in bot.facts if isinstance(fact, ShardWarned)]
        assert '{"op":2,"d":{"token":"***","intents":' in told
        assert token not in told


async def test_f30_unknown_codes_are_survived() -> None:
    async with simulating() as simulator, running(simulator, Recorder(), jitter=lambda: 1.0) as bot:
        for code in (4099, 4242, 3500):
            before = simulator.stats.resumes
            await simulator.inject(FaultKind.CLOSE, code)
            await until(lambda before=before: simulator.stats.resumes > before and bot.ready == 1)  # type: ignore[misc]
        assert simulator.stats.identifies == 1


async def test_f35_f37_doubled_and_reordered_events_are_handled_once_each() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        await simulator.inject(FaultKind.DUPLICATE, 5)
        said = await say(simulator, 5)
        await simulator.inject(FaultKind.REORDER, 4)
        said |= await say(simulator, 4)
        await until(lambda: len(handler.sessions) >= 9)
        await asyncio.sleep(0.05)

        assert sorted(heard(handler)) == sorted(said)


async def test_f39_numbers_that_are_none_are_told_once_a_kind_and_their_events_are_handled() -> None:
    handler = Recorder()
    odd = ["-1", "-7", "18446744073709551616", '"x"', '"y"', "null"]
    async with simulating() as simulator, running(simulator, handler) as bot:
        for number, seq in enumerate(odd):
            await simulator.send_raw(f'{{"op":0,"s":{seq},"t":"NEW_EVENT","id":"{number}","d":{{}}}}')
        await until(lambda: len(handler.sessions) == len(odd))

        told = [fact.message for fact in bot.facts if isinstance(fact, ShardWarned)]
        assert told == [
            f"{kind} came in place of a sequence number, which is ignored"
            for kind in ("a negative number", "a number that is too large", "text")
        ]
        assert bot.client.snapshot().shards[0].seq == 1


async def test_f40_unknown_opcodes_are_counted_and_the_shard_stays_ready() -> None:
    async with simulating() as simulator, running(simulator, Recorder()) as bot:
        for op in (5, 42, 99):
            await simulator.send_raw(f'{{"op":{op},"d":{{}}}}')
        await until(lambda: bot.client.snapshot().shards[0].unknown == 3)

        assert bot.ready == 1
        assert simulator.stats.resumes == 0


async def test_f41_an_unknown_event_reaches_unknown_event_as_it_came() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler) as bot:
        for number in range(3):
            await simulator.emit("BRAND_NEW_EVENT", {"n": number})
        await until(lambda: len(handler.sessions) == 3)

        assert [session.raw for session in handler.sessions] == [{"n": 0}, {"n": 1}, {"n": 2}]
        assert [fact.name for fact in bot.facts if isinstance(fact, EventUnknown)] == ["BRAND_NEW_EVENT"]


async def test_f42_a_payload_that_cannot_be_typed_is_not_lost() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        await simulator.emit("GROUP_AT_MESSAGE_CREATE", {"content": "no group"})
        await until(lambda: len(handler.sessions) == 1)

        assert "missing required field" in handler.sessions[0].event.reason
        assert handler.sessions[0].raw == {"content": "no group"}


@pytest.mark.parametrize("garbage", ["not json", "[1]", b"\xff\xfe", '{"op":0,"s":1', "", "[" * 5000])
async def test_f43_garbage_does_not_end_the_connection(garbage: str | bytes) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        await simulator.send_raw(garbage)
        said = await say(simulator, 1)
        await until(lambda: set(heard(handler)) == said)
        assert simulator.stats.resumes == 0


@pytest.mark.parametrize(
    "d",
    [
        "[" * 100_000 + "]" * 100_000,
        '{"content":' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"content":NaN}',
        '{"content":' + "9" * 5_000 + "}",
        '{"content":"\\ud800","group_openid":"\\udfff","author":{"member_openid":"u"},"id":"m"}',
        '{"content":"a","content":"b","group_openid":"g","author":{"member_openid":"u"},"id":"m"}',
    ],
    ids=["nested body", "nested field", "NaN", "5000 digits", "half characters", "doubled fields"],
)
async def test_f44_what_makes_parsers_fail_ends_nothing_and_can_be_printed(d: str) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler) as bot:
        await simulator.send_raw(f'{{"op":0,"s":2,"t":"GROUP_AT_MESSAGE_CREATE","id":"odd","d":{d}}}')
        said = await simulator.say_group("still here?")
        await until(lambda: any(getattr(one.event, "id", "") == said for one in handler.sessions))

        assert (bot.ready, simulator.stats.resumes) == (1, 0)
        for session in handler.sessions:
            assert str(session.event).encode()
            assert bytes(session.body)


async def test_f43_more_than_ten_times_garbage_in_a_minute_does() -> None:
    async with simulating() as simulator, running(simulator, Recorder()):
        for _ in range(11):
            await simulator.send_raw("garbage")
        await until(lambda: simulator.stats.resumes == 1)


@pytest.mark.parametrize("interval", [0, -1, "45000", 10**9, None])
async def test_f45_a_senseless_interval_makes_no_busy_loop(interval: object) -> None:
    async with simulating() as simulator:
        simulator.switches.hello_interval = interval
        async with running(simulator, Recorder(), limits=Limits()):
            await asyncio.sleep(0.1)
            assert simulator.stats.heartbeats <= 1


@pytest.mark.parametrize("outage", ["refuse", "garbage"])
async def test_f46_a_token_endpoint_that_is_down_at_the_start_is_waited_for(outage: str) -> None:
    async with simulating() as simulator:
        simulator.switches.token_down = outage  # type: ignore[assignment]
        async with running(simulator, Recorder(), ready=None) as bot:
            await until(lambda: bot.client.snapshot().stage_next_at)
            simulator.switches.token_down = None
            await until(lambda: bot.ready == 1)


async def test_f46_a_token_endpoint_that_is_down_later_costs_no_connection() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        simulator.switches.token_down = "refuse"
        simulator.revoke_tokens()
        said = await say(simulator, 2)
        await until(lambda: set(heard(handler)) == said)
        assert simulator.stats.resumes == 0


async def test_f47_many_callers_ask_for_a_token_once() -> None:
    async with simulating() as simulator, running(simulator, Recorder()) as bot:
        api = bot.client.api
        assert api is not None
        before = simulator.stats.token_calls
        simulator.revoke_tokens()
        await asyncio.gather(*(api.get_bot_info() for _ in range(20)))

        assert simulator.stats.token_calls - before == 1


@pytest.mark.parametrize("lifetime", ["7200", 7200, 0, -1, None, "soon", 60])
async def test_f48_any_lifetime_of_a_token_works(lifetime: object) -> None:
    async with simulating() as simulator:
        simulator.switches.token_expires_in = lifetime
        async with running(simulator, Recorder()):
            assert simulator.stats.token_calls == 1


async def test_f50_f27_a_token_refused_at_resume_is_replaced() -> None:
    async with simulating() as simulator, running(simulator, Recorder()) as bot:
        simulator.revoke_tokens()
        await simulator.inject(FaultKind.DROP)
        begun = time.monotonic()
        await until(lambda: bot.ready == 1 and simulator.stats.resumes >= 1)

        assert time.monotonic() - begun <= 3
        assert simulator.stats.token_calls == 2
        assert simulator.stats.identifies == 1


async def test_f51_a_call_with_an_expired_token_is_repeated_once_with_a_new_one() -> None:
    async with simulating() as simulator, running(simulator, Recorder()) as bot:
        api = bot.client.api
        assert api is not None
        simulator.revoke_tokens()

        assert (await api.get_bot_info()).id == simulator.bot_user_id
        assert simulator.stats.token_calls == 2


async def test_f54_without_session_starts_nobody_identifies_but_a_session_is_still_resumed() -> None:
    async with simulating() as simulator, running(simulator, Recorder()) as bot:
        await simulator.inject(FaultKind.REMAINING, 0)
        await simulator.inject(FaultKind.DROP)
        await until(lambda: simulator.stats.resumes == 1 and bot.ready == 1)


async def test_f54_at_the_start_it_waits_with_a_countdown_and_identifies_when_the_quota_is_renewed() -> None:
    async with (
        simulating(remaining=0, reset_after=1.0) as simulator,
        running(simulator, Recorder(), ready=None) as bot,
    ):
        await until(lambda: bot.states() == ["waiting for permit"])
        shard = bot.client.snapshot().shards[0]
        assert shard.next_at is not None
        assert "quota" in shard.next_step
        assert simulator.stats.identifies == 0
        await until(lambda: bot.ready == 1)
        assert simulator.stats.violations == 0


async def test_f54_without_waiting_an_empty_quota_is_an_error() -> None:
    async with simulating(remaining=0) as simulator:
        with pytest.raises(SessionLimitError, match="0 session starts are left today, 1 are needed"):
            async with running(simulator, Recorder(), wait=False):
                pass


async def test_f55_a_wrong_secret_is_refused_within_three_seconds() -> None:
    async with simulating() as simulator:
        begun = time.monotonic()
        with pytest.raises(AuthenticationError, match="100016") as caught:
            async with running(simulator, Recorder(), secret="wrong-secret"):
                pass
        assert time.monotonic() - begun <= 3
        assert "wrong-secret" not in str(caught.value)


async def test_f56_a_wall_clock_that_jumps_a_year_changes_nothing() -> None:
    handler = Recorder(lambda session: session.reply("still here"))
    async with simulating(heartbeat_interval=0.2) as simulator, running(simulator, handler):
        for year in (2025, 2028):
            with time_machine.travel(f"{year}-06-01"):
                before = simulator.stats.heartbeats
                await simulator.wait_for(lambda before=before: simulator.stats.heartbeats >= before + 3)  # type: ignore[misc]
        message = await simulator.say_group("hello")
        await until(lambda: simulator.replies_to(message))
        assert simulator.stats.resumes == 0


@pytest.mark.parametrize("count", [2, 4])
async def test_each_shard_gets_the_guilds_of_the_formula_and_all_identify_in_the_pace(count: int) -> None:
    handler = Recorder()
    async with simulating(shards=count) as simulator, running(simulator, handler, ready=count):
        for guild in range(count):
            await simulator.say_channel("hello", guild=guild)
        await until(lambda: len(handler.sessions) == count)

        for session in handler.sessions:
            assert (int(session.event.guild_id) >> 22) % count == session.shard
        assert simulator.stats.violations == 0


async def test_only_the_shards_that_were_asked_for_are_run() -> None:
    plan = ShardPlan(4, (1, 2))
    async with simulating(shards=4) as simulator, running(simulator, Recorder(), shards=plan, ready=2) as bot:
        assert [(shard.index, shard.count) for shard in bot.client.snapshot().shards] == [(1, 4), (2, 4)]


async def test_f36_a_slow_handler_stops_reading_while_heartbeats_go_on_and_nothing_is_lost() -> None:
    gate = asyncio.Event()
    handler = Recorder(lambda _session: gate.wait())
    async with (
        simulating(heartbeat_interval=0.3) as simulator,
        running(simulator, handler, store=None) as bot,
    ):
        said = await say(simulator, 1500)
        await until(lambda: bot.client.snapshot().shards[0].paused)
        waiting = bot.client.snapshot().waiting
        before = simulator.stats.heartbeats
        await simulator.wait_for(lambda: simulator.stats.heartbeats >= before + 3)
        assert waiting == bot.client.snapshot().waiting == 1000
        assert simulator.stats.resumes == 0

        gate.set()
        await until(lambda: len(handler.sessions) == 1500)
        assert set(heard(handler)) == said
        texts = [int(session.event.text.split()[1]) for session in handler.sessions]
        assert texts == sorted(texts)


async def test_f36_with_a_store_a_slow_handler_stops_nothing_and_events_wait_there() -> None:
    gate = asyncio.Event()
    handler = Recorder(lambda _session: gate.wait())
    async with simulating(heartbeat_interval=0.3) as simulator, running(simulator, handler) as bot:
        said = await say(simulator, 1500)
        await until(lambda: bot.client.snapshot().waiting == 1500)
        before = simulator.stats.heartbeats
        await simulator.wait_for(lambda: simulator.stats.heartbeats >= before + 3)
        assert not bot.client.snapshot().shards[0].paused

        gate.set()
        await until(lambda: len(handler.sessions) == 1500)
        assert set(heard(handler)) == said
        texts = [int(session.event.text.split()[1]) for session in handler.sessions]
        assert texts == sorted(texts)


@pytest.mark.skipif(resident_memory() is None, reason="this system does not tell")
async def test_f63_above_the_limit_for_memory_reading_stops_and_the_shard_stays_ready() -> None:
    base = resident_memory() or 0
    limit = round((base + 40_000_000) / 0.9)
    gate = asyncio.Event()

    async def hoard(_session: object) -> None:
        hoarded = b"x" * (limit - base + 30_000_000)
        await gate.wait()
        del hoarded

    handler = Recorder(hoard)
    async with (
        simulating(heartbeat_interval=0.3) as simulator,
        running(simulator, handler, memory_limit=limit) as bot,
    ):
        await simulator.say_c2c("costly")
        await until(lambda: "the limit is" in bot.client.snapshot().trouble)
        handler._act = None
        said = await say(simulator, 50)
        await until(lambda: bot.client.snapshot().shards[0].paused)
        before = simulator.stats.heartbeats
        await simulator.wait_for(lambda: simulator.stats.heartbeats >= before + 3)
        assert bot.ready == 1
        assert len(handler.sessions) < 50

        gate.set()
        await until(lambda: len(handler.sessions) == 51)
        assert said < set(heard(handler))
        assert bot.client.snapshot().trouble == ""
        assert (simulator.stats.identifies, simulator.stats.resumes) == (1, 0)


async def test_f58_draining_lets_handlers_finish_and_keeps_the_session() -> None:
    entered = asyncio.Event()

    async def slow(session: object) -> None:
        entered.set()
        await asyncio.sleep(0.3)
        await session.reply("done")  # type: ignore[attr-defined]

    async with simulating() as simulator, running(simulator, Recorder(slow)) as bot:
        message = await simulator.say_group("work")
        await entered.wait()
        begun = time.monotonic()
        await bot.client.close()

        assert time.monotonic() - begun <= 2
        assert [reply.content for reply in simulator.replies_to(message)] == ["done"]
        assert bot.running.done()
        assert all(shard.state is ShardState.STOPPED for shard in bot.client.snapshot().shards)


@pytest.mark.parametrize("outage", ["token_down", "rest_down"])
async def test_closing_during_the_start_returns_promptly(outage: str) -> None:
    async with simulating() as simulator:
        setattr(simulator.switches, outage, "hang")
        async with running(simulator, Recorder(), ready=None) as bot:
            await asyncio.sleep(0.1)
            begun = time.monotonic()
            await bot.client.close()
            assert time.monotonic() - begun <= NOISE


async def test_f94_nothing_secret_is_logged_even_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    handler = Recorder(lambda session: session.reply("hi"))
    async with (
        simulating(heartbeat_interval=0.2) as simulator,
        running(simulator, handler, limits=QUICK) as bot,
    ):
        message = await simulator.say_group("hello")
        await until(lambda: simulator.replies_to(message))
        await simulator.inject(FaultKind.RECONNECT)
        await until(lambda: simulator.stats.resumes == 1 and bot.ready == 1)
        token = await bot.client.api.client._tokens.get()  # type: ignore[union-attr]

    text = caplog.text + json.dumps([str(fact) for fact in bot.facts])
    assert CANARY not in text
    assert token not in text
