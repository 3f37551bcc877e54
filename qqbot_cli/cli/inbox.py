"""`qqbot inbox`: what waits, runs, was given up, could not be received; safe while the bot runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import typer

from qqbot_cli.bot.wording import counted, duration
from qqbot_cli.cli.json_object import print_object
from qqbot_cli.cli.redact import clean
from qqbot_cli.cli.stored import bot_of, placed, store_path
from qqbot_cli.cli.target import Loaded, load
from qqbot_cli.config.load import Overrides
from qqbot_cli.errors import ExitCode, QQBotError, StoreError
from qqbot_cli.model.inbox import EVERY_ROW, Compacted, Gap, State, Store, StoredEvent
from qqbot_cli.store.place import is_missing, missing, owner
from qqbot_cli.store.sqlite import SqliteStore

T = TypeVar("T")
_SHOWN: Final = 20
"""Events of a list, unless more are asked for."""


@dataclass(frozen=True, slots=True)
class Which:
    """Whose store: what the command line says of it, as for `qqbot run`."""

    config: Path | None = None
    shards: str | None = None
    sandbox: bool | None = None


class NoSuchEventError(QQBotError):
    """No event that was given up has such a number."""

    exit_code = ExitCode.USAGE


def show(which: Which, *, json_wanted: bool) -> None:
    """Print how much there is, and the oldest waiting events."""
    path, seen = _asked(which, lambda store: store.overview(_SHOWN))
    counts = seen.counts
    numbers = {
        "waiting": counts.waiting,
        "running": len(seen.running),
        "dead": counts.dead,
        "done": counts.done,
        "gaps": counts.gaps,
    }
    sessions = [
        {"shard": one.shard, "count": one.count, "seq": one.seq, "saved_at": one.saved_at}
        for one in seen.sessions
        if one.session_id
    ]
    oldest = [_event(one) | {"running": one.row in seen.running} for one in seen.oldest]
    if json_wanted:
        process = None if seen.process is None else int(seen.process or 0)
        answer = {"store": str(path), "process": process, **numbers, "sessions": sessions, "oldest": oldest}
        print_object(answer)
        return
    more = {
        "running": "of those that wait, in the hands of plugins",
        "dead": "qqbot inbox dead",
        "gaps": "qqbot inbox gaps",
    }
    running = f"running, process {seen.process or 'unknown'}"
    lines = [f"store    {path}", f"bot      {'not running' if seen.process is None else running}"]
    for name, number in numbers.items():
        lines.append(f"{name:<8} {number}" + (f"  ({more[name]})" if number and name in more else ""))
    lines += [
        f"session  shard {one.shard}/{one.count}, seq {one.seq}, {_ago(one.saved_at)}"
        for one in seen.sessions
        if one.session_id
    ]
    if oldest:
        lines += ["", f"waiting, the oldest {len(oldest)}:", *_listed(oldest, "failed")]
    _print(lines)


def show_dead(which: Which, *, limit: int, json_wanted: bool) -> None:
    """Print events that were given up."""

    async def ask(store: Store) -> list[dict[str, Any]]:
        return [_event(one) for one in await store.list_events(State.DEAD, limit)]

    _, events = _asked(which, ask)
    if json_wanted:
        print_object({"events": events})
    elif not events:
        typer.echo("no event was given up")
    else:
        _print(
            [
                *_listed(events, "given up"),
                "",
                "qqbot inbox replay ID runs one again, --all runs all; drop forgets",
            ]
        )


def show_gaps(which: Which, *, limit: int, json_wanted: bool) -> None:
    """Print the times for which the platform had no events for us any more."""

    async def ask(store: Store) -> list[Gap]:
        return await store.gaps(limit)

    _, gaps = _asked(which, ask)
    if json_wanted:
        rows = [
            {"shard": gap.shard, "from_at": gap.from_at, "to_at": gap.to_at, "reason": gap.reason}
            for gap in gaps
        ]
        print_object({"gaps": rows})
        return
    _print([_gap_in_words(gap) for gap in gaps] or ["no gap: every session was resumed"])


def replay(which: Which, rows: Sequence[int], *, everything: bool, json_wanted: bool) -> None:
    """Let events that were given up run again: now if the bot runs, else at its next start."""
    path, number = _changed(which, rows, everything, lambda store, wanted: store.revive(wanted))
    words = f"{counted(number, 'event')} will run again {_when(path)}"
    _answer("replayed", number, words, json_wanted=json_wanted)


def _when(path: Path) -> str:
    try:
        return "at the next start of the bot" if owner(path) is None else "now"
    except StoreError:  # it has been done all the same
        return "now or at the next start of the bot"


def drop(which: Which, rows: Sequence[int], *, everything: bool, json_wanted: bool) -> None:
    """Forget events that were given up."""
    _, number = _changed(which, rows, everything, lambda store, wanted: store.drop(wanted))
    _answer("dropped", number, f"{counted(number, 'event')} dropped", json_wanted=json_wanted)


def compact(which: Which, *, json_wanted: bool) -> None:
    """Drop what is beyond the retention, and give unused space back to the disk."""

    async def ask(store: Store) -> Compacted:
        return await store.compact(time.time())

    _, done = _asked(which, ask)
    words = f"{done.freed / 1_000_000:.1f} MB given back"
    if done.dead:
        words += f"; {counted(done.dead, 'event')} dropped that had been given up, inbox.dead keeps no more"
    if json_wanted:
        print_object({"freed": done.freed, "dropped": done.dead})
    else:
        typer.echo(words)


def _asked(which: Which, ask: Callable[[SqliteStore], Awaitable[T]]) -> tuple[Path, T]:
    """Open the store beside the bot and return its file and what *ask* answers."""
    loaded = load(which.config, Overrides(which.shards, which.sandbox))
    path = store_path(loaded)

    async def answer() -> T:
        config = loaded.config
        async with SqliteStore(
            path, bot=bot_of(config), tool=True, retention=config.inbox.retention()
        ) as store:
            return await ask(store)

    with placed(loaded):
        if is_missing(path):
            raise missing(path, help=_others(loaded, path))
        return path, asyncio.run(answer())


def _others(loaded: Loaded, path: Path) -> str:
    """Return what to do if there is nothing at *path*."""
    found = [] if loaded.config.store.path else sorted(path.parent.glob("inbox*.sqlite3"))
    others = [one for one in found if not is_missing(one)]
    if not others:
        return "a bot makes it when it runs first"
    names = ", ".join(one.name for one in others)
    return f"--shards and --sandbox choose as they do for run; there are {names}"


def _changed(
    which: Which,
    rows: Sequence[int],
    everything: bool,
    change: Callable[[SqliteStore, Sequence[int] | None], Awaitable[int]],
) -> tuple[Path, int]:
    """Change dead events and return the store and how many there were; each that is named has to exist.

    Raises:
        NoSuchEventError: If one does not; nothing is changed then.
    """
    if everything == bool(rows):
        raise typer.BadParameter("name events by their number, or all of them with --all", param_hint="ID")

    async def ask(store: SqliteStore) -> int:
        if everything:
            return await change(store, None)
        for row in rows:
            if not 0 < row <= EVERY_ROW:
                raise _no_such_event(row)
            found = await store.list_events(State.DEAD, 1, after=row - 1)
            if not found or found[0].row != row:
                raise _no_such_event(row)
        return await change(store, rows)

    return _asked(which, ask)


def _no_such_event(row: int) -> NoSuchEventError:
    return NoSuchEventError(f"no event {row} was given up", help="qqbot inbox dead lists those that were")


def _event(event: StoredEvent) -> dict[str, Any]:
    """Return *event* without what people wrote."""
    received = event.received
    return {
        "id": event.row,
        "name": received.name,
        "event_id": received.event_id,
        "shard": received.shard,
        "received_at": received.received_at,
        "attempts": event.attempts,
        "running": event.running,
        "plugins": list(event.plugins),
        "error": event.error,
    }


def _listed(events: Iterable[dict[str, Any]], failed: str) -> Iterator[str]:
    for event in events:
        line = f"{event['id']:>8}  {_moment(event['received_at'])}  {event['name']}"
        if event["running"]:
            line += "  running"
        if event["attempts"] > 1:
            line += f"  {event['attempts']} attempts"
        if event["error"]:
            by = f" by {', '.join(event['plugins'])}" if event["plugins"] else ""
            line += f"  {failed}{by}: {event['error']}"
        yield line


def _gap_in_words(gap: Gap) -> str:
    began = "an unknown time" if gap.from_at is None else _moment(gap.from_at)
    length = "" if gap.from_at is None else f" ({duration(gap.to_at - gap.from_at)})"
    return f"shard {gap.shard}: {began} to {_moment(gap.to_at)}{length}: {gap.reason}"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _ago(seconds: float) -> str:
    return f"{duration(max(0.0, time.time() - seconds))} ago"


def _answer(key: str, number: int, words: str, *, json_wanted: bool) -> None:
    if json_wanted:
        print_object({key: number})
    else:
        typer.echo(words)


def _print(lines: Iterable[str]) -> None:
    typer.echo("\n".join(map(clean, lines)))
