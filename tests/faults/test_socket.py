"""Sockets that never read harm nobody; a storm of reconnects loses and doubles nothing."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import statistics
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass

import psutil
import pytest

from kernel.message import Author, Content
from store import outbox
from tests.faults.diary import Diary
from tests.faults.ground import Ground
from tests.faults.house import House, open_house
from tests.faults.load import ChatGuest, talk_all
from tests.faults.oracle import judge
from tests.faults.sheet import Sheet
from tests.faults.size import pick
from tests.faults.view import check_view

SLOW = pick(30, 300)
BACKLOG = 900
STORM = pick(200, 1000)
MEGABYTE = 1 << 20


@pytest.mark.timeout(pick(120, 600))
async def test_sockets_that_never_read_are_cut_and_harm_nobody(
    ground: Ground, diary: Diary, sheet: Sheet
) -> None:
    async with open_house(ground) as house:
        await house.open()
        async with ChatGuest(house, diary) as first:
            await first.ask()
            await write_backlog(house, first.conversation)
            quick = [ChatGuest(house, diary) for _ in range(5)]
            for guest in quick:
                await guest.__aenter__()
            before = await time_answers(quick)
            first_wave = await withstand_wave(house, first.token, quick)
            second_wave = await withstand_wave(house, first.token, quick)
            for guest in quick:
                await guest.__aexit__()
            await check_view(house, first)
        verdict = sheet.add(f"2 x {SLOW} sockets that never read", await judge(house, diary))
    for wave in (first_wave, second_wave):
        sheet.note(
            f"{SLOW} deaf sockets: cut within {wave.cut_after:.1f} s, memory +"
            f"{wave.grown / MEGABYTE:.0f} MB, median answer for others {before * 1000:.0f} ms "
            f"before, {wave.answer * 1000:.0f} ms during"
        )
    verdict.check(unknown=0)
    assert second_wave.grown < max(20, SLOW // 2) * MEGABYTE


@dataclass(frozen=True)
class Wave:
    """What a wave of deaf sockets did: until when they were held, to memory, to the others."""

    cut_after: float
    grown: int
    answer: float


async def withstand_wave(house: House, token: str, quick: list[ChatGuest]) -> Wave:
    """Let deaf sockets come, see how the others fare, and wait until they are cut."""
    product = psutil.Process(house.lives["serve"])
    memory = product.memory_info().rss
    with ExitStack() as stack:
        deaf = [stack.enter_context(connect_deaf(house, token)) for _ in range(SLOW)]
        answer = await time_answers(quick)
        cut_after = await await_cut(house, deaf)
    return Wave(cut_after, product.memory_info().rss - memory, answer)


async def write_backlog(house: House, conversation: str) -> None:
    """Put more into a conversation than a stuck socket can hold."""
    from uuid import UUID

    long = Content(text="长" * 1900)
    async with house.database.transaction() as connection:
        for _ in range(BACKLOG):
            draft = outbox.Draft(UUID(conversation), Author.SYSTEM, long, state="accepted")
            await outbox.post(connection, house.cipher, draft)


async def time_answers(guests: list[ChatGuest], rounds: int = 3) -> float:
    """Return the median time from a question to its answer, in seconds."""
    times = []
    for _ in range(rounds):
        for guest in guests:
            count, began = len(guest.seen), time.monotonic()
            assert await guest.ask()
            await guest.until(count + 2)
            times.append(time.monotonic() - began)
    return statistics.median(times)


def connect_deaf(house: House, token: str) -> socket.socket:
    """Open a chat socket with hardly any buffer, say hello, and never read a byte."""
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", house.ground.settings.port))
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        "GET /chat/ws HTTP/1.1",
        f"Host: 127.0.0.1:{house.ground.settings.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: chat.v1, bearer.{token}",
        "\r\n",
    ]
    hello = b'{"type":"hello","after":0}'
    mask = b"\0\0\0\0"
    deaf.sendall("\r\n".join(lines).encode() + bytes([0x81, 0x80 | len(hello)]) + mask + hello)
    return deaf


async def await_cut(house: House, deaf: list[socket.socket]) -> float:
    """Return after how many seconds the product had let go of every deaf socket."""
    ports, began = {one.getsockname()[1] for one in deaf}, time.monotonic()
    product = psutil.Process(house.lives["serve"])
    async with asyncio.timeout(120):
        while any(
            one.status == psutil.CONN_ESTABLISHED and ports & set(one.raddr[1:])
            for one in product.net_connections("tcp")
        ):
            await asyncio.sleep(0.2)
    return time.monotonic() - began


@pytest.mark.timeout(pick(120, 900))
async def test_reconnect_storm_misses_and_doubles_nothing(
    ground: Ground, diary: Diary, sheet: Sheet
) -> None:
    async with open_house(ground) as house:
        await house.open()
        guests = [ChatGuest(house, diary, tries=100) for _ in range(STORM)]
        for guest in guests:
            await guest.__aenter__()
        asking = asyncio.create_task(talk_all(guests, 2, pause=1.0))
        await asyncio.gather(*(guest.until(1, pick(60, 240)) for guest in guests))
        for guest in guests:
            with suppress(AttributeError):
                await guest.drop()
        began = time.monotonic()
        await asking
        verdict = await judge(house, diary)
        for guest in guests:
            await check_view(house, guest)
        sheet.note(
            f"storm of {STORM}: all resumed and answered {time.monotonic() - began:.1f} s on"
        )
        for guest in guests:
            await guest.__aexit__()
    sheet.add(f"{STORM} sockets dropped at once", verdict)
    verdict.check(unknown=0)
    assert verdict.answered == verdict.acked == verdict.n == 2 * STORM
    assert sum(guest.connects for guest in guests) >= 2 * STORM
