"""Every type of event and its bounds; a batch tells of each entry by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.event import EVENT_TYPES, check_figures
from clients.report import BATCH, Refusal, parse_batch
from kernel.errors import InvalidInput
from store.client_event import Report

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "key": "k1",
    "client_no": "86000001",
    "type": "risk_ratio",
    "at": "2026-11-23T09:30:00+08:00",
    "figures": {"ratio": 1.05, "shortfall_fen": 120_000, "account": "futures"},
}
TYPES = (
    "account_opened first_deposit deposit_settled withdrawal_settled order_filled margin_usage "
    "risk_ratio drawdown forced_liquidation permission_granted permission_expiring "
    "suitability_expiring login complaint"
).split()


def batch(*entries: object, **parts: object) -> list[Report | Refusal]:
    return list(parse_batch({"source": "oms", "events": list(entries), **parts}, NOW).entries)


def test_the_types_are_those_of_the_issue_and_have_names_in_both_languages() -> None:
    assert list(EVENT_TYPES) == TYPES
    assert all(one.zh and one.en for one in EVENT_TYPES.values())


def test_a_good_event_is_read_with_its_moment_in_utc() -> None:
    (report,) = batch(GOOD)
    assert report == Report(
        "k1",
        "86000001",
        "risk_ratio",
        datetime(2026, 11, 23, 1, 30, tzinfo=UTC),
        {"ratio": 1.05, "shortfall_fen": 120_000, "account": "futures"},
    )


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"key": ""}, "key"),
        ({"key": "a\0b"}, "key"),
        ({"client_no": 86000001}, "client_no"),
        ({"type": None}, "type"),
        ({"at": "2026-11-23T09:30:00"}, "zone"),
        ({"at": "yesterday"}, "zone"),
        ({"at": "2026-11-23T02:05:01Z"}, "future"),
        ({"at": "0001-01-01T00:00:00+23:00"}, "zone"),
        ({"figures": {}}, "needs ratio"),
        ({"figures": {"ratio": "1.05"}}, "number"),
        ({"figures": {"ratio": True}}, "number"),
        ({"figures": {"ratio": -0.1}}, "0 to 100"),
        ({"figures": {"ratio": 1, "shortfall_fen": 1.5}}, "whole"),
        ({"figures": {"ratio": 1, "account": "张 三"}}, "code"),
        ({"figures": {"ratio": 1, "name": "x"}}, "no figure"),
        ({"figures": [1]}, "object"),
    ],
)
def test_what_is_wrong_is_said_and_the_neighbours_are_kept(
    change: dict[str, Any], word: str
) -> None:
    good, bad, other = batch(GOOD, GOOD | change, GOOD | {"key": "k3"})
    assert isinstance(good, Report)
    assert isinstance(other, Report)
    assert isinstance(bad, Refusal)
    assert word in bad.error.message
    assert bad.error.zh != InvalidInput.message_zh


def test_an_unknown_type_keeps_only_figures_that_can_name_nobody() -> None:
    told = {"n": 3, "phone": "13800138000", "tel": 13_800_138_000, "name": "张三", "code": "IF2612"}
    (report,) = batch(GOOD | {"type": "dividend", "figures": told})
    assert isinstance(report, Report)
    assert not report.is_known
    assert report.figures == {"n": 3, "code": "IF2612"}


@pytest.mark.parametrize("events", [[], "x", None, [GOOD] * (BATCH + 1)])
def test_a_batch_has_one_to_a_thousand_events(events: object) -> None:
    with pytest.raises(InvalidInput, match="1 to 1000"):
        parse_batch({"source": "oms", "events": events}, NOW)


@pytest.mark.parametrize("source", [None, "", "OMS", "a" * 41, "a b"])
def test_a_source_has_a_plain_name(source: object) -> None:
    with pytest.raises(InvalidInput, match="source"):
        parse_batch({"source": source, "events": [GOOD]}, NOW)


@pytest.mark.parametrize("name", TYPES)
def test_the_least_and_the_most_of_every_figure_are_taken(name: str) -> None:
    for bound in ("low", "high"):
        figures = {
            key: "code-1" if one.unit == "code" else getattr(one, bound)
            for key, one in EVENT_TYPES[name].figures.items()
        }
        assert check_figures(EVENT_TYPES[name], figures) == figures


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "key": JSON,
            "client_no": JSON,
            "type": st.sampled_from(TYPES) | JSON,
            "at": st.just("2026-11-23T09:30:00+08:00") | JSON,
            "figures": st.dictionaries(st.sampled_from(["ratio", "amount_fen", "x"]), JSON) | JSON,
        },
    )
)
def test_whatever_comes_is_a_report_that_can_be_kept_or_a_refusal(entry: dict[str, Any]) -> None:
    (found,) = batch(entry)
    if isinstance(found, Report):
        assert orjson.loads(orjson.dumps(found.figures)) == found.figures
        assert found.at <= NOW + timedelta(minutes=5)
        assert 0 < len(found.key) <= 200
    else:
        assert found.error.message
