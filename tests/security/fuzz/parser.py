"""Every parser as the fuzzer calls it: bytes in, and a clear refusal or something we can keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson

from channels.chat.payload import address_of, parse_frame, to_inbound
from channels.chat.signature import Guest
from channels.email.bounce import find_kind, parse_reports
from channels.email.letter import find_sender, make_inbound
from channels.email.markup import read_html
from channels.email.mime import parse_mail
from channels.email.signature import parse_delivered
from channels.kf import payload as kf
from channels.push.jpush.fault import judge_refusal
from channels.push.web.subscription import HOSTS, parse_subscription
from channels.sms.aliyun import payload as aliyun
from channels.sms.form import parse_form
from channels.sms.twilio import payload as twilio
from channels.voice import payload as voice
from channels.wechat import payload as wechat
from channels.wechat.wire import read_code
from channels.wire import Answer
from kernel.errors import InvalidInput, OutcomeUnknown, Untrusted
from kernel.message import Address, Inbound, Receipt
from store.cipher import Cipher
from tests.security.fuzz import sample

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ID = UUID("0192f0c1-0000-7000-8000-000000000001")
REFUSALS = (Untrusted, InvalidInput)
_CIPHER = Cipher(keys={1: b"k" * 32}, index_key=b"i" * 32)


class NotKeepable(Exception):
    """A parser let something through that no database can keep."""


@dataclass(frozen=True)
class Parser:
    """One parser, and genuine inputs to begin with."""

    take: Callable[[bytes], None]
    samples: Iterable[bytes]


def check_keepable(*parts: object) -> None:
    """Make sure that each text in these can be kept: no NUL, no half of a character."""
    for part in parts:
        if isinstance(part, Inbound):
            check_keepable(part.address.address, part.dedup_key, part.subtype, part.external_id)
            check_keepable(part.menu_payload, part.content.to_json(inside=True))
        elif isinstance(part, Receipt):
            check_keepable(part.provider_id, part.event_id, part.detail, part.status)
        elif isinstance(part, Mapping):
            check_keepable(*part.keys(), *part.values())
        elif isinstance(part, list | tuple):
            check_keepable(*part)
        elif isinstance(part, str) and ("\0" in part or not _is_unicode(part)):
            raise NotKeepable(repr(part)[:200])


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def take_wechat(body: bytes) -> None:
    read = wechat.parse(body, wechat.Origin("demo", NOW, "aes"))
    check_keepable(read)


def take_kf(body: bytes) -> None:
    try:
        _, answer = read_code(200, body)
    except OutcomeUnknown:
        return
    listed = answer.get("msg_list")
    for item in listed if isinstance(listed, list) else []:
        if isinstance(item, dict):
            try_each(partial(kf.parse, item, kf.Origin("demo", "wk1", NOW)))


def take_form(body: bytes) -> None:
    fields = parse_form(body)
    origin = twilio.Origin("twilio", sample.ACCOUNT_SID, NOW, "token")
    line = voice.Line("demo", sample.ACCOUNT_SID, ID, NOW)
    try_each(
        lambda: twilio.parse_message(fields, origin, body).inbound,
        lambda: twilio.parse_status(fields, origin, ID),
        lambda: voice.parse_status(fields, line),
        lambda: voice.parse_key(fields, line),
    )


def take_aliyun(body: bytes) -> None:
    for one in aliyun.parse_push(body, aliyun.Origin("aliyun", NOW, "token")):
        check_keepable(one.receipt if isinstance(one, aliyun.Report) else one.inbound)


def take_mail(body: bytes) -> None:
    mail = parse_mail(body)
    check_keepable(mail.sender, mail.recipients, mail.subject, mail.text, mail.message_id)
    check_keepable([one.name for one in mail.attachments], find_kind(mail).value)
    check_keepable([one.diagnostic + one.status + one.action for one in parse_reports(mail)])
    known = Address("email", "demo", "a@example.cn")
    try_each(
        lambda: make_inbound(mail, known, raw=body, at=NOW),
        lambda: find_sender(mail, known=known, is_proven=True, account="demo").address,
    )


def take_delivered(body: bytes) -> None:
    delivered = parse_delivered(body)
    assert all(isinstance(one, str) for one in (delivered.sender, *delivered.recipients))


def take_page(body: bytes) -> None:
    check_keepable(read_html(body.decode("utf-8", "ignore").replace("\0", "")))


def take_frame(body: bytes) -> None:
    frame = parse_frame(body)
    for guest in (Guest("86000003", is_client=True, expires_at=0.0), Guest("v", False, 0.0)):
        check_keepable(to_inbound(frame, address_of(guest, _CIPHER), NOW, guest))


def take_push(body: bytes) -> None:
    try:
        posted = orjson.loads(body)
    except orjson.JSONDecodeError:
        return
    if isinstance(posted, dict):
        judge_refusal(Answer(400, posted))
    check_keepable(parse_subscription(posted, HOSTS).to_detail())


def try_each(*reads: Callable[[], Any]) -> None:
    """Read in several ways; what one refuses, another may take."""
    for read in reads:
        try:
            check_keepable(read())
        except REFUSALS:
            continue


PARSERS: Mapping[str, Parser] = {
    "wechat": Parser(take_wechat, sample.WECHAT),
    "kf": Parser(take_kf, sample.KF),
    "form": Parser(take_form, sample.FORMS),
    "aliyun": Parser(take_aliyun, sample.ALIYUN),
    "mail": Parser(take_mail, sample.MAILS),
    "delivered": Parser(take_delivered, sample.DELIVERED),
    "page": Parser(take_page, sample.PAGES),
    "frame": Parser(take_frame, sample.FRAMES),
    "push": Parser(take_push, sample.PUSHES),
}
