"""The state of the simulated platform, shared by its HTTP side, its gateway and its faults."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from qqbot_cli.model.simulation import Simulation
from qqbot_cli.simulator.ids import Ids
from qqbot_cli.simulator.ledger import Ledger
from qqbot_cli.simulator.quota import SessionQuota, TokenDesk
from qqbot_cli.simulator.record import HISTORY_LIMIT, History
from qqbot_cli.simulator.rest.site import Site
from qqbot_cli.simulator.session import Sessions
from qqbot_cli.simulator.switches import Switches
from qqbot_cli.simulator.uploads import Uploads
from qqbot_cli.simulator.wallclock import unix_time
from qqbot_cli.simulator.world import make_world

if TYPE_CHECKING:
    from qqbot_cli.simulator.gateway import Connection


class Platform:
    """Everything the platform knows; it starts nothing by itself."""

    def __init__(
        self,
        simulation: Simulation,
        *,
        appid: str,
        secret: str | None,
        clock: Callable[[], float],
        remember: int = HISTORY_LIMIT,
    ) -> None:
        ids = Ids(simulation.seed)
        self.simulation = simulation
        self.clock = clock
        self.ids = ids
        self.appid = appid
        self.secret = secret or ids.secret()
        self.switches = Switches(quirks=simulation.quirks, repeats=simulation.repeats)
        self.history = History(clock, remember)
        self.world = make_world(simulation.users, simulation.shards, ids)
        self.ledger = Ledger(self.world)
        self.site = Site(
            self.world,
            # Ids of its own, so that what is said does not depend on how places are furnished.
            Ids(f"rest/{simulation.seed}"),
            appid=appid,
            ledger=self.ledger,
            switches=self.switches,
            report=self.history.add,
            clock=clock,
            wall=float(unix_time()),
        )
        self.sessions = Sessions(ids.uuid)
        self.uploads = Uploads()
        self.tokens = TokenDesk(appid, self.secret, make_token=ids.access_token)
        self.quota = SessionQuota(
            simulation.remaining, simulation.reset_after, simulation.max_concurrency, now=clock()
        )
        self.connections: set[Connection] = set()
        self.address = ""
        """Host and port, once the simulator listens."""
        self.secure = False
        """Whether it speaks TLS."""
        self.reachable = asyncio.Event()
        """Cleared while nothing gets through to the platform."""
        self.reachable.set()
        self.closing = asyncio.Event()
        """Set when the simulator ends, to release calls that hang on purpose."""

    def is_token_valid(self, token: str) -> bool:
        """Whether *token* opens doors at this moment."""
        return self.tokens.is_valid(token, now=self.clock())
