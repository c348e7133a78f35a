"""Clients of SMS, 微信客服 and e-mail under load: what was not acknowledged is posted again.

Each is posted under the name that its provider gives to a message, so that a repeat is one.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

from tests.faults.diary import Diary, Sent, make_words
from tests.faults.house import House

_sequences = itertools.count(time.time_ns() // 1000)
SENDER = "service@mail.zhida.invalid"


@dataclass(frozen=True)
class Letter:
    """One message on its way to the lab: our diary's key of it, and how the lab is told."""

    key: str
    path: str
    body: Mapping[str, Any]


@dataclass
class Handset:
    """Somebody with an address; a subclass says how a message is written and what taken means.

    A round is made `rounds` times, `pause` seconds apart: longer than any outage of a test.
    """

    house: House
    diary: Diary
    address: str = ""
    rounds: int = 40
    pause: float = 0.5
    asked: int = 0
    most: int = 4
    """How many questions one address asks under load, before it gives way to another."""

    channel = ""

    async def ask(self, text: str | None = None) -> bool:
        """Say something until it is acknowledged; False if it never was."""
        self.asked += 1
        text = text or make_words()
        letter = self.write(text)
        self.diary.record_sent(Sent(self.channel, letter.key, self.address, text, self.asked))
        for _ in range(self.rounds):
            if await self._post(letter):
                self.diary.record_acked(letter.key)
                return True
            await asyncio.sleep(self.pause)
        return False

    async def _post(self, letter: Letter) -> bool:
        url = f"{self.house.ground.settings.lab_url}{letter.path}"
        async with self.house.ground.session.post(url, json=dict(letter.body)) as answer:
            assert answer.status == 200, await answer.text()
            return self.is_taken(await answer.json())

    def write(self, text: str) -> Letter:
        """Return a question as the lab is told of it."""
        raise NotImplementedError

    def is_taken(self, said: Mapping[str, Any]) -> bool:
        """Tell whether the product acknowledged the callback."""
        return bool(said["ok"])


@dataclass
class TwilioPhone(Handset):
    """A number outside the mainland; Twilio names a message by its SID."""

    address: str = field(default_factory=lambda: f"+8525{random.randrange(10**7):07}")
    channel = "sms"

    def write(self, text: str) -> Letter:
        sid = f"SM{uuid4().hex}"
        body = {"number": self.address, "text": text, "sid": sid}
        return Letter(sid, "/lab/sms/twilio/twilio/say", body)


@dataclass
class AliyunPhone(Handset):
    """A mainland number; Aliyun names an uplink by its sequence."""

    address: str = field(default_factory=lambda: f"+86139{random.randrange(10**8):08}")
    channel = "sms"

    def write(self, text: str) -> Letter:
        sequence = str(next(_sequences))
        body = {"number": self.address, "text": text, "sid": sequence}
        return Letter(f"{sequence}|{self.address}", "/lab/sms/aliyun/aliyun/say", body)


@dataclass
class KfGuest(Handset):
    """A client of 微信客服; WeCom has the message for the pull even if its callback is lost."""

    address: str = field(default_factory=lambda: f"wm{uuid4().hex}")
    channel = "kf"

    def write(self, text: str) -> Letter:
        msgid = uuid4().hex
        body = {"user": self.address, "text": text, "msgid": msgid}
        return Letter(msgid, "/lab/kf/demo/say", body)

    def is_taken(self, said: Mapping[str, Any]) -> bool:
        return bool(said["msgid"])


@dataclass
class Mailbox(Handset):
    """A mailbox; a mail is known by its sender and its Message-ID."""

    address: str = field(default_factory=lambda: f"client-{uuid4().hex[:16]}@example.cn")
    channel = "email"

    def write(self, text: str) -> Letter:
        mail, message_id = EmailMessage(), f"<{uuid4()}@example.cn>"
        mail["From"], mail["To"], mail["Subject"] = self.address, SENDER, "咨询"
        mail["Message-ID"] = message_id
        mail.set_content(text)
        named = hashlib.sha256(f"{self.address}\n{message_id}".encode()).hexdigest()
        raw = base64.b64encode(bytes(mail)).decode()
        body = {"from": self.address, "to": SENDER, "raw": raw}
        return Letter(f"mail:{named}", "/lab/mail/demo/send", body)

    def is_taken(self, said: Mapping[str, Any]) -> bool:
        return bool(said["status"] == 200)
