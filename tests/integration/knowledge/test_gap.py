"""Gaps: like questions are counted together, masked, and never lost by two at once."""

from __future__ import annotations

import asyncio

import numpy as np

from knowledge.encoder import Vector
from knowledge.gap import Gaps, WatchedKnowledge
from knowledge.search import Found, FoundKind, Hit, Knowledge
from store.engine import Database
from tests.local_encoder import LocalEncoder


async def test_like_questions_are_one_gap(
    database: Database, knowledge: Knowledge, encoder: LocalEncoder
) -> None:
    gaps = Gaps(database, knowledge, encoder)
    for question in ("你们有碳排放权交易吗", "你們有碳排放權交易嗎？", "你们有碳排放权交易吗！"):
        await gaps.record(question)
    elsewhere = -(await encoder.encode(["你们有碳排放权交易吗"], kind="query"))[0]
    await gaps.record("能不能买比特币期货", vector=elsewhere)
    found = await gaps.find()
    assert [(gap.cluster, gap.count) for gap in found] == [
        ("你们有碳排放权交易吗", 3),
        ("能不能买比特币期货", 1),
    ]
    assert found[0].examples == ("你们有碳排放权交易吗",)


async def test_personal_data_is_masked_before_it_is_kept(
    database: Database, knowledge: Knowledge, encoder: LocalEncoder
) -> None:
    gaps = Gaps(database, knowledge, encoder)
    await gaps.record("我的手机13812345678收不到碳排放通知")
    (gap,) = await gaps.find()
    assert "13812345678" not in gap.cluster + "".join(gap.examples)
    assert all("13812345678" not in text for _, text in encoder.ledger)


async def test_nothing_said_is_no_gap(
    database: Database, knowledge: Knowledge, encoder: LocalEncoder
) -> None:
    gaps = Gaps(database, knowledge, encoder)
    assert await gaps.record(" ？ ") is None
    assert await gaps.find() == []


async def test_two_at_once_are_both_counted(
    database: Database, knowledge: Knowledge, encoder: LocalEncoder
) -> None:
    gaps = Gaps(database, knowledge, encoder)
    vector = np.eye(1, 384, dtype=np.float32)[0]
    await asyncio.gather(*(gaps.record("碳排放", vector=vector, language="zh") for _ in range(10)))
    (gap,) = await gaps.find()
    assert gap.count == 10


class KnowsNothing:
    """Answers every question with unknown, or with whatever kind it is told."""

    def __init__(self, kind: FoundKind = "unknown") -> None:
        self.kind: FoundKind = kind

    async def find(
        self, text: str, *, vector: Vector | None = None, language: str | None = None
    ) -> Found:
        return Found(self.kind, None, (), 0.0)

    async def get(self, key: str, *, language: str = "zh") -> Hit | None:
        return None


async def test_only_an_unanswered_question_becomes_a_gap(
    database: Database, knowledge: Knowledge, encoder: LocalEncoder
) -> None:
    gaps = Gaps(database, knowledge, encoder)
    nothing = KnowsNothing()
    watched = WatchedKnowledge(nothing, gaps)
    assert (await watched.find("碳排放配额怎么结转")).kind == "unknown"
    assert [gap.cluster for gap in await gaps.find()] == ["碳排放配额怎么结转"]
    nothing.kind = "not_ours"
    assert (await watched.find("明天天气")).kind == "not_ours"
    assert len(await gaps.find()) == 1
    assert await watched.get("tp.gem") is None


async def test_an_answer_does_not_wait_for_a_gap_that_cannot_be_kept(
    knowledge: Knowledge, encoder: LocalEncoder
) -> None:
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:9/none")
    watched = WatchedKnowledge(KnowsNothing(), Gaps(away, knowledge, encoder))
    assert (await watched.find("碳排放配额怎么结转")).kind == "unknown"
    await away.close()
