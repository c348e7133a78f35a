"""The texts by which articles are found, with their vectors, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.encoder import Vectors
from store import article as shelf
from store.article import ArticleRow
from store.engine import Connection

_Row = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Passages:
    """Passages in rows: the article key of each, its text and its vector."""

    keys: tuple[str, ...]
    texts: tuple[str, ...]
    vectors: Vectors


async def find_passages(
    connection: Connection, articles: Iterable[ArticleRow]
) -> tuple[Passages, Passages]:
    """Return the questions (titles among them) and the bodies of some published articles."""
    keys = {article.id: article.key for article in articles}
    found, vectors = await shelf.find_passages(connection, keys)
    rows = [(keys[row.article_id], row.text, row.kind) for row in found]
    return _take(rows, vectors, "question", "title"), _take(rows, vectors, "body")


def _take(rows: Sequence[_Row], vectors: Vectors, *kinds: str) -> Passages:
    places = [at for at, (_, _, kind) in enumerate(rows) if kind in kinds]
    keys, texts = (tuple(rows[at][column] for at in places) for column in (0, 1))
    return Passages(keys, texts, vectors[places])
