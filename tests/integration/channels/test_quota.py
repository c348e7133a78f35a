"""Bot, agent, survey and orchestrator at once: WeChat's quota holds, one message is for people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

from channels.deliver import Deliverer
from channels.wechat.payload import MESSAGE_RULE
from kernel.message import Author, Content
from store import outbox
from store.cipher import Cipher
from store.conversation import Said
from store.engine import Database
from store.outbox import Draft
from tests.ledger import said
from tests.stage import Stage, make_stage
from tests.wechat import OPENID, Lab, running_lab, wechat_channel

SENDERS = 16
QUOTA, RESERVE = 5, 1


async def test_wechat_is_never_called_beyond_its_quota(database: Database, cipher: Cipher) -> None:
    stage = make_stage(database, cipher)
    async with running_lab() as lab:
        lab.world.windows.open("demo", OPENID, "message")
        channel = wechat_channel(lab)
        stage.deliverer.channels.add(channel)
        spoken = replace(said("a", who=OPENID), window_rule=MESSAGE_RULE)
        talk = (await stage.receiver.receive(spoken)).conversation_id
        authors = [Author.BOT, Author.SYSTEM] * (SENDERS // 2)
        await asyncio.gather(*(write(stage, talk, author) for author in authors))
        async with several_deliverers(stage, 3):
            page = await settled(stage, talk, SENDERS)
            assert states(page) == ["accepted"] * (QUOTA - RESERVE) + ["rejected"] * 12
            await asyncio.gather(*(write(stage, talk, Author.AGENT) for _ in range(2)))
            page = await settled(stage, talk, SENDERS + 2)
        assert states(page)[-2:] == ["accepted", "rejected"]
        assert {one.reason for one in page if one.state == "rejected"} == {"window"}
        assert len(lab.ledger) == QUOTA
        assert await refusals(lab) == []
        await channel.close()


@asynccontextmanager
async def several_deliverers(stage: Stage, count: int) -> AsyncIterator[None]:
    made = [
        Deliverer(stage.database, stage.cipher, stage.deliverer.channels, stage.hub, f"d{number}")
        for number in range(count)
    ]
    tasks = [asyncio.create_task(one.run()) for one in made]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def write(stage: Stage, talk: UUID, author: Author) -> None:
    draft = Draft(talk, author, Content(text=f"来自{author}"))
    async with stage.database.transaction() as connection:
        await outbox.post(connection, stage.cipher, draft)


async def settled(stage: Stage, talk: UUID, count: int) -> list[Said]:
    async with asyncio.timeout(30):
        while True:
            page = [one for one in await stage.transcript(talk) if one.direction == "out"]
            if len(page) == count and {"queued", "sending"}.isdisjoint(states(page)):
                return page
            await asyncio.sleep(0.05)


def states(page: list[Said]) -> list[str | None]:
    return [one.state for one in page]


async def refusals(lab: Lab) -> list[object]:
    """Return what WeChat refused: a sender that keeps to the quota is never refused."""
    async with lab.session.get("/lab/trace") as answer:
        entries = (await answer.json())["entries"]
    return [one for one in entries if '"errcode": 4' in str(one.get("answer"))]
