"""The post between the fake mailboxes and the product: replies, new mails, bounces, absences.

Mailboxes answer by themselves where their name says so: `bounce@…` sends the mail back a moment
later, `away@…` says that its owner is on holiday.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, parseaddr
from uuid import uuid4

from kernel.message import Json
from lab.courier import Answer, Courier, Parcel
from lab.mail.account import MailAccount
from lab.mail.world import Letter, MailWorld

STATUSES: Mapping[str, str] = {"failed": "5.1.1", "delayed": "4.4.1", "delivered": "2.0.0"}


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail on its way to the product: `dmarc` is the server's verdict on its From."""

    sender: str
    recipient: str
    raw: bytes
    dmarc: str = "pass"


@dataclass(slots=True)
class PostOffice:
    """Posts what people and machines send to the product's webhook."""

    world: MailWorld
    courier: Courier

    async def post(self, account: MailAccount, envelope: Envelope) -> Answer:
        """Hand a mail to the product now."""
        return await self.courier.post(self._pack(account, envelope))

    def answer_by_itself(self, account: MailAccount, letter: Letter) -> None:
        """Let a mailbox answer that does so without its owner."""
        name = letter.mailbox.partition("@")[0]
        if name == "bounce":
            self.courier.post_later(self._pack(account, self.write_bounce(letter, "failed")))
        if name == "away":
            envelope = self.write_reply(letter, "我正在休假，回来后回复您。", is_automatic=True)
            self.courier.post_later(self._pack(account, envelope))

    def write_mail(self, account: MailAccount, body: Mapping[str, str]) -> Envelope:
        """Write a mail of a client: `from`, `subject`, `text`, perhaps `html` and `dmarc`."""
        mail = self._start(body["from"], account.address, body.get("subject", ""))
        mail.set_content(body.get("text", ""))
        if body.get("html"):
            mail.add_alternative(body["html"], subtype="html")
        return Envelope(body["from"], account.address, bytes(mail), body.get("dmarc", "pass"))

    def write_reply(self, letter: Letter, text: str, *, is_automatic: bool = False) -> Envelope:
        """Answer a mail as a mail program does: to its Reply-To, quoting it below."""
        answered = letter.open()
        to = parseaddr(str(answered.get("Reply-To") or answered["From"]))[1]
        subject = str(answered["Subject"])
        mail = self._start(letter.mailbox, to, f"Re: {subject}")
        mail["In-Reply-To"] = str(answered["Message-ID"])
        mail["References"] = f"{answered.get('References', '')} {answered['Message-ID']}".strip()
        quoted = str(letter.to_json()["text"]).strip().replace("\n", "\n> ")
        body = f"{text}\n\n在 2026年11月22日 写道：\n> {quoted}\n"
        if is_automatic:
            mail["Auto-Submitted"] = "auto-replied"
            mail.replace_header("Subject", f"自动回复: {subject}")
            body = text
        mail.set_content(body)
        return Envelope(letter.mailbox, to, bytes(mail))

    def write_bounce(self, letter: Letter, action: str) -> Envelope:
        """Write the post's report about a mail, as RFC 3464 has it."""
        status = STATUSES[action]
        report = MIMEMultipart("report")
        report.set_param("report-type", "delivery-status")
        report["From"] = "Mail Delivery System <MAILER-DAEMON@lab.zhida.invalid>"
        report["To"] = letter.bounces_to
        report["Subject"] = "Undelivered Mail Returned to Sender"
        report["Auto-Submitted"] = "auto-replied"
        report["Message-ID"] = f"<{uuid4()}@lab.zhida.invalid>"
        report.attach(
            MIMEText("This is the LAB's mail system. 您的邮件未能送达。", "plain", "utf-8")
        )
        fields = EmailMessage()
        fields["Final-Recipient"] = f"rfc822; {letter.mailbox}"
        fields["Action"], fields["Status"] = action, status
        fields["Diagnostic-Code"] = f"smtp; {status} LAB: {action}"
        top = EmailMessage()
        top["Reporting-MTA"] = "dns; lab.zhida.invalid"
        status_part = MIMEMessage(top, "delivery-status")
        status_part.set_payload([top, fields])
        report.attach(status_part)
        report.attach(MIMEMessage(letter.open(), "rfc822"))
        return Envelope("", letter.bounces_to, bytes(report))

    def _start(self, sender: str, to: str, subject: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Date"] = format_datetime(self.world.room.clock.now())
        mail["Message-ID"] = f"<{uuid4()}@lab.zhida.invalid>"
        return mail

    def _pack(self, account: MailAccount, envelope: Envelope) -> Parcel:
        body = json.dumps(
            {
                "from": envelope.sender,
                "to": [envelope.recipient],
                "dmarc": envelope.dmarc,
                "raw": base64.b64encode(envelope.raw).decode(),
            }
        ).encode()
        stamp = str(int(self.world.room.clock.now().timestamp()))
        signed = hmac.new(
            account.webhook_key.encode(), f"{stamp}.".encode() + body, hashlib.sha256
        ).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Zhida-Timestamp": stamp,
            "X-Zhida-Signature": signed,
        }
        shown: dict[str, Json] = {"account": account.name, "address": envelope.sender}

        def send_to_nobody() -> Parcel:
            nobody = _nobody_at(account)
            raw = envelope.raw.replace(envelope.recipient.encode(), nobody.encode())
            return self._pack(account, replace(envelope, recipient=nobody, raw=raw))

        return Parcel(account.webhook, headers, body, send_to_nobody, shown)


def _nobody_at(account: MailAccount) -> str:
    """Return a return address that the product cannot have made."""
    return f"bounce+{'a' * 26}.{'b' * 26}@{account.domain}"
