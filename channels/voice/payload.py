"""Turns Twilio's forms about a call into the house's words: a report, a pressed key.

Sources: twilio.com/docs/voice/api/call-resource#statuscallback, …/voice/answering-machine-detection
(asynchronous), …/voice/twiml/gather#attributes-action.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from channels.sms.form import read_one
from channels.voice.channel import CALL_SID, NAME
from kernel.errors import Malformed, UnknownEvent
from kernel.message import Receipt

Fields = Mapping[str, Sequence[str]]

_STATUSES: Mapping[str, str] = {
    "queued": "accepted",
    "initiated": "accepted",
    "ringing": "accepted",
    "in-progress": "accepted",
    "completed": "accepted",
    "busy": "failed",
    "no-answer": "failed",
    "failed": "failed",
    "canceled": "failed",
}
"""That a call was picked up says nothing: a machine may have done it."""
_ANSWERED_BY: Mapping[str, str] = {
    "human": "delivered",
    "unknown": "accepted",
    "machine_start": "failed",
    "machine_end_beep": "failed",
    "machine_end_silence": "failed",
    "machine_end_other": "failed",
    "fax": "failed",
}


@dataclass(frozen=True, slots=True)
class Line:
    """Which call a form is about: our account and its SID, our message, when the form came."""

    account: str
    account_sid: str
    outbox_id: UUID
    at: datetime

    def tell(self, sid: str, status: str, *, event: str, detail: str) -> Receipt:
        """Return a receipt about this call."""
        return Receipt(
            channel=NAME,
            account=self.account,
            provider_id=sid,
            status=status,
            event_id=f"{sid}:{event}",
            at=self.at,
            detail=detail,
            outbox_id=self.outbox_id,
        )


def parse_status(fields: Fields, line: Line) -> Receipt:
    """Read a report on the course of a call, or on who answered it.

    Raises:
        Malformed: a field is missing or is not what it must be.
        UnknownEvent: a status that nobody documented.
    """
    sid = read_call(fields, line)
    if "AnsweredBy" in fields and "CallStatus" not in fields:
        return _read_answered(fields, line, sid)
    status = read_one(fields, "CallStatus", most=40)
    if status not in _STATUSES:
        raise UnknownEvent(f"The status {status!r} is not one that we know; it was counted.")
    if "AnsweredBy" in fields and status == "completed":
        return _read_answered(fields, line, sid)
    return line.tell(sid, _STATUSES[status], event=status, detail=status)


def parse_key(fields: Fields, line: Line) -> tuple[str, str]:
    """Read a pressed key: the call's SID, and the key.

    Raises:
        Malformed: a field is missing, or the key is none of a telephone's.
    """
    sid = read_call(fields, line)
    key = read_one(fields, "Digits", most=1)
    if key not in "0123456789*#":
        raise Malformed("Digits is one key of a telephone.")
    return sid, key


def read_call(fields: Fields, line: Line) -> str:
    """Return the call's SID, of this very account."""
    if read_one(fields, "AccountSid", most=34) != line.account_sid:
        raise Malformed("AccountSid is not that of this account.")
    sid = read_one(fields, "CallSid", most=34)
    if not CALL_SID.fullmatch(sid):
        raise Malformed("CallSid is CA and 32 hexadecimal digits.")
    return sid


def _read_answered(fields: Fields, line: Line, sid: str) -> Receipt:
    who = read_one(fields, "AnsweredBy", most=40)
    if who not in _ANSWERED_BY:
        raise UnknownEvent(f"Answered by {who!r}, which we do not know; it was counted.")
    detail = "machine" if _ANSWERED_BY[who] == "failed" else who
    return line.tell(sid, _ANSWERED_BY[who], event=f"by:{who}", detail=detail)
