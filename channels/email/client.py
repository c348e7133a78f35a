"""Hands one mail to an SMTP server and tells exactly how far it got.

`aiosmtplib.send` makes one call of it all; here each command is given by itself, because a
connection that dies before the mail's last byte has provably delivered nothing.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, field

import aiosmtplib

from channels.email.fault import Stage, judge_answer
from kernel.message import Accepted, Refusal, Rejected, Retryable, SendResult, Unknown

SECONDS = 9.0
"""For a whole delivery; less than what `channels.deliver` waits for a call."""
AT_ONCE = 8
"""Connections to one server at a time; providers refuse many more."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over; `security` is `starttls`, `tls` or `none` (the lab alone)."""

    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(slots=True)
class SmtpClient:
    """Sends mail through one server, a connection for each."""

    server: Server
    seconds: float = SECONDS
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def send(self, mail: bytes, *, sender: str, recipient: str) -> SendResult:
        """Deliver one mail to one recipient; `sender` is where bounces go.

        Accepted carries the server's last words (its queue id). Nothing is raised.
        """
        going = _Going(mail, sender, recipient)
        try:
            async with asyncio.timeout(self.seconds), self._gate:
                return await self._go(going)
        except aiosmtplib.SMTPAuthenticationError as error:
            return _refuse_login(error)
        except aiosmtplib.SMTPResponseException as error:
            return judge_answer(error.code, str(error.message), going.stage)
        except aiosmtplib.SMTPNotSupported as error:
            return Rejected(Refusal.CONFIG, "not_supported", str(error)[:200])
        except ssl.SSLCertVerificationError as error:
            return Rejected(Refusal.CONFIG, "certificate", str(error)[:200])
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            return _judge_break(error, going.stage)

    async def _go(self, going: _Going) -> SendResult:
        server = self.server
        smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            username=server.user or None,
            password=server.password or None,
            timeout=self.seconds,
        )
        try:
            await smtp.connect()
            going.stage = Stage.SENDER
            size = [f"SIZE={len(going.mail)}"] if smtp.supports_extension("size") else []
            await smtp.mail(going.sender, options=size)
            going.stage = Stage.RECIPIENT
            await smtp.rcpt(going.recipient)
            going.stage = Stage.CONTENT
            answer = await smtp.data(going.mail)
            with suppress(aiosmtplib.SMTPException, OSError):
                await smtp.quit()
            return Accepted(str(answer.message)[:200])
        finally:
            smtp.close()


@dataclass(slots=True)
class _Going:
    """One delivery under way."""

    mail: bytes
    sender: str
    recipient: str
    stage: Stage = Stage.CONNECT


def _refuse_login(error: aiosmtplib.SMTPAuthenticationError) -> SendResult:
    if 400 <= error.code < 500:
        return Retryable(str(error.code), 60.0)
    return Rejected(Refusal.CONFIG, str(error.code), str(error.message)[:200])


def _judge_break(error: Exception, stage: Stage) -> SendResult:
    """A broken connection: before the content nothing was delivered, after it nobody knows."""
    is_late = isinstance(error, TimeoutError | aiosmtplib.SMTPTimeoutError)
    if stage is Stage.CONTENT:
        return Unknown("timeout" if is_late else "no_answer")
    return Retryable("timeout" if is_late else "unreachable", 5.0)
