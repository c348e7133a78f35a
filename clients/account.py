"""What the broker's core tells of a client: frozen values, money in integer fen.

Field names are those of docs/core-openapi.yaml, so that an answer is checked straight into
these types; an unknown field is ignored, a missing or wrong one is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

Product = Literal["gem", "star", "bse", "hk", "option", "margin", "futures_special"]
Direction = Literal["in", "out"]
Ratio = Annotated[Decimal, Field(allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Manager:
    """The client's manager at the broker."""

    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who the client is."""

    client_no: str
    name: str
    phone: str
    risk_level: str
    investor_class: str
    stage: str
    manager: Manager


@dataclass(frozen=True, slots=True)
class Holding:
    """The money of one account; `kind` is stock, futures, margin or option."""

    kind: str
    balance_fen: int
    available_fen: int
    withdrawable_fen: int
    frozen_fen: int


@dataclass(frozen=True, slots=True)
class Funds:
    """The money of all accounts as of a moment."""

    as_of: AwareDatetime
    accounts: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class Transfer:
    """One bank transfer, in to the broker or out to the bank."""

    id: str
    direction: Direction
    bank: str
    amount_fen: int
    state: Literal["submitted", "processing", "done", "failed", "returned"]
    submitted_at: AwareDatetime
    expected_at: AwareDatetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Transfers:
    """The newest transfers, newest first."""

    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """When withdrawals are taken: local times such as 09:00, on trading days or every day."""

    from_: Annotated[str, Field(alias="from")]
    to: str
    days: Literal["trading", "every"]


@dataclass(frozen=True, slots=True)
class BankLimit:
    """What one bank takes at a time."""

    bank: str
    single_fen: int


@dataclass(frozen=True, slots=True)
class WithdrawalLimit:
    """What may still be withdrawn today."""

    single_fen: int
    daily_fen: int
    used_today_fen: int
    times_left: int
    hours: Hours
    by_bank: tuple[BankLimit, ...]

    @property
    def left_today_fen(self) -> int:
        """What is left of the daily limit, never below nothing."""
        return max(0, self.daily_fen - self.used_today_fen)


@dataclass(frozen=True, slots=True)
class Permission:
    """A trading permission and its state."""

    product: Product
    state: Literal["none", "open", "pending", "expired"]
    granted_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class Permissions:
    """Every trading permission of a client."""

    permissions: tuple[Permission, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """One rule held against the client, with the rule's document."""

    rule: str
    required: str
    actual: str
    met: bool
    source: str


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a permission may be opened, condition by condition."""

    eligible: bool
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class FuturesMargin:
    """Futures: margin over equity; above `call_ratio` money must be added."""

    equity_fen: int
    margin_fen: int
    risk_ratio: Ratio
    warn_ratio: Ratio
    call_ratio: Ratio


@dataclass(frozen=True, slots=True)
class CreditMargin:
    """两融: collateral over debt; below `call_ratio` collateral must be added."""

    maintenance_ratio: Ratio
    warn_ratio: Ratio
    call_ratio: Ratio
    debt_fen: int
    collateral_fen: int


@dataclass(frozen=True, slots=True)
class Margin:
    """The margin state as of a moment, None where the client has no such account."""

    as_of: AwareDatetime
    futures: FuturesMargin | None
    credit: CreditMargin | None


@dataclass(frozen=True, slots=True)
class Application:
    """An application for a permission, handed in."""

    application_id: str
    state: Literal["pending", "open"]


@dataclass(frozen=True, slots=True)
class Change:
    """A change of phone or bank card, started; `next_step` is what the client does next."""

    change_id: str
    state: Literal["waiting_client", "pending", "done"]
    next_step: Literal["confirm_in_app", "upload_card_in_app", "visit_branch", "none"]


@dataclass(frozen=True, slots=True)
class Challenge:
    """A one-time code on its way; `challenge` names it."""

    challenge: str
    expires_in: int = 300


@dataclass(frozen=True, slots=True)
class CodeOwner:
    """Whose code was right."""

    client_no: str


@dataclass(frozen=True, slots=True)
class HostToken:
    """What the demo core signs in place of the broker's app."""

    token: str
