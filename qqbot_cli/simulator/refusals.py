"""How the platform says no: one row per refusal, with its HTTP status and both codes.

The status of many refusals is documented nowhere; those have 400, and 401 where a token is at fault.
Source: platform documentation, "错误码"; captured answers where its numbers differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer, without its trace id."""

    code: int
    message: str
    status: int = 400
    err_code: int | None = None
    """The newer number; None if it equals `code`."""

    def body(self, trace_id: str) -> dict[str, object]:
        """Return the JSON body."""
        return {
            "message": self.message,
            "code": self.code,
            "err_code": self.code if self.err_code is None else self.err_code,
            "trace_id": trace_id,
        }


class RefusedError(Exception):
    """Raised by a route; the border turns it into the answer."""

    def __init__(self, refusal: Refusal, *, retry_after: int | None = None) -> None:
        """*retry_after* is the number of seconds after which the call may be made, where there is one."""
        super().__init__(refusal.message)
        self.refusal = refusal
        self.retry_after = retry_after


TOKEN_BAD_APPID: Final = Refusal(100007, "appid invalid", 200)
TOKEN_BAD_SECRET: Final = Refusal(100016, "invalid appid or secret", 200)
TOKEN_BAD_BODY: Final = Refusal(100002, "internal err", 200)
TOKEN_TOO_OFTEN: Final = Refusal(100001, "Too many requests", 200)

NO_TOKEN: Final = Refusal(11241, "请求头未携带token", 401)
BAD_TOKEN: Final = Refusal(11244, "token not exist or expire", 401)
RETIRED_TOKEN: Final = Refusal(11245, "固定token已停用，请使用AccessToken", 401)

UNKNOWN_PATH: Final = Refusal(404, "接口不存在", 404)
WRONG_METHOD: Final = Refusal(405, "请求方法错误", 405)
OUT_OF_SERVICE: Final = Refusal(50001, "服务暂不可用", 503)

UNKNOWN_RESOURCE: Final = Refusal(11255, "资源不存在", err_code=40011028)
UNKNOWN_CHANNEL: Final = Refusal(12001, "替换id失败")
UNKNOWN_DM: Final = Refusal(304032, "私信不存在")

UNKNOWN_GUILD: Final = Refusal(10004, "频道异常")
UNKNOWN_CHANNEL_ID: Final = Refusal(10003, "子频道异常")
UNKNOWN_USER: Final = Refusal(10001, "账号异常")
BAD_REQUEST: Final = Refusal(12002, "请求体无效")
NOT_VOICE: Final = Refusal(13011, "不是音视频子频道")

NO_PRIVILEGE: Final = Refusal(11253, "检查应用权限不通过，该机器人没有访问此接口的权限")
GUILD_DID_NOT_GRANT: Final = Refusal(11264, "检查频道权限不通过，频道管理员没有授权该接口")
NOT_ADMIN: Final = Refusal(11282, "检查是否是管理员未通过，该接口需要管理员权限")
NOT_GROUP_ADMIN: Final = Refusal(11703, "not group admin")
TOO_FAST: Final = Refusal(429, "请求过于频繁", 429)

BAD_DATA: Final = Refusal(40011000, "请求数据异常")
BAD_KIND: Final = Refusal(340069, "msg_type无效")
KIND_MISMATCH: Final = Refusal(22006, "消息类型与内容不匹配")
EMPTY_CONTENT: Final = Refusal(304061, "消息内容无效")
BAD_NOTICE: Final = Refusal(50059, "输入状态类型错误")
KEYBOARD_TOO_BIG: Final = Refusal(40034029, "消息按钮行数或列数超限")
BAD_MSG_ID: Final = Refusal(40034024, "请求参数msg_id无效或越权")
MSG_ID_EXPIRED: Final = Refusal(40034005, "msg_id已过期，无法回复")
BAD_EVENT_ID: Final = Refusal(40034025, "请求参数event_id无效")
EVENT_ID_EXPIRED: Final = Refusal(40034026, "event_id已过期")
EVENT_NOT_ALLOWED: Final = Refusal(40034027, "该事件不支持回复")
TOO_MANY_REPLIES: Final = Refusal(40034128, "被动回复超时或超过次数限制")
REPEATED_SEQ: Final = Refusal(40054005, "消息被去重，请检查请求msgseq")
TOO_MANY_ACTIVE: Final = Refusal(40034100, "主动消息发送超过频率限制")

