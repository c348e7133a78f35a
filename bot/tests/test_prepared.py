"""What the house worked out beforehand is said without asking; all else is asked as ever."""

from __future__ import annotations

from typing import Any

import pytest

from bot.tests.conftest import Bot

RESULT = {
    "events": [{"event": "slot", "timestamp": None, "name": "article", "value": "fees.star"}],
    "responses": [
        {
            "text": "佣金按合同约定。",
            "buttons": [{"title": "转人工", "payload": "/human"}],
            "custom": {"hints": {"topic": "fees", "feedback": True}},
            "response": None,
        }
    ],
}


def test_a_prepared_answer_is_said_and_nobody_is_asked(bot: Bot) -> None:
    bot.set_mode("ok")
    prepared = {"action_answer_knowledge": RESULT}
    _, reply = bot.say("科创板佣金是多少", prepared=prepared)
    assert reply["text"] == "佣金按合同约定。"
    assert reply["choices"] == [{"title": "转人工", "payload": "/human"}]
    assert reply["hints"]["topic"] == "fees"
    assert reply["state"]["slots"] == {"article": "fees.star"}
    assert bot.get_ledger() == []


def test_what_rasa_decides_otherwise_is_not_said(bot: Bot) -> None:
    bot.set_mode("ok")
    prepared = {"action_answer_knowledge": RESULT}
    _, reply = bot.say("转人工", prepared=prepared)
    assert "佣金" not in reply["text"]
    assert [one["action"] for one in bot.get_ledger()] == ["action_handover"]


@pytest.mark.parametrize(
    "prepared", [7, [], {"a": 1}, {"a": {"events": []}}, {"a": {"events": [1], "responses": []}}]
)
def test_a_wrong_shape_is_refused_with_the_right_one(bot: Bot, prepared: Any) -> None:
    status, reply = bot.say("科创板佣金是多少", prepared=prepared)
    assert status == 400
    assert "prepared must be" in reply["error"]["message"]
