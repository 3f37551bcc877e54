"""qqbot: bots on the QQ official bot platform.

The names below are the public interface for plugins and programs. They are imported when first used, so
that a plugin, or `qqbot --help`, does not pay for the network libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from qqbot_cli.bot.client import Client as Client
    from qqbot_cli.bot.context import PluginContext as PluginContext
    from qqbot_cli.bot.handler import EventHandler as EventHandler
    from qqbot_cli.bot.manager import ShardPlan as ShardPlan
    from qqbot_cli.bot.plugin import Plugin as Plugin
    from qqbot_cli.bot.session import AnswerSession as AnswerSession
    from qqbot_cli.bot.session import AudioSession as AudioSession
    from qqbot_cli.bot.session import C2CManageSession as C2CManageSession
    from qqbot_cli.bot.session import C2CNoticeSession as C2CNoticeSession
    from qqbot_cli.bot.session import C2CReplySession as C2CReplySession
    from qqbot_cli.bot.session import ChannelReplySession as ChannelReplySession
    from qqbot_cli.bot.session import ChannelSession as ChannelSession
    from qqbot_cli.bot.session import DirectReplySession as DirectReplySession
    from qqbot_cli.bot.session import EnterAioSession as EnterAioSession
    from qqbot_cli.bot.session import ErrorSession as ErrorSession
    from qqbot_cli.bot.session import EventSession as EventSession
    from qqbot_cli.bot.session import ForumAuditSession as ForumAuditSession
    from qqbot_cli.bot.session import ForumReplySession as ForumReplySession
    from qqbot_cli.bot.session import GroupJoinRequestSession as GroupJoinRequestSession
    from qqbot_cli.bot.session import GroupManageSession as GroupManageSession
    from qqbot_cli.bot.session import GroupMemberNoticeSession as GroupMemberNoticeSession
    from qqbot_cli.bot.session import GroupMemberSession as GroupMemberSession
    from qqbot_cli.bot.session import GroupNoticeSession as GroupNoticeSession
    from qqbot_cli.bot.session import GroupReplySession as GroupReplySession
    from qqbot_cli.bot.session import GuildSession as GuildSession
    from qqbot_cli.bot.session import HandlerFailure as HandlerFailure
    from qqbot_cli.bot.session import InteractionSession as InteractionSession
    from qqbot_cli.bot.session import MemberSession as MemberSession
    from qqbot_cli.bot.session import MessageAuditSession as MessageAuditSession
    from qqbot_cli.bot.session import MessageDeleteSession as MessageDeleteSession
    from qqbot_cli.bot.session import MessageStream as MessageStream
    from qqbot_cli.bot.session import OpenForumSession as OpenForumSession
    from qqbot_cli.bot.session import PostSession as PostSession
    from qqbot_cli.bot.session import PublicAudioSession as PublicAudioSession
    from qqbot_cli.bot.session import ReactionSession as ReactionSession
    from qqbot_cli.bot.session import ReadySession as ReadySession
    from qqbot_cli.bot.session import ReplySession as ReplySession
    from qqbot_cli.bot.session import ResumeSession as ResumeSession
    from qqbot_cli.bot.session import SubscribeMessageStatusSession as SubscribeMessageStatusSession
    from qqbot_cli.bot.session import ThreadSession as ThreadSession
    from qqbot_cli.bot.session import UnknownEventSession as UnknownEventSession
    from qqbot_cli.errors import ApiError as ApiError
    from qqbot_cli.errors import AuthenticationError as AuthenticationError
    from qqbot_cli.errors import ContentRefusedError as ContentRefusedError
    from qqbot_cli.errors import InvalidRequestError as InvalidRequestError
    from qqbot_cli.errors import MessageAuditError as MessageAuditError
    from qqbot_cli.errors import MessageError as MessageError
    from qqbot_cli.errors import NotFoundError as NotFoundError
    from qqbot_cli.errors import PermissionDeniedError as PermissionDeniedError
    from qqbot_cli.errors import PlatformUnreachableError as PlatformUnreachableError
    from qqbot_cli.errors import QQBotError as QQBotError
    from qqbot_cli.errors import RateLimitedError as RateLimitedError
    from qqbot_cli.errors import ReplyWindowError as ReplyWindowError
    from qqbot_cli.errors import SessionLimitError as SessionLimitError
    from qqbot_cli.errors import ShardRefusedError as ShardRefusedError
    from qqbot_cli.errors import StoreError as StoreError
    from qqbot_cli.model.answer.announce import RecommendChannel as RecommendChannel
    from qqbot_cli.model.answer.grant import ApiIdentify as ApiIdentify
    from qqbot_cli.model.answer.member import ChannelPermission as ChannelPermission
    from qqbot_cli.model.answer.panel import Menu as Menu
    from qqbot_cli.model.answer.panel import MenuItem as MenuItem
    from qqbot_cli.model.answer.panel import MenuSwitch as MenuSwitch
    from qqbot_cli.model.answer.panel import Panel as Panel
    from qqbot_cli.model.answer.panel import PanelItem as PanelItem
    from qqbot_cli.model.answer.panel import SubMenuItem as SubMenuItem
    from qqbot_cli.model.body.announce import AnnounceParams as AnnounceParams
    from qqbot_cli.model.body.announce import AnnounceType as AnnounceType
    from qqbot_cli.model.body.announce import ChannelAnnounceParams as ChannelAnnounceParams
    from qqbot_cli.model.body.audio import AudioControl as AudioControl
    from qqbot_cli.model.body.audio import AudioStatus as AudioStatus
    from qqbot_cli.model.body.forum import ThreadFormat as ThreadFormat
    from qqbot_cli.model.body.forum import ThreadParams as ThreadParams
    from qqbot_cli.model.body.grant import PermissionDemand as PermissionDemand
    from qqbot_cli.model.body.group import BlacklistParams as BlacklistParams
    from qqbot_cli.model.body.group import GroupMuteParams as GroupMuteParams
    from qqbot_cli.model.body.group import IndexedMembersParams as IndexedMembersParams
    from qqbot_cli.model.body.group import JoinDecision as JoinDecision
    from qqbot_cli.model.body.group import JoinRequestDecision as JoinRequestDecision
    from qqbot_cli.model.body.group import ListOp as ListOp
    from qqbot_cli.model.body.group import MemberMute as MemberMute
    from qqbot_cli.model.body.group import MuteOp as MuteOp
    from qqbot_cli.model.body.group import RemoveMembersParams as RemoveMembersParams
    from qqbot_cli.model.body.guild import ChannelSubType as ChannelSubType
    from qqbot_cli.model.body.guild import CreateChannelParams as CreateChannelParams
    from qqbot_cli.model.body.guild import PrivateType as PrivateType
    from qqbot_cli.model.body.guild import SpeakPermission as SpeakPermission
    from qqbot_cli.model.body.guild import UpdateChannelParams as UpdateChannelParams
    from qqbot_cli.model.body.guild_message import DirectMessageToCreate as DirectMessageToCreate
    from qqbot_cli.model.body.guild_message import DirectSettingGuideParams as DirectSettingGuideParams
    from qqbot_cli.model.body.guild_message import GuideTarget as GuideTarget
    from qqbot_cli.model.body.guild_message import SettingGuideParams as SettingGuideParams
    from qqbot_cli.model.body.member import ChannelPermissionsParams as ChannelPermissionsParams
    from qqbot_cli.model.body.member import HistoryDays as HistoryDays
    from qqbot_cli.model.body.member import MemberDeleteOptions as MemberDeleteOptions
    from qqbot_cli.model.body.member import MemberRoleParams as MemberRoleParams
    from qqbot_cli.model.body.member import RoleChannel as RoleChannel
    from qqbot_cli.model.body.member import RoleParams as RoleParams
    from qqbot_cli.model.body.mute import GuildMute as GuildMute
    from qqbot_cli.model.body.panel import CreatePanelParams as CreatePanelParams
    from qqbot_cli.model.body.panel import PanelScope as PanelScope
    from qqbot_cli.model.body.panel import PanelTarget as PanelTarget
    from qqbot_cli.model.body.panel import PanelTargetParams as PanelTargetParams
    from qqbot_cli.model.body.panel import PutMenuParams as PutMenuParams
    from qqbot_cli.model.body.panel import PutPanelParams as PutPanelParams
    from qqbot_cli.model.body.platform import UrlLinkParams as UrlLinkParams
    from qqbot_cli.model.body.schedule import RemindType as RemindType
    from qqbot_cli.model.body.schedule import ScheduleFields as ScheduleFields
    from qqbot_cli.model.body.schedule import ScheduleParams as ScheduleParams
    from qqbot_cli.model.body.strategy import CreateJoinStrategyParams as CreateJoinStrategyParams
    from qqbot_cli.model.body.strategy import GroupAction as GroupAction
    from qqbot_cli.model.body.strategy import StrategySwitch as StrategySwitch
    from qqbot_cli.model.body.strategy import UpdateJoinStrategyParams as UpdateJoinStrategyParams
    from qqbot_cli.model.body.strategy import WhitelistParams as WhitelistParams
    from qqbot_cli.model.body.upload import FileType as FileType
    from qqbot_cli.model.body.upload import FileUpload as FileUpload
    from qqbot_cli.model.body.upload import UploadPartFinish as UploadPartFinish
    from qqbot_cli.model.body.upload import UploadPrepare as UploadPrepare
    from qqbot_cli.model.body.webhook import WebhookSessionParams as WebhookSessionParams
    from qqbot_cli.model.hosts import Endpoints as Endpoints
    from qqbot_cli.model.intents import Intents as Intents
    from qqbot_cli.model.outgoing import Action as Action
    from qqbot_cli.model.outgoing import ActionButton as ActionButton
    from qqbot_cli.model.outgoing import ActionType as ActionType
    from qqbot_cli.model.outgoing import Ark as Ark
    from qqbot_cli.model.outgoing import Button as Button
    from qqbot_cli.model.outgoing import ButtonStyle as ButtonStyle
    from qqbot_cli.model.outgoing import C2CMessageParams as C2CMessageParams
    from qqbot_cli.model.outgoing import ContentType as ContentType
    from qqbot_cli.model.outgoing import DirectMessageParams as DirectMessageParams
    from qqbot_cli.model.outgoing import Embed as Embed
    from qqbot_cli.model.outgoing import EmbedField as EmbedField
    from qqbot_cli.model.outgoing import EmbedThumbnail as EmbedThumbnail
    from qqbot_cli.model.outgoing import GroupMessageParams as GroupMessageParams
    from qqbot_cli.model.outgoing import InputNotify as InputNotify
    from qqbot_cli.model.outgoing import InteractionCode as InteractionCode
    from qqbot_cli.model.outgoing import Keyboard as Keyboard
    from qqbot_cli.model.outgoing import Markdown as Markdown
    from qqbot_cli.model.outgoing import Media as Media
    from qqbot_cli.model.outgoing import MessageParams as MessageParams
    from qqbot_cli.model.outgoing import Modal as Modal
    from qqbot_cli.model.outgoing import Permission as Permission
    from qqbot_cli.model.outgoing import PromptKeyboard as PromptKeyboard
    from qqbot_cli.model.outgoing import Reference as Reference
    from qqbot_cli.model.outgoing import StreamMessage as StreamMessage
    from qqbot_cli.model.payload.guild import ChannelType as ChannelType
    from qqbot_cli.model.scene import Scene as Scene
    from qqbot_cli.model.simulation import Simulation as Simulation
    from qqbot_cli.model.text import channel_link as channel_link
    from qqbot_cli.model.text import command_enter as command_enter
    from qqbot_cli.model.text import command_input as command_input
    from qqbot_cli.model.text import emoji as emoji
    from qqbot_cli.model.text import escape as escape
    from qqbot_cli.model.text import escape_markdown as escape_markdown
    from qqbot_cli.model.text import mention_everyone as mention_everyone
    from qqbot_cli.model.text import mention_user as mention_user
    from qqbot_cli.model.text import parse_command as parse_command
    from qqbot_cli.model.text import split_text as split_text
    from qqbot_cli.model.text import unescape as unescape
    from qqbot_cli.protocol.token import Token as Token
    from qqbot_cli.rest.api import BotApi as BotApi
    from qqbot_cli.rest.media import Upload as Upload
    from qqbot_cli.simulator import Simulator as Simulator
    from qqbot_cli.store.sqlite import SqliteStore as SqliteStore

_HOMES: Final = {
    "bot.client": ("Client",),
    "bot.context": ("PluginContext",),
    "bot.handler": ("EventHandler",),
    "bot.manager": ("ShardPlan",),
    "bot.plugin": ("Plugin",),
    "bot.session": (
        "AnswerSession",
        "AudioSession",
        "C2CManageSession",
        "C2CNoticeSession",
        "C2CReplySession",
        "ChannelReplySession",
        "ChannelSession",
        "DirectReplySession",
        "EnterAioSession",
        "ErrorSession",
        "EventSession",
        "ForumAuditSession",
        "ForumReplySession",
        "GroupJoinRequestSession",
        "GroupManageSession",
        "GroupMemberNoticeSession",
        "GroupMemberSession",
        "GroupNoticeSession",
        "GroupReplySession",
        "GuildSession",
        "HandlerFailure",
        "InteractionSession",
        "MemberSession",
        "MessageAuditSession",
        "MessageDeleteSession",
        "MessageStream",
        "OpenForumSession",
        "PostSession",
        "PublicAudioSession",
        "ReactionSession",
        "ReadySession",
        "ReplySession",
        "ResumeSession",
        "SubscribeMessageStatusSession",
        "ThreadSession",
        "UnknownEventSession",
    ),
    "errors": (
        "ApiError",
        "AuthenticationError",
        "ContentRefusedError",
        "InvalidRequestError",
        "MessageAuditError",
        "MessageError",
        "NotFoundError",
        "PermissionDeniedError",
        "PlatformUnreachableError",
        "QQBotError",
        "RateLimitedError",
        "ReplyWindowError",
        "SessionLimitError",
        "ShardRefusedError",
        "StoreError",
    ),
    "model.answer.announce": ("RecommendChannel",),
    "model.answer.grant": ("ApiIdentify",),
    "model.answer.member": ("ChannelPermission",),
    "model.answer.panel": (
        "Menu",
        "MenuItem",
        "MenuSwitch",
        "Panel",
        "PanelItem",
        "SubMenuItem",
    ),
    "model.body.announce": (
        "AnnounceParams",
        "AnnounceType",
        "ChannelAnnounceParams",
    ),
    "model.body.audio": (
        "AudioControl",
        "AudioStatus",
    ),
    "model.body.forum": (
        "ThreadFormat",
        "ThreadParams",
    ),
    "model.body.grant": ("PermissionDemand",),
    "model.body.group": (
        "BlacklistParams",
        "GroupMuteParams",
        "IndexedMembersParams",
        "JoinDecision",
        "JoinRequestDecision",
        "ListOp",
        "MemberMute",
        "MuteOp",
        "RemoveMembersParams",
    ),
    "model.body.guild": (
        "ChannelSubType",
        "CreateChannelParams",
        "PrivateType",
        "SpeakPermission",
        "UpdateChannelParams",
    ),
    "model.body.guild_message": (
        "DirectMessageToCreate",
        "DirectSettingGuideParams",
        "GuideTarget",
        "SettingGuideParams",
    ),
    "model.body.member": (
        "ChannelPermissionsParams",
        "HistoryDays",
        "MemberDeleteOptions",
        "MemberRoleParams",
        "RoleChannel",
        "RoleParams",
    ),
    "model.body.mute": ("GuildMute",),
    "model.body.panel": (
        "CreatePanelParams",
        "PanelScope",
        "PanelTarget",
        "PanelTargetParams",
        "PutMenuParams",
        "PutPanelParams",
    ),
    "model.body.platform": ("UrlLinkParams",),
    "model.body.schedule": (
        "RemindType",
        "ScheduleFields",
        "ScheduleParams",
    ),
    "model.body.strategy": (
        "CreateJoinStrategyParams",
        "GroupAction",
        "StrategySwitch",
        "UpdateJoinStrategyParams",
        "WhitelistParams",
    ),
    "model.body.upload": (
        "FileType",
        "FileUpload",
        "UploadPartFinish",
        "UploadPrepare",
    ),
    "model.body.webhook": ("WebhookSessionParams",),
    "model.payload.guild": ("ChannelType",),
    "model.hosts": ("Endpoints",),
    "model.intents": ("Intents",),
    "model.outgoing": (
        "Action",
        "ActionButton",
        "ActionType",
        "Ark",
        "Button",
        "ButtonStyle",
        "C2CMessageParams",
        "ContentType",
        "DirectMessageParams",
        "Embed",
        "EmbedField",
        "EmbedThumbnail",
        "GroupMessageParams",
        "InputNotify",
        "InteractionCode",
        "Keyboard",
        "Markdown",
        "Media",
        "MessageParams",
        "Modal",
        "Permission",
        "PromptKeyboard",
        "Reference",
        "StreamMessage",
    ),
    "model.scene": ("Scene",),
    "model.simulation": ("Simulation",),
    "model.text": (
        "channel_link",
        "command_enter",
        "command_input",
        "emoji",
        "escape",
        "escape_markdown",
        "mention_everyone",
        "mention_user",
        "parse_command",
        "split_text",
        "unescape",
    ),
    "protocol.token": ("Token",),
    "rest.api": ("BotApi",),
    "rest.media": ("Upload",),
    "simulator": ("Simulator",),
    "store.sqlite": ("SqliteStore",),
}
_HOME_OF: Final = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605 - computed, so that a name is listed once


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the names above
    try:
        home = _HOME_OF[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return value


def __dir__() -> list[str]:
    return [*globals(), *_HOME_OF]
