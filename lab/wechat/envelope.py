"""WeChat's side of safe mode, written against the protocol's page and not against the product.

The lab shares no line with the product's own cipher, so that each checks the other.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from defusedxml.ElementTree import fromstring

from kernel.errors import InvalidInput
from lab.wechat.account import ORIGINAL_ID, LabAccount

_BLOCK = 32


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted callback: its query and its body."""

    query: dict[str, str]
    body: bytes


def sign(*parts: str) -> str:
    """Return SHA-1 over the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def seal(account: LabAccount, xml: str, *, openid: str, timestamp: int) -> Sealed:
    """Encrypt and sign a callback as the platform does in safe mode."""
    nonce = str(secrets.randbelow(10**10))
    sealed = encrypt(account, xml.encode())
    stamp = str(timestamp)
    body = (
        f"<xml><ToUserName><![CDATA[{ORIGINAL_ID}]]></ToUserName>"
        f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    )
    query = {
        "signature": sign(account.token, stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "openid": openid,
        "encrypt_type": "aes",
        "msg_signature": sign(account.token, stamp, nonce, sealed),
    }
    return Sealed(query, body.encode())


def open_reply(account: LabAccount, body: bytes) -> str:
    """Check and decrypt a passive reply, or raise InvalidInput with what is wrong with it."""
    try:
        root = fromstring(body.decode(), forbid_dtd=True)
        part = {child.tag: (child.text or "") for child in root}
        expected = sign(account.token, part["TimeStamp"], part["Nonce"], part["Encrypt"])
        if part["MsgSignature"] != expected:
            raise InvalidInput("MsgSignature does not match.")
        return decrypt(account, part["Encrypt"]).decode()
    except InvalidInput:
        raise
    except Exception as error:
        raise InvalidInput(f"Not an encrypted reply: {type(error).__name__}.") from error


def encrypt(account: LabAccount, plain: bytes) -> str:
    """Return base64 of random(16), length, text and AppID, padded to 32 and encrypted."""
    packed = os.urandom(16) + struct.pack(">I", len(plain)) + plain + account.appid.encode()
    padding = _BLOCK - len(packed) % _BLOCK
    aes = Cipher(algorithms.AES(account.key), modes.CBC(account.key[:16])).encryptor()
    sealed = aes.update(packed + bytes([padding]) * padding) + aes.finalize()
    return base64.b64encode(sealed).decode()


def decrypt(account: LabAccount, sealed: str) -> bytes:
    """Open what `encrypt` closes; every byte of the frame is checked."""
    aes = Cipher(algorithms.AES(account.key), modes.CBC(account.key[:16])).decryptor()
    packed = aes.update(base64.b64decode(sealed, validate=True)) + aes.finalize()
    padding = packed[-1]
    if not 1 <= padding <= _BLOCK or packed[-padding:] != bytes([padding]) * padding:
        raise InvalidInput("The padding is wrong.")
    packed = packed[:-padding]
    (length,) = struct.unpack(">I", packed[16:20])
    if packed[20 + length :] != account.appid.encode():
        raise InvalidInput("The AppID at the end is another account's.")
    return packed[20 : 20 + length]
