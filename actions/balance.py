"""Balance and withdrawable cash of each account."""

from __future__ import annotations

from actions.figure import show_moment, show_money
from actions.reply import Outcome, Reply, card
from actions.session import Session
from actions.talk import Personal
from clients.account import Funds, Holding
from clients.broker import Broker
from clients.verification import Verification, VerifiedClient
from kernel.message import Card, Choice

_KINDS = {
    "stock": ("证券账户", "Securities account"),
    "futures": ("期货账户", "Futures account"),
    "margin": ("信用账户", "Margin account"),
    "option": ("期权账户", "Options account"),
}


class CheckBalance(Personal):
    """Tells how much money there is, and how much of it can be withdrawn."""

    NAME = "action_check_balance"
    TALK = "check_balance"
    TOPIC = "deposit_withdrawal"

    def __init__(self, verification: Verification, broker: Broker) -> None:
        super().__init__(verification)
        self._broker = broker

    async def tell(self, session: Session, client: VerifiedClient) -> Outcome:
        """Tell the money of each account, as of when."""
        funds = await self._broker.get_funds(client.client_no)
        choices = (
            Choice(title=session.say(zh="出金额度", en="Withdrawal limit"),
                   payload="/check_withdrawal_limit"),
            Choice(title=session.say(zh="出金进度", en="Withdrawals"), payload="/check_withdrawal"),
        )  # fmt: skip
        return Outcome(Reply(_tell_total(session, funds), choices, _show_accounts(session, funds)))


def _tell_total(session: Session, funds: Funds) -> str:
    free = show_money(sum(row.withdrawable_fen for row in funds.accounts), session.language)
    at = show_moment(funds.as_of, session.language)
    if not funds.accounts:
        return session.say(
            zh=f"截至{at}，您名下还没有资金账户。", en=f"As of {at} you have no cash account yet."
        )
    return session.say(
        zh=f"截至{at}，您目前可取资金合计 {free}，明细如下。",
        en=f"As of {at} you can withdraw {free} in all. The details:",
    )


def _show_accounts(session: Session, funds: Funds) -> Card | None:
    rows = [row for holding in funds.accounts for row in _show_holding(session, holding)]
    title = session.say(zh="资金情况", en="Your funds")
    note = session.say(
        zh="可用资金可以交易；可取资金可以转出。卖出所得当日可用、通常次一交易日可取。",
        en="Available money can be traded with, withdrawable money can be transferred out.",
    )
    return card(title, rows, note) if rows else None


def _show_holding(session: Session, holding: Holding) -> list[tuple[str, str]]:
    zh, en = _KINDS.get(holding.kind, (holding.kind, holding.kind))
    name = session.say(zh=zh, en=en)

    def row(zh: str, en: str, fen: int) -> tuple[str, str]:
        return f"{name} · {session.say(zh=zh, en=en)}", show_money(fen, session.language)

    return [
        row("余额", "balance", holding.balance_fen),
        row("可用", "available", holding.available_fen),
        row("可取", "withdrawable", holding.withdrawable_fen),
        *([row("冻结", "frozen", holding.frozen_fen)] if holding.frozen_fen else []),
    ]
