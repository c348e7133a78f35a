"""Where a talk ends and a question for the knowledge begins."""

from __future__ import annotations

import pytest

from bot.tests.conftest import Bot


@pytest.mark.parametrize(
    "text",
    [
        "update my details",
        "I want to update my details",
        "Please update my address",
        "update my profile",
        "我的地址变了，帮我改一下",
    ],
)
def test_personal_details_are_no_phone_number(bot: Bot, text: str) -> None:
    assert bot.say(text, identified=True)[1]["actions"] == ["action_answer_knowledge"]
    _, phone = bot.say("update my phone number", identified=True)
    assert phone["actions"] == ["change_phone_form"]