NO_SUCH_UPLOAD: Final = Refusal(10000, "不支持的上传操作")
BAD_FORMAT: Final = Refusal(850019, "文件格式不支持")
UNREACHABLE_FILE: Final = Refusal(850026, "按链接下载文件失败")
FILE_TOO_BIG: Final = Refusal(850031, "文件过大")
UPLOAD_FAILED: Final = Refusal(40093001, "上传失败，请重试")
VOLUME_USED_UP: Final = Refusal(40093002, "当日上传流量已用完")

TOO_LONG: Final = Refusal(40054007, "消息超长")
URL: Final = Refusal(40054010, "不允许发送url")
BAD_MEDIA: Final = Refusal(304080, "file_info无效")
EMPTY_VALUE: Final = Refusal(40034008, "markdown参数为空")
LINE_BREAK_VALUE: Final = Refusal(40034009, "markdown参数中不能有换行")
MARKUP_VALUE: Final = Refusal(40034010, "markdown模板参数中不能有markdown语法")
BAD_MARKDOWN: Final = Refusal(40034011, "无效的markdown")
COMMAND_NOT_HERE: Final = Refusal(40034106, "不支持该指令类型")
COMMAND_TOO_LONG: Final = Refusal(40034108, "指令参数超长")
COMMAND_UNREADABLE: Final = Refusal(40034109, "指令参数解析失败")
STREAM_PREFIX: Final = Refusal(40007, "已展示的前缀内容发生变化")
STREAM_TOO_FAST: Final = Refusal(50002, "流式消息发送过快")

TWO_MARKDOWNS: Final = Refusal(50057, "原生markdown与模板不能同时使用")
KEYBOARD_UNREADABLE: Final = Refusal(304039, "消息按钮解析失败")
KEYBOARD_WRONG: Final = Refusal(304040, "消息按钮内容错误")

GUILD_TOO_LONG: Final = Refusal(1000001, "msg over length", 500)
GUILD_URL: Final = Refusal(304003, "url not allowed", 403)
GUILD_EMPTY_VALUE: Final = Refusal(50041, "markdown参数为空")
GUILD_BAD_VALUE: Final = Refusal(50054, "markdown模板参数错误")
GUILD_BAD_MARKDOWN: Final = Refusal(50055, "无效的markdown内容")
BAD_FORM: Final = Refusal(50035, "表单数据异常")
BAD_PICTURE: Final = Refusal(304017, "文件上传失败")
EMPTY_MESSAGE: Final = Refusal(50006, "消息为空")
MARKDOWN_MIXED: Final = Refusal(50037, "markdown消息只支持与keyboard一起发送")
UNREADABLE_REFERENCE: Final = Refusal(50039, "引用的消息获取失败")
NO_GATEWAY_SESSION: Final = Refusal(304018, "机器人没有连接到gateway")
BAD_REPLY_ID: Final = Refusal(304026, "回复的消息id错误")
REPLY_ID_EXPIRED: Final = Refusal(304027, "回复的消息过期")
NO_PUSH: Final = Refusal(304048, "频道不允许推送主动消息")
CHANNEL_QUOTA: Final = Refusal(304045, "推送子频道消息数量超限")
DM_QUOTA: Final = Refusal(304049, "推送私信消息数量超限")

RECALL_UNKNOWN: Final = Refusal(306002, "消息id错误", err_code=40061002)
RECALL_TOO_LATE: Final = Refusal(306011, "撤回消息超出时间限制", err_code=40064004)
GUILD_RECALL_UNKNOWN: Final = Refusal(306002, "消息id错误")

RECALL_NOT_HERE: Final = Refusal(306007, "消息不属于该群")
RECALL_NOT_OWN: Final = Refusal(306008, "消息不是该机器人发送的")
GUILD_RECALL_NOT_ADMIN: Final = Refusal(306004, "没有撤回该消息的权限")
RECALL_NOT_ADMIN: Final = Refusal(306004, "没有撤回该消息的权限", err_code=40062003)

BAD_ACK: Final = Refusal(630001, "请求参数错误")
