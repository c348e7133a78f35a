"""Previews: what a client would see, what it takes, and which fields have no value."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.errors import InvalidInput, NoVariant
from orchestrator.content_form import parse_content
from orchestrator.preview import Previewer, Tariff

PREVIEWER = Previewer("示例期货", Tariff(sms_part=0.05, call=0.15))


def _content(*variants: dict[str, Any], category: str = "risk") -> Any:
    body = {"key": "note", "title": "通知", "category": category, "variants": list(variants)}
    return parse_content(body)


def test_an_sms_is_counted_in_parts_and_yuan() -> None:
    draft = _content({"channel": "sms", "body": "长" * 71 + "{{ brand }}"})
    shown = PREVIEWER.make(draft, "sms", "zh")
    assert shown["sms"] == {"alphabet": "UCS-2", "units": 75, "parts": 2}
    assert shown["cost"] == 0.1
    unknown = Previewer("示例", Tariff()).make(draft, "sms", "zh")
    assert unknown["cost"] is None


def test_missing_fields_are_shown_in_their_place() -> None:
    draft = _content({"channel": "chat", "body": "应补{{ shortfall | money }}，{{ manager }}"})
    whole = PREVIEWER.make(draft, "chat", "zh")
    assert (whole["text"], whole["missing"]) == ("应补120,000.00，李经理", [])
    some: Any = PREVIEWER.make(draft, "chat", "zh", values={"shortfall": 5})
    assert some["text"] == "应补5.00，〔客户经理〕"
    assert [one["field"] for one in some["missing"]] == ["manager"]
    none: Any = PREVIEWER.make(draft, "chat", "zh", values={})
    assert [one["field"] for one in none["missing"]] == ["manager", "shortfall"]


def test_a_push_shows_only_its_fixed_sentence_and_a_call_no_address() -> None:
    draft = _content(
        {"channel": "push", "body": "风险率{{ risk_ratio | percent }}"},
        {"channel": "voice", "body": "请登录 https://example.com 查看"},
    )
    push: Any = PREVIEWER.make(draft, "push", "zh")
    assert "108" not in push["lock_screen"]["body"]
    assert push["lock_screen"]["title"] == "示例期货"
    voice: Any = PREVIEWER.make(draft, "voice", "en")
    assert "http" not in voice["spoken"]
    assert voice["language"] == "zh"
    assert voice["links"] == ["https://example.com"]


def test_a_template_and_a_subject_are_shown_filled() -> None:
    draft = _content(
        {"channel": "wechat", "body": "x", "template": "T", "fields": {"thing1": "{{ event }}"}},
        {"channel": "email", "subject": "{{ topic }}", "body": "x"},
    )
    wechat: Any = PREVIEWER.make(draft, "wechat", "zh")
    assert wechat["template"] == {"code": "T", "values": {"thing1": "期货投资者交流会"}}
    assert PREVIEWER.make(draft, "email", "zh")["subject"] == "宏观与大宗商品周报"


def test_what_is_not_there_is_said() -> None:
    draft = _content({"channel": "chat", "body": "x"})
    with pytest.raises(NoVariant):
        PREVIEWER.make(draft, "sms", "zh")
    with pytest.raises(InvalidInput):
        PREVIEWER.make(draft, "fax", "zh")
