"""A campaign for tests: clients with one peculiarity each, a content, and what carries it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from channels.bulk import BulkSender
from channels.contract import Capabilities, Channels
from channels.fetched import Poster
from channels.live import Hub
from channels.resend import Resender
from kernel.clock import FakeClock
from kernel.ids import new_id
from kernel.message import Accepted, Json, Outbound, SendResult
from orchestrator.letter import ContentWriter
from orchestrator.pacing import Pacer
from orchestrator.plan import Planner
from orchestrator.quiet import QuietHours
from store.audience_sql import Where
from store.cipher import Cipher
from store.content import ContentDraft, Variant
from store.engine import Connection, Database
from tests.ledger import LedgerChannel

CIPHER = Cipher(keys={1: b"k" * 32}, index_key=b"i" * 32)
NO_QUIET = QuietHours(time(3), time(3))


def provider(
    name: str = "sms", account: str = "main", script: Callable[[Outbound], SendResult] | None = None
) -> LedgerChannel:
    """Return a provider in this process that takes everything, or does what `script` says."""
    return LedgerChannel(name, account, Capabilities(), script=script or accept)


def accept(outbound: Outbound) -> SendResult:
    """Take every message."""
    return Accepted(f"p-{outbound.outbox_id}")


@dataclass
class Firm:
    """The parts that carry a campaign, on a database of the test's own."""

    database: Database
    channels: Channels
    planner: Planner
    pacer: Pacer
    clock: FakeClock
    writer: ContentWriter

    @classmethod
    def open(
        cls, database: Database, *channels: LedgerChannel, quiet: QuietHours | None = NO_QUIET
    ) -> Firm:
        """Put the parts together."""
        clock = FakeClock(datetime.now(UTC))
        known = Channels()
        for one in channels:
            known.add(one)
        pacer = Pacer(clock, quiet)
        planner = Planner(database, known, Hub(None), pacer, _compile)
        writer = ContentWriter(lambda outbound, names: dict.fromkeys(names, "智达"))
        return cls(database, known, planner, pacer, clock, writer)

    def sender(self, worker: str = "w", *, loops: int = 1) -> BulkSender:
        """Return a worker that sends."""
        return BulkSender(
            self.database,
            self.channels,
            Hub(None),
            self.writer,
            Poster(CIPHER),
            self.pacer,
            worker,
            loops=loops,
        )

    def resender(self, cipher: Cipher) -> Resender:
        """Return a worker that sends again."""
        return Resender(
            self.database,
            cipher,
            self.channels,
            Hub(None),
            self.writer,
            self.pacer,
            Poster(cipher),
            "r",
        )

    async def plan(self) -> None:
        """Plan everything that is due."""
        while await self.planner.plan_all():
            pass

    async def read_plan(self, campaign: UUID) -> dict[UUID, tuple[str, str | None]]:
        """Return each recipient's state and reason."""
        async with self.database.transaction() as connection:
            rows = await connection.execute(
                text(
                    "SELECT client_id, state, reason FROM campaign_recipient WHERE campaign_id = :c"
                ),
                {"c": campaign},
            )
            return {row.client_id: (row.state, row.reason) for row in rows}

    async def read_outbox(self, campaign: UUID) -> Counter[tuple[str, str]]:
        """Return how many messages of each channel are in each state."""
        async with self.database.transaction() as connection:
            rows = await connection.execute(
                text(
                    "SELECT channel, state, count(*) AS n FROM ("
                    "SELECT channel, state FROM outbox WHERE campaign_id = :c UNION ALL "
                    "SELECT channel, 'sending' FROM campaign_slice, unnest(ids) "
                    "WHERE campaign_id = :c) AS sent GROUP BY 1, 2"
                ),
                {"c": campaign},
            )
            return Counter({(row.channel, row.state): row.n for row in rows})


async def run_sql(database: Database, statement: str, **parameters: Any) -> None:
    """Run one statement."""
    async with database.transaction() as connection:
        await connection.execute(text(statement), parameters)


