"""Every talk of talks.yml, each turn from the state that the turn before left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.tests.conftest import Bot

TALKS = yaml.safe_load((Path(__file__).parent / "talks.yml").read_text("utf-8"))


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk["talk"])
def test_talk_goes_its_way(bot: Bot, talk: dict[str, Any]) -> None:
    state: Any = None
    identified = talk.get("identified", False)
    for text, actions, asking, part in talk["steps"]:
        status, reply = bot.say(
            text, state, identified=identified, language=talk.get("language", "zh")
        )
        assert status == 200, (text, reply)
        assert reply["actions"] == actions, (text, reply["intent"])
        assert reply["state"]["asking"] == asking, (text, reply["state"])
        assert part in reply["text"], text
        assert "code" not in reply["state"]["slots"]
        state = reply["state"]
        identified = identified or "action_resume" in reply["actions"]
