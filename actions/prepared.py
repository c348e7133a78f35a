"""Works out what Rasa is most likely to ask for, so that it need not come back to ask.

Most questions end in `action_answer_knowledge`. Its answer hangs on the question alone, so it can
go along with the question; whether it is said is still Rasa's to decide. What would be unknown is
left out: the action itself then says so, and keeps the gap.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from rasa_sdk.executor import CollectingDispatcher

from actions.knowledge import AnswerKnowledge, tell
from actions.port import Knowledge
from actions.reply import speak
from actions.session import Session
from conversations.assistant import Prepared, Question
from kernel.errors import ServiceError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PreparedKnowledge:
    """Looks a question up in `knowledge`, which must not be one that watches for gaps."""

    knowledge: Knowledge

    async def __call__(self, question: Question, vector: np.ndarray) -> Prepared:
        """Return the answer from the articles under the action's name, or nothing."""
        if (question.state or {}).get("loop"):  # a form is being filled in
            return {}
        try:
            found = await self.knowledge.find(
                question.text, language=question.language, vector=vector
            )
        except ServiceError as error:
            log.debug("Nothing is prepared: %s", error)
            return {}
        if found.kind == "unknown":
            return {}
        outcome = tell(_session(question, vector), found)
        dispatcher = CollectingDispatcher()
        if outcome.reply:
            speak(dispatcher, outcome.reply)
        result = {"events": outcome.events, "responses": dispatcher.messages}
        return {AnswerKnowledge.NAME: result}


def _session(question: Question, vector: np.ndarray) -> Session:
    return Session(
        conversation_id=question.conversation_id,
        turn_id=question.message_id,
        text=question.text,
        intent="",
        language=question.language,
        channel=question.channel,
        slots={},
        vector=vector,
    )
