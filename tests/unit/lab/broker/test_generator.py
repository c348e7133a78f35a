"""The generated clients are the same every time, varied, and add up."""

from __future__ import annotations

from lab.broker.account import PRODUCTS
from lab.broker.generator import find_accounts


def test_the_same_seed_gives_the_same_clients() -> None:
    assert find_accounts() == find_accounts()
    assert find_accounts(seed=1) != find_accounts(seed=2)


def test_names_phones_and_numbers_are_unique() -> None:
    accounts = find_accounts(540).values()
    for column in ("client_no", "name", "phone"):
        assert len({getattr(account, column) for account in accounts}) == 540


def test_the_money_adds_up() -> None:
    for account in find_accounts().values():
        for holding in account.holdings:
            assert holding.balance_fen == holding.available_fen + holding.frozen_fen
            assert 0 <= holding.withdrawable_fen <= holding.available_fen


def test_each_state_that_a_talk_needs_is_there() -> None:
    accounts = find_accounts().values()
    states = {
        (transfer.direction, transfer.state)
        for account in accounts
        for transfer in account.transfers
    }
    assert {("in", "failed"), ("out", "processing"), ("out", "returned"), ("in", "done")} <= states
    grants = {(grant.product, grant.state) for account in accounts for grant in account.grants}
    assert {(product, "open") for product in PRODUCTS} <= grants
    assert {("star", "pending"), ("bse", "expired")} <= grants
    assert any(account.credit and account.credit.maintenance_ratio < 1.4 for account in accounts)
