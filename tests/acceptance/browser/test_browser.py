"""The screens in a real browser: over the fake house for mishaps, over Zhida for the main job."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.acceptance.product import Product
from tests.peer import ROOT, find_node

HERE = Path(__file__).parent
SECONDS = 540


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "script",
    [
        "widget.test.mjs",
        "desk.test.mjs",
        "client.test.mjs",
        "picture.test.mjs",
        "channels.test.mjs",
        "task.test.mjs",
        "marketing.test.mjs",
        "letters.test.mjs",
        "mending.test.mjs",
        "webhooks.test.mjs",
        "book.test.mjs",
        "lab.test.mjs",
    ],
)
async def test_screens_over_fakes(script: str) -> None:
    await _play(script, {})


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.asyncio(loop_scope="session")
async def test_client_and_agent_over_the_running_product(product: Product) -> None:
    names = {
        "ZHIDA_URL": product.url,
        "ZHIDA_LAB_URL": product.lab_url,
        "ZHIDA_DEMO_PASSWORD": product.demo_password,
    }
    await _play("whole.test.mjs", names)


async def _play(script: str, names: Mapping[str, str]) -> None:
    """Run a file of browser tests with Node; what failed is in the message."""
    assert (ROOT / "console/dist/widget.js").exists(), "The console is not built: run `make setup`."
    process = await asyncio.create_subprocess_exec(
        *(find_node(), "--test", "--test-reporter=spec", str(HERE / script)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **names},
    )
    try:
        async with asyncio.timeout(SECONDS):
            output, _ = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    assert process.returncode == 0, output.decode("utf-8", "replace")[-6000:]
