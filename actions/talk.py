"""What every talk has in common: it knows its session, and an error never becomes silence."""

from __future__ import annotations

import logging
import re
from abc import ABC, abstractmethod
from typing import ClassVar
from uuid import uuid4

from prometheus_client import Counter
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.article import answer_article
from actions.port import Knowledge, Talk
from actions.reply import (
    Events,
    Outcome,
    Reply,
    clear_slots,
    follow_up,
    hand_over,
    human_choice,
    set_slot,
    speak,
)
from actions.session import Session, read_language, read_session
from clients.broker import CoreBusy, CoreDown
from clients.verification import NotVerified, Scope, Verification, VerifiedClient
from kernel.errors import Transient

log = logging.getLogger(__name__)

_OWN = re.compile(r"我的|我要|帮我|给我|替我|我(今天|昨天|刚)|\b(my|mine|for me)\b", re.IGNORECASE)
"""Words of somebody who speaks of their own affairs, not of the rules for all."""

RUNS = Counter("zhida_actions_total", "Actions of the assistant by outcome", ["action", "end"])


class Saying(Action, ABC):  # type: ignore[misc]  # rasa_sdk has no types
    """An action of the assistant: `answer` says what happens, the rest is the same for all."""

    NAME: ClassVar[str]

    def name(self) -> str:
        """Return the name by which the domain knows this action."""
        return self.NAME

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object
    ) -> Events:
        """Answer; whatever fails is told honestly and handed over."""
        del domain
        end = "ok"
        try:
            session = read_session(tracker)
            outcome = await self._answer_or_explain(session)
        except Exception:  # a bug must not become silence
            reference = uuid4().hex[:8]
            log.exception("%s failed, reference %s.", self.NAME, reference)
            outcome, end = Outcome(_failed(read_language(tracker), reference)), "bug"
        RUNS.labels(self.NAME, end).inc()
        if outcome.reply:
            speak(dispatcher, outcome.reply)
        return outcome.events

    async def _answer_or_explain(self, session: Session) -> Outcome:
        try:
            return await self.answer(session)
        except CoreBusy:
            return Outcome(_busy(session), self.on_failure())
        except CoreDown as error:
            log.warning("%s: %s", self.NAME, error)
            return Outcome(core_down(session), self.on_failure())
        except Transient as error:  # ours, not the core's: the database or the knowledge
            reference = uuid4().hex[:8]
            log.warning("%s: %s, reference %s", self.NAME, error, reference)
            return Outcome(_failed(session.language, reference), self.on_failure())

    def on_failure(self) -> Events:
        """Return the events of an answer that could not be given; none unless a talk says so."""
        return []

    @abstractmethod
    async def answer(self, session: Session) -> Outcome:
        """Return what is said and what happens to the dialogue."""


class Personal(Saying, ABC):
    """A talk about the client's own affairs: nothing is said before the client is proved."""

    TALK: ClassVar[Talk]
    SCOPE: ClassVar[Scope] = "account"
    TOPIC: ClassVar[str]

    def __init__(self, verification: Verification) -> None:
        self._verification = verification
        self._knowledge: Knowledge | None = None

    def guide_by(self, knowledge: Knowledge) -> None:
        """Let strangers who ask a general question have the article first."""
        self._knowledge = knowledge

    async def answer(self, session: Session) -> Outcome:
        """Answer the proved client, or start the identity step and come back afterwards."""
        try:
            client = await self._verification.access_client_for(session.conversation_id, self.SCOPE)
        except NotVerified:
            general = await self._find_general(session)
            return general or Outcome(None, begin_identity(self.TALK))
        outcome = await self.tell(session, client)
        return Outcome(outcome.reply and self._with_hints(outcome.reply), outcome.events)

    def _with_hints(self, reply: Reply) -> Reply:
        hints = {"talk": self.TALK, "topic": self.TOPIC, **reply.hints}
        return Reply(reply.text, reply.choices, reply.card, hints)

    async def _find_general(self, session: Session) -> Outcome | None:
        """Return the article that a stranger's question is surely about, with the talk's button.

        Who taps the button, or speaks of what is theirs, is asked to prove who they are.
        """
        if self._knowledge is None or session.text.startswith("/") or _OWN.search(session.text):
            return None
        found = await self._knowledge.find(
            session.text, language=session.language, vector=session.vector
        )
        if found.kind != "answer" or found.best is None:
            return None
        return answer_article(session, found.best)

    @abstractmethod
    async def tell(self, session: Session, client: VerifiedClient) -> Outcome:
        """Return what this client is told."""


def begin_identity(talk: Talk) -> Events:
    """Return the events that ask for phone and code, and remember what was wanted."""
    return [
        set_slot("identified", False),
        set_slot("pending_talk", talk),
        *clear_slots("phone", "code"),
        follow_up("identity_form"),
    ]


def core_down(session: Session) -> Reply:
    """Say that the core does not answer, and ask for a person."""
    text = session.say(
        zh="抱歉，交易核心系统暂时没有响应，这次没能办成，您的账户没有任何变动。",
        en="Sorry, the trading system is not responding, so I could not do this. "
        "Nothing in your account has changed.",
    )
    return Reply(text, hints=hand_over("core_down", "Core system did not answer 核心系统无响应"))


def _failed(language: str, reference: str) -> Reply:
    text = (
        f"Sorry, something went wrong on our side (reference {reference})."
        if language == "en"
        else f"抱歉，系统出了点问题（参考号 {reference}），这次没能办成。"
    )
    return Reply(text, hints=hand_over("talk_failed", f"Reference {reference}"))


def _busy(session: Session) -> Reply:
    text = session.say(
        zh="查询有点频繁，请过一分钟再试。", en="That was a little fast; please try in a minute."
    )
    return Reply(text, (human_choice(session),))
