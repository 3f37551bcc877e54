from __future__ import annotations

import textwrap
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from qqbot_cli.bot.snapshot import Fate, PluginView, ShardView, Snapshot
from qqbot_cli.cli.figures import away_fields, status_fields, status_line, summary
from qqbot_cli.cli.panel import FOLD_FROM, LOG_ROWS, render
from qqbot_cli.cli.redact import clean
from qqbot_cli.model.fact import ShardState

NOW = 8047.0

BLANK_SHARD = ShardView(
    index=0,
    count=6,
    state=ShardState.READY,
    session="",
    seq=None,
    latency=None,
    events=0,
    rate=0.0,
    waiting=0,
    reconnects=0,
    last_error="",
    next_step="",
    next_at=None,
    since=0.0,
)


def ready(index: int, count: int, **changes: Any) -> ShardView:  # noqa: ANN401 - any field
    steady = replace(
        BLANK_SHARD, index=index, count=count, session="9f3c1e~a1", seq=48201, latency=0.041, rate=18.4
    )
    return replace(steady, **changes)


SIX_SHARDS = (
    ready(0, 6, reconnects=2),
    ready(1, 6, session="b07d22~7e", seq=47996, latency=0.044, rate=17.9, reconnects=2),
    ready(2, 6, session="5e01aa~90", seq=51340, latency=0.612, rate=19.1, waiting=37, reconnects=3),
    ready(
        3,
        6,
        state=ShardState.RESUMING,
        session="c4d2f0~3b",
        seq=46118,
        latency=0.118,
        rate=0.0,
        reconnects=5,
        last_error="4009 session timed out",
        next_step="",
        next_at=NOW + 17.2,
        awaited="the replay",
    ),
    replace(
        BLANK_SHARD,
        index=4,
        state=ShardState.BACKOFF,
        reconnects=9,
        last_error="4903 create session error",
        next_step="identify",
        next_at=NOW + 11.2,
    ),
    replace(
        BLANK_SHARD,
        index=5,
        state=ShardState.FATAL,
        last_error="4014 intents not permitted",
        next_step="stopped: fix intents",
    ),
)

PLUGINS = (
    PluginView("echo", "0.3.0", "on", 48112, 0, 0, 0.002, ""),
    PluginView(
        "weather",
        "1.2.1",
        "paused",
        9020,
        5,
        0,
        10.0,
        "TimeoutError in group_message_create (weather/api.py:57)",
    ),
    PluginView("lottery", "0.1.0", "not loaded", 0, 0, 0, None, "ModuleNotFoundError: No module named 'PIL'"),
)

SIX = Snapshot(
    version="0.3.0",
    appid="102001234",
    bot_name="",
    sandbox=True,
    simulated=False,
    config="config.yaml",
    started=0.0,
    taken=NOW,
    shards=SIX_SHARDS,
    plugins=PLUGINS,
    quota_left=993,
    quota_total=1000,
    quota_reset_at=NOW + 75_600,
    token_expires_at=NOW + 5312,
    events=191_004,
    handled=190_960,
    failed=7,
    waiting=37,
    memory=61_500_000,
    lag=0.003,
)

STARTING = replace(
    SIX,
    shards=(),
    plugins=PLUGINS[:1],
    stage="asking who the bot is",
    quota_left=None,
    token_expires_at=None,
    events=0,
    waiting=0,
)
ADDRESS = "https://bots.qq.com/app/getAppAccessToken"
AWAY = replace(
    STARTING,
    stage_error=f"host name cannot be resolved (token endpoint {ADDRESS})",
    stage_next_at=NOW + 6.3,
)
TWO_READY = replace(SIX, shards=(ready(0, 2), ready(1, 2)), plugins=PLUGINS[:1], waiting=0)
FATAL = replace(SIX, shards=(replace(SIX_SHARDS[5], index=0, count=1),), plugins=())
DRAINING = replace(TWO_READY, draining_until=NOW + 6.5, waiting=12)
CHINESE = replace(
    TWO_READY, bot_name="小明的天气机器人", shards=(ready(0, 1, last_error="服务器内部错误" * 9),)
)
HOSTILE = replace(
    TWO_READY,
    bot_name="\x1b]0;title\x07[bold]evil[/bold]\x1b[2J",
    config="a\nb\r\u202egpj.yaml",
    shards=(ready(0, 1, last_error="[/nope] \x9b31mred\nforged line\ud800"),),
)
THOUSAND = replace(
    SIX,
    shards=(
        *(ready(index, 1000) for index in range(997)),
        replace(SIX_SHARDS[4], index=997, count=1000),
        replace(SIX_SHARDS[5], index=998, count=1000),
        ready(999, 1000, paused=True, waiting=500),
    ),
)
ALL_FAILED = replace(
    SIX, shards=tuple(replace(SIX_SHARDS[4], index=index, count=1000) for index in range(1000))
)


