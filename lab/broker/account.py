"""What the demo core knows of one client: pure values, money in integer fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

PRODUCTS = ("gem", "star", "bse", "hk", "option", "margin", "futures_special")
"""创业板, 科创板, 北交所, 港股通, 股票期权, 融资融券, 期货特殊品种."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Money of one kind of account, in fen; available + frozen = balance."""

    kind: str
    balance_fen: int
    available_fen: int
    withdrawable_fen: int
    frozen_fen: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """One bank transfer; `submitted_ago` and `expected_in` are told from the moment of asking."""

    id: str
    direction: str
    bank: str
    amount_fen: int
    state: str
    submitted_ago: timedelta
    expected_in: timedelta | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A trading permission; ages are told from the moment of asking."""

    product: str
    state: str
    granted_ago: timedelta | None = None
    expires_in: timedelta | None = None


@dataclass(frozen=True, slots=True)
class FuturesMargin:
    """Futures margin; the ratio is margin over equity, 1 means 100 %."""

    equity_fen: int
    margin_fen: int


@dataclass(frozen=True, slots=True)
class CreditMargin:
    """融资融券: collateral over debt is the maintenance ratio."""

    collateral_fen: int
    debt_fen: int

    @property
    def maintenance_ratio(self) -> Decimal:
        """维持担保比例, four decimals."""
        return (Decimal(self.collateral_fen) / Decimal(self.debt_fen)).quantize(Decimal("0.0001"))


@dataclass(frozen=True, slots=True)
class Record:
    """What suitability rules look at: assets in fen, months since the first trade, test scores."""

    assets_20d_fen: int
    free_funds_5d_fen: int
    months_trading: int
    test_score: int
    simulated_days: int
    risk_test_valid: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """One generated client; `story` says which talk this account is there to show."""

    client_no: str
    name: str
    phone: str
    risk_level: str
    investor_class: str
    stage: str
    manager: str
    story: str
    record: Record
    holdings: tuple[Holding, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    grants: tuple[Grant, ...] = ()
    banks: tuple[str, ...] = ()
    used_today_fen: int = 0
    transfers_left: int = 5
    futures: FuturesMargin | None = None
    credit: CreditMargin | None = None
