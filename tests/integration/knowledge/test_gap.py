"""Gaps: like questions are counted together, masked, and never lost by two at once."""

from __future__ import annotations

import asyncio

import numpy as np

from knowledge.gap import Gaps
from knowledge.search import Knowledge
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
