"""The faults that a bot has to survive, and what it promises for each: rows of `docs/reliability.md`."""

from __future__ import annotations

from typing import Final, NamedTuple


class Fault(NamedTuple):
    """One row."""

    number: int
    """As in the names of its tests: F-05 is tested by `test_f05_…`."""
    fault: str
    promise: str


TRANSPORT: Final = (
    Fault(
        1, "TCP reset in the middle of a frame", "resumed within 2 s; nothing lost, no session start spent"
    ),
    Fault(2, "the connection ends without a close frame", "the same; it is not taken for a lost session"),
    Fault(3, "the peer vanishes without a word", "noticed within 15 s of a heartbeat; resumed"),
    Fault(4, "one direction is dead", "the same, whichever direction it is"),
    Fault(
        5,
        "connection refused, unreachable, or hanging",
        "back within 17 s of the network, the reason in words",
    ),
    Fault(6, "DNS fails, is slow, or changes", "looked up anew for each connection; tried again as above"),
    Fault(
        7,
        "certificate expired, unknown or for another host; no TLS",
        "named with its dates, and the clock doubted; no byte of a token; tried again after a minute",
    ),
    Fault(
        8,
        "the upgrade is answered with a web page, 403 or 502",
        "one try for each step of the back-off; the page is quoted",
    ),
    Fault(9, "HELLO comes one byte at a time", "left after 10 s in all"),
    Fault(10, "HELLO never comes", "left after 10 s"),
    Fault(11, "2 s latency with jitter, 1 KB/s", "slow is not dead: no reconnect"),
    Fault(12, "TCP slices, fragments, pings between them", "the same events as without"),
    Fault(
        13,
        "a frame above the limit",
        "given up at the third attempt, with a gap; 8 MiB more at most; other shards untouched",
    ),
    Fault(14, "reserved bits, bad UTF-8, a close frame without code", "reconnected, nothing lost; as F-13"),
    Fault(15, "the address of the gateway is out of date", "asked for anew after two failed connects"),
)

PROTOCOL: Final = (
    Fault(16, "the first frame is not HELLO", "another connection after a pause; one line in the log"),
    Fault(17, "one acknowledgement of a heartbeat is lost", "any frame is a sign of life: nothing happens"),
    Fault(18, "acknowledgements stop, events go on", "resumed after three heartbeats"),
    Fault(19, "acknowledgements late or doubled", "never count for another connection, never end one"),
    Fault(20, "the server sends a heartbeat", "answered within 100 ms"),
    Fault(
        21, "RECONNECT (op 7)", "a hundred of them: resumed within a second each, nothing lost, no identify"
    ),
    Fault(22, "INVALID SESSION (op 9)", "resumed if the platform permits it, else a new session and a gap"),
    Fault(23, "closed with 4008 or 4009", "4008 waits 5 to 10 s, 4009 resumes at once; nothing lost"),
    Fault(24, "closed with 4006, 4007, 4900 to 4913", "identifies after a pause; the gap is recorded"),
    Fault(25, "4902: the session was resumed elsewhere", "that session is never resumed again; one identify"),
    Fault(26, "the platform refuses every identify", "at most 20 in the first hour"),
    Fault(27, "4004: the token is refused", "a fresh token, then resumed; the third time in 10 min is fatal"),
    Fault(28, "4010 to 4014, 4914, 4915", "the shard stops with a remedy, others live; 77 when none is left"),
    Fault(
        29,
        "4001, 4002, 4003, 4005: a fault of ours",
        "at most three identifies an hour, then stops; the last frames sent are told",
    ),
    Fault(30, "unknown close codes", "resumed twice, then identifies with back-off; never stops"),
    Fault(
        31,
        "a disconnect every half hour, for a month",
        "one identify, nothing lost, at most 2 MiB more besides ids of events",
    ),
    Fault(32, "RESUME is accepted, RESUMED never comes", "left after 20 s without progress"),
    Fault(
        33,
        "a resumed session delivers nothing",
        "replaced if it is older than a day: after half an hour, or three times the usual silence",
    ),
    Fault(
        34,
        "50 000 events are replayed at once",
        "at most 64 MiB more; heartbeats on time; each handled once; progress shown",
    ),
    Fault(35, "events come twice", "handled once for each id; ids are kept a day or a million"),
    Fault(36, "handlers are slower than events", "reading stops, heartbeats go on, nothing is lost"),
    Fault(
        37, "sequence numbers out of order", "all handled; asked for again from the lowest that is missing"
    ),
    Fault(
        38,
        "sequence numbers are skipped",
        "told and counted; with `watchdogs.skipped_numbers` resumed from before the gap",
    ),
    Fault(39, "sequence numbers that are none", "the event is handled, the number ignored; told once a kind"),
    Fault(40, "unknown opcodes", "ignored and counted"),
    Fault(
        41, "unknown events", "reach `unknown_event`, else are reported once; names without end fill nothing"
    ),
    Fault(
        42, "payloads with other types or missing fields", "typed, or given to `unknown_event` with the place"
    ),
    Fault(43, "garbage instead of JSON", "ten in a minute are put up with, the eleventh reconnects"),
    Fault(
        44,
        "deep nesting, NaN, huge numbers, half characters",
        "a frame error or left alone within 50 ms; half characters are replaced; nothing ends",
    ),
    Fault(45, "a senseless heartbeat interval", "5 to 120 s are used instead"),
)

