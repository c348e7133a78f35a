"""What providers were asked and said about critical notices and is in no proof yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from kernel.message import Content
from store.body import try_content
from store.cipher import Cipher
from store.engine import Connection


@dataclass(frozen=True, slots=True)
class Called:
    """One call to a provider: with which content, and how it ended.

    `content` is None where its sealed cell does not open.
    """

    notice_id: UUID
    outbox_id: UUID
    attempt: int
    at: datetime
    channel: str
    account: str
    result: str
    code: str | None
    provider_id: str | None
    content: Content | None


@dataclass(frozen=True, slots=True)
class Heard:
    """One word about a message: a provider's receipt, or a link that its client followed."""

    notice_id: UUID
    outbox_id: UUID
    channel: str
    what: str
    at: datetime
    status: str
    name: str
    detail: str


async def find_called(
    connection: Connection, cipher: Cipher, notice_ids: Sequence[UUID]
) -> list[Called]:
    """Return calls whose end is known and that are in no proof yet, the earliest first."""
    rows = (await connection.execute(_CALLED, {"notices": list(notice_ids)})).all()
    return [
        Called(
            row.notice_id,
            row.outbox_id,
            row.n,
            row.at,
            row.channel,
            row.account,
            row.result,
            row.code,
            row.provider_id,
            try_content(cipher, row.body_enc, row.message_id),
        )
        for row in rows
    ]


async def find_heard(connection: Connection, notice_ids: Sequence[UUID]) -> list[Heard]:
    """Return receipts and followed links that are in no proof yet, the earliest first."""
    rows = await connection.execute(_HEARD, {"notices": list(notice_ids)})
    return [Heard(*row) for row in rows]


async def find_contents(connection: Connection, cipher: Cipher, notice_id: UUID) -> list[Content]:
    """Return what every message of a notice says whose sealed cell opens."""
    rows = await connection.execute(_CONTENTS, {"notice": notice_id})
    opened = (try_content(cipher, row.body_enc, row.id) for row in rows)
    return [one for one in opened if one is not None]


_CALLED = text("""
SELECT outbox.notice_id, attempt.outbox_id, attempt.n, attempt.at, outbox.channel, outbox.account,
  attempt.result, attempt.code, outbox.provider_id, message.body_enc, message.id AS message_id
FROM outbox JOIN attempt ON attempt.outbox_id = outbox.id
JOIN message ON message.id = outbox.message_id
WHERE outbox.notice_id = ANY(CAST(:notices AS uuid[])) AND attempt.result IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM proof WHERE proof.notice_id = outbox.notice_id
    AND what = 'called' AND detail->>'outbox' = CAST(outbox.id AS text)
    AND detail->>'attempt' = CAST(attempt.n AS text))
ORDER BY attempt.at, attempt.outbox_id
""")

_HEARD = text("""
SELECT * FROM (
  SELECT outbox.notice_id, outbox.id AS outbox_id, outbox.channel, 'receipt' AS what, receipt.at,
    receipt.status, receipt.provider_event_id AS name, receipt.detail
  FROM outbox JOIN receipt ON receipt.outbox_id = outbox.id
  WHERE outbox.notice_id = ANY(CAST(:notices AS uuid[]))
  UNION ALL
  SELECT outbox.notice_id, outbox.id, outbox.channel, 'link', click.at, 'followed',
    CAST(click.link_id AS text), ''
  FROM outbox JOIN click ON click.outbox_id = outbox.id
  WHERE outbox.notice_id = ANY(CAST(:notices AS uuid[]))
) AS word
WHERE NOT EXISTS (SELECT 1 FROM proof WHERE proof.notice_id = word.notice_id
  AND proof.what = word.what AND detail->>'outbox' = CAST(word.outbox_id AS text)
  AND detail->>'name' = word.name)
ORDER BY at, outbox_id, name
""")

_CONTENTS = text("""
SELECT message.id, message.body_enc FROM outbox JOIN message ON message.id = outbox.message_id
WHERE outbox.notice_id = :notice ORDER BY message.id
""")
