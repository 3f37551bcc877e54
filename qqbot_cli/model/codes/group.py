"""Codes of groups and one-to-one chats: messages, uploads, panels, interactions.

Source: platform documentation, "错误码" and the pages of the calls, August 2026.
"""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.codes.channel import MARKDOWN_RIGHT, REGISTER_URL, SHORTER
from qqbot_cli.model.codes.entry import (
    AUTH,
    CONTENT,
    PARAMETER,
    PERMISSION,
    RATE,
    STATE,
    TRANSIENT,
    Area,
    CodeEntry,
    Special,
    code,
    in_area,
)
from qqbot_cli.model.language import Text

_IDS_OF_EVENTS: Final = Text(
    "用收到的事件里的 ID 原样回复，且只回复发给本机器人的消息",
    "reply with the id from the event, as it came, to a message that was sent to this bot",
)
_ACTIVE: Final = Text(
    "改为回复用户的消息，或到开放平台申请主动消息权限、请对方在机器人设置里允许",
    "reply to a message instead; or apply for active messages, and have the group or person allow them",
)
_JOIN: Final = Text("先把机器人加进这个群", "add the bot to the group first")
_FRIEND: Final = Text("请用户先添加机器人为好友", "have the person add the bot as a friend first")
_WAIT_MUTE: Final = Text(
    "等禁言结束，或请群管理员解除", "wait for the end of the mute, or have an administrator lift it"
)
_ONLINE: Final = Text(
    "到开放平台查看机器人状态，重新上线后再发",
    "look at the bot's state in the management console and put it on-line",
)
_OTHER_SEQ: Final = Text(
    "回复同一条消息时每次用不同的 msg_seq（session.reply 会自动编号）",
    "use another msg_seq for each reply to one message; session.reply numbers them by itself",
)
_CHECK_URL: Final = Text(
    "确认文件链接可以公开下载、格式受支持",
    "check that the file can be downloaded from anywhere and has an allowed type",
)
_SMALLER: Final = Text("换一个更小的文件", "take a smaller file")

GROUP_AND_C2C: Final[tuple[CodeEntry, ...]] = in_area(
    Area.GROUP_AND_C2C,
    code(22006, PARAMETER, "msg_type 与消息内容不匹配", "msg_type and content do not fit"),
    code(22009, RATE, "消息发送超过限制", "the limit of messages is exceeded"),
    code(340067, TRANSIENT, "获取机器人失败", "the bot could not be looked up"),
    code(340069, PARAMETER, "msg_type 无效", "msg_type is invalid"),
    code(
        *(40034004, TRANSIENT, "富媒体文件转存失败，请重试"),
        "the media could not be transferred, try again",
        Special.RETRY,
    ),
    code(
        40034005, STATE, "msg_id 已过期，无法回复", "msg_id has expired, no reply is possible", Special.WINDOW
    ),
    code(40034006, CONTENT, "消息内容违规", "the content violates the rules"),
    code(40034008, PARAMETER, "markdown 参数为空", "a parameter of the markdown is empty"),
    code(40034009, PARAMETER, "markdown 参数含有换行", "a parameter of the markdown has a line break"),
    code(
        *(40034010, PARAMETER, "模板参数里含有 markdown 语法"),
        "a parameter of the template has markdown syntax in it",
    ),
    code(40034011, PARAMETER, "markdown 无效", "the markdown is invalid"),
    code(
        *(40034024, PARAMETER, "msg_id 无效或越权", "msg_id is invalid or not the bot's to answer"),
        remedy=_IDS_OF_EVENTS,
    ),
    code(40034025, PARAMETER, "event_id 无效", "event_id is invalid", remedy=_IDS_OF_EVENTS),
    code(40034026, STATE, "event_id 已过期", "event_id has expired", Special.WINDOW),
    code(40034027, PARAMETER, "该事件不支持回复", "this event cannot be replied to"),
    code(40034029, PARAMETER, "消息按钮的行数或列数超限", "the keyboard has too many rows or columns"),
    code(
        40034090, PERMISSION, "没有发送 markdown 的权限", "markdown is not permitted", remedy=MARKDOWN_RIGHT
    ),
    code(
        *(40034100, RATE, "主动消息发送超过频率限制", "active messages are sent too often"),
        Special.PACE,
    ),
    code(40034101, STATE, "机器人不在群内", "the bot is not in the group", Special.GONE, remedy=_JOIN),
    code(40034102, PERMISSION, "没有发主动消息的权限", "no right to active messages", remedy=_ACTIVE),
    code(40034105, PERMISSION, "没有发主动消息的权限", "no right to active messages", remedy=_ACTIVE),
    code(40034106, PARAMETER, "此处不支持这类指令", "this kind of command is not supported here"),
    code(40034108, PARAMETER, "指令参数过长", "the parameter of the command is too long"),
    code(40034109, PARAMETER, "指令参数无法解析", "the parameter of the command cannot be parsed"),
    code(40034122, RATE, "本周期的唤醒次数已用完", "the wake-ups of this period are used up", Special.DAILY),
    code(40034123, PERMISSION, "不支持唤醒消息", "wake-up messages are not supported"),
    code(40034124, PARAMETER, "markdown 参数错误", "a parameter of the markdown is wrong"),
    code(
        40034127,
        PERMISSION,
        "没有 markdown 模板的权限",
        "no right to the markdown template",
        remedy=MARKDOWN_RIGHT,
    ),
    code(
        *(40034128, STATE, "被动回复超时或次数已用完", "the reply is too late, or one too many"),
        Special.WINDOW,
    ),
    code(40054002, PERMISSION, "机器人在群里被禁言", "the bot is muted in the group", remedy=_WAIT_MUTE),
    code(
        *(40054003, STATE, "机器人不是群成员", "the bot is not a member of the group", Special.GONE),
        remedy=_JOIN,
    ),
    code(
        *(40054004, STATE, "与用户不是好友", "the person is no friend of the bot", Special.GONE),
        remedy=_FRIEND,
    ),
    code(
        *(
            40054005,
            STATE,
            "消息重复：msg_id 与 msg_seq 已用过",
            "the pair of msg_id and msg_seq was used before",
        ),
        Special.SENT_BEFORE,
        remedy=_OTHER_SEQ,
    ),
    code(
        40054006,
        TRANSIENT,
        "好友关系检查失败，请重试",
        "the check for friends failed, try again",
        Special.RETRY,
    ),
    code(40054007, PARAMETER, "消息过长", "the message is too long", remedy=SHORTER),
    code(40054010, CONTENT, "不允许发送链接", "sending a link is not allowed", remedy=REGISTER_URL),
    code(40054013, PERMISSION, "用户拒收机器人的消息", "the person refuses messages of the bot"),
    code(40054016, STATE, "机器人已下线", "the bot has been taken off-line", remedy=_ONLINE),
    code(40054018, PARAMETER, "消息过长或异常", "the message is too long or malformed", remedy=SHORTER),
    code(
        50055001, TRANSIENT, "群消息发送异常，请重试", "sending to the group failed, try again", Special.RETRY
    ),
    code(
        50055002,
        TRANSIENT,
        "单聊消息发送异常，请重试",
        "sending to the person failed, try again",
        Special.RETRY,
    ),
    code(50055006, TRANSIENT, "ark 消息发送异常，请重试", "sending the ark failed, try again", Special.RETRY),
)

