"""A small SMTP server that takes mail for any mailbox and fails in every way that real ones do.

Mailboxes called `nobody@…` do not exist. Sources: RFC 5321; RFC 3463 for the enhanced codes.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.utils import parseaddr
from typing import Final

from lab.fault import Fault, Mode
from lab.mail.account import MailAccount
from lab.mail.post import PostOffice
from lab.mail.world import FAKE, MailWorld

MAIL_LIMIT: Final = 10 * 1024 * 1024
LINE_LIMIT: Final = 64 * 1024
IDLE_SECONDS: Final = 60.0
_PATH = re.compile(rb"^(?:FROM|TO):\s*<([^<>\s]*)>", re.IGNORECASE)
_ANSWERS: Final[Mapping[int, str]] = {
    421: "421 4.3.2 LAB 实验室: closing, try again later",
    450: "450 4.2.1 LAB: mailbox busy",
    451: "451 4.7.1 LAB: greylisted, try again later",
    452: "452 4.2.2 LAB: mailbox full",
    535: "535 5.7.8 LAB: who are you",
    550: "550 5.1.1 LAB: no such mailbox",
    552: "552 5.3.4 LAB: too large",
    554: "554 5.7.1 LAB: refused as spam",
}
_AT_THE_END: Final = frozenset({552, 554})
"""These are said after the content; the others before it."""


class _Ended(Exception):  # it is no error: the talk is over
    """The connection is to be closed without another word."""


@dataclass(slots=True)
class SmtpServer:
    """Listens on a loopback port; start it once, close it once."""

    world: MailWorld
    office: PostOffice
    port: int = 0
    _server: asyncio.Server | None = None
    _talks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> None:
        """Listen; a port of 0 becomes one that is free."""
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, limit=LINE_LIMIT
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and hang up on everybody."""
        if self._server is not None:
            self._server.close()
        for talk in tuple(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        if talk is not None:
            self._talks.add(talk)
            talk.add_done_callback(self._talks.discard)
        try:
            await _Talk(self, reader, writer).hold()
        except (_Ended, ConnectionError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


@dataclass(slots=True)
class _Talk:
    """One connection."""

    server: SmtpServer
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    sender: str | None = None
    recipients: list[str] = field(default_factory=list)
    fault: Fault | None = None

    async def hold(self) -> None:
        """Answer commands until one side hangs up."""
        await self._say("220 lab.zhida.invalid ESMTP LAB 实验室, not a real mail server")
        while True:
            async with asyncio.timeout(IDLE_SECONDS):
                line = (await self.reader.readuntil(b"\n")).rstrip(b"\r\n")
            verb, _, rest = line.partition(b" ")
            await self._obey(verb.upper().decode("ascii", "replace"), rest)

    async def _obey(self, verb: str, rest: bytes) -> None:
        match verb:
            case "EHLO":
                await self._say(f"250-lab.zhida.invalid\r\n250-SIZE {MAIL_LIMIT}\r\n250 8BITMIME")
            case "HELO" | "NOOP":
                await self._say("250 lab.zhida.invalid")
            case "RSET":
                self.sender, self.recipients = None, []
                await self._say("250 2.0.0 forgotten")
            case "MAIL":
                await self._start_mail(rest)
            case "RCPT":
                await self._add_recipient(rest)
            case "DATA":
                await self._take_content()
            case "QUIT":
                await self._say("221 2.0.0 bye")
                raise _Ended
            case _:
                await self._say("502 5.5.1 not known here")

    async def _start_mail(self, rest: bytes) -> None:
        path = _PATH.match(rest)
        if path is None:
            await self._say("501 5.5.4 MAIL FROM:<address>")
            return
        self.fault = self.server.world.room.take_fault(FAKE.name, "smtp")
        if self.fault and self.fault.mode is Mode.SLOW:
            await asyncio.sleep(self.fault.seconds)
        if self.fault and self.fault.mode is Mode.ERRCODE and self.fault.errcode in {421, 535}:
            await self._say(_ANSWERS[int(self.fault.errcode)])
            raise _Ended
        self.sender, self.recipients = path[1].decode("utf-8", "replace"), []
        await self._say("250 2.1.0 sender ok")

    async def _add_recipient(self, rest: bytes) -> None:
        path = _PATH.match(rest)
        if path is None or self.sender is None or not path[1]:
            await self._say("503 5.5.1 MAIL first, then RCPT TO:<address>")
            return
        mailbox = path[1].decode("utf-8", "replace").lower()
        refused = await self._suffer_before()
        if refused or mailbox.startswith("nobody@"):
            await self._say(_ANSWERS[refused or 550])
            return
        self.recipients.append(mailbox)
        await self._say("250 2.1.5 recipient ok")

    async def _suffer_before(self) -> int | None:
        """Play what goes wrong before the content; a number is the answer to be given."""
        fault = self.fault
        match fault.mode if fault else None:
            case Mode.HTTP_429:
                return 451
            case Mode.RESET_BEFORE:
                self._abort()
            case Mode.TIMEOUT_BEFORE if fault:
                await asyncio.sleep(fault.seconds)
                self._abort()
            case Mode.ERRCODE if fault and fault.errcode not in _AT_THE_END:
                return int(fault.errcode)
            case _:
                pass
        return None

    async def _take_content(self) -> None:
        if self.sender is None or not self.recipients:
            await self._say("503 5.5.1 nobody to send to")
            return
        await self._say("354 go on, end with a dot")
        raw = await self._read_content()
        if self.fault and self.fault.mode in {Mode.HTTP_500, Mode.HTTP_502, Mode.CUT}:
            self._abort()
        if self.fault and self.fault.mode is Mode.ERRCODE:
            await self._say(_ANSWERS[int(self.fault.errcode)])
            return
        account = self.server.world.find_account(parseaddr(_find_from(raw))[1])
        if account is None:
            await self._say("550 5.7.1 LAB: this sender has no account here")
            return
        names = [self._deliver(account, mailbox, raw) for mailbox in self.recipients]
        await self._suffer_after()
        await self._say(f"250 2.0.0 queued as {names[0]}")
        self.sender, self.recipients = None, []

    def _deliver(self, account: MailAccount, mailbox: str, raw: bytes) -> str:
        letter = self.server.world.deliver(account, mailbox, bounces_to=self.sender or "", raw=raw)
        self.server.office.answer_by_itself(account, letter)
        return letter.id

    async def _suffer_after(self) -> None:
        fault = self.fault
        match fault.mode if fault else None:
            case Mode.RESET_AFTER | Mode.HTTP_500_AFTER:
                self._abort()
            case Mode.TIMEOUT_AFTER if fault:
                await asyncio.sleep(fault.seconds)
                self._abort()
            case Mode.HALF:
                self.writer.write(b"250 2.0")
                await self.writer.drain()
                raise _Ended
            case Mode.HTML:
                await self._say("<!doctype html><h1>LAB 实验室</h1>")
                raise _Ended
            case _:
                pass

    async def _read_content(self) -> bytes:
        lines: list[bytes] = []
        size = 0
        async with asyncio.timeout(IDLE_SECONDS):
            while (line := await self.reader.readuntil(b"\n")) not in {b".\r\n", b".\n"}:
                size += len(line)
                if size > MAIL_LIMIT:
                    raise _Ended
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    async def _say(self, line: str) -> None:
        self.writer.write(line.encode() + b"\r\n")
        await self.writer.drain()

    def _abort(self) -> None:
        self.writer.transport.abort()
        raise _Ended


def _find_from(raw: bytes) -> str:
    return str(message_from_bytes(raw).get("From", ""))
