"""The state of the process as figures: for plain lines, for programs, and for the last line of a run."""

from __future__ import annotations

from typing import Final

from qqbot_cli.bot.snapshot import Fate, ShardView, Snapshot
from qqbot_cli.bot.wording import counted, next_in_words
from qqbot_cli.model.fact import ShardState

_MB: Final = 1_000_000
_SHOWN: Final = 4
"""Shards that a status line names."""


def status_fields(snapshot: Snapshot, now: float) -> dict[str, int | float]:
    """Return the state of the process in numbers: seconds, bytes and counts; unknown ones are absent."""
    fields: dict[str, int | float | None] = {
        "up": round(now - snapshot.started),
        "ready": snapshot.ready,
        "shards": len(snapshot.shards),
        "events": snapshot.events,
        "handled": snapshot.handled,
        "failed": snapshot.failed,
        "unwanted": snapshot.unwanted,
        "repeated": snapshot.repeated,
        "earlier": snapshot.earlier,
        "waiting": snapshot.waiting,
        "dead": snapshot.dead,
        "gaps": snapshot.gaps,
        "replaying": sum(shard.replayed for shard in snapshot.shards),
        "skipped": sum(shard.skipped for shard in snapshot.shards),
        "unknown": sum(shard.unknown for shard in snapshot.shards),
        "quota_left": snapshot.quota_left,
        "quota_total": snapshot.quota_total,
        "token": None if snapshot.token_expires_at is None else round(snapshot.token_expires_at - now),
        "memory": snapshot.memory,
        "lag": round(snapshot.lag, 4),
    }
    return {key: value for key, value in fields.items() if value is not None}


def status_line(snapshot: Snapshot, now: float) -> str:
    """Return the state of the process as one line of words that grep finds."""
    parts = [
        "status",
        f"up={now - snapshot.started:.0f}s",
        f"ready={snapshot.ready}/{len(snapshot.shards)}",
        f"events={snapshot.events}",
        f"waiting={snapshot.waiting}",
        f"dead={snapshot.dead}",
    ]
    if snapshot.gaps:
        parts.append(f"gaps={snapshot.gaps}")
    if replayed := sum(shard.replayed for shard in snapshot.shards):
        parts.append(f"replaying={replayed}")
    if snapshot.quota_left is not None:
        parts.append(f"quota={snapshot.quota_left}/{snapshot.quota_total}")
    if snapshot.token_expires_at is not None:
        parts.append(f"token={snapshot.token_expires_at - now:.0f}s")
    if snapshot.memory is not None:
        parts.append(f"mem={snapshot.memory // _MB}MB")
    parts.append(f"lag={snapshot.lag * 1000:.0f}ms")
    away = _away(snapshot)
    if away:
        words = [_away_in_words(shard, now) for shard in away[:_SHOWN]]
        if len(away) > _SHOWN:
            words.append(f"{len(away) - _SHOWN} more")
        parts.append(f'away="{"; ".join(words)}"')
    return " ".join(parts)


def away_fields(snapshot: Snapshot, now: float) -> list[dict[str, str | int | float]]:
    """Return for each shard that is not ready, and did not end with the bot, what it does next and when."""
    return [_away_fields(shard, now) for shard in _away(snapshot)]


def _away(snapshot: Snapshot) -> list[ShardView]:
    present = (ShardState.READY, ShardState.STOPPED)
    return [shard for shard in snapshot.shards if shard.state not in present]


def _away_fields(shard: ShardView, now: float) -> dict[str, str | int | float]:
    fields: dict[str, str | int | float] = {"shard": shard.index, "state": shard.state.value.lower()}
    if shard.awaited:
        fields["awaits"] = shard.awaited
    if shard.next_step:
        fields["next"] = shard.next_step
    if shard.next_at is not None:
        fields["limit" if shard.awaited else "delay"] = round(max(0.0, shard.next_at - now), 3)
    return fields


def _away_in_words(shard: ShardView, now: float) -> str:
    seconds = None if shard.next_at is None else shard.next_at - now
    return (
        f"shard {shard.index} {shard.state.value}, {next_in_words(shard.awaited, shard.next_step, seconds)}"
    )


def summary(snapshot: Snapshot, now: float) -> str:
    """Return what the run came to, for its last line; the numbers of events in it add up."""
    reconnects = sum(shard.reconnects for shard in snapshot.shards)
    parts = [
        counted(len(snapshot.shards), "shard"),
        f"{counted(snapshot.events, 'event')} received",
        f"{snapshot.earlier} from before" if snapshot.earlier else "",
        f"{snapshot.handled} handled",
        f"{snapshot.failed} given up",
        f"{snapshot.unwanted} for no plugin" if snapshot.unwanted else "",
        f"{snapshot.repeated} repeated" if snapshot.repeated else "",
        _unfinished(snapshot),
        counted(reconnects, "reconnect"),
        counted(snapshot.gaps, "gap") if snapshot.gaps else "",
    ]
    in_all = snapshot.dead if snapshot.fate is Fate.KEPT else 0
    kept = f"; the inbox keeps {counted(in_all, 'event')} given up, of all runs" if in_all else ""
    return f"ran {now - snapshot.started:.0f} s: {', '.join(filter(None, parts))}{kept}"


def _unfinished(snapshot: Snapshot) -> str:
    if not snapshot.waiting:
        return ""
    fate = "" if snapshot.fate_told else f" ({snapshot.fate})"
    return f"{snapshot.waiting} not finished{fate}"