def drawn(snapshot: Snapshot, width: int, height: int, *, ascii_only: bool = False) -> str:
    return render(snapshot, NOW, width=width, height=height, ascii_only=ascii_only).plain


GOLDEN = {
    "starting": """
        qqbot 0.3.0  102001234  sandbox  config.yaml  up 02:14:07
        ▲ asking who the bot is
        plugins  ● 1 on
        events 0  waiting 0  mem 61 MB  lag 3 ms                           Ctrl-C: drain
    """,
    "away": """
        qqbot 0.3.0  102001234  sandbox  config.yaml  up 02:14:07
        ▲ asking who the bot is (again in 7 s): host name cannot be resolved (token end…
        plugins  ● 1 on
        events 0  waiting 0  mem 61 MB  lag 3 ms                           Ctrl-C: drain
    """,
    "away, wide": """
        qqbot 0.3.0  appid 102001234  sandbox  config.yaml  up 02:14:07
        ▲ asking who the bot is (again in 7 s): host name cannot be resolved (token endpoint https://bots.qq.com/app/getAppAccessToken)

        PLUGIN VERSION STATE EVENTS FAILED p95 ms LAST ERROR
        echo   0.3.0   ● on  48 112      0      2
        events 0  waiting 0  memory 61 MB  loop lag 3 ms                                                                       Ctrl-C: drain
    """,  # noqa: E501 - as wide as the screen
    "away, tiny": """
        ▲ asking who the bot is (again in 7 s): host…
    """,
    "two ready": """
        qqbot 0.3.0  102001234  sandbox  up 02:14:07  2/2 ready  quota 993/1000
        SHARD STATE      SEQ HB EV/s RC LAST ERROR / NEXT
        0/2   ● ready 48 201 41 18.4  0
        1/2   ● ready 48 201 41 18.4  0
        plugins  ● 1 on
        events 191 004  waiting 0  token 88 min  mem 61 MB  lag 3 ms       Ctrl-C: drain
    """,
    "six, wide": """
        qqbot 0.3.0  appid 102001234  sandbox  config.yaml  up 02:14:07  3 of 6 shards ready  identify 993/1000 left, resets in 21 h
        SHARD STATE      SESSION      SEQ HB ms EV/s QUEUE RECON LAST ERROR                 NEXT
        5/6   ✖ FATAL    (none)         -     -  0.0     0     0 4014 intents not permitted stopped: fix intents
        4/6   ▲ backoff  (none)         -     -  0.0     0     9 4903 create session error  in 12 s, identify
        3/6   ▲ resuming c4d2f0~3b 46 118   118  0.0     0     5 4009 session timed out     waits 18 s for the replay
        2/6   ▲ slow     5e01aa~90 51 340   612 19.1    37     3                            heartbeat is slow
        0/6   ● ready    9f3c1e~a1 48 201    41 18.4     0     2
        1/6   ● ready    b07d22~7e 47 996    44 17.9     0     2

        PLUGIN  VERSION STATE        EVENTS FAILED p95 ms LAST ERROR
        lottery 0.1.0   ✖ not loaded      0      0      - ModuleNotFoundError: No module named 'PIL'
        weather 1.2.1   ▲ paused      9 020      5 10 000 TimeoutError in group_message_create (weather/api.py:57)
        echo    0.3.0   ● on         48 112      0      2
        events 191 004  waiting 37  token 88 min left  memory 61 MB  loop lag 3 ms                                             Ctrl-C: drain
    """,  # noqa: E501 - as wide as the screen
    "six, narrow": """
        qqbot 0.3.0  102001234  sandbox  up 02:14:07  3/6 ready  quota 993/1000
        SHARD STATE         SEQ  HB EV/s RC LAST ERROR / NEXT
        5/6   ✖ FATAL         -   -  0.0  0 4014 intents not perm…, stopped: fix intents
        4/6   ▲ backoff       -   -  0.0  9 4903 create session error, in 12 s, identify
        3/6   ▲ resuming 46 118 118  0.0  5 4009 session tim…, waits 18 s for the replay
        2/6   ▲ slow     51 340 612 19.1  3 heartbeat is slow
        0/6   ● ready    48 201  41 18.4  2
        1/6   ● ready    47 996  44 17.9  2
        plugins  ● 1 on  ✖ 1 not loaded (lottery: ModuleNotFoundError: No module named…
        events 191 004  waiting 37  token 88 min  mem 61 MB  lag 3 ms      Ctrl-C: drain
    """,
    "six, short": """
        qqbot 0.3.0  102001234  sandbox  up 02:14:07  3/6 ready  quota 993/1000
        SHARD STATE         SEQ  HB EV/s RC LAST ERROR / NEXT
        5/6   ✖ FATAL         -   -  0.0  0 4014 intents not perm…, stopped: fix intents
        4/6   ▲ backoff       -   -  0.0  9 4903 create session error, in 12 s, identify
        3/6   ▲ resuming 46 118 118  0.0  5 4009 session tim…, waits 18 s for the replay
        … 3 more: 3 ready
        plugins  ● 1 on  ✖ 1 not loaded (lottery: ModuleNotFoundError: No module named…
        events 191 004  waiting 37  token 88 min  mem 61 MB  lag 3 ms      Ctrl-C: drain
    """,
    "six, ten rows": """
        qqbot 0.3.0  102001234  sandbox  up 02:14:07  3/6 ready  quota 993/1000
        SHARD STATE   SEQ HB EV/s RC LAST ERROR / NEXT
        5/6   ✖ FATAL   -  -  0.0  0 4014 intents not permitted, stopped: fix intents
        events 191 004  waiting 37  token 88 min  mem 61 MB  lag 3 ms      Ctrl-C: drain
    """,
    "six, tiny": """
        ✖ 3/6 ready  37 waiting  up 02:14:07
    """,
    "fatal": """
        qqbot 0.3.0  appid 102001234  sandbox  config.yaml  up 02:14:07  0 of 1 shard ready  identify 993/1000 left, resets in 21 h
        SHARD STATE   SESSION SEQ HB ms EV/s QUEUE RECON LAST ERROR                 NEXT
        0/1   ✖ FATAL (none)    -     -  0.0     0     0 4014 intents not permitted stopped: fix intents
        events 191 004  waiting 37  token 88 min left  memory 61 MB  loop lag 3 ms                                             Ctrl-C: drain
    """,  # noqa: E501 - as wide as the screen
    "draining": """
        qqbot 0.3.0  102001234  sandbox  up 02:14:07  2/2 ready  quota 993/1000
        SHARD STATE         SEQ HB EV/s RC LAST ERROR / NEXT
        0/2   ▲ stopping 48 201 41 18.4  0 reads no more, the bot is stopping
        1/2   ▲ stopping 48 201 41 18.4  0 reads no more, the bot is stopping
        plugins  ● 1 on
        draining: 7 s left, 12 waiting, Ctrl-C again to quit now
    """,
    "draining, tiny": """
        draining: 7 s left, 12 waiting, Ctrl-C again…
    """,
    "chinese": """
        qqbot 0.3.0  小明的天气机器人  appid 102001234  sandbox  up 02:14:07  1 of 1 shard ready  identify 993/1000 left, resets in 21 h
        SHARD STATE   SESSION      SEQ HB ms EV/s QUEUE RECON LAST ERROR                                                                NEXT
        0/1   ● ready 9f3c1e~a1 48 201    41 18.4     0     0 服务器内部错误服务器内部错误服务器内部错误服务器内部错误服务器内部错误服…

        PLUGIN VERSION STATE EVENTS FAILED p95 ms LAST ERROR
        echo   0.3.0   ● on  48 112      0      2
        events 191 004  waiting 0  token 88 min left  memory 61 MB  loop lag 3 ms                                              Ctrl-C: drain
    """,  # noqa: E501 - as wide as the screen
    "chinese, narrow": """
        qqbot 0.3.0  102001234  sandbox  up 02:14:07  1/1 ready  quota 993/1000
        SHARD STATE      SEQ HB EV/s RC LAST ERROR / NEXT
        0/1   ● ready 48 201 41 18.4  0 服务器内部错误服务器内部错误服务器内部错误服务…
        plugins  ● 1 on
        events 191 004  waiting 0  token 88 min  mem 61 MB  lag 3 ms       Ctrl-C: drain
    """,
    "hostile": """
        qqbot 0.3.0  [bold]evil[/bold]  appid 102001234  sandbox  up 02:14:07  1 of 1 shard ready  identify 993/1000 left, resets in 21 h
        SHARD STATE   SESSION      SEQ HB ms EV/s QUEUE RECON LAST ERROR               NEXT
        0/1   ● ready 9f3c1e~a1 48 201    41 18.4     0     0 [/nope] red⏎forged line�

        PLUGIN VERSION STATE EVENTS FAILED p95 ms LAST ERROR
        echo   0.3.0   ● on  48 112      0      2
        events 191 004  waiting 0  token 88 min left  memory 61 MB  loop lag 3 ms                                              Ctrl-C: drain
    """,  # noqa: E501 - as wide as the screen
    "a thousand, mostly well": """
        qqbot 0.3.0  appid 102001234  sandbox  config.yaml  up 02:14:07  998 of 1000 shards ready  identify 993/1000 left, resets in 21 h
        SHARD      STATE     SESSION      SEQ HB ms    EV/s QUEUE RECON LAST ERROR                 NEXT
        998/1000   ✖ FATAL   (none)         -     -     0.0     0     0 4014 intents not permitted stopped: fix intents
        997/1000   ▲ backoff (none)         -     -     0.0     0     9 4903 create session error  in 12 s, identify
        999/1000   ▲ paused  9f3c1e~a1 48 201    41    18.4   500     0                            reading paused, handlers cannot keep up
        0-996/1000 ● ready                       41 18344.8     0     0 (997 shards alike)

        PLUGIN  VERSION STATE        EVENTS FAILED p95 ms LAST ERROR
        lottery 0.1.0   ✖ not loaded      0      0      - ModuleNotFoundError: No module named 'PIL'
        weather 1.2.1   ▲ paused      9 020      5 10 000 TimeoutError in group_message_create (weather/api.py:57)
        echo    0.3.0   ● on         48 112      0      2
        events 191 004  waiting 37  token 88 min left  memory 61 MB  loop lag 3 ms                                             Ctrl-C: drain
    """,  # noqa: E501 - as wide as the screen
    "a thousand, all failed": """
        qqbot 0.3.0  102001234  sandbox  up 02:14:07  0/1000 ready  quota 993/1000
        SHARD  STATE     SEQ HB EV/s RC LAST ERROR / NEXT
        0/1000 ▲ backoff   -  -  0.0  9 4903 create session error, in 12 s, identify
        1/1000 ▲ backoff   -  -  0.0  9 4903 create session error, in 12 s, identify
        2/1000 ▲ backoff   -  -  0.0  9 4903 create session error, in 12 s, identify
        3/1000 ▲ backoff   -  -  0.0  9 4903 create session error, in 12 s, identify
        4/1000 ▲ backoff   -  -  0.0  9 4903 create session error, in 12 s, identify
        … 995 more: 995 backoff
        plugins  ● 1 on  ✖ 1 not loaded (lottery: ModuleNotFoundError: No module named…
        events 191 004  waiting 37  token 88 min  mem 61 MB  lag 3 ms      Ctrl-C: drain
    """,
}


