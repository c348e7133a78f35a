"""`python -m lab.broker`: runs the demo core; secrets come from the environment."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Mapping, Sequence

from aiohttp import web

from lab.broker.site import BrokerSettings, build_app

log = logging.getLogger("lab.broker")
_NEEDED = ("ZHIDA_CORE_TOKEN", "ZHIDA_CHAT_JWT_KEY")


def read_settings(environment: Mapping[str, str], *, accounts: int) -> BrokerSettings:
    """Read the secrets, or raise ValueError naming those that are missing."""
    missing = [name for name in _NEEDED if not environment.get(name)]
    if missing:
        raise ValueError(f"set {' and '.join(missing)} in the environment; `zhida up` does it")
    return BrokerSettings(
        token=environment["ZHIDA_CORE_TOKEN"],
        host_key=environment["ZHIDA_CHAT_JWT_KEY"],
        host_issuer=environment.get("ZHIDA_CHAT_JWT_ISSUER", "zhida-demo-app"),
        host_audience=environment.get("ZHIDA_CHAT_JWT_AUDIENCE", "zhida"),
        accounts=accounts,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo core until it is told to stop; 2 means that settings are missing."""
    parser = argparse.ArgumentParser(prog="zhida demo-core", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=5812, help="port to listen on")
    parser.add_argument("--accounts", type=int, default=200, help="how many generated clients")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    try:
        settings = read_settings(os.environ, accounts=options.accounts)
    except ValueError as error:
        log.error("demo core: %s", error)  # noqa: TRY400  # the sentence is for the operator
        return 2
    log.info("demo core on http://%s:%d, generated clients only", options.host, options.port)
    web.run_app(
        build_app(settings), host=options.host, port=options.port, print=None, access_log=None
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
