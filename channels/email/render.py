"""Writes a message as a mail: plain text and HTML of the same words, nothing fetched from outside.

Sources: RFC 5322 (headers, threading), RFC 3834 (Auto-Submitted), RFC 2369 and RFC 8058
(List-Unsubscribe, one click). The headers that a DKIM signature covers (From, To, Subject, Date,
Message-ID, MIME-Version, Content-Type, List-Unsubscribe…) are all there once, and the body is
base64 in short lines, so that a relay which signs finds nothing to change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

from channels.email.page import draw_page
from channels.email.words import list_lines
from kernel.message import SUBJECT, Author, Content, Outbound

MARKETING = "marketing"
LOOP_HEADER = "X-Zhida-Account"
"""On every mail of ours: what comes back with it is our own, or an answer of a machine to it."""
_SUBJECT_LIMIT = 80
_MAIL_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_POLICY = SMTP.clone(max_line_length=78)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes: the account, the address that clients see, its name, our public site."""

    account: str
    address: str
    name: str
    site: str = ""

    @property
    def domain(self) -> str:
        """The domain of the address."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Route:
    """Where answers to this mail go, and the link that ends mails of this kind."""

    reply_to: str | None = None
    unsubscribe: str | None = None


def make_message_id(outbox_id: UUID, domain: str) -> str:
    """Return the mail's name, the same for every attempt to send it."""
    return f"<{outbox_id}@{domain}>"


def render_mail(
    outbound: Outbound, letterhead: Letterhead, route: Route, *, recipient: str, at: datetime
) -> EmailMessage:
    """Return the mail of a message; `bytes(mail)` is what goes over the wire."""
    content = outbound.content
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Mailbox(letterhead.name, addr_spec=letterhead.address)
    mail["To"] = Mailbox(addr_spec=recipient)
    mail["Subject"] = find_subject(outbound, letterhead)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_message_id(outbound.outbox_id, letterhead.domain)
    if route.reply_to:
        mail["Reply-To"] = Mailbox(letterhead.name, addr_spec=route.reply_to)
    _add_thread(mail, outbound, letterhead.domain)
    mail[LOOP_HEADER] = letterhead.account
    if outbound.author is not Author.AGENT:
        mail["Auto-Submitted"] = "auto-replied" if outbound.reply_to else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    if route.unsubscribe:
        mail["List-Unsubscribe"] = f"<{route.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    _add_bodies(mail, content, letterhead, route)
    return mail


def find_subject(outbound: Outbound, letterhead: Letterhead) -> str:
    """Return the subject: the client's own with `Re:`, or what the message is about.

    A subject is read on locked screens, so it holds no word of the message itself, but for what
    was approved to stand there.
    """
    approved = outbound.content.hints.get(SUBJECT)
    if isinstance(approved, str) and _one_line(approved):
        return _one_line(approved)
    asked = _one_line(outbound.thread.subject) if outbound.thread else ""
    if asked:
        return asked if asked[:3].lower() == "re:" else f"Re: {asked}"
    card = outbound.content.card or {}
    return _one_line(card.get("title", "")) or f"{letterhead.name}：您有一条新消息"


def is_marketing(content: Content) -> bool:
    """Tell whether a message needs a way out of all mails like it."""
    return content.hints.get("category") == MARKETING


def _add_thread(mail: EmailMessage, outbound: Outbound, domain: str) -> None:
    """Tie the mail to the one it answers, and every mail of a conversation to each other."""
    names = []
    if outbound.conversation_id is not None:
        names.append(f"<talk.{outbound.conversation_id}@{domain}>")
    if outbound.thread is not None and _MAIL_ID.fullmatch(outbound.thread.mail_id):
        asked = outbound.thread.mail_id
        mail["In-Reply-To"] = asked
        names.append(asked)
    if names:
        mail["References"] = " ".join(names)


def _add_bodies(mail: EmailMessage, content: Content, letterhead: Letterhead, route: Route) -> None:
    lines = list_lines(content)
    if route.unsubscribe:
        lines.append(f"退订此类邮件 · Unsubscribe: {route.unsubscribe}")
    text = _clean("\n\n".join([*lines, f"-- \n{letterhead.name}"]) + "\n")
    page = _clean(
        draw_page(content, letterhead.name, reply_to=route.reply_to, unsubscribe=route.unsubscribe)
    )
    mail.set_content(text, charset="utf-8", cte="base64")
    mail.add_alternative(page, subtype="html", charset="utf-8", cte="base64")


def _one_line(text: str) -> str:
    """Make a header's value of a text: one line, no control characters, not too long."""
    line = " ".join(_clean(text).split())
    line = "".join(one for one in line if one.isprintable())
    return line if len(line) <= _SUBJECT_LIMIT else line[: _SUBJECT_LIMIT - 1] + "…"


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\x00", "")
