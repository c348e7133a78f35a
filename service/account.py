"""The book of accounts: what kinds there are here, and the demo's own."""

from __future__ import annotations

from channels.account import Accounts
from channels.catalog import list_providers
from channels.contract import Channels
from channels.push.device import Devices
from service.demo_account import list_demo_accounts
from service.settings import Settings


def build_accounts(settings: Settings, channels: Channels, devices: Devices) -> Accounts:
    """Make the book of accounts, the demo's in it; those of the database come with the roster."""
    accounts = Accounts(list_providers(settings.site_url, devices), channels)
    for account in list_demo_accounts(settings):
        accounts.put(account)
    return accounts
