"""What a notice says: the house's names and counted links stand in it, its own address too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from kernel.errors import MissingField
from kernel.message import Json
from orchestrator.content import Prepared, prepare
from orchestrator.content_form import parse_content
from orchestrator.link import OWN, OWN_HINT, Filler, LinkSigner
from orchestrator.preview import to_row
from orchestrator.wording import Words

SIGNER = LinkSigner("https://zhida.test", b"k" * 32)
OUTBOX = UUID("01900000-0000-7000-8000-000000000007")
WORDS = Words(Filler(SIGNER, {"brand": "示例", "app": "示例APP"}))
OWN_LINK = "https://a.cn/2?who=7"


def _prepare(channel: str, **variant: Any) -> Prepared:
    body = {"key": "said", "title": "t", "category": "service"}
    draft = parse_content({**body, "variants": [{"channel": channel, **variant}]})
    return prepare(to_row(draft), channel, "zh")


def _say(ready: Prepared, values: Mapping[str, Json], words: Words = WORDS) -> tuple[str, object]:
    said = words.say(ready, OUTBOX, values=values, hints={"notice": "n"})
    assert said.hints["notice"] == "n"
    return said.text, said.hints.get(OWN_HINT)


def test_addresses_of_the_content_and_of_the_notice_are_counted_for_the_message() -> None:
    ready = _prepare("chat", body="{{ brand }} https://a.cn/1 {{ link }}")
    first, own = SIGNER.make_link(OUTBOX, 1), SIGNER.make_link(OUTBOX, OWN)
    assert _say(ready, {"link": OWN_LINK}) == (f"示例 {first} {own}", OWN_LINK)
    assert SIGNER.read("t", own.rpartition("/")[2]) == (OUTBOX, OWN)


@pytest.mark.parametrize("value", ["app://margin", "见 https://a.cn", "https://a.cn b"])
def test_what_is_no_address_on_the_web_stays_as_it_is(value: str) -> None:
    assert _say(_prepare("chat", body="请看{{ link }}"), {"link": value}) == (f"请看{value}", None)


def test_a_providers_template_keeps_the_address() -> None:
    ready = _prepare(
        "sms", body="请看{{ link }}", template="SMS_200000001", fields={"url": "{{ link }}"}
    )
    said = WORDS.say(ready, OUTBOX, values={"link": OWN_LINK}, hints={})
    assert said.hints["template"] == {"code": "SMS_200000001", "values": {"url": OWN_LINK}}
    assert OWN_HINT not in said.hints


def test_without_the_house_nothing_is_counted_and_a_missing_field_is_said() -> None:
    ready = _prepare("chat", body="{{ brand }} https://a.cn/1 {{ link }}")
    said = _say(ready, {"brand": "甲", "link": OWN_LINK}, Words())
    assert said == (f"甲 https://a.cn/1 {OWN_LINK}", None)
    with pytest.raises(MissingField):
        _say(ready, {})
