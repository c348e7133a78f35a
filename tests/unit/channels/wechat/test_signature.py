from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.wechat.signature import Keys, Signature, compute_signature
from kernel.clock import FakeClock
from kernel.errors import BadSignature, Malformed, Stale, Untrusted
from lab.wechat.account import LabAccount
from lab.wechat.envelope import Sealed, open_reply, seal

# Made by Tencent's own @wecom/crypto (npm) with random16 = 0123456789abcdef.
TOKEN = "pamtest"
AES_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
APPID = "wxb11529c136998cb6"
AT = 1409304348
XML = (
    "<xml><ToUserName><![CDATA[gh_680bdefc8c5d]]></ToUserName>"
    "<FromUserName><![CDATA[oIDrpjqASyTPnxRmpS9O_ruZGsfk]]></FromUserName>"
    "<CreateTime>1359028446</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[保证金不足怎么办?😀]]></Content><MsgId>5836982729904121631</MsgId></xml>"
)
ENCRYPT = Path(__file__).with_name("vector.txt").read_text("ascii").strip()
MSG_SIGNATURE = "f814a416d9c5c9eccc8df42eff382fbfb362c4db"
URL_SIGNATURE = "76480565cbe296026c53aaacd1ad523a1ddba24f"
NEW_KEY = base64.b64encode(b"n" * 32).decode().rstrip("=")
KEYS = Keys(APPID, TOKEN, AES_KEY)
QUERY = {"msg_signature": MSG_SIGNATURE, "timestamp": str(AT), "nonce": "xxxxxx"}
BODY = f"<xml><ToUserName>gh</ToUserName><Encrypt>{ENCRYPT}</Encrypt></xml>".encode()
ACCOUNT = LabAccount("demo", APPID, "secret", TOKEN, AES_KEY)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.fromtimestamp(AT, UTC))


@pytest.fixture
def signature(clock: FakeClock) -> Signature:
    return Signature(KEYS, clock)


def sealed_by_lab(xml: str = XML) -> Sealed:
    return seal(ACCOUNT, xml, openid="o1", timestamp=AT)


def test_vector_of_the_platforms_own_library_opens(signature: Signature) -> None:
    opened = signature.open_callback(QUERY, BODY)
    assert opened.xml.decode() == XML
    assert opened.verified_by == "aes"


def test_handshake_echoes(signature: Signature) -> None:
    query = {"signature": URL_SIGNATURE, "timestamp": str(AT), "nonce": "xxxxxx", "echostr": "E1"}
    assert signature.check_handshake(query) == "E1"
    with pytest.raises(BadSignature):
        signature.check_handshake(query | {"nonce": "other"})
    with pytest.raises(Malformed):
        signature.check_handshake({"signature": URL_SIGNATURE})


@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_fresh_callbacks_are_believed(signature: Signature, clock: FakeClock, seconds: int) -> None:
    clock.advance(seconds=seconds)
    assert signature.open_callback(QUERY, BODY).verified_by == "aes"


@pytest.mark.parametrize("seconds", [-301, 301, 86400])
def test_old_and_future_callbacks_are_stale(
    signature: Signature, clock: FakeClock, seconds: int
) -> None:
    clock.advance(seconds=seconds)
    with pytest.raises(Stale):
        signature.open_callback(QUERY, BODY)


def test_url_signature_is_no_message_signature(signature: Signature) -> None:
    """The most frequent mistake of integrations, and a forger's first try."""
    with pytest.raises(BadSignature):
        signature.open_callback(QUERY | {"msg_signature": URL_SIGNATURE}, BODY)


def test_plain_body_is_refused_although_its_url_is_signed(signature: Signature) -> None:
    query = QUERY | {"signature": URL_SIGNATURE}
    with pytest.raises(Malformed, match="safe mode"):
        signature.open_callback(query, XML.encode())


def test_compatible_mode_believes_the_sealed_part_alone(signature: Signature) -> None:
    forged = XML.replace("<xml>", f"<xml><Encrypt>{ENCRYPT}</Encrypt>").replace("保证金", "转账")
    assert signature.open_callback(QUERY, forged.encode()).xml.decode() == XML


