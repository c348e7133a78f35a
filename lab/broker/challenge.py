"""One-time codes and the SMS outbox of the demo: no SMS ever leaves this process."""

from __future__ import annotations

import hmac
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kernel.clock import Clock
from kernel.errors import NotAllowed, TooMany
from kernel.message import Json
from lab.broker.book import Book, to_iso

CODE_LIFE = timedelta(minutes=5)
TRIES = 5
SENDS_PER_PHONE = 3
SEND_WINDOW = timedelta(minutes=10)


class WrongCode(NotAllowed):
    """The code is wrong or has expired."""

    code = "wrong_code"
    message_zh = "验证码错误或已过期。"


@dataclass(frozen=True, slots=True)
class Sms:
    """A short message that the demo would have sent."""

    phone: str
    text: str
    at: datetime


@dataclass(slots=True)
class _Challenge:
    client_no: str | None
    code: str
    expires_at: datetime
    tries: int = 0


@dataclass(slots=True)
class CodeDesk:
    """Sends codes to known phones, and answers unknown ones in the very same way."""

    book: Book
    clock: Clock
    outbox: deque[Sms] = field(default_factory=lambda: deque(maxlen=200))
    _challenges: dict[str, _Challenge] = field(default_factory=dict)
    _sends: dict[str, deque[datetime]] = field(default_factory=dict)

    def send_code(self, phone: str) -> Mapping[str, Json]:
        """Open a challenge; raise TooMany after three within ten minutes for a phone."""
        now = self.clock.now()
        self._check_rate(phone, now)
        self._forget_old(now)
        code = f"{secrets.randbelow(10**6):06d}"
        account = self.book.find_by_phone(phone)
        name = secrets.token_urlsafe(18)
        self._challenges[name] = _Challenge(
            account.client_no if account else None, code, now + CODE_LIFE
        )
        if account:
            text = f"【智达演示】验证码 {code}，5分钟内有效，请勿告诉他人。"
            self.outbox.append(Sms(phone, text, now))
        return {"challenge": name, "expires_in": int(CODE_LIFE.total_seconds())}

    def check_code(self, name: str, code: str) -> str:
        """Return the client number; a right code works once, five wrong ones end it."""
        challenge = self._challenges.get(name)
        if challenge is None or challenge.expires_at <= self.clock.now():
            raise WrongCode
        if challenge.tries >= TRIES:
            raise TooMany(
                "Too many wrong codes; ask for a new one.", zh="错误次数过多，请重新获取验证码。"
            )
        challenge.tries += 1
        matches = hmac.compare_digest(challenge.code, code)
        if not matches or challenge.client_no is None:
            raise WrongCode
        del self._challenges[name]
        return challenge.client_no

    def show_outbox(self) -> list[Json]:
        """Return the newest messages first, for the lab page."""
        return [
            {"phone": sms.phone, "text": sms.text, "at": to_iso(sms.at)}
            for sms in reversed(self.outbox)
        ]

    def _check_rate(self, phone: str, now: datetime) -> None:
        sends = self._sends.setdefault(phone, deque())
        while sends and sends[0] <= now - SEND_WINDOW:
            sends.popleft()
        if len(sends) >= SENDS_PER_PHONE:
            wait = (sends[0] + SEND_WINDOW - now).total_seconds()
            raise TooMany(
                "Too many codes for this phone.", zh="验证码获取过于频繁。", retry_after=wait
            )
        sends.append(now)

    def _forget_old(self, now: datetime) -> None:
        for name in [name for name, kept in self._challenges.items() if kept.expires_at <= now]:
            del self._challenges[name]
