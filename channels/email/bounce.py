"""Tells what kind of mail came in: a person's, a machine's answer, a report of the post.

Sources: RFC 3464 (delivery status), RFC 3834 (automatic answers), and the headers that mail
systems used before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

from channels.email.mime import Mail, make_plain, read_body
from channels.email.render import LOOP_HEADER

_BULK = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
_AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "List-Id", "Feedback-ID")
_AUTOMATIC_SUBJECT = re.compile(
    r"^\s*(?:re:\s*)?(自动回复|自動回覆|自动答复|休假|外出|automatic reply|auto[- ]?reply|"
    r"out of (the )?office|vacation reply)",
    re.IGNORECASE,
)
_POST_OFFICE = re.compile(
    r"^(mailer-daemon|postmaster|mail-daemon|no-?reply-bounces?)@", re.IGNORECASE
)
_FIELDS_LIMIT = 64 * 1024


class MailKind(StrEnum):
    """Who wrote a mail, as far as it can be told."""

    PERSON = "person"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Report:
    """What the post says of one mail: `action` is failed, delayed, delivered, relayed, expanded."""

    action: str
    status: str = ""
    diagnostic: str = ""


def find_kind(mail: Mail) -> MailKind:
    """Tell who wrote a mail; what a machine wrote is never answered by one of ours."""
    if mail.header(LOOP_HEADER) and not _is_report(mail.tree):
        return MailKind.OURS
    if _is_report(mail.tree) or _POST_OFFICE.match(mail.sender):
        return MailKind.BOUNCE
    if _is_answer(mail) or not mail.sender:
        return MailKind.AUTOMATIC
    return MailKind.PERSON


def parse_reports(mail: Mail) -> tuple[Report, ...]:
    """Return what a bounce says; a bounce without a machine's report says that it failed."""
    reports = []
    for part in mail.tree.walk():
        if part.get_content_type() == "message/delivery-status":
            reports += _read_status(part)
    if reports:
        return tuple(reports)
    return (Report("failed", diagnostic=mail.subject[:200]),)


def _is_answer(mail: Mail) -> bool:
    automatic = mail.header("Auto-Submitted").lower()
    if automatic and not automatic.startswith("no"):
        return True
    if mail.header("Precedence").strip().lower() in _BULK:
        return True
    if any(mail.header(name) for name in _AUTOMATIC_HEADERS):
        return True
    return bool(_AUTOMATIC_SUBJECT.match(mail.subject))


def _is_report(tree: Message) -> bool:
    if tree.get_content_type() != "multipart/report":
        return False
    kind = str(tree.get_param("report-type", "delivery-status")).lower()
    return kind == "delivery-status"


def _read_status(part: Message) -> list[Report]:
    """Read the groups of fields; the parser makes a message of each, or leaves them as text."""
    inner = part.get_payload() if part.is_multipart() else None
    groups = inner if isinstance(inner, list) else []
    fields = [_read_group(one) for one in groups if isinstance(one, Message)]
    if not fields:
        text = read_body(part)[:_FIELDS_LIMIT]
        fields = [_parse_group(group) for group in re.split(r"\r?\n\s*\r?\n", text)]
    return [
        Report(group["action"].lower(), group.get("status", ""), group.get("diagnostic-code", ""))
        for group in fields
        if group.get("action")
    ]


def _read_group(group: Message) -> dict[str, str]:
    fields = ((str(name).lower(), make_plain(str(value))) for name, value in group.items())
    return {name: " ".join(value.split())[:300] for name, value in fields}


def _parse_group(text: str) -> dict[str, str]:
    pairs = [line.partition(":") for line in text.splitlines()]
    return {name.strip().lower(): make_plain(value)[:300] for name, colon, value in pairs if colon}
