"""Exit codes of the process, explained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from qqbot_cli.errors import ExitCode
from qqbot_cli.model.language import Text

_RESTART: Final = Text("可以自动重启", "restart it")
_LEAVE: Final = Text(
    "不要自动重启：每次启动都消耗会话额度", "do not restart it: each start costs session starts"
)
_IN_VAIN: Final = Text("不要自动重启：结果不会变", "do not restart it: it would end the same way")
_DONE: Final = Text("不需要重启", "nothing to restart")


@dataclass(frozen=True, slots=True)
class ExitEntry:
    """What an exit code says."""

    meaning: Text
    remedy: Text
    restart: Text
    """What a process supervisor should do."""


EXITS: Final[dict[ExitCode, ExitEntry]] = {
    ExitCode.OK: ExitEntry(Text("正常结束", "an orderly end"), Text("不用处理", "nothing"), _DONE),
    ExitCode.BUG: ExitEntry(
        Text("意外错误", "an error that was not expected"),
        Text(
            "查看日志末尾的错误；看起来是 qqbot 的缺陷时请反馈",
            "read the end of the log; report it if qqbot is at fault",
        ),
        _RESTART,
    ),
    ExitCode.USAGE: ExitEntry(
        Text("命令行参数有误", "the command line is wrong"),
        Text("查看 qqbot --help", "see qqbot --help"),
        _IN_VAIN,
    ),
    ExitCode.UNREACHABLE: ExitEntry(
        Text("连不上平台", "the platform cannot be reached"),
        Text(
            "检查网络、代理和配置中的 endpoints:",
            "check the network, the proxy and endpoints: in the configuration",
        ),
        _RESTART,
    ),
    ExitCode.TEMPORARY: ExitEntry(
        Text(
            "暂时无法运行：今天的会话启动次数已用完，或存储所在磁盘已满、被其他进程锁定或运行中损坏",
            "not now: the day's session starts are used up, or the store is full, locked or was damaged",
        ),
        Text(
            "等额度恢复（qqbot gateway-info 显示剩余次数）；存储已满就腾出磁盘空间，被锁定就等那个进程结束，"
            "损坏时重新启动即可",
            "wait until they come back (qqbot gateway-info shows when); make room on the disk, or wait for"
            " who has locked the store; a damaged one is put aside by the next start",
        ),
        Text("过一段时间再启动", "start it again after a while"),
    ),
    ExitCode.REFUSED: ExitEntry(
        Text(
            "平台拒绝了机器人：AppID、AppSecret、IP 白名单、intents 有误，或已被封禁",
            "the platform refuses the bot: appid, secret, allow-list or intents are wrong, or it is banned",
        ),
        Text(
            "按错误信息修改；qqbot check-token 可以单独检查",
            "do what the message says; qqbot check-token tries it alone",
        ),
        _LEAVE,
    ),
    ExitCode.CONFIG: ExitEntry(
        Text(
            "配置、插件有误，或存储无法按配置使用（无权限、只读、属于别的机器人、版本更新）",
            "the configuration, a plugin or a store cannot be used (the store: no permission, read-only,"
            " that of another bot, of a newer version)",
        ),
        Text(
            "按错误信息指出的文件和行修改，或按其中的办法处理存储",
            "correct the file and the line that the message names, or do what it says of the store",
        ),
        _IN_VAIN,
    ),
    ExitCode.INTERRUPTED: ExitEntry(
        Text("再次按 Ctrl+C，立即结束", "a second Ctrl+C ended it at once"),
        Text("不用处理", "nothing"),
        _DONE,
    ),
}
