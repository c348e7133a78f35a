"""A proof's file: what was signed is checked offline, and any changed byte is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.chain import START, Plain, Step, link, show_moment
from kernel.errors import InvalidInput
from kernel.message import Content
from orchestrator.evidence import FORMAT, ProofBroken, Signer, check_file, check_proof
from orchestrator.page import draw_proof
from orchestrator.proof import hash_content, hide_address

NOTICE = UUID("01a20348-03e2-7d10-a78e-4ca0f5308980")
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SIGNER = Signer.from_secret("secret of this test")
SAID = Content(
    text="您的期货账户需要追加保证金，请立即登录APP处理。", hints={"urgency": "critical"}
)
STEPS: tuple[tuple[str, dict[str, Plain]], ...] = (
    ("raised", {"category": "risk", "content": "margin_call", "topic": "margin:"}),
    ("planned", {"rung": 0, "channel": "sms", "content": hash_content(SAID)}),
    ("called", {"attempt": 1, "result": "accepted", "content": hash_content(SAID)}),
    ("receipt", {"status": "delivered", "name": "x"}),
    ("reached", {"how": "press1", "channel": "voice"}),
)


def make_proof() -> dict[str, object]:
    steps, prev = [], START
    for seq, (what, detail) in enumerate(STEPS, 1):
        step = Step(NOTICE, what, detail, AT + timedelta(seconds=seq))
        hash_ = link(prev, seq, step)
        steps.append(
            {
                "seq": seq,
                "what": what,
                "at": show_moment(step.at),
                "detail": detail,
                "prev": prev.hex(),
                "hash": hash_.hex(),
            }
        )
        prev = hash_
    return {
        "format": FORMAT,
        "notice": {"id": str(NOTICE), "state": "reached", "title": "追加保证金通知"}
        | {"client_name": "张三", "category": "risk", "created_at": show_moment(AT)}
        | {"reached_how": "press1", "reached_at": show_moment(AT), "reach_by": None},
        "steps": steps,
        "contents": [{"sha256": hash_content(SAID), "body": SAID.to_json(inside=True)}],
        "exported_at": show_moment(AT),
        "exported_by": "陈主管",
    }


@lru_cache
def make_json() -> bytes:
    return SIGNER.sign_json(make_proof())


@lru_cache
def make_pdf() -> bytes:
    return SIGNER.sign_pdf(draw_proof(orjson.loads(make_json()), make_json()))


def test_what_was_signed_is_proved() -> None:
    checked = check_file(make_json(), SIGNER.public)
    assert (checked.notice_id, checked.state, checked.steps) == (str(NOTICE), "reached", 5)
    assert checked.ways == ("press1",)
    assert check_file(make_pdf(), SIGNER.public).kind == "pdf"


@given(place=st.integers(0), change=st.integers(1, 255), kind=st.sampled_from(["json", "pdf"]))
def test_any_changed_byte_is_found(place: int, change: int, kind: str) -> None:
    data = bytearray(make_json() if kind == "json" else make_pdf())
    data[place % len(data)] ^= change
    with pytest.raises(ProofBroken):
        check_file(bytes(data), SIGNER.public)


@given(cut=st.integers(1), kind=st.sampled_from(["json", "pdf"]))
def test_any_cut_is_found(cut: int, kind: str) -> None:
    data = make_json() if kind == "json" else make_pdf()
    with pytest.raises(ProofBroken):
        check_file(data[: -(cut % len(data)) or -1], SIGNER.public)
    with pytest.raises(ProofBroken):
        check_file(data + b"\n", SIGNER.public)


def test_another_key_proves_nothing() -> None:
    other = Signer.from_secret("another")
    for data in (make_json(), make_pdf()):
        with pytest.raises(ProofBroken):
            check_file(data, other.public)
    with pytest.raises(InvalidInput):
        check_file(make_json(), "no key")


@pytest.mark.parametrize("number", range(5))
def test_whoever_has_the_key_still_cannot_change_a_step(number: int) -> None:
    proof = make_proof()
    steps: list[dict[str, object]] = proof["steps"]  # type: ignore[assignment]
    steps[number]["detail"] = {**STEPS[number][1], "more": "x"}
    with pytest.raises(ProofBroken, match=f"step {number + 1}"):
        check_proof(proof)


def test_a_step_left_out_or_moved_is_found() -> None:
    proof = make_proof()
    steps: list[object] = proof["steps"]  # type: ignore[assignment]
    with pytest.raises(ProofBroken):
        check_proof({**proof, "steps": [*steps[:2], *steps[3:]]})
    with pytest.raises(ProofBroken):
        check_proof({**proof, "steps": [steps[1], steps[0], *steps[2:]]})
    with pytest.raises(ProofBroken):
        check_proof({**proof, "steps": steps[::-1]})


def test_words_that_were_never_planned_are_found() -> None:
    proof = make_proof()
    with pytest.raises(ProofBroken):
        check_proof({**proof, "contents": []})
    other = {"sha256": hash_content(SAID), "body": {"kind": "text", "text": "别的话"}}
    with pytest.raises(ProofBroken):
        check_proof({**proof, "contents": [other]})


def test_the_page_shows_chinese_and_carries_the_file() -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(make_pdf())
    text = document[0].get_textpage().get_text_range()
    for words in ("送达证明", "张三", "追加保证金通知", "客户已知悉", SAID.text, SIGNER.public):
        assert words.replace(" ", "") in "".join(text.split()), words
    assert document.count_attachments() == 1
    assert bytes(document.get_attachment(0).get_data()) == make_json()


def test_an_address_is_hidden_but_known_to_its_owner() -> None:
    assert hide_address("13812345678") == "138****5678"
    assert hide_address("short") == "****"
