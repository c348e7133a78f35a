"""Remembers general answers for a minute: the same question does not cost a second thought.

Rasa is a pure function of question and state (decision 3), so an answer that touches nothing
personal and changes nothing may be given again: it comes from an article or is a set phrase,
the dialogue stands at its beginning before it and after it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from prometheus_client import Counter

from conversations.assistant import Answer, Assistant, Question
from kernel.message import Json

REMEMBERED = Counter("zhida_answers_remembered_total", "General answers given from memory")

LASTS_SECONDS = 60.0
SIZE = 5000
LONGEST_PICK = 8
GENERAL = frozenset({"action_answer_knowledge", "action_out_of_scope", "action_listen"})

_Key = tuple[str, str, str, bool]


@dataclass(slots=True)
class RememberingAssistant:
    """Asks `assistant` what it does not remember."""

    assistant: Assistant
    now: Callable[[], float] = time.monotonic
    _memory: OrderedDict[_Key, tuple[float, Answer]] = field(default_factory=OrderedDict)

    async def reply(self, question: Question) -> Answer:
        """Return the remembered answer to a general question, or ask.

        Raises:
            AssistantFailed: as the assistant does.
        """
        if not _is_fresh(question.state) or _may_pick(question):
            return await self.assistant.reply(question)
        key = (_normal(question.text), question.language, question.channel, question.is_identified)
        found = self._memory.get(key)
        if found is not None and found[0] > self.now():
            REMEMBERED.inc()
            return found[1]
        answer = await self.assistant.reply(question)
        if is_general(answer):
            self._keep(key, answer)
        return answer

    def _keep(self, key: _Key, answer: Answer) -> None:
        self._memory[key] = self.now() + LASTS_SECONDS, replace(answer)
        self._memory.move_to_end(key)
        if len(self._memory) > SIZE:
            self._memory.popitem(last=False)


def is_general(answer: Answer) -> bool:
    """Tell whether an answer is the same for everybody and leaves no dialogue open."""
    actions = answer.content.hints.get("actions")
    names = [str(one) for one in actions] if isinstance(actions, list) else []
    return (
        bool(names)
        and all(name in GENERAL or name.startswith("utter_") for name in names)
        and answer.handover is None
        and not answer.content.hints.get("unknown")
        and _is_fresh(answer.state)
    )


def _is_fresh(state: Mapping[str, Json] | None) -> bool:
    if state is None:
        return True
    slots = state.get("slots")
    names = set(slots) if isinstance(slots, Mapping) else set()
    return not state.get("loop") and names <= {"article"}


def _may_pick(question: Question) -> bool:
    """Tell whether so short a text may be the number of a choice shown before (bot/choice.py)."""
    shown = question.state is not None and bool(question.state.get("choices"))
    return shown and len(question.text.strip()) <= LONGEST_PICK


def _normal(text: str) -> str:
    return " ".join(text.split()).rstrip("?？。.!！~ ").lower()
