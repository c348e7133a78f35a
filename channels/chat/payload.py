"""Reads what a chat client sends: a frame of the socket, or the same thing over REST."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from channels.chat.signature import Guest
from kernel.errors import InvalidInput
from kernel.message import Address, Content, Inbound, InboundKind
from store.cipher import Cipher

FRAME_BYTES: Final = 65_536
MOST_TEXT: Final = 2_000
"""Characters of a message, or of what a button carries."""
KINDS: Final = frozenset("hello send typing delivered read feedback ping".split())


@dataclass(frozen=True, slots=True)
class ClientFrame:
    """One thing that a chat client said, checked; absent numbers are 0."""

    type: str
    client_msg_id: str = ""
    text: str = ""
    payload: str | None = None
    seq: int = 0
    after: int = 0
    is_helpful: bool = False
    language: str | None = None


def parse_frame(raw: str | bytes) -> ClientFrame:
    """Read a frame of the socket.

    Raises:
        InvalidInput: not JSON, of an unknown type, or a field is missing or of the wrong kind.
    """
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"The frame is not JSON: {error}.", zh="报文不是 JSON。") from error
    if not isinstance(body, dict):
        raise InvalidInput("A frame is a JSON object.", zh="报文应为 JSON 对象。")
    return parse_body(body)


def parse_body(body: Mapping[str, object]) -> ClientFrame:
    """Read a frame that is JSON already."""
    type_ = body.get("type")
    if not isinstance(type_, str) or type_ not in KINDS:
        known = ", ".join(sorted(KINDS))
        raise InvalidInput(f"Unknown frame type {type_!r}; known: {known}.", zh="未知的报文类型。")
    language = body.get("language")
    frame = ClientFrame(
        type=type_,
        client_msg_id=_text(body, "client_msg_id"),
        text=_text(body, "text"),
        payload=_text(body, "payload") or None,
        seq=_number(body, "seq"),
        after=_number(body, "after"),
        is_helpful=body.get("helpful") is True,
        language=language if language in ("zh", "en") else None,
    )
    if frame.type == "send":
        _check_send(frame)
    if frame.type == "feedback" and not isinstance(body.get("helpful"), bool):
        raise InvalidInput("helpful is true or false.", zh="helpful 应为 true 或 false。")
    return frame


def to_inbound(frame: ClientFrame, address: Address, at: datetime, guest: Guest) -> Inbound:
    """Turn a `send` frame into the envelope that every channel uses."""
    return Inbound(
        address=address,
        dedup_key=f"{address.address}:{frame.client_msg_id}",
        kind=InboundKind.MESSAGE,
        content=Content(text=frame.text),
        received_at=at,
        menu_payload=frame.payload,
        client_msg_id=frame.client_msg_id,
        client_no=guest.subject if guest.is_client else None,
        verified_by="chat.jwt" if guest.is_client else "chat.visitor",
        language=frame.language,
    )


def address_of(guest: Guest, cipher: Cipher) -> Address:
    """Return a guest's address; a client's number is not readable in it."""
    if guest.is_client:
        return Address("chat", "app", "c:" + cipher.blind("chat", guest.subject).hex()[:40])
    return Address("chat", "app", "v:" + guest.subject)


def _check_send(frame: ClientFrame) -> None:
    if not 8 <= len(frame.client_msg_id) <= 64:
        raise InvalidInput(
            "client_msg_id must have 8 to 64 characters; a UUID is right.",
            zh="client_msg_id 应为 8 至 64 个字符，建议使用 UUID。",
        )
    if not frame.text.strip() and not frame.payload:
        raise InvalidInput("The message is empty.", zh="消息内容为空。")
    if max(len(frame.text), len(frame.payload or "")) > MOST_TEXT:
        raise InvalidInput(
            f"A message has at most {MOST_TEXT} characters; send it in parts.",
            zh=f"消息最多 {MOST_TEXT} 字，请分条发送。",
        )


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str) or "\0" in value:
        raise InvalidInput(f"{name} must be a text without NUL.", zh=f"{name} 应为文本。")
    return value


def _number(body: Mapping[str, object], name: str) -> int:
    value = body.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise InvalidInput(
            f"{name} must be a whole number, 0 or more.", zh=f"{name} 应为不小于 0 的整数。"
        )
    return value
