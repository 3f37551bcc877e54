"""Simulated people: what they do next, and whether they feel answered. No I/O."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from qqbot_cli.simulator.record import Answered, Unanswered
from qqbot_cli.simulator.scene import Scene
from qqbot_cli.simulator.texts import BUTTONS, CHATTER, ECHOES, QUESTIONS
from qqbot_cli.simulator.world import GROUPS, TEXT_CHANNELS

PATIENCE: Final = 10.0
"""Seconds after which a person who spoke to the bot gives up."""
_SCENES: Final = {Scene.GROUP: 10, Scene.CHANNEL: 5, Scene.C2C: 4, Scene.DMS: 1}
"""Where people speak, by weight."""
_BUTTON_SHARE: Final = 0.05
_TO_BOT_SHARE: Final = 0.6
"""Share of the talk in groups and channels that mentions the bot."""
_MENTION_SHARE: Final = 0.2
"""Share of the other talk that mentions another person."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a person does."""

    pause: float
    """Seconds since the person's act before this one."""
    scene: Scene
    group: int
    guild: int
    channel: int
    text: str
    """What is said; the data of the button if one is pressed."""
    to_bot: bool = True
    mentions: tuple[int, ...] = ()
    """Numbers of other people."""
    button: bool = False


def life(person: int, *, seed: int, pace: float, people: int, guilds: int) -> Iterator[Act]:
    """Yield what *person* does, for ever; equal arguments give equal lives.

    *pace* is the average number of seconds between two acts.
    """
    chance = random.Random(f"person/{seed}/{person}")
    while True:
        scene = chance.choices(list(_SCENES), list(_SCENES.values()))[0]
        place = {
            "pause": chance.expovariate(1 / pace) if pace > 0 else 0.0,
            "group": chance.randrange(GROUPS),
            "guild": chance.randrange(guilds),
            "channel": chance.randrange(TEXT_CHANNELS),
        }
        if chance.random() < _BUTTON_SHARE:
            where = Scene.C2C if scene is Scene.DMS else scene
            yield Act(**place, scene=where, text=chance.choice(BUTTONS), button=True)  # type: ignore[arg-type]
            continue
        alone = scene in (Scene.C2C, Scene.DMS)
        to_bot = alone or chance.random() < _TO_BOT_SHARE
        text = _words_to_bot(chance) if to_bot else chance.choice(CHATTER)
        mentioned = people > 1 and not to_bot and chance.random() < _MENTION_SHARE
        others = [other for other in range(people) if other != person]
        mentions = (chance.choice(others),) if mentioned else ()
        yield Act(**place, scene=scene, text=text, to_bot=to_bot, mentions=mentions)  # type: ignore[arg-type]


def _words_to_bot(chance: random.Random) -> str:
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
