"""When a complaint leaves the form for a person, and when it stays calm."""

from __future__ import annotations

import pytest

from bot.components import temper

CALM = ["出金三天了还没到，客户经理也不接", "我要投诉", "营业部排队两小时", "I want to complain"]
STRONG = ["你们这帮骗子", "我要去证监会投诉", "气死我了!!", "This is a scam", "I will sue you"]


@pytest.mark.parametrize("text", STRONG)
@pytest.mark.parametrize(
    ("first", "asking"),
    [("complaint", ""), ("inform", "complaint_text"), ("ask_knowledge", "complaint_about")],
)
def test_strong_words_in_a_complaint_are_urgent(text: str, first: str, asking: str) -> None:
    assert temper.settle([(first, 0.8)], text=text, asking=asking)[0] == ("urgent_complaint", 0.9)


@pytest.mark.parametrize("text", CALM)
@pytest.mark.parametrize(("first", "asking"), [("complaint", ""), ("inform", "complaint_text")])
def test_a_calm_complaint_stays_in_the_form(text: str, first: str, asking: str) -> None:
    ranking = [(first, 0.8), ("human", 0.13)]
    assert temper.settle(ranking, text=text, asking=asking) == ranking


@pytest.mark.parametrize("first", ["ask_knowledge", "data_probe", "stop"])
def test_strong_words_alone_are_no_complaint(first: str) -> None:
    ranking = [(first, 0.8)]
    assert temper.settle(ranking, text="遇到骗子怎么办", asking="") == ranking
    assert temper.settle(ranking, text="接到诈骗电话", asking="phone") == ranking


def test_a_likely_wish_for_a_person_is_enough_inside_a_complaint() -> None:
    likely, unlikely = [("inform", 0.9), ("human", 0.4)], [("inform", 0.9), ("human", 0.2)]
    assert temper.settle(likely, text="派个人来", asking="complaint_text")[0] == ("human", 0.4)
    assert temper.settle(unlikely, text="派个人来", asking="complaint_text") == unlikely
    assert temper.settle(likely, text="派个人来", asking="product") == likely


def test_who_asks_for_a_person_after_telling_all_takes_it_along() -> None:
    ranking = [("human", 1.0)]
    found = temper.settle(ranking, text="转人工", asking="complaint_confirm")
    assert [name for name, _ in found] == ["urgent_complaint", "human"]
    assert temper.settle(ranking, text="转人工", asking="complaint_text") == ranking