UPLOAD: Final[tuple[CodeEntry, ...]] = in_area(
    Area.UPLOAD,
    code(10000, PARAMETER, "不支持的上传操作", "the operation is not supported"),
    code(850018, PERMISSION, "群或机器人被禁言", "the group or the bot is muted", remedy=_WAIT_MUTE),
    code(850019, PARAMETER, "文件格式不支持", "the format of the file is not supported"),
    code(
        850026,
        TRANSIENT,
        "按链接下载文件失败",
        "the file could not be downloaded from its link",
        remedy=_CHECK_URL,
    ),
    code(850027, TRANSIENT, "传输文件超时", "sending the file took too long"),
    code(850031, PARAMETER, "文件过大", "the file is too big", remedy=_SMALLER),
    code(
        40034001,
        TRANSIENT,
        "按链接下载文件失败",
        "the file could not be downloaded from its link",
        remedy=_CHECK_URL,
    ),
    code(40093001, TRANSIENT, "上传失败，请重试", "the upload failed, try again", Special.EACH_SECOND),
    code(40093002, RATE, "当日上传流量已用完", "the day's volume of uploads is used up", Special.DAILY),
)

PANELS: Final[tuple[CodeEntry, ...]] = in_area(
    Area.PANELS,
    code(40030001, PARAMETER, "参数错误", "a parameter is wrong"),
    code(40030006, STATE, "面板不存在", "the panel does not exist", Special.GONE),
    code(40030008, PARAMETER, "链接格式错误，必须是 https", "the link is malformed; it must be https"),
    code(
        40030009, TRANSIENT, "另一个面板操作正在进行", "another operation on panels is running", Special.RETRY
    ),
    code(40030011, PARAMETER, "scope 无效", "the scope is invalid"),
    code(40030012, PARAMETER, "目标类型无效", "the type of the target is invalid"),
    code(40030013, PARAMETER, "数量超限，上限见 message", "there are too many; the message tells the limit"),
    code(40030014, PARAMETER, "菜单项类型无效", "the type of a menu item is invalid"),
    code(40030015, PARAMETER, "面板项类型无效", "the type of a panel item is invalid"),
    code(40030016, PARAMETER, "缺少必填字段", "a required field is missing"),
    code(40030017, PARAMETER, "op 无效", "op is invalid"),
    code(40030018, PARAMETER, "此 scope 不支持该操作", "this is not supported in this scope"),
    code(40030020, CONTENT, "内容被安全策略拦截", "security refused the content"),
    code(40030021, PARAMETER, "面向所有人的面板不能设目标", "a panel for everybody cannot have targets"),
)

INTERACTIONS: Final[tuple[CodeEntry, ...]] = in_area(
    Area.INTERACTIONS,
    code(630001, PARAMETER, "请求参数无效", "the parameters are invalid"),
    code(630002, TRANSIENT, "获取 AppID 失败", "the appid could not be read"),
    code(630003, AUTH, "AppID 与互动不匹配", "the appid is not that of the interaction"),
    code(630004, TRANSIENT, "保存互动数据失败", "the interaction could not be stored"),
    code(
        *(630005, TRANSIENT, "读取互动数据失败，或互动 ID 已过期"),
        "the interaction could not be read, or its id has expired",
        remedy=Text(
            "收到互动后五秒内应答，每个互动应答一次", "answer an interaction once, within five seconds"
        ),
    ),
    code(630006, TRANSIENT, "从请求读取 AppID 失败", "the appid could not be read from the call"),
    code(630007, PARAMETER, "互动数据过大", "the data is too big"),
    code(630008, TRANSIENT, "互动预处理失败", "the interaction could not be prepared"),
)
