"""The QQ bot platform on a loopback port: for trying out bots, for testing plugins, for our own tests.

It judges clients by the documentation and by its own tables, never by the client's code. `Simulator` is
the way in; its `inject` and `switches` break things on purpose.
"""

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

__all__ = [
    "Acknowledged",
    "Answered",
    "BotMessage",
    "Closed",
    "Emitted",
    "HeartbeatSeen",
    "Identified",
    "PartFault",
    "PartReceived",
    "Recalled",
    "Record",
    "Replied",
    "RestCalled",
    "Resumed",
    "Scene",
    "Simulator",
    "Stats",
    "Switches",
    "TokenAsked",
    "Unanswered",
    "Uploaded",
    "Violation",
]
