"""Codes of the administration of guilds: channels, permissions, schedules, announces, mute, forum and so on.

Source: platform documentation, "错误码"; SDK notes for the codes of channels.
"""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.codes.entry import (
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

_UNPIN: Final = Text("先取消一些精华消息", "take some pins away first")
_FEWER_MEMBERS: Final = Text("先减少私密子频道的成员", "remove members from the private channel first")
_REACTION_KINDS: Final = Text("换用消息上已有的表情", "use an emoji that the message already has")

CHANNELS: Final[tuple[CodeEntry, ...]] = in_area(
    Area.CHANNELS,
    code(130008, PARAMETER, "这里不能修改分组", "a category cannot be edited here"),
    code(200011, CONTENT, "创建子频道被安全策略拦截", "security refused to create the channel"),
    code(
        *(200013, TRANSIENT, "子频道已创建，但读取信息失败"),
        "the channel was created, but could not be read",
        remedy=Text(
            "先查询子频道列表，不要直接重建", "look at the list of channels before creating it again"
        ),
    ),
    code(200016, PARAMETER, "子频道名称为空", "the name of the channel is empty"),
    code(200017, PARAMETER, "子频道位置错误", "the position of the channel is wrong"),
    code(200019, PARAMETER, "创建分组失败", "the category could not be created"),
)

CHANNEL_PERMISSIONS: Final[tuple[CodeEntry, ...]] = in_area(
    Area.CHANNEL_PERMISSIONS,
    code(301000, PARAMETER, "参数错误", "the parameters are wrong"),
    code(301001, TRANSIENT, "查询频道失败", "the guild could not be looked up"),
    code(301002, TRANSIENT, "查询子频道权限失败", "the permissions could not be looked up"),
    code(301003, TRANSIENT, "修改子频道权限失败", "the permissions could not be changed"),
    code(
        301004, RATE, "私密子频道成员过多", "the private channel has too many members", remedy=_FEWER_MEMBERS
    ),
    code(301005, TRANSIENT, "调用后端失败", "the back end failed"),
    code(301006, PERMISSION, "非成员不能查询", "only members may ask"),
    code(301007, PARAMETER, "参数过多", "there are too many parameters"),
)

SCHEDULES: Final[tuple[CodeEntry, ...]] = in_area(
    Area.SCHEDULES,
    code(302000, PARAMETER, "参数错误", "the parameters are wrong"),
    code(302001, TRANSIENT, "查询频道失败", "the guild could not be looked up"),
    code(302002, TRANSIENT, "查询日程列表失败", "the list of schedules could not be read"),
    code(302003, TRANSIENT, "查询日程失败", "the schedule could not be looked up"),
    code(302004, TRANSIENT, "修改日程失败", "the schedule could not be changed"),
    code(302005, TRANSIENT, "删除日程失败", "the schedule could not be deleted"),
    code(302006, TRANSIENT, "创建日程失败", "the schedule could not be created"),
    code(302007, TRANSIENT, "获取创建者信息失败", "the creator could not be looked up"),
    code(302008, PARAMETER, "子频道 ID 为空", "the channel id is empty"),
    code(302009, TRANSIENT, "频道系统错误", "the guild system failed"),
    code(302010, PERMISSION, "没有修改日程的权限", "no right to change the schedule"),
    code(302011, STATE, "日程已被删除", "the schedule has been deleted", Special.GONE),
    code(302012, RATE, "今天已创建十个日程", "ten schedules were created today", Special.DAILY),
    code(302013, CONTENT, "日程被安全策略拦截", "security refused the schedule"),
    code(302014, PARAMETER, "日程超过七天", "the schedule is longer than seven days"),
    code(302015, PARAMETER, "开始时间早于现在", "the schedule starts in the past"),
    code(302016, PARAMETER, "结束时间早于开始时间", "the schedule ends before it starts"),
    code(302017, PARAMETER, "日程对象为空", "the schedule is empty"),
    code(302018, PARAMETER, "参数类型转换失败", "a parameter has the wrong type"),
    code(302019, TRANSIENT, "调用下游失败", "a service behind it failed"),
    code(302020, CONTENT, "内容或账号违规", "the content or the account violates the rules"),
    code(
        302021, RATE, "频道今天的日程数已达上限", "the guild's schedules for today are used up", Special.DAILY
    ),
    code(302022, PARAMETER, "跳转的子频道属于别的频道", "the channel to jump to belongs to another guild"),
    code(302023, PARAMETER, "不能跳转到日程子频道", "the channel to jump to may not be a schedule channel"),
    code(302024, PARAMETER, "跳转的子频道不存在", "the channel to jump to does not exist"),
)

ANNOUNCES: Final[tuple[CodeEntry, ...]] = in_area(
    Area.ANNOUNCES,
    code(501001, PARAMETER, "参数错误", "the parameters are wrong"),
    code(
        501002,
        TRANSIENT,
        "创建子频道公告失败",
        "the announce of the channel could not be created",
        Special.RETRY,
    ),
    code(
        501003,
        TRANSIENT,
        "删除子频道公告失败",
        "the announce of the channel could not be deleted",
        Special.RETRY,
    ),
    code(501004, TRANSIENT, "获取频道信息失败", "the guild could not be looked up", Special.RETRY),
    code(501005, PARAMETER, "消息 ID 错误", "the message id is wrong"),
    code(
        501006, TRANSIENT, "创建频道公告失败", "the announce of the guild could not be created", Special.RETRY
    ),
    code(
        501007, TRANSIENT, "删除频道公告失败", "the announce of the guild could not be deleted", Special.RETRY
    ),
    code(501008, STATE, "消息不存在", "the message does not exist", Special.GONE),
    code(501009, PARAMETER, "消息 ID 无法解析", "the message id cannot be parsed"),
    code(501010, PARAMETER, "消息不在这个子频道", "the message is not in this channel"),
    code(501011, TRANSIENT, "添加精华消息失败", "the message could not be pinned", Special.RETRY),
    code(501012, TRANSIENT, "取消精华消息失败", "the pin could not be taken away", Special.RETRY),
    code(501013, RATE, "精华消息过多", "the channel has too many pins", remedy=_UNPIN),
    code(501014, CONTENT, "被安全策略拦截", "refused by security"),
    code(501015, PARAMETER, "这条消息不能设置", "this message may not be used for it"),
    code(501016, PARAMETER, "推荐子频道过多", "there are too many recommended channels"),
    code(501017, PERMISSION, "不是频道主或管理员", "the bot is neither owner nor administrator"),
    code(501018, PARAMETER, "推荐子频道 ID 无效", "the id of a recommended channel is invalid"),
    code(501019, PARAMETER, "公告类型错误", "the type of the announce is wrong"),
    code(501020, TRANSIENT, "创建推荐子频道失败", "the recommendation could not be created"),
)

MUTE: Final[tuple[CodeEntry, ...]] = in_area(
    Area.MUTE,
    code(502001, PARAMETER, "频道 ID 无效", "the guild id is invalid"),
    code(502002, PARAMETER, "频道 ID 为空", "the guild id is empty"),
    code(502003, PARAMETER, "用户 ID 无效", "the user id is invalid"),
    code(502004, PARAMETER, "用户 ID 为空", "the user id is empty"),
    code(502005, PARAMETER, "时间戳不合法", "the time stamp is not allowed"),
    code(502006, PARAMETER, "时间戳无效", "the time stamp is invalid"),
    code(502007, PARAMETER, "参数转换失败", "a parameter could not be converted"),
    code(502008, TRANSIENT, "调用后端失败", "the back end failed"),
    code(502009, CONTENT, "被安全策略拦截", "refused by security"),
    code(502010, PARAMETER, "请求头错误", "the header is wrong"),
)

FORUM: Final[tuple[CodeEntry, ...]] = in_area(
    Area.FORUM,
    code(503001, PARAMETER, "频道 ID 无效", "the guild id is invalid"),
    code(503002, PARAMETER, "频道 ID 为空", "the guild id is empty"),
    code(503003, TRANSIENT, "获取子频道失败", "the channel could not be looked up"),
    code(503004, RATE, "发帖过于频繁", "threads are published too often", Special.PACE),
    code(503005, PARAMETER, "标题为空", "the title is empty"),
    code(503006, PARAMETER, "内容为空", "the content is empty"),
    code(503007, PARAMETER, "帖子 ID 为空", "the thread id is empty"),
    code(503008, TRANSIENT, "从请求头读取账号失败", "the account could not be read from the header"),
    code(503009, PARAMETER, "帖子 ID 无效", "the thread id is invalid"),
    code(503010, TRANSIENT, "账号 ID 转换失败", "the account id could not be converted"),
    code(503011, PARAMETER, "帖子 ID 中的时间无效", "the time inside the thread id is invalid"),
    code(503012, STATE, "帖子不存在或已删除", "the thread is missing or deleted", Special.GONE),
    code(503013, TRANSIENT, "平台内部错误", "internal error"),
    code(503014, PARAMETER, "JSON 内容无法解析", "the JSON content cannot be parsed"),
    code(503015, PARAMETER, "内容转换失败", "the content could not be converted"),
    code(503016, PARAMETER, "链接过多", "there are too many links"),
    code(503017, PARAMETER, "字数过多", "there are too many characters"),
    code(503018, PARAMETER, "图片过多", "there are too many images"),
    code(503019, PARAMETER, "视频过多", "there are too many videos"),
    code(503020, PARAMETER, "标题过长", "the title is too long"),
)

MESSAGE_SETTING: Final[tuple[CodeEntry, ...]] = in_area(
    Area.MESSAGE_SETTING,
    code(504001, PARAMETER, "参数无效", "the parameters are invalid"),
    code(504002, PARAMETER, "读取请求头失败", "the header cannot be read"),
    code(504003, TRANSIENT, "获取机器人账号失败", "the account of the bot could not be looked up"),
    code(504004, TRANSIENT, "读取消息频率设置失败", "the setting could not be read"),
)

GRANTS: Final[tuple[CodeEntry, ...]] = in_area(
    Area.GRANTS,
    code(610001, TRANSIENT, "获取频道 ID 失败", "the guild id could not be had"),
    code(610002, PARAMETER, "读取请求头失败", "the header cannot be read"),
    code(610003, TRANSIENT, "获取机器人号码失败", "the number of the bot could not be had"),
    code(610004, TRANSIENT, "获取机器人身份失败", "the role of the bot could not be had"),
    code(610005, TRANSIENT, "读取机器人身份时内部错误", "internal error while reading the role of the bot"),
    code(610006, TRANSIENT, "读取授权列表失败", "the grants could not be read"),
    code(
        *(610007, STATE, "机器人不在频道内", "the bot is not in the guild", Special.GONE),
        remedy=Text("先把机器人加进频道", "add the bot to the guild first"),
    ),
    code(610008, PARAMETER, "参数无效", "the parameters are invalid"),
    code(610009, PARAMETER, "读取接口详情失败", "the details of the call could not be read"),
    code(610010, STATE, "接口已授权", "the call is granted already", Special.ALREADY),
    code(610011, TRANSIENT, "获取机器人信息失败", "the bot could not be looked up"),
    code(610012, TRANSIENT, "频率检查失败", "the check of the rate failed"),
    code(
        610013, RATE, "授权卡片每天最多三张，今天已用完", "three grant cards were sent today", Special.DAILY
    ),
    code(610014, TRANSIENT, "发送授权卡片失败", "the grant card could not be sent"),
)

REACTIONS: Final[tuple[CodeEntry, ...]] = in_area(
    Area.REACTIONS,
    code(620001, PARAMETER, "参数无效", "the parameters are invalid"),
    code(
        *(620002, RATE, "消息上的表情种类过多", "the message has too many kinds of reactions"),
        remedy=_REACTION_KINDS,
    ),
    code(620003, STATE, "已经表态过", "the reaction is there already", Special.ALREADY),
    code(620004, STATE, "没有表态过", "the reaction was not there", Special.ALREADY),
    code(620005, PERMISSION, "没有表态的权限", "no right to react"),
    code(620006, RATE, "表态过于频繁", "reactions are set too often", Special.PACE),
    code(620007, TRANSIENT, "表态失败，请重试", "the reaction failed, try again", Special.RETRY),
)
