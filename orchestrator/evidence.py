"""A proof of delivery as a file: signed when it leaves the house, checked anywhere without it.

The file is one JSON object in its canonical form: keys sorted, no spaces, UTF-8. So there is one
way to write it, and any other byte is found.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kernel.chain import START, Step, link, show_moment
from kernel.errors import InvalidInput

FORMAT: Final = "zhida-proof/1"
PDF_MARK: Final = b"\n%zhida-proof-1 "
"""How the last line of a signed PDF begins; a reader takes it for a comment."""
LIMIT: Final = 20_000_000


class ProofBroken(InvalidInput):
    """The file is not what was signed."""

    code = "proof_broken"
    message_zh = "该文件与签名时不一致。"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with this installation's key (Ed25519, RFC 8032)."""

    key: Ed25519PrivateKey

    @classmethod
    def from_secret(cls, secret: str) -> Signer:
        """Return the signer whose key is derived from a secret of any length."""
        seed = hashlib.sha256(b"zhida-proof:" + secret.encode()).digest()
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> str:
        """The public key, base64 of 32 bytes: what a verifier is given by another way."""
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return base64.b64encode(raw).decode()

    def sign_json(self, proof: Mapping[str, object]) -> bytes:
        """Return the file of a proof."""
        body = write_canonical(proof)
        envelope = {"key": self.public, "proof": proof, "signature": self._sign(body)}
        return write_canonical(envelope)

    def sign_pdf(self, pages: bytes) -> bytes:
        """Return a PDF with its signature as the last line."""
        mark = f"{self.public} {self._sign(pages)}\n".encode()
        return pages + PDF_MARK + mark

    def _sign(self, data: bytes) -> str:
        return base64.b64encode(self.key.sign(data)).decode()


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file proves, after all of it was checked."""

    kind: str
    notice_id: str = ""
    state: str = ""
    steps: int = 0
    first_at: str = ""
    last_at: str = ""
    ways: Sequence[str] = ()


def check_file(data: bytes, public: str) -> Checked:
    """Check a proof of delivery, JSON or PDF, against the public key of who signed it.

    Raises:
        ProofBroken: says what does not hold.
    """
    key = parse_key(public)
    if len(data) > LIMIT:
        raise ProofBroken("The file is too large for a proof.", zh="文件过大，不是送达证明。")
    if data.startswith(b"%PDF-"):
        return _check_pdf(data, key, public)
    envelope = _read_object(data)
    if envelope.keys() != {"key", "proof", "signature"}:
        raise ProofBroken("The file has other parts than a proof has.")
    if envelope["key"] != public:
        raise ProofBroken("It was signed with another key.", zh="签名所用密钥与给定公钥不符。")
    proof = _mapping(envelope["proof"])
    _check_signature(key, envelope["signature"], write_canonical(proof))
    return check_proof(proof)


def check_proof(proof: Mapping[str, object]) -> Checked:
    """Check the chain of a proof, and that each message is the one that was planned and called."""
    if proof.get("format") != FORMAT:
        raise ProofBroken(f"The format is not {FORMAT}.")
    notice = _mapping(proof.get("notice"))
    steps = [_mapping(one) for one in _list(proof.get("steps"))]
    if not steps:
        raise ProofBroken("There is no step in it.")
    _check_chain(str(notice.get("id")), steps)
    _check_contents(steps, [_mapping(one) for one in _list(proof.get("contents"))])
    ways = [str(_mapping(one["detail"]).get("how")) for one in steps if one["what"] == "reached"]
    return Checked(
        "json",
        str(notice.get("id")),
        str(notice.get("state")),
        len(steps),
        str(steps[0]["at"]),
        str(steps[-1]["at"]),
        tuple(ways),
    )


def parse_key(public: str) -> Ed25519PublicKey:
    """Read a public key as `Signer.public` writes it.

    Raises:
        InvalidInput: it is none.
    """
    try:
        return Ed25519PublicKey.from_public_bytes(_decode(public))
    except ValueError as error:
        raise InvalidInput(
            "The public key is base64 of 32 bytes.", zh="公钥应为 32 字节的 BASE64。"
        ) from error


def write_canonical(value: object) -> bytes:
    """Return JSON with sorted keys and no spaces."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _check_pdf(data: bytes, key: Ed25519PublicKey, public: str) -> Checked:
    pages, mark, line = data.rpartition(PDF_MARK)
    words = line.decode("ascii", "replace").split(" ")
    if not mark or len(words) != 2 or not words[1].endswith("\n"):
        raise ProofBroken("The PDF carries no signature.", zh="该 PDF 没有签名。")
    if words[0] != public:
        raise ProofBroken("It was signed with another key.", zh="签名所用密钥与给定公钥不符。")
    _check_signature(key, words[1].removesuffix("\n"), pages)
    return Checked("pdf")


def _check_signature(key: Ed25519PublicKey, signature: object, signed: bytes) -> None:
    try:
        key.verify(_decode(str(signature)), signed)
    except (InvalidSignature, ValueError) as error:
        raise ProofBroken("The signature does not hold.", zh="签名校验未通过。") from error


def _check_chain(notice_id: str, steps: Sequence[Mapping[str, object]]) -> None:
    prev = START
    for seq, one in enumerate(steps, 1):
        try:
            at = datetime.fromisoformat(str(one["at"]))
            detail = _mapping(one["detail"])
            step = Step(UUID(notice_id), str(one["what"]), detail, at)  # type: ignore[arg-type]
            is_right = one["prev"] == prev.hex() and show_moment(at) == one["at"]
            prev = link(prev, seq, step)
        except (KeyError, ValueError, TypeError) as error:
            raise ProofBroken(f"Step {seq} cannot be read.", zh=f"第 {seq} 步无法读取。") from error
        if not is_right or one.get("seq") != seq or one.get("hash") != prev.hex():
            raise ProofBroken(f"The chain breaks at step {seq}.", zh=f"第 {seq} 步的哈希链断裂。")


def _check_contents(
    steps: Sequence[Mapping[str, object]], contents: Sequence[Mapping[str, object]]
) -> None:
    kept = {str(one.get("sha256")) for one in contents}
    for one in contents:
        if hashlib.sha256(write_canonical(one.get("body"))).hexdigest() != one.get("sha256"):
            raise ProofBroken("A message is not what was hashed.", zh="消息内容与哈希不符。")
    used = {
        what: {str(_mapping(one["detail"])["content"]) for one in steps if one["what"] == what}
        for what in ("planned", "called")
    }
    if not used["planned"] <= kept or not used["called"] <= used["planned"]:
        raise ProofBroken(
            "A provider was called with words that were not planned, or they are missing.",
            zh="实际发送的内容与计划不符，或内容缺失。",
        )


def _read_object(data: bytes) -> Mapping[str, object]:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ProofBroken("The file is no JSON.", zh="文件不是有效的 JSON。") from error
    if not isinstance(found, dict) or write_canonical(found) != data:
        raise ProofBroken("The file is not written as it was signed.")
    return found


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ProofBroken("A part of it is missing.", zh="文件缺少必要部分。")
    return value


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise ProofBroken("A part of it is missing.", zh="文件缺少必要部分。")
    return value


def _decode(text: str) -> bytes:
    """Decode base64 that is written the one right way."""
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("This is no base64.") from error
    if base64.b64encode(found).decode() != text:
        raise ValueError("This is base64 written another way.")
    return found
