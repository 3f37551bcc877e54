"""What a test may set on a running simulator; every switch works at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from qqbot_cli.model.intents import Intents

EVERYTHING: Final = Intents(sum(Intents))
"""All flags, the specially granted ones included."""

Outage = Literal["refuse", "hang", "garbage"]
"""How a service fails: HTTP 503, no answer at all, or an answer that is not JSON."""


@dataclass(slots=True)
class PartFault:
    """What goes wrong with one part of every upload."""

    position: int
    """Place in the list of parts, from 0."""
    how: Literal["reset", "503", "retry"]
    """The connection is reset in the middle of the bytes; the storage answers 503; or the part is stored,
    but the platform answers 40093001 when it is told so."""
    times: float = 1
    """How often; `math.inf` for as long as it is in the list."""


@dataclass(slots=True)
class Switches:
    """How the platform behaves; the defaults are a healthy platform."""

    token_down: Outage | None = None
    """Whether and how the token endpoint fails."""
    token_expires_in: object = msgspec.UNSET
    """Any JSON value, sent as ``expires_in`` in place of the real one."""
    token_lifetime: float = 7200.0
    """Seconds a new token lives."""
    gateway_address: str | None = None
    """Host and port that are answered as those of the gateway; None answers the real ones."""
    rest_down: Outage | None = None
    """Whether and how every other REST call fails."""
    rest_fail_next: list[tuple[int, object]] = field(default_factory=list)
    """Status and body for the next sends, one for each; these sends have no effect."""
    audit_next: list[Literal["pass", "reject", "never"]] = field(default_factory=list)
    """How the reviews of the next sends end, one for each; "never" means without a verdict."""
    audit_seconds: float = 0.05
    """How long a review takes."""
    registered_hosts: frozenset[str] | None = None
    """Hosts that texts may name; None lets every address pass."""
    longest_text: int = 10_000
    """Characters of one text; the platform has such a limit and publishes no number."""
    stream_gap: float = 0.2
    """Seconds between two pieces of a growing text; not published, clients keep 0.3 and more."""
    rest_refuse_next: list[tuple[str, int, int]] = field(default_factory=list)
    """Name of a row of ENDPOINTS, status and code: its next call is refused so, one entry for each call."""
    private_domain: bool = True
    """Whether the bot is of the private domain; without it some calls of guilds are refused with 11253."""
    bot_is_admin: bool = True
    """Whether the bot administers its guilds; without it calls that need that are refused with 11282."""
    bot_is_group_admin: bool = True
    """The same for groups, and 11703."""
    grants: frozenset[str] | None = None
    """Rows of ENDPOINTS that are granted, among those that need it; None for all of them. Without a grant
    the platform refuses with 11253, a guild with 11264."""
    enforce_rates: bool = False
    """Whether calls above the documented rate are refused with 429."""
    forbidden_words: frozenset[str] = frozenset()
    """Words that a review refuses in names, threads, schedules, panels and menus."""
    open_direct_messages: bool = True
    """Whether guilds let the bot open direct conversations."""
    push_messages: bool = True
    """Whether guilds let the bot write without being asked."""
    lose_answers: int = 0
    """So many sends and confirmations take effect, but the connection is cut before the answer."""
    media_ttl: int = 3600
    """Seconds for which what was uploaded can be sent; 0 is for ever."""
    upload_volume: int | None = None
    """Bytes that may still be uploaded today; None lets everything pass."""
    upload_block: int = 5 * 1024 * 1024
    """Bytes of each part of an upload but the last."""
    upload_config: dict[str, object] = field(
        default_factory=lambda: {"concurrency": 1, "retry_timeout": 300, "retry_delay": 1}
    )
    """How parts are to be sent, as the answer says it."""
    upload_config_on_top: bool = False
    """Whether it stands at the top level of the answer, where older versions have it."""
    first_part_index: int = 1
    """Number of the first part: 0 by the documentation, 1 in practice."""
    part_faults: list[PartFault] = field(default_factory=list)
    """What goes wrong with parts."""
    upgrade: Literal["ok", "html", "502", "403"] = "ok"
    """What a websocket handshake is answered with."""
    first_frame: str | None = None
    """Text that is sent in place of HELLO."""
    hello: bool = True
    """Whether HELLO is sent."""
    hello_interval: object = msgspec.UNSET
    """Any JSON value, sent as ``heartbeat_interval`` in place of the real one (milliseconds)."""
    acks: bool = True
    """Whether heartbeats are answered."""
    end_silent: bool = True
    """Whether a connection without heartbeats for two intervals is ended."""
    answer_identify: bool = True
    """Whether IDENTIFY is answered at all."""
    answer_resume: bool = True
    """Whether RESUME is answered at all."""
    refuse_identify_with: int | None = None
    """Close code for every IDENTIFY; 4903 comes with op 9 before it."""
    refuse_resume_with: int | None = None
    """Close code for every RESUME; 4903 comes with op 9 before it."""
    refuse_resume_by_op9: bool = False
    """Whether a session that cannot be resumed is refused with op 9 and 4903, not 4006."""
    granted_intents: Intents = EVERYTHING
    """What this bot may ask for."""
    quirks: float = 0.0
    """Share of the events, 0 to 1, that come as no documentation has them."""
    repeats: int = 0
    """Events that RESUME brings once more although the client has them."""
    replay_frames: int = 1000
    """Events a session remembers for RESUME."""
    replay_seconds: float = 300.0
    """How long it remembers them."""
    trim_on_heartbeat: bool = False
    """Whether it forgets what heartbeats say was received; the documentation does not tell."""
    fragment_size: int = 0
    """Bytes after which frames are cut into fragments, with a ping between; 0 sends them whole."""
    poison: bytes = b""
    """Bytes below the websocket layer that come before what RESUME brings, so that it never gets further."""
    hush: bool = False
    """Whether people keep quiet; what they meant to say is not said later."""
