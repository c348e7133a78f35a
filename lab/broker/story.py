"""The stories: each of the first accounts shows one talk, and says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

Story = Callable[[Account], Account]

_RICH = Record(1_280_000_00, 620_000_00, 64, 95, 20)
_POOR = Record(86_000_00, 20_000_00, 9, 70, 0)
_OPEN_LONG = timedelta(days=420)


def _permissions(**states: str) -> tuple[Grant, ...]:
    return tuple(_grant(product, states.get(product, "none")) for product in PRODUCTS)


def _grant(product: str, state: str) -> Grant:
    granted = None if state in {"none", "pending"} else _OPEN_LONG
    expires = timedelta(days=-12) if state == "expired" else None
    return Grant(product, state, granted, expires)


def _stock(balance: int, *, frozen: int = 0, withdrawable: int | None = None) -> tuple[Holding]:
    available = balance - frozen
    free = available if withdrawable is None else withdrawable
    return (Holding("stock", balance, available, free, frozen),)


def _withdrawal_in_transit(account: Account) -> Account:
    return replace(
        account,
        story="出金处理中，预计今日到账；入金均已到账 / withdrawal being processed",
        holdings=_stock(268_431_55, frozen=50_000_00),
        transfers=(
            Transfer(
                "T90000000001", "out", "招商银行", 50_000_00, "processing",
                timedelta(minutes=25), timedelta(minutes=95),
            ),
            Transfer("T90000000002", "in", "招商银行", 120_000_00, "done", timedelta(days=6)),
            Transfer("T90000000003", "out", "招商银行", 8_000_00, "done", timedelta(days=20)),
        ),
        banks=("招商银行",),
        used_today_fen=50_000_00,
        transfers_left=4,
        record=_RICH,
        risk_level="C4",
        stage="active",
        grants=_permissions(gem="open"),
    )  # fmt: skip


def _failed_deposit(account: Account) -> Account:
    return replace(
        account,
        story="入金失败：银行卡余额不足 / deposit failed at the bank",
        holdings=_stock(1_203_20),
        transfers=(
            Transfer(
                "T90000000011", "in", "工商银行", 30_000_00, "failed", timedelta(hours=2),
                reason="银行卡余额不足",
            ),
            Transfer("T90000000012", "in", "工商银行", 10_000_00, "done", timedelta(days=41)),
        ),
        banks=("工商银行",),
        record=_POOR,
        stage="active",
    )  # fmt: skip


def _eligible_for_all(account: Account) -> Account:
    return replace(
        account,
        story="各项权限均可开通 / eligible for every permission",
        holdings=_stock(1_312_500_00),
        record=_RICH,
        risk_level="C5",
        stage="active",
        grants=_permissions(gem="open", margin="open"),
        credit=CreditMargin(1_980_000_00, 700_000_00),
        transfers=(
            Transfer("T90000000021", "in", "建设银行", 500_000_00, "done", timedelta(days=2)),
        ),
        banks=("建设银行",),
    )


def _eligible_for_none(account: Account) -> Account:
    return replace(
        account,
        story="各项权限均不满足条件 / not eligible for any permission",
        holdings=_stock(52_000_00),
        record=_POOR,
        risk_level="C2",
        stage="new",
        grants=_permissions(),
    )


def _near_margin_call(account: Account) -> Account:
    return replace(
        account,
        story="期货风险率 96%，接近追保 / futures account near a margin call",
        holdings=(
            *_stock(12_000_00),
            Holding("futures", 150_000_00, 6_000_00, 6_000_00, 144_000_00),
        ),
        futures=FuturesMargin(150_000_00, 144_000_00),
        record=_RICH,
        stage="active",
        grants=_permissions(futures_special="open"),
    )


def _credit_below_warning(account: Account) -> Account:
    return replace(
        account,
        story="两融维持担保比例 136%，低于警戒线 / maintenance ratio below the warning line",
        holdings=(*_stock(3_800_00), Holding("margin", 18_000_00, 18_000_00, 0, 0)),
        credit=CreditMargin(952_000_00, 700_000_00),
        record=_RICH,
        stage="active",
        grants=_permissions(gem="open", margin="open"),
    )


def _returned_withdrawal(account: Account) -> Account:
    return replace(
        account,
        story="出金被银行退回：卡状态异常 / withdrawal returned by the bank",
        holdings=_stock(77_350_08),
        transfers=(
            Transfer(
                "T90000000061", "out", "农业银行", 20_000_00, "returned", timedelta(days=1),
                reason="收款卡状态异常",
            ),
        ),
        banks=("农业银行",),
    )  # fmt: skip


def _limit_used_up(account: Account) -> Account:
    return replace(
        account,
        story="今日出金额度和次数已用完 / withdrawal limit used up today",
        used_today_fen=2_000_000_00,
        transfers_left=0,
        banks=("中国银行",),
    )


def _permission_pending(account: Account) -> Account:
    return replace(
        account,
        story="科创板申请审核中，北交所权限已过期 / 科创板 pending, 北交所 expired",
        record=_RICH,
        risk_level="C4",
        grants=_permissions(gem="open", star="pending", bse="expired"),
    )


def _quiet_account(account: Account) -> Account:
    return replace(
        account,
        story="新开账户，无资金无流水 / new account, nothing in it",
        holdings=_stock(0),
        transfers=(),
        stage="new",
        record=Record(0, 0, 0, 0, 0, risk_test_valid=False),
        grants=_permissions(),
    )


STORIES: Sequence[Story] = (
    _withdrawal_in_transit,
    _failed_deposit,
    _eligible_for_all,
    _eligible_for_none,
    _near_margin_call,
    _credit_below_warning,
    _returned_withdrawal,
    _limit_used_up,
    _permission_pending,
    _quiet_account,
)
