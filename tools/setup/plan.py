"""Which steps there are, what each waits for, and carrying them out side by side."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Mapping, Sequence

from tools.setup import assistant, environment, front
from tools.setup.failure import StepFailed
from tools.setup.place import (
    BOT_PYTHON,
    CONSOLE,
    NODE,
    PEERS,
    ROOT,
    STAMPS,
    UV,
    VENV,
    VENV_PYTHON,
)
from tools.setup.shell import Shell, stop_all
from tools.setup.step import Step

_STILL_EVERY_S = 20.0


def list_steps(*, tests: bool) -> list[Step]:
    """List the steps for running the product, and for its `tests` too if wanted."""
    steps = [*_python_steps(), *_node_steps()]
    if tests:
        steps.append(
            Step(
                "peers",
                "测试对照与浏览器 · test peers, browser",
                front.install_peers,
                after=("node",),
                inputs=(PEERS / "package-lock.json",),
                outputs=(PEERS / "node_modules",),
                registry="npm",
            )
        )
    if (ROOT / "config.yml").exists():
        steps += _product_steps()
    return steps


def _python_steps() -> list[Step]:
    return [
        Step(
            "uv",
            "包管理器 · uv",
            environment.install_uv,
            inputs=(ROOT / "tools" / "uv.lock",),
            outputs=(UV,),
        ),
        Step(
            "bot",
            "Rasa 环境 · Rasa, Python 3.10",
            environment.build_bot,
            after=("uv",),
            inputs=(ROOT / "bot" / "requirements.lock",),
            outputs=(BOT_PYTHON,),
        ),
        Step(
            "service",
            "服务环境 · service, Python 3.11+",
            environment.build_service,
            after=("uv",),
            inputs=(ROOT / "requirements.lock", ROOT / "pyproject.toml"),
            outputs=(VENV_PYTHON, VENV / "bin" / "zhida"),
        ),
    ]


def _node_steps() -> list[Step]:
    steps = [
        Step(
            "node",
            "Node.js 运行时 · Node",
            front.install_node,
            after=("uv",),
            inputs=(ROOT / "tools" / "node.lock",),
            outputs=(NODE,),
        )
    ]
    if (CONSOLE / "package-lock.json").exists():
        steps += [
            Step(
                "console-packages",
                "前端依赖 · console packages",
                front.install_console,
                after=("node",),
                inputs=(CONSOLE / "package-lock.json",),
                outputs=(CONSOLE / "node_modules",),
                registry="npm",
            ),
            Step(
                "console",
                "构建前端 · console build",
                front.build_console,
                after=("console-packages",),
                inputs=(CONSOLE,),
                outputs=(CONSOLE / "dist",),
                registry="npm",
            ),
        ]
    return steps


def _product_steps() -> list[Step]:
    knowledge = ROOT / "knowledge"
    return [
        Step(
            "assistant",
            "训练助手 · trained assistant",
            assistant.train_assistant,
            after=("service", "bot"),
            inputs=(ROOT / "config.yml", ROOT / "bot", knowledge / "articles")
            + (knowledge / "negative",),
            outputs=(ROOT / "bot" / "models" / "zhida.tar.gz",),
        ),
        Step(
            "knowledge",
            "导入知识 · database and articles",
            assistant.import_articles,
            after=("service",),
            inputs=(knowledge / "articles", knowledge / "negative", knowledge / "e5"),
            outputs=(ROOT / "var" / "cache",),
        ),
    ]


def run_steps(steps: Sequence[Step], env: Mapping[str, str], *, at_once: int = 3) -> None:
    """Carry out `steps`, each after those it waits for, at most `at_once` at a time.

    Prints a line at the start and the end of each with its seconds, and a sign of life while
    nothing ends. Raises the first StepFailed after stopping the others.
    """
    waiting = {step.name: step for step in steps}
    running: dict[str, float] = {}
    ended: queue.Queue[tuple[Step, BaseException | None]] = queue.Queue()
    while waiting or running:
        for step in _ready(waiting, running)[: at_once - len(running)]:
            del waiting[step.name]
            running[step.name] = time.monotonic()
            _say(f"  ▸ {step.title} …")
            threading.Thread(target=_carry_out, args=(step, env, ended), daemon=True).start()
        step, error = _next_ended(ended, running)
        seconds = time.monotonic() - running.pop(step.name)
        if error is not None:
            stop_all()
            _say(f"  ✗ {step.title}  {seconds:.1f} s")
            raise error
        step.record_done(seconds)
        _say(f"  ✓ {step.title}  {seconds:.1f} s")


def _ready(waiting: Mapping[str, Step], running: Mapping[str, float]) -> list[Step]:
    open_names = {*waiting, *running}
    return [step for step in waiting.values() if not open_names.intersection(step.after)]


def _next_ended(
    ended: queue.Queue[tuple[Step, BaseException | None]], running: Mapping[str, float]
) -> tuple[Step, BaseException | None]:
    while True:
        try:
            return ended.get(timeout=_STILL_EVERY_S)
        except queue.Empty:
            now = time.monotonic()
            still = ", ".join(f"{name} {now - since:.0f} s" for name, since in running.items())
            _say(f"    … {still}")


def _carry_out(
    step: Step, env: Mapping[str, str], ended: queue.Queue[tuple[Step, BaseException | None]]
) -> None:
    STAMPS.mkdir(parents=True, exist_ok=True)
    try:
        step.log.write_bytes(b"")
        step.run(Shell(step.log, step.registry, env))
    except (StepFailed, OSError) as error:
        ended.put((step, error))
    else:
        ended.put((step, None))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
