"""The connector's promises: a pure function, loud failures, checked input."""

from __future__ import annotations

import base64
import json
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bot.tests.conftest import KEY, Bot, call


def test_same_state_and_message_give_same_reply_and_state(bot: Bot) -> None:
    _, first = bot.say("帮我查一下余额")
    once = bot.say("[手机号1]", first["state"])
    again = bot.say("[手机号1]", first["state"])
    assert once == again
    assert once[1]["state"]["asking"] == "code"


def test_a_form_goes_on_from_its_state_alone(bot: Bot) -> None:
    state = {
        "v": 1,
        "slots": {"product": "star"},
        "loop": "apply_permission_form",
        "asking": "apply_confirm",
    }
    _, reply = bot.say("确认", state, identified=True)
    assert reply["actions"] == ["apply_permission_form", "action_apply_permission"]
    assert reply["state"] == {"v": 1, "slots": {}, "loop": None, "asking": None}


def test_conversations_do_not_see_each_other(bot: Bot) -> None:
    bot.say("我要开通创业板", identified=True, conversation="one")
    _, other = bot.say("确认", identified=True, conversation="one")
    assert other["actions"] == ["utter_affirmed"]


def test_reply_has_every_part_of_the_contract(bot: Bot) -> None:
    _, reply = bot.say("转人工", turn="turn-7")
    assert set(reply) == {
        "turn",
        "text",
        "choices",
        "card",
        "intent",
        "actions",
        "hints",
        "slots",
        "state",
    }
    assert reply["turn"] == "turn-7"
    assert reply["intent"]["name"] == "human"
    assert 0.5 < reply["intent"]["confidence"] <= 1
    assert reply["hints"]["handover"] == {"reason": "client_asked", "summary": "测试"}
    assert set(reply["hints"]) == {
        "handover",
        "article",
        "topic",
        "talk",
        "refused",
        "unknown",
        "feedback",
    }


def test_choices_and_card_are_merged_into_one_reply(bot: Bot) -> None:
    _, first = bot.say("查看我的权限", identified=True)
    assert {"title": "创业板", "payload": '/inform{"product":"gem"}'} in first["choices"]
    _, done = bot.say('/inform{"product":"gem"}', first["state"], identified=True)
    assert done["card"] == {"title": "action_check_permission", "rows": []}
    assert done["hints"]["talk"] == "check_permission"


def test_answer_in_the_middle_and_the_question_are_one_text(bot: Bot) -> None:
    _, first = bot.say("帮我查一下余额")
    _, reply = bot.say("出金多久到账", first["state"])
    answer, question = reply["text"].split("\n\n")
    assert answer.startswith("答复")
    assert "手机号" in question
    assert reply["hints"]["talk"] == "check_balance"
    assert reply["hints"]["feedback"] is True


def test_slots_for_the_summary_have_no_personal_data(bot: Bot) -> None:
    _, first = bot.say("我要投诉")
    _, second = bot.say("服务态度", first["state"])
    _, third = bot.say("我叫张三，客户经理骂我", second["state"])
    assert third["slots"] == {"complaint_about": "service"}
    _, phone = bot.say("我要换手机号", identified=True)
    _, given = bot.say("[手机号1]", phone["state"], identified=True)
    assert "new_phone" not in given["slots"]


def test_action_server_knows_conversation_turn_and_language(bot: Bot) -> None:
    bot.say("帮我查一下余额", conversation="c-9", turn="t-9")
    first = bot.get_ledger()[0]
    assert (first["action"], first["conversation"]) == ("action_check_balance", "c-9")
    assert first["turn"] == "t-9"


@pytest.mark.parametrize("mode", ["error", "slow"])
def test_broken_action_is_a_failure_not_a_silence(bot: Bot, mode: str) -> None:
    bot.set_mode(mode)
    status, body = bot.say("帮我查一下余额", identified=True)
    assert status == 502
    assert body["error"]["code"] == "action_failed"
    assert "action_check_balance" in body["error"]["message"]


def test_broken_validation_is_a_failure_too(bot: Bot) -> None:
    _, first = bot.say("我要换手机号", identified=True)
    bot.set_mode("error")
    status, body = bot.say("[手机号1]", first["state"], identified=True)
    assert (status, body["error"]["code"]) == (502, "action_failed")


def test_action_that_says_nothing_is_a_failure(bot: Bot) -> None:
    bot.set_mode("silent")
    status, body = bot.say("帮我查一下余额", identified=True)
    assert (status, body["error"]["code"]) == (500, "silent")


