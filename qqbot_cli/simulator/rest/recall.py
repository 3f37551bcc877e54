"""Taking messages back: the bot's own, and those of people where it administers.

Source: platform documentation, "撤回消息".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qqbot_cli.simulator import refusals
from qqbot_cli.simulator.judge import judge_recall
from qqbot_cli.simulator.record import Recalled
from qqbot_cli.simulator.refusals import Refusal
from qqbot_cli.simulator.rest.call import Call, Handler, refuse
from qqbot_cli.simulator.rest.site import Site
from qqbot_cli.simulator.rest.timeline import Said
from qqbot_cli.simulator.scene import SCENES, Scene

_WORDS: Final = ("true", "false", "1", "0")


def judge_other(site: Site, scene: Scene, target: str, said: Said | None) -> Refusal | None:
    """Return why a message that is not the bot's cannot be taken back, None if it can."""
    if said is None or said.scene is not scene:
        return refusals.GUILD_RECALL_UNKNOWN if scene.in_guild else refusals.RECALL_UNKNOWN
    if said.target != target:
        return refusals.RECALL_NOT_HERE
    match scene:
        case Scene.CHANNEL:
            author = site.guilds[site.channel(target).guild_id].members.get(said.author)
            is_above = author is not None and author.is_admin
            may = site.switches.bot_is_admin and not is_above
            return None if may else refusals.GUILD_RECALL_NOT_ADMIN
        case Scene.GROUP:
            if not site.switches.bot_is_group_admin or said.role in ("admin", "owner"):
                return refusals.RECALL_NOT_ADMIN
            window = SCENES[scene].recall_window
            late = window is not None and site.clock() - said.at > window
            return refusals.RECALL_TOO_LATE if late else None
        case Scene.DMS:
            return refusals.RECALL_NOT_OWN
        case _:
            return refusals.RECALL_UNKNOWN


def _recall(scene: Scene) -> Handler:
    def handler(site: Site, call: Call) -> None:
        target, message_id = next(iter(call.path.values())), call.path["message_id"]
        if call.query.get("hidetip", "false") not in _WORDS:
            refuse(refusals.BAD_REQUEST)
        message = site.ledger.messages.get(message_id)
        if message is not None:
            refusal = judge_recall(scene, target, message, now=site.clock())
        else:
            refusal = judge_other(site, scene, target, site.timeline.said.get(message_id))
        if refusal is not None:
            refuse(refusal)
        _tell(site, scene, target, message_id)
        if message is not None:
            site.ledger.recall(message_id)
        site.timeline.remove(message_id)
        site.report(Recalled(scene, target, message_id))

    return handler


def _tell(site: Site, scene: Scene, target: str, message_id: str) -> None:
    """Tell of it in guilds; in groups and one-to-one chats the platform does not."""
    if scene is Scene.CHANNEL:
        site.tell("MESSAGE_DELETE", deletion(site, target, message_id))
    elif scene is Scene.DMS:
        person = next((someone for someone in site.world.people if someone.dm_guild_id == target), None)
        message = {
            "id": message_id,
            "guild_id": target,
            "channel_id": person.dm_channel_id if person is not None else "0",
            "src_guild_id": next(iter(site.guilds)),
            "direct_message": True,
            "author": {"id": site.bot_id, "username": site.world.bot.username, "bot": True},
        }
        site.tell("DIRECT_MESSAGE_DELETE", {"message": message, "op_user": {"id": site.bot_id}})


def deletion(site: Site, channel_id: str, message_id: str) -> dict[str, object]:
    """Return what is told of a message of a channel that the bot took back."""
    author = (site.timeline.get(channel_id, message_id) or {}).get("author")
    channel = site.channel(channel_id)
    seen = author if isinstance(author, Mapping) else {"id": site.bot_id, "bot": True}
    message = {
        "id": message_id,
        "channel_id": channel.id,
        "guild_id": channel.guild_id,
        "author": {name: seen[name] for name in ("id", "username", "bot") if name in seen},
    }
    return {"message": message, "op_user": {"id": site.bot_id}}


def note(site: Site, name: str, d: Mapping[str, object]) -> None:
    """People take back what they said."""
    message = d.get("message")
    if isinstance(message, Mapping):
        site.timeline.remove(str(message.get("id")))


HANDLERS: Final[dict[str, Handler]] = {
    "recall_message": _recall(Scene.CHANNEL),
    "recall_direct_message": _recall(Scene.DMS),
    "recall_group_message": _recall(Scene.GROUP),
    "recall_c2c_message": _recall(Scene.C2C),
}
NOTED: Final = dict.fromkeys(("MESSAGE_DELETE", "PUBLIC_MESSAGE_DELETE", "DIRECT_MESSAGE_DELETE"), note)
