# Generated from model/endpoints by tools/generate.py. Do not edit.

"""BotApi: one method for each REST call, one module per family of calls."""

from __future__ import annotations

from qqbot_cli.rest.api.announce import AnnounceCalls
from qqbot_cli.rest.api.audio import AudioCalls
from qqbot_cli.rest.api.c2c import C2CCalls
from qqbot_cli.rest.api.forum import ForumCalls
from qqbot_cli.rest.api.grant import GrantCalls
from qqbot_cli.rest.api.group import GroupCalls
from qqbot_cli.rest.api.group_message import GroupMessageCalls
from qqbot_cli.rest.api.guild import GuildCalls
from qqbot_cli.rest.api.guild_message import GuildMessageCalls
from qqbot_cli.rest.api.interaction import InteractionCalls
from qqbot_cli.rest.api.member import MemberCalls
from qqbot_cli.rest.api.mute import MuteCalls
from qqbot_cli.rest.api.panel import PanelCalls
from qqbot_cli.rest.api.platform import PlatformCalls
from qqbot_cli.rest.api.reaction import ReactionCalls
from qqbot_cli.rest.api.role import RoleCalls
from qqbot_cli.rest.api.schedule import ScheduleCalls
from qqbot_cli.rest.api.shortcuts import Shortcuts
from qqbot_cli.rest.api.strategy import StrategyCalls
from qqbot_cli.rest.api.webhook import WebhookCalls

__all__ = ["BotApi"]


class BotApi(
    Shortcuts,
    PlatformCalls,
    GuildCalls,
    MemberCalls,
    RoleCalls,
    GuildMessageCalls,
    AnnounceCalls,
    ScheduleCalls,
    ReactionCalls,
    MuteCalls,
    AudioCalls,
    ForumCalls,
    GrantCalls,
    InteractionCalls,
    C2CCalls,
    GroupMessageCalls,
    GroupCalls,
    StrategyCalls,
    PanelCalls,
    WebhookCalls,
):
    """The REST interface of the platform.

    Every method may raise the exceptions of `RestClient.call`.
    """
