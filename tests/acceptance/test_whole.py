"""The main job over the whole product: Rasa answers, a person answers, parts die and come back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import aiohttp
import psutil
import pytest
import pytest_asyncio

from service.visit import Answer, ChatVisit, DeskVisit, WechatVisit
from tests.acceptance.product import Product
from web.api.health import KEPT_SECONDS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]
WORDS = {
    "rasa": "bot.run",
    "encoder": "knowledge.encoder_server",
    "core": "service.main demo-core",
    "lab": "service.main lab",
    "serve": "service.main serve",
    "valkey": "valkey-server",
}
BACK_SECONDS = 200.0


@pytest_asyncio.fixture(loop_scope="session")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    jar = aiohttp.CookieJar(unsafe=True)
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=jar) as http:
        yield http


async def test_every_part_is_well(product: Product, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{product.url}/healthz") as answer:
        health = await answer.json()
    assert health["status"] == "ok"
    assert {part["state"] for part in health["parts"].values()} == {"ok"}
    assert {"database", "valkey", "encoder", "core", "rasa", "lab"} <= health["parts"].keys()


@pytest.mark.parametrize("channel", ["chat", "wechat"])
async def test_rasa_answers_from_the_articles(
    product: Product, http: aiohttp.ClientSession, channel: str
) -> None:
    answer = await ask(product, http, channel, "创业板怎么开通？")
    assert "创业板" in answer.text
    assert "工单" not in answer.text


async def test_a_person_answers_in_wechat(product: Product, http: aiohttp.ClientSession) -> None:
    settings, mark = product.instance.settings, uuid4().hex[:8]
    client, agent = WechatVisit(http, settings), DeskVisit(http, settings)
    said = await client.ask(f"转人工，编号 {mark}")
    assert "工单号" in said.text
    await agent.open()
    ticket = await agent.take(mark)
    assert ticket["number"] in said.text
    reply = f"您好，我是客服，正在处理 {mark}。"
    await agent.reply(ticket, reply)
    sent = await find_in_ledger(product, http, mark)
    assert sent["body"] == {"content": reply}
    await agent.resolve(ticket, "已解答")


async def find_in_ledger(
    product: Product, http: aiohttp.ClientSession, mark: str
) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            async with http.get(f"{product.lab_url}/lab/ledger") as answer:
                entries = (await answer.json())["entries"]
            for entry in entries:
                if mark in str(entry["body"]) and entry["kind"] == "custom":
                    return dict(entry)
            await asyncio.sleep(0.1)


async def test_without_rasa_clients_hear_the_truth_until_it_is_back(
    product: Product, http: aiohttp.ClientSession
) -> None:
    killed = kill_part(product, "rasa")
    for channel in ("chat", "wechat"):
        began = time.monotonic()
        answer = await ask(product, http, channel, f"期货夜盘几点开始{uuid4().hex[:4]}？")
        print(f"{channel} without Rasa: {time.monotonic() - began:.2f} s")  # noqa: T201
        assert "工单号" in answer.text
    await await_back(product, http, "rasa", killed)
    answer = await ask(product, http, "chat", "创业板怎么开通？")
    assert "创业板" in answer.text


@pytest.mark.parametrize("part", ["encoder", "core", "lab", "valkey", "serve"])
async def test_a_part_that_dies_comes_back(
    product: Product, http: aiohttp.ClientSession, part: str
) -> None:
    killed = kill_part(product, part)
    await await_back(product, http, part, killed)
    for channel in ("chat", "wechat"):
        answer = await ask(product, http, channel, "创业板怎么开通？")
        assert "创业板" in answer.text


async def ask(product: Product, http: aiohttp.ClientSession, channel: str, text: str) -> Answer:
    settings = product.instance.settings
    if channel == "wechat":
        return await WechatVisit(http, settings).ask(text)
    visit = ChatVisit(http, settings)
    await visit.open()
    return await visit.ask(text)


def kill_part(product: Product, part: str) -> int:
    """Kill a part's process and return its pid."""
    victim = find_part(product, part)
    assert victim is not None
    victim.kill()
    return victim.pid


def find_part(product: Product, part: str) -> psutil.Process | None:
    for one in psutil.Process(product.instance.process.pid).children():
        with suppress(psutil.NoSuchProcess):
            if WORDS[part] in " ".join(one.cmdline()) and one.status() != psutil.STATUS_ZOMBIE:
                return one
    return None


async def await_back(product: Product, http: aiohttp.ClientSession, part: str, killed: int) -> None:
    """Wait until another process does a part's work, and every part is well."""
    began = time.monotonic()
    async with asyncio.timeout(BACK_SECONDS):
        while (found := find_part(product, part)) is None or found.pid == killed:
            await asyncio.sleep(0.1)
    await asyncio.sleep(KEPT_SECONDS + 0.5)  # /healthz may still tell what it found before
    await product.instance.await_well(http, BACK_SECONDS)
    print(f"{part} is back after {time.monotonic() - began:.1f} s")  # noqa: T201
