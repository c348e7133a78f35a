"""The children of `zhida up`: which there are with these settings, in which order they start."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict

import orjson

from service.child import Child
from service.postgres import Postgres
from service.probe import http_probe
from service.setting import WechatAccount, list_fields
from service.settings import ROOT, Settings
from service.valkey import valkey_child

BOT_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
MODEL = ROOT / "bot" / "models" / "zhida.tar.gz"
_ANY_ANSWER = range(100, 600)


def list_crew(settings: Settings) -> list[Child]:
    """List the children, those that others wait for first.

    A part that a URL replaces is no child of ours.
    """
    crew: list[Child] = []
    if not settings.database_url:
        crew.append(postgres_child(settings))
    if not settings.redis_url:
        crew.append(valkey_child(settings.runtime_dir / "valkey"))
    if settings.has_own_encoder:
        crew.append(encoder_child(settings))
    if not settings.rasa_urls:
        crew.append(_rasa(settings))
    if not settings.core_url:
        crew.append(_demo_core(settings))
    crew.append(_migrate(settings, crew))
    crew.append(_articles(settings, crew))
    crew.append(_serve(settings, crew))
    if settings.demo:
        crew.append(_lab(settings))
    return crew


def export(settings: Settings) -> dict[str, str]:
    """Say all settings as ZHIDA_ variables, so that every child sees the same ones."""
    env = {}
    for declared in list_fields(Settings):
        value = getattr(settings, declared.name)
        env[f"ZHIDA_{declared.name.upper()}"] = _say(value)
    env["ZHIDA_DATA_DIR"] = str(settings.data_dir.resolve())
    return env


def say_accounts(accounts: Mapping[str, WechatAccount]) -> str:
    """Say WeChat accounts as the JSON that ZHIDA_WECHAT_ACCOUNTS takes."""
    rows = {
        name: {key: value for key, value in asdict(account).items() if value is not None}
        for name, account in accounts.items()
    }
    return orjson.dumps(rows).decode()


def python_command(*words: str) -> tuple[str, ...]:
    """Give the command that runs a module of ours with this very interpreter."""
    return (sys.executable, "-m", *words)


def zhida_command(*words: str) -> tuple[str, ...]:
    """Give the command that runs `zhida` with this very interpreter."""
    return python_command("service.main", *words)


_ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""Several threads in one multiplication wait for each other on a busy machine."""


def postgres_child(settings: Settings) -> Child:
    """Describe the embedded database."""
    return Postgres(settings.data_dir / "postgres", settings.runtime_dir / "postgres").child()


def bot_environment(settings: Settings) -> dict[str, str]:
    """Say what the assistant's own Python needs to know; no secret beyond its own key."""
    return {
        "ZHIDA_RASA_PORT": str(settings.rasa_port),
        "ZHIDA_INTERNAL_PORT": str(settings.internal_port),
        "ZHIDA_ENCODER_URL": settings.encoder_url,
        "ZHIDA_RASA_KEY": settings.actions_token,
        "OMP_NUM_THREADS": "1",
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONWARNINGS": "ignore",
    }


def encoder_child(settings: Settings) -> Child:
    """Describe the encoder process."""
    model = () if settings.encoder == "e5" else ("--model", settings.encoder)
    return Child(
        name="encoder",
        title="向量编码器 · encoder",
        argv=python_command("knowledge.encoder_server", "--port", str(settings.encoder_port))
        + model,
        env={"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": os.environ.get("HF_HUB_OFFLINE", "1")},
        cwd=ROOT,
        probe=http_probe(settings.encoder_port, "/healthz"),
        port=settings.encoder_port,
        port_setting="ZHIDA_ENCODER_PORT",
        start_s=180.0,
    )


def _rasa(settings: Settings) -> Child:
    return Child(
        name="rasa",
        title="助手 · Rasa assistant",
        argv=(str(BOT_PYTHON), "-m", "bot.run", "--port", str(settings.rasa_port)),
        env=bot_environment(settings),
        cwd=ROOT,
        probe=http_probe(settings.rasa_port, "/webhooks/zhida/health"),
        port=settings.rasa_port,
        port_setting="ZHIDA_RASA_PORT",
        start_s=240.0,
    )


def _demo_core(settings: Settings) -> Child:
    return Child(
        name="core",
        title="演示柜台 · demo core",
        argv=zhida_command("demo-core"),
        env=export(settings),
        cwd=ROOT,
        probe=http_probe(settings.core_port, "/healthz"),
        port=settings.core_port,
        port_setting="ZHIDA_CORE_PORT",
    )


def _lab(settings: Settings) -> Child:
    return Child(
        name="lab",
        title="实验室 · lab",
        argv=zhida_command("lab"),
        env=export(settings),
        cwd=ROOT,
        probe=http_probe(settings.lab_port, "/", healthy=_ANY_ANSWER),
        port=settings.lab_port,
        port_setting="ZHIDA_LAB_PORT",
    )


def _migrate(settings: Settings, crew: list[Child]) -> Child:
    return Child(
        name="migrate",
        title="数据库结构 · schema",
        argv=zhida_command("migrate", "--only", "schema"),
        env=export(settings),
        cwd=ROOT,
        after=_present(crew, "postgres"),
        once=True,
        essential=True,
        start_s=300.0,
    )


def _articles(settings: Settings, crew: list[Child]) -> Child:
    return Child(
        name="articles",
        title="知识库 · articles",
        argv=zhida_command("migrate", "--only", "articles"),
        env=export(settings) | _ONE_THREAD,
        cwd=ROOT,
        after=(*_present(crew, "encoder"), "migrate"),
        once=True,
        start_s=600.0,
    )


def _serve(settings: Settings, crew: list[Child]) -> Child:
    return Child(
        name="serve",
        title="网站与工作者 · site, workers",
        argv=zhida_command("serve"),
        env=export(settings) | _ONE_THREAD,
        cwd=ROOT,
        after=(*_present(crew, "postgres", "valkey"), "migrate"),
        # Alive means that it answers; what its parts do is for /healthz to tell.
        probe=http_probe(settings.port, "/healthz", healthy=_ANY_ANSWER),
        port=settings.port,
        port_setting="ZHIDA_PORT",
        essential=True,
        stop_s=15.0,
        stop_signal=signal.SIGTERM,
    )


def _present(crew: list[Child], *names: str) -> tuple[str, ...]:
    return tuple(child.name for child in crew if child.name in names)


def _say(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, Mapping):
        return say_accounts(value)
    return str(value)
