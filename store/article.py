"""Articles in the database: publishing versions, retiring them, and searching their passages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
import numpy.typing as npt
from pgvector.sqlalchemy import Vector
from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.happening import Happening
from kernel.ids import new_id
from kernel.message import Json
from store import audit
from store.tables.knowledge import article, passage

Vectors = npt.NDArray[np.float32]

PUBLISHED = "article_published"
RETIRED = "article_retired"
IMPORT_LOCK = 0x7A68_6B6E
"""The advisory lock under which one process imports while the others wait."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One edition of an article as it is to be published."""

    key: str
    lang: str
    topic: str
    title: str
    questions: Sequence[str]
    body: str
    product: Sequence[str]
    action: str | None
    source: str
    source_date: date | None
    valid_from: date
    valid_until: date | None
    digest: str


@dataclass(frozen=True, slots=True)
class Published:
    """What is published now of a key in a language."""

    id: UUID
    version: int
    digest: str
    model: str


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """A published article as search and answers need it."""

    id: UUID
    key: str
    lang: str
    topic: str
    title: str
    body: str
    product: tuple[str, ...]
    action: str | None


@dataclass(frozen=True, slots=True)
class PassageRow:
    """One text by which an article is found; `kind` is question, title or body."""

    article_id: UUID
    kind: str
    text: str


async def lock_import(connection: AsyncConnection) -> None:
    """Wait until no other process imports; held until the transaction ends."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": IMPORT_LOCK})


async def find_published(connection: AsyncConnection) -> dict[tuple[str, str], Published]:
    """Return what is published now, by key and language."""
    rows = await connection.execute(_PUBLISHED)
    return {
        (row.key, row.lang): Published(row.id, row.version, row.digest, row.model or "")
        for row in rows
    }


async def record_version(
    connection: AsyncConnection, draft: Draft, before: Published | None, *, actor: str
) -> UUID:
    """Publish a draft as the next version and supersede the one before; return its id."""
    if before is not None:
        await connection.execute(_END, {"id": before.id, "state": "superseded"})
    article_id, version = new_id(), await _next_version(connection, draft)
    values = {name: getattr(draft, name) for name in Draft.__slots__}
    values |= {"questions": list(draft.questions), "product": list(draft.product)}
    await connection.execute(article.insert(), {"id": article_id, "version": version, **values})
    told: dict[str, Json] = {
        "key": draft.key,
        "lang": draft.lang,
        "version": version,
        "digest": draft.digest,
    }
    old: dict[str, Json] = {}
    if before is not None:
        old = {"version": before.version, "digest": before.digest}
    happening = Happening(
        actor=actor,
        verb=PUBLISHED,
        subject_kind="article",
        subject_id=article_id,
        before=old,
        after=told,
    )
    await audit.record(connection, [happening])
    return article_id


async def record_retirement(
    connection: AsyncConnection, key: str, lang: str, before: Published, *, actor: str
) -> None:
    """Take a published version out of use; it stays to be read in old conversations."""
    await connection.execute(_END, {"id": before.id, "state": "retired"})
    await connection.execute(_FORGET, {"id": before.id})
    happening = Happening(
        actor=actor,
        verb=RETIRED,
        subject_kind="article",
        subject_id=before.id,
        before={"key": key, "lang": lang, "version": before.version},
        after={},
    )
    await audit.record(connection, [happening])


async def replace_passages(
    connection: AsyncConnection,
    article_id: UUID,
    texts: Sequence[tuple[str, str]],
    vectors: Vectors,
    *,
    model: str,
) -> None:
    """Make `(kind, text)` pairs with their vectors the only passages of an article's key."""
    await connection.execute(_FORGET_KEY, {"id": article_id})
    rows = [
        {
            "id": new_id(),
            "article_id": article_id,
            "kind": kind,
            "text": words,
            "model": model,
            "embedding": vector.tolist(),
        }
        for (kind, words), vector in zip(texts, vectors, strict=True)
    ]
    await connection.execute(passage.insert(), rows)


