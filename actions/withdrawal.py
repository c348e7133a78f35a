"""Where a withdrawal is, and how much may still be withdrawn."""

from __future__ import annotations

from actions.figure import show_moment, show_money
from actions.reply import Outcome, Reply, card, human_choice
from actions.session import Session
from actions.talk import Personal
from actions.transfer import show_transfers, tell_newest
from clients.account import WithdrawalLimit
from clients.broker import Broker
from clients.verification import Verification, VerifiedClient
from kernel.clock import Clock
from kernel.message import Card, Choice


class CheckWithdrawal(Personal):
    """Tells the state of the newest withdrawals."""

    NAME = "action_check_withdrawal"
    TALK = "check_withdrawal"
    TOPIC = "deposit_withdrawal"

    def __init__(self, verification: Verification, broker: Broker, clock: Clock) -> None:
        super().__init__(verification)
        self._broker = broker
        self._clock = clock

    async def tell(self, session: Session, client: VerifiedClient) -> Outcome:
        """Tell the newest withdrawal, when it arrives or why not, and the ones before."""
        transfers = await self._broker.find_transfers(client.client_no, "out")
        at = show_moment(self._clock.now(), session.language)
        limit = Choice(
            title=session.say(zh="出金额度", en="Withdrawal limit"),
            payload="/check_withdrawal_limit",
        )
        if not transfers:
            text = session.say(
                zh=f"截至{at}，没有查到您的出金记录。",
                en=f"As of {at} there is no withdrawal of yours on record.",
            )
            return Outcome(Reply(text, (limit, human_choice(session))))
        text = session.say(zh=f"截至{at}查询：", en=f"As of {at}: ")
        return Outcome(
            Reply(
                text + tell_newest(session, transfers[0]),
                (limit, human_choice(session)),
                show_transfers(session, transfers),
            )
        )


class CheckWithdrawalLimit(Personal):
    """Tells how much may still be withdrawn today, and when."""

    NAME = "action_check_withdrawal_limit"
    TALK = "check_withdrawal_limit"
    TOPIC = "deposit_withdrawal"

    def __init__(self, verification: Verification, broker: Broker, clock: Clock) -> None:
        super().__init__(verification)
        self._broker = broker
        self._clock = clock

    async def tell(self, session: Session, client: VerifiedClient) -> Outcome:
        """Tell what is left of today's limit and number of withdrawals."""
        limit = await self._broker.get_withdrawal_limit(client.client_no)
        at = show_moment(self._clock.now(), session.language)
        left = show_money(limit.left_today_fen, session.language)
        if limit.left_today_fen and limit.times_left:
            text = session.say(
                zh=f"截至{at}，您今天还可出金 {left}，剩余 {limit.times_left} 次。",
                en=f"As of {at} you can withdraw {left} more today, "
                f"in at most {limit.times_left} transfers.",
            )
        else:
            text = session.say(
                zh=f"截至{at}，您今天的出金额度或次数已用完，下一交易日恢复。",
                en=f"As of {at} today's withdrawal limit is used up; "
                "it is renewed on the next trading day.",
            )
        progress = Choice(
            title=session.say(zh="出金进度", en="My withdrawals"), payload="/check_withdrawal"
        )
        return Outcome(Reply(text, (progress,), _show_limit(session, limit)))


def _show_limit(session: Session, limit: WithdrawalLimit) -> Card:
    days = {
        "trading": session.say(zh="交易日", en="trading days"),
        "every": session.say(zh="每日", en="every day"),
    }[limit.hours.days]
    rows = [
        (session.say(zh="单笔上限", en="Per transfer"), limit.single_fen),
        (session.say(zh="单日上限", en="Per day"), limit.daily_fen),
        (session.say(zh="今日已用", en="Used today"), limit.used_today_fen),
    ]
    shown = [(label, show_money(fen, session.language)) for label, fen in rows]
    shown += [
        (
            session.say(zh=f"{bank.bank}单笔上限", en=f"Per transfer, {bank.bank}"),
            show_money(bank.single_fen, session.language),
        )
        for bank in limit.by_bank
    ]
    hours = f"{days} {limit.hours.from_}–{limit.hours.to}"
    shown.append((session.say(zh="受理时间", en="Hours"), hours))
    return card(session.say(zh="出金额度", en="Withdrawal limit"), shown)