def test_other_accounts_message_is_refused(clock: FakeClock) -> None:
    other = Signature(Keys("wxother", TOKEN, AES_KEY), clock)
    with pytest.raises(Malformed):
        other.open_callback(QUERY, BODY)


def test_previous_key_opens_while_a_new_one_spreads(clock: FakeClock) -> None:
    rotated = Signature(Keys(APPID, TOKEN, NEW_KEY, AES_KEY), clock)
    assert rotated.open_callback(QUERY, BODY).verified_by == "aes-previous"
    with pytest.raises(Malformed):
        Signature(Keys(APPID, TOKEN, NEW_KEY), clock).open_callback(QUERY, BODY)


def test_reply_is_sealed_so_that_the_lab_opens_it(signature: Signature) -> None:
    body = signature.seal_reply("<xml>回复🙂]]></xml>", "n1")
    assert open_reply(ACCOUNT, body) == "<xml>回复🙂]]></xml>"


def test_equal_replies_look_different(signature: Signature) -> None:
    assert signature.seal_reply("<xml/>", "n") != signature.seal_reply("<xml/>", "n")


def test_key_of_another_length_is_refused_at_start(clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="43 characters"):
        Signature(Keys(APPID, TOKEN, base64.b64encode(b"short").decode().rstrip("=")), clock)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"<xml>",
        b"<html><Encrypt>x</Encrypt></html>",
        b"<xml><Encrypt></Encrypt></xml>",
        b"<!DOCTYPE xml>" + BODY,
        "<xml><Encrypt>你</Encrypt></xml>".encode("gbk"),
        b'<!DOCTYPE x [<!ENTITY e "a">]><xml><Encrypt>&e;</Encrypt></xml>',
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><xml><Encrypt>&e;</Encrypt></xml>',
        b"<xml><Encrypt>" + b"A" * 70_000 + b"</Encrypt></xml>",
    ],
)
def test_malformed_bodies_are_refused(signature: Signature, body: bytes) -> None:
    with pytest.raises(Untrusted):
        signature.open_callback(QUERY, body)


@pytest.mark.parametrize("sealed", ["QUJD", "====", "你好", base64.b64encode(b"\0" * 64).decode()])
def test_rightly_signed_nonsense_is_malformed(signature: Signature, sealed: str) -> None:
    signed = compute_signature(TOKEN, str(AT), "xxxxxx", sealed)
    body = f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode()
    with pytest.raises(Malformed):
        signature.open_callback(QUERY | {"msg_signature": signed}, body)


@pytest.mark.parametrize("stamp", ["soon", "1e9", "-5", "１４０９３０４３４８", "9" * 40])
def test_rightly_signed_nonsense_time_is_malformed(signature: Signature, stamp: str) -> None:
    signed = compute_signature(TOKEN, stamp, "xxxxxx", ENCRYPT)
    with pytest.raises(Malformed):
        signature.open_callback(QUERY | {"msg_signature": signed, "timestamp": stamp}, BODY)


@settings(max_examples=60)
@given(st.text(min_size=1, max_size=600).filter(lambda text: "\x00" not in text))
def test_anything_that_the_lab_seals_opens(text: str) -> None:
    clock = FakeClock(datetime.fromtimestamp(AT, UTC))
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    sealed = sealed_by_lab(text)
    assert Signature(KEYS, clock).open_callback(sealed.query, sealed.body).xml.decode() == text


@settings(max_examples=200)
@given(st.integers(0, len(ENCRYPT) - 1), st.sampled_from("ABCxyz019+/=\n<"))
def test_one_changed_character_is_one_too_many(place: int, letter: str) -> None:
    clock = FakeClock(datetime.fromtimestamp(AT, UTC))
    if ENCRYPT[place] == letter:
        return
    changed = ENCRYPT[:place] + letter + ENCRYPT[place + 1 :]
    body = f"<xml><Encrypt>{changed}</Encrypt></xml>".encode()
    with pytest.raises(Untrusted):
        Signature(KEYS, clock).open_callback(QUERY, body)
