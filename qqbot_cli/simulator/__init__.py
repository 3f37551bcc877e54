"""The QQ bot platform on a loopback port: for trying out bots, for testing plugins, for our own tests.

It judges clients by the documentation and by its own tables, never by the client's code. `Simulator` is
the way in; its `inject`, its `switches` and the network before it (`front`, with the toxics of `toxic`) break
things on purpose.
"""

from qqbot_cli.model.simulation import Way
from qqbot_cli.simulator.front import Front, Traffic
from qqbot_cli.simulator.ledger import BotMessage
from qqbot_cli.simulator.record import (
    Acknowledged,
    Answered,
    Closed,
    Emitted,
    HeartbeatSeen,
    Identified,
    PartReceived,
    Recalled,
    Record,
    Replied,
    RestCalled,
    Resumed,
    Stats,
    TokenAsked,
    Unanswered,
    Uploaded,
    Violation,
)
from qqbot_cli.simulator.scene import Scene
from qqbot_cli.simulator.server import Simulator
from qqbot_cli.simulator.switches import PartFault, Switches
from qqbot_cli.simulator.toxic import (
    Bandwidth,
    Blackhole,
    Hang,
    Latency,
    Limit,
    Refuse,
    Rst,
    Slice,
    SlowClose,
    Toxic,
)

__all__ = [
    "Acknowledged",
    "Answered",
    "Bandwidth",
    "Blackhole",
    "BotMessage",
    "Closed",
    "Emitted",
    "Front",
    "Hang",
    "HeartbeatSeen",
    "Identified",
    "Latency",
    "Limit",
    "PartFault",
    "PartReceived",
    "Recalled",
    "Record",
    "Refuse",
    "Replied",
    "RestCalled",
    "Resumed",
    "Rst",
    "Scene",
    "Simulator",
    "Slice",
    "SlowClose",
    "Stats",
    "Switches",
    "TokenAsked",
    "Toxic",
    "Traffic",
    "Unanswered",
    "Uploaded",
    "Violation",
    "Way",
]
