"""Answers from articles, refusals, hand-overs, tickets and feedback; and rasa-sdk's protocol."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from sqlalchemy import text

from actions.server import Services, build_actions, build_executor
from clients.verification import Verification
from desk.progress import Progress
from kernel.ids import new_id
from store.engine import Database
from tests.integration.actions.conftest import (
    KEY,
    FakeFound,
    FakeHit,
    FakeKnowledge,
    FakeTickets,
    Talk,
    build_call,
    prove,
)

ANSWER = "action_answer_knowledge"


async def test_an_answer_names_its_article_and_offers_the_talk(
    talk: Talk, knowledge: FakeKnowledge
) -> None:
    knowledge.found = FakeFound("answer", FakeHit())
    said = await talk.say(ANSWER, "怎么出金", vector=np.ones(384) / 384**0.5)
    assert said.text == "交易日9:00至16:00在APP里转出。"
    assert said.hints["article"] == {
        "key": "dw.transfer_out", "title": "怎么出金", "topic": "deposit_withdrawal",
    }  # fmt: skip
    assert said.hints["feedback"] is True
    assert said.payloads == ["/check_withdrawal"]
    assert knowledge.asked == [("怎么出金", "zh", 384)]


async def test_the_article_of_a_permission_offers_that_permission(
    talk: Talk, knowledge: FakeKnowledge
) -> None:
    hit = FakeHit("tp.star", "科创板", "……", "trading_permission", "check_permission")
    knowledge.found = FakeFound("answer", hit)
    said = await talk.say(ANSWER, "怎么开科创板")
    assert said.payloads == ['/check_permission{"product":"star"}']


async def test_at_most_three_choices_and_a_person(talk: Talk, knowledge: FakeKnowledge) -> None:
    hits = tuple(FakeHit(key=f"dw.k{number}") for number in range(5))
    knowledge.found = FakeFound("choices", None, hits)
    said = await talk.say(ANSWER, "转账")
    assert said.payloads == [
        *(f'/choose_article{{"article":"dw.k{number}"}}' for number in range(3)), "/human",
    ]  # fmt: skip
    knowledge.articles["dw.k1"] = FakeHit(key="dw.k1", body="是这样")
    said = await talk.say(
        ANSWER, '/choose_article{"article":"dw.k1"}', intent="choose_article",
        slots={"article": "dw.k1"},
    )  # fmt: skip
    assert said.text == "是这样"


async def test_the_first_unknown_offers_a_person_and_the_second_calls_one(
    talk: Talk, knowledge: FakeKnowledge
) -> None:
    first = await talk.say(ANSWER, "量子计算机怎么开户")
    assert (first.hints["unknown"], first.payloads) == ("unknown", ["/human"])
    assert "handover" not in first.hints
    second = await talk.say(ANSWER, "还是那个", slots=first.slots)
    assert second.hints["handover"]["reason"] == "unsure"
    knowledge.found = FakeFound("answer", FakeHit())
    answered = await talk.say(ANSWER, "怎么出金", slots=first.slots)
    knowledge.found = FakeFound()
    third = await talk.say(ANSWER, "不懂", slots=answered.slots)
    assert "handover" not in third.hints


async def test_an_article_of_people_calls_a_person(talk: Talk, knowledge: FakeKnowledge) -> None:
    hit = FakeHit("ha.agent", "转接人工客服", "好的，为您转接。", "human_agent", "human")
    knowledge.found = FakeFound("answer", hit)
    said = await talk.say(ANSWER, "人工")
    assert said.hints["handover"]["reason"] == "client_asked"


@pytest.mark.parametrize(
    ("kind", "hint", "word"),
    [
        ("advice", ("refused", "advice"), "持证投资顾问"),
        ("probe", ("refused", "probe"), "不能提供"),
        ("not_ours", ("unknown", "not_ours"), "不在我的服务范围"),
    ],
)
async def test_refusals_are_kind_and_name_no_article(
    talk: Talk, knowledge: FakeKnowledge, kind: str, hint: tuple[str, str], word: str
) -> None:
    knowledge.found = FakeFound(kind)
    found = await talk.say(ANSWER, "现在买什么股票好")
    action = {"advice": "action_refuse_advice", "probe": "action_refuse_probe"}
    direct = await talk.say(action.get(kind, "action_out_of_scope"), "现在买什么股票好")
    for said in (found, direct):
        assert said.hints[hint[0]] == hint[1]
        assert word in said.text
        assert "article" not in said.hints


async def test_a_person_is_asked_for_with_a_summary(talk: Talk) -> None:
    said = await talk.say("action_handover", "我要找人工", slots={"pending_talk": "check_balance"})
    assert said.hints["handover"] == {
        "reason": "client_asked", "summary": "我要找人工；正在办理：查我的余额",
    }  # fmt: skip


async def test_a_ticket_is_told_with_its_promise(
    talk: Talk, tickets: FakeTickets, verification: Verification
) -> None:
    none = await talk.say("action_check_ticket", "工单进度")
    assert "没有工单" in none.text
    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    tickets.rows = [Progress("T202611230001", "出金未到账", "处理中", "In progress", at, at)]
    said = await talk.say("action_check_ticket", "工单进度")
    assert "T202611230001" in said.text
    assert "处理中" in said.text
    assert "2026年11月23日 10:00前答复" in said.text
    assert [client for _, client, _ in tickets.asked] == [None, None]
    await prove(talk, verification, "86000003")
    said = await talk.say("action_check_ticket", "查t9", slots={"ticket_number": "t9"})
    _, client, number = tickets.asked[-1]
    assert client
    assert number == "T9"
    assert "没有查到" in said.text


async def test_feedback_is_kept(talk: Talk, database: Database) -> None:
    await talk.say(
        "action_feedback", "有用", intent="helpful", slots={"article": "dw.transfer_out"}
    )
    said = await talk.say("action_feedback", "没用", intent="not_helpful")
    assert "/human" in said.payloads
    async with database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT after->'helpful' AS helpful, after->>'article' AS article FROM event "
                 "WHERE verb = 'feedback_given' ORDER BY id")
        )  # fmt: skip
        assert [tuple(row) for row in rows] == [(True, "dw.transfer_out"), (False, None)]


async def test_a_bug_is_said_and_handed_over(talk: Talk, knowledge: FakeKnowledge) -> None:
    knowledge.broken = True
    said = await talk.say(ANSWER, "怎么出金")
    assert said.hints["handover"]["reason"] == "talk_failed"
    assert "参考号" in said.text
    assert "index" not in str(said)


async def test_every_action_of_the_domain_is_there(services: Services) -> None:
    domain = yaml.safe_load((Path(__file__).parents[3] / "bot/domain/talk.yml").read_text("utf-8"))
    registered = build_executor(build_actions(services)).actions
    assert set(registered) == set(domain["actions"])


BAD_CALLS = [
    (b"", 400),
    (b"[]", 400),
    (b"\xff\xfe", 400),
    (b"[" * 100_000, 400),
    (b'{"next_action": 1, "tracker": {"sender_id": "x"}}', 400),
    (b'{"next_action": "action_resume", "tracker": {}}', 400),
    (b'{"next_action": "action_none", "tracker": {"sender_id": "x"}}', 404),
]


async def test_a_bad_call_is_refused_in_words(talk: Talk) -> None:
    headers = {"X-Zhida-Key": KEY}
    for body, status in BAD_CALLS:
        async with talk.session.post("/actions", data=body, headers=headers) as response:
            assert response.status == status, body[:80]
            assert (await response.json())["error"]


async def test_without_the_key_nothing_runs(talk: Talk) -> None:
    call = build_call(talk, ANSWER, "怎么出金", "ask_knowledge", new_id(), {})
    async with talk.session.post("/actions", json=call) as response:
        assert response.status == 401


async def test_a_deflated_call_is_read(talk: Talk) -> None:
    call: dict[str, Any] = build_call(talk, ANSWER, "怎么", "ask_knowledge", new_id(), {})
    headers = {"X-Zhida-Key": KEY, "Content-Encoding": "deflate"}
    data = zlib.compress(json.dumps(call).encode())
    async with talk.session.post("/actions", data=data, headers=headers) as response:
        assert response.status == 200


async def test_a_call_without_a_turn_is_told_and_not_silent(talk: Talk) -> None:
    call = build_call(talk, ANSWER, "怎么出金", "ask_knowledge", new_id(), {})
    call["tracker"]["latest_message"]["metadata"] = {}
    call["tracker"]["events"] = []
    async with talk.session.post("/actions", json=call, headers={"X-Zhida-Key": KEY}) as response:
        body = await response.json()
    assert body["responses"][0]["custom"]["hints"]["handover"]["reason"] == "talk_failed"
