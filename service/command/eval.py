"""Measure the answers on a file of questions (form: ../shared/eval/README.md).

Every row is asked in a fresh conversation of the app chat on the running site (`zhida up`), four
at a time; `--knowledge` asks the knowledge room alone, without dialogue and people.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from service.eval import Figures, Judged, Respondent, Row
from service.parser import make_parser
from service.settings import Settings
from service.source import load_settings

_AT_ONCE = 4
_TELL_EVERY = 20


def run(words: Sequence[str]) -> int:
    """Ask all rows, print the figures, and return 0; 1 when the path failed."""
    parser = make_parser("eval", __doc__)
    parser.add_argument("file", type=Path, help="the questions, one JSON object a line")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--knowledge", action="store_true", help="ask the knowledge room alone")
    chosen = parser.parse_args(words)
    asyncio.run(_eval(chosen.file, load_settings(), as_json=chosen.json, is_alone=chosen.knowledge))
    return 0


async def _eval(path: Path, settings: Settings, *, as_json: bool, is_alone: bool) -> None:
    from service.eval import format_table, list_mistakes, parse_rows, summarise

    rows = parse_rows(path)
    start = time.monotonic()
    async with _respondent(settings, is_alone=is_alone) as (respondent, topics, about):
        judged = await _ask_all(rows, respondent, topics)
    figures: Figures = summarise(judged) | {"seconds": round(time.monotonic() - start, 1)} | about
    if as_json:
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(format_table(figures, list_mistakes(judged)) + "\n")


async def _ask_all(
    rows: Sequence[Row], respondent: Respondent, topics: dict[str, str]
) -> list[Judged]:
    from service.eval import judge

    lanes = asyncio.Semaphore(_AT_ONCE)
    done = 0

    async def ask(row: Row) -> Judged:
        nonlocal done
        async with lanes:
            reply = await respondent.ask(row.text)
        done += 1
        if done % _TELL_EVERY == 0 or done == len(rows):
            sys.stderr.write(f"{done}/{len(rows)}\n")
        return judge(row, reply, topics)

    asked = [asyncio.create_task(ask(row)) for row in rows]
    try:
        return list(await asyncio.gather(*asked))
    finally:
        for task in asked:
            task.cancel()


@asynccontextmanager
async def _respondent(
    settings: Settings, *, is_alone: bool
) -> AsyncIterator[tuple[Respondent, dict[str, str], Figures]]:
    """Give whom to ask, the topic of each article, and what is measured."""
    import aiohttp

    from knowledge.encoder import Encoder
    from knowledge.search import Knowledge
    from service.respondent import ChatRespondent, KnowledgeRespondent
    from store.cipher import Cipher
    from store.engine import Database

    database, encoder = Database(settings.store_url), Encoder(settings.encoder_url, timeout=15.0)
    knowledge = Knowledge(database, encoder, settings.data_dir / "knowledge" / "head.npz")
    try:
        await knowledge.refresh()
        about: Figures = {"model": knowledge.version, "encoder": knowledge.model}
        if is_alone:
            yield KnowledgeRespondent(knowledge), knowledge.topics, about
            return
        cipher = Cipher(settings.cipher_keys, settings.cipher_index_key)
        async with aiohttp.ClientSession() as http:
            respondent = ChatRespondent(http, settings.site_url, database, cipher)
            yield respondent, knowledge.topics, about
    finally:
        await encoder.close()
        await database.close()
