"""Inputs that broke a parser once, found by tests/security/fuzz; each is now refused or kept."""

from __future__ import annotations

import contextlib

import pytest

from kernel.errors import InvalidInput, Malformed
from tests.security.fuzz import sample
from tests.security.fuzz.parser import PARSERS, REFUSALS

SID = b"0" * 32
ACCOUNT = f"AccountSid={sample.ACCOUNT_SID}&".encode()
STATUS = ACCOUNT + b"MessageSid=SM" + SID + b"&MessageStatus=failed"
HEAD = b"From: a@example.cn\r\nSubject: x\r\n"


@pytest.mark.parametrize(
    ("name", "data", "refusal"),
    [
        ("frame", b'{"type":{},"seq":1}', InvalidInput),
        ("frame", b'{"type":["send"]}', InvalidInput),
        (
            "form",
            STATUS + b"&ErrorCode=3%00",
            Malformed,
        ),
    ],
)
def test_it_is_refused(name: str, data: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        PARSERS[name].take(data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("frame", b'{"type":"ping","language":{}}'),
        ("frame", b'{"type":"hello","language":["zh"]}'),
        ("mail", HEAD + b"To: s@x\x01\x00.cn, b@x.cn\r\n\r\nhello"),
        ("mail", HEAD + b"Content-Type: \x00\x00multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx"),
        (
            "mail",
            b"From: mailer-daemon@x\r\nContent-Type: message/delivery-status\r\n\r\n"
            b"Action: failed\r\nStatus: 5.1.1\x00\r\nDiagnostic-Code: smtp;\x00no\r\n",
        ),
    ],
)
def test_what_it_lets_through_can_be_kept(name: str, data: bytes) -> None:
    with contextlib.suppress(*REFUSALS):
        PARSERS[name].take(data)
