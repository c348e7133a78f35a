"""Importing articles: once, again, changed, gone, and with a failing encoder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from kernel.errors import Transient
from knowledge.article import Article, read_articles
from knowledge.encoder import Kind, Vectors
from knowledge.importing import Imported, import_articles
from store.engine import Database
from tests.local_encoder import LocalEncoder

MODEL = "multilingual-e5-small"


class BrokenEncoder:
    async def encode(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        raise Transient("gone")

    async def find_model(self) -> str:
        return MODEL


def find(library: Path, key: str) -> Path:
    paths = (library / "articles").rglob("*.md")
    return next(path for path in paths if f"key: {key}\n" in path.read_text(encoding="utf-8"))


async def rows(database: Database, statement: str) -> list[tuple[object, ...]]:
    async with database.transaction() as connection:
        return [tuple(row) for row in await connection.execute(text(statement))]


async def test_a_second_import_is_no_work(
    database: Database, encoder: LocalEncoder, library: Path
) -> None:
    articles = read_articles(library / "articles")
    first = await import_articles(database, encoder, articles, model=MODEL)
    assert (first.new, first.changed, first.retired) == (14, 0, 0)
    assert first.encoded == len(encoder.ledger)
    asked = len(encoder.ledger)
    second = await import_articles(database, encoder, articles, model=MODEL)
    assert second == Imported(new=0, changed=0, unchanged=14, retired=0, encoded=0)
    assert not second.did_anything
    assert len(encoder.ledger) == asked


async def test_questions_are_encoded_as_queries_and_bodies_as_passages(
    database: Database, encoder: LocalEncoder, library: Path
) -> None:
    articles = read_articles(library / "articles")
    await import_articles(database, encoder, articles, model=MODEL)
    passages = [text for kind, text in encoder.ledger if kind == "passage"]
    assert len(passages) == 14
    assert ("query", "怎么出金") in encoder.ledger


async def test_a_change_is_a_new_version_and_the_old_one_stays(
    database: Database, encoder: LocalEncoder, library: Path
) -> None:
    await import_articles(database, encoder, read_articles(library / "articles"), model=MODEL)
    path = find(library, "tp.gem")
    path.write_text(
        path.read_text(encoding="utf-8").replace("\n\n<!-- en", "\n新增一句。\n\n<!-- en")
    )
    asked = len(encoder.ledger)
    done = await import_articles(
        database, encoder, read_articles(library / "articles"), model=MODEL
    )
    assert (done.new, done.changed, done.unchanged, done.retired) == (0, 1, 13, 0)
    assert done.encoded == len(encoder.ledger) - asked
    found = await rows(
        database,
        "SELECT version, state, ended_at IS NULL, body LIKE '%新增一句。%' FROM article"
        " WHERE key = 'tp.gem' AND lang = 'zh' ORDER BY version",
    )
    assert found == [(1, "superseded", False, False), (2, "published", True, True)]
    old = await rows(
        database,
        "SELECT count(*) FROM passage p JOIN article a ON a.id = p.article_id"
        " WHERE a.state <> 'published'",
    )
    assert old == [(0,)]


async def test_what_is_gone_is_retired_and_may_come_back(
    database: Database, encoder: LocalEncoder, library: Path
) -> None:
    await import_articles(database, encoder, read_articles(library / "articles"), model=MODEL)
    path = find(library, "tp.gem")
    content = path.read_text(encoding="utf-8")
    path.unlink()
    done = await import_articles(
        database, encoder, read_articles(library / "articles"), model=MODEL
    )
    assert (done.retired, done.unchanged) == (2, 12)
    path.write_text(content, encoding="utf-8")
    back = await import_articles(
        database, encoder, read_articles(library / "articles"), model=MODEL
    )
    assert (back.new, back.unchanged) == (2, 12)
    states = await rows(
        database,
        "SELECT version, state FROM article WHERE key = 'tp.gem' AND lang = 'zh' ORDER BY version",
    )
    assert states == [(1, "retired"), (2, "published")]
    verbs = await rows(
        database,
        "SELECT verb, count(*) FROM event WHERE subject_kind = 'article' GROUP BY verb ORDER BY 1",
    )
    assert verbs == [("article_published", 16), ("article_retired", 2)]


async def test_another_model_encodes_anew_without_a_new_version(
    database: Database, encoder: LocalEncoder, library: Path
) -> None:
    articles = read_articles(library / "articles")
    await import_articles(database, encoder, articles, model=MODEL)
    done = await import_articles(database, encoder, articles, model="another")
    assert (done.new, done.changed) == (0, 0)
    assert done.encoded > 0
    assert await rows(database, "SELECT DISTINCT model FROM passage") == [("another",)]
    assert await rows(database, "SELECT DISTINCT version FROM article") == [(1,)]


async def test_a_failing_encoder_changes_nothing(database: Database, library: Path) -> None:
    articles: tuple[Article, ...] = read_articles(library / "articles")
    with pytest.raises(Transient):
        await import_articles(database, BrokenEncoder(), articles, model=MODEL)
    assert await rows(database, "SELECT count(*) FROM article") == [(0,)]
