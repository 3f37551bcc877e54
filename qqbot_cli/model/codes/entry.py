"""What is known about one error code: its class, its meaning in two languages, the way out of it.

Source: platform documentation, "错误码"; the classes are ours, because the documentation has none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from qqbot_cli.errors import Meaning
from qqbot_cli.model.language import Language, Text


class CodeClass(Enum):
    """What kind of trouble a code is about."""

    AUTH = "auth"
    """The credentials, or the bot itself."""
    PERMISSION = "permission"
    """The bot, a user, a group or a guild did not grant it."""
    PARAMETER = "parameter"
    """The request is malformed."""
    CONTENT = "content"
    """Refused by a review."""
    RATE = "rate"
    """Too often, or a quota."""
    STATE = "state"
    """Something is missing, over, or so already."""
    TRANSIENT = "transient"
    """A fault inside the platform."""
    PENDING = "pending"
    """Accepted, and decided later."""


class Special(Enum):
    """What a code says beyond its class; the reason for a treatment of its own."""

    NONE = "none"
    FRESH_TOKEN = "the access token has to be renewed"  # noqa: S105 - a sentence, not a token
    ONCE = "the platform advises one repetition at most"
    RETRY = "the platform advises to try again"
    EACH_SECOND = "the platform advises to try again each second"
    PACE = "too many calls at once, not a quota"
    DAILY = "a quota that comes back another day"
    SENT_BEFORE = "a success, if the call is a repetition"
    ALREADY = "what was asked for is so already"
    WINDOW = "too late to answer, or answered too often"
    GONE = "what the call is about does not exist"
    OFFLINE = "the bot has no connection to the gateway for now"


class Repetition(Enum):
    """Whether a call that got this answer is made again; the words are for people."""

    NEVER = Text("不会", "no")
    BY_STATUS = Text("看 HTTP 状态：429 与 5xx 会重试", "where the HTTP status asks for it: 429 and 5xx")
    FRESH_TOKEN = Text("换新的访问令牌后重试一次", "once, with a new access token")
    ONCE = Text("重复无害时重试一次", "once, where doing it twice is harmless")
    BACK_OFF = Text(
        "重复无害时重试几次，间隔逐次加长",
        "a few times, with growing pauses, where doing it twice is harmless",
    )
    EACH_SECOND = Text(
        "重复无害时每秒重试一次，共几次", "a few times, once a second, where doing it twice is harmless"
    )
    PACE = Text(
        "等待之后重试几次，等多久以平台的回答为准",
        "a few times, after the pause the platform asks for",
    )


class Area(Enum):
    """What a call is about."""

    TOKEN = Text("获取访问令牌", "access tokens")
    IDENTITY = Text("机器人身份", "the identity of the bot")
    RIGHTS = Text("接口权限", "rights to call")
    GENERAL = Text("通用", "calls of any kind")
    SHARE = Text("分享链接", "share links")
    STREAM = Text("流式消息", "streamed messages")
    CHANNEL_MESSAGES = Text("频道消息与私信", "channel and direct messages")
    RECALL = Text("撤回消息", "withdrawing messages")
    SENDING = Text("消息发送链路", "the sending of messages")
    EDITING = Text("消息编辑链路", "the editing of messages")
    GROUP_AND_C2C = Text("群聊与单聊消息", "group and one-to-one messages")
    UPLOAD = Text("富媒体上传", "uploads")
    PANELS = Text("面板与菜单", "panels and menus")
    INTERACTIONS = Text("互动", "interactions")
    CHANNELS = Text("子频道管理", "channels")
    CHANNEL_PERMISSIONS = Text("子频道权限", "permissions in channels")
    SCHEDULES = Text("日程", "schedules")
    ANNOUNCES = Text("公告与精华", "announces and pins")
    MUTE = Text("禁言", "muting")
    FORUM = Text("帖子", "forum threads")
    MESSAGE_SETTING = Text("消息频率设置", "message settings")
    GRANTS = Text("接口授权", "grants of calls")
    REACTIONS = Text("表情表态", "reactions")
    CALLER = Text("请求有误（2026 年编号）", "faults of the request (numbers of 2026)")
    PLATFORM = Text("平台内部（2026 年编号）", "faults of the platform (numbers of 2026)")
    UNKNOWN = Text("未知", "unknown")


_REMEDIES: Final[dict[CodeClass | None, Text]] = {
    CodeClass.AUTH: Text(
        "到 q.qq.com 的“开发设置”核对 AppID 与 AppSecret，并确认机器人状态正常",
        "compare appid and secret with the management console (https://q.qq.com), and see the bot's state",
    ),
    CodeClass.PERMISSION: Text(
        "到开放平台为机器人申请所需权限，或请群主、频道管理员授权",
        "apply for the right in the management console, or have the owner of the group or guild grant it",
    ),
    CodeClass.PARAMETER: Text(
        "对照接口文档检查请求参数，修改后再发",
        "compare the fields of the call with the documentation and correct them",
    ),
    CodeClass.CONTENT: Text(
        "修改内容后再发；原样重发仍会被拒绝", "change the content; sent unchanged it will be refused again"
    ),
    CodeClass.RATE: Text("降低调用频率，稍后再试", "call less often, and try again later"),
    CodeClass.STATE: Text(
        "确认对象仍然存在、操作仍然有效，再决定是否继续",
        "look whether the thing still exists and the action still makes sense",
    ),
    CodeClass.TRANSIENT: Text(
        "平台内部故障，稍后再试；持续出现时附 trace_id 反馈给平台",
        "a fault of the platform: try again later; if it stays, report the trace id to the platform",
    ),
    CodeClass.PENDING: Text(
        "不要重发；结果由审核事件 MESSAGE_AUDIT_PASS 或 MESSAGE_AUDIT_REJECT 告知",
        "do not send it again: MESSAGE_AUDIT_PASS or MESSAGE_AUDIT_REJECT tells the result",
    ),
    None: Text(
        "查看平台返回的 message；无法解决时附 trace_id 反馈给平台",
        "read the message of the platform; if that does not help, report the trace id to it",
    ),
}
"""What to do, by class, where nothing better is known."""

_REMEDIES_IN_AREA: Final[dict[tuple[CodeClass, Area], Text]] = {
    (CodeClass.RATE, Area.TOKEN): Text(
        "访问令牌有效期内不要重复获取，稍后再试",
        "keep the access token while it is valid, and try again later",
    ),
    (CodeClass.PARAMETER, Area.RECALL): Text(
        "检查消息 ID 和它所属的群、用户或子频道是否对应",
        "check that the message id belongs to the group, user or channel of the call",
    ),
    (CodeClass.TRANSIENT, Area.UPLOAD): Text(
        "先确认文件链接可以公开下载，再重试",
        "check that the file can be downloaded from anywhere, then try again",
    ),
    (CodeClass.PERMISSION, Area.ANNOUNCES): Text(
        "请频道主把机器人设为管理员", "have the owner of the guild make the bot an administrator"
    ),
    (CodeClass.PERMISSION, Area.SCHEDULES): Text(
        "请频道主授予机器人管理日程的权限", "have the owner of the guild let the bot manage schedules"
    ),
}
"""The same, for a class within one area."""

_REMEDIES_OF_SPECIAL: Final[dict[Special, Text]] = {
    Special.DAILY: Text(
        "今天的额度已用完，改天再试；不要反复重试",
        "the quota is used up: another day, and no repetition until then",
    ),
    Special.WINDOW: Text(
        "不能再被动回复；让用户再发一条消息，或改发主动消息",
        "no reply is possible any more: wait for the next message of the person, or send an active one",
    ),
    Special.ALREADY: Text("不用处理，当作成功即可", "nothing: it may count as a success"),
    Special.PACE: Text("放慢发送速度，稍等再试", "send more slowly, and try again after a pause"),
    Special.GONE: Text(
        "对象已不存在：清理保存的 ID，不要再调用",
        "it is gone: forget the id that was stored, and stop calling",
    ),
}
"""The same, for codes that say more than their class."""


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """All that is known about one code."""

    number: int
    kind: CodeClass | None
    """None where not even the class can be guessed."""
    area: Area
    meaning: Text
    remedy: Text
    """What a person can do."""
    special: Special = Special.NONE
    name: str = ""
    """Constant of the platform; empty if it has none."""
    listed: bool = True
    """False for a number that no document has, explained by its range or not at all."""
    refuses_credentials: bool = False
    """Whether the token endpoint means by it that appid or secret are wrong; its other codes may pass."""

    @property
    def repetition(self) -> Repetition:
        """Whether the call is made again, as far as the code alone decides."""
        if self.special in _REPETITION_OF_SPECIAL:
            return _REPETITION_OF_SPECIAL[self.special]
        if self.kind is None:
            return Repetition.BY_STATUS
        return Repetition.BACK_OFF if self.kind is CodeClass.TRANSIENT else Repetition.NEVER

    def in_words(self, language: Language) -> Meaning:
        """Return the meaning as errors carry it, for a process that speaks *language*."""
        return Meaning(self.meaning.said_in(language), zh=self.meaning.zh, en=self.meaning.en)


_REPETITION_OF_SPECIAL: Final[dict[Special, Repetition]] = {
    Special.FRESH_TOKEN: Repetition.FRESH_TOKEN,
    Special.ONCE: Repetition.ONCE,
    Special.RETRY: Repetition.BACK_OFF,
    Special.EACH_SECOND: Repetition.EACH_SECOND,
    Special.PACE: Repetition.PACE,
    Special.DAILY: Repetition.NEVER,
}


def code(
    number: int,
    kind: CodeClass,
    zh: str,
    en: str,
    special: Special = Special.NONE,
    *,
    name: str = "",
    remedy: Text | None = None,
    refuses_credentials: bool = False,
) -> CodeEntry:
    """Return a row; its area is filled in by `in_area`, its remedy too if *remedy* is None."""
    return CodeEntry(
        number,
        kind,
        Area.UNKNOWN,
        Text(zh, en),
        remedy or Text("", ""),
        special,
        name,
        refuses_credentials=refuses_credentials,
    )


def in_area(area: Area, *rows: CodeEntry) -> tuple[CodeEntry, ...]:
    """Return *rows* with what they have in common."""
    return tuple(
        replace(
            row, area=area, remedy=row.remedy if row.remedy.en else usual_remedy(row.kind, area, row.special)
        )
        for row in rows
    )


def usual_remedy(kind: CodeClass | None, area: Area | None, special: Special = Special.NONE) -> Text:
    """Return what to do where a code has no remedy of its own; *area* None leaves that out of it."""
    in_general = _REMEDIES[kind]
    if special in _REMEDIES_OF_SPECIAL:
        return _REMEDIES_OF_SPECIAL[special]
    if kind is None or area is None:
        return in_general
    return _REMEDIES_IN_AREA.get((kind, area), in_general)


AUTH: Final = CodeClass.AUTH
PERMISSION: Final = CodeClass.PERMISSION
PARAMETER: Final = CodeClass.PARAMETER
CONTENT: Final = CodeClass.CONTENT
RATE: Final = CodeClass.RATE
STATE: Final = CodeClass.STATE
TRANSIENT: Final = CodeClass.TRANSIENT
PENDING: Final = CodeClass.PENDING
