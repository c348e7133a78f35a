"""Links: found, numbered, signed; a token that was touched is none."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidInput
from kernel.message import Address, Author, Content, Outbound
from orchestrator.content import prepare
from orchestrator.content_form import parse_content
from orchestrator.link import Filler, LinkSigner, list_links, number_links
from orchestrator.preview import to_row
from store.content import Variant

SIGNER = LinkSigner("https://zhida.test", b"k" * 32)
OUTBOX = UUID("01900000-0000-7000-8000-000000000007")


def _outbound() -> Outbound:
    return Outbound(OUTBOX, Address("email", "a", "b"), Content(), Author.SYSTEM)


def test_addresses_are_found_once_and_numbered_in_one_order() -> None:
    variants = {
        ("sms", "zh", "a"): Variant(body="看https://b.cn/x?y=1&z=2。或(http://a.cn)!"),
        ("chat", "zh", "a"): Variant(body="https://b.cn/x?y=1&z=2, 好"),
    }
    links = list_links(variants)
    assert links == ("http://a.cn", "https://b.cn/x?y=1&z=2")
    numbered = number_links(variants["sms", "zh", "a"].body, links)
    assert numbered == "看{{ link_2 }}。或({{ link_1 }})!"
    assert number_links(variants["chat", "zh", "a"].body, links) == "{{ link_2 }}, 好"


def test_a_message_gets_counted_links_and_its_way_out_where_the_house_fills_it() -> None:
    draft = parse_content(
        {
            "key": "weekly",
            "title": "t",
            "category": "marketing",
            "variants": [
                {"channel": "email", "subject": "s", "body": "{{ brand }} https://a.cn/1 完"}
            ],
        }
    )
    ready = prepare(to_row(draft), "email", "zh")
    assert ready.names == {"brand", "link_1", "unsubscribe"}
    filler = Filler(SIGNER, {"brand": "示例", "app": "x"})
    said = ready.render(filler(_outbound(), ready.names))
    assert said.text == f"示例 {SIGNER.make_link(OUTBOX, 1)} 完"
    assert said.hints["unsubscribe"] == SIGNER.make_way_out(OUTBOX)
    assert ready.render({"brand": "示例"}).text == "示例 https://a.cn/1 完"


def test_a_field_within_an_address_is_refused() -> None:
    body = {"key": "weekly", "title": "t", "category": "risk"}
    variants = [{"channel": "chat", "body": "https://a.cn/{{ days }}"}]
    with pytest.raises(InvalidInput, match="whole"):
        parse_content({**body, "variants": variants})


def test_a_token_is_for_one_purpose_and_one_key() -> None:
    token = SIGNER.make_link(OUTBOX, 3).rpartition("/")[2]
    assert SIGNER.read("t", token) == (OUTBOX, 3)
    assert SIGNER.read("u", token) is None
    assert LinkSigner("", b"x" * 32).read("t", token) is None
    way_out = SIGNER.make_way_out(OUTBOX).rpartition("/")[2]
    assert SIGNER.read("u", way_out) == (OUTBOX, 0)


@given(st.integers(0, 38), st.characters(codec="ascii"))
def test_a_token_that_was_touched_is_none(place: int, letter: str) -> None:
    token = SIGNER.make_link(OUTBOX, 3).rpartition("/")[2]
    touched = token[:place] + letter + token[place + 1 :]
    assert (SIGNER.read("t", touched) is not None) == (touched == token)


@given(st.text())
def test_no_text_is_a_token_by_chance(text: str) -> None:
    assert SIGNER.read("t", text) is None
