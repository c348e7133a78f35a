"""Change of phone or bank card: started here, finished by the client in the app."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import ClassVar

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.form import Form, Slots
from actions.port import Turns
from actions.reply import Events, Outcome, Reply, clear_slots, hand_over, human_choice
from actions.session import Session, find_reference, find_token, read_session
from actions.talk import Personal
from clients.account import Change
from clients.broker import Broker, CoreRefused, CoreUncertain
from clients.verification import Verification, VerifiedClient

_PHONE = re.compile(r"1[3-9][0-9]{9}")
_BANK = re.compile(r"[\u4e00-\u9fff]{2,12}(?:银行|信用社)|[A-Za-z][A-Za-z ]{2,30}")

_STEPS = {
    "confirm_in_app": (
        "请登录APP，在「我的—账户资料」中刷脸确认后生效。",
        "Please confirm it by face in the app under My account; then it takes effect.",
    ),
    "upload_card_in_app": (
        "请在APP「我的—银行卡」中上传新卡照片并刷脸确认。",
        "Please upload a picture of the new card in the app under Bank cards and confirm by face.",
    ),
    "visit_branch": (
        "请携带身份证到营业部办理。",
        "Please bring your identity card to a branch.",
    ),
    "none": ("无需其他操作。", "Nothing else is needed."),
}


class ChangePhoneForm(Form):
    """Takes the new phone number; the slot holds a reference to it, never the number."""

    NAME = "validate_change_phone_form"
    SLOTS = ("new_phone", "change_confirm")
    CORRECTED = "new_phone"

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def validate_new_phone(
        self, value: object, dispatcher: CollectingDispatcher, tracker: Tracker, _: object
    ) -> Slots:
        """Take a mobile number, or ask again."""
        session = read_session(tracker)
        phone = await find_phone(self._turns, session, value)
        if phone is None:
            text = session.say(
                zh="这不像手机号，请发送11位的新手机号。",
                en="That is not a mobile number; please send its 11 digits.",
            )
            dispatcher.utter_message(text=text)
            return {"new_phone": None, "change_confirm": None}
        reference = find_reference(session, value, "手机号")
        kept = f"{reference.turn_id}#{reference.token}" if reference else None
        return {"new_phone": kept, "change_confirm": None}

    async def validate_change_confirm(
        self, value: object, _dispatcher: CollectingDispatcher, _tracker: Tracker, _: object
    ) -> Slots:
        """Take yes or no."""
        return {"change_confirm": value if isinstance(value, bool) else None}


class ChangeBankCardForm(Form):
    """Takes the name of the new card's bank; a card number is not wanted here."""

    NAME = "validate_change_bank_card_form"
    SLOTS = ("bank", "change_confirm")
    CORRECTED = "bank"

    async def validate_bank(
        self, value: object, dispatcher: CollectingDispatcher, tracker: Tracker, _: object
    ) -> Slots:
        """Take a bank's name, or ask again."""
        session = read_session(tracker)
        text = value if isinstance(value, str) else ""
        bank = _BANK.search(text)
        if bank:
            return {"bank": bank.group().strip(), "change_confirm": None}
        told = session.say(
            zh="请告诉我银行的名称，比如“招商银行”。",
            en="Please tell me the bank's name, for example China Merchants Bank.",
        )
        if find_token(text, "银行卡"):
            told = session.say(
                zh="为了安全，卡号不需要发给我，只要银行名称。",
                en="For your safety the card number is not needed, the bank's name is enough.",
            )
        dispatcher.utter_message(text=told)
        return {"bank": None, "change_confirm": None}

    async def validate_change_confirm(
        self, value: object, _dispatcher: CollectingDispatcher, _tracker: Tracker, _: object
    ) -> Slots:
        """Take yes or no."""
        return {"change_confirm": value if isinstance(value, bool) else None}


