"""The drawing of a journey: every step and arrow is there, each step below those before it."""

from __future__ import annotations

import pytest

from orchestrator.journey_graph import draw
from orchestrator.journey_lint import parse_journey
from orchestrator.journey_shipped import read_journeys

LOOP = """
key: loop
title: L
trigger: {event: login}
steps:
  - id: ask
    send: {content: a, category: service, channels: [push, sms]}
  - id: rest
    wait_for: {event: order_filled, timeout: 36h, then: over, otherwise: fork}
  - id: fork
    branch:
      ways: [{when: 'tier.layer = "x"', go: ask}, {when: figure.assets > 3, go: over}]
      otherwise: over
  - id: over
    goal: 成交 · traded
"""


@pytest.mark.parametrize("key", sorted(read_journeys()))
def test_every_step_of_what_ships_has_a_place_of_its_own(key: str) -> None:
    journey = parse_journey(read_journeys()[key])
    graph = draw(journey)
    assert {one.id for one in graph.nodes} == {"start", *journey.steps}
    assert len({(one.row, one.column) for one in graph.nodes}) == len(graph.nodes)
    rows = {one.id: one.row for one in graph.nodes}
    assert all(rows[one.source] < rows[one.target] for one in graph.edges)


def test_a_loop_is_drawn_with_an_arrow_back() -> None:
    graph = draw(parse_journey(LOOP))
    edges = {(one.source, one.target): one.words for one in graph.edges}
    assert edges["start", "ask"] == ""
    assert edges["rest", "over"] == "已发生 · came"
    assert edges["fork", "ask"] == 'tier.layer = "x"'
    assert edges["fork", "over"] == "figure.assets > 3 / 否则 · otherwise"
    rows = {one.id: one.row for one in graph.nodes}
    assert rows == {"start": 0, "ask": 1, "rest": 2, "fork": 3, "over": 4}


def test_the_words_are_chinese_and_english() -> None:
    nodes = {one.id: one for one in draw(parse_journey(LOOP)).nodes}
    assert (nodes["rest"].zh, nodes["rest"].en) == (
        "等待事件 order_filled，最长 36 小时",
        "Wait for order_filled, 36 h at most",
    )
    assert nodes["ask"].zh == "发送 a（normal · push+sms）"
    assert (nodes["over"].zh, nodes["over"].en) == ("达成 成交", "Goal traded")


def test_mermaid_quotes_what_would_end_its_words() -> None:
    text = draw(parse_journey(LOOP)).to_mermaid()
    assert text.startswith("flowchart TD\n")
    assert '-->|"tier.layer = #quot;x#quot;"| s_ask' in text
    assert draw(parse_journey(LOOP)).to_json()["nodes"]
