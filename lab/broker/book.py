"""The demo core's memory: accounts, applications and changes, in this process alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.message import Json
from lab.broker.account import PRODUCTS, Account, Grant
from lab.broker.suitability import check_conditions

CHANGE_STEPS = {"phone": "confirm_in_app", "bank_card": "upload_card_in_app"}


class NotEligible(Conflict):
    """The client does not meet every condition of this permission."""

    code = "not_eligible"
    message_zh = "尚未满足该权限的全部条件。"


class AlreadyThere(Conflict):
    """The permission is open already, or an application is being reviewed."""

    code = "already_there"
    message_zh = "该权限已开通或正在审核。"


class TransferPending(Conflict):
    """A transfer is on its way; the bank card can be changed when it has settled."""

    code = "transfer_pending"
    message_zh = "有在途转账，结清后才能更换银行卡。"


class KeyReused(Conflict):
    """The Idempotency-Key came before with another request."""

    code = "idempotency_conflict"
    message_zh = "幂等键已用于另一个请求。"


@dataclass(frozen=True, slots=True)
class _Kept:
    fingerprint: str
    answer: Mapping[str, Json]


class Book:
    """All generated accounts, and what was applied for since the start."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._accounts = dict(accounts)
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._counter = 0

    def accounts(self) -> tuple[Account, ...]:
        """Return every account, in the order of the client numbers."""
        return tuple(self._accounts[number] for number in sorted(self._accounts))

    def find_by_phone(self, phone: str) -> Account | None:
        """Return the account of this phone number, or nothing."""
        return next((found for found in self._accounts.values() if found.phone == phone), None)

    def get_account(self, client_no: str) -> Account:
        """Return the account, or raise NotFound."""
        if client_no not in self._accounts:
            raise NotFound("No client has this number.")
        return self._accounts[client_no]

    def record_once(
        self, key: str, request: Mapping[str, Json], *, act: Callable[[], Mapping[str, Json]]
    ) -> tuple[Mapping[str, Json], bool]:
        """Do `act` once for this key; return its answer and whether it is a repetition.

        A request is named by its client, path and body: another one under the same key is refused.
        """
        scope = (str(request["client_no"]), key)
        fingerprint = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
        if scope in self._kept:
            kept = self._kept[scope]
            if kept.fingerprint != fingerprint:
                raise KeyReused
            return kept.answer, True
        answer = act()
        self._kept[scope] = _Kept(fingerprint, answer)
        return answer, False

    def apply_for(self, client_no: str, product: str) -> Mapping[str, Json]:
        """Hand in an application; raise NotEligible or AlreadyThere."""
        account = self.get_account(client_no)
        check_product(product)
        states = {grant.product: grant.state for grant in account.grants}
        if states.get(product) in {"open", "pending"}:
            raise AlreadyThere
        if not all(condition.met for condition in check_conditions(account, product)):
            raise NotEligible
        grants = tuple(grant for grant in account.grants if grant.product != product)
        self._accounts[client_no] = replace(account, grants=(*grants, Grant(product, "pending")))
        return {"application_id": self._next_id("A"), "state": "pending"}

    def change(self, client_no: str, kind: str) -> Mapping[str, Json]:
        """Start a change of phone or bank card; the client completes it in the app."""
        account = self.get_account(client_no)
        if kind not in CHANGE_STEPS:
            raise InvalidInput(f"kind is one of {', '.join(CHANGE_STEPS)}.")
        moving = {transfer.state for transfer in account.transfers} & {"submitted", "processing"}
        if kind == "bank_card" and moving:
            raise TransferPending
        return {
            "change_id": self._next_id("C"),
            "state": "waiting_client",
            "next_step": CHANGE_STEPS[kind],
        }

    def _next_id(self, letter: str) -> str:
        self._counter += 1
        return f"{letter}{self._counter:010d}"


def check_product(product: str) -> None:
    """Raise NotFound unless the product is one of those that a client may open."""
    if product not in PRODUCTS:
        raise NotFound(f"product is one of {', '.join(PRODUCTS)}.")


def to_iso(moment: datetime) -> str:
    """Write a moment as the contract does: ISO 8601 with offset, whole seconds."""
    return moment.isoformat(timespec="seconds")