class _StartChange(Personal):
    """Starts a change that was confirmed."""

    SLOTS: ClassVar[tuple[str, ...]]

    def __init__(self, verification: Verification, broker: Broker) -> None:
        super().__init__(verification)
        self._broker = broker

    def on_failure(self) -> Events:
        """Forget what was filled in: it was for a change that did not come about."""
        return clear_slots(*self.SLOTS)

    async def tell(self, session: Session, client: VerifiedClient) -> Outcome:
        """Start the change after a yes; say that nothing was changed after anything else."""
        if session.get_answer("change_confirm") is not True:
            text = session.say(zh="好的，没有做任何更改。", en="All right, nothing was changed.")
            return Outcome(Reply(text), self.on_failure())
        change = await self.read_change(session)
        if change is None:
            text = session.say(
                zh="没有拿到完整的信息，没有做任何更改，请再说一次要办的事。",
                en="Something was missing, so nothing was changed. Please tell me again.",
            )
            return Outcome(Reply(text, (human_choice(session),)), self.on_failure())
        return Outcome(await self._send(session, client, change), self.on_failure())

    @abstractmethod
    async def read_change(self, session: Session) -> dict[str, str] | None:
        """Return the change as the core takes it, or None when something is missing."""

    async def _send(
        self, session: Session, client: VerifiedClient, change: dict[str, str]
    ) -> Reply:
        key = f"change:{session.turn_id}:{change['kind']}"
        try:
            started = await self._broker.send_change(client.client_no, change, key=key)
        except CoreUncertain:
            return _tell_uncertain(session)
        except CoreRefused as error:
            if error.reason != "transfer_pending":
                raise
            return _tell_pending(session)
        return _tell_started(session, started)


class ChangePhone(_StartChange):
    """Starts the change of the phone number on the account."""

    NAME = "action_change_phone"
    TALK = "change_phone"
    TOPIC = "software_ops"
    SLOTS = ("new_phone", "change_confirm")

    def __init__(self, verification: Verification, broker: Broker, turns: Turns) -> None:
        super().__init__(verification, broker)
        self._turns = turns

    async def read_change(self, session: Session) -> dict[str, str] | None:
        """Read the new number where the turn has hidden it."""
        phone = await find_phone(self._turns, session, session.slots.get("new_phone"))
        return {"kind": "phone", "new_phone": phone} if phone else None


class ChangeBankCard(_StartChange):
    """Starts the change of the bank card."""

    NAME = "action_change_bank_card"
    TALK = "change_bank_card"
    TOPIC = "deposit_withdrawal"
    SLOTS = ("bank", "change_confirm")

    async def read_change(self, session: Session) -> dict[str, str] | None:
        """Read the bank's name."""
        bank = session.get_text("bank")
        return {"kind": "bank_card", "bank": bank} if bank else None


async def find_phone(turns: Turns, session: Session, value: object) -> str | None:
    """Return the mobile number behind a slot's value, or None if there is none."""
    reference = find_reference(session, value, "手机号")
    if reference is None:
        return None
    hidden = await turns.revealed(session.conversation_id, reference.turn_id)
    digits = re.sub(r"[^0-9]", "", hidden.get(reference.token, ""))
    phone = digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
    return phone if _PHONE.fullmatch(phone) else None


def _tell_started(session: Session, started: Change) -> Reply:
    zh, en = _STEPS[started.next_step]
    text = session.say(
        zh=f"变更申请已受理，受理号 {started.change_id}。{zh}",
        en=f"The change is registered, number {started.change_id}. {en}",
    )
    return Reply(text)


def _tell_pending(session: Session) -> Reply:
    text = session.say(
        zh="您有一笔在途转账，到账后才能更换银行卡，这次没有更改。",
        en="A transfer of yours is on its way; the card can be changed once it has arrived. "
        "Nothing was changed.",
    )
    return Reply(text, (human_choice(session),))


def _tell_uncertain(session: Session) -> Reply:
    text = session.say(
        zh="系统没有返回结果，变更可能已受理，也可能没有。请不要重复提交，人工会为您核实。",
        en="The system gave no result: the change may or may not be registered. Please do not "
        "repeat it; a person will check.",
    )
    return Reply(text, hints=hand_over("core_down", "Outcome of a change is unknown"))
