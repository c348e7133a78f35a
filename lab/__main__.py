"""`zhida lab`: plays every provider, offline, over HTTP; nothing here reaches a real one."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import uvloop
from aiohttp import web

from kernel.errors import InvalidInput
from lab.played import parse_played
from lab.site import LabSettings, build_app
from lab.wechat.account import parse_accounts

log = logging.getLogger("lab")


def read_settings(options: argparse.Namespace, accounts: str, played: str = "") -> LabSettings:
    """Read the command line and the accounts' JSON, or raise InvalidInput."""
    if not accounts.strip():
        raise InvalidInput("Set ZHIDA_WECHAT_ACCOUNTS to the accounts to play; `zhida up` does it.")
    return LabSettings(
        accounts=parse_accounts(accounts, options.product),
        core=options.core,
        product=options.product,
        ledger=options.ledger,
        played=parse_played(played, options.product),
        smtp_port=options.smtp_port,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the lab until it is told to stop; 2 means that something it needs is missing."""
    parser = argparse.ArgumentParser(prog="zhida lab", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=5813, help="port to listen on")
    parser.add_argument("--smtp-port", type=int, default=5816, help="port for mail")
    parser.add_argument("--product", default="http://127.0.0.1:5810", help="Zhida's public site")
    parser.add_argument("--core", default="http://127.0.0.1:5812", help="the demo core")
    parser.add_argument("--ledger", type=Path, help="also write each accepted message here")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    try:
        settings = read_settings(
            options,
            os.environ.get("ZHIDA_WECHAT_ACCOUNTS", ""),
            os.environ.get("ZHIDA_LAB_ACCOUNTS", ""),
        )
    except InvalidInput as error:
        log.error("lab: %s", error)  # noqa: TRY400  # the sentence is for the operator
        return 2
    played = ", ".join(settings.accounts)
    log.info("lab on http://%s:%d/ plays %s", options.host, options.port, played)
    web.run_app(
        build_app(settings),
        host=options.host,
        port=options.port,
        print=None,
        access_log=None,
        loop=uvloop.new_event_loop(),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
