"""The `zhida` command: one word a task; nothing heavy is imported before the task is known."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kernel.errors import ServiceError

EPILOG = """\
第一次使用 · the first time:
  make run               准备一切并启动演示 · set everything up and start the demo
  zhida ask "怎么开通创业板？"  在命令行问一句 · ask one question from the shell
  zhida doctor           检查安装与配置 · see what is amiss and how to mend it

配置 · settings: ZHIDA_… 环境变量或当前目录的 zhida.toml；`zhida settings` 逐项说明。
Each setting is a ZHIDA_… variable or a key of zhida.toml; `zhida settings` explains each.
Exit status: 0 fine, 1 failed, 2 wrong use or wrong setting, 130 interrupted.
"""


class Module(Protocol):
    """What each module of service/command offers."""

    def run(self, words: Sequence[str]) -> int:
        """Read the words after the command's name, do it, and return the exit status."""


@dataclass(frozen=True, slots=True)
class Command:
    """A word of the command line, what it does, and the module that does it."""

    name: str
    zh: str
    en: str
    group: str

    @property
    def module(self) -> str:
        """The module in service/command."""
        return f"service.command.{self.name.replace('-', '_')}"


COMMANDS = (
    Command("up", "启动产品与全部部件", "start the product with all its parts", "run"),
    Command("serve", "只启动网站与工作者", "start the site and its workers alone", "run"),
    Command("worker", "只启动工作者（可多机）", "start workers alone, on any machine", "run"),
    Command("migrate", "升级数据库结构、导入知识", "bring schema and articles up to date", "run"),
    Command("train", "训练助手", "train the assistant", "run"),
    Command("staff", "管理员工账号与角色", "say who may sign in at the desk", "run"),
    Command("tiers", "立即计算全部客户的分层", "compute the tiers of all clients now", "run"),
    Command("ask", "问一个问题", "ask one question", "try"),
    Command("smoke", "逐渠道走一遍真实流程", "walk through every channel once", "try"),
    Command("journey", "检查、试跑流程，导入交易日历", "check and try journeys", "try"),
    Command("eval", "用题集衡量回答质量", "measure the answers on a file of questions", "measure"),
    Command("bench", "与同类产品对比性能", "measure speed beside the peers", "measure"),
    Command("lab", "启动模拟微信等渠道", "start the fake providers", "demo"),
    Command("demo-core", "启动演示柜台", "start the demo broker core", "demo"),
    Command("proof", "离线校验送达证明", "check a proof of delivery, offline", "mend"),
    Command("doctor", "检查安装、连接与配置", "check what is installed and reachable", "mend"),
    Command("settings", "列出全部配置项", "list all settings", "mend"),
    Command("scaffold", "写出一个新渠道的开头", "write the beginning of a new channel", "extend"),
)
_GROUPS = {
    "run": "运行 · run",
    "try": "试用 · try",
    "measure": "衡量 · measure",
    "demo": "演示 · demo",
    "mend": "排障 · mend",
    "extend": "扩展 · extend",
}


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    words = sys.argv[1:] if words is None else list(words)
    if not words or words[0] in {"-h", "--help", "help"}:
        sys.stdout.write(format_help())
        return 0 if words else 2
    if words[0] in {"-V", "--version"}:
        return _print_version()
    command = next((one for one in COMMANDS if one.name == words[0]), None)
    if command is None:
        sys.stderr.write(f"zhida: 没有这个命令 · no such command: {words[0]}\n\n{format_help()}")
        return 2
    return _run(command, words[1:])


def format_help() -> str:
    """Return the page that `zhida --help` shows."""
    lines = ["智达 Zhida：证券期货客户服务 · client service for brokers", ""]
    lines += ["用法 · usage: zhida COMMAND [ARGUMENTS]   (zhida COMMAND --help)", ""]
    for group, title in _GROUPS.items():
        lines.append(f"{title}:")
        lines += [f"  {one.name:<10} {one.zh} · {one.en}" for one in COMMANDS if one.group == group]
        lines.append("")
    return "\n".join([*lines, EPILOG])


def _run(command: Command, words: Sequence[str]) -> int:
    try:
        module: Module = importlib.import_module(command.module)
        return module.run(words)
    except ServiceError as error:
        sys.stderr.write(f"zhida {command.name}: {error.zh}\n  {error.message}\n")
        return 2 if error.code == "invalid_setting" else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _print_version() -> int:
    from importlib.metadata import version

    sys.stdout.write(f"zhida {version('zhida')}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
