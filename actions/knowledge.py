"""Answers from the articles, or says honestly that there is none."""

from __future__ import annotations

from actions.port import Found, Hit, Knowledge
from actions.refusal import refuse_advice, refuse_probe, say_not_ours
from actions.reply import Outcome, Reply, clear_slots, hand_over, human_choice, set_slot
from actions.session import Session
from actions.talk import Saying
from kernel.message import Choice, Json

MOST_CHOICES = 3
NOTHING = "none"
"""What the slot `article` holds after a question that found none: the dialogue's only memory."""
HUMAN_TOPIC = "human_agent"
HUMAN_ACTION = "human"

_UNSURE = {
    "zh": "这个问题我还没有可靠的答案，不想误导您。可以换个说法再问一次，或者转人工。",
    "en": "I have no reliable answer to this and do not want to mislead you. You can put it "
    "another way, or talk to a person.",
}
_TALKS = {
    "check_balance": ("查我的余额", "My balance"),
    "check_deposit": ("查我的入金进度", "My deposits"),
    "check_withdrawal": ("查我的出金进度", "My withdrawals"),
    "check_withdrawal_limit": ("查我的出金额度", "My withdrawal limit"),
    "check_permission": ("查我的权限条件", "My permissions"),
    "apply_permission": ("申请开通", "Apply for it"),
    "check_margin": ("查我的风险率", "My risk ratio"),
    "check_ticket": ("查工单进度", "My tickets"),
    "change_phone": ("修改手机号", "Change my phone"),
    "change_bank_card": ("更换银行卡", "Change my bank card"),
    "complaint": ("我要投诉", "File a complaint"),
    HUMAN_ACTION: ("转人工", "Talk to a person"),
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
            return _answer(session, hit) if hit else _tell_unknown(session)
        found = await self._knowledge.find(
            session.text, language=session.language, vector=session.vector
        )
        return _tell(session, found)


def _tell(session: Session, found: Found) -> Outcome:
    match found.kind:
        case "answer" if found.best:
            return _answer(session, found.best)
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


def _answer(session: Session, hit: Hit) -> Outcome:
    """Give the article; one that says only a person can help also calls that person."""
    hints: dict[str, Json] = {
        "article": {"key": hit.key, "title": hit.title, "topic": hit.topic},
        "topic": hit.topic,
        "feedback": True,
    }
    events = [set_slot("article", hit.key)]
    if hit.topic == HUMAN_TOPIC and hit.action == HUMAN_ACTION:
        hints |= {"feedback": False, **hand_over("client_asked", hit.title)}
        return Outcome(Reply(hit.body, hints=hints), events)
    return Outcome(Reply(hit.body, _quick_reply(session, hit), hints=hints), events)


def _quick_reply(session: Session, hit: Hit) -> tuple[Choice, ...]:
    if hit.action not in _TALKS:
        return ()
    zh, en = _TALKS[hit.action]
    return (Choice(title=session.say(zh=zh, en=en), payload=f"/{hit.action}"),)


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
