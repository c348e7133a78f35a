"""Serves the assistant: `bot/.venv/bin/python -m bot.run [--port N] [--model PATH]`.

Run from the top folder. Loopback only. Environment: ZHIDA_RASA_PORT (5814), ZHIDA_INTERNAL_PORT
(5815, where the actions are), ZHIDA_ENCODER_URL, ZHIDA_RASA_KEY (when set, callers must send it
as X-Zhida-Key, and the actions are called with it), ZHIDA_RASA_LIGHT=0 to import all of Rasa. The
port opens when it is ready.
"""

from __future__ import annotations

import os
import warnings

from bot import light

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("ZHIDA_INTERNAL_PORT", "5815")
light.lighten()
warnings.showwarning = lambda *_args, **_more: None  # Rasa's own imports warn of each other

import argparse  # noqa: E402
import logging  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

from rasa.core.channels.channel import register  # noqa: E402
from rasa.utils.endpoints import read_endpoint_config  # noqa: E402
from rasa.utils.log_utils import configure_structlog  # noqa: E402
from sanic import Sanic  # noqa: E402

from bot.connector import ZhidaInput  # noqa: E402
from bot.endpoint import ActionEndpoint  # noqa: E402
from bot.turn import load_assistant  # noqa: E402

HOST = "127.0.0.1"
LARGEST_REQUEST = 256 * 1024
log = logging.getLogger("bot.run")


def build_app(model: Path, endpoints: Path) -> Sanic:
    """Builds the site with the model loaded.

    Raises:
        FileNotFoundError: when there is no trained model.
    """
    read = read_endpoint_config(str(endpoints), "action_endpoint")
    endpoint = ActionEndpoint(url=read.url, headers=read.headers, **read.kwargs)
    app = Sanic("zhida_bot", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = LARGEST_REQUEST
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.ctx.agent = load_assistant(model, endpoint)
    register([ZhidaInput()], app, route="/webhooks/")

    @app.listener("after_server_stop")
    async def close(app: Sanic, loop: object) -> None:
        await endpoint.close()

    return app


def main() -> int:
    """Loads the model and serves until a signal comes."""
    start = time.monotonic()
    parser = argparse.ArgumentParser(prog="bot.run", description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=int(os.environ.get("ZHIDA_RASA_PORT", "5814")))
    parser.add_argument("--model", type=Path, default=Path("bot/models/zhida.tar.gz"))
    parser.add_argument("--endpoints", type=Path, default=Path("bot/endpoints.yml"))
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    for quiet in ("rasa", "sanic", "sanic.root", "asyncio", "apscheduler"):
        logging.getLogger(quiet).setLevel(logging.WARNING)
    # It calls a button's JSON payload an error and then uses it as it is.
    logging.getLogger("rasa.core.nlg.interpolator").setLevel(logging.CRITICAL)
    configure_structlog(logging.WARNING)
    try:
        app = build_app(args.model, args.endpoints)
    except FileNotFoundError as error:
        log.error("%s", error)
        return 1
    log.info(
        "bot.ready port=%d model=%s after %.1f s", args.port, args.model, time.monotonic() - start
    )
    app.run(host=HOST, port=args.port, workers=1, access_log=False, debug=False, motd=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
