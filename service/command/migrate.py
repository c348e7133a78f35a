"""Bring the database up to date: its schema, then the articles of knowledge/articles."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from service.journal import set_up_logging
from service.loan import borrow_encoder
from service.parser import make_parser
from service.settings import ROOT, Settings
from service.source import load_settings
from service.vector import KeptVectors

log = logging.getLogger("migrate")

ARTICLES = ROOT / "knowledge" / "articles"
_ENCODE_TIMEOUT_S = 60.0
_PARTS = ("schema", "articles", "vectors")


def run(words: Sequence[str]) -> int:
    """Apply what is missing; doing it again changes nothing."""
    parser = make_parser("migrate", __doc__)
    parser.add_argument(
        "--only", choices=_PARTS, help="one part alone; `vectors` needs no database"
    )
    only = parser.parse_args(words).only
    settings = load_settings()
    set_up_logging(settings.log_level)
    if only in {None, "schema"}:
        asyncio.run(_migrate_schema(settings))
    if only in {None, "articles"}:
        asyncio.run(_import_articles(settings))
    if only == "vectors":
        asyncio.run(_keep_vectors(settings))
    return 0


async def _migrate_schema(settings: Settings) -> None:
    from store.engine import Database
    from store.migration import migrate

    database = Database(settings.store_url, statement_timeout=600.0)
    try:
        revision = await migrate(database.engine)
    finally:
        await database.close()
    log.info("schema at revision %s", revision)


async def _import_articles(settings: Settings) -> None:
    from knowledge.article import read_articles
    from knowledge.importing import import_articles
    from store.engine import Database

    database = Database(settings.store_url, statement_timeout=120.0)
    try:
        async with _encoder(settings) as (encoder, model):
            articles = read_articles(ARTICLES)
            done = await import_articles(database, encoder, articles, model=model)
    finally:
        await database.close()
    log.info(
        "articles: %d new, %d changed, %d unchanged, %d retired",
        done.new,
        done.changed,
        done.unchanged,
        done.retired,
    )


async def _keep_vectors(settings: Settings) -> None:
    from knowledge.article import read_articles
    from knowledge.importing import list_texts

    texts = [
        text[-1]
        for article in read_articles(ARTICLES)
        for edition in article.editions
        for text in list_texts(edition)
    ]
    async with _encoder(settings) as (encoder, _):
        await encoder.encode(texts, kind="passage")
    log.info("vectors of %d texts are kept", len(texts))


@asynccontextmanager
async def _encoder(settings: Settings) -> AsyncIterator[tuple[KeptVectors, str]]:
    from knowledge.encoder import Encoder

    async with borrow_encoder(settings) as url:
        encoder = Encoder(url, timeout=_ENCODE_TIMEOUT_S)
        try:
            model = await encoder.find_model()
            kept = KeptVectors(encoder, settings.data_dir / "cache", model=model)
            yield kept, model
            kept.save()
        finally:
            await encoder.close()
