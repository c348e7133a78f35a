"""Start the lab: fake providers with a ledger, and a page to play the client's phone."""

from __future__ import annotations

import os
from collections.abc import Sequence

from service.crew import say_accounts
from service.source import load_settings


def run(words: Sequence[str]) -> int:
    """Play the accounts whose provider is the lab, until told to stop."""
    from lab.__main__ import main

    settings = load_settings()
    # The secrets of an account at the real provider are none of the lab's business.
    played = {
        name: account
        for name, account in settings.wechat_accounts.items()
        if account.api_base.startswith(settings.lab_url)
    }
    os.environ["ZHIDA_WECHAT_ACCOUNTS"] = say_accounts(played) if played else ""
    where = ["--port", str(settings.lab_port), "--product", settings.site_url]
    return main([*where, "--core", settings.core_address, *words])
