"""Where clients can be reached right now: addresses, their words on it, windows, past answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from kernel.message import Address
from store.engine import Connection

HALF_LIFE_DAYS = 30.0
"""After so long an answer counts half."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address of a client, and all that speaks for and against it.

    `said` are the client's words on categories here, `yes` or `no`; `weights` what the client
    prefers for a category on this channel. `answered`, `sent` and `failed` have decayed.
    """

    client_id: UUID
    identity_id: UUID
    address: Address
    language: str | None
    is_open: bool
    said: dict[str, str]
    weights: dict[str, int]
    sent: float
    answered: float
    failed: float
    last_inbound_at: datetime | None
    window_left: int
    is_tripped: bool


async def find_places(connection: Connection, client_ids: Sequence[UUID]) -> list[Place]:
    """Return every address of these clients, the newest binding first."""
    parameters = {"clients": list(client_ids), "half_life": HALF_LIFE_DAYS * 86_400}
    rows = (await connection.execute(_PLACES, parameters)).all()
    return [
        Place(
            row.client_id,
            row.identity_id,
            Address(row.channel, row.account, row.address),
            row.language,
            row.is_open,
            row.said or {},
            row.weights or {},
            row.sent,
            row.answered,
            row.failed,
            row.last_inbound_at,
            row.window_left,
            row.is_tripped,
        )
        for row in rows
    ]


async def record_voices(connection: Connection, client_ids: Sequence[UUID], account: str) -> None:
    """Let clients be called at the number of their SMS who have no address for calls yet."""
    await connection.execute(_VOICES, {"clients": list(client_ids), "account": account})


_PLACES = text("""
SELECT identity.client_id, identity.id AS identity_id,
  identity.channel, identity.account, identity.address,
  COALESCE(identity.language, conversation.language) AS language,
  identity.is_subscribed AND NOT identity.is_blocked AS is_open,
  identity.consents AS said,
  (SELECT jsonb_object_agg(category, weight) FROM preference
    WHERE preference.client_id = identity.client_id
      AND preference.channel = identity.channel) AS weights,
  COALESCE(response.sent * fading.part, 0) AS sent,
  COALESCE(response.answered * fading.part, 0) AS answered,
  COALESCE(response.failed * fading.part, 0) AS failed, response.last_inbound_at,
  COALESCE((SELECT sum(quota - used) FROM "window"
    WHERE "window".conversation_id = conversation.id AND expires_at > now()), 0) AS window_left,
  COALESCE(throttle.open_until > now(), false) AS is_tripped
FROM identity
LEFT JOIN conversation ON conversation.identity_id = identity.id
LEFT JOIN channel_response AS response ON response.client_id = identity.client_id
  AND response.channel = identity.channel
LEFT JOIN LATERAL (SELECT power(0.5, GREATEST(0, extract(epoch FROM now() - response.as_of))
  / :half_life) AS part) AS fading ON true
LEFT JOIN throttle ON throttle.channel = identity.channel AND throttle.account = identity.account
WHERE identity.client_id = ANY(CAST(:clients AS uuid[]))
ORDER BY identity.client_id, identity.bound_at DESC NULLS LAST, identity.id DESC
""")

_VOICES = text("""
INSERT INTO identity (id, client_id, channel, account, address, language, bound_at, from_book)
SELECT DISTINCT ON (sms.client_id) row_id(), sms.client_id, 'voice', :account, sms.address,
  sms.language, sms.bound_at, sms.from_book
FROM identity AS sms WHERE sms.client_id = ANY(CAST(:clients AS uuid[])) AND sms.channel = 'sms'
  AND NOT EXISTS (SELECT 1 FROM identity AS voice
    WHERE voice.client_id = sms.client_id AND voice.channel = 'voice')
ORDER BY sms.client_id, sms.bound_at DESC NULLS LAST
ON CONFLICT (channel, account, address) DO NOTHING
""")
