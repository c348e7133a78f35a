"""How the demo core shows an account: the JSON of the published contract."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from kernel.clock import CHINA
from kernel.message import Json
from lab.broker.account import Account, Grant, Transfer
from lab.broker.book import to_iso
from lab.broker.suitability import check_conditions

SINGLE_FEN = 500_000_00
DAILY_FEN = 2_000_000_00
BANK_SINGLE_FEN = {"招商银行": 500_000_00, "工商银行": 500_000_00, "兴业银行": 200_000_00}
FUTURES_LINES = {"warn_ratio": 0.8, "call_ratio": 1.0}
CREDIT_LINES = {"warn_ratio": 1.4, "call_ratio": 1.3}


def show_client(account: Account) -> dict[str, Json]:
    """Show who the client is."""
    return {
        "client_no": account.client_no,
        "name": account.name,
        "phone": account.phone,
        "risk_level": account.risk_level,
        "investor_class": account.investor_class,
        "stage": account.stage,
        "manager": {"name": account.manager},
    }


def show_funds(account: Account, *, now: datetime) -> dict[str, Json]:
    """Show the money of each account."""
    return {"as_of": to_iso(now), "accounts": [asdict(holding) for holding in account.holdings]}


def show_transfers(
    account: Account, *, direction: str | None, limit: int, now: datetime
) -> dict[str, Json]:
    """Show the newest transfers first."""
    chosen = [found for found in account.transfers if direction in {None, found.direction}]
    chosen.sort(key=lambda transfer: transfer.submitted_ago)
    return {"transfers": [_show_transfer(transfer, now) for transfer in chosen[:limit]]}


def _show_transfer(transfer: Transfer, now: datetime) -> dict[str, Json]:
    return {
        "id": transfer.id,
        "direction": transfer.direction,
        "bank": transfer.bank,
        "amount_fen": transfer.amount_fen,
        "state": transfer.state,
        "submitted_at": to_iso(now - transfer.submitted_ago),
        "expected_at": _moment(now, transfer.expected_in),
        "reason": transfer.reason,
    }


def show_limit(account: Account) -> dict[str, Json]:
    """Show what may still be withdrawn today."""
    return {
        "single_fen": SINGLE_FEN,
        "daily_fen": DAILY_FEN,
        "used_today_fen": account.used_today_fen,
        "times_left": account.transfers_left,
        "hours": {"from": "09:00", "to": "16:00", "days": "trading"},
        "by_bank": [
            {"bank": bank, "single_fen": BANK_SINGLE_FEN.get(bank, 300_000_00)}
            for bank in account.banks
        ],
    }


def show_permissions(account: Account, *, now: datetime) -> dict[str, Json]:
    """Show each permission and its state."""
    return {"permissions": [_show_grant(grant, now) for grant in account.grants]}


def _show_grant(grant: Grant, now: datetime) -> dict[str, Json]:
    return {
        "product": grant.product,
        "state": grant.state,
        "granted_at": _moment(now, -grant.granted_ago if grant.granted_ago else None),
        "expires_at": _moment(now, grant.expires_in),
    }


def show_eligibility(account: Account, product: str) -> dict[str, Json]:
    """Show each condition of a permission, met or not."""
    conditions = check_conditions(account, product)
    return {
        "eligible": all(condition.met for condition in conditions),
        "conditions": [asdict(condition) for condition in conditions],
    }


def show_margin(account: Account, *, now: datetime) -> dict[str, Json]:
    """Show the futures margin and the credit account, each where there is one."""
    futures: Json = None
    credit: Json = None
    if account.futures:
        ratio = account.futures.margin_fen / account.futures.equity_fen
        futures = {**asdict(account.futures), "risk_ratio": round(ratio, 4), **FUTURES_LINES}
    if account.credit:
        ratio = float(account.credit.maintenance_ratio)
        credit = {"maintenance_ratio": ratio, **CREDIT_LINES, **asdict(account.credit)}
    return {"as_of": to_iso(now), "futures": futures, "credit": credit}


def _moment(now: datetime, distance: timedelta | None) -> str | None:
    return None if distance is None else to_iso((now + distance).astimezone(CHINA))