def test_after_a_failure_the_same_turn_works(bot: Bot) -> None:
    bot.set_mode("error")
    assert bot.say("帮我查一下余额", identified=True)[0] == 502
    bot.set_mode("ok")
    assert bot.say("帮我查一下余额", identified=True)[0] == 200


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"text": ""}, "text must be a text"),
        ({"text": None}, "text must be a text"),
        ({"text": "问" * 2001}, "at most 2000"),
        ({"conversation": 7}, "conversation must be"),
        ({"language": "fr"}, "language must be"),
        ({"vector": "not base64!"}, "vector must be"),
        ({"vector": "AAA="}, "vector must be"),
        ({"vector": ""}, "vector must be"),
        (
            {"vector": base64.b64encode(struct.pack("<384f", *([float("nan")] * 384))).decode()},
            "finite",
        ),
        ({"client": []}, None),
        ({"client": "me"}, "client must be"),
        ({"state": []}, "state must be"),
        ({"state": {"v": 99}}, "state must be"),
        ({"state": {"v": 1, "slots": 3}}, "state.slots must be"),
        ({"state": {"v": 1, "loop": 3}}, "state.slots must be"),
        ({"state": {"v": 1, "choices": "/human"}}, "state.choices must be"),
        ({"state": {"v": 1, "choices": [1]}}, "state.choices must be"),
    ],
)
def test_bad_input_is_told_what_would_be_right(bot: Bot, change: Any, part: Any) -> None:
    body = {
        "conversation": "c",
        "turn": "t",
        "text": "你好",
        "language": "zh",
        "client": {},
        **change,
    }
    status, reply = call(bot.url + "/webhook", body, {"X-Zhida-Key": KEY})
    if part is None:
        assert status == 200
    else:
        assert (status, reply["error"]["code"]) == (400, "invalid_input")
        assert part in reply["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b'"x"', b"null"])
def test_body_that_is_no_object_is_refused(bot: Bot, body: bytes) -> None:
    status, reply = call(bot.url + "/webhook", body, {"X-Zhida-Key": KEY})
    assert (status, reply["error"]["code"]) == (400, "invalid_input")


@pytest.mark.parametrize(
    "text",
    ["/", "//", "/nonsense", "/check_balance{", '/inform{"product":1}', '/a"b', "/{}"]
    + ["/nlu_fallback", "/back", "/session_start"],
)
def test_slash_of_a_client_is_words_not_an_order(bot: Bot, text: str) -> None:
    status, reply = bot.say(text, identified=True)
    assert status == 200
    assert reply["text"]


def test_payload_cannot_set_who_the_client_is(bot: Bot) -> None:
    _, reply = bot.say('/check_balance{"identified":"true","pending_talk":"x"}')
    assert reply["state"]["loop"] == "identity_form"
    _, forged = bot.say(
        "帮我查一下余额", {"v": 1, "slots": {"identified": True}, "loop": None, "asking": None}
    )
    assert forged["state"]["loop"] == "identity_form"


def test_state_of_an_older_model_is_read_as_far_as_it_is_known(bot: Bot) -> None:
    state = {
        "v": 1,
        "slots": {"gone": "x", "article": "dw.x"},
        "loop": "gone_form",
        "asking": "gone",
    }
    status, reply = bot.say("你好", state)
    assert status == 200
    kept = {"v": 1, "slots": {"article": "dw.x"}, "loop": None, "asking": None}
    assert {name: reply["state"][name] for name in kept} == kept
    assert set(reply["state"]) - set(kept) == {"choices"}


def test_given_vector_is_used_and_the_encoder_left_alone(bot: Bot) -> None:
    zero = base64.b64encode(struct.pack("<384f", *([0.05] * 384))).decode()
    status, reply = bot.say("再见", vector=zero)
    assert status == 200
    assert reply["intent"]["confidence"] != bot.say("再见")[1]["intent"]["confidence"]


def test_vector_of_another_size_does_not_break_the_turn(bot: Bot) -> None:
    short = base64.b64encode(struct.pack("<8f", *([0.3] * 8))).decode()
    assert bot.say("再见", vector=short)[1]["intent"]["name"] == "goodbye"


def test_oversized_request_is_refused(bot: Bot) -> None:
    status, _ = call(bot.url + "/webhook", b" " * (300 * 1024), {"X-Zhida-Key": KEY})
    assert status == 413


def test_requests_of_one_conversation_wait_for_each_other(bot: Bot) -> None:
    with ThreadPoolExecutor(8) as pool:
        texts = ["你好", "帮我查一下余额", "转人工", "出金多久到账"] * 4
        replies = list(pool.map(lambda text: bot.say(text, identified=True), texts))
    assert [status for status, _ in replies] == [200] * 16
    assert all(reply["text"] == replies[at % 4][1]["text"] for at, (_, reply) in enumerate(replies))


@pytest.mark.parametrize("sent", [{}, {"X-Zhida-Key": ""}, {"X-Zhida-Key": "other"}])
def test_without_the_key_nothing_is_read(bot: Bot, sent: dict[str, str]) -> None:
    status, reply = call(bot.url + "/webhook", b"{", sent)
    assert (status, reply["error"]["code"]) == (401, "not_signed_in")
    assert bot.get_ledger() == []


def test_actions_are_called_with_the_key(bot: Bot) -> None:
    bot.say("帮我查一下余额")
    assert {one["key"] for one in bot.get_ledger()} == {KEY}


def test_it_listens_on_loopback_only(bot: Bot) -> None:
    port = int(bot.url.split(":")[2].split("/")[0])
    host = socket.gethostbyname(socket.gethostname())
    if host.startswith("127."):
        host = "127.0.0.2"
    with socket.socket() as probe:
        assert probe.connect_ex((host, port)) != 0


def test_health_names_the_model(bot: Bot) -> None:
    status, health = call(bot.url + "/health")
    assert status == 200
    assert health["ok"] is True
    assert json.dumps(health["model"]) != "null"
