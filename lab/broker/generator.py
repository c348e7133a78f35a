"""Generates the demo clients: the same every time, clearly made up, varied on purpose.

The first accounts are stories, one for each talk that the product shows; the rest are drawn
from a seeded generator. Names are 「示例」 and a sexagenary pair, phones 199 0000 0000 + n.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from lab.broker.account import (
    PRODUCTS,
    Account,
    CreditMargin,
    FuturesMargin,
    Grant,
    Holding,
    Record,
    Transfer,
)
from lab.broker.story import STORIES

FIRST_CLIENT = 86_000_000
FIRST_PHONE = 19_900_000_000
BANKS = ("工商银行", "农业银行", "中国银行", "建设银行", "交通银行", "招商银行", "兴业银行")
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_MANAGERS = ("示例经理一", "示例经理二", "示例经理三", "示例经理四")
_YUAN = 100


def find_accounts(count: int = 200, *, seed: int = 20261122) -> Mapping[str, Account]:
    """Return `count` generated accounts by client number; the same seed gives the same ones."""
    accounts = (_draw_account(number, seed=seed) for number in range(1, count + 1))
    return {account.client_no: account for account in accounts}


def _draw_account(number: int, *, seed: int) -> Account:
    chance = random.Random(f"{seed}:{number}")  # noqa: S311  # demo data, no secret
    holding = _draw_holding(chance, kind="stock")
    banks = tuple(chance.sample(BANKS, k=chance.choice((1, 1, 2))))
    drawn = Account(
        client_no=str(FIRST_CLIENT + number),
        name=_name(number),
        phone=str(FIRST_PHONE + number),
        risk_level=chance.choice(("C1", "C2", "C3", "C3", "C4", "C4", "C5")),
        investor_class=chance.choices(("ordinary", "professional"), weights=(9, 1))[0],
        stage=chance.choices(("new", "active", "silent"), weights=(2, 6, 2))[0],
        manager=chance.choice(_MANAGERS),
        story="",
        record=_draw_record(chance, assets_fen=holding.balance_fen * chance.randint(1, 6)),
        holdings=(holding,),
        transfers=_draw_transfers(chance, banks=banks),
        grants=_draw_grants(chance),
        banks=banks,
        used_today_fen=chance.choice((0, 0, 0, 20_000_00)),
        transfers_left=chance.choice((5, 5, 4)),
    )
    return _add_margin(drawn, chance) if number > len(STORIES) else STORIES[number - 1](drawn)


def _name(number: int) -> str:
    index = number - 1
    pair = _STEMS[index % 10] + _BRANCHES[index % 12]
    return f"示例{pair}{'一二三四五六七八九'[index // 60 % 9]}"


def _draw_holding(chance: random.Random, *, kind: str) -> Holding:
    balance = chance.randint(1_000, 900_000) * _YUAN + chance.randint(0, 99)
    frozen = balance // 10 if chance.random() < 0.3 else 0
    available = balance - frozen
    return Holding(kind, balance, available, available * chance.randint(60, 100) // 100, frozen)


def _draw_record(chance: random.Random, *, assets_fen: int) -> Record:
    return Record(
        assets_20d_fen=assets_fen,
        free_funds_5d_fen=assets_fen // 3,
        months_trading=chance.randint(0, 120),
        test_score=chance.choice((0, 70, 85, 95)),
        simulated_days=chance.choice((0, 5, 10, 20)),
        risk_test_valid=chance.random() > 0.1,
    )


def _draw_transfers(chance: random.Random, *, banks: tuple[str, ...]) -> tuple[Transfer, ...]:
    return tuple(
        Transfer(
            id=f"T{chance.randrange(10**11):011d}",
            direction=chance.choice(("in", "out")),
            bank=chance.choice(banks),
            amount_fen=chance.randint(5, 500) * 1_000_00,
            state="done",
            submitted_ago=timedelta(days=3 + 9 * n, minutes=chance.randint(0, 300)),
        )
        for n in range(chance.randint(0, 6))
    )


def _draw_grants(chance: random.Random) -> tuple[Grant, ...]:
    states = {product: chance.choices(("none", "open"), weights=(3, 1))[0] for product in PRODUCTS}
    return tuple(
        Grant(product, state, timedelta(days=chance.randint(30, 900)) if state == "open" else None)
        for product, state in states.items()
    )


def _add_margin(account: Account, chance: random.Random) -> Account:
    """Give one in five a futures account, and who has 两融 a credit account."""
    if chance.random() < 0.2:
        equity = chance.randint(50_000, 600_000) * _YUAN
        margin = equity * chance.randint(10, 85) // 100
        free = equity - margin
        account = replace(
            account,
            futures=FuturesMargin(equity, margin),
            holdings=(*account.holdings, Holding("futures", equity, free, free, margin)),
        )
    if any(grant.product == "margin" and grant.state == "open" for grant in account.grants):
        debt = chance.randint(50_000, 400_000) * _YUAN
        account = replace(
            account, credit=CreditMargin(debt * chance.randint(160, 320) // 100, debt)
        )
    return account
