"""The measuring stick itself: each scope and outcome is counted as the README says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kernel.errors import InvalidInput
from kernel.message import Content
from service.eval import (
    Judged,
    Outcome,
    Reply,
    Row,
    format_table,
    judge,
    list_mistakes,
    parse_rows,
    summarise,
)
from service.respondent import read_reply

TOPICS = {"dw.out": "deposit_withdrawal", "dw.in": "deposit_withdrawal", "tp.gem": "permission"}


def row(scope: str = "in", key: str | None = None, *, expected: str = "answer") -> Row:
    return Row("1", "问题", scope, ("deposit_withdrawal", "fees"), expected, key)


ANSWER = Reply("…", article="dw.out", topic="deposit_withdrawal")
OTHER = Reply("…", article="tp.gem", topic="permission")
TALK = Reply("…", talk="check_withdrawal", topic="deposit_withdrawal")
CHOICES = Reply("…", offered=("tp.gem", "dw.out"))
PERSON = Reply("…", is_handover=True)
PERSON_WITH_ARTICLE = Reply("…", article="tp.gem", is_handover=True)
UNKNOWN = Reply("…")
REFUSAL = Reply("…", is_refusal=True)


@pytest.mark.parametrize(
    ("asked", "reply", "outcome"),
    [
        (row(key="dw.out"), ANSWER, "right"),
        (row(key="dw.out"), OTHER, "wrong"),
        (row(key="dw.out"), TALK, "wrong"),
        (row(key="dw.out"), CHOICES, "offered"),
        (row(key="dw.in"), CHOICES, "unanswered"),
        (row(key="dw.out"), PERSON, "handed_over"),
        (row(key="dw.out"), PERSON_WITH_ARTICLE, "handed_over"),
        (row(key="dw.out"), UNKNOWN, "unanswered"),
        (row(key="dw.out"), REFUSAL, "unanswered"),
        (row(), ANSWER, "right"),
        (row(), OTHER, "wrong"),
        (row(), TALK, "right"),
        (row(), CHOICES, "offered"),
        (row(), PERSON, "handed_over"),
        (row(expected="handoff"), PERSON, "right"),
        (row(expected="handoff"), ANSWER, "wrong"),
        (row(expected="handoff"), UNKNOWN, "unanswered"),
        (row(key="dw.out", expected="handoff"), ANSWER, "right"),
        (row(key="dw.out", expected="handoff"), PERSON, "right"),
        (row(key="dw.out", expected="handoff"), OTHER, "wrong"),
        (row("far_oos", expected="fallback"), ANSWER, None),
    ],
)
def test_a_reply_is_judged(asked: Row, reply: Reply, outcome: Outcome | None) -> None:
    assert judge(asked, reply, TOPICS).outcome == outcome


def test_figures_count_every_scope_once() -> None:
    cases = [
        (row(key="dw.out"), ANSWER),
        (row(key="dw.out"), OTHER),
        (row(key="dw.out"), CHOICES),
        (row(), PERSON),
        (row("restricted"), ANSWER),
        (row("restricted"), REFUSAL),
        (row("near_oos"), TALK),
        (row("near_oos"), UNKNOWN),
        (row("near_oos"), CHOICES),
        (row("near_oos"), PERSON_WITH_ARTICLE),
        (row("far_oos"), REFUSAL),
    ]
    figures = summarise([judge(asked, reply, TOPICS) for asked, reply in cases])
    assert {key: figures[key] for key in ("n", "right", "right_in_choices", "wrong")} == {
        "n": 4,
        "right": 1,
        "right_in_choices": 1,
        "wrong": 1,
    }
    assert (figures["handed_over"], figures["unanswered"]) == (1, 0)
    assert figures["right_share"] == 0.25
    keyed = figures["keyed"]
    assert isinstance(keyed, dict)
    assert (keyed["n"], keyed["wrong"]) == (3, 1)
    assert figures["restricted"] == {"n": 2, "leaked": 1, "leaked_share": 0.5}
    assert figures["near_oos"] == {"n": 4, "answered": 1, "answered_share": 0.25}
    assert figures["far_oos"] == {"n": 1, "answered": 0, "answered_share": 0.0}
    assert figures["by_topic"] == {
        "deposit_withdrawal": {"n": 4, "right": 1, "wrong": 1, "handed_over": 1}
    }


def test_times_are_quantiles_over_all_rows() -> None:
    judged = [Judged(row("far_oos"), Reply("", ms=float(n)), None) for n in range(100)]
    assert summarise(judged)["ms"] == {"p50": 50.0, "p99": 99.0}


def test_an_empty_scope_is_no_error() -> None:
    figures = summarise([Judged(row("far_oos"), Reply(""), None)])
    assert (figures["n"], figures["right_share"]) == (0, 0.0)


def test_the_table_names_the_mistakes() -> None:
    judged = [judge(row(key="dw.out"), OTHER, TOPICS), judge(row("far_oos"), ANSWER, TOPICS)]
    figures = summarise(judged) | {"seconds": 1.0, "model": "m", "encoder": "e"}
    mistakes = list_mistakes(judged)
    assert mistakes == ["far_oos: 问题 → dw.out", "wrong: 问题 → tp.gem (expected dw.out)"]
    assert mistakes[0] in format_table(figures, mistakes)


GOOD = {"id": "1", "text": "问", "scope": "in", "topic": "fees", "expected": "answer"}


def write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in rows))
    return path


def test_rows_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "q.jsonl", GOOD, GOOD | {"alt_topics": ["tr"], "faq_key": "dw.out"})
    first, second = parse_rows(path)
    assert (first.topics, first.faq_key) == (("fees",), None)
    assert (second.topics, second.faq_key) == (("fees", "tr"), "dw.out")


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([], "no question"),
        ([[]], ":1: a row is an object"),
        ([GOOD, {"id": "2"}], ":2: text"),
        ([GOOD | {"scope": "out"}], ":1: scope"),
        ([GOOD | {"text": 5}], ":1: text"),
    ],
)
def test_a_wrong_file_is_named_by_line(tmp_path: Path, rows: list[object], word: str) -> None:
    with pytest.raises(InvalidInput, match=word):
        parse_rows(write(tmp_path / "q.jsonl", *rows))


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        parse_rows(tmp_path / "none.jsonl")


def test_a_reply_is_read_from_content_and_hints() -> None:
    content = Content(
        text="哪一个？",
        choices=(
            {"title": "出金", "payload": '/choose_article{"article":"dw.out"}'},
            {"title": "人工", "payload": "/human"},
        ),
        hints={"topic": "deposit_withdrawal", "handover": None, "unknown": False},
    )
    reply = read_reply(content, 5.0)
    assert reply.offered == ("dw.out",)
    assert (reply.topic, reply.is_answer, reply.is_handover) == ("deposit_withdrawal", False, False)


@pytest.mark.parametrize(
    ("hints", "handover", "refusal"),
    [
        ({"handover": {"reason": "advice"}}, True, False),
        ({"refused": "advice"}, False, True),
        ({"unknown": "not_ours"}, False, True),
        ({}, False, False),
    ],
)
def test_hints_tell_hand_over_and_refusal(
    hints: dict[str, object], *, handover: bool, refusal: bool
) -> None:
    reply = read_reply(Content.from_json({"text": "…", "hints": hints}), 1.0)
    assert (reply.is_handover, reply.is_refusal) == (handover, refusal)


def test_the_houses_own_sentence_counts_as_a_person_called() -> None:
    assert read_reply(Content(text="转人工"), 1.0, author="system").is_handover
