"""A campaign under faults: recipients over three channels, and who judges what became of each."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text

from kernel.errors import ServiceError
from kernel.ids import new_id
from store import audit
from store.content import ContentDraft, Variant
from tests.faults.house import House
from tests.faults.place import ALIYUN, EMAIL, PUSH, Place

PLACES: tuple[Place, ...] = (ALIYUN, PUSH, EMAIL)
QUIET_SECONDS = 240.0
ARRIVED = frozenset({"accepted", "delivered", "read"})
DOUBTFUL = frozenset({"unknown", "failed"})
TEMPLATE = "SMS_100000001"
"""A text that the lab's operator has approved (lab/aliyun/template.py); `path` is its variable."""


@dataclass
class Tally:
    """What became of a campaign; the lists hold what is wrong, in words."""

    n: int = 0
    arrived: int = 0
    reasoned: int = 0
    rejected: int = 0
    doubtful: int = 0
    channels: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Fail the test if a recipient has neither one message nor one reason, or two messages."""
        assert not self.wrong, self.wrong[:8]
        assert self.n == self.arrived + self.reasoned + self.rejected + self.doubtful, self

    def format(self) -> str:
        """Return the figures in a line."""
        return (
            f"{self.n} recipients: {self.arrived} arrived once, {self.reasoned} with a reason, "
            f"{self.rejected} rejected, {self.doubtful} unknown; {dict(self.channels)} "
            f"{dict(self.reasons)}"
        )


async def begin_campaign(house: House, n: int, *, per_second: float | None = None) -> UUID:
    """Add `n` clients, a third on each channel, every tenth of whom wants nothing; begin to send.

    The category is one that knows no quiet hours, so that a test may run by night.
    """
    words = {
        (place.channel, "zh", "a"): Variant(
            body="您的风险提示已更新，请登录 APP 查看。",
            template=TEMPLATE if place is ALIYUN else None,
            fields={"path": "notice"} if place is ALIYUN else {},
        )
        for place in PLACES
    }
    content, campaign = new_id(), new_id()
    draft = ContentDraft("fault-campaign", "风险提示", "risk", words)
    async with house.database.transaction() as connection:
        await connection.execute(text(_CLIENTS), {"n": n})
        for number, place in enumerate(PLACES):
            parameters = {"channel": place.channel, "account": place.account, "number": number}
            await connection.execute(text(_IDENTITIES), parameters)
        await connection.execute(text(_REFUSALS))
        await connection.execute(
            text(_CONTENT), {"id": content, "key": draft.key, "seal": draft.seal()}
        )
        for (channel, _, _), one in words.items():
            await connection.execute(
                text(_VARIANT),
                {
                    "id": content,
                    "channel": channel,
                    "body": one.body,
                    "template": one.template,
                    "fields": json.dumps(one.fields),
                },
            )
        channels = [place.channel for place in PLACES]
        await connection.execute(
            text(_CAMPAIGN),
            {"id": campaign, "content": content, "channels": channels, "rate": per_second},
        )
    return campaign


async def await_end(house: House, campaign: UUID) -> None:
    """Wait until the campaign is done and nothing of it is under way any more.

    It may take its time, for many messages are tried again; it must not stand still.
    """
    left: float
    fewest, least_at = float("inf"), time.monotonic()
    while True:
        try:
            what, left = await _find_open(house, campaign)
        except ServiceError as error:
            what, left = str(error), fewest
        if not left:
            return
        if left < fewest:
            fewest, least_at = left, time.monotonic()
        assert time.monotonic() < least_at + QUIET_SECONDS, f"Nothing goes on: {what}"
        await asyncio.sleep(0.2)


async def count_sent(house: House) -> int:
    """Return how many messages are in the outbox so far: their slices have ended."""
    try:
        async with house.database.transaction() as connection:
            found: int = (
                await connection.execute(text("SELECT count(*) FROM outbox"))
            ).scalar_one()
            return found
    except ServiceError:
        return 0


async def count_senders(house: House) -> int:
    """Return how many processes have begun to send so far."""
    async with house.database.transaction() as connection:
        found: int = (await connection.execute(text(_SENDERS))).scalar_one()
        return found


async def tally(house: House, campaign: UUID) -> Tally:
    """Compare the database with the lab's ledger, recipient by recipient."""
    arrivals: Counter[str] = Counter()
    with house.ground.ledger.open() as file:
        for line in file:
            if outbox := json.loads(line).get("outbox"):
                arrivals[str(outbox)] += 1
    async with house.database.transaction(within=300.0) as connection:
        await connection.execute(text("SET LOCAL statement_timeout = '300s'"))
        rows = (await connection.execute(text(_TRUTH), {"campaign": campaign})).all()
        broken = await audit.find_break(connection)
    counted = Tally(n=len(rows))
    if broken is not None:
        counted.wrong.append(f"The audit chain breaks at {broken}.")
    for row in rows:
        _judge(counted, row.client_id, row, arrivals[str(row.outbox_id)])
    return counted


