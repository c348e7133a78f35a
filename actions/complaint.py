"""A complaint: what about, what happened, confirmed, and then a person has it."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.form import Form, Slots
from actions.reply import Events, Outcome, Reply, clear_slots, hand_over
from actions.session import Session, read_session
from actions.talk import Saying

SUBJECTS = {
    "deposit_withdrawal": "出入金",
    "trading": "交易与权限",
    "fee": "费用",
    "software": "软件故障",
    "service": "服务态度",
    "other": "其他",
}
SHORTEST, LONGEST = 4, 1000


class ComplaintForm(Form):
    """Takes the subject and the words of a complaint."""

    NAME = "validate_complaint_form"
    SLOTS = ("complaint_about", "complaint_text", "complaint_confirm")
    CORRECTED = "complaint_text"

    async def validate_complaint_about(
        self, value: object, _dispatcher: CollectingDispatcher, _tracker: Tracker, _: object
    ) -> Slots:
        """Take one of the six subjects; what is none of them is `other`."""
        text = value.strip() if isinstance(value, str) else ""
        by_name = {name: code for code, name in SUBJECTS.items()}
        return {"complaint_about": text if text in SUBJECTS else by_name.get(text, "other")}

    async def validate_complaint_text(
        self, value: object, dispatcher: CollectingDispatcher, tracker: Tracker, _: object
    ) -> Slots:
        """Take the words, if they say something."""
        text = value.strip() if isinstance(value, str) else ""
        if len(text) >= SHORTEST:
            return {"complaint_text": text[:LONGEST], "complaint_confirm": None}
        told = read_session(tracker).say(
            zh="请再说得具体一点，方便专人跟进。", en="Please say a little more about it."
        )
        dispatcher.utter_message(text=told)
        return {"complaint_text": None}

    async def validate_complaint_confirm(
        self, value: object, _dispatcher: CollectingDispatcher, _tracker: Tracker, _: object
    ) -> Slots:
        """Take yes or no."""
        return {"complaint_confirm": value if isinstance(value, bool) else None}


class FileComplaint(Saying):
    """Hands a confirmed complaint to a person; the desk opens its ticket."""

    NAME = "action_file_complaint"

    def on_failure(self) -> Events:
        """Forget the complaint: it is with a person now, or was given up."""
        return clear_slots("complaint_about", "complaint_text", "complaint_confirm")

    async def answer(self, session: Session) -> Outcome:
        """Register after a yes; say that nothing was registered after a no."""
        hints = {"talk": "complaint", "topic": "complaint"}
        words = session.get_text("complaint_text")
        if session.get_answer("complaint_confirm") is not True or not words:
            text = session.say(zh="好的，投诉没有提交。", en="All right, I did not file it.")
            return Outcome(Reply(text, hints=hints), self.on_failure())
        subject = SUBJECTS.get(session.get_text("complaint_about") or "", SUBJECTS["other"])
        text = session.say(
            zh="很抱歉给您带来不便，您的投诉已登记，将由专人跟进。",
            en="I am sorry for the trouble. Your complaint is registered; a person follows it up.",
        )
        summary = f"投诉（{subject}）：{words}"
        hints |= hand_over("complaint", summary)  # type: ignore[arg-type]
        return Outcome(Reply(text, hints=hints), self.on_failure())
