from __future__ import annotations

import logging

import pytest

from qqbot_cli.bot.wording import countdown, describe, duration, grouped, uptime
from qqbot_cli.model.fact import (
    EventGivenUp,
    EventUnknown,
    Fact,
    GapRecorded,
    GatewayRead,
    HandlerFailed,
    HeartbeatAcked,
    InboxRestored,
    IntentsRefused,
    RequestFailed,
    SessionStarted,
    ShardChanged,
    ShardState,
    ShardWarned,
    TokenChanged,
)

NOW = 1000.0

READY, RESUMING, BACKOFF = ShardState.READY, ShardState.RESUMING, ShardState.BACKOFF


@pytest.mark.parametrize(
    ("fact", "level", "subject", "text"),
    [
        (
            ShardChanged(3, READY, BACKOFF, "4009 session timed out", 4009, 0.4, 46118),
            logging.INFO,
            "shard 3",
            "closed by server: 4009 session timed out, resume in 0.4 s from seq 46118",
        ),
        (
            ShardChanged(3, READY, BACKOFF, "session timed out", 4009, 0.4, 46118),
            logging.INFO,
            "shard 3",
            "closed by server: 4009 session timed out, resume in 0.4 s from seq 46118",
        ),
        (
            ShardChanged(3, READY, BACKOFF, "4006 invalid session id", 4006, 12.0),
            logging.WARNING,
            "shard 3",
            "closed by server: 4006 invalid session id, identify in 12 s",
        ),
        (
            ShardChanged(3, READY, BACKOFF, "heartbeat not acknowledged", None, 1.0, 7),
            logging.WARNING,
            "shard 3",
            "connection ended: heartbeat not acknowledged, resume in 1.0 s from seq 7",
        ),
        (
            ShardChanged(3, ShardState.IDENTIFYING, ShardState.FATAL, "", 4914),
            logging.ERROR,
            "shard 3",
            "stopped for good: 4914 bot is off-line, only the sandbox may connect; "
            "set sandbox: true in the configuration",
        ),
        (ShardChanged(3, RESUMING, READY, seq=46200), logging.INFO, "shard 3", "resumed, up to seq 46200"),
        (
            ShardChanged(3, RESUMING, READY, seq=46200, replayed=14),
            logging.INFO,
            "shard 3",
            "resumed, 14 events replayed, up to seq 46200",
        ),
        (
            ShardChanged(3, ShardState.IDENTIFYING, READY),
            logging.INFO,
            "shard 3",
            "ready, with a new session",
        ),
        (ShardChanged(3, ShardState.WAIT_TOKEN, RESUMING), logging.DEBUG, "shard 3", "resuming"),
        (ShardChanged(3, READY, ShardState.STOPPED), logging.INFO, "shard 3", "stopped"),
        (HeartbeatAcked(3, 0.0414), logging.DEBUG, "shard 3", "heartbeat acknowledged after 41 ms"),
        (ShardWarned(3, "frame without s"), logging.WARNING, "shard 3", "frame without s"),
        (
            GapRecorded(3, "invalid session", 61.0),
            logging.WARNING,
            "shard 3",
            "gap of 61 s, its events are lost: invalid session",
        ),
        (
            GapRecorded(3, "invalid session", None),
            logging.WARNING,
            "shard 3",
            "gap of unknown length, its events are lost: invalid session",
        ),
        (
            HandlerFailed(
                "weather", "group_message_create", "G:1", "TimeoutError: slow", "weather/api.py:57"
            ),
            logging.ERROR,
            "weather",
            "group_message_create failed: TimeoutError: slow (weather/api.py:57), event G:1",
        ),
        (
            EventUnknown("NEW_THING", "no such event"),
            logging.WARNING,
            "events",
            "NEW_THING goes to unknown_event: no such event",
        ),
        (
            EventGivenUp(7, "C2C_MESSAGE_CREATE", "C2C:1", "weather", "ValueError: no such city"),
            logging.ERROR,
            "inbox",
            "C2C_MESSAGE_CREATE C2C:1 given up by weather: ValueError: no such city;"
            " qqbot inbox replay 7 runs it again",
        ),
        (
            InboxRestored(3, 2, 0, unclean=False),
            logging.INFO,
            "inbox",
            "3 events to go on with, 2 sessions to resume",
        ),
        (
            InboxRestored(1, 1, 2, unclean=True),
            logging.ERROR,
            "inbox",
            "the last run did not end in order: 1 event to go on with, 1 session to resume,"
            " 2 events given up that crashed it again and again",
        ),
        (
            IntentsRefused("FORUMS (private-domain bots), wanted by plugin p (forum_thread_create)"),
            logging.ERROR,
            "intents",
            "the platform does not say which intent it refuses; it may be:"
            " FORUMS (private-domain bots), wanted by plugin p (forum_thread_create)",
        ),
        (RequestFailed("post_message", "time-out"), logging.WARNING, "api", "post_message failed: time-out"),
        (
            RequestFailed("post_message", "post_message failed: HTTP 500"),
            logging.WARNING,
            "api",
            "post_message failed: HTTP 500",
        ),
        (TokenChanged(NOW + 7200), logging.INFO, "token", "new access token, valid for 2 h"),
        (TokenChanged(None, "time-out"), logging.WARNING, "token", "no new access token: time-out"),
        (
            TokenChanged(None, "time-out", raised=True),
            logging.DEBUG,
            "token",
            "no new access token: time-out",
        ),
        (
            RequestFailed("get_bot_info", "time-out", raised=True),
            logging.DEBUG,
            "api",
            "get_bot_info failed: time-out",
        ),
        (
            GatewayRead(1, 1000, 993, NOW + 75_600, 1),
            logging.INFO,
            "gateway",
            "the platform advises 1 shard; 993 of 1000 session starts left, all back in 21 h; 1 at a time",
        ),
        (SessionStarted(3, 992), logging.DEBUG, "shard 3", "identify sent, 992 session starts left today"),
    ],
)
def test_a_fact_says_what_happened_and_what_follows(fact: Fact, level: int, subject: str, text: str) -> None:
    line = describe(fact, now=NOW)

    assert (line.level, line.subject, line.text) == (level, subject, text)


def test_fields_without_a_value_are_left_out() -> None:
    change = describe(ShardChanged(3, READY, RESUMING, code=4009), now=NOW)

    assert change.event == "shard.state"
    assert change.fields == {"shard": 3, "from": "ready", "to": "resuming", "code": 4009, "next": "ready"}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.44, "0.4 s"), (9.96, "10 s"), (119.4, "119 s"), (5312, "89 min"), (75_600, "21 h"), (259_200, "3 d")],
)
def test_durations_have_the_unit_a_person_would_use(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(-1, "now"), (0, "now"), (0.1, "1 s"), (11.2, "12 s"), (180, "3 min")]
)
def test_countdowns_are_whole_and_end_in_now(seconds: float, words: str) -> None:
    assert countdown(seconds) == words


def test_numbers_are_grouped_and_uptimes_have_days() -> None:
    assert grouped(1_046_118) == "1 046 118"
    assert uptime(8047.9) == "02:14:07"
    assert uptime(90_000) == "1 d 01:00:00"