HTTP: Final = (
    Fault(
        46,
        "the token endpoint is down",
        "waited for at the start, later it costs no connection; back within 15 s of it",
    ),
    Fault(47, "the token endpoint is slow", "one request for all who wait, given up after 10 s"),
    Fault(48, "the token endpoint answers nonsense", "asked again at least 5 s apart; any lifetime works"),
    Fault(
        49, "the token expires in a session", "renewed in its last minute; no 401 and no reconnect in a month"
    ),
    Fault(50, "a fresh token is refused", "forced anew at most every 30 s; the third time in 10 min is 77"),
    Fault(51, "a call is answered 401", "repeated once with a new token"),
    Fault(
        52,
        "a call is answered 429",
        "waited for in every form of Retry-After; beyond 5 min it is the caller's",
    ),
    Fault(53, "the answer to a reply is lost", "sent again with the same numbers: visible exactly once"),
    Fault(
        54, "no session starts are left", "nobody identifies before they are renewed; sessions are resumed"
    ),
    Fault(55, "wrong secret, address not allowed", "77 within 3 s, with the page to go to"),
)

PROCESS: Final = (
    Fault(56, "the wall clock jumps by a year", "nothing happens"),
    Fault(57, "the computer sleeps", "on waking the session is resumed without waiting for a time-out"),
    Fault(58, "SIGTERM", "handlers end, at most 12 s; the next run resumes and spends no session start"),
    Fault(59, "Ctrl-C twice", "130 within a second, the cursor is back"),
    Fault(
        60,
        "SIGKILL at any moment",
        "the next run resumes and finishes; no reply in groups and C2C is doubled",
    ),
    Fault(
        61, "power loss", "events and sequence numbers are undone together: nothing lost that can be resumed"
    ),
    Fault(62, "a plugin blocks the loop", "named with its line while it does; resumed within 5 s after it"),
    Fault(
        63,
        "no file descriptors are left, or little memory",
        "some are for the bot alone; at the limit for memory reading stops and shards stay ready",
    ),
)

PLUGINS: Final = (
    Fault(64, "a handler raises", "reported with its line; what time may mend is tried again, the rest kept"),
    Fault(65, "a handler hangs", "cancelled after 10 s; its conversation goes on"),
    Fault(
        66, "a handler swallows its cancellation", "given up; after sixteen such the plugin gets nothing more"
    ),
    Fault(67, "a plugin computes without end in its threads", "shards reconnect all the same"),
    Fault(68, "a plugin leaks tasks", "named within a minute"),
    Fault(69, "`sys.exit()` in a handler or a task", "a failure of that handler, and no more"),
    Fault(
        70,
        "a plugin cannot be imported or set up, or hangs",
        "left out with the reason; the others load; after a failed setup its events are kept for it",
    ),
    Fault(71, "a plugin changes the event", "the next plugin sees the original"),
    Fault(
        72,
        "a plugin floods the platform with calls",
        "it delays itself, heartbeats by less than 10 %; turns go round",
    ),
    Fault(73, "a plugin prints, or takes logging, signals, streams", "they come back; the panel stays"),
    Fault(74, "two packages have one name", "neither is loaded until one is chosen"),
    Fault(75, "names such as `../x` or `CON`", "refused; nothing outside the folder is read"),
    Fault(76, "an event that always fails, or ends the process", "dead after five runs or two crashes"),
    Fault(77, "100 000 events while handlers are stuck", "at most 64 MiB more, 100 ms loop lag (p99)"),
)

STORE: Final = (
    Fault(78, "the disk is full", "reading stops, said in red; goes on when there is space; nothing lost"),
    Fault(79, "the file is damaged", "put aside, never deleted; a new one begun, and what was in it told"),
    Fault(
        80, "the file is gone, empty, of another program or newer", "told, or left alone with exit code 78"
    ),
    Fault(81, "another process locks the file", "waited for; after 30 s said; nothing lost"),
    Fault(82, "read-only or on a network", "78 with the path and a way out"),
    Fault(83, "two bots with one store", "the second is 78 and names the first"),
)

INPUT: Final = (
    Fault(92, "any mistake in the configuration", "file, line, column and a way out; 78; nothing contacted"),
    Fault(93, "hostile YAML", "refused within 200 ms, if PyYAML has libyaml, as its wheels do"),
    Fault(94, "secrets in output", "in none: all output of the tests is searched for one"),
    Fault(100, "text with terminal escapes or markup", "printed as text; no line can be forged"),
    Fault(101, "the terminal is closed, nobody reads the output", "the bot goes on, the panel ends"),
)

AREAS: Final[dict[str, tuple[Fault, ...]]] = {
    "The network": TRANSPORT,
    "The gateway": PROTOCOL,
    "Tokens and calls": HTTP,
    "Clocks and the process": PROCESS,
    "Plugins": PLUGINS,
    "The store": STORE,
    "Configuration and output": INPUT,
}