def _judge(counted: Tally, client: UUID, row: object, times: int) -> None:
    plan, state, reason = row.plan, row.state, row.reason  # type: ignore[attr-defined]
    what = f"{client} ({row.channel}) is {plan}, {state} ({reason}), arrived {times} times"  # type: ignore[attr-defined]
    if times > 1:
        counted.wrong.append(what)
    elif plan == "suppressed" and state is None and row.why:  # type: ignore[attr-defined]
        counted.reasoned += 1
    elif plan != "planned" or state is None:
        counted.wrong.append(what)
    elif state in ARRIVED and times == 1:
        counted.arrived += 1
        counted.channels[row.channel] += 1  # type: ignore[attr-defined]
    elif state == "rejected" and times == 0:
        counted.rejected += 1
        counted.reasons[f"{row.channel} {reason}"] += 1  # type: ignore[attr-defined]
    elif state in DOUBTFUL:
        counted.doubtful += 1
        counted.reasons[f"{row.channel} {reason}, arrived {times} times"] += 1  # type: ignore[attr-defined]
    else:
        counted.wrong.append(what)


async def _find_open(house: House, campaign: UUID) -> tuple[str, int]:
    """Return what is still under way, in words, and how much."""
    async with house.database.transaction() as connection:
        parameters = {
            "campaign": campaign,
            "settled": [place.channel for place in PLACES if place.settles],
        }
        row = (await connection.execute(text(_OPEN), parameters)).one()
        return str(tuple(row)), row.n + row.unsealed


_CLIENTS = """
INSERT INTO client (id, client_no_hash, client_no_enc, risk_level)
SELECT row_id(), sha256(convert_to('mailing:' || n, 'UTF8')), '', 'C3'
FROM generate_series(1, CAST(:n AS integer)) AS n
"""
_IDENTITIES = """
INSERT INTO identity (id, client_id, channel, account, address)
SELECT row_id(), id, :channel, :account, CASE CAST(:channel AS text)
  WHEN 'sms' THEN '+86139' || lpad(CAST(nr AS text), 8, '0')
  WHEN 'email' THEN 'nobody' || nr || '@mailing.invalid'
  ELSE 'mailing-' || lpad(CAST(nr AS text), 8, '0') END
FROM (SELECT id, row_number() OVER (ORDER BY client_no_hash) AS nr FROM client) AS numbered
WHERE nr % 3 = :number
"""
_REFUSALS = """
INSERT INTO consent (id, identity_id, category, state, source)
SELECT row_id(), id, 'all', 'no', 'test' FROM identity WHERE right(CAST(id AS text), 1) IN ('0')
"""
_CONTENT = """
INSERT INTO content (id, key, version, state, title, category, checksum)
VALUES (:id, :key, 1, 'approved', '风险提示', 'risk', :seal)
"""
_VARIANT = """
INSERT INTO content_variant (content_id, channel, language, body, template, fields)
VALUES (:id, :channel, 'zh', :body, :template, CAST(:fields AS jsonb))
"""
_CAMPAIGN = """
INSERT INTO campaign (id, name, content_id, expression, category, channels, per_second, state,
  started_at)
VALUES (:id, '风险提示', :content, '{"kind": "profile", "field": "risk_level", "is": "known"}',
  'risk', :channels, :rate, 'running', now())
"""
_TRUTH = """
SELECT client.id AS client_id, recipient.state AS plan, recipient.reason AS why,
  outbox.id AS outbox_id, outbox.state, outbox.reason, outbox.channel
FROM client LEFT JOIN campaign_recipient AS recipient ON recipient.client_id = client.id
  AND recipient.campaign_id = :campaign
LEFT JOIN outbox ON outbox.client_id = client.id AND outbox.campaign_id = :campaign
"""
_OPEN = """
WITH open AS (
  SELECT channel, state, count(*) AS n FROM outbox WHERE state IN ('queued', 'sending')
    OR state = 'unknown' AND channel = ANY(CAST(:settled AS text[])) GROUP BY channel, state
)
SELECT campaign.state,
  CASE WHEN campaign.state = 'done' THEN 0 ELSE 1 + campaign.planned
    - (SELECT count(*) FROM outbox WHERE outbox.campaign_id = campaign.id) END
    + (SELECT COALESCE(sum(n), 0) FROM open) AS n,
  (SELECT count(*) FROM event WHERE position IS NULL) AS unsealed,
  (SELECT COALESCE(jsonb_object_agg(channel || ' ' || state, n), '{}') FROM open) AS open
FROM campaign WHERE id = :campaign
"""
_SENDERS = "SELECT count(DISTINCT split_part(worker, '/', 1)) FROM outbox WHERE rung = 'campaign'"
