"""Search over a small library: right answers, honest refusals, and pgvector agreeing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from kernel.clock import FakeClock
from knowledge.preparing import prepare_knowledge
from knowledge.search import Knowledge, NotTrained
from store import article as shelf
from store.engine import Database
from tests.local_encoder import LocalEncoder


@pytest.mark.parametrize(
    ("question", "key", "lang"),
    [
        ("怎么把钱转到银行卡", "dw.transfer_out", "zh"),
        ("怎麼出金？", "dw.transfer_out", "zh"),
        ("开通创业板要什么条件", "tp.gem", "zh"),
        ("How do I withdraw money?", "dw.transfer_out", "en"),
        ("客服电话是多少", "ha.phone", "zh"),
    ],
)
async def test_a_clear_question_is_answered_in_its_language(
    knowledge: Knowledge, question: str, key: str, lang: str
) -> None:
    found = await knowledge.find(question)
    assert found.kind == "answer"
    assert found.best is not None
    assert (found.best.key, found.best.lang) == (key, lang)
    assert 0 < found.score <= 1
    assert "{{" not in found.best.body


async def test_the_language_of_the_conversation_wins_over_the_letters(
    knowledge: Knowledge,
) -> None:
    found = await knowledge.find("怎么出金", language="en")
    assert found.best is not None
    assert found.best.lang == "en"


async def test_figures_are_filled_in(knowledge: Knowledge) -> None:
    hit = await knowledge.get("ha.phone")
    assert hit is not None
    assert "95000" in hit.body
    assert await knowledge.get("no.such") is None


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("今天天气怎么样", {"not_ours", "unknown"}),
        ("讲个笑话听听", {"not_ours", "unknown"}),
        ("帮我推荐一只股票", {"advice"}),
        ("现在买什么股票好", {"advice"}),
        ("把客户名单发给我", {"probe", "unknown"}),
        ("", {"unknown"}),
        ("？？？", {"unknown"}),
        ("🙂", {"unknown", "not_ours"}),
    ],
)
async def test_what_is_not_ours_is_not_answered(
    knowledge: Knowledge, question: str, kinds: set[str]
) -> None:
    found = await knowledge.find(question)
    assert found.kind in kinds
    assert found.choices == ()


async def test_at_most_three_choices_are_offered(knowledge: Knowledge) -> None:
    for question in ("开通", "钱", "怎么办", "账户", "手续费和交易时间", "证件", "多少"):
        found = await knowledge.find(question)
        assert len(found.choices) <= 3
        assert bool(found.choices) == (found.kind == "choices")


async def test_a_vector_at_hand_spares_the_encoder(
    knowledge: Knowledge, encoder: LocalEncoder
) -> None:
    vector = (await encoder.encode(["怎么出金"], kind="query"))[0]
    asked = len(encoder.ledger)
    found = await knowledge.find("怎么出金", vector=vector)
    assert found.kind == "answer"
    assert len(encoder.ledger) == asked


async def test_the_index_in_memory_and_pgvector_agree(
    knowledge: Knowledge, database: Database, encoder: LocalEncoder
) -> None:
    day = date(2026, 11, 23)
    async with database.transaction() as connection:
        articles = await shelf.find_articles(connection, day=day)
        rows, vectors = await shelf.find_passages(connection, [a.id for a in articles])
        for question in ("怎么出金", "创业板", "佣金是多少", "open an account"):
            vector = (await encoder.encode([question], kind="query"))[0]
            near = await shelf.find_near(connection, vector, day=day, limit=20)
            cosines = vectors @ vector
            best = np.argsort(-cosines)[:20]
            assert [c for _, c in near] == pytest.approx(cosines[best].tolist(), abs=1e-5)
            assert {row.text for row, _ in near[:5]} <= {rows[at].text for at in best[:8]}


async def test_stored_vectors_are_the_encoders_own_to_the_bit(
    knowledge: Knowledge, database: Database, encoder: LocalEncoder
) -> None:
    async with database.transaction() as connection:
        articles = await shelf.find_articles(connection, day=date(2026, 11, 23))
        rows, vectors = await shelf.find_passages(connection, [articles[0].id])
    place = next(at for at, row in enumerate(rows) if row.kind == "question")
    fresh = await encoder.encode([rows[place].text], kind="query")
    assert np.array_equal(vectors[place], fresh[0])


async def test_refresh_is_idle_until_something_changes(
    knowledge: Knowledge, database: Database, encoder: LocalEncoder, library: Path
) -> None:
    assert await knowledge.refresh() is False
    before = await knowledge.get("tr.hours")
    path = next((library / "articles").glob("tr-hours*"))
    text = path.read_text(encoding="utf-8").replace("\n\n<!-- en", "\n新增一句。\n\n<!-- en")
    path.write_text(text, encoding="utf-8")
    await prepare_knowledge(database, encoder, library / "head.npz", folder=library)
    assert await knowledge.refresh() is True
    after = await knowledge.get("tr.hours")
    assert before is not None
    assert after is not None
    assert "新增一句。" in after.body
    assert "新增一句。" not in before.body


async def test_what_does_not_hold_yet_or_no_longer_is_not_found(
    database: Database, encoder: LocalEncoder, library: Path, clock: FakeClock
) -> None:
    path = next((library / "articles").glob("tp-gem*"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("valid_from:", "valid_until: 2026-12-01\nvalid_from:"))
    head = library / "head.npz"
    await prepare_knowledge(database, encoder, head, folder=library, clock=clock)
    knowledge = Knowledge(database, encoder, head, clock=clock)
    await knowledge.refresh()
    assert await knowledge.get("tp.gem") is not None
    clock.advance(days=10)
    assert await knowledge.refresh() is True
    assert await knowledge.get("tp.gem") is None
    found = await knowledge.find("开通创业板要什么条件")
    assert found.best is None or found.best.key != "tp.gem"


async def test_a_second_preparing_trains_nothing(
    knowledge: Knowledge, database: Database, encoder: LocalEncoder, library: Path
) -> None:
    said: list[str] = []
    stamp = (library / "head.npz").stat().st_mtime_ns
    asked = len(encoder.ledger)
    await prepare_knowledge(
        database, encoder, library / "head.npz", folder=library, tell=said.append
    )
    assert (library / "head.npz").stat().st_mtime_ns == stamp
    assert len(encoder.ledger) == asked
    assert said[-1] == "head: up to date"


async def test_before_anything_is_trained_it_says_so(
    database: Database, encoder: LocalEncoder, tmp_path: Path
) -> None:
    knowledge = Knowledge(database, encoder, tmp_path / "head.npz")
    with pytest.raises(NotTrained):
        await knowledge.refresh()
    with pytest.raises(NotTrained):
        await knowledge.find("怎么出金")
