"""What `zhida doctor` looks at, one small question each, with the remedy for a bad answer."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

from kernel.errors import ServiceError
from service.crew import BOT_PYTHON, MODEL, list_crew
from service.postgres import find_account, find_binaries
from service.probe import find_owner, get_status, is_free
from service.settings import ROOT, Settings
from service.source import list_unknown
from service.valkey import find_binary

_LEAST_FREE_GB = 1.0
_GB = 1024**3


class Verdict(StrEnum):
    """How a finding is to be taken."""

    FINE = "ok"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, and how to mend it."""

    what: str
    verdict: Verdict
    detail: str
    remedy: str = ""


def look_at_installation(_: Settings) -> Iterator[Finding]:
    """See that everything `make setup` brings is there."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("Python", Verdict.FINE, f"{python} ({sys.executable})")
    for package in ("aiohttp", "sqlalchemy", "torch", "sentence-transformers", "rasa-sdk"):
        yield _package(package)
    yield _file("assistant's Python", BOT_PYTHON, "make setup")
    yield _file("trained assistant", MODEL, "zhida train")
    yield _file("built console", ROOT / "console" / "dist", "make setup")
    for name, find in (("PostgreSQL", find_binaries), ("Valkey", find_binary)):
        try:
            yield Finding(name, Verdict.FINE, str(find()))
        except ServiceError as error:
            yield Finding(name, Verdict.BAD, error.message, "make setup")


def look_at_place(settings: Settings) -> Iterator[Finding]:
    """See that the data folder can be used."""
    folder = settings.data_dir if settings.data_dir.exists() else settings.data_dir.parent
    writable = os.access(folder, os.W_OK)
    yield Finding(
        "data folder",
        Verdict.FINE if writable else Verdict.BAD,
        str(settings.data_dir),
        "" if writable else "make it writable, or set ZHIDA_DATA_DIR",
    )
    free = shutil.disk_usage(folder).free / _GB if folder.exists() else 0.0
    enough = free >= _LEAST_FREE_GB
    yield Finding(
        "disk", Verdict.FINE if enough else Verdict.BAD, f"{free:.1f} GB free", "free some space"
    )
    if not settings.database_url and os.geteuid() == 0:
        try:
            account = find_account()
            detail = f"root; PostgreSQL runs as {account.name if account else '?'}"
            yield Finding("account", Verdict.NOTE, detail, "better: a user of its own")
        except ServiceError as error:
            yield Finding("account", Verdict.BAD, error.message, "start as another user")


def look_at_settings(settings: Settings) -> Iterator[Finding]:
    """See what is odd in the settings."""
    for unknown in list_unknown():
        yield Finding("setting", Verdict.BAD, f"no such setting: {unknown}", "zhida settings")
    if settings.demo:
        yield Finding("mode", Verdict.NOTE, "demo: fake providers", "production: ZHIDA_DEMO=false")
    if settings.host not in {"127.0.0.1", "localhost", "::1"} and not settings.public_url:
        yield Finding(
            "address", Verdict.NOTE, f"listens on {settings.host}", "set ZHIDA_PUBLIC_URL"
        )
    if settings.public_url and not settings.public_url.startswith("https://"):
        yield Finding("address", Verdict.NOTE, "clients come without TLS", "use https://…")
    if not settings.wechat_accounts:
        yield Finding("WeChat", Verdict.NOTE, "no account", "set ZHIDA_WECHAT_ACCOUNTS")
    for name, account in settings.wechat_accounts.items():
        where = urlsplit(account.api_base).netloc
        yield Finding("WeChat", Verdict.FINE, f"account {name} at {where}")


async def look_at_parts(settings: Settings) -> list[Finding]:
    """Ask each part whether it runs, and where it does not, whether its port is free."""
    findings = []
    for child in list_crew(settings):
        if child.once:
            continue
        if await child.probe():
            findings.append(Finding(child.name, Verdict.FINE, "running"))
        elif child.port is not None and not is_free(child.port):
            owner = find_owner(child.port) or "another program"
            remedy = f"stop it, or set {child.port_setting}"
            taken = f"port {child.port} is taken by {owner}"
            findings.append(Finding(child.name, Verdict.BAD, taken, remedy))
        else:
            findings.append(Finding(child.name, Verdict.NOTE, "not running", "zhida up"))
    findings += await _look_outside(settings)
    return findings


async def _look_outside(settings: Settings) -> list[Finding]:
    findings = []
    for name in ("database_url", "redis_url", "core_url"):
        url = getattr(settings, name)
        if url:
            findings.append(_reachable(f"ZHIDA_{name.upper()}", url))
    findings += [_reachable("ZHIDA_RASA_URLS", url) for url in settings.rasa_urls]
    if await get_status(settings.port, "/healthz") == 503:
        findings.append(
            Finding("serve", Verdict.BAD, "its database is down", f"{settings.site_url}/healthz")
        )
    return findings


def _reachable(name: str, url: str) -> Finding:
    parts = urlsplit(url)
    if parts.scheme == "unix" or not parts.hostname:
        there = Path(parts.path).exists()
        verdict = Verdict.FINE if there else Verdict.BAD
        return Finding(name, verdict, parts.path, "" if there else "is the server running?")
    port = parts.port or {"https": 443, "http": 80, "postgresql": 5432}.get(parts.scheme, 6379)
    try:
        with socket.create_connection((parts.hostname, port), timeout=3.0):
            return Finding(name, Verdict.FINE, f"{parts.hostname}:{port} is reachable")
    except OSError as error:
        detail = f"{parts.hostname}:{port}: {error}"
        return Finding(name, Verdict.BAD, detail, "check address, firewall and server")


def _package(name: str) -> Finding:
    try:
        return Finding(name, Verdict.FINE, version(name))
    except PackageNotFoundError:
        return Finding(name, Verdict.BAD, "not installed", "make setup")


def _file(what: str, path: Path, remedy: str) -> Finding:
    if path.exists():
        return Finding(what, Verdict.FINE, str(path))
    return Finding(what, Verdict.BAD, f"{path} is missing", remedy)
