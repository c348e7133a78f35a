"""Whether an answer helped."""

from __future__ import annotations

from uuid import UUID

from actions.knowledge import NOTHING
from actions.port import Feedback
from actions.reply import Outcome, Reply, human_choice
from actions.session import Session
from actions.talk import Saying
from kernel.happening import FEEDBACK_GIVEN, Happening
from kernel.message import Json
from store import audit
from store.engine import Database


class StoredFeedback:
    """Keeps feedback in the chain of happenings, like that of the widget's buttons."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(
        self, conversation_id: UUID, *, helpful: bool, article: str | None, turn_id: UUID
    ) -> None:
        """Keep one word of feedback."""
        after: dict[str, Json] = {"helpful": helpful, "article": article, "turn": str(turn_id)}
        happening = Happening(
            "client", FEEDBACK_GIVEN, "conversation", conversation_id, after=after
        )
        async with self._database.transaction() as connection:
            await audit.record(connection, [happening])


class TakeFeedback(Saying):
    """Keeps the client's word on the last answer; after a no, a person is offered."""

    NAME = "action_feedback"

    def __init__(self, feedback: Feedback) -> None:
        self._feedback = feedback

    async def answer(self, session: Session) -> Outcome:
        """Keep it and thank."""
        helpful = session.intent == "helpful"
        article = session.get_text("article")
        await self._feedback.record(
            session.conversation_id,
            helpful=helpful,
            article=None if article == NOTHING else article,
            turn_id=session.turn_id,
        )
        if helpful:
            text = session.say(
                zh="谢谢您的反馈，很高兴帮到您。", en="Thank you, I am glad it helped."
            )
            return Outcome(Reply(text))
        text = session.say(
            zh="抱歉没有帮到您，您的反馈已记录。可以换个说法再问，或者转人工。",
            en="I am sorry it did not help; I have noted it. You can put it another way, or talk "
            "to a person.",
        )
        return Outcome(Reply(text, (human_choice(session),)))
