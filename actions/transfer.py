"""How a bank transfer is told: the newest in a sentence, the others on a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actions.figure import show_moment, show_money
from actions.reply import card
from actions.session import Session
from clients.account import Direction, Transfer
from kernel.message import Card

_STATES: Mapping[str, tuple[str, str]] = {
    "submitted": ("已提交", "submitted"),
    "processing": ("处理中", "being processed"),
    "done": ("已到账", "arrived"),
    "failed": ("失败", "failed"),
    "returned": ("已退回", "returned"),
}
_NAMES: Mapping[Direction, tuple[str, str]] = {
    "in": ("入金", "deposit"),
    "out": ("出金", "withdrawal"),
}


def show_state(session: Session, transfer: Transfer) -> str:
    """Return the state in a word."""
    zh, en = _STATES[transfer.state]
    return session.say(zh=zh, en=en)


def tell_newest(session: Session, transfer: Transfer) -> str:
    """Tell the newest transfer: amount, bank, when, state, and what comes next."""
    zh_name, en_name = _NAMES[transfer.direction]
    amount = show_money(transfer.amount_fen, session.language)
    at = show_moment(transfer.submitted_at, session.language)
    state = show_state(session, transfer)
    told = session.say(
        zh=f"您最近一笔{zh_name}：{at}，{transfer.bank}，{amount}，{state}。",
        en=f"Your newest {en_name}: {amount}, {transfer.bank}, {at}, {state}. ",
    )
    return told + _tell_next(session, transfer)


def _tell_next(session: Session, transfer: Transfer) -> str:
    if transfer.state in {"submitted", "processing"} and transfer.expected_at:
        when = show_moment(transfer.expected_at, session.language)
        return session.say(zh=f"预计{when}前到账。", en=f"It is expected by {when}. ")
    if transfer.state in {"failed", "returned"}:
        reason = transfer.reason or session.say(zh="银行未说明", en="not given by the bank")
        return session.say(
            zh=f"原因：{reason}。资金未划转或已退回原账户，处理后可以重新提交。",
            en=f"Reason: {reason}. The money did not leave or is back; you can submit it again. ",
        )
    return ""


def show_transfers(session: Session, transfers: Sequence[Transfer]) -> Card | None:
    """Return the transfers as a card, newest first; None for a single one."""
    if len(transfers) < 2:
        return None
    zh_name, en_name = _NAMES[transfers[0].direction]
    rows = [
        (
            show_moment(transfer.submitted_at, session.language),
            f"{show_money(transfer.amount_fen, session.language)} · {transfer.bank} · "
            f"{show_state(session, transfer)}",
        )
        for transfer in transfers
    ]
    return card(session.say(zh=f"最近{zh_name}记录", en=f"Recent {en_name}s"), rows)
