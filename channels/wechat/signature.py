"""Proves that a callback comes from WeChat or WeCom and is fresh, opens it, seals our answer.

Safe mode only: the plain signature of the query does not cover the body, so a body without
`Encrypt` is never believed, not even its readable part in compatible mode.
Source: developers.weixin.qq.com, 消息加解密说明; AES-256-CBC with PKCS#7 to 32 bytes. WeCom's
is the same with the CorpId for the AppID (developer.work.weixin.qq.com/document/path/90968).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException

from channels.wechat.markup import parse_flat
from kernel.clock import Clock
from kernel.errors import BadSignature, Malformed, Stale

BODY_LIMIT = 64 * 1024
"""Bytes; the longest message of the platform is far below."""

MAX_AGE = timedelta(seconds=300)
_OPENING_ERRORS = (
    InvalidAppIdException,
    ValueError,
    IndexError,
    TypeError,
    binascii.Error,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class Keys:
    """What the platform's page shows; the previous ones count while new ones spread.

    `appid` is WeCom's CorpId there.
    """

    appid: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    previous_aes_key: str | None = field(default=None, repr=False)
    previous_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """The readable XML of a callback and the name of the proof that it passed."""

    xml: bytes
    verified_by: str


class Signature:
    """Checks, opens and seals for one account."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._doors = [("aes", _build_crypto(keys.aes_key))]
        if keys.previous_aes_key:
            self._doors.append(("aes-previous", _build_crypto(keys.previous_aes_key)))

    def check_handshake(self, query: Mapping[str, str]) -> str:
        """Return the `echostr` that proves to WeChat that this address is ours.

        Raises:
            Malformed: a parameter is missing.
            BadSignature: the token is another one.
            Stale: the timestamp is more than 300 s away.
        """
        signature, timestamp, nonce, echo = _read(
            query, "signature", "timestamp", "nonce", "echostr"
        )
        self._check(signature, timestamp, nonce)
        return echo

    def open_handshake(self, query: Mapping[str, str]) -> str:
        """Return the text inside WeCom's `echostr`, which is signed and encrypted there.

        Raises:
            Malformed: a parameter is missing, or our key does not open the text.
            BadSignature: the token is another one.
            Stale: the timestamp is more than 300 s away.
        """
        signature, timestamp, nonce, echo = _read(
            query, "msg_signature", "timestamp", "nonce", "echostr"
        )
        self._check(signature, timestamp, nonce, echo)
        return self._open(echo).xml.decode()

    def open_callback(self, query: Mapping[str, str], body: bytes) -> Opened:
        """Check `msg_signature` over the encrypted body, its age, and open it.

        Raises:
            Malformed: not safe mode, not XML, or not what the key opens.
            BadSignature: the signature does not match, or the message is for another account.
            Stale: the timestamp is more than 300 s away.
        """
        signature, timestamp, nonce = _read(query, "msg_signature", "timestamp", "nonce")
        if len(body) > BODY_LIMIT:
            raise Malformed(f"The body has {len(body)} bytes; at most {BODY_LIMIT} are taken.")
        sealed = parse_flat(body).get("Encrypt", "")
        if not sealed:
            raise Malformed("The body has no Encrypt: set the account to safe mode (安全模式).")
        self._check(signature, timestamp, nonce, sealed)
        return self._open(sealed)

    def seal_reply(self, xml: str, nonce: str) -> bytes:
        """Encrypt and sign a passive reply as WeChat expects it."""
        timestamp = str(int(self._clock.now().timestamp()))
        sealed = self._doors[0][1].encrypt(xml, self._keys.appid).decode("ascii")
        signature = compute_signature(self._keys.token, timestamp, nonce, sealed)
        return (
            f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt>"
            f"<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp>"
            f"<Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        ).encode()

    def _check(self, signature: str, timestamp: str, nonce: str, *rest: str) -> None:
        tokens = filter(None, (self._keys.token, self._keys.previous_token))
        given = signature.encode("utf-8", "replace")
        expected = [compute_signature(one, timestamp, nonce, *rest).encode() for one in tokens]
        if not any([hmac.compare_digest(one, given) for one in expected]):  # noqa: C419  # no hint
            raise BadSignature
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 11:
            raise Malformed("timestamp is not a number of seconds.")
        age = self._clock.now() - datetime.fromtimestamp(int(timestamp), UTC)
        if abs(age) > MAX_AGE:
            raise Stale

    def _open(self, sealed: str) -> Opened:
        for name, crypto in self._doors:
            try:
                base64.b64decode(sealed, validate=True)
                text: str = crypto.decrypt(sealed, self._keys.appid)
            except _OPENING_ERRORS:
                continue
            if text:
                return Opened(text.encode(), name)
        raise Malformed("None of our keys opens the message; check EncodingAESKey and AppID.")


def compute_signature(*parts: str) -> str:
    """Return SHA-1 over the sorted parts, as the platform's page tells."""
    joined = "".join(sorted(parts)).encode("utf-8", "replace")
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


class _Crypto(PrpCrypto):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy's cipher with an unpredictable prefix, for its IV is fixed by the protocol."""

    def get_random_string(self) -> str:
        """Return the 16 characters that make equal messages look different."""
        return secrets.token_hex(8)


def _build_crypto(aes_key: str) -> _Crypto:
    key = base64.b64decode(aes_key + "=")
    if len(key) != 32:
        raise ValueError("EncodingAESKey must be the 43 characters that WeChat shows.")
    return _Crypto(key)


def _read(query: Mapping[str, str], *names: str) -> tuple[str, ...]:
    missing = [name for name in names if not query.get(name)]
    if missing:
        raise Malformed(f"The query lacks {', '.join(missing)}.")
    values = tuple(query[name] for name in names)
    if any(len(value) > 256 for value in values):
        raise Malformed("A query parameter is longer than 256 characters.")
    return values
