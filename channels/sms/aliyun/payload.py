"""Turns what Aliyun pushes into the house's words: reports on what we sent, and uplink SMS.

Source: help.aliyun.com/zh/sms/developer-reference/smsreport-2 and …/smsup-2 (HTTP 批量推送).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias, cast
from uuid import UUID

from channels.sms.channel import NAME
from channels.wish import Wish, parse_wish
from kernel.errors import Malformed
from kernel.message import Address, Content, Inbound, InboundKind, Json, Receipt
from kernel.number import is_mainland, parse_number

Row: TypeAlias = "Mapping[str, Json]"

MOST_ROWS: Final = 1000
TEXT_LIMIT: Final = 1000
WORDS: Final[Mapping[str, Wish]] = {
    **dict.fromkeys(("退订", "TD", "T", "N", "R", "QX", "取消订阅"), Wish.STOP),
    **dict.fromkeys(("恢复订阅", "DY"), Wish.START),
}
"""What marketing messages tell clients to answer: 拒收请回复R, 回T退订, 回TD退订, 退订回N."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a push came in: our name of the account, when, and by which token."""

    account: str
    received_at: datetime
    verified_by: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report with what proves that it is about a message of ours: number, ids."""

    receipt: Receipt
    number: str


@dataclass(frozen=True, slots=True)
class Uplink:
    """An SMS that a client sent, what it asks for, and the number of ours that it was sent to."""

    inbound: Inbound
    wish: Wish | None
    to: str


def parse_push(body: bytes, origin: Origin) -> list[Report | Uplink]:
    """Read a push: a JSON array of reports or of uplink messages.

    Raises:
        Malformed: it is not, or one of its entries lacks what every one has; nothing is taken.
    """
    try:
        rows = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Malformed("The push is not JSON in UTF-8.") from error
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        raise Malformed(f"A push is an array of at most {MOST_ROWS} objects.")
    if not all(isinstance(row, dict) for row in rows):
        raise Malformed("A push is an array of objects.")
    return [_parse_row(cast("Row", row), origin) for row in rows]


def _parse_row(row: Row, origin: Origin) -> Report | Uplink:
    if "content" in row:
        return _parse_uplink(row, origin)
    if "success" in row:
        return _parse_report(row, origin)
    raise Malformed("An entry has either success (a report) or content (an uplink message).")


def _parse_report(row: Row, origin: Origin) -> Report:
    is_delivered = row.get("success")
    if not isinstance(is_delivered, bool):
        raise Malformed("success is true or false.")
    biz_id, number = _read_text(row, "biz_id", most=64), _read_number(row)
    code = _read_optional(row, "err_code", most=64)
    receipt = Receipt(
        channel=NAME,
        account=origin.account,
        provider_id=biz_id,
        status="delivered" if is_delivered else "failed",
        event_id=f"{biz_id}|{number}|{code}",
        at=_read_moment(row, "report_time") or origin.received_at,
        detail="" if is_delivered else code,
        outbox_id=_read_outbox_id(row),
    )
    return Report(receipt, number)


def _parse_uplink(row: Row, origin: Origin) -> Uplink:
    number, sequence = _read_number(row), _read_sequence(row)
    text = row.get("content")
    if not isinstance(text, str) or len(text) > TEXT_LIMIT or "\x00" in text:
        raise Malformed(f"content is a text of at most {TEXT_LIMIT} characters, without NUL.")
    wish = parse_wish(text, WORDS)
    inbound = Inbound(
        address=Address(NAME, origin.account, number),
        dedup_key=f"{sequence}|{number}",
        kind=InboundKind.CONSENT if wish else InboundKind.MESSAGE,
        content=Content(text=text) if text.strip() else Content(kind="empty"),
        received_at=origin.received_at,
        subtype=f"sms_{wish}" if wish else "sms",
        external_id=f"{sequence}|{number}",
        provider_at=_read_moment(row, "send_time"),
        verified_by=origin.verified_by,
        raw=json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"),
    )
    return Uplink(inbound, wish, _read_optional(row, "dest_code", most=32))


def _read_text(row: Row, name: str, *, most: int) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value or len(value) > most or "\x00" in value:
        raise Malformed(f"{name} is a text of 1 to {most} characters.")
    return value


def _read_optional(row: Row, name: str, *, most: int) -> str:
    value = row.get(name)
    return "" if value in (None, "") else _read_text(row, name, most=most)


def _read_sequence(row: Row) -> str:
    value = row.get("sequence_id")
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**20:
        return str(value)
    return _read_text(row, "sequence_id", most=64)


def _read_number(row: Row) -> str:
    number = parse_number(_read_text(row, "phone_number", most=32))
    if number is None or not is_mainland(number):
        raise Malformed("phone_number is a mobile number of mainland China.")
    return number


def _read_outbox_id(row: Row) -> UUID | None:
    """Return our own name of the message, which Aliyun tells back as out_id."""
    try:
        return UUID(str(row.get("out_id")))
    except ValueError:
        return None


def _read_moment(row: Row, name: str) -> datetime | None:
    """Read `2017-08-30 00:00:00`, which is Beijing time."""
    value = row.get(name)
    if not value:
        return None
    try:
        moment = datetime.strptime(f"{value} +0800", "%Y-%m-%d %H:%M:%S %z")
    except ValueError as error:
        raise Malformed(f"{name} is a moment like 2017-08-30 00:00:00.") from error
    if not 2000 <= moment.year < 2100:
        raise Malformed(f"{name} is a moment of this century.")
    return moment
