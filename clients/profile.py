"""The client's card as staff see it: masked, refreshed from the core, each unmasking recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from clients.broker import Broker
from clients.tier import RuleSet, find_rules
from clients.verification import to_facts
from kernel.clock import Clock
from kernel.errors import InvalidInput, NotFound, ProviderError
from kernel.happening import CLIENT_SEEN, FIELD_REVEALED, Happening
from kernel.masking import show_name, show_number, show_phone
from store import audit, tier
from store import client as store
from store.cipher import Cipher
from store.engine import Database
from store.tier import TierRow

FRESH = timedelta(minutes=10)
REVEALED_FIELDS = ("name", "phone", "client_no")
REASON_LENGTHS = range(2, 201)


@dataclass(frozen=True, slots=True)
class Bound:
    """A channel on which this client is known."""

    id: UUID
    channel: str
    account: str
    bound_at: datetime | None


@dataclass(frozen=True, slots=True)
class Card:
    """The client's card; name, number and phone are masked.

    `tier` is None before tiers were computed first; `rules` name what is in it.
    """

    id: UUID
    name: str
    client_no: str
    phone: str
    risk_level: str | None
    tier: TierRow | None
    rules: RuleSet
    stage: str | None
    investor_class: str | None
    suitability_valid_until: date | None
    manager: str | None
    identities: tuple[Bound, ...]
    refreshed_at: datetime | None


class Profile:
    """Shows clients to staff; web/access has decided before that the person may see the client."""

    def __init__(self, database: Database, cipher: Cipher, *, broker: Broker, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._broker = broker
        self._clock = clock

    async def get_card(self, client_id: UUID, *, actor: str) -> Card:
        """Return the masked card, and record that `actor` has seen it.

        Raises:
            NotFound: there is no such client.
        """
        await self.refresh(client_id)
        row = await self._get(client_id)
        async with self._database.transaction() as connection:
            bound = await store.find_identities(connection, client_id)
            found = await tier.find(connection, client_id)
            rules = await find_rules(connection)
            await audit.record(connection, [Happening(actor, CLIENT_SEEN, "client", client_id)])
        return _to_card(row, bound, found, rules)

    async def reveal(self, client_id: UUID, field: str, *, reason: str, actor: str) -> str:
        """Return one field in clear; who asked and why is recorded before the value is given.

        Raises:
            InvalidInput: the field is not one that can be revealed, or the reason says nothing.
            NotFound: there is no such client, or the field is not known of them.
        """
        reason = reason.strip()
        if field not in REVEALED_FIELDS:
            raise InvalidInput(
                f"field is one of {', '.join(REVEALED_FIELDS)}.", zh="该字段不可查看。"
            )
        if len(reason) not in REASON_LENGTHS or "\0" in reason:
            raise InvalidInput(
                "Give a reason of 2 to 200 characters.", zh="请填写2到200字的查看原因。"
            )
        row = await self._get(client_id)
        value = {"name": row.name, "phone": row.phone, "client_no": row.client_no}[field]
        if not value:
            raise NotFound(
                "The broker's core has not told us this yet.", zh="核心系统尚未返回该信息。"
            )
        after = {"field": field, "reason": reason}
        async with self._database.transaction() as connection:
            happening = Happening(actor, FIELD_REVEALED, "client", client_id, after=after)
            await audit.record(connection, [happening])
        return value

    async def refresh(self, client_id: UUID) -> None:
        """Ask the core for the client's facts when ours are older than ten minutes.

        A core that does not answer changes nothing: the card then shows how old it is.
        """
        row = await self._get(client_id)
        if row.refreshed_at and self._clock.now() - row.refreshed_at < FRESH:
            return
        try:
            person = await self._broker.get_person(row.client_no)
        except ProviderError:
            return
        async with self._database.transaction() as connection:
            await store.record_facts(connection, self._cipher, client_id, facts=to_facts(person))

    async def _get(self, client_id: UUID) -> store.ClientRow:
        async with self._database.transaction() as connection:
            row = await store.find(connection, self._cipher, client_id)
        if row is None:
            raise NotFound
        return row


def _to_card(
    row: store.ClientRow, bound: list[store.IdentityRow], found: TierRow | None, rules: RuleSet
) -> Card:
    return Card(
        id=row.id,
        name=show_name(row.name or ""),
        client_no=show_number(row.client_no),
        phone=show_phone(row.phone or ""),
        risk_level=row.risk_level,
        tier=found,
        rules=rules,
        stage=row.stage,
        investor_class=row.investor_class,
        suitability_valid_until=row.suitability_valid_until,
        manager=row.manager,
        identities=tuple(
            Bound(found.id, found.channel, found.account, found.bound_at) for found in bound
        ),
        refreshed_at=row.refreshed_at,
    )
