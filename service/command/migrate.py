"""Bring the database up to date: its schema, then the articles of knowledge/articles."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from service.journal import set_up_logging
from service.parser import make_parser
from service.settings import ROOT, Settings
from service.source import load_settings

log = logging.getLogger("migrate")
_IMPORT_TIMEOUT_S = 60.0


def run(words: Sequence[str]) -> int:
    """Apply what is missing; doing it again changes nothing."""
    parser = make_parser("migrate", __doc__)
    parser.add_argument("--only", choices=("schema", "articles"), help="one of the two alone")
    only = parser.parse_args(words).only
    settings = load_settings()
    set_up_logging(settings.log_level)
    if only != "articles":
        asyncio.run(_migrate_schema(settings))
    if only != "schema":
        asyncio.run(_import_articles(settings))
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
    from knowledge.encoder import Encoder
    from knowledge.importing import import_articles
    from store.engine import Database

    database = Database(settings.store_url, statement_timeout=120.0)
    encoder = Encoder(settings.encoder_url, timeout=_IMPORT_TIMEOUT_S)
    try:
        articles = read_articles(ROOT / "knowledge" / "articles")
        await encoder.encode(["你好"], kind="query")  # its answer names the model
        done = await import_articles(database, encoder, articles, model=encoder.model)
    finally:
        await encoder.close()
        await database.close()
    log.info("articles: %s", done)
