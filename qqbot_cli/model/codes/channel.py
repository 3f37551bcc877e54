"""Codes of messages in guild channels and direct messages: sending, the pipeline behind it, withdrawing.

Source: platform documentation, "错误码", parts 50xxx, 304xxx, 306xxx and 1000000 to 3999999.
"""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.codes.entry import (
    CONTENT,
    PARAMETER,
    PENDING,
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

REGISTER_URL: Final = Text(
    "到开放平台的“开发设置”报备链接域名，或去掉链接",
    "register the host of the link in the management console (https://q.qq.com), or leave the link out",
)
MARKDOWN_RIGHT: Final = Text(
    "到开放平台申请 markdown 能力与模板", "apply for markdown and its templates in the management console"
)
OWN_MESSAGE: Final = Text("只能操作机器人自己发的消息", "take a message that the bot itself has sent")
SHORTER: Final = Text("缩短内容，或分几条发送", "shorten it, or send it in several messages")
_SPARE_ACTIVE: Final = Text(
    "减少主动消息，改为在用户发言后被动回复", "send fewer active messages: reply to what people write instead"
)
_ALLOW_ACTIVE: Final = Text(
    "请频道管理员在频道设置里允许机器人发主动消息",
    "have an administrator of the guild allow active messages of the bot",
)
_BUTTON_RIGHT: Final = Text(
    "到开放平台申请消息按钮能力", "apply for message buttons in the management console"
)
_CONNECT: Final = Text(
    "先让机器人连上 gateway，再发消息", "connect the bot to the gateway first: run it, then send"
)
_MESSAGE_ID: Final = Text(
    "用事件里的消息 ID 回复，不要自己拼写", "reply with the id from the event, as it came"
)

CHANNEL_MESSAGES: Final[tuple[CodeEntry, ...]] = in_area(
    Area.CHANNEL_MESSAGES,
    code(
        *(20028, RATE, "子频道消息发送过快", "messages are sent to the channel too fast", Special.PACE),
        name="ChannelHitWriteRateLimit",
    ),
    code(
        *(40002, TRANSIENT, "下载图片失败", "the image could not be downloaded"),
        remedy=Text("确认图片链接可以公开下载", "check that the image can be downloaded from anywhere"),
    ),
    code(50006, PARAMETER, "消息为空", "the message is empty"),
    code(50035, PARAMETER, "表单数据异常", "the form data is malformed"),
    code(
        50037, PARAMETER, "markdown 只能与 keyboard 一起发送", "markdown may only be combined with a keyboard"
    ),
    code(50038, PARAMETER, "频道与子频道不对应", "guild and channel do not belong together"),
    code(50039, TRANSIENT, "获取消息失败", "the message could not be read"),
    code(50040, PARAMETER, "消息模板类型错误", "the type of the template is wrong"),
    code(50041, PARAMETER, "markdown 中有空值", "the markdown has an empty value"),
    code(50042, PARAMETER, "markdown 列表过长", "the markdown has too long a list"),
    code(50043, PARAMETER, "频道 ID 转换失败", "the guild id could not be translated"),
    code(50045, PARAMETER, "不能回复机器人自己的消息", "the bot cannot reply to its own message"),
    code(50046, PARAMETER, "消息没有 @ 机器人", "the message does not mention the bot"),
    code(
        *(50047, PARAMETER, "消息不是机器人产生的，或 @ 了机器人"),
        "the message is not by the bot, or it mentions the bot",
    ),
    code(50048, PARAMETER, "消息 ID 为空", "the message id is empty"),
    code(50049, PARAMETER, "只能修改带 keyboard 的消息", "only messages with a keyboard can be edited"),
    code(50050, PARAMETER, "修改时 keyboard 不能为空", "the keyboard must not be empty in an edit"),
    code(
        50051,
        PERMISSION,
        "只能修改机器人自己的消息",
        "only the bot's own messages can be edited",
        remedy=OWN_MESSAGE,
    ),
    code(50053, TRANSIENT, "修改消息失败", "the message could not be edited"),
    code(50054, PARAMETER, "markdown 模板参数错误", "the parameters of the markdown template are wrong"),
    code(50055, PARAMETER, "markdown 内容无效", "the markdown is invalid"),
    code(50056, PERMISSION, "不允许发送 markdown 内容", "markdown is not allowed", remedy=MARKDOWN_RIGHT),
    code(
        50057,
        PARAMETER,
        "原生 markdown 与模板不能同时使用",
        "native markdown and a template exclude each other",
    ),
    code(50059, PARAMETER, "输入状态类型错误", "the type of the typing notice is wrong"),
    code(
        *(304003, CONTENT, "消息里的链接没有报备", "the message has a link whose host is not registered"),
        name="URL_NOT_ALLOWED",
        remedy=REGISTER_URL,
    ),
    code(304004, PERMISSION, "没有发送 ark 消息的权限", "no right to send this ark", name="ARK_NOT_ALLOWED"),
    code(304005, PARAMETER, "embed 过长", "the embed is too long", name="EMBED_LIMIT", remedy=SHORTER),
    code(304006, TRANSIENT, "平台配置错误", "the platform is badly configured", name="SERVER_CONFIG"),
    code(304007, TRANSIENT, "获取频道失败", "the guild could not be looked up", name="GET_GUILD"),
    code(304008, TRANSIENT, "获取机器人失败", "the bot could not be looked up", name="GET_BOT"),
    code(304009, TRANSIENT, "获取子频道失败", "the channel could not be looked up", name="GET_CHENNAL"),
    code(304010, TRANSIENT, "图片转存失败", "the image could not be re-hosted", name="CHANGE_IMAGE_URL"),
    code(304011, PARAMETER, "消息模板不存在", "the template is unknown", name="NO_TEMPLATE"),
    code(304012, TRANSIENT, "获取消息模板失败", "the template could not be looked up", name="GET_TEMPLATE"),
    code(304014, PERMISSION, "没有这个模板的权限", "no right to this template", name="TEMPLATE_PRIVILEGE"),
    code(304016, TRANSIENT, "发送失败", "sending failed", name="SEND_ERROR"),
    code(304017, TRANSIENT, "图片上传失败", "the image could not be uploaded", name="UPLOAD_IMAGE"),
    code(
        *(304018, STATE, "机器人没有连接 gateway", "the bot has no session on the gateway"),
        special=Special.OFFLINE,
        name="SESSION_NOT_EXIST",
        remedy=_CONNECT,
    ),
    code(
        *(
            304019,
            RATE,
            "@全体成员 的次数已用完",
            "the quota of mentions of everybody is used up",
            Special.DAILY,
        ),
        name="AT_EVERYONE_TIMES",
    ),
    code(304020, PARAMETER, "文件过大", "the file is too big", name="FILE_SIZE"),
    code(304021, TRANSIENT, "下载文件失败", "the file could not be downloaded", name="GET_FILE"),
    code(
        *(304022, RATE, "现在不是可以发主动消息的时间", "active messages are not allowed at this time"),
        name="PUSH_TIME",
        remedy=_SPARE_ACTIVE,
    ),
    code(
        *(304023, PENDING, "主动消息已受理，等待审核", "the active message waits for review"),
        name="PUSH_MSG_ASYNC_OK",
    ),
    code(304024, PENDING, "回复已受理，等待审核", "the reply waits for review", name="REPLY_MSG_ASYNC_OK"),
    code(304025, CONTENT, "内容被安全策略拦截", "security refused the content", name="BEAT"),
    code(
        *(304026, PARAMETER, "被回复的消息 ID 错误", "the id of the message to reply to is wrong"),
        name="MSG_ID",
        remedy=_MESSAGE_ID,
    ),
    code(
        *(
            304027,
            STATE,
            "被回复的消息太久，不能再回复",
            "the message is too old to be replied to",
            Special.WINDOW,
        ),
        name="MSG_EXPIRE",
    ),
    code(
        *(
            304028,
            PERMISSION,
            "只能回复 @ 机器人的消息",
            "only messages that mention the bot can be replied to",
        ),
        name="MSG_PROTECT",
    ),
    code(304029, TRANSIENT, "语料服务错误", "the corpus service failed", name="CORPUS_ERROR"),
    code(
        *(304030, CONTENT, "文本与报备的语料不符", "the text does not match the registered corpus"),
        name="CORPUS_NOT_MATCH",
    ),
    code(304031, PERMISSION, "对方关闭了私信", "the person has closed direct messages"),
    code(304032, STATE, "私信会话不存在", "the direct message does not exist", Special.GONE),
    code(304033, TRANSIENT, "创建私信会话失败", "the direct message could not be opened"),
    code(304034, PERMISSION, "机器人不在这个私信会话中", "the bot is not a member of the direct message"),
    code(304035, RATE, "主动消息发往的子频道过多", "active messages to too many channels", Special.DAILY),
    code(
        304036,
        PERMISSION,
        "没有 markdown 模板的权限",
        "no right to the markdown template",
        remedy=MARKDOWN_RIGHT,
    ),
    code(304037, PERMISSION, "没有发消息按钮的权限", "no right to message buttons", remedy=_BUTTON_RIGHT),
    code(304038, PARAMETER, "按钮模板不存在", "the keyboard template is unknown"),
    code(304039, PARAMETER, "按钮内容无法解析", "the keyboard cannot be parsed"),
    code(304040, PARAMETER, "按钮内容错误", "the content of the keyboard is wrong"),
    code(304044, TRANSIENT, "读取消息设置失败", "the message setting could not be read"),
    code(
        304045,
        RATE,
        "子频道的主动消息额度已用完",
        "the channel's quota of active messages is used up",
        Special.DAILY,
    ),
    code(
        *(304046, PERMISSION, "子频道不允许主动消息", "active messages are not allowed in this channel"),
        remedy=_ALLOW_ACTIVE,
    ),
    code(304047, RATE, "主动消息发往的子频道过多", "active messages to too many channels", Special.DAILY),
    code(
        *(304048, PERMISSION, "频道不允许主动消息", "active messages are not allowed in this guild"),
        remedy=_ALLOW_ACTIVE,
    ),
    code(
        304049,
        RATE,
        "对该用户的主动私信额度已用完",
        "the quota of direct messages to the user is used up",
        Special.DAILY,
    ),
    code(
        304050,
        RATE,
        "机器人的主动私信额度已用完",
        "the bot's quota of direct messages is used up",
        Special.DAILY,
    ),
    code(304051, PARAMETER, "设置引导的请求有误", "the settings guide is badly built"),
    code(304052, RATE, "发送设置引导过于频繁", "the settings guide was sent too often"),
    code(304057, PERMISSION, "不允许自定义按钮", "custom keyboards are not allowed", remedy=_BUTTON_RIGHT),
    code(304061, CONTENT, "消息内容无效（群聊、单聊）", "the content is invalid (group, one-to-one)"),
    code(304062, PARAMETER, "订阅按钮过多", "there are too many subscription buttons"),
    code(304064, PERMISSION, "用户没有授权订阅", "the subscription is not authorised"),
    code(
        *(304080, PARAMETER, "file_info 无效", "file_info is invalid"),
        remedy=Text(
            "重新上传文件，用新的 file_info 发送", "upload the file again and send the new file_info"
        ),
    ),
    code(304082, TRANSIENT, "富媒体拉取失败", "the media could not be fetched", Special.RETRY),
    code(304083, TRANSIENT, "富媒体转换失败", "the media could not be converted", Special.RETRY),
    code(
        304103, STATE, "msg_id 已过期，无法回复", "msg_id has expired, no reply is possible", Special.WINDOW
    ),
    code(305007, PARAMETER, "按钮样式参数错误", "a style parameter of the keyboard is wrong"),
)

RECALL: Final[tuple[CodeEntry, ...]] = in_area(
    Area.RECALL,
    code(306001, PARAMETER, "撤回的参数错误", "the parameters are wrong"),
    code(306002, PARAMETER, "要撤回的消息 ID 错误", "the message id is wrong", Special.GONE),
    code(306003, TRANSIENT, "获取要撤回的消息失败", "the message could not be read", Special.RETRY),
    code(306004, PERMISSION, "没有撤回这条消息的权限", "no right to withdraw this message"),
    code(306005, TRANSIENT, "撤回失败", "withdrawing failed", Special.RETRY),
    code(306006, TRANSIENT, "获取子频道失败", "the channel could not be read", Special.RETRY),
    code(306007, PARAMETER, "消息不属于这个群", "the message is not of this group"),
    code(306008, PERMISSION, "消息不是这个机器人发的", "the message is not by this bot", remedy=OWN_MESSAGE),
    code(
        *(306009, PARAMETER, "消息不是发给该用户的，或用户 openid 无效"),
        "the message was not sent to this user, or the user openid is invalid",
    ),
    code(306010, TRANSIENT, "撤回时平台内部错误", "internal error while withdrawing"),
    code(306011, STATE, "超过可撤回的时间", "the message is too old to be withdrawn"),
    code(40061001, PARAMETER, "撤回的参数无效", "the parameters are invalid"),
    code(40061002, PARAMETER, "要撤回的 msgid 无效", "the msgid is invalid", Special.GONE),
    code(40062003, PERMISSION, "没有撤回这条消息的权限", "no right to withdraw this message"),
    code(40064004, STATE, "超过可撤回的时间", "the message is too old to be withdrawn"),
    code(50065001, TRANSIENT, "撤回失败", "withdrawing failed", Special.RETRY),
)

SENDING: Final[tuple[CodeEntry, ...]] = in_area(
    Area.SENDING,
    code(1000001, PARAMETER, "消息过长", "the text is too long", remedy=SHORTER),
    code(1100100, RATE, "安全策略：消息发送过于频繁", "security: messages are sent too often", Special.PACE),
    code(1100101, CONTENT, "安全策略：内容涉及敏感信息", "security: the content is sensitive"),
    code(
        1100102, PERMISSION, "安全策略：暂未开放这个功能", "security: the feature is not open to the bot yet"
    ),
    code(1100103, CONTENT, "被安全策略拦截", "refused by security"),
    code(1100104, STATE, "安全策略：群已不存在", "security: the group no longer exists", Special.GONE),
    code(1100300, TRANSIENT, "平台内部错误", "internal error"),
    code(1100301, PERMISSION, "不是频道成员", "the caller is not a member"),
    code(1100302, TRANSIENT, "获取频道名称失败", "the name of the guild could not be read"),
    code(
        *(1100303, PERMISSION, "主页子频道只有管理员能发言"),
        "only administrators may post in the home channel",
    ),
    code(1100304, RATE, "@ 次数检查未通过", "the check of the mention quota failed"),
    code(1100305, TRANSIENT, "账号 ID 转换失败", "the account id could not be converted"),
    code(1100306, PERMISSION, "不是私密子频道的成员", "the caller is not a member of the private channel"),
    code(1100307, PERMISSION, "应用子频道不在白名单内", "the application channel is not on the allow-list"),
    code(1100308, RATE, "频道内触发频率限制", "the guild's own rate limit was hit", Special.PACE),
    code(1100499, TRANSIENT, "其他错误", "other error"),
    code(2000004, PARAMETER, "消息文本为空", "the text of the message is empty"),
)

EDITING: Final[tuple[CodeEntry, ...]] = in_area(
    Area.EDITING,
    code(3300006, CONTENT, "修改后的内容被安全策略拦截", "security refused the edited content"),
)
