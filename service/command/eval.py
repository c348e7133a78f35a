"""Measure the answers on a file of questions (form: ../shared/eval/README.md).

Every row is asked in a fresh conversation of the app chat, four at a time, on the Zhida that runs
with these settings; where none runs, one is started with fresh data and stopped afterwards.
`--knowledge` asks the knowledge room alone, without dialogue and people.

`zhida eval journeys` plays a year through the journeys instead, beside an oracle.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from service.eval import Figures, Judged, Respondent, Row
from service.parser import make_parser
from service.probe import get_status
from service.settings import Settings
from service.source import load_settings

if TYPE_CHECKING:
    from knowledge.search import Knowledge
    from store.engine import Database

_AT_ONCE = 4
_TELL_EVERY = 20
_ENCODE_S = 15.0
_PATIENCE_S = 300.0
_AT_HAND_S = 5.0
_FOLLOW_S = 10.0


def run(words: Sequence[str]) -> int:
    """Ask all rows, print the figures, and return 0; 1 when the path failed."""
    if words and words[0] == "journeys":
        from service.command import eval_journeys

        return eval_journeys.run(words[1:])
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

    from service.respondent import ChatRespondent, KnowledgeRespondent
    from store.cipher import Cipher

    async with _instance(settings) as running, _library(running) as (database, knowledge):
        about: Figures = {"model": knowledge.version, "encoder": knowledge.model}
        if is_alone:
            yield KnowledgeRespondent(knowledge), knowledge.topics, about
            return
        cipher = Cipher(running.cipher_keys, running.cipher_index_key)
        async with aiohttp.ClientSession() as http:
            respondent = ChatRespondent(http, running.site_url, database, cipher)
            yield respondent, knowledge.topics, about


@asynccontextmanager
async def _instance(settings: Settings) -> AsyncIterator[Settings]:
    if await get_status(settings.port, "/healthz") is not None:
        yield settings
        return
    from service.bench.instance import run_instance

    sys.stderr.write("没有运行中的智达，启动一个临时的 · none runs, starting one for this …\n")
    async with run_instance() as instance:
        yield instance.settings


@asynccontextmanager
async def _library(settings: Settings) -> AsyncIterator[tuple[Database, Knowledge]]:
    from knowledge.encoder import Encoder
    from knowledge.search import Knowledge
    from store.engine import Database

    database = Database(settings.store_url)
    encoder = Encoder(settings.encoder_url, timeout=_ENCODE_S)
    try:
        knowledge = Knowledge(database, encoder, settings.head_path)
        await _wait(knowledge)
        yield database, knowledge
    finally:
        await encoder.close()
        await database.close()


async def _wait(knowledge: Knowledge) -> None:
    """Wait while a fresh instance still imports and trains; it takes over a new head by itself."""
    from knowledge.search import NotTrained

    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            await knowledge.refresh()
        except NotTrained:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(1.0)
        else:
            break
    if deadline - time.monotonic() < _PATIENCE_S - _AT_HAND_S:
        await asyncio.sleep(_FOLLOW_S)
