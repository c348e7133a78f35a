"""Trains the assistant: `bot/.venv/bin/python -m bot.train`, from the top folder.

The encoder must answer at ZHIDA_ENCODER_URL. `zhida train` starts one where there is none.
"""

from __future__ import annotations

import os

from bot import light

os.environ.setdefault("LOG_LEVEL", "WARNING")  # Rasa shows progress bars below it
os.environ.setdefault("RASA_MAX_CACHE_SIZE", "0")  # we have a fingerprint of our own
light.lighten()

import json  # noqa: E402
import logging  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

from bot import corpus  # noqa: E402

BUILD = Path("bot/build")
MODELS = Path("bot/models")
log = logging.getLogger("bot.train")


def train() -> Path:
    """Trains and writes `bot/models/zhida.tar.gz`.

    Raises:
        RuntimeError: when Rasa made no model.
    """
    counts = corpus.write_corpus(Path("knowledge"), Path("bot/data/pattern.yml"), BUILD / "nlu")
    log.info("sentences made: %s", json.dumps(counts))
    from rasa.model_training import train as train_rasa
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)

    result = train_rasa(
        domain="bot/domain",
        config="config.yml",
        training_files=["bot/data/nlu", "bot/data/rules", str(BUILD / "nlu")],
        output=str(MODELS),
        fixed_model_name="zhida",
        force_training=True,
    )
    if result.model is None:
        raise RuntimeError("Rasa made no model; its log above says why")
    return Path(result.model)


def main() -> int:
    """Trains and says what came out."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("rasa").setLevel(logging.WARNING)
    start = time.monotonic()
    path = train()
    report = json.loads((BUILD / "report.json").read_text("utf-8"))
    for stage in ("full", "bare"):
        shown = {key: value for key, value in report[stage].items() if key != "recall"}
        log.info("%s: %s", stage, json.dumps(shown))
    log.info("trained %s in %.1f s", path, time.monotonic() - start)
    return 0


if __name__ == "__main__":
    sys.exit(main())
