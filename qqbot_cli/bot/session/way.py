"""Where an answer goes: for each scene its kind of message, and the calls that send and recall it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from qqbot_cli.model.answer import MessageResponse
from qqbot_cli.model.outgoing import (
    C2CMessageParams,
    DirectMessageParams,
    GroupMessageParams,
    MessageParams,
    Outgoing,
)

if TYPE_CHECKING:
    from qqbot_cli.rest.api import BotApi

M = TypeVar("M", bound=Outgoing)


@dataclass(frozen=True, slots=True)
class Way(Generic[M]):
    """How one scene is spoken to."""

    params: type[M]
    send: Callable[[BotApi, str, M], Awaitable[MessageResponse]]
    """Is given the target and the message."""
    recall: Callable[[BotApi, str, str], Awaitable[None]]
    """Is given the target and the message id."""


CHANNEL: Final = Way(
    MessageParams,
    lambda api, target, message: api.send_message(target, message),
    lambda api, target, message_id: api.recall_message(target, message_id),
)
DIRECT: Final = Way(
    DirectMessageParams,
    lambda api, target, message: api.send_direct_message(target, message),
    lambda api, target, message_id: api.recall_direct_message(target, message_id),
)
GROUP: Final = Way(
    GroupMessageParams,
    lambda api, target, message: api.send_group_message(target, message),
    lambda api, target, message_id: api.recall_group_message(target, message_id),
)
C2C: Final = Way(
    C2CMessageParams,
    lambda api, target, message: api.send_c2c_message(target, message),
    lambda api, target, message_id: api.recall_c2c_message(target, message_id),
)
