"""Pass on to uv what this machine's pip already knows: mirrors, wheels on disk, certificates."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping


def find_uv_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Give the environment that makes uv use the same index and certificates as pip."""
    found = {
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": environ.get("UV_PYTHON_DOWNLOADS", "manual"),
        "UV_HTTP_TIMEOUT": environ.get("UV_HTTP_TIMEOUT", "60"),
    }
    index = environ.get("PIP_INDEX_URL") or _pip_config("global.index-url")
    if index and "UV_DEFAULT_INDEX" not in environ and "UV_INDEX_URL" not in environ:
        found["UV_DEFAULT_INDEX"] = index
    certificate = environ.get("PIP_CERT")
    if certificate and "SSL_CERT_FILE" not in environ:
        found["SSL_CERT_FILE"] = certificate
    return found


def find_wheel_folders(environ: Mapping[str, str]) -> list[str]:
    """List the folders or pages where pip was told to look for wheels (PIP_FIND_LINKS)."""
    links = environ.get("PIP_FIND_LINKS") or _pip_config("global.find-links")
    return links.split()


def _pip_config(key: str) -> str:
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "pip", "config", "get", key],
            capture_output=True,
            check=False,
            timeout=20,
            text=True,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
