"""Turns Twilio's forms into the house's words: an inbound SMS, a report on one of ours.

Source: twilio.com/docs/messaging/guides/webhook-request (parameters of an inbound message),
…/outbound-message-status-in-status-callbacks, …/docs/messaging/tutorials/advanced-opt-out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from channels.sms.channel import NAME
from channels.sms.form import read_one
from channels.sms.twilio.carrier import MESSAGE_SID
from channels.wish import Wish, parse_wish
from kernel.errors import Malformed, UnknownEvent
from kernel.message import Address, Content, Inbound, InboundKind, Media, Receipt
from kernel.number import is_short_code, parse_number

Fields = Mapping[str, Sequence[str]]

BODY_LIMIT: Final = 1600
WORDS: Final[Mapping[str, Wish]] = {
    **dict.fromkeys(
        ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"), Wish.STOP
    ),
    **dict.fromkeys(("退订", "TD"), Wish.STOP),
    **dict.fromkeys(("START", "YES", "UNSTOP"), Wish.START),
    **dict.fromkeys(("HELP", "INFO"), Wish.HELP),
}
"""The first three rows are Twilio's own defaults, which Twilio answers itself; 退订 and TD are
what a client from the mainland would write."""
ONLY_AFTER_STOP: Final = frozenset({"YES"})
"""A word that is an answer like any other unless the client had stopped messages before."""

_STATUSES: Mapping[str, str] = {
    "accepted": "accepted",
    "scheduled": "accepted",
    "queued": "accepted",
    "sending": "accepted",
    "sent": "accepted",
    "partially_delivered": "accepted",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a callback came in: our name of the account, its SID, when, and by which proof."""

    account: str
    sid: str
    received_at: datetime
    verified_by: str


@dataclass(frozen=True, slots=True)
class Said:
    """An inbound SMS, and what it asks for where it is a keyword."""

    inbound: Inbound
    wish: Wish | None


def parse_message(fields: Fields, origin: Origin, raw: bytes) -> Said:
    """Read an inbound SMS or MMS.

    Raises:
        Malformed: a field that every message has is missing or is not what it must be.
    """
    _check_account(fields, origin)
    sid = _read_sid(fields)
    sender = _read_sender(read_one(fields, "From", most=64))
    text = (fields.get("Body") or [""])[0]
    if len(text) > BODY_LIMIT or "\x00" in text:
        raise Malformed(f"Body has at most {BODY_LIMIT} characters, and no NUL.")
    wish = _read_wish(fields, text)
    inbound = Inbound(
        address=Address(NAME, origin.account, sender),
        dedup_key=sid,
        kind=_kind(wish),
        content=_read_content(fields, text, wish),
        received_at=origin.received_at,
        subtype=f"sms_{wish}" if wish else "sms",
        external_id=sid,
        verified_by=origin.verified_by,
        raw=raw,
    )
    return Said(inbound, wish)


def parse_status(fields: Fields, origin: Origin, outbox_id: UUID) -> Receipt:
    """Read a report on a message of ours.

    Raises:
        Malformed: a field is missing or is not what it must be.
        UnknownEvent: a status that nobody documented.
    """
    _check_account(fields, origin)
    sid, status = _read_sid(fields), read_one(fields, "MessageStatus", most=40)
    if status not in _STATUSES:
        raise UnknownEvent(f"The status {status!r} is not one that we know; it was counted.")
    code = (fields.get("ErrorCode") or [""])[0][:10]
    return Receipt(
        channel=NAME,
        account=origin.account,
        provider_id=sid,
        status=_STATUSES[status],
        event_id=f"{sid}:{status}",
        at=origin.received_at,
        detail=code,
        outbox_id=outbox_id,
    )


def _check_account(fields: Fields, origin: Origin) -> None:
    if read_one(fields, "AccountSid", most=34) != origin.sid:
        raise Malformed("AccountSid is not that of this account.")


def _read_sid(fields: Fields) -> str:
    sid = read_one(fields, "MessageSid", most=34)
    if not MESSAGE_SID.fullmatch(sid):
        raise Malformed("MessageSid is SM or MM and 32 hexadecimal digits.")
    return sid


def _read_sender(text: str) -> str:
    """Return who wrote: E.164, or a service's short number."""
    if is_short_code(text):
        return text
    number = parse_number(text) if text.startswith("+") else None
    if number is None:
        raise Malformed("From is neither a telephone number nor a short code.")
    return number


def _read_wish(fields: Fields, text: str) -> Wish | None:
    """Return what the client asks for; Twilio's own verdict, where there is one, comes first."""
    verdict = (fields.get("OptOutType") or [""])[0].lower()
    return Wish(verdict) if verdict in set(Wish) else parse_wish(text, WORDS)


def _kind(wish: Wish | None) -> InboundKind:
    if wish is None:
        return InboundKind.MESSAGE
    return InboundKind.EVENT if wish is Wish.HELP else InboundKind.CONSENT


def _read_content(fields: Fields, text: str, wish: Wish | None) -> Content:
    url = (fields.get("MediaUrl0") or [""])[0]
    mime = (fields.get("MediaContentType0") or [""])[0][:100]
    if url.startswith("https://") and len(url) < 1000:
        kind = mime.partition("/")[0]
        kind = "voice" if kind == "audio" else kind if kind in {"image", "video"} else "file"
        return Content(kind=kind, text=text, media=Media(url=url, mime=mime))
    if wish is None and not text.strip():
        return Content(kind="empty")
    return Content(text=text)
