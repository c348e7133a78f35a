"""Train the assistant from bot/ and knowledge/; starts an encoder of its own where none runs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from service import train
from service.loan import borrow
from service.parser import make_parser
from service.settings import ROOT, Settings
from service.source import load_settings


def run(words: Sequence[str]) -> int:
    """Train and return 0 when the model is of today's sentences."""
    parser = make_parser("train", __doc__)
    parser.add_argument(
        "--if-changed", action="store_true", help="only if what the model was made of has changed"
    )
    only_if_changed = parser.parse_args(words).if_changed
    settings = load_settings()
    if only_if_changed and train.is_trained(ROOT, settings.encoder):
        _say("助手已是最新 · the assistant is up to date")
        return 0
    asyncio.run(_train(settings))
    return 0


async def _train(settings: Settings) -> None:
    async with borrow(settings, encoder=True) as lent:
        await train.train_assistant(
            encoder_url=lent.encoder_url, encoder=settings.encoder, say=_say
        )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
