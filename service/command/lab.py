"""Start the lab: fake providers with a ledger, and a page to play the client's phone."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from channels.account import Account
from service.crew import say_accounts
from service.demo_account import list_demo_accounts
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
    os.environ["ZHIDA_LAB_ACCOUNTS"] = say_played(list_demo_accounts(settings))
    os.environ["ZHIDA_WECHAT_ACCOUNTS"] = say_accounts(played) if played else ""
    where = ["--port", str(settings.lab_port), "--product", settings.site_url]
    where += ["--smtp-port", str(settings.lab_smtp_port)]
    return main([*where, "--core", settings.core_address, *words])


def say_played(accounts: Sequence[Account]) -> str:
    """Say accounts as the JSON that ZHIDA_LAB_ACCOUNTS takes, in the lab's process alone."""
    rows = [
        {
            "channel": one.channel,
            "provider": one.provider,
            "name": one.name,
            "public": dict(one.public),
            "secret": dict(one.secret),
        }
        for one in accounts
    ]
    return json.dumps(rows, ensure_ascii=False)
