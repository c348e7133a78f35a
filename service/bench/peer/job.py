"""What every peer does for one recipient: the same checks and the same two commits as we do.

Before the call: still consents, suitable, below the cap? Then the message is kept as `sending` and
committed. After it: the outcome and the contact are kept and committed. The provider is null.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from psycopg import AsyncConnection, Connection

URL = os.environ.get("PEER_DATABASE", "")
WORDS = "您好，{}本周宏观与大宗商品周报已更新，请在 APP 查看。"

CHECK = """
SELECT identity.address FROM identity JOIN client ON client.id = identity.client_id
WHERE identity.id = %(identity)s AND NOT identity.is_blocked AND identity.is_subscribed
  AND COALESCE(client.risk_level, '') >= 'C2'
  AND NOT COALESCE(client.suitability_valid_until < CURRENT_DATE, false)
  AND identity.consents->>'marketing' = 'yes' AND NOT identity.consents @> '{"all": "no"}'
  AND (SELECT COALESCE(sum(n), 0) FROM contact_count WHERE client_id = client.id
    AND category = 'marketing' AND day > CURRENT_DATE - 7) < 3
"""
BEGIN = """
INSERT INTO outbox (id, campaign_id, client_id, arm, channel, account, address, author_kind, rung,
  state, attempts, sending_at)
VALUES (row_id(), %(campaign)s, %(client)s, 'a', 'sms', 'crowd', %(address)s, 'system', 'campaign',
  'sending', 1, now())
ON CONFLICT (campaign_id, client_id) WHERE campaign_id IS NOT NULL DO NOTHING RETURNING id
"""
END = """
WITH done AS (
  UPDATE outbox SET state = 'accepted', provider_id = %(provider)s, ended_at = now()
  WHERE id = %(id)s RETURNING client_id
)
INSERT INTO contact_count (client_id, category, day, n)
SELECT client_id, 'marketing', CURRENT_DATE, 1 FROM done
ON CONFLICT (client_id, category, day) DO UPDATE SET n = contact_count.n + 1
"""


def await_word() -> None:
    """Say that everything is imported and open, and wait for the word to begin."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


def call_provider(address: str, text: str) -> str:
    """Take a message, as our null provider does."""
    return f"{address}:{len(text)}"


def send(connection: Connection[Any], campaign: str, client: str, identity: str) -> None:
    """Do the job of one recipient on an autocommitting psycopg connection."""
    row = connection.execute(CHECK, {"identity": identity}).fetchone()
    if row is None:
        return
    known = {"campaign": campaign, "client": client, "address": row[0]}
    begun = connection.execute(BEGIN, known).fetchone()
    if begun is None:
        return
    provider = call_provider(row[0], WORDS.format("智达期货"))
    connection.execute(END, {"id": begun[0], "provider": provider})


async def send_async(
    connection: AsyncConnection[Any], campaign: str, client: str, identity: str
) -> None:
    """Do the same without holding a thread."""
    row = await (await connection.execute(CHECK, {"identity": identity})).fetchone()
    if row is None:
        return
    known = {"campaign": campaign, "client": client, "address": row[0]}
    begun = await (await connection.execute(BEGIN, known)).fetchone()
    if begun is None:
        return
    provider = call_provider(row[0], WORDS.format("智达期货"))
    await connection.execute(END, {"id": begun[0], "provider": provider})
