"""Prism over Twilio's own OpenAPI, both from npm: a server that refuses what Twilio would."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.peer import PEERS, find_node
from tests.wechat import free_port

MODULES = PEERS / "node_modules"
PRISM = MODULES / "@stoplight" / "prism-cli" / "dist" / "index.js"
SPEC = MODULES / "@twilio" / "cli-core" / "src" / "services" / "twilio-api"
READY_SECONDS = 60.0


@contextmanager
def running_prism(folder: Path, *ends: str) -> Iterator[str]:
    """Serve the paths of Twilio's api_v2010 that end so, and give the server's address."""
    assert PRISM.exists(), "No Prism in tests/peers: run `make setup`."
    spec = folder / "twilio.json"
    spec.write_text(
        json.dumps(trim(json.loads((SPEC / "twilio_api_v2010.json").read_text()), ends))
    )
    port = free_port()
    process = subprocess.Popen(
        [find_node(), str(PRISM), "mock", "-h", "127.0.0.1", "-p", str(port), str(spec)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "SCARF_ANALYTICS": "false"},
    )
    try:
        _await_answer(f"http://127.0.0.1:{port}/", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def trim(spec: dict[str, Any], ends: tuple[str, ...]) -> dict[str, Any]:
    """Keep a few paths, and say how arrays stand in a form, which Prism cannot guess."""
    spec["paths"] = {path: one for path, one in spec["paths"].items() if path.endswith(ends)}
    for path in spec["paths"].values():
        for operation in path.values():
            _encode_arrays(operation)
    return spec


def _encode_arrays(operation: Any) -> None:
    if not isinstance(operation, dict):
        return
    content = operation.get("requestBody", {}).get("content", {})
    form = content.get("application/x-www-form-urlencoded", {})
    for name, schema in form.get("schema", {}).get("properties", {}).items():
        if schema.get("type") == "array":
            form.setdefault("encoding", {})[name] = {"style": "form", "explode": True}


def _await_answer(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "Prism ended by itself."
        try:
            urllib.request.urlopen(url, timeout=2)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("Prism did not answer in time.")
