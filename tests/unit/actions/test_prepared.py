"""The likely answer goes along; what is unknown, fails or belongs to a form does not."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from actions.prepared import PreparedKnowledge
from conversations.assistant import Question
from kernel.errors import Transient
from kernel.ids import new_id
from kernel.message import Json
from knowledge.search import Found, Hit

VECTOR = np.ones(3, np.float32)
HIT = Hit("fees.star", "1", "科创板费用", "佣金按合同约定。", "zh", "fees", None, 0.9)


@dataclass
class Shelf:
    found: Found | None
    asked: list[str] = field(default_factory=list)

    async def find(
        self, text: str, *, vector: np.ndarray | None = None, language: str | None = None
    ) -> Found:
        self.asked.append(text)
        if self.found is None:
            raise Transient
        return self.found

    async def get(self, key: str, *, language: str = "zh") -> Hit | None:
        raise NotImplementedError


def ask(state: dict[str, Json] | None = None) -> Question:
    return Question(
        new_id(), new_id(), "科创板佣金", "zh", "chat", is_identified=False, state=state
    )


async def test_an_answer_is_prepared_as_the_action_server_would_say_it() -> None:
    shelf = Shelf(Found("answer", HIT, (), 0.9))
    prepared = await PreparedKnowledge(shelf)(ask(), VECTOR)
    result = prepared["action_answer_knowledge"]
    assert isinstance(result, dict)
    assert result["responses"][0]["text"] == HIT.body
    assert result["events"][0]["value"] == "fees.star"


async def test_what_is_unknown_is_left_to_the_action_which_keeps_the_gap() -> None:
    assert await PreparedKnowledge(Shelf(Found("unknown", None, (), 0.0)))(ask(), VECTOR) == {}


async def test_a_failing_search_prepares_nothing() -> None:
    assert await PreparedKnowledge(Shelf(None))(ask(), VECTOR) == {}


async def test_nothing_is_looked_up_while_a_form_is_filled_in() -> None:
    shelf = Shelf(Found("answer", HIT, (), 0.9))
    assert await PreparedKnowledge(shelf)(ask({"loop": "identity_form"}), VECTOR) == {}
    assert shelf.asked == []
