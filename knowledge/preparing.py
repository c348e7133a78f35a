"""Makes knowledge ready: imports files and trains the head, each only where something changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from kernel.clock import CHINA, Clock, SystemClock
from knowledge.article import read_articles
from knowledge.encoder import Encoding, Vectors
from knowledge.head import load_head
from knowledge.importing import Imported, import_articles
from knowledge.negative import Negative, read_negatives
from knowledge.passage import find_passages
from knowledge.training import Material, digest_material, train_head
from store import article as shelf
from store.engine import Database

FOLDER = Path(__file__).parent
_CHUNK = 64


async def prepare_knowledge(
    database: Database,
    encoder: Encoding,
    head: Path,
    *,
    folder: Path = FOLDER,
    clock: Clock | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Imported:
    """Import `folder/articles` and train `head` on them and `folder/negative` if that is due.

    Nothing is done twice: unchanged files are not encoded, an up-to-date head is not trained.
    Raises InvalidInput naming file and field, Transient when encoder or database are away.
    """
    articles = read_articles(folder / "articles")
    negatives = read_negatives(folder / "negative")
    model = await encoder.find_model()
    imported = await import_articles(database, encoder, articles, model=model)
    tell(f"articles: {imported}")
    day = (clock or SystemClock()).now().astimezone(CHINA).date()
    async with database.transaction() as connection:
        published = await shelf.find_articles(connection, day=day)
        texts = await find_passages(connection, published)
    trained = await asyncio.to_thread(load_head, head)
    if trained and trained.digest == digest_material(*texts, negatives, model):
        tell("head: up to date")
        return imported
    material = Material(*texts, negatives, await _encode(encoder, negatives))
    fresh = await asyncio.to_thread(train_head, material, model, tell=tell)
    await asyncio.to_thread(fresh.save, head)
    return imported


async def _encode(encoder: Encoding, negatives: Sequence[Negative]) -> Vectors:
    texts = [negative.text for negative in negatives]
    parts = [
        await encoder.encode(texts[at : at + _CHUNK], kind="query")
        for at in range(0, len(texts), _CHUNK)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)
