"""Codes of the token endpoint and of every call: identity, rights, requests, share links, streams.

Source: platform documentation, "错误码"; SDK constants where it has no text.
"""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.codes.entry import (
    AUTH,
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

_ALLOW_LIST: Final = Text(
    "把本机出口 IP 加入白名单：https://q.qq.com，开发设置，IP 白名单",
    "add this machine's address to the IP allow-list: https://q.qq.com, 开发设置, IP 白名单",
)
_USE_ACCESS_TOKEN: Final = Text(
    "固定 Token 已停用；改用 AppID 与 AppSecret 换取访问令牌",
    "use appid and secret, from which access tokens are made; fixed tokens are switched off",
)
_CONTACT: Final = Text("联系平台申诉", "the bot is banned: contact the platform")
_NEW_TOKEN: Final = Text(
    "令牌会自动更换；反复出现时检查 AppSecret 是否已重置，或同一机器人是否在别处运行",
    "a new token is fetched by itself; if it stays, the secret was changed or the bot runs elsewhere too",
)
_APPLY: Final = Text(
    "到开放平台为机器人申请这个接口的权限", "apply for this call in the management console: https://q.qq.com"
)
_BOT_ONLY: Final = Text("这个接口不对机器人开放，换一种做法", "bots cannot use this call: find another way")
_GRANT: Final = Text(
    "请频道管理员为机器人授权这个接口，并检查频道 ID",
    "have an administrator of the guild grant this call to the bot, and check the guild id",
)
_MAKE_ADMIN: Final = Text(
    "请频道主把机器人设为管理员", "have the owner of the guild make the bot an administrator"
)
_GROUP_ADMIN: Final = Text(
    "请群主把机器人设为群管理员", "have the owner of the group make the bot an administrator"
)
_IDS: Final = Text(
    "检查 ID 的来源：群、用户与频道的 ID 不能混用，也不能用别的机器人拿到的 ID",
    "check where the id is from: those of groups, users and guilds differ, and each bot has its own",
)

TOKEN: Final[tuple[CodeEntry, ...]] = in_area(
    Area.TOKEN,
    code(100001, RATE, "获取访问令牌过于频繁", "access tokens were asked for too often", Special.PACE),
    code(
        100007,
        AUTH,
        "AppID 无效，或机器人已被封禁、删除",
        "the appid is invalid, or the bot is banned or deleted",
        refuses_credentials=True,
    ),
    code(
        100016,
        AUTH,
        "AppID 或 AppSecret 错误",
        "the appid or the secret is wrong",
        refuses_credentials=True,
    ),
)

IDENTITY: Final[tuple[CodeEntry, ...]] = in_area(
    Area.IDENTITY,
    code(
        *(11241, AUTH, "请求没有携带访问令牌", "the call carried no access token", Special.FRESH_TOKEN),
        name="ErrorWrongToken",
        remedy=_NEW_TOKEN,
    ),
    code(
        *(11242, AUTH, "访问令牌校验出错", "the access token could not be checked", Special.FRESH_TOKEN),
        name="ErrorCheckTokenFailed",
        remedy=_NEW_TOKEN,
    ),
    code(
        *(11243, AUTH, "访问令牌错误", "the access token is wrong", Special.FRESH_TOKEN),
        name="ErrorCheckTokenNotPass",
        remedy=_NEW_TOKEN,
    ),
    code(
        *(
            11244,
            AUTH,
            "访问令牌不存在或已过期",
            "the access token is unknown or has expired",
            Special.FRESH_TOKEN,
        ),
        remedy=_NEW_TOKEN,
    ),
    code(11245, AUTH, "固定 Token 鉴权已停用", "fixed tokens are switched off", remedy=_USE_ACCESS_TOKEN),
    code(11251, AUTH, "AppID 无法识别", "the appid is not recognised", name="ErrorWrongAppid"),
    code(11261, AUTH, "缺少 AppID", "the appid is missing", name="ErrorWrongAppid"),
    code(11265, AUTH, "机器人已被封禁", "the bot is banned", name="ErrorRobotHasBaned", remedy=_CONTACT),
    code(11275, AUTH, "缺少 AppID", "the appid is missing", name="ErrorWrongAppid"),
    code(
        *(11298, AUTH, "来源 IP 不在白名单内", "the caller's address is not on the IP allow-list"),
        remedy=_ALLOW_LIST,
    ),
    code(
        *(40023002, AUTH, "来源 IP 不在白名单内", "the caller's address is not on the IP allow-list"),
        remedy=_ALLOW_LIST,
    ),
)

RIGHTS: Final[tuple[CodeEntry, ...]] = in_area(
    Area.RIGHTS,
    code(
        *(11252, TRANSIENT, "检查接口权限时出错", "the check of the bot's rights broke down", Special.ONCE),
        name="ErrorCheckAppPrivilegeFailed",
    ),
    code(
        *(11253, PERMISSION, "机器人没有这个接口的权限", "the bot has no right to this call"),
        name="ErrorCheckAppPrivilegeNotPass",
        remedy=_APPLY,
    ),
    code(
        *(11254, PERMISSION, "这个接口已对机器人封禁", "this call is blocked for the bot"),
        name="ErrorInterfaceForbidden",
        remedy=_APPLY,
    ),
    code(
        *(
            11262,
            PERMISSION,
            "这个接口不能用机器人令牌调用",
            "this call cannot be made with the token of a bot",
        ),
        name="ErrorCheckRobot",
        remedy=_BOT_ONLY,
    ),
    code(
        *(11263, TRANSIENT, "检查频道授权时出错", "the check of the guild's grants broke down", Special.ONCE),
        name="ErrorCheckGuildAuth",
    ),
    code(
        *(11264, PERMISSION, "频道管理员没有授权这个接口", "the guild did not grant this call to the bot"),
        name="ErrorGuildAuthNotPass",
        remedy=_GRANT,
    ),
    code(
        *(
            11273,
            PERMISSION,
            "这个接口不能用用户令牌调用",
            "this call cannot be made with the token of a user",
        ),
        name="ErrorCheckUserAuth",
        remedy=_BOT_ONLY,
    ),
    code(
        *(11274, PERMISSION, "用户没有授权这个接口", "the user did not grant this call"),
        name="ErrorUserAuthNotPass",
    ),
    code(
        *(11281, TRANSIENT, "检查管理员身份时出错", "the check for administrators broke down", Special.ONCE),
        name="ErrorCheckAdminFailed",
    ),
    code(
        *(11282, PERMISSION, "需要管理员权限", "only an administrator may do this"),
        name="ErrorCheckAdminNotPass",
        remedy=_MAKE_ADMIN,
    ),
    code(
        *(11703, PERMISSION, "机器人不是群管理员", "the bot is not an administrator of the group"),
        remedy=_GROUP_ADMIN,
    ),
)

GENERAL: Final[tuple[CodeEntry, ...]] = in_area(
    Area.GENERAL,
    code(
        *(
            10001,
            STATE,
            "账号异常；分享链接：请求参数异常",
            "the account is not in order; share link: bad parameters",
        ),
        name="UnknownAccount",
    ),
    code(
        *(10003, STATE, "子频道异常；分享链接：读取机器人信息失败"),
        "the channel cannot be used; share link: the bot could not be looked up",
        Special.GONE,
        name="UnknownChannel",
        remedy=_IDS,
    ),
    code(
        *(10004, STATE, "频道异常；获取令牌时：机器人不存在"),
        "the guild cannot be used; when asking for a token: there is no such bot",
        Special.GONE,
        name="UnknownGuild",
        remedy=Text(
            "检查频道 ID；获取令牌时检查 AppID",
            "check the guild id; when asking for a token, check the appid",
        ),
        refuses_credentials=True,
    ),
    code(10013, PARAMETER, "缺少用户 ID", "the user id is missing"),
    code(
        11255,
        STATE,
        "请求无效，或资源不存在",
        "invalid request, or the resource does not exist",
        Special.GONE,
    ),
    code(11301, PARAMETER, "请求头无效", "the header is invalid", name="ErrorGetHTTPHeader"),
    code(
        11302,
        PARAMETER,
        "请求头中的账号无效",
        "the account in the header is invalid",
        name="ErrorGetHeaderUIN",
    ),
    code(11303, TRANSIENT, "获取昵称失败", "the nickname could not be looked up", name="ErrorGetNick"),
    code(11304, TRANSIENT, "获取头像失败", "the avatar could not be looked up", name="ErrorGetAvatar"),
    code(11305, TRANSIENT, "获取频道 ID 失败", "the guild id could not be looked up", name="ErrorGetGuildID"),
    code(11306, TRANSIENT, "获取频道信息失败", "the guild could not be looked up", name="ErrorGetGuildInfo"),
    code(
        *(12001, PARAMETER, "ID 转换失败，多半是 ID 格式错误或不属于本机器人"),
        "an id could not be translated: it is malformed, or belongs to another bot",
        name="ReplaceIDFailed",
        remedy=_IDS,
    ),
    code(12002, PARAMETER, "请求体无效", "the body of the call is invalid", name="RequestInvalid"),
    code(12003, TRANSIENT, "后端回包无效", "the back end answered nonsense", name="ResponseInvalid"),
    code(13011, PARAMETER, "不是语音子频道", "the channel is not a voice channel"),
    code(40011000, PARAMETER, "请求数据异常", "the data of the call is malformed"),
    code(
        *(40011028, STATE, "资源不存在（用户或群可能已注销）"),
        "the resource does not exist; the user or the group may be gone",
        Special.GONE,
    ),
)

SHARE: Final[tuple[CodeEntry, ...]] = in_area(
    Area.SHARE,
    code(10002, PARAMETER, "分享链接：请求头异常", "share link: the header is malformed"),
    code(10044, TRANSIENT, "分享链接：请求头缺少账号", "share link: the account is missing in the header"),
    code(11004, TRANSIENT, "分享链接：生成卡片失败", "share link: the card could not be built"),
)

STREAM: Final[tuple[CodeEntry, ...]] = in_area(
    Area.STREAM,
    code(
        *(40007, PARAMETER, "流式消息：已展示的前缀被改动", "stream: the part already shown was changed"),
        remedy=Text(
            "每次发送都要以已展示的全部内容开头", "begin each part with all that has been shown already"
        ),
    ),
    code(50001, TRANSIENT, "流式消息：内部错误", "stream: internal error"),
    code(50002, RATE, "流式消息：发送过于频繁", "stream: sent too often", Special.PACE),
)
