"""The platform's memory of conversations: what can be answered, what was said, what was taken back."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from qqbot_cli.simulator.routing import event_place, message_place
from qqbot_cli.simulator.scene import ACTIVE_WINDOW, Scene
from qqbot_cli.simulator.world import World

K = TypeVar("K")
T = TypeVar("T")

MEMORY: Final = 100_000
"""Entries each table keeps; the oldest are forgotten first."""
_INDEX: Final = "msg_idx="


@dataclass(slots=True)
class Prompt:
    """Something that can be answered: a message of a person, or an event."""

    name: str
    scene: Scene
    target: str | None
    """Where; None for "anywhere in this scene"."""
    at: float
    replies: int = 0
    used_seqs: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class BotMessage:
    """A message of the bot that people can see."""

    id: str
    scene: Scene
    target: str
    content: str
    """What people read: the text, else the Markdown."""
    reply_to: str | None
    msg_seq: int | None
    at: float
    body: Mapping[str, object]
    """The request as it came; the newest piece of a growing text."""
    pieces: tuple[Mapping[str, object], ...] = ()
    """All pieces of a growing text, as they came."""


@dataclass(frozen=True, slots=True)
class StreamState:
    """How far a growing text is."""

    target: str
    text: str
    piece: Mapping[str, object]
    """The newest."""
    at: float
    """When it came."""


class Ledger:
    """Everything the judge needs to know about conversations."""

    def __init__(self, world: World) -> None:
        self.messages: dict[str, BotMessage] = {}
        """What the bot said and did not recall, by message id."""
        self.prompts: dict[str, Prompt] = {}
        """What can be answered with ``msg_id``, by that id."""
        self.events: dict[str, Prompt] = {}
        """What can be answered with ``event_id``, by that id."""
        self.references: dict[str, None] = {}
        """Indexes under which messages can be quoted, oldest first."""
        self.interactions: dict[str, bool] = {}
        """Whether an interaction was confirmed, by its id."""
        self.media: dict[str, tuple[Scene, float]] = {}
        """What was uploaded, by ``file_info``: the scene it can be sent in, and until when."""
        self.streams: dict[str, StreamState] = {}
        """Growing texts, by the id of their message."""
        self._targets: dict[tuple[Scene, str], None] = dict.fromkeys(_places(world))
        self._active: dict[tuple[Scene, str], deque[float]] = {}

    def knows(self, scene: Scene, target: str) -> bool:
        """Whether the place exists, as far as the bot can tell."""
        return (scene, target) in self._targets

    def open(self, scene: Scene, target: str) -> None:
        """A place has come into being."""
        _keep(self._targets, (scene, target), None)

    def close(self, scene: Scene, target: str) -> None:
        """A place is gone."""
        self._targets.pop((scene, target), None)

    def note(self, name: str, event_id: str, d: object, *, now: float) -> None:
        """Remember an event that was given to the bot."""
        if not isinstance(d, Mapping):
            return
        said = message_place(name, d)
        if said is not None and isinstance(d.get("id"), str):
            scene, target = said
            _keep(self._targets, said, None)
            # One channel message can come as two events; its answers are counted together.
            if d["id"] not in self.prompts:
                _keep(self.prompts, d["id"], Prompt(name, scene, target, now))
            for index in _indexes(d):
                _keep(self.references, index, None)
        happened = event_place(name, d)
        if happened is not None:
            scene, place = happened
            _keep(self.events, event_id, Prompt(name, scene, place, now))
            if place is not None:
                _keep(self._targets, (scene, place), None)
        if name == "INTERACTION_CREATE" and isinstance(d.get("id"), str):
            _keep(self.interactions, d["id"], False)

    def prompt(self, body: Mapping[str, object]) -> Prompt | None:
        """Return what *body* answers; ``msg_id`` goes before ``event_id``."""
        if body.get("msg_id"):
            return self.prompts.get(str(body["msg_id"]))
        return self.events.get(str(body.get("event_id")))

    def book(self, message: BotMessage, *, reference: str | None, visible: bool) -> None:
        """Remember what the bot sent; what is not *visible* (typing) uses up its number only."""
        if visible:
            _keep(self.messages, message.id, message)
        if reference is not None:
            _keep(self.references, reference, None)
        if message.reply_to is None:
            self._active.setdefault((message.scene, message.target), deque()).append(message.at)
            return
        prompt = self.prompts.get(message.reply_to) or self.events.get(message.reply_to)
        if prompt is not None:
            prompt.replies += visible
            prompt.used_seqs.add(1 if message.msg_seq is None else message.msg_seq)

    def note_upload(self, scene: Scene, file_info: str, *, until: float = math.inf) -> None:
        """Remember what was uploaded for *scene*."""
        _keep(self.media, file_info, (scene, until))

    def has_media(self, scene: Scene, file_info: object, *, now: float) -> bool:
        """Whether *file_info* can be sent in *scene*."""
        found = self.media.get(file_info) if isinstance(file_info, str) else None
        return found is not None and found[0] is scene and found[1] > now

    def grow(self, message: BotMessage, state: StreamState) -> None:
        """Put *message* in place of the one with its id, whose text has grown."""
        _keep(self.streams, message.id, state)
        if message.id in self.messages:
            self.messages[message.id] = message

    def active_count(self, scene: Scene, target: str, *, now: float) -> int:
        """Return how many unasked messages the target got in the last minute."""
        sent = self._active.get((scene, target), deque())
        while sent and sent[0] <= now - ACTIVE_WINDOW:
            sent.popleft()
        return len(sent)

    def recall(self, message_id: str) -> None:
        """Forget a message of the bot: nobody sees it any more."""
        del self.messages[message_id]


def _places(world: World) -> Iterator[tuple[Scene, str]]:
    for group in world.groups:
        yield Scene.GROUP, group.openid
    for person in world.people:
        yield Scene.C2C, person.openid
        yield Scene.DMS, person.dm_guild_id
    for guild in world.guilds:
        for channel_id in guild.channel_ids:
            yield Scene.CHANNEL, channel_id


def _indexes(d: Mapping[str, object]) -> Iterator[str]:
    scene = d.get("message_scene")
    ext = scene.get("ext") if isinstance(scene, Mapping) else None
    for item in ext if isinstance(ext, list) else ():
        if isinstance(item, str) and item.startswith(_INDEX):
            yield item.removeprefix(_INDEX)


def _keep(table: dict[K, T], key: K, value: T) -> None:
    table[key] = value
    if len(table) > MEMORY:
        del table[next(iter(table))]
