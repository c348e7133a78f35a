"""Everything that the fake Twilio knows, for its parts to share."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode
from uuid import uuid4

from lab.courier import Courier, Parcel
from lab.fault import Fake
from lab.played import PlayedAccount, pick
from lab.room import Room
from lab.sms.handset import Handsets
from lab.twilio.code import MESSAGES
from lab.twilio.signature import sign

FAKE = Fake("twilio", ("message", "list", "call"), frozenset(MESSAGES))
API_VERSION = "2010-04-01"


@dataclass(slots=True)
class Message:
    """One message as the API shows it."""

    sid: str
    account: PlayedAccount
    to: str
    sender: str
    body: str
    segments: int
    callback: str
    created_at: datetime
    direction: str = "outbound-api"
    status: str = "queued"
    error: int | None = None
    sent_at: datetime | None = None


@dataclass(slots=True)
class TwilioWorld:
    """The state of the fake Twilio: accounts by SID, messages by SID, who wants none."""

    accounts: Mapping[str, PlayedAccount]
    room: Room
    handsets: Handsets
    courier: Courier
    messages: dict[str, Message] = field(default_factory=dict)
    stopped: set[tuple[str, str]] = field(default_factory=set)
    """Pairs of account and number that Twilio refuses with 21610."""

    @classmethod
    def build(
        cls, accounts: tuple[PlayedAccount, ...], room: Room, handsets: Handsets
    ) -> TwilioWorld:
        """Build an empty world in the lab's room, with the accounts whose provider is Twilio."""
        ours = [one for one in accounts if one.provider == FAKE.name]
        by_sid = {one.public["account_sid"]: one for one in ours}
        world = cls(by_sid, room, handsets, Courier(FAKE.name, room))
        room.join(FAKE, world.reset)
        return world

    def sms_accounts(self) -> dict[str, PlayedAccount]:
        """Return the accounts that send SMS, by the product's name of them."""
        return pick(tuple(self.accounts.values()), FAKE.name, "sms")

    def wrap(
        self, account: PlayedAccount, url: str, form: Mapping[str, str], stranger: Parcel | None
    ) -> Parcel:
        """Return a signed callback to an address of the product."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "User-Agent": "TwilioProxy/1.1",
            "I-Twilio-Idempotency-Token": str(uuid4()),
            "X-Twilio-Signature": sign(account.secret["auth_token"], url, form),
        }
        shown = {"account": account.name}
        other = (lambda: stranger) if stranger else None
        return Parcel(url, headers, urlencode(form).encode(), other, shown)

    def reset(self) -> None:
        """Begin anew."""
        self.messages.clear()
        self.stopped.clear()
        self.courier.reset()
        self.handsets.reset()


def new_sid(kind: str) -> str:
    """Return a SID: two letters and 32 hexadecimal digits."""
    return kind + secrets.token_hex(16)


def count_segments(text: str) -> int:
    """Return how many SMS a text is charged as, by length alone: plain ASCII counts as GSM-7."""
    alone, part = (160, 153) if text.isascii() else (70, 67)
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= alone else -(-units // part)
