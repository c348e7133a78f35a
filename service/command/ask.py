"""Ask one question in the app chat of a running Zhida, as a visitor, and print the answer."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

import aiohttp
import orjson

from kernel.errors import InvalidInput
from kernel.message import TEXT_LIMIT
from service.parser import make_parser
from service.settings import Settings
from service.source import load_settings
from service.visit import Answer, ChatVisit

_CALL_S = 10.0


def run(words: Sequence[str]) -> int:
    """Ask, print, and return 0 when there was an answer."""
    parser = make_parser("ask", __doc__)
    parser.add_argument("question", nargs="+", help="what a client would write")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args(words)
    question = " ".join(arguments.question).strip()
    if not 0 < len(question) <= TEXT_LIMIT:
        raise InvalidInput(f"A question has 1 to {TEXT_LIMIT} characters.")
    answer = asyncio.run(_ask(load_settings(make_secrets=False), question))
    if arguments.json:
        row = {"question": question, "answer": answer.text, "choices": answer.choices}
        sys.stdout.write(orjson.dumps(row | {"ms": answer.ms}).decode() + "\n")
    else:
        choices = "".join(f"\n  ▸ {title}" for title in answer.choices)
        sys.stdout.write(f"{answer.text}{choices}\n  ({answer.ms:.0f} ms)\n")
    return 0


async def _ask(settings: Settings, question: str) -> Answer:
    timeout = aiohttp.ClientTimeout(total=_CALL_S)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        visit = ChatVisit(http, settings)
        await visit.open()
        return await visit.ask(question)
