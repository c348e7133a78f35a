"""Everything that the fake Aliyun knows, for its parts to share."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from kernel.message import Json
from lab.aliyun.code import MESSAGES
from lab.courier import Answer, Courier, Parcel
from lab.fault import Fake
from lab.played import PlayedAccount, pick
from lab.room import Room
from lab.sms.handset import Handsets

FAKE = Fake("aliyun", ("send", "query"), frozenset(MESSAGES))
BEIJING = ZoneInfo("Asia/Shanghai")
ATTEMPTS = 3
PAUSE_SECONDS = 1.0
"""The real one waits 1, 5 and 10 minutes."""
NONCE_LIFE = timedelta(minutes=15)


@dataclass(slots=True)
class Sms:
    """One message as the API knows it."""

    biz_id: str
    account: PlayedAccount
    number: str
    template: str
    out_id: str
    text: str
    at: datetime
    status: int = 1
    """1 waiting, 2 failed, 3 delivered: SendStatus of QuerySendDetails."""
    code: str = ""


@dataclass(slots=True)
class AliyunWorld:
    """The state of the fake Aliyun."""

    accounts: Mapping[str, PlayedAccount]
    room: Room
    handsets: Handsets
    courier: Courier
    sent: list[Sms] = field(default_factory=list)
    counted: Counter[tuple[str, str, date]] = field(default_factory=Counter)
    """How often a number got a template on a day."""
    nonces: dict[str, datetime] = field(default_factory=dict)
    """In the order of their moments."""
    last_biz_id: int = field(default_factory=time.time_ns)
    """Never the same again, also after a restart of the lab."""

    @classmethod
    def build(
        cls, accounts: tuple[PlayedAccount, ...], room: Room, handsets: Handsets
    ) -> AliyunWorld:
        """Build an empty world in the lab's room, with the accounts whose provider is Aliyun."""
        world = cls(pick(accounts, FAKE.name, "sms"), room, handsets, Courier(FAKE.name, room))
        room.join(FAKE, world.reset)
        return world

    async def push(
        self,
        account: PlayedAccount,
        rows: Sequence[Mapping[str, Json]],
        strange: Sequence[Mapping[str, Json]] | None = None,
    ) -> Answer:
        """Push entries to the product until it says that it has them, three times at most."""
        stranger = self._wrap(account, strange, None) if strange else None
        parcel = self._wrap(account, rows, stranger)
        for attempt in range(1, ATTEMPTS + 1):
            answer = await self.courier.post(parcel)
            if answer.status == 200 or answer.error in {"lost", "held"} or attempt == ATTEMPTS:
                return answer
            await asyncio.sleep(PAUSE_SECONDS)
        raise AssertionError("unreachable")

    def _wrap(
        self,
        account: PlayedAccount,
        rows: Sequence[Mapping[str, Json]],
        stranger: Parcel | None,
    ) -> Parcel:
        token = account.secret["push_token"]
        url = f"{account.site}/channels/sms/aliyun/{account.name}/{token}"
        body = json.dumps([dict(row) for row in rows], ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        other = (lambda: stranger) if stranger else None
        return Parcel(url, headers, body, other, {"account": account.name})

    def forget_nonces(self, now: datetime) -> None:
        """Forget the nonces that have outlived their life; they lie in the order of time."""
        old = takewhile(lambda one: now - one[1] >= NONCE_LIFE, self.nonces.items())
        for nonce, _ in list(old):
            del self.nonces[nonce]

    def reset(self) -> None:
        """Begin anew."""
        self.sent.clear()
        self.counted.clear()
        self.nonces.clear()
        self.courier.reset()
        self.handsets.reset()


def write_moment(at: datetime) -> str:
    """Write a moment as Aliyun does: Beijing time without a zone."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
