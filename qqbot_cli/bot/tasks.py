"""Tasks that plugins start: whose they are, how many there are, and that none of them can end the bot.

A plugin that starts tasks faster than they end fills the memory without an error anywhere. So every task
born in the context of a plugin is counted, and named after it; those it starts by
`PluginContext.create_task` are ended with it too, and their failures are reported like those of its handlers.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from qqbot_cli.bot.blame import error_text, raised_at, traceback_text
from qqbot_cli.model.fact import HandlerFailed, Report
from qqbot_cli.rest.caller import RUNNING_PLUGIN

logger = logging.getLogger(__name__)

T = TypeVar("T")

MANY: Final = 1_000
"""Tasks of one plugin from which their number is odd, if it grows."""
_LOOK_EVERY: Final = 5.0
"""Seconds between two looks at the numbers."""
_GRACE: Final = 0.25
"""Seconds that cancelled tasks have to end."""


Kinds = dict[asyncio.Task[Any], str]
"""Tasks that have not ended, and what each does, in the words of its author."""


class PluginTasks:
    """The tasks of all plugins of one bot."""

    def __init__(self, report: Report) -> None:
        """*report* is where failures of owned tasks go."""
        self._report = report
        self._all: dict[str, Kinds] = {}
        self._owned: dict[str, Kinds] = {}
        self._before: dict[str, int] = {}
        """Plugin -> how many tasks it had at the last look."""
        self._told: dict[str, int] = {}
        """Plugin -> how many it had when that was told."""

    def count(self, plugin: str) -> int:
        """Return how many tasks of *plugin* have not ended, besides its handlers."""
        return len(self._all.get(plugin, ()))

    # --- birth

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count every task that a plugin starts within the block, in the running loop."""
        loop = asyncio.get_running_loop()
        before = loop.get_task_factory()
        # Typed by hand: what the library says about factories is different in every version of Python.
        make: Any = before or (lambda loop, coro, **more: asyncio.Task(coro, loop=loop, **more))

        def born(loop: asyncio.AbstractEventLoop, coro: Any, **more: Any) -> Any:  # noqa: ANN401
            plugin = RUNNING_PLUGIN.get()
            # With a context of its own it belongs to whoever made that: a worker, or `start`.
            if not plugin or more.get("context") is not None:
                return make(loop, coro, **more)
            task = make(loop, _harmless(coro), **more)
            if more.get("name") is None:
                task.set_name(f"plugin {plugin}: {_kind(coro)}")
            _keep(self._all.setdefault(plugin, {}), task, coro, _kind(coro))
            return task

        loop.set_task_factory(born)
        try:
            yield
        finally:
            loop.set_task_factory(before)

    def start(self, plugin: str, coro: Coroutine[Any, Any, T], name: str | None) -> asyncio.Task[T]:
        """Return a task of *plugin* that is ended with it."""
        context = contextvars.copy_context()
        context.run(RUNNING_PLUGIN.set, plugin)
        kind = name or _kind(coro)
        task = asyncio.get_running_loop().create_task(
            _harmless(coro), name=f"plugin {plugin}: {kind}", context=context
        )
        _keep(self._all.setdefault(plugin, {}), task, coro, kind)
        _keep(self._owned.setdefault(plugin, {}), task, coro, kind)
        task.add_done_callback(functools.partial(self._ended, plugin, kind))
        return task

    # --- life

    async def watch(self) -> None:
        """Tell when a plugin has many tasks and starts more, for ever."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            self.look()

    def look(self) -> None:
        """Tell of every plugin that has many tasks and now more, and again when they have doubled."""
        for plugin, tasks in self._all.items():
            count = len(tasks)
            grows, self._before[plugin] = count > self._before.get(plugin, 0), count
            if count < MANY:
                self._told.pop(plugin, None)
            elif grows and count >= 2 * self._told.get(plugin, 0):
                self._told[plugin] = count
                ((kind, times),) = Counter(tasks.values()).most_common(1)
                logger.warning(
                    "plugin %s has %d tasks that have not ended, and starts more; %d of them are %s",
                    plugin,
                    count,
                    times,
                    kind,
                )

    # --- death

    def _ended(self, plugin: str, kind: str, task: asyncio.Task[Any]) -> None:
        """Report a task that is owned if it has failed."""
        exc = None if task.cancelled() else task.exception()
        if exc is not None:
            place = raised_at(exc)
            self._report(
                HandlerFailed(plugin, f"task {kind}", "", error_text(exc), place, traceback_text(exc))
            )

    async def end(self, plugin: str) -> None:
        """Cancel what *plugin* owns and wait a moment for it."""
        tasks = list(self._owned.get(plugin, ()))
        for task in tasks:
            task.cancel()
        if tasks:
            _, pending = await asyncio.wait(tasks, timeout=_GRACE)
            if pending:
                logger.warning("plugin %s: %d tasks do not end when they are cancelled", plugin, len(pending))


async def _harmless(coro: Coroutine[Any, Any, T]) -> T:
    """Do *coro*; `sys.exit` in a task would end the event loop, and is an error like others here."""
    try:
        return await coro
    except (SystemExit, KeyboardInterrupt) as exc:
        text = f"{error_text(exc)} in a task of a plugin"
        raise RuntimeError(text).with_traceback(exc.__traceback__) from exc


def _keep(kinds: Kinds, task: asyncio.Task[Any], coro: Coroutine[Any, Any, Any], kind: str) -> None:
    """Remember *task* among *kinds* until it ends."""
    kinds[task] = kind

    def ended(task: asyncio.Task[Any]) -> None:
        kinds.pop(task, None)
        coro.close()  # one that is cancelled before it begins would be said never to have been awaited

    task.add_done_callback(ended)


def _kind(coro: object) -> str:
    return str(getattr(coro, "__qualname__", type(coro).__name__))
