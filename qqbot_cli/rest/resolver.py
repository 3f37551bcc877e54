"""Addresses of hosts, asked for anew each time: one that changed is what a reconnect is there to find.

Look-ups have threads of their own. Those of the event loop are everybody's, and a plugin that computes in
all of them would keep the shards from reconnecting. Whoever asks for the same host meanwhile shares a
look-up, so a name server that does not answer holds one thread for each host and no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult

from qqbot_cli.rest.descriptors import used_up

_NUMERIC: Final = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV

Question = tuple[str, int, int]
"""Host, port, family."""


class Resolver(AbstractResolver):
    """Asks the system."""

    def __init__(self) -> None:
        self._flights: dict[Question, asyncio.Future[list[ResolveResult]]] = {}
        self._known: dict[Question, list[ResolveResult]] = {}
        """The last answers, for when there is no file descriptor left to ask with."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of *host*.

        Raises:
            OSError: If there are none, or nobody knows.
        """
        question = (host, port, family)
        flight = self._flights.get(question)
        if flight is None:
            flight = self._flights[question] = asyncio.get_running_loop().create_future()
            flight.add_done_callback(lambda done: self._landed(question, done))
            threading.Thread(
                target=_ask, args=(question, flight), name=f"look up {host}", daemon=True
            ).start()
        try:
            # Shielded: one who gives up must not cancel what the others wait for.
            return await asyncio.shield(flight)
        except OSError:
            if question in self._known and used_up():
                return self._known[question]
            raise

    def _landed(self, question: Question, flight: asyncio.Future[list[ResolveResult]]) -> None:
        del self._flights[question]
        if not flight.cancelled() and flight.exception() is None:
            self._known[question] = flight.result()

    async def close(self) -> None:
        """Wait for nobody: a look-up that hangs ends with the process."""
        for flight in list(self._flights.values()):
            flight.cancel()


def _ask(question: Question, flight: asyncio.Future[list[ResolveResult]]) -> None:
    """Ask the system; in a thread."""
    host, port, family = question
    addresses: list[ResolveResult] = []
    failure: OSError | None = None
    try:
        for kind, _, protocol, _, address in socket.getaddrinfo(
            host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        ):
            addresses.append(_result(host, kind, protocol, address))
    except (OSError, ValueError) as exc:  # ValueError: a name that cannot be encoded
        failure = exc if isinstance(exc, OSError) else OSError(str(exc))

    def land() -> None:
        if flight.done():
            return
        if failure is None:
            flight.set_result(addresses)
        else:
            flight.set_exception(failure)

    with contextlib.suppress(RuntimeError):  # the loop is closed
        flight.get_loop().call_soon_threadsafe(land)


def _result(host: str, family: int, protocol: int, address: tuple[Any, ...]) -> ResolveResult:
    # An address of the local link is of use only with the number of its interface.
    scope = f"%{address[3]}" if len(address) > 3 and address[3] else ""
    return ResolveResult(
        hostname=host,
        host=f"{address[0]}{scope}",
        port=address[1],
        family=family,
        proto=protocol,
        flags=_NUMERIC,
    )
