"""The identity step: a phone, a one-time code, and back to what was wanted."""

from __future__ import annotations

import re
import unicodedata

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.form import Form, Slots
from actions.port import Turns
from actions.reply import Events, Outcome, Reply, clear_slots, follow_up, hand_over, human_choice
from actions.session import Reference, Session, find_reference, find_token, read_session
from actions.talk import Saying, core_down
from clients.verification import NoTryLeft, TooManyCodes, Verification, WrongCode
from kernel.errors import ProviderError

_PHONE = re.compile(r"1[3-9][0-9]{9}")
_CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")
_RESEND = re.compile(
    r"重发|再发|没收到|没有收到|收不到|未收到|resend|again|not (get|receive)", re.IGNORECASE
)
_OTHER_PHONE = re.compile(r"号码|手机|电话|填错|发错|写错|重填|number|phone", re.IGNORECASE)

VERIFIED = "verified"
NEXT = {
    "check_balance": "action_check_balance",
    "check_deposit": "action_check_deposit",
    "check_withdrawal": "action_check_withdrawal",
    "check_withdrawal_limit": "action_check_withdrawal_limit",
    "check_margin": "action_check_margin",
    "check_ticket": "action_check_ticket",
    "check_permission": "permission_form",
    "apply_permission": "apply_permission_form",
    "change_phone": "change_phone_form",
    "change_bank_card": "change_bank_card_form",
    "complaint": "complaint_form",
}
"""What each talk goes on with once the client is proved."""


class IdentityForm(Form):
    """Sends the code and checks it; the slots hold references, never a number."""

    NAME = "validate_identity_form"
    SLOTS = ("phone", "code")

    def __init__(self, verification: Verification, turns: Turns) -> None:
        self._verification = verification
        self._turns = turns

    async def validate_phone(
        self, value: object, dispatcher: CollectingDispatcher, tracker: Tracker, _: object
    ) -> Slots:
        """Send a code to the phone that the client has given."""
        session = read_session(tracker)
        reference = find_reference(session, value, "手机号")
        if reference is None:
            return self._ask_phone(session, dispatcher)
        return await self._send(session, reference, dispatcher)

    async def validate_code(
        self, value: object, dispatcher: CollectingDispatcher, tracker: Tracker, _: object
    ) -> Slots:
        """Check the code, send it again, or take another phone."""
        session = read_session(tracker)
        text = unicodedata.normalize("NFKC", value) if isinstance(value, str) else ""
        if find_token(text, "手机号"):
            return await self._take_other_phone(session, text, dispatcher)
        code = await self._find_code(session, text)
        if code:
            return await self._check(session, code, dispatcher)
        reference = find_reference(session, session.slots.get("phone"), "手机号")
        if reference and _RESEND.search(text):
            return {**await self._send(session, reference, dispatcher)}
        if _OTHER_PHONE.search(text):
            return {"phone": None, "code": None}
        dispatcher.utter_message(
            text=session.say(zh="验证码是短信里的6位数字。", en="The code has 6 digits.")
        )
        return {"code": None}

    async def _take_other_phone(
        self, session: Session, text: str, dispatcher: CollectingDispatcher
    ) -> Slots:
        """Take a new phone, unless the check of the phone slot has done so in this very turn."""
        reference = find_reference(session, text, "手机号")
        if reference is None or session.slots.get("phone") == _write(reference):
            return {"code": None}
        return await self._send(session, reference, dispatcher)

    def _ask_phone(self, session: Session, dispatcher: CollectingDispatcher) -> Slots:
        text = session.say(
            zh="没有看到手机号：请发送开户预留的11位手机号。",
            en="That is not a mobile number: please send the 11 digits on your account.",
        )
        dispatcher.utter_message(text=text)
        return {"phone": None}

    async def _send(
        self, session: Session, reference: Reference, dispatcher: CollectingDispatcher
    ) -> Slots:
        phone = await self._reveal(session, reference)
        if phone is None:
            return {**self._ask_phone(session, dispatcher), "code": None}
        try:
            await self._verification.send_code(session.conversation_id, phone)
        except TooManyCodes:
            return _leave("too_many_codes")
        except ProviderError:
            return _leave("core_down")
        text = session.say(
            zh=f"如果尾号 {phone[-4:]} 是您的预留手机号，验证码已发送，5分钟内有效。",
            en=f"If the number ending in {phone[-4:]} is on your account, a code is on its way; "
            "it is good for 5 minutes.",
        )
        dispatcher.utter_message(text=text)
        return {"phone": _write(reference), "code": None}

    async def _reveal(self, session: Session, reference: Reference) -> str | None:
        hidden = await self._turns.revealed(session.conversation_id, reference.turn_id)
        digits = re.sub(r"[^0-9]", "", hidden.get(reference.token, ""))
        phone = digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
        return phone if _PHONE.fullmatch(phone) else None

    async def _find_code(self, session: Session, text: str) -> str | None:
        token = find_token(text, "验证码")
        if token is None:
            plain = _CODE.search(text)
            return plain.group() if plain else None
        hidden = await self._turns.revealed(session.conversation_id, session.turn_id)
        return hidden.get(token)

    async def _check(self, session: Session, code: str, dispatcher: CollectingDispatcher) -> Slots:
        try:
            client = await self._verification.check_code(
                session.conversation_id, code, channel=session.channel
            )
        except WrongCode:
            text = session.say(
                zh="验证码不正确或已过期，请重新输入。", en="That code is wrong or has expired."
            )
            dispatcher.utter_message(text=text)
            return {"code": None}
        except NoTryLeft:
            return _leave("no_try_left")
        except ProviderError:
            return _leave("core_down")
        dispatcher.utter_message(text=_tell_proved(session, client.method))
        return {"code": VERIFIED, "identified": True}


