"""Any bytes at all: they are a mail or malformed, in bounded time, and never an error of ours."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from channels.email.bounce import find_kind, parse_reports
from channels.email.charset import decode
from channels.email.letter import read_words
from channels.email.markup import read_html
from channels.email.mime import parse_mail
from channels.email.quote import cut_quoted
from kernel.errors import Malformed
from kernel.message import TEXT_LIMIT


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=3000))
@example(b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n")
@example(b"Content-Type: text/plain; charset*=''x%\r\n\r\nx")
@example(b"From: \xff\r\nSubject: =?utf-8?q?=ff=fe?=\r\n\r\n\xff")
@example(b"Content-Disposition: attachment; filename*0*=x''%ff; filename*2=b\r\n\r\nx")
def test_any_bytes_are_a_mail_or_malformed(raw: bytes) -> None:
    check(raw)


@pytest.mark.parametrize("name", ["From", "To", "Subject", "Message-ID", "Content-Type", "Date"])
@pytest.mark.parametrize("piece", ["(", '"', "<", ",", "=?", "a@b.cn, ", "; a*0*=b", "\r\n a"])
def test_any_header_however_long_is_no_error(name: str, piece: str) -> None:
    check(f"From: a@b.cn\r\n{name}: {piece * (50_000 // len(piece))}\r\n\r\nx".encode())


HEADS = st.sampled_from(
    [
        "Content-Type: text/plain; charset={}",
        "Content-Type: multipart/mixed; boundary={}",
        "Content-Type: {}",
        "Content-Transfer-Encoding: {}",
        "Content-Disposition: attachment; filename={}",
        "Subject: =?{}?b?5YWz?=",
        "From: {}",
        "Date: {}",
        "Message-ID: <{}>",
        "Auto-Submitted: {}",
        "To: {}",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(HEADS, st.text(max_size=30)), max_size=8), st.text(max_size=200))
def test_any_headers_are_a_mail_or_malformed(heads: list[tuple[str, str]], body: str) -> None:
    lines = "".join(head.replace("{}", value) + "\r\n" for head, value in heads)
    check((lines + "\r\n" + body).encode("utf-8", "replace"))


def check(raw: bytes) -> None:
    try:
        found = parse_mail(raw)
    except Malformed:
        return
    find_kind(found)
    parse_reports(found)
    words = read_words(found)
    assert 0 < len(words) <= TEXT_LIMIT
    assert "\x00" not in words
    words.encode()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.text(max_size=20))
def test_decoding_never_fails(raw: bytes, label: str) -> None:
    assert "\x00" not in decode(raw, label)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_reading_html_never_fails(page: str) -> None:
    assert isinstance(read_html(page), str)


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=1, max_size=400).filter(lambda one: bool(one.strip())))
def test_cutting_quotes_never_leaves_nothing(text: str) -> None:
    assert len(cut_quoted(text)) <= len(text.replace("\r", "\n\n")) + 1