async def fetch(database: Database, statement: str, **parameters: Any) -> list[Any]:
    """Return the rows of one statement."""
    async with database.transaction() as connection:
        return list(await connection.execute(text(statement), parameters))


async def add_client(
    connection: Connection,
    *,
    ways: Mapping[tuple[str, str], str | None] | None = None,
    risk: str | None = "C5",
    valid: date | None = None,
    zone: str = "Asia/Shanghai",
    category: str = "marketing",
) -> UUID:
    """Add a client; `ways` are channel and account with the word on marketing, `yes` or `no`."""
    client = new_id()
    await connection.execute(
        text(
            "INSERT INTO client (id, client_no_hash, client_no_enc, risk_level, "
            "suitability_valid_until, timezone) VALUES (:id, :hash, '', :risk, :valid, :zone)"
        ),
        {"id": client, "hash": client.bytes, "risk": risk, "valid": valid, "zone": zone},
    )
    ways = {("sms", "main"): "yes"} if ways is None else ways
    for (channel, account), word in ways.items():
        identity = new_id()
        await connection.execute(
            text(
                "INSERT INTO identity (id, client_id, channel, account, address) "
                "VALUES (:id, :client, :channel, :account, :address)"
            ),
            {
                "id": identity, "client": client, "channel": channel, "account": account,
                "address": f"{channel}-{client}",
            },
        )  # fmt: skip
        if word:
            await connection.execute(
                text(
                    "INSERT INTO consent (id, identity_id, category, state, source) "
                    "VALUES (:id, :identity, :category, :state, 'test')"
                ),
                {"id": new_id(), "identity": identity, "category": category, "state": word},
            )
    return client


async def add_campaign(
    connection: Connection,
    *,
    channels: tuple[str, ...] = ("sms",),
    words: tuple[str, ...] | None = None,
    category: str = "marketing",
    min_risk: str | None = None,
    body: str = "{{ brand }}周报已更新。",
    bodies: Mapping[str, str] | None = None,
    template: str | None = None,
    **more: Any,
) -> UUID:
    """Add a running campaign with a content that has words for `words`, by default `channels`.

    `bodies` are the words of channels that have others than `body`.
    """
    content, key = new_id(), f"test-{new_id()}"
    told = {**dict.fromkeys(words or channels, body), **(bodies or {})}
    said = {(one, "zh", "a"): Variant(body=its, template=template) for one, its in told.items()}
    draft = ContentDraft(key, "测试", category, said, min_risk=min_risk)
    await connection.execute(
        text(
            "INSERT INTO content (id, key, version, state, title, category, min_risk, checksum) "
            "VALUES (:id, :key, 1, 'approved', '测试', :category, :risk, :seal)"
        ),
        {"id": content, "key": key, "category": category, "risk": min_risk, "seal": draft.seal()},
    )
    for (channel, language, arm), variant in said.items():
        await connection.execute(
            text(
                "INSERT INTO content_variant (content_id, channel, language, arm, body, template) "
                "VALUES (:id, :channel, :language, :arm, :body, :template)"
            ),
            {
                "id": content, "channel": channel, "language": language, "arm": arm,
                "body": variant.body, "template": template,
            },
        )  # fmt: skip
    campaign = new_id()
    values: dict[str, Any] = {
        "id": campaign, "name": "测试", "content_id": content, "expression": "{}",
        "category": category, "channels": list(channels), "state": "running", **more,
    }  # fmt: skip
    names = list(values)
    jsons = ("expression", "arms", "values")
    shown = ", ".join(f"CAST(:{name} AS jsonb)" if name in jsons else f":{name}" for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    statement = f"INSERT INTO campaign ({columns}) VALUES ({shown})"
    await connection.execute(text(statement), values)
    return campaign


def yesterday() -> date:
    """Return a day that is over everywhere."""
    return (datetime.now(UTC) - timedelta(days=2)).date()


def _compile(expression: Mapping[str, Json]) -> Where:
    only = expression.get("risk_level")
    if only is None:
        return Where("true", {})
    return Where("client.risk_level = :a_only", {"a_only": str(only)})
