"""Close codes of the gateway, explained: what `CLOSE_RULES` says, with its sentences in Chinese too."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.language import Text
from qqbot_cli.model.opcode import CLOSE_RULES, CloseRule, Recovery, close_rule

CLOSE_CODES: Final = range(4000, 5000)
"""Those of the platform; numbers below are everybody's, and explained only where there is a rule."""

ACTIONS: Final[dict[Recovery, Text]] = {
    Recovery.RESUME: Text("会：自动重连并恢复会话，不丢事件", "yes: it resumes the session, nothing is lost"),
    Recovery.RESUME_TWICE: Text(
        "会：先恢复会话，连续失败后新建会话",
        "yes: it resumes the session, and starts a new one if that keeps failing",
    ),
    Recovery.IDENTIFY: Text(
        "会：自动新建会话，断线期间的事件会丢失",
        "yes: it starts a new session; events in between are lost",
    ),
    Recovery.IDENTIFY_RARELY: Text(
        "会：新建会话，但不会无休止地重复", "yes: it starts a new session, but not again and again"
    ),
    Recovery.RESHARD: Text("会：重新查询分片数量", "yes: it asks for the number of shards again"),
    Recovery.STOP: Text("不会：这个分片停止运行", "no: the shard stops"),
}
"""Whether qqbot goes on by itself."""

_FRESH_TOKEN: Final = Text("，先换新的访问令牌", ", with a new access token")

NOTHING_TO_DO: Final = Text("不用处理", "nothing")

_CHINESE: Final[dict[str, str]] = {
    "closed normally": "连接正常关闭",
    "server is going away": "服务端正在退出",
    "a frame of the platform broke the protocol": "平台发来的数据帧不合协议",
    "connection lost": "连接中断",
    "a frame of the platform was too large": "平台发来的数据帧过大",
    "server error": "服务端错误",
    "server restarts": "服务端重启",
    "server overloaded": "服务端过载",
    "bad gateway": "网关错误",
    "unknown error": "未知错误",
    "invalid opcode": "操作码无效",
    "invalid payload": "数据内容无效",
    "not authenticated": "尚未鉴权",
    "authentication failed": "鉴权失败",
    "already authenticated": "重复鉴权",
    "invalid session id": "会话 ID 无效",
    "wrong sequence number": "消息序号错误",
    "frames sent too fast": "发送过快",
    "session timed out": "会话超时",
    "invalid shard": "分片参数无效",
    "too many guilds on this shard": "这个分片上的频道过多",
    "invalid version": "协议版本无效",
    "invalid intents": "intents 无效",
    "intents not permitted": "没有所请求的 intents 的权限",
    "session was resumed elsewhere": "会话已在别处恢复",
    "the platform could not create a session": "平台未能创建会话",
    "internal error of the platform": "平台内部错误",
    "bot is off-line, only the sandbox may connect": "机器人已下架，只能连接沙箱环境",
    "bot is banned": "机器人已被封禁",
    "unknown close code": "未知的关闭码",
    "this is a fault of qqbot: please report it with the log": "这是 qqbot 的缺陷：请附日志反馈",
    "was the secret changed? compare appid and secret with the management console": (
        "检查 AppSecret 是否已重置，到开放平台核对 AppID 与 AppSecret"
    ),
    "set shards: auto, or ids below count in shards: {count, ids}": (
        "设置 shards: auto，或让 shards: {count, ids} 中的 ids 都小于 count"
    ),
    "raise shards.count, or set shards: auto": "增大 shards.count，或设置 shards: auto",
    "update qqbot: the platform changed its protocol": "升级 qqbot：平台的协议已变更",
    "set intents: auto, or correct the list": "设置 intents: auto，或改正列表",
    "remove the intents the bot was not granted, or apply for them in the management console": (
        "去掉机器人没有权限的 intents，或到开放平台申请"
    ),
    "set sandbox: true in the configuration": "在配置中设置 sandbox: true",
    "contact the platform: the bot has been banned": "联系平台：机器人已被封禁",
}
"""Sentence of a rule -> the same in Chinese."""


def known_close(code: int) -> CloseRule | None:
    """Return the rule for *code*, or None if the gateway never closes with it."""
    return close_rule(code) if code in CLOSE_RULES or code in CLOSE_CODES else None


def in_both(sentence: str) -> Text:
    """Return *sentence* of a rule in both languages."""
    return Text(_CHINESE[sentence], sentence)


def recovery_in_words(rule: CloseRule) -> Text:
    """Return whether qqbot goes on by itself after a close, and how."""
    zh, en = ACTIONS[rule.recovery]
    if rule.fresh_token:
        zh, en = zh + _FRESH_TOKEN.zh, en + _FRESH_TOKEN.en
    if rule.pause is not None:
        least, most = rule.pause
        zh, en = f"{zh}，间隔 {least:g} 到 {most:g} 秒", f"{en}, after {least:g} to {most:g} s"
    return Text(zh, en)