@pytest.mark.parametrize(
    ("name", "snapshot", "width", "height"),
    [
        ("starting", STARTING, 80, 24),
        ("away", AWAY, 80, 24),
        ("away, wide", AWAY, 132, 40),
        ("away, tiny", AWAY, 45, 24),
        ("two ready", TWO_READY, 80, 24),
        ("six, wide", SIX, 132, 40),
        ("six, narrow", SIX, 80, 24),
        ("six, short", SIX, 80, 14),
        ("six, ten rows", SIX, 80, 10),
        ("six, tiny", SIX, 45, 24),
        ("fatal", FATAL, 132, 40),
        ("draining", DRAINING, 80, 24),
        ("draining, tiny", DRAINING, 45, 24),
        ("chinese", CHINESE, 132, 40),
        ("chinese, narrow", CHINESE, 80, 24),
        ("hostile", HOSTILE, 132, 40),
        ("a thousand, mostly well", THOUSAND, 132, 40),
        ("a thousand, all failed", ALL_FAILED, 80, 16),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_panel_looks_as_it_should(name: str, snapshot: Snapshot, width: int, height: int) -> None:
    assert drawn(snapshot, width, height) == textwrap.dedent(GOLDEN[name]).strip("\n")


@pytest.mark.parametrize(("ascii_only", "said"), [(False, "replaying 12 400…"), (True, "replaying 12 400~")])
def test_f34_a_replay_shows_how_far_it_is(ascii_only: bool, said: str) -> None:
    replaying = ready(0, 1, state=ShardState.RESUMING, replayed=12400, next_step="resume")

    assert said in drawn(replace(SIX, shards=(replaying,)), 80, 24, ascii_only=ascii_only)


def test_ascii_panels_have_no_sign_beyond_ascii() -> None:
    assert drawn(SIX, 132, 40, ascii_only=True).isascii()
    assert drawn(ALL_FAILED, 60, 20, ascii_only=True).isascii()


def test_every_state_shows_its_sign_and_colour_together() -> None:
    text = render(SIX, NOW, width=132, height=40)
    styles = {text.plain[span.start]: span.style for span in text.spans if text.plain[span.start] in "●▲✖"}

    assert styles == {"●": "green", "▲": "yellow", "✖": "bold red"}


@pytest.mark.parametrize("state", ShardState)
@pytest.mark.parametrize("next_at", [None, NOW + 3, NOW - 3], ids=["no time", "soon", "past"])
def test_every_state_can_be_drawn(state: ShardState, next_at: float | None) -> None:
    shard = replace(BLANK_SHARD, state=state, next_at=next_at, next_step="resume")

    assert state.value in drawn(replace(SIX, shards=(shard,)), 132, 40)


@pytest.mark.parametrize(
    ("next_at", "words"),
    [(NOW + 0.2, "(again in 1 s)"), (NOW - 0.1, "(again now)"), (None, "(again now)")],
    ids=["soon", "due", "trying"],
)
def test_the_start_counts_down_to_its_next_try(next_at: float | None, words: str) -> None:
    assert f"asking who the bot is {words}: host" in drawn(replace(AWAY, stage_next_at=next_at), 80, 24)


def test_a_step_that_is_due_says_now() -> None:
    shard = replace(SIX_SHARDS[4], next_at=NOW)

    assert "now, identify" in drawn(replace(SIX, shards=(shard,)), 132, 40)


@pytest.mark.parametrize(
    ("awaited", "step", "next_at", "words"),
    [
        ("", "resume", NOW + 11.2, "in 12 s, resume"),
        ("", "asks for a token again", NOW - 1, "now, asks for a token again"),
        ("", "stopped for good", None, "stopped for good"),
        ("hello", "resume", NOW + 7.5, "waits 8 s for hello, then resume"),
        ("hello", "resume", NOW - 1, "waits for hello, then resume"),
        ("room in the inbox", "identify", None, "waits for room in the inbox, then identify"),
        ("ready", "", NOW + 7.5, "waits 8 s for ready"),
    ],
)
def test_what_comes_next_is_said_with_its_time(
    awaited: str, step: str, next_at: float | None, words: str
) -> None:
    shard = replace(
        BLANK_SHARD, state=ShardState.CONNECTING, awaited=awaited, next_step=step, next_at=next_at
    )
    snapshot = replace(SIX, shards=(shard,))

    for width in (80, 132):
        assert f" {words}\n" in drawn(snapshot, width, 40)
    assert f'away="shard 0 connecting, {words}"' in status_line(snapshot, NOW)


def test_a_shard_without_room_is_paused_and_not_after_a_token() -> None:
    shard = replace(BLANK_SHARD, state=ShardState.WAIT_TOKEN, paused=True)

    assert "▲ paused" in drawn(replace(SIX, shards=(shard,)), 80, 24)


@pytest.mark.parametrize("width", [80, 132])
def test_a_shard_that_reads_no_more_because_the_bot_stops_is_not_called_slow(width: int) -> None:
    slow, paused = ready(0, 2, latency=2.0), ready(1, 2, paused=True)
    draining = drawn(replace(DRAINING, shards=(slow, paused)), width, 24)

    assert draining.count("▲ stopping ") == draining.count(" reads no more, the bot is stopping") == 2
    assert "paused" not in draining


def test_many_shards_that_stop_share_a_row() -> None:
    many = replace(DRAINING, shards=tuple(ready(index, 9, paused=index == 3) for index in range(9)))

    assert "0-8/9 ▲ stopping " in drawn(many, 80, 24)


def test_shards_that_are_away_are_told_to_programs() -> None:
    hello = replace(
        BLANK_SHARD, state=ShardState.WAIT_HELLO, awaited="hello", next_step="resume", next_at=NOW + 7.5
    )
    ended = replace(BLANK_SHARD, state=ShardState.STOPPED)

    assert away_fields(replace(SIX, shards=(*SIX_SHARDS[2:], hello, ended)), NOW) == [
        {"shard": 3, "state": "resuming", "awaits": "the replay", "limit": 17.2},
        {"shard": 4, "state": "backoff", "next": "identify", "delay": 11.2},
        {"shard": 5, "state": "fatal", "next": "stopped: fix intents"},
        {"shard": 0, "state": "waiting for hello", "awaits": "hello", "next": "resume", "limit": 7.5},
    ]


def test_a_status_line_names_a_few_of_many_shards() -> None:
    assert status_line(ALL_FAILED, NOW).endswith('; 996 more"')


def test_healthy_shards_stand_apart_up_to_seven_and_share_a_row_from_eight() -> None:
    seven = replace(SIX, shards=tuple(ready(index, 7) for index in range(FOLD_FROM - 1)))
    eight = replace(SIX, shards=tuple(ready(index, 8) for index in range(FOLD_FROM)))

    assert "alike" not in drawn(seven, 132, 40)
    assert "0-7/8 ● ready" in drawn(eight, 132, 40)
    assert "(8 shards alike)" in drawn(eight, 132, 40)


def test_a_folded_row_has_the_range_of_latencies_and_the_sum_of_rates() -> None:
    line = next(line for line in drawn(SIX, 80, 15).splitlines() if "alike" in line)

    assert line.split() == ["0,1/6", "●", "ready", "41-44", "36.3", "4", "(2", "shards", "alike)"]


def test_a_thousand_shards_build_no_row_that_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []

    def counting(text: str) -> str:
        asked.append(text)
        return clean(text)

    begun = time.perf_counter()
    render(ALL_FAILED, NOW, width=132, height=40, safe=counting)
    taken = time.perf_counter() - begun

    with capsys.disabled():
        print(f"[1 000 shards: {taken * 1000:.1f} ms]", end=" ")  # noqa: T201
    assert asked.count("4903 create session error") <= 40 - LOG_ROWS


# --- any snapshot on any screen -------------------------------------------------------------------

any_text = st.text(
    st.characters(exclude_categories=[]) | st.sampled_from("\x1b\x07\x9b\n\r\t[]/小明\u202e\u200d\ufe0f👨👩"),
    max_size=40,
)
counts = st.integers(0, 10**9)
seconds = st.floats(0, 10**6)
shards = st.builds(
    ShardView,
    index=st.integers(0, 2000),
    count=st.integers(1, 2000),
    state=st.sampled_from(ShardState),
    session=any_text,
    seq=st.none() | counts,
    latency=st.none() | seconds,
    events=counts,
    rate=seconds,
    waiting=counts,
    reconnects=counts,
    last_error=any_text,
    next_step=any_text,
    next_at=st.none() | seconds,
    since=seconds,
    paused=st.booleans(),
)
plugins = st.builds(
    PluginView,
    name=any_text,
    version=any_text,
    state=st.sampled_from(["on", "paused", "off", "not loaded"]) | any_text,
    handled=counts,
    failed=counts,
    running=counts,
    p95=st.none() | seconds,
    last_error=any_text,
)
snapshots = st.builds(
    Snapshot,
    version=any_text,
    appid=any_text,
    bot_name=any_text,
    sandbox=st.booleans(),
    simulated=st.booleans(),
    config=any_text,
    started=seconds,
    taken=seconds,
    shards=st.lists(shards, max_size=12).map(tuple),
    plugins=st.lists(plugins, max_size=6).map(tuple),
    quota_left=st.none() | counts,
    quota_total=st.none() | counts,
    quota_reset_at=st.none() | seconds,
    token_expires_at=st.none() | seconds,
    events=counts,
    handled=counts,
    failed=counts,
    waiting=counts,
    memory=st.none() | counts,
    lag=seconds,
    draining_until=st.none() | seconds,
    stage=any_text,
    stage_error=any_text,
    stage_next_at=st.none() | seconds,
)


@settings(deadline=None, max_examples=200)
@given(snapshots, seconds, st.integers(20, 200), st.integers(3, 60), st.booleans())
def test_f100_no_panel_leaves_its_screen_or_carries_a_control_character(
    snapshot: Snapshot, now: float, width: int, height: int, ascii_only: bool
) -> None:
    lines = render(snapshot, now, width=width, height=height, ascii_only=ascii_only).plain.split("\n")

    assert len(lines) <= max(1, height - LOG_ROWS)
    assert max(map(cell_len, lines)) <= width
    assert all(clean(line) == line for line in lines)


# --- plain words ----------------------------------------------------------------------------------


def test_the_status_line_is_made_for_grep() -> None:
    assert status_line(SIX, NOW) == (
        "status up=8047s ready=3/6 events=191004 waiting=37 dead=0 quota=993/1000 token=5312s"
        ' mem=61MB lag=3ms away="shard 3 resuming, waits 18 s for the replay;'
        ' shard 4 backoff, in 12 s, identify; shard 5 FATAL, stopped: fix intents"'
    )


def test_the_status_leaves_out_what_is_not_known() -> None:
    unknown = replace(STARTING, memory=None)

    assert status_line(unknown, NOW) == "status up=8047s ready=0/0 events=0 waiting=0 dead=0 lag=3ms"
    assert "quota_left" not in status_fields(unknown, NOW)


def test_the_summary_says_what_the_run_came_to() -> None:
    short = replace(
        TWO_READY, shards=(ready(0, 2, reconnects=2), ready(1, 2)), events=212, handled=210, failed=2
    )

    assert summary(short, 30.0) == (
        "ran 30 s: 2 shards, 212 events received, 210 handled, 2 given up, 2 reconnects"
    )


def test_the_numbers_of_the_summary_add_up() -> None:
    much = replace(
        TWO_READY,
        events=147,
        earlier=5,
        handled=90,
        failed=3,
        unwanted=30,
        repeated=11,
        waiting=18,
        dead=22,
        gaps=1,
    )

    assert summary(much, NOW) == (
        "ran 8047 s: 2 shards, 147 events received, 5 from before, 90 handled, 3 given up, 30 for no plugin,"
        " 11 repeated, 18 not finished (kept for the next start), 0 reconnects, 1 gap;"
        " the inbox keeps 22 events given up, of all runs"
    )
    assert much.events + much.earlier == 90 + 3 + 30 + 11 + 18


@pytest.mark.parametrize(
    ("fate", "told", "words"),
    [
        (Fate.KEPT, False, ", 18 not finished (kept for the next start), "),
        (Fate.FORGOTTEN, False, ", 18 not finished (lost, only memory had them), "),
        (Fate.GONE, False, ", 18 not finished (lost with the simulator), "),
        (Fate.KEPT, True, ", 18 not finished, "),
    ],
)
def test_the_summary_says_what_becomes_of_what_is_not_finished(fate: Fate, told: bool, words: str) -> None:
    left = replace(TWO_READY, waiting=18, dead=22, fate=fate, fate_told=told)

    assert words in summary(left, NOW)
    assert ("the inbox keeps" in summary(left, NOW)) is (fate is Fate.KEPT)
