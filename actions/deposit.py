"""Where a deposit is."""

from __future__ import annotations

from actions.figure import show_moment
from actions.reply import Outcome, Reply, human_choice
from actions.session import Session
from actions.talk import Personal
from actions.transfer import show_transfers, tell_newest
from clients.broker import Broker
from clients.verification import Verification, VerifiedClient
from kernel.clock import Clock
from kernel.message import Choice


class CheckDeposit(Personal):
    """Tells the state of the newest deposits."""

    NAME = "action_check_deposit"
    TALK = "check_deposit"
    TOPIC = "deposit_withdrawal"

    def __init__(self, verification: Verification, broker: Broker, clock: Clock) -> None:
        super().__init__(verification)
        self._broker = broker
        self._clock = clock

    async def tell(self, session: Session, client: VerifiedClient) -> Outcome:
        """Tell the newest deposit, why it failed if it did, and the ones before."""
        transfers = await self._broker.find_transfers(client.client_no, "in")
        at = show_moment(self._clock.now(), session.language)
        if not transfers:
            text = session.say(
                zh=f"截至{at}，没有查到您的入金记录。如果银行已扣款，请联系人工核对。",
                en=f"As of {at} there is no deposit of yours on record. "
                "If your bank has taken the money, a person will look into it.",
            )
            return Outcome(Reply(text, (human_choice(session),)))
        text = session.say(zh=f"截至{at}查询：", en=f"As of {at}: ")
        return Outcome(
            Reply(
                text + tell_newest(session, transfers[0]),
                (_arrival(session), human_choice(session)),
                show_transfers(session, transfers),
            )
        )


def _arrival(session: Session) -> Choice:
    title = session.say(zh="入金未到账怎么办", en="It has not arrived")
    return Choice(title=title, payload='/choose_article{"article":"dw.not_arrived"}')
