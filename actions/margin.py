"""Margin and risk: the futures risk ratio and the maintenance ratio of 两融."""

from __future__ import annotations

from actions.figure import show_moment, show_money, show_percent
from actions.reply import Outcome, Reply, card, human_choice
from actions.session import Session
from actions.talk import Personal
from clients.account import CreditMargin, FuturesMargin, Margin
from clients.broker import Broker
from clients.verification import Verification, VerifiedClient
from kernel.message import Card


class CheckMargin(Personal):
    """Tells how far the client is from a margin call, plainly."""

    NAME = "action_check_margin"
    TALK = "check_margin"
    TOPIC = "margin_risk"

    def __init__(self, verification: Verification, broker: Broker) -> None:
        super().__init__(verification)
        self._broker = broker

    async def tell(self, session: Session, client: VerifiedClient) -> Outcome:
        """Tell each margin account's state; who is at the line is offered a person."""
        margin = await self._broker.get_margin(client.client_no)
        at = show_moment(margin.as_of, session.language)
        told = [session.say(zh=f"截至{at}：", en=f"As of {at}:")]
        if margin.futures:
            told.append(_tell_futures(session, margin.futures))
        if margin.credit:
            told.append(_tell_credit(session, margin.credit))
        if not (margin.futures or margin.credit):
            told.append(
                session.say(
                    zh="您没有期货或融资融券账户，因此没有保证金和风险率。",
                    en="You have neither a futures nor a margin account, hence no risk ratio.",
                )
            )
        choices = (human_choice(session),) if _is_near(margin) else ()
        return Outcome(Reply("\n".join(told), choices, _show(session, margin)))


def _is_near(margin: Margin) -> bool:
    futures, credit = margin.futures, margin.credit
    return bool(
        (futures and futures.risk_ratio >= futures.warn_ratio)
        or (credit and credit.maintenance_ratio <= credit.warn_ratio)
    )


def _tell_futures(session: Session, futures: FuturesMargin) -> str:
    ratio = show_percent(futures.risk_ratio, session.language)
    warn = show_percent(futures.warn_ratio, session.language)
    call = show_percent(futures.call_ratio, session.language)
    if futures.risk_ratio >= futures.call_ratio:
        return session.say(
            zh=f"期货风险率 {ratio}，已达到追保线 {call}，请尽快入金或减仓，否则可能被强行平仓。",
            en=f"Your futures risk ratio is {ratio}, at or above the call line {call}. Please add "
            "money or reduce positions soon, or they may be closed out.",
        )
    if futures.risk_ratio >= futures.warn_ratio:
        return session.say(
            zh=f"期货风险率 {ratio}，已超过预警线 {warn}，距追保线 {call} 不远，请留意。",
            en=f"Your futures risk ratio is {ratio}, above the warning line {warn} and not far "
            f"from the call line {call}.",
        )
    return session.say(
        zh=f"期货风险率 {ratio}，低于预警线 {warn}。",
        en=f"Your futures risk ratio is {ratio}, below the warning line {warn}.",
    )


def _tell_credit(session: Session, credit: CreditMargin) -> str:
    ratio = show_percent(credit.maintenance_ratio, session.language)
    warn = show_percent(credit.warn_ratio, session.language)
    call = show_percent(credit.call_ratio, session.language)
    if credit.maintenance_ratio <= credit.call_ratio:
        return session.say(
            zh=f"维持担保比例 {ratio}，已低于平仓线 {call}，请尽快追加担保物或偿还负债。",
            en=f"Your maintenance ratio is {ratio}, at or below the call line {call}. Please add "
            "collateral or repay soon.",
        )
    if credit.maintenance_ratio <= credit.warn_ratio:
        return session.say(
            zh=f"维持担保比例 {ratio}，已低于警戒线 {warn}（平仓线 {call}），请留意。",
            en=f"Your maintenance ratio is {ratio}, below the warning line {warn} "
            f"(call line {call}).",
        )
    return session.say(
        zh=f"维持担保比例 {ratio}，高于警戒线 {warn}。",
        en=f"Your maintenance ratio is {ratio}, above the warning line {warn}.",
    )


def _show(session: Session, margin: Margin) -> Card | None:
    rows: list[tuple[str, int]] = []
    if margin.futures:
        rows += [
            (session.say(zh="期货权益", en="Futures equity"), margin.futures.equity_fen),
            (session.say(zh="占用保证金", en="Margin in use"), margin.futures.margin_fen),
        ]
    if margin.credit:
        rows += [
            (session.say(zh="担保资产", en="Collateral"), margin.credit.collateral_fen),
            (session.say(zh="融资融券负债", en="Debt"), margin.credit.debt_fen),
        ]
    shown = [(label, show_money(fen, session.language)) for label, fen in rows]
    return card(session.say(zh="保证金情况", en="Margin"), shown) if shown else None
