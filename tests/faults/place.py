"""The accounts of a fault test beside chat and WeChat, and what the lab breaks at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.demo_account import list_demo_accounts
from store import account
from store.account import Setup
from tests.faults.house import House

CALLBACKS = ("duplicate", "late", "reordered", "lost", "unknown_id", "cut")
CALLS = (
    "timeout_before",
    "timeout_after",
    "http_500",
    "http_500_after",
    "http_502",
    "http_429",
    "reset_before",
    "reset_after",
    "half",
    "html_200",
    "slow",
)
ASIDE = ("http_502", "half")
"""What befalls the calls beside a send (a token, a look-up, a pull): they wait longer each time."""
HARMLESS = frozenset({"slow", "http_429", "token_expired"})
"""After these a message arrives all the same, whatever the provider is."""


@dataclass(frozen=True)
class Place:
    """One account: the parts of the fake that our calls go to, and what else can befall them.

    `settles`: in the end the provider tells of every message whether it has it, by a key or a
    look-up, so that no outcome may stay unknown.
    """

    channel: str
    account: str
    fake: str
    parts: tuple[str, ...]
    more: tuple[str, ...] = ()
    settles: bool = False

    def __str__(self) -> str:
        return f"{self.channel}-{self.account}"

    @property
    def send(self) -> str:
        """What a fault of the send itself aims at."""
        return f"{self.fake}.{self.parts[0]}"

    def list_faults(self) -> list[tuple[str, str]]:
        """Return every fault of a call or a callback, and what it aims at."""
        faults = [(mode, self.send) for mode in (*CALLS, *self.more)]
        faults += [(mode, f"{self.fake}.{part}") for part in self.parts[1:] for mode in ASIDE]
        return faults + [(mode, f"{self.fake}.callback") for mode in CALLBACKS]


WECHAT = Place("wechat", "demo", "wechat", ("custom", "token"), ("token_expired", "window_used_up"))
TWILIO = Place("sms", "twilio", "twilio", ("message", "list"), settles=True)
ALIYUN = Place("sms", "aliyun", "aliyun", ("send", "query"), settles=True)
KF = Place(
    "kf", "demo", "wecom", ("send", "pull", "token"), ("token_expired", "window_used_up"),
    settles=True,
)  # fmt: skip
EMAIL = Place("email", "demo", "mail", ("smtp",))
VOICE = Place("voice", "demo", "twilio", ("call",))
PUSH = Place("push", "jpush", "jpush", ("push", "cid"), settles=True)
PLACES = (WECHAT, TWILIO, ALIYUN, KF, EMAIL, VOICE, PUSH)


async def set_up(house: House, places: Sequence[Place] = PLACES) -> None:
    """Set up the accounts that the lab plays, as an admin does in the console; the lab is new."""
    async with house.ground.session.post(f"{house.ground.settings.lab_url}/lab/reset") as answer:
        assert answer.status == 200
    wanted = {(one.channel, one.account) for one in places}
    for demo in list_demo_accounts(house.ground.settings):
        if (demo.channel, demo.name) in wanted:
            setup = Setup(demo.channel, demo.provider, demo.name, demo.public, demo.secret)
            async with house.database.transaction() as connection:
                await account.add(connection, house.cipher, setup, actor="test")
