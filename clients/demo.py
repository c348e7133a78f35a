"""The demo's client book: generated clients with figures, tiers, tags and consents, nobody real.

Everything about a client follows from its number. Names say what they are, numbers and phones are
in a range of the demo's own, and every address is the lab's: a campaign of the demo reaches the
lab and nobody else. A few have a mailbox that does not exist, so that there is something to mend.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Final

from clients.tier import Tiers
from kernel.clock import Clock
from store import client_entry, demo_client
from store.cipher import Cipher
from store.client_entry import Entry
from store.demo_client import SOURCE, Way
from store.engine import Database

FIRST: Final = 86_010_000
FIRST_PHONE: Final = 19_900_010_000
SECONDS: Final = 60.0
_LOST_MAIL: Final = 60
"""One in so many has no way but a mailbox that does not exist."""
_MANAGERS: Final = ("示例经理一", "示例经理二", "示例经理三", "示例经理四")
_LEVELS: Final = ("C1", "C2", "C3", "C3", "C4", "C4", "C5")
_INSTRUMENTS: Final = ("IF", "IC", "rb", "au", "cu", "m", "510300", "510500")
_TAGS: Final = ("黄金", "期权", "打新", "股指期货", "商品期货", "研报")


@dataclass(frozen=True, slots=True)
class DemoClients:
    """Makes the clients of a demo, number 1 to `count`, once."""

    database: Database
    cipher: Cipher
    clock: Clock
    count: int

    async def record(self) -> bool:
        """Write the clients and where they are reached, then their tiers; False if they are there.

        Raises:
            Conflict: the tiers are being computed right now; they come with the next computation.
        """
        entries = [self._draw(number) for number in range(1, self.count + 1)]
        async with self.database.transaction(within=SECONDS) as connection:
            await demo_client.lock(connection)
            numbers = [one.client_no for one in entries]
            known = await client_entry.count_known(connection, self.cipher, numbers)
            if known == len(numbers):
                return False
            await client_entry.write(connection, self.cipher, entries, source=SOURCE)
            ways = [way for number in range(1, self.count + 1) for way in _list_ways(number)]
            await demo_client.record_ways(connection, self.cipher, ways)
        await Tiers(self.database, self.clock).compute(actor=SOURCE)
        return True

    def _draw(self, number: int) -> Entry:
        chance, now = _chance(number), self.clock.now()
        age = chance.uniform(10, 2500)
        ago = min(age, chance.choices((chance.uniform(0, 60), chance.uniform(90, 400)), (7, 3))[0])
        is_funded, is_silent = chance.random() < 0.9, ago > 90
        trades = 0 if is_silent or not is_funded else int(chance.lognormvariate(2.2, 1.0))
        return Entry(
            client_no=str(FIRST + number),
            name=f"示例客户{number:03d}",
            phone=str(FIRST_PHONE + number) if number % _LOST_MAIL else None,
            risk_level=chance.choice(_LEVELS),
            suitability_valid_until=(now + timedelta(days=chance.uniform(-20, 700))).date(),
            investor_class=chance.choices(("ordinary", "professional"), (9, 1))[0],
            stage="silent" if is_silent else "new" if age < 90 else "active",
            manager=chance.choice(_MANAGERS),
            instruments=tuple(chance.sample(_INSTRUMENTS, k=chance.randint(0, 3))),
            tags=tuple(chance.sample(_TAGS, k=chance.choice((0, 1, 1, 2)))),
            assets=Decimal(int(chance.lognormvariate(11.5, 1.5))) if is_funded else None,
            trades_90d=trades,
            turnover_90d=Decimal(trades * chance.randint(20_000, 300_000)),
            complaints_90d=int(chance.random() < 0.03),
            opened_at=now - timedelta(days=age),
            first_deposit_at=now - timedelta(days=0.98 * age) if is_funded else None,
            last_trade_at=now - timedelta(days=ago) if is_funded else None,
            last_active_at=now - timedelta(days=0.9 * ago),
        )


def _list_ways(number: int) -> Iterator[Way]:
    """Give the addresses of a client at the demo's own accounts (service/demo_account.py)."""
    chance, client_no = _chance(-number), str(FIRST + number)
    if number % _LOST_MAIL == 0:
        yield Way(client_no, "email", "demo", f"nobody@client{number}.invalid", "yes")
        return
    said = chance.choices(("yes", "no", None), (80, 8, 12))[0]
    if chance.random() < 0.9:
        yield Way(client_no, "sms", "aliyun", f"+86{FIRST_PHONE + number}", said)
    if chance.random() < 0.5:
        yield Way(client_no, "email", "demo", f"client{number}@demo.invalid", said)
    if chance.random() < 0.4:
        yield Way(client_no, "push", "jpush", f"demo-device-{client_no}", said)


def _chance(number: int) -> Random:
    return Random(f"demo:{number}")  # noqa: S311  (demo data, no secret)
