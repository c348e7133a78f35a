"""What a content may say, channel by channel; and that what ships with the house obeys it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import InvalidInput
from kernel.ids import new_id
from orchestrator.content import CHANNELS, prepare
from orchestrator.content_form import parse_content
from orchestrator.field import EXPOSED, FIELDS, SAMPLE
from orchestrator.shipped import read_contents
from store.content import ContentDraft, ContentRow

CRITICAL = ("margin_call", "liquidation_warning", "forced_liquidation")


def body(**over: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "key": "weekly",
        "title": "周报",
        "category": "marketing",
        "variants": [variant()],
    }
    return whole | over


def variant(channel: str = "sms", **over: Any) -> dict[str, Any]:
    words = {"channel": channel, "language": "zh", "body": "周报已更新，拒收请回复R"}
    return {**words, **({"subject": "周报"} if channel == "email" else {}), **over}


def test_a_good_content_is_read() -> None:
    draft = parse_content(body(min_risk="C3", valid_until="2027-01-01T00:00:00+08:00"))
    assert draft.variants["sms", "zh", "a"].body.startswith("周报")
    assert (draft.min_risk, draft.category) == ("C3", "marketing")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (body(key="周报"), "key"),
        (body(category="ad"), "category"),
        (body(min_risk="C6"), "min_risk"),
        (body(variants=[]), "variants"),
        (body(extra=1), "extra"),
        (body(valid_until="2027-01-01T00:00:00"), "time zone"),
        (body(variants=[variant(), variant()]), "two variants"),
        (body(variants=[variant("fax")]), "channel"),
        (body(variants=[variant(body="周报")]), "拒收请回复R"),
        (body(variants=[variant(body="{{ nmae }} 拒收请回复R")]), "sms/zh/a: Line 1"),
        (body(variants=[variant(body="拒收" * 400)]), "parts"),
        (body(variants=[variant("chat", body="{{ name }}您好")]), "personal"),
        (body(variants=[variant("wechat", template="T")]), "48"),
        (body(variants=[variant("chat", subject="x")]), "Only a mail"),
        (body(variants=[variant("email", subject=" ")]), "subject"),
        (body(variants=[variant("chat", template="T")]), "Only SMS and WeChat"),
        (body(variants=[variant(fields={"a": "b"})]), "Variables need"),
        (body(variants=[variant("voice", body="长" * 301)]), "300"),
        (body(category="risk", variants=[variant(body="{{ risk_ratio }}")]), "money"),
        (
            body(
                category="risk",
                variants=[variant("wechat", template="T", fields={"amount1": "{{ amount }}"})],
            ),
            "money",
        ),
        (
            body(
                category="risk",
                variants=[variant("wechat", template="T", fields={"thing1": "超" * 21})],
            ),
            "20 characters",
        ),
        (body(variants=[variant("chat", body="{{ text | money }}")]), "not a"),
    ],
)
def test_what_is_wrong_is_said(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_content(wrong)
    assert said in caught.value.message
    assert caught.value.zh


def test_what_ships_is_good_and_renders_with_and_without_its_fields() -> None:
    drafts = read_contents()
    assert {one.key for one in drafts} >= {
        *CRITICAL,
        *("deposit_settled", "welcome", "deposit_tutorial", "margin_usage_warning"),
        *("drawdown_alert", "silent_market", "silent_instruments", "digest"),
    }
    for draft in drafts:
        row = _row(draft)
        for channel, language, arm in draft.variants:
            ready = prepare(row, channel, language, arm)
            for values in ({}, SAMPLE):
                said = ready.render(values)
                assert said.text.strip()
                assert "{" not in said.text + str(said.hints.get("subject_line", ""))
        tongues = {(channel, tongue) for channel, tongue, _ in draft.variants}
        assert all((channel, "en") in tongues for channel, _ in tongues)


def test_critical_notices_have_words_for_every_channel_and_no_figure_where_others_read() -> None:
    found = {one.key: one for one in read_contents()}
    for key in CRITICAL:
        draft = found[key]
        assert {channel for channel, _, _ in draft.variants} == set(CHANNELS)
        for channel, language, arm in draft.variants:
            names = prepare(_row(draft), channel, language, arm).names
            if channel in EXPOSED | {"voice", "email"}:
                assert not any(FIELDS[name].is_private for name in names)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("key: x", "x.yaml"),
        ("[", "x.yaml"),
        ("key: other\ntitle: t\ncategory: risk\nvariants: {chat: {zh: {body: a}}}", "other"),
        ("key: x\ntitle: t\ncategory: risk\nvariants: {chat: {zh: a}}", "chat.zh"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "x.yaml").write_text(text, "utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_contents(tmp_path)
    assert said in caught.value.message


def _row(draft: ContentDraft) -> ContentRow:
    make: Callable[..., ContentRow] = ContentRow
    parts = {name: getattr(draft, name) for name in ContentDraft.__slots__}
    return make(id=new_id(), version=1, **parts)