def _leave(why: str) -> Slots:
    """End the form and leave word of why, for `Resume`."""
    return {"code": why, "requested_slot": None}


def _write(reference: Reference) -> str:
    return f"{reference.turn_id}#{reference.token}"


def _tell_proved(session: Session, method: str) -> str:
    if method == "wechat":
        return session.say(
            zh="身份已核验，此微信已与您的账户绑定，12小时内无需再次验证。",
            en="Thank you, it is you. This WeChat is bound to your account for 12 hours.",
        )
    return session.say(
        zh="身份已核验，30分钟内有效。", en="Thank you, it is you, for the next 30 minutes."
    )


class Resume(Saying):
    """Goes on with what the client wanted before the identity step, or says why it cannot."""

    NAME = "action_resume"

    def __init__(self, verification: Verification) -> None:
        self._verification = verification

    async def answer(self, session: Session) -> Outcome:
        """Go on where the proof is there, explain where it is not."""
        done: Events = clear_slots("phone", "code", "pending_talk")
        scopes = await self._verification.find_scopes(session.conversation_id)
        if not scopes:
            return Outcome(_explain(session), done)
        talk = session.get_text("pending_talk") or ""
        if talk in NEXT:
            return Outcome(None, [*done, follow_up(NEXT[talk])])
        text = session.say(zh="请问想查询或办理什么？", en="What would you like to know or do?")
        return Outcome(Reply(text), done)


def _explain(session: Session) -> Reply:
    why = session.get_text("code") or ""
    if why == "core_down":
        return core_down(session)
    if why in {"no_try_left", "too_many_codes"}:
        text = session.say(
            zh="多次核验未通过，为保护您的账户，先停止自助核验。",
            en="The code could not be confirmed; to protect your account I have stopped here.",
        )
        return Reply(text, hints=hand_over("identity_failed", why))
    text = session.say(
        zh="身份核验没有完成，涉及账户的信息暂时不能查询。",
        en="Your identity was not confirmed, so I cannot look into the account.",
    )
    return Reply(text, (human_choice(session),))
