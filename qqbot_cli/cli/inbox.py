"""`qqbot inbox`: what waits, what was given up, what could not be received; safe while the bot runs."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import typer

from qqbot_cli.bot.wording import counted, duration
from qqbot_cli.cli.redact import clean
from qqbot_cli.cli.stored import store_path
from qqbot_cli.cli.target import load
from qqbot_cli.config.load import Overrides
from qqbot_cli.errors import ExitCode, QQBotError
from qqbot_cli.model.inbox import Gap, State, Store, StoredEvent
from qqbot_cli.store.sqlite import SqliteStore

T = TypeVar("T")
_SHOWN: Final = 20
"""Events of a list, unless more are asked for."""


class NoSuchEventError(QQBotError):
    """No event that was given up has such a number."""

    exit_code = ExitCode.USAGE


def show(config: Path | None, *, json_wanted: bool) -> None:
    """Print how much there is, the oldest waiting events, and the newest gap."""

    async def ask(store: Store) -> dict[str, Any]:
        counts = await store.counts()
        return {
            "waiting": counts.waiting,
            "running": counts.running,
            "dead": counts.dead,
            "done": counts.done,
            "gaps": counts.gaps,
            "sessions": [
                {"shard": one.shard, "count": one.count, "seq": one.seq, "saved_at": one.saved_at}
                for one in await store.sessions()
                if one.session_id
            ],
            "oldest": [_event(one) for one in await store.list_events(State.WAITING, _SHOWN)],
        }

    path, answer = _asked(config, ask)
    if json_wanted:
        typer.echo(json.dumps({"store": str(path), **answer}, ensure_ascii=False))
        return
    lines = [
        f"store    {path}",
        f"waiting  {answer['waiting']}",
        f"dead     {answer['dead']}" + ("  (qqbot inbox dead)" if answer["dead"] else ""),
        f"done     {answer['done']}",
        f"gaps     {answer['gaps']}" + ("  (qqbot inbox gaps)" if answer["gaps"] else ""),
    ]
    lines += [
        f"session  shard {one['shard']}/{one['count']}, seq {one['seq']}, {_ago(one['saved_at'])}"
        for one in answer["sessions"]
    ]
    if answer["oldest"]:
        lines += ["", f"waiting, the oldest {len(answer['oldest'])}:", *_listed(answer["oldest"])]
    _print(lines)


def show_dead(config: Path | None, *, limit: int, json_wanted: bool) -> None:
    """Print events that were given up."""

    async def ask(store: Store) -> list[dict[str, Any]]:
        return [_event(one) for one in await store.list_events(State.DEAD, limit)]

    _, events = _asked(config, ask)
    if json_wanted:
        typer.echo(json.dumps(events, ensure_ascii=False))
    elif not events:
        typer.echo("no event was given up")
    else:
        _print([*_listed(events), "", "qqbot inbox replay ID runs one again, --all runs all; drop forgets"])


def show_gaps(config: Path | None, *, limit: int, json_wanted: bool) -> None:
    """Print the times for which the platform had no events for us any more."""

    async def ask(store: Store) -> list[Gap]:
        return await store.gaps(limit)

    _, gaps = _asked(config, ask)
    if json_wanted:
        rows = [
            {"shard": gap.shard, "from_at": gap.from_at, "to_at": gap.to_at, "reason": gap.reason}
            for gap in gaps
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    _print([_gap_in_words(gap) for gap in gaps] or ["no gap: every session was resumed"])


def replay(config: Path | None, rows: Sequence[int], *, everything: bool, json_wanted: bool) -> None:
    """Let events that were given up run again: now if the bot runs, else at its next start."""
    number = _changed(config, rows, everything, lambda store, wanted: store.revive(wanted))
    _answer("replayed", number, f"{counted(number, 'event')} will run again", json_wanted=json_wanted)


def drop(config: Path | None, rows: Sequence[int], *, everything: bool, json_wanted: bool) -> None:
    """Forget events that were given up."""
    number = _changed(config, rows, everything, lambda store, wanted: store.drop(wanted))
    _answer("dropped", number, f"{counted(number, 'event')} dropped", json_wanted=json_wanted)


def compact(config: Path | None, *, json_wanted: bool) -> None:
    """Give unused space back to the disk."""

    async def ask(store: Store) -> int:
        return await store.compact(time.time())

    _, freed = _asked(config, ask)
    _answer("freed", freed, f"{freed / 1_000_000:.1f} MB given back", json_wanted=json_wanted)


def _asked(config: Path | None, ask: Callable[[Store], Awaitable[T]]) -> tuple[Path, T]:
    """Open the store beside the bot and return its file and what *ask* answers."""
    path = store_path(load(config, Overrides()))

    async def answer() -> T:
        async with SqliteStore(path, tool=True) as store:
            return await ask(store)

    return path, asyncio.run(answer())


def _changed(
    config: Path | None,
    rows: Sequence[int],
    everything: bool,
    change: Callable[[Store, Sequence[int] | None], Awaitable[int]],
) -> int:
    """Change dead events and return how many there were; each that is named has to exist.

    Raises:
        NoSuchEventError: If one does not; nothing is changed then.
    """
    if everything == bool(rows):
        raise typer.BadParameter("name events by their number, or all of them with --all", param_hint="ID")

    async def ask(store: Store) -> int:
        if everything:
            return await change(store, None)
        for row in rows:
            found = await store.list_events(State.DEAD, 1, after=row - 1)
            if not found or found[0].row != row:
                raise NoSuchEventError(
                    f"no event {row} was given up", help="qqbot inbox dead lists those that were"
                )
        return await change(store, rows)

    _, number = _asked(config, ask)
    return number


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


def _listed(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    for event in events:
        line = f"{event['id']:>8}  {_moment(event['received_at'])}  {event['name']}"
        if event["attempts"] > 1:
            line += f"  {event['attempts']} attempts"
        if event["error"]:
            by = f" by {', '.join(event['plugins'])}" if event["plugins"] else ""
            line += f"  given up{by}: {event['error']}"
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
    typer.echo(json.dumps({key: number}) if json_wanted else words)


def _print(lines: Iterable[str]) -> None:
    typer.echo("\n".join(map(clean, lines)))
