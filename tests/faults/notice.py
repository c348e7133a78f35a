"""Calls and pushes under load: written into the outbox as the house writes them, unasked."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from uuid import uuid4

from kernel.errors import ServiceError
from kernel.message import Address, Author, Content
from store import conversation, outbox
from store.outbox import Draft
from tests.faults.diary import Diary, Sent, make_words
from tests.faults.house import House

NOTICED = frozenset({"voice", "push"})
"""Channels whose clients only listen; in the diary a notice is known by its message's id."""


@dataclass
class Notified:
    """Somebody who is told something; a notice whose commit succeeded counts as acknowledged."""

    house: House
    diary: Diary
    address: str = ""
    asked: int = 0
    most: int = 4

    channel = ""
    account = ""

    async def ask(self, text: str | None = None) -> bool:
        """Have a notice written; False if the database would not have it."""
        self.asked += 1
        draft, text = uuid4(), text or make_words()
        await self.prepare()
        self.diary.record_sent(Sent(self.channel, str(draft), self.address, text, self.asked))
        place = Address(self.channel, self.account, self.address)
        try:
            async with self.house.database.transaction() as connection:
                talk = await conversation.open_for(connection, place)
                notice = Draft(talk.id, Author.SYSTEM, Content(text=text), id=draft)
                await outbox.post(connection, self.house.cipher, notice)
        except ServiceError:
            return False
        self.diary.record_acked(str(draft))
        return True

    async def prepare(self) -> None:
        """Do what this address needs before it can be told anything."""


@dataclass
class Called(Notified):
    """A telephone on which somebody listens and presses 1."""

    address: str = field(default_factory=lambda: f"+86137{random.randrange(10**8):08}")
    channel = "voice"
    account = "demo"

    async def prepare(self) -> None:
        url = f"{self.house.ground.settings.lab_url}/lab/voice/demo/phone/{self.address}"
        async with self.house.ground.session.post(url, json={"state": "confirm"}) as answer:
            assert answer.status == 200, await answer.text()


@dataclass
class Pushed(Notified):
    """A phone with the broker's app."""

    address: str = field(default_factory=lambda: uuid4().hex)
    channel = "push"
    account = "jpush"
