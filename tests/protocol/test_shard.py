"""The shard machine: what it decides, and when. Jitter is 0.5 throughout."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qqbot_cli.model.fact import GapRecorded, HeartbeatAcked, ShardState, ShardWarned
from qqbot_cli.model.opcode import CLOSE_RULES, Recovery
from qqbot_cli.protocol.action import (
    DELIVER,
    Actions,
    Close,
    Connect,
    ForgetSession,
    GatewaySession,
    GetPermit,
    GetToken,
    Heartbeat,
    Identify,
    RefreshGateway,
    Resume,
    ReturnPermit,
    Tell,
    TellSent,
)
from qqbot_cli.protocol.hearing import USUAL_PATIENCE, Hearing, Patience
from qqbot_cli.protocol.limits import Limits
from qqbot_cli.protocol.past import Past
from qqbot_cli.protocol.shard import ShardMachine
from tests.machines import (
    ACK,
    HELLO,
    READY,
    RECONNECT,
    RESUMED,
    asked,
    changes,
    connect,
    event,
    frame,
    make_ready_shard,
    make_shard,
    reconnect,
    wait,
)

FATAL_CODES = [code for code, rule in CLOSE_RULES.items() if rule.recovery is Recovery.STOP]
IDENTIFY_CODES = [code for code, rule in CLOSE_RULES.items() if rule.recovery is Recovery.IDENTIFY]


def test_a_new_shard_asks_for_token_permit_and_socket_and_then_identifies() -> None:
    shard = make_shard()

    assert asked(shard.start(now=0)) == [GetToken()]
    assert asked(shard.token_ready(now=1)) == [GetPermit()]
    assert asked(shard.permit_granted(now=2)) == [Connect()]
    assert asked(shard.opened(now=3)) == []
    assert asked(shard.receive(frame(HELLO), now=3)) == [Identify()]
    assert asked(shard.receive(frame(READY), now=4)) == [*DELIVER]
    assert shard.state is ShardState.READY
    assert shard.session == GatewaySession("s-1", 1)


def test_a_lost_connection_resumes_the_session_from_the_newest_event() -> None:
    shard = make_ready_shard()
    shard.receive(event(2), now=10)

    shard.closed(1006, now=60)
    now, actions = wait(shard)

    assert asked(actions) == [GetToken()]
    assert asked(shard.token_ready(now=now)) == [Connect()]  # no permit: a resume starts no session
    shard.opened(now=now)
    assert asked(shard.receive(frame(HELLO), now=now)) == [Resume(GatewaySession("s-1", 2))]


def test_a_session_asks_again_for_a_frame_that_is_still_outstanding() -> None:
    shard = make_ready_shard()
    for seq in (2, 5, 3):
        shard.receive(event(seq), now=1)
    assert shard.seq == 5

    shard.closed(None, now=2)
    now, _ = wait(shard)
    shard.token_ready(now=now)
    shard.opened(now=now)

    assert asked(shard.receive(frame(HELLO), now=now)) == [Resume(GatewaySession("s-1", 3))]


def test_a_frame_that_is_still_outstanding_is_not_confirmed_by_a_heartbeat() -> None:
    shard = make_ready_shard()
    for seq in (2, 5, 3):
        shard.receive(event(seq), now=1)

    assert asked(shard.tick(now=22.5)) == [Heartbeat(3)]
    shard.receive(frame(ACK), now=23)
    assert asked(shard.tick(now=67.5)) == [Heartbeat(5)]  # what has not come until now does not exist


def test_the_first_heartbeat_comes_after_a_part_of_the_interval_and_tells_the_newest_sequence() -> None:
    shard = make_ready_shard()
    shard.receive(event(2), now=1)

    assert shard.deadline == 22.5
    assert asked(shard.tick(now=22.4)) == []
    assert asked(shard.tick(now=22.5)) == [Heartbeat(2)]
    assert shard.receive(frame(ACK), now=22.75) == [Tell(HeartbeatAcked(0, 0.25))]
    assert shard.deadline == 67.5


def test_f03_a_silent_peer_is_noticed_within_15_seconds_of_a_heartbeat_and_the_session_is_kept() -> None:
    shard = make_ready_shard()
    shard.tick(now=22.5)

    assert shard.deadline == 37.5
    assert asked(shard.tick(now=37.5)) == [Close(4000, "heartbeat not acknowledged")]
    shard.closed(None, now=37.6)

    assert shard.session == GatewaySession("s-1", 1)
    assert shard.next_step == "resume"


def test_f10_a_server_that_says_no_hello_is_left_after_ten_seconds() -> None:
    shard = make_shard()
    shard.start(now=0)
    shard.token_ready(now=0)
    shard.permit_granted(now=0)
    shard.opened(now=1)

    assert shard.deadline == 11
    assert asked(shard.tick(now=11)) == [Close(4000, "no hello in time")]


@pytest.mark.parametrize(
    "first", ['{"op":11}', '{"op":0,"s":1,"t":"GROUP_AT_MESSAGE_CREATE","d":{}}', '{"op":99}']
)
def test_f16_a_first_frame_out_of_turn_ends_the_connection(first: str) -> None:
    shard = make_shard()
    shard.start(now=0)
    shard.token_ready(now=0)
    shard.permit_granted(now=0)
    shard.opened(now=0)

    assert asked(shard.receive(frame(first), now=1)) == [Close(4000, "first frame was not hello")]


def test_f17_one_lost_acknowledgement_is_forgiven_if_other_frames_arrive() -> None:
    shard = make_ready_shard()
    shard.tick(now=22.5)
    shard.receive(event(2), now=30)

    actions = shard.tick(now=37.5)

    assert actions == [Tell(ShardWarned(0, "heartbeat not acknowledged (1)"))]
    assert shard.state is ShardState.READY


def test_f18_three_acknowledgements_missing_in_a_row_end_the_connection_although_events_arrive() -> None:
    shard = make_ready_shard()
    closes = []
    for seq in range(2, 8):
        now, actions = wait(shard)
        closes += [(now, action) for action in asked(actions) if isinstance(action, Close)]
        shard.receive(event(seq), now=now + 1)

    assert closes == [(127.5, Close(4000, "heartbeat not acknowledged"))]  # the third beat, at 112.5


def test_f19_a_late_acknowledgement_of_the_last_connection_does_not_count_for_the_next() -> None:
    shard = make_ready_shard()
    shard.tick(now=22.5)
    shard.closed(None, now=25)
    now = reconnect(shard)
    shard.receive(frame(RESUMED), now=now)

    assert shard.receive(frame(ACK), now=now + 1) == ()
    assert shard.state is ShardState.READY


def test_f20_a_heartbeat_of_the_server_is_answered_at_once() -> None:
    shard = make_ready_shard()

    assert asked(shard.receive(frame('{"op":1,"d":null}'), now=5)) == [Heartbeat(1)]


def test_f21_a_hundred_reconnects_resume_within_half_a_second_and_never_identify() -> None:
    shard = make_ready_shard(jitter=1.0)
    now = 0.0
    for _ in range(100):
        assert asked(shard.receive(frame(RECONNECT), now=now)) == [Close(4000, "platform asked to reconnect")]
        shard.closed(4009, now=now)
        assert shard.deadline - now <= 0.5
        now, _ = wait(shard)
        assert asked(shard.token_ready(now=now)) == [Connect()]
        shard.opened(now=now)
        assert isinstance(asked(shard.receive(frame(HELLO), now=now))[0], Resume)
        shard.receive(frame(RESUMED), now=now)
    assert shard.state is ShardState.READY


@pytest.mark.parametrize(
    ("d", "next_step"),
    [("true", "resume"), ("false", "identify"), ('"true"', "identify"), ("null", "identify")],
)
def test_f22_an_invalid_session_is_resumed_only_if_the_platform_says_so(d: str, next_step: str) -> None:
    shard = make_ready_shard()
    shard.closed(None, now=60)
    now = reconnect(shard)

    shard.receive(frame(f'{{"op":9,"d":{d}}}'), now=now)
    shard.closed(4903, now=now)

    assert shard.next_step == next_step
    assert 1 <= shard.deadline - now <= 6


def test_f22_a_refused_identify_asks_for_a_fresh_token() -> None:
    shard = make_shard()
    shard.start(now=0)
    connect(shard, now=0)

    shard.receive(frame('{"op":9}'), now=1)
    shard.closed(4903, now=1)
    _, actions = wait(shard)

    assert asked(actions) == [GetToken(refused=True)]


def test_f23_4008_waits_five_to_ten_seconds_and_resumes() -> None:
    shard = make_ready_shard()

    shard.closed(4008, now=100)

    assert shard.deadline == 107.5
    assert shard.next_step == "resume"


def test_f23_4009_resumes_at_once() -> None:
    shard = make_ready_shard()

    shard.closed(4009, now=100)

    assert shard.deadline == 100.25
    assert shard.next_step == "resume"


@pytest.mark.parametrize("code", IDENTIFY_CODES)
def test_f24_a_code_that_ends_the_session_identifies_after_a_pause_and_records_the_gap(code: int) -> None:
    shard = make_ready_shard()

    shard.closed(code, now=100)
    assert shard.next_step == "identify"
    assert 4 <= shard.deadline - 100 <= 5
    now = reconnect(shard)
    actions = shard.receive(frame(READY), now=now)

    assert any(isinstance(action, Tell) and isinstance(action.fact, GapRecorded) for action in actions)


@pytest.mark.parametrize("code", FATAL_CODES)
def test_f28_a_fatal_code_stops_the_shard_with_a_remedy_and_it_never_connects_again(code: int) -> None:
    shard = make_ready_shard()

    actions = shard.closed(code, now=10)

    assert asked(actions) == [ForgetSession()]
    assert shard.state is ShardState.FATAL
    assert shard.reason == f"{code} {CLOSE_RULES[code].meaning}; {CLOSE_RULES[code].remedy}"
    assert CLOSE_RULES[code].remedy
    assert shard.tick(now=1e9) == ()


def test_4011_stops_the_shard_and_asks_for_more_of_them() -> None:
    shard = make_ready_shard()

    shard.closed(4011, now=10)

    assert shard.state is ShardState.FATAL
    assert shard.wants_reshard


@pytest.mark.parametrize("code", [4000, 4099, 4999])
def test_f30_an_unknown_code_resumes_twice_then_identifies_and_never_gives_up(code: int) -> None:
    shard = make_ready_shard()
    steps = []
    now = 0.0
    for _ in range(9):
        shard.closed(code, now=now)
        steps.append(shard.next_step)
        now = reconnect(shard)
        shard.receive(frame(READY if steps[-1] == "identify" else RESUMED), now=now)

    assert steps == ["resume", "resume", "identify"] * 3
    assert shard.state is ShardState.READY


@pytest.mark.parametrize("code", [1002, 1007, 1009])
def test_f13_the_same_unreadable_frame_three_times_gives_the_session_up(code: int) -> None:
    shard = make_ready_shard()
    steps = []
    for _ in range(3):
        shard.closed(code, now=100)
        steps.append(shard.next_step)
        reconnect(shard)

    assert steps == ["resume", "resume", "identify"]


@pytest.mark.parametrize(("resumable", "step"), [("true", "resume"), ("false", "identify")])
def test_f16_f22_an_invalid_session_before_the_resume_was_sent_is_one_like_any_other(
    resumable: str, step: str
) -> None:
    shard = make_ready_shard()
    shard.closed(None, now=10)
    now, _ = wait(shard)
    shard.token_ready(now=now)
    shard.opened(now=now)

    shard.receive(frame(f'{{"op":9,"d":{resumable}}}'), now=now)
    shard.closed(4000, now=now)

    assert shard.next_step == step


def test_a_network_that_cuts_one_resume_after_the_other_costs_no_session_at_once() -> None:
    shard = make_ready_shard()
    begun = now = 100.0
    steps = []
    while now - begun < 90:
        shard.closed(None, now=now)
        steps.append((now - begun, shard.next_step))
        now = reconnect(shard)

    assert {step for at, step in steps if at < 30} == {"resume"}
    assert [step for at, step in steps if at < 30].count("resume") > 3
    assert "identify" in {step for _, step in steps}  # a session that leads nowhere is not kept for ever


@pytest.mark.parametrize("code", [4001, 4002, 4003, 4005])
def test_f29_a_fault_of_ours_identifies_twice_an_hour_and_then_stops(code: int) -> None:
    shard = make_ready_shard()
    states = []
    for _ in range(3):
        assert TellSent() in shard.closed(code, now=100)
        states.append(shard.state)
        if shard.state is ShardState.BACKOFF:
            now = reconnect(shard)
            shard.receive(frame(READY), now=now)

    assert states == [ShardState.BACKOFF, ShardState.BACKOFF, ShardState.FATAL]
    assert "report" in shard.reason


def test_f27_4004_fetches_a_fresh_token_and_resumes_and_stops_at_the_third_in_ten_minutes() -> None:
    shard = make_ready_shard()
    for _ in range(2):
        shard.closed(4004, now=100)
        assert shard.next_step == "resume"
        now, actions = wait(shard)
        assert asked(actions) == [GetToken(refused=True)]
        connect(shard, now=now)
        shard.receive(frame(RESUMED), now=now)

    shard.closed(4004, now=300)

    assert shard.state is ShardState.FATAL
    assert "was the secret changed?" in shard.reason


def test_f32_a_resume_that_makes_no_progress_is_left_after_20_seconds_and_given_up_the_third_time() -> None:
    shard = make_ready_shard()
    shard.closed(None, now=100)
    steps = []
    for _ in range(3):
        now = reconnect(shard)
        assert asked(shard.tick(now=now + 20))[-1:] == [Close(4000, "replay came to a halt")]
        shard.closed(None, now=now + 20)
        steps.append(shard.next_step)

    assert steps == ["resume", "resume", "identify"]


def test_f32_every_replayed_event_is_progress() -> None:
    shard = make_ready_shard()
    shard.closed(None, now=100)
    now = reconnect(shard)

    for step in range(1, 6):
        assert not any(isinstance(action, Close) for action in shard.tick(now=now + step * 15))
        assert shard.receive(event(step + 1), now=now + step * 15) is DELIVER

    assert shard.state is ShardState.RESUMING


def test_f34_what_a_resume_has_brought_is_counted_until_it_ends() -> None:
    shard = make_ready_shard()
    for brought in (3, 2):
        shard.closed(None, now=100)
        now = reconnect(shard)
        assert shard.replayed == 0
        for number in range(brought):
            shard.receive(event(shard.seq + 1), now=now)  # type: ignore[operator]
            assert shard.replayed == number + 1

        (change,) = changes(shard.receive(frame(RESUMED), now=now))
        assert change.replayed == brought


def warnings(actions: Actions) -> list[str]:
    told = [action.fact for action in actions if isinstance(action, Tell)]
    return [fact.message for fact in told if isinstance(fact, ShardWarned)]


def test_f39_numbers_that_come_again_are_told_once_and_never_lower_the_newest() -> None:
    shard = make_ready_shard()
    for seq in (2, 3, 2, 3, 1):
        assert shard.receive(event(seq), now=1) is DELIVER
    assert shard.seq == 3
    assert warnings(shard.tick(now=22.5)) == [
        "a sequence number came again, or too late; its event is handled all the same"
    ]
    shard.receive(frame(ACK), now=23)
    shard.receive(event(3), now=24)
    assert warnings(shard.tick(now=67.5)) == []
    assert shard.seq == 3


def test_f39_numbers_that_were_asked_for_again_are_nothing_odd() -> None:
    shard = make_ready_shard()
    for seq in (2, 5):
        shard.receive(event(seq), now=1)
    shard.closed(None, now=2)
    now = reconnect(shard)

    for seq in (3, 4, 5, 5):
        shard.receive(event(seq), now=now)
    shard.receive(frame(RESUMED.replace('"s":2', '"s":6')), now=now)

    said = warnings(shard.tick(now=now + 22.5))
    assert not any("came again" in warning for warning in said)


def test_f40_unknown_opcodes_are_ignored_and_counted() -> None:
    shard = make_ready_shard()

    for text in ('{"op":42,"d":{}}', '{"op":11}', '{"op":2}', '{"op":9223372036854775807}'):
        assert shard.receive(frame(text), now=1) == ()

    assert shard.unknown == 2  # an acknowledgement nobody waits for, and what only clients send, are known
    assert shard.state is ShardState.READY


def test_f43_ten_undecodable_frames_in_a_minute_are_put_up_with_and_the_eleventh_is_not() -> None:
    shard = make_ready_shard()

    assert [asked(shard.undecodable(now=1)) for _ in range(10)] == [[]] * 10
    assert asked(shard.undecodable(now=1)) == [Close(4000, "too many undecodable frames")]
    shard.closed(None, now=2)
    assert shard.next_step == "resume"


@pytest.mark.parametrize(
    ("asked_for", "seconds"),
    [
        ("0", 5),
        ("-1", 5),
        ('"45000"', 45),
        ("1e9", 120),
        ("null", 45),
        ("[]", 45),
        ("1e999", 45),
        ('"soon"', 45),
    ],
)
def test_f45_a_senseless_heartbeat_interval_neither_spins_nor_starves(asked_for: str, seconds: float) -> None:
    shard = make_shard(jitter=1.0)
    shard.start(now=0)
    shard.token_ready(now=0)
    shard.permit_granted(now=0)
    shard.opened(now=0)

    try:
        hello = frame(f'{{"op":10,"d":{{"heartbeat_interval":{asked_for}}}}}')
    except ValueError:
        pytest.skip("not JSON")
    shard.receive(hello, now=0)
    shard.receive(frame(READY), now=0)

    assert shard.deadline == seconds


def test_f57_after_a_long_sleep_the_connection_is_replaced_without_waiting_for_an_answer() -> None:
    shard = make_ready_shard()

    assert asked(shard.tick(now=8 * 3600)) == [Close(4000, "this process stood still")]
    shard.closed(None, now=8 * 3600)
    assert shard.deadline <= 8 * 3600 + 0.5


def test_f57_a_sleep_that_the_clock_did_not_count_ends_the_connection_at_once() -> None:
    shard = make_ready_shard()

    assert asked(shard.slept(60, now=10)) == []
    assert asked(shard.slept(8 * 3600, now=12)) == [Close(4000, "this machine was asleep")]


def test_f57_a_gap_begins_before_the_sleep() -> None:
    shard = make_ready_shard()
    shard.slept(8 * 3600, now=10)
    shard.closed(4006, now=10)
    shard.slept(3600, now=10)  # once more, while there is no connection

    now = reconnect(shard)
    actions = shard.receive(frame(READY), now=now)

    (gap,) = [
        action.fact for action in actions if isinstance(action, Tell) and isinstance(action.fact, GapRecorded)
    ]
    assert gap.seconds == now + 9 * 3600


def test_f36_no_acknowledgement_is_expected_while_frames_are_left_in_the_socket() -> None:
    shard = make_ready_shard()
    shard.reading_paused()

    assert asked(shard.tick(now=22.5)) == [Heartbeat(1)]
    assert shard.deadline == 67.5  # the next beat, not an overdue answer
    shard.reading_continued(now=60)
    assert asked(shard.tick(now=67.5)) == [Heartbeat(1)]


def test_f34_heartbeats_are_sent_on_time_while_events_are_replayed() -> None:
    shard = make_ready_shard()
    shard.closed(1006, now=60)
    begun = reconnect(shard)
    beats = []

    for second in range(1, 120):
        shard.receive(event(1 + second), now=begun + second)
        if any(isinstance(action, Heartbeat) for action in shard.tick(now=begun + second)):
            beats.append(second)
            shard.receive(frame(ACK), now=begun + second)

    assert shard.state is ShardState.RESUMING
    assert beats == [23, 68, 113]  # due half a second before each: every 45 s, the first after 22.5


def test_f15_two_failed_connects_doubt_the_address() -> None:
    shard = make_shard()
    shard.start(now=0)
    shard.token_ready(now=0)
    shard.permit_granted(now=0)

    first = shard.closed(None, "connection refused", now=1)
    now, _ = wait(shard)
    shard.token_ready(now=now)
    shard.permit_granted(now=now)
    second = shard.closed(None, "connection refused", now=now)

    assert asked(first) == [ReturnPermit()]
    assert asked(second) == [ReturnPermit(), RefreshGateway()]
    assert shard.reason == "cannot connect: connection refused"


def test_f05_failed_connects_are_never_more_than_15_seconds_apart() -> None:
    shard = make_ready_shard(jitter=0.0)
    shard.closed(None, now=0)
    pauses = []
    for _ in range(8):
        now, _ = wait(shard)
        shard.token_ready(now=now)
        shard.closed(None, "connection refused", now=now)
        pauses.append(shard.deadline - now)

    assert pauses == [1, 2, 4, 8, 15, 15, 15, 15]


def test_f05_an_attempt_that_hangs_is_part_of_the_pause_after_it() -> None:
    shard = make_ready_shard(jitter=0.0)
    shard.closed(None, now=0)
    pauses = []
    for _ in range(6):
        begun, _ = wait(shard)
        shard.token_ready(now=begun)
        shard.closed(None, "no answer in time", now=begun + 10)
        pauses.append(shard.deadline - begun)

    assert pauses == [10, 10, 10, 10, 15, 15]


def test_f07_who_cannot_be_trusted_is_asked_again_after_a_minute() -> None:
    shard = make_ready_shard()
    shard.closed(None, now=0)
    pauses = []
    for _ in range(3):
        now, _ = wait(shard)
        shard.token_failed("its certificate is not valid", refused=False, untrusted=True, now=now)
        pauses.append(shard.deadline - now)
        now, _ = wait(shard)
        shard.token_ready(now=now)
        shard.closed(None, "its certificate is not valid", untrusted=True, now=now)
        pauses.append(shard.deadline - now)

    assert pauses == [60] * 6
    assert shard.session is not None


def test_connections_that_never_work_are_backed_off_from() -> None:
    shard = make_ready_shard(jitter=0.0)
    now = 100.0
    pauses = []
    for _ in range(4):
        shard.closed(1006, now=now)
        pauses.append(shard.deadline - now)
        now = reconnect(shard)
        shard.receive(event(int(now)), now=now)  # progress, but it never gets ready

    assert pauses == [0, 1, 2, 4]


def test_f46_a_missing_token_is_asked_for_again_and_never_fatal() -> None:
    shard = make_shard(jitter=0.0)
    shard.start(now=0)
    pauses = []
    now = 0.0
    for _ in range(8):
        shard.token_failed("no answer in time", refused=False, now=now)
        assert shard.state is ShardState.WAIT_TOKEN
        pauses.append(shard.deadline - now)
        now, actions = wait(shard)
        assert asked(actions) == [GetToken()]

    assert pauses == [1, 2, 4, 8, 15, 15, 15, 15]


def test_f50_a_refused_secret_stops_the_shard() -> None:
    shard = make_shard()
    shard.start(now=0)

    shard.token_failed("the platform refused 3 tokens in a row", refused=True, now=1)

    assert shard.state is ShardState.FATAL


@pytest.mark.parametrize("steps", range(5))
def test_draining_ends_the_shard_from_every_state_and_gives_an_unused_permit_back(steps: int) -> None:
    shard = make_shard()
    ways: list[Callable[[], Actions]] = [
        lambda: shard.start(now=0),
        lambda: shard.token_ready(now=0),
        lambda: shard.permit_granted(now=0),
        lambda: shard.opened(now=0),
        lambda: shard.receive(frame(HELLO), now=0),
    ]
    for way in ways[: steps + 1]:
        way()

    actions = shard.drain(now=1)
    if any(isinstance(action, Close) for action in actions):
        assert shard.state is ShardState.DRAINING
        actions = [*actions, *shard.closed(None, now=1)]

    assert shard.state is ShardState.STOPPED
    assert (ReturnPermit() in actions) == (steps in (2, 3))


def test_draining_closes_with_a_code_that_keeps_the_session() -> None:
    shard = make_ready_shard()

    assert asked(shard.drain(now=1)) == [Close(4000, "the bot is stopping")]
    shard.closed(None, now=1)
    assert shard.session == GatewaySession("s-1", 1)


def test_each_change_of_state_is_told_with_its_reason_and_the_delay() -> None:
    shard = make_ready_shard()

    (change,) = changes(shard.closed(4009, "Session timed out", now=100))

    assert (change.old, change.new) == (ShardState.READY, ShardState.BACKOFF)
    assert (change.reason, change.code, change.delay) == ("4009 session timed out", 4009, 0.25)


def test_a_machine_can_begin_with_a_stored_session() -> None:
    shard = ShardMachine(0, jitter=lambda: 0.5, past=Past(GatewaySession("s-9", 41)))
    shard.start(now=0)

    assert asked(shard.token_ready(now=0)) == [Connect()]
    shard.opened(now=0)
    assert asked(shard.receive(frame(HELLO), now=0)) == [Resume(GatewaySession("s-9", 41))]


def test_a_stored_session_that_is_refused_becomes_a_new_one_and_a_gap_since_it_last_lived() -> None:
    past = Past(GatewaySession("s-9", 41), session_began=-7200.0, lived_at=-3600.0)
    shard = ShardMachine(0, jitter=lambda: 0.5, past=past)
    shard.start(now=0)
    connect(shard, now=0)

    assert ForgetSession() in shard.closed(4006, now=1)
    now = reconnect(shard)
    actions = shard.receive(frame(READY), now=now)

    (gap,) = [
        action.fact for action in actions if isinstance(action, Tell) and isinstance(action.fact, GapRecorded)
    ]
    assert (gap.reason, gap.seconds) == ("4006 invalid session id", now + 3600)


def test_a_stored_session_that_is_of_no_use_is_a_gap_with_its_reason() -> None:
    past = Past(None, lived_at=-60.0, reason="the number of shards has changed")
    shard = ShardMachine(0, jitter=lambda: 0.5, past=past)
    shard.start(now=0)
    connect(shard, now=0)

    actions = shard.receive(frame(READY), now=2)

    (gap,) = [
        action.fact for action in actions if isinstance(action, Tell) and isinstance(action.fact, GapRecorded)
    ]
    assert (gap.reason, gap.seconds) == ("the number of shards has changed", 62)


# --- sequence numbers that count when they are stored


def make_durable_shard() -> ShardMachine:
    shard = ShardMachine(0, jitter=lambda: 0.5, durable=True)
    shard.start(now=0)
    connect(shard, now=0)
    shard.receive(frame(READY), now=0)
    return shard


def test_what_is_received_but_not_stored_is_asked_for_again() -> None:
    shard = make_durable_shard()
    for seq in (2, 3, 4):
        shard.receive(event(seq), now=1)
    shard.stored("s-1", [2, 3])

    shard.closed(4009, now=2)
    now, _ = wait(shard)
    shard.token_ready(now=now)
    shard.opened(now=now)

    assert asked(shard.receive(frame(HELLO), now=now)) == [Resume(GatewaySession("s-1", 3))]


def test_the_heartbeat_tells_what_is_stored() -> None:
    shard = make_durable_shard()
    shard.receive(event(2), now=1)

    assert asked(shard.tick(now=22.5)) == [Heartbeat(1)]
    shard.receive(frame(ACK), now=23)
    shard.stored("s-1", [2])
    assert asked(shard.tick(now=67.5)) == [Heartbeat(2)]


def test_a_heartbeat_confirms_what_never_comes_once_that_is_stored_too() -> None:
    shard = make_durable_shard()
    shard.stored("s-1", [1])
    for seq in (2, 4):
        shard.receive(event(seq), now=1)
        shard.stored("s-1", [seq])
    for now in (22.5, 67.5):
        assert asked(shard.tick(now=now)) == [Heartbeat(2)]
        shard.receive(frame(ACK), now=now + 1)
    assert shard.stored("s-1", ()) == 4
    assert asked(shard.tick(now=112.5)) == [Heartbeat(2)]
    shard.receive(frame(ACK), now=113)

    shard.stored("s-1", (), 4)
    assert asked(shard.tick(now=157.5)) == [Heartbeat(4)]


def test_what_is_stored_of_an_earlier_session_does_not_count() -> None:
    shard = make_durable_shard()
    shard.stored("s-0", [900])

    assert shard.seq == 1


# --- F-33: connected, acknowledged, deaf


DAY = 86_400.0


def make_old_shard(*, events_every: float = 60.0, deafness: Patience | None = USUAL_PATIENCE) -> ShardMachine:
    """Ready for a day and a bit, with an event now and then."""
    shard = make_shard(limits=Limits(deafness=deafness))
    shard.start(now=0)
    connect(shard, now=0)
    shard.receive(frame(READY), now=0)
    seq, heard = 1, 0.0
    while shard.deadline < DAY + 100:
        now, actions = wait(shard)
        assert all(isinstance(action, Heartbeat) for action in asked(actions))
        shard.receive(frame(ACK), now=now)
        if now - heard >= events_every:
            seq, heard = seq + 1, now
            shard.receive(event(seq), now=now)
    return shard


def silent_for(shard: ShardMachine) -> float:
    """Answer heartbeats, send nothing else, and return after how long the session is given up."""
    began = shard.deadline
    while True:
        now, actions = wait(shard)
        if any(isinstance(action, Close) for action in actions):
            return now - began
        assert now - began < 10 * DAY
        shard.receive(frame(ACK), now=now)


def test_f33_an_old_session_that_delivers_nothing_is_replaced_within_half_an_hour() -> None:
    shard = make_old_shard()

    assert 1700 < silent_for(shard) <= 1800 + 45
    assert asked(shard.closed(4000, now=shard.deadline)) == [ForgetSession()]
    assert shard.next_step == "identify"

    now = reconnect(shard)
    told = shard.receive(frame(READY), now=now)
    (gap,) = [
        action.fact for action in told if isinstance(action, Tell) and isinstance(action.fact, GapRecorded)
    ]
    assert gap.seconds is not None
    assert gap.seconds >= 1800  # what was withheld is part of it


def test_f33_where_events_are_rare_silence_may_last_three_times_as_long_as_usual() -> None:
    assert 3 * 3500 < silent_for(make_old_shard(events_every=3600.0)) < 3 * 4200


def test_f33_a_young_session_may_be_silent() -> None:
    shard = make_ready_shard()

    assert silent_for(shard) > DAY - 100


def test_f33_a_session_is_not_replaced_without_session_starts_to_spare_or_if_it_is_switched_off() -> None:
    poor, off = make_old_shard(), make_old_shard(deafness=None)
    poor.may_renew = False

    for shard in (poor, off):
        for _ in range(1000):
            now, actions = wait(shard)
            assert all(isinstance(action, Heartbeat) for action in asked(actions))
            shard.receive(frame(ACK), now=now)


def test_f33_the_age_of_a_session_goes_on_across_a_restart() -> None:
    past = Past(GatewaySession("s-9", 41), session_began=-2 * DAY, lived_at=-60.0)
    shard = ShardMachine(0, jitter=lambda: 0.5, past=past)
    shard.start(now=0)
    shard.token_ready(now=0)
    shard.opened(now=0)
    shard.receive(frame(HELLO), now=0)
    shard.receive(frame(RESUMED), now=0)

    assert silent_for(shard) <= 1800 + 45


def resume_old(shard: ShardMachine, *, after: float, replayed: int = 0) -> None:
    """Lose the connection of a ready shard, be without one for *after* seconds, then resume the session."""
    lost = shard.deadline - 1
    shard.closed(1006, now=lost)
    shard.tick(now=lost + after)
    connect(shard, now=lost + after)
    newest = shard.seq or 0
    for seq in range(newest + 1, newest + 1 + replayed):
        shard.receive(event(seq), now=lost + after)
    shard.receive(frame(RESUMED), now=lost + after)
    assert shard.state is ShardState.READY


@pytest.mark.parametrize("replayed", [0, 40])
def test_f33_time_without_a_connection_is_no_silence(replayed: int) -> None:
    shard = make_old_shard(events_every=300.0)

    resume_old(shard, after=2400, replayed=replayed)

    assert silent_for(shard) > 1700 - (0 if replayed else 300)


def test_f33_what_is_replayed_is_heard() -> None:
    shard = make_old_shard()
    beginning = shard.deadline
    while shard.deadline < beginning + 1600:
        now, _ = wait(shard)
        shard.receive(frame(ACK), now=now)

    resume_old(shard, after=1, replayed=1)

    assert silent_for(shard) > 1700


def test_f33_what_a_restart_replays_does_not_tell_how_rare_events_are() -> None:
    hearing = Hearing(USUAL_PATIENCE, began=-2 * DAY)
    hearing.events += 500

    hearing.listen(now=0)
    for hour in range(1, 25):
        hearing.events += 1
        assert not hearing.is_deaf(now=hour * 3600.0)

    assert not hearing.is_deaf(now=DAY + 2.5 * 3600)
    assert hearing.is_deaf(now=DAY + 4 * 3600)


def test_f33_a_session_that_is_resumed_again_and_again_and_delivers_nothing_is_replaced() -> None:
    shard = make_old_shard()
    began = shard.deadline

    while shard.deadline < began + 3600:
        for _ in range(4):
            now, actions = wait(shard)
            if Close(4000, "no events for too long, a new session is started") in actions:
                assert 1700 < now - began < 1800 * 1.5  # a part of it went by without a connection
                return
            shard.receive(frame(ACK), now=now)
        resume_old(shard, after=10)

    raise AssertionError("never replaced")


def test_f33_time_in_which_reading_has_stopped_is_no_silence() -> None:
    shard = make_old_shard()
    began = shard.deadline
    shard.reading_paused()
    while shard.deadline < began + 3600:
        _, actions = wait(shard)
        assert all(isinstance(action, Heartbeat) for action in asked(actions))

    shard.reading_continued(now=shard.deadline - 1)
    shard.receive(frame(ACK), now=shard.deadline - 1)

    assert silent_for(shard) > 1600


def test_f36_a_connection_that_cannot_be_read_for_long_is_given_back_and_resumed() -> None:
    shard = make_ready_shard()
    shard.receive(event(2), now=1)
    shard.reading_paused()

    (close,) = shard.reading_stuck(now=61)
    assert isinstance(close, Close)
    (change,) = changes(shard.closed(4000, now=61))
    assert change.new is ShardState.BACKOFF
    assert shard.session == GatewaySession("s-1", 2)


def test_f25_a_session_that_was_resumed_elsewhere_is_never_resumed_again() -> None:
    shard = make_ready_shard()

    assert asked(shard.closed(4902, now=10)) == [ForgetSession()]
    now = reconnect(shard)
    assert shard.state is ShardState.IDENTIFYING
    shard.receive(frame(READY), now=now)
    shard.closed(4902, now=now + 1)
    assert shard.deadline - (now + 1) >= 2.5  # identify after identify, each later than the one before


def test_f38_skipped_numbers_are_told_once_and_change_nothing() -> None:
    shard = make_ready_shard()
    for seq in (2, 5, 9, 10):
        shard.receive(event(seq), now=1)

    (told,) = [action.fact for action in shard.tick(now=22.5) if isinstance(action, Tell)]
    assert told == ShardWarned(
        0,
        "sequence numbers were skipped 2 times; watchdogs.skipped_numbers asks again from before them",
    )
    assert shard.skipped == 2
    assert shard.state is ShardState.READY
    shard.receive(frame(ACK), now=23)
    assert not [action for action in shard.tick(now=67.5) if isinstance(action, Tell)]


def test_f38_with_the_switch_on_a_session_is_resumed_from_before_the_gap() -> None:
    shard = make_shard(limits=Limits(skips=3))
    shard.start(now=0)
    connect(shard, now=0)
    shard.receive(frame(READY), now=0)
    for seq in (3, 5, 7, 9):
        shard.receive(event(seq), now=1)

    actions = shard.tick(now=22.5)
    assert Tell(ShardWarned(0, "sequence numbers were skipped 4 times")) in actions
    assert any(isinstance(action, Close) for action in actions)
    shard.closed(4000, now=23)
    now, _ = wait(shard)
    shard.token_ready(now=now)
    shard.opened(now=now)
    assert asked(shard.receive(frame(HELLO), now=now)) == [Resume(GatewaySession("s-1", 1))]
