"""Starts a Node peer from `tests/peers` and talks to it by lines of JSON; missing is a failure."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / "tests" / "peers"


@dataclass
class Peer:
    """A running Node program."""

    process: asyncio.subprocess.Process

    async def ask(self, request: Mapping[str, Any]) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        await self.process.stdin.drain()
        return await self.hear()

    async def hear(self) -> Any:
        assert self.process.stdout is not None
        async with asyncio.timeout(30):
            line = await self.process.stdout.readline()
        assert line, "the peer has ended"
        return json.loads(line)


def find_node() -> str:
    """Return the Node that `make setup` brings."""
    node = ROOT / ".tools" / "node" / "bin" / "node"
    assert node.exists(), "No Node in .tools: run `make setup`."
    assert (PEERS / "node_modules").is_dir(), "No peers in tests/peers: run `make setup`."
    return str(node)


@asynccontextmanager
async def running_peer(script: str, environment: Mapping[str, str]) -> AsyncIterator[Peer]:
    process = await asyncio.create_subprocess_exec(
        find_node(),
        "--no-deprecation",
        str(PEERS / script),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={"PATH": os.environ.get("PATH", ""), **environment},
    )
    try:
        yield Peer(process)
    finally:
        process.kill()
        await process.wait()
        assert process.stdin is not None
        process.stdin.close()
