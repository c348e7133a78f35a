"""Answers from the articles, or says honestly that there is none."""

from __future__ import annotations

from actions.article import answer_article
from actions.port import Found, Knowledge
from actions.refusal import refuse_advice, refuse_probe, say_not_ours
from actions.reply import Outcome, Reply, clear_slots, hand_over, human_choice, set_slot
from actions.session import Session
from actions.talk import Saying
from kernel.message import Choice, Json

MOST_CHOICES = 3
NOTHING = "none"
"""What the slot `article` holds after a question that found none: the dialogue's only memory."""

_UNSURE = {
    "zh": "这个问题我还没有可靠的答案，不想误导您。可以换个说法再问一次，或者转人工。",
    "en": "I have no reliable answer to this and do not want to mislead you. You can put it "
    "another way, or talk to a person.",
}


class AnswerKnowledge(Saying):
    """Finds the article that answers; unsure, offers at most three, or a person."""

    NAME = "action_answer_knowledge"

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    async def answer(self, session: Session) -> Outcome:
        """Answer the question, or the article that was chosen by a button."""
        chosen = session.get_text("article") if session.intent == "choose_article" else None
        if chosen:
            hit = await self._knowledge.get(chosen, language=session.language)
            return answer_article(session, hit) if hit else _tell_unknown(session)
        found = await self._knowledge.find(
            session.text, language=session.language, vector=session.vector
        )
        return tell(session, found)


def tell(session: Session, found: Found) -> Outcome:
    """Say what a search came to."""
    match found.kind:
        case "answer" if found.best:
            return answer_article(session, found.best)
        case "choices" if found.choices:
            return _offer(session, found)
        case "advice":
            return Outcome(refuse_advice(session))
        case "probe":
            return Outcome(refuse_probe(session))
        case "not_ours":
            return Outcome(say_not_ours(session))
        case _:
            return _tell_unknown(session)


def _offer(session: Session, found: Found) -> Outcome:
    choices = [
        Choice(title=hit.title, payload=f'/choose_article{{"article":"{hit.key}"}}')
        for hit in found.choices[:MOST_CHOICES]
    ]
    text = session.say(zh="您想问的是哪一个？", en="Which of these do you mean?")
    hints: dict[str, Json] = {
        "offered": [hit.key for hit in found.choices[:MOST_CHOICES]],
        "topic": found.choices[0].topic,
    }
    return Outcome(Reply(text, (*choices, human_choice(session)), hints=hints))


def _tell_unknown(session: Session) -> Outcome:
    """The first time offer a person, the second time in a row call one."""
    hints: dict[str, Json] = {"unknown": "unknown"}
    if session.get_text("article") == NOTHING:
        text = session.say(
            zh="这个问题我仍然没有把握，交给人工来回答您。",
            en="I am still not sure about this, so a person will answer you.",
        )
        reply = Reply(text, hints={**hints, **hand_over("unsure", session.text)})
        return Outcome(reply, clear_slots("article"))
    sentence = _UNSURE[session.language]
    reply = Reply(sentence, (human_choice(session),), hints=hints)
    return Outcome(reply, [set_slot("article", NOTHING)])
