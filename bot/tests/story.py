"""Runs Rasa's end-to-end evaluation over test_stories.yml: `python -m bot.tests.story`.

The same as `rasa test core --stories bot/tests --e2e --fail-on-prediction-errors`, without the
twenty seconds of imports. The encoder must answer at ZHIDA_ENCODER_URL.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path

from bot import light

light.lighten(keep=frozenset({"sklearn"}))

from rasa.core.test import test as evaluate  # noqa: E402
from rasa.utils.log_utils import configure_structlog  # noqa: E402

from bot.endpoint import ActionEndpoint  # noqa: E402
from bot.turn import load_assistant  # noqa: E402


def main() -> int:
    """Prints how many actions were predicted rightly; fails with the story that went wrong."""
    configure_structlog(logging.ERROR)
    agent = load_assistant(
        Path("bot/models/zhida.tar.gz"), ActionEndpoint(url="http://127.0.0.1:1")
    )
    found = asyncio.run(
        evaluate(
            "bot/tests/test_stories.yml",
            agent,
            e2e=True,
            fail_on_prediction_errors=True,
            disable_plotting=True,
        )
    )
    summary = {"actions": len(found["actions"]), "accuracy": found["accuracy"]}
    sys.stdout.write(json.dumps(summary) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