async def find_articles(connection: AsyncConnection, *, day: date) -> list[ArticleRow]:
    """Return the articles that are published and hold on a day."""
    rows = await connection.execute(_VALID, {"day": day})
    return [
        ArticleRow(
            row.id,
            row.key,
            row.lang,
            row.topic,
            row.title,
            row.body,
            tuple(row.product),
            row.action,
        )
        for row in rows
    ]


async def find_passages(
    connection: AsyncConnection, articles: Iterable[UUID]
) -> tuple[list[PassageRow], Vectors]:
    """Return all passages of some articles and their vectors, row by row (n, dimensions)."""
    rows = (await connection.execute(_PASSAGES, {"ids": list(articles)})).all()
    found = [PassageRow(row.article_id, row.kind, row.text) for row in rows]
    # vector_send: two bytes of dimensions, two unused, then big-endian float4.
    vectors = [np.frombuffer(row.raw, ">f4", offset=4) for row in rows]
    empty = np.zeros((0, 0), np.float32)
    return found, np.stack(vectors).astype(np.float32) if vectors else empty


async def find_near(
    connection: AsyncConnection, vector: npt.NDArray[np.float32], *, day: date, limit: int = 20
) -> list[tuple[PassageRow, float]]:
    """Return the passages nearest to a vector with their cosine, best first."""
    parameters = {"vector": vector.tolist(), "day": day, "limit": limit}
    rows = await connection.execute(_NEAR, parameters)
    return [(PassageRow(row.article_id, row.kind, row.text), float(row.cosine)) for row in rows]


async def find_stamp(connection: AsyncConnection) -> str:
    """Return a word that changes whenever what is published changes."""
    return str((await connection.execute(_STAMP)).scalar_one())


async def _next_version(connection: AsyncConnection, draft: Draft) -> int:
    found = await connection.execute(_LATEST, {"key": draft.key, "lang": draft.lang})
    return int(found.scalar_one()) + 1


_PUBLISHED = text("""
    SELECT a.id, a.key, a.lang, a.version, a.digest,
           (SELECT p.model FROM passage p WHERE p.article_id = a.id LIMIT 1) AS model
    FROM article a WHERE a.state = 'published'
""")
_END = text("UPDATE article SET state = :state, ended_at = now() WHERE id = :id")
_LATEST = text("SELECT coalesce(max(version), 0) FROM article WHERE key = :key AND lang = :lang")
_FORGET = text("DELETE FROM passage WHERE article_id = :id")
_FORGET_KEY = text("""
    DELETE FROM passage p USING article a, article b
    WHERE b.id = :id AND a.key = b.key AND a.lang = b.lang AND p.article_id = a.id
""")
_IS_VALID = (
    "a.state = 'published' AND a.valid_from <= :day AND coalesce(a.valid_until > :day, true)"
)
_VALID = text(f"""
    SELECT a.id, a.key, a.lang, a.topic, a.title, a.body, a.product, a.action
    FROM article a WHERE {_IS_VALID} ORDER BY a.key, a.lang
""")  # noqa: S608 - a constant
_PASSAGES = text("""
    SELECT p.article_id, p.kind, p.text, vector_send(p.embedding) AS raw
    FROM passage p JOIN article a ON a.id = p.article_id
    WHERE p.article_id = ANY(:ids) ORDER BY a.key, a.lang, p.id
""")
_NEAR = text(f"""
    SELECT p.article_id, p.kind, p.text, 1 - (p.embedding <=> :vector) AS cosine
    FROM passage p JOIN article a ON a.id = p.article_id
    WHERE {_IS_VALID} ORDER BY p.embedding <=> :vector, p.id LIMIT :limit
""").bindparams(bindparam("vector", type_=Vector()))  # noqa: S608 - a constant
_STAMP = text("""
    SELECT count(*) || '/' || coalesce(max(created_at)::text, '') || '/'
        || coalesce(max(ended_at)::text, '') FROM article
""")
