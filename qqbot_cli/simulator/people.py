"""Simulated people: what they do next, and whether they feel answered. No I/O."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from qqbot_cli.simulator.record import Answered, Unanswered
from qqbot_cli.simulator.scene import Scene
from qqbot_cli.simulator.texts import BUTTONS, CHATTER, ECHOES, QUESTIONS
from qqbot_cli.simulator.world import GROUPS, TEXT_CHANNELS

PATIENCE: Final = 10.0
"""Seconds after which a person who spoke to the bot gives up."""


class Deed(Enum):
    """A kind of act."""

    SAY = "say"
    PRESS = "press a button"
    REACT = "react to the newest message of a channel"
    UNREACT = "take that reaction away"
    WITHDRAW = "withdraw their own newest message"
    JOIN = "join a group or guild, or add the bot to the contacts"
    LEAVE = "leave it"
    POST = "open a thread in a forum"
    COMMENT = "comment on a thread"
    REPLY = "reply to a comment"


_DEEDS: Final = {
    Deed.SAY: 84,
    Deed.PRESS: 5,
    Deed.REACT: 4,
    Deed.WITHDRAW: 2,
    Deed.LEAVE: 2,
    Deed.POST: 1,
    Deed.COMMENT: 1,
    Deed.REPLY: 1,
}
"""What people do, by weight; the others follow from these."""
_SCENES: Final = {Scene.GROUP: 10, Scene.CHANNEL: 5, Scene.C2C: 4, Scene.DMS: 1}
"""Where people speak, by weight."""
_SCENES_OF: Final = {
    Deed.PRESS: (Scene.GROUP, Scene.CHANNEL, Scene.C2C),
    Deed.REACT: (Scene.CHANNEL,),
    Deed.WITHDRAW: (Scene.CHANNEL, Scene.DMS),
    Deed.LEAVE: (Scene.GROUP, Scene.CHANNEL, Scene.C2C),
    Deed.POST: (Scene.CHANNEL,),
    Deed.COMMENT: (Scene.CHANNEL,),
    Deed.REPLY: (Scene.CHANNEL,),
}
"""Where else they do things; the platform tells of no withdrawal in groups and one-to-one chats."""
_TO_BOT_SHARE: Final = 0.6
"""Share of the talk in groups and channels that mentions the bot."""
_MENTION_SHARE: Final = 0.2
"""Share of the other talk that mentions another person."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a person does."""

    deed: Deed
    pause: float
    """Seconds since the person's act before this one."""
    scene: Scene
    group: int
    guild: int
    channel: int
    text: str = ""
    """What is said; the data of the button if one is pressed."""
    to_bot: bool = False
    mentions: tuple[int, ...] = ()
    """Numbers of other people."""


def life(
    person: int, *, seed: int, pace: float, people: int, guilds: int, say: Sequence[str] = ()
) -> Iterator[Act]:
    """Yield what *person* does, for ever; equal arguments give equal lives.

    *pace* is the average number of seconds between two acts, *say* what is said to the bot, if not the usual.
    """
    chance = random.Random(f"person/{seed}/{person}")
    others = [other for other in range(people) if other != person]
    away: set[tuple[Scene, int]] = set()
    reacted: set[tuple[int, int]] = set()
    while True:
        deed = chance.choices(list(_DEEDS), list(_DEEDS.values()))[0]
        scenes = _SCENES_OF.get(deed, tuple(_SCENES))
        scene = chance.choices(scenes, [_SCENES[scene] for scene in scenes])[0]
        pause = chance.expovariate(1 / pace) if pace > 0 else 0.0
        group, guild, channel = (
            chance.randrange(GROUPS),
            chance.randrange(guilds),
            chance.randrange(TEXT_CHANNELS),
        )
        place = (scene, {Scene.GROUP: group, Scene.CHANNEL: guild}.get(scene, 0))
        text, to_bot = "", False
        mentions: tuple[int, ...] = ()
        if place in away:  # whatever it was going to be, they have to come back first
            away.discard(place)
            deed = Deed.JOIN
        elif deed is Deed.LEAVE and person > 0:  # the first is the owner, who cannot
            away.add(place)
        elif deed is Deed.REACT:
            reacted ^= {(guild, channel)}
            deed = Deed.REACT if (guild, channel) in reacted else Deed.UNREACT
        elif deed is Deed.PRESS:
            text = chance.choice(BUTTONS)
        elif deed in (Deed.SAY, Deed.LEAVE):
            deed = Deed.SAY
            to_bot = scene in (Scene.C2C, Scene.DMS) or chance.random() < _TO_BOT_SHARE
            text = _words_to_bot(chance, say) if to_bot else chance.choice(CHATTER)
            if others and not to_bot and chance.random() < _MENTION_SHARE:
                mentions = (chance.choice(others),)
        yield Act(deed, pause, scene, group, guild, channel, text, to_bot, mentions)


def _words_to_bot(chance: random.Random, say: Sequence[str]) -> str:
    if say:
        return chance.choice(say)
    match chance.choices(("echo", "ping", "talk"), (3, 1, 2))[0]:
        case "echo":
            return f"/echo {chance.choice(ECHOES)}"
        case "ping":
            return "/ping"
        case _:
            return chance.choice(QUESTIONS)


class Expectations:
    """Who waits for an answer of the bot, and since when."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._since)

    def ask(self, message_id: str, *, now: float) -> None:
        """Somebody said something to the bot."""
        self._since[message_id] = now

    def answer(self, message_id: str | None, *, now: float) -> Answered | None:
        """The bot answered; only the first answer in time is a fact."""
        since = self._since.pop(message_id, None) if message_id is not None else None
        return None if since is None or message_id is None else Answered(message_id, now - since)

    def give_up(self, *, now: float) -> Iterator[Unanswered]:
        """Yield the messages whose authors have stopped waiting."""
        while self._since:
            message_id, since = next(iter(self._since.items()))
            if now - since <= PATIENCE:
                return
            del self._since[message_id]
            yield Unanswered(message_id)
