"""Hands one mail to an SMTP server and tells exactly how far it got.

`aiosmtplib.send` makes one call of it all; here each command is given by itself, because a
connection that dies before the mail's last byte has provably delivered nothing.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass, field

import aiosmtplib

from channels.email.fault import Stage, judge_answer
from kernel.message import Accepted, Refusal, Rejected, Retryable, SendResult, Unknown

SECONDS = 9.0
"""For a whole delivery; less than what `channels.deliver` waits for a call."""
AT_ONCE = 8
"""Connections to one server at a time; providers refuse many more."""
MOST_MAILS = 50
"""Mails of one connection; many servers end it after a hundred."""
IDLE_SECONDS = 15.0
"""How long a connection is kept for the next mail; RFC 5321 §4.5.3.2.7 lets a server wait 300."""


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
    """Sends mail through one server, one mail after the other on each connection."""

    server: Server
    seconds: float = SECONDS
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _idle: list[_Line] = field(default_factory=list)

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

    async def close(self) -> None:
        """Close the connections that wait for a mail."""
        lines, self._idle = self._idle, []
        for line in lines:
            line.smtp.close()

    async def _go(self, going: _Going) -> SendResult:
        """Hand a mail over; that the server has ended a kept connection meanwhile is no attempt."""
        line = self._take()
        if line is not None:
            try:
                return await self._hand_over(line, going)
            except (aiosmtplib.SMTPException, OSError) as error:
                if going.stage is Stage.CONTENT or not _is_end(error):
                    raise
        going.stage = Stage.CONNECT
        return await self._hand_over(await self._connect(), going)

    def _take(self) -> _Line | None:
        """Return a connection that is still good for a mail, if there is one."""
        while self._idle:
            line = self._idle.pop()
            is_old = time.monotonic() - line.used_at > IDLE_SECONDS
            if line.smtp.is_connected and not is_old and line.mails < MOST_MAILS:
                return line
            line.smtp.close()
        return None

    async def _connect(self) -> _Line:
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
        except BaseException:
            smtp.close()
            raise
        return _Line(smtp)

    async def _hand_over(self, line: _Line, going: _Going) -> SendResult:
        smtp, is_done = line.smtp, False
        try:
            going.stage = Stage.SENDER
            size = [f"SIZE={len(going.mail)}"] if smtp.supports_extension("size") else []
            await smtp.mail(going.sender, options=size)
            going.stage = Stage.RECIPIENT
            await smtp.rcpt(going.recipient)
            going.stage = Stage.CONTENT
            answer = await smtp.data(going.mail)
            is_done = True
            return Accepted(str(answer.message)[:200])
        finally:
            if is_done:
                line.mails, line.used_at = line.mails + 1, time.monotonic()
                self._idle.append(line)
            else:
                smtp.close()


@dataclass(slots=True)
class _Line:
    """An open connection: how many mails went over it, and when the last one did."""

    smtp: aiosmtplib.SMTP
    mails: int = 0
    used_at: float = 0.0


@dataclass(slots=True)
class _Going:
    """One delivery under way."""

    mail: bytes
    sender: str
    recipient: str
    stage: Stage = Stage.CONNECT


def _is_end(error: Exception) -> bool:
    """Tell whether the server has ended a connection, and says nothing about the mail."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return error.code == _ENDING
    return not isinstance(error, TimeoutError | aiosmtplib.SMTPTimeoutError)


_ENDING = 421


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
