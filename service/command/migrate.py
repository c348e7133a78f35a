"""Bring the database up to date: its schema, then articles and what is learnt from them.

The embedded database and encoder are started for it where they do not run.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from service.journal import set_up_logging
from service.loan import borrow
from service.parser import make_parser
from service.settings import ROOT, Settings
from service.source import load_settings
from service.vector import KeptVectors
from store.engine import Database

log = logging.getLogger("migrate")

CACHE = ROOT / "var" / "cache"
_ENCODE_TIMEOUT_S = 60.0


def run(words: Sequence[str]) -> int:
    """Apply what is missing; doing it again changes nothing."""
    parser = make_parser("migrate", __doc__)
    parser.add_argument("--only", choices=("schema", "articles"), help="one of the two alone")
    only = parser.parse_args(words).only
    settings = load_settings()
    set_up_logging(settings.log_level)
    asyncio.run(_migrate(settings, schema=only != "articles", articles=only != "schema"))
    return 0


async def _migrate(settings: Settings, *, schema: bool, articles: bool) -> None:
    async with borrow(settings, database=True, encoder=articles) as lent:
        database = Database(lent.store_url, statement_timeout=600.0)
        try:
            if schema:
                await _migrate_schema(database, lent)
            if articles:
                await _prepare_knowledge(database, lent)
        finally:
            await database.close()


async def _migrate_schema(database: Database, settings: Settings) -> None:
    from service.campaign import prepare_contents
    from service.journey import prepare_journeys
    from store.migration import migrate

    revision = await migrate(database.engine)
    log.info("schema at revision %s", revision)
    await prepare_contents(database)
    await prepare_journeys(database, is_active=settings.demo)


async def _prepare_knowledge(database: Database, settings: Settings) -> None:
    from knowledge.preparing import prepare_knowledge

    head = settings.head_path
    shared = ROOT / "var" / "knowledge" / "head.npz"
    head.parent.mkdir(parents=True, exist_ok=True)
    if not head.exists() and shared.exists():
        # Training takes a minute; a head that does not fit these articles is trained anew.
        shutil.copyfile(shared, head)
    async with _encoder(settings) as encoder:
        await prepare_knowledge(database, encoder, head, tell=log.info)


@asynccontextmanager
async def _encoder(settings: Settings) -> AsyncIterator[KeptVectors]:
    from knowledge.encoder import Encoder

    encoder = Encoder(settings.encoder_url, timeout=_ENCODE_TIMEOUT_S)
    try:
        kept = KeptVectors(encoder, CACHE, model=await encoder.find_model())
        yield kept
        kept.save()
    finally:
        await encoder.close()
