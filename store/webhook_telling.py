"""What happened, made into deliveries: one statement from happenings to every webhook's own."""

# ruff: noqa: S608 - what is put together here are constants; every value is bound.
from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from kernel.happening import (
    CAMPAIGN_ENDED,
    CAMPAIGN_SENT,
    MESSAGE_WRITTEN,
    NOTICE_MOVED,
    OUTBOX_MOVED,
    SUBSCRIBED,
    TICKET_MOVED,
    UNSUBSCRIBED,
)
from store.campaign import MOVED as CAMPAIGN_MOVED
from store.engine import Connection
from store.notice_view import ORDERED_KEYS

VERBS: Final = (
    OUTBOX_MOVED,
    MESSAGE_WRITTEN,
    NOTICE_MOVED,
    CAMPAIGN_SENT,
    CAMPAIGN_ENDED,
    CAMPAIGN_MOVED,
    SUBSCRIBED,
    UNSUBSCRIBED,
    TICKET_MOVED,
)
"""What may be of interest to a webhook."""


async def record(connection: Connection, positions: Sequence[int]) -> int:
    """Write the deliveries of the happenings at these positions; return how many.

    A webhook gets the kinds that it asked for, and of orders only those of its own source. What is
    written holds ids, states and times; the client's number is opened when it is sent.
    """
    rows = await connection.execute(_TELL, {"positions": list(positions)})
    return len(rows.all())


_MESSAGES = """
SELECT event.id, event.position, event.at, COALESCE(notice.id, outbox.id) AS subject_id,
  notice.id AS notice_id, COALESCE(notice.client_id, outbox.client_id) AS client_id,
  CASE WHEN notice.id IS NULL THEN 'campaign_message.' ELSE 'message.' END
    || CASE event.after->>'state' WHEN 'rejected' THEN 'failed' ELSE event.after->>'state' END
    AS kind,
  jsonb_build_object('message', jsonb_build_object('id', outbox.id, 'channel', outbox.channel,
      'rung', outbox.rung, 'state', event.after->'state', 'reason', event.after->'code'))
    || CASE WHEN notice.id IS NULL
      THEN jsonb_build_object('campaign', jsonb_build_object('id', outbox.campaign_id))
      ELSE '{}' END AS body
FROM happened AS event
JOIN outbox ON outbox.id = CAST(CASE event.verb WHEN 'outbox_moved' THEN event.subject_id
  WHEN 'message_written' THEN event.after->>'outbox_id' END AS uuid)
LEFT JOIN LATERAL (
  SELECT id, client_id FROM notice AS own WHERE own.id = outbox.notice_id
  UNION ALL SELECT id, client_id FROM notice AS carried WHERE carried.carrier_id = outbox.notice_id
) AS notice ON true
WHERE event.verb IN ('outbox_moved', 'message_written')
  AND event.after->>'state' IN ('accepted','delivered','read','rejected','failed','expired')
  AND (notice.id IS NOT NULL OR outbox.campaign_id IS NOT NULL)"""

_NOTICES = """
SELECT event.id, event.position, event.at, notice.id, notice.id, notice.client_id,
  'notice.' || (event.after->>'state'),
  jsonb_build_object('notice', jsonb_build_object('state', event.after->'state',
    'how', event.after->'how', 'reason', event.after->'why'))
FROM happened AS event JOIN notice
  ON notice.id = CAST(CASE event.verb WHEN 'notice_moved' THEN event.subject_id END AS uuid)
WHERE event.verb = 'notice_moved'"""

_CAMPAIGNS = """
SELECT event.id, event.position, event.at, campaign.id, NULL, NULL,
  CASE event.verb WHEN 'campaign_sent' THEN 'campaign.sent' ELSE 'campaign.ended' END,
  jsonb_build_object('campaign', jsonb_build_object('id', campaign.id, 'name', campaign.name)
    || CASE event.verb WHEN 'campaign_sent' THEN jsonb_build_object('counts', event.after)
      ELSE jsonb_build_object('state', event.after->'state', 'planned', campaign.planned) END)
FROM happened AS event JOIN campaign
  ON campaign.id = CAST(CASE event.subject_kind WHEN 'campaign' THEN event.subject_id END AS uuid)
WHERE (event.verb = 'campaign_ended'
    OR (event.verb = 'campaign_moved' AND event.after->>'state' = 'cancelled')
    OR (event.verb = 'campaign_sent' AND event.after->'sending' IS NULL))"""

_CONSENTS = """
SELECT event.id, event.position, event.at, identity.id, NULL, identity.client_id,
  'consent.' || event.verb,
  jsonb_build_object('consent', jsonb_build_object('channel', identity.channel,
    'category', event.after->'category', 'state', event.after->'state'))
FROM happened AS event JOIN identity ON identity.id
  = CAST(CASE event.subject_kind WHEN 'identity' THEN event.subject_id END AS uuid)
WHERE event.verb IN ('subscribed', 'unsubscribed') AND identity.client_id IS NOT NULL"""

_TICKETS = """
SELECT event.id, event.position, event.at, ticket.id, NULL, ticket.client_id, 'ticket.closed',
  jsonb_build_object('ticket', jsonb_build_object('id', ticket.id, 'number', ticket.number,
    'kind', ticket.kind, 'reason', ticket.reason, 'opened_at', ticket.opened_at,
    'resolved_at', ticket.resolved_at, 'closed_at', ticket.closed_at))
FROM happened AS event JOIN ticket
  ON ticket.id = CAST(CASE event.verb WHEN 'ticket_moved' THEN event.subject_id END AS uuid)
WHERE event.verb = 'ticket_moved' AND event.after->>'state' = 'closed'"""

_ORDERED = ORDERED_KEYS.format(notice="told.notice_id", source="webhook.source")

_TELL = text(f"""
WITH happened AS (
  SELECT * FROM event WHERE position = ANY(CAST(:positions AS bigint[]))
), told (event_id, position, at, subject_id, notice_id, client_id, kind, body) AS (
  {_MESSAGES} UNION ALL {_NOTICES} UNION ALL {_CAMPAIGNS} UNION ALL {_CONSENTS}
  UNION ALL {_TICKETS}
)
INSERT INTO webhook_delivery
  (id, webhook_id, event_id, position, kind, subject_id, client_id, body)
SELECT row_id(), webhook.id, told.event_id, told.position, told.kind, told.subject_id,
  told.client_id, told.body || jsonb_build_object('at', told.at)
    || CASE WHEN told.notice_id IS NULL THEN '{{}}'
      ELSE jsonb_build_object('notice_id', told.notice_id, 'keys', ordered.keys) END
FROM told
JOIN webhook ON webhook.is_active AND told.kind = ANY(webhook.kinds)
  AND told.position > webhook.since
CROSS JOIN LATERAL ({_ORDERED}) AS ordered
WHERE told.notice_id IS NULL OR ordered.keys IS NOT NULL
ON CONFLICT (webhook_id, event_id, subject_id) DO NOTHING RETURNING id
""")
