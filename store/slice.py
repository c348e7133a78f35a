"""The statement of a slice: who is next, may each still get it, and what becomes of each.

The checks are those of the plan (store/plan_statement.py) once more, for what was true then may not
be now (store/verdict.py).
The messages are one row of `campaign_slice` until their calls have ended.
"""

from __future__ import annotations

from sqlalchemy import text

from store.verdict import JUDGED

STEADY = text("""
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)
""")
"""For the transactions of a slice: it goes by keys, whatever the statistics of a table that was
empty a minute ago say, and however long its plan is kept."""

_TAKE = f"""
{JUDGED}, sent AS MATERIALIZED (
  SELECT row_id() AS id, client_id, address, arm, today FROM judged
  WHERE reason IS NULL AND due_at IS NULL AND (SELECT id FROM outbox
    WHERE outbox.campaign_id = :campaign AND outbox.client_id = judged.client_id) IS NULL
), under_way AS (
  INSERT INTO campaign_slice (id, campaign_id, content_id, channel, account, worker, sending_at,
    not_after, ids, client_ids, addresses, arms)
  SELECT :slice, :campaign, :content, :channel, :account, :worker, clock_timestamp(), :not_after,
    array_agg(id), array_agg(client_id), array_agg(address), array_agg(arm)
  FROM sent HAVING count(*) > 0
), counted AS (
  INSERT INTO contact_count (client_id, category, day, n)
  SELECT client_id, :category, today, 1 FROM sent
  ON CONFLICT (client_id, category, day) DO UPDATE SET n = contact_count.n + 1
), {{moved}}
SELECT id, client_id, address, arm, NULL AS language, 0 AS picked, 0 AS refused FROM sent
UNION ALL SELECT NULL, client_id, NULL, NULL, language, 0, 0 FROM judged
  WHERE language IS NOT NULL AND reason IS NULL
UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, (SELECT count(*) FROM judged),
  (SELECT count(*) FROM judged WHERE reason IS NOT NULL)
"""  # noqa: S608  (constants)

_REFUSED = """refused AS (
  UPDATE campaign_recipient AS recipient
  SET state = CASE WHEN judged.reason IS NULL THEN 'held' ELSE 'suppressed' END,
    reason = COALESCE(judged.reason, 'quiet_hours'),
    due_at = CASE WHEN judged.reason IS NULL THEN judged.due_at END
  FROM judged WHERE recipient.campaign_id = :campaign
    AND recipient.client_id = ANY(ARRAY(
      SELECT client_id FROM judged WHERE reason IS NOT NULL OR due_at IS NOT NULL))
    AND recipient.client_id = judged.client_id
)"""
"""The array makes it go by the key: of a campaign planned a moment ago the statistics know nothing,
and PostgreSQL would read all of it for every slice."""

TAKE_NEXT = text(f"""
WITH share AS (
  SELECT share.* FROM campaign_share AS share
  JOIN campaign ON campaign.id = share.campaign_id AND campaign.state = 'running'
  WHERE share.campaign_id = :campaign AND share.place = :place AND share.first_client = :first
    AND share.state = 'open' AND share.worker = :worker FOR NO KEY UPDATE OF share
), picked AS MATERIALIZED (
  SELECT next.* FROM share CROSS JOIN LATERAL (
    SELECT client_id, identity_id, arm, 0 AS counted FROM campaign_recipient
    WHERE campaign_id = :campaign AND client_id > COALESCE(share.cursor, share.first_client)
      AND client_id <= share.last_client AND place = :place AND state = 'planned'
      AND due_at IS NULL
    ORDER BY client_id LIMIT :limit) AS next
), {
    _TAKE.format(
        moved=f'''{_REFUSED}, moved AS (
  UPDATE campaign_share AS mine
  SET cursor = COALESCE((SELECT client_id FROM picked ORDER BY client_id DESC LIMIT 1),
      mine.cursor),
    state = CASE WHEN (SELECT count(*) FROM picked) < :limit THEN 'done' ELSE 'open' END,
    lease_until = clock_timestamp() + make_interval(secs => :seconds)
  FROM share WHERE mine.campaign_id = share.campaign_id AND mine.place = share.place
    AND mine.first_client = share.first_client)'''
    )
}
""")  # noqa: S608

TAKE_HELD = text(f"""
WITH picked AS MATERIALIZED (
  SELECT client_id, identity_id, arm, 0 AS counted FROM campaign_recipient
  WHERE campaign_id = :campaign AND state = 'held' AND due_at <= now() AND place = :place
    AND EXISTS (SELECT 1 FROM campaign WHERE id = :campaign AND state = 'running')
  ORDER BY due_at LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED
), {
    _TAKE.format(
        moved=f'''{_REFUSED}, moved AS (
  UPDATE campaign_recipient AS recipient SET state = 'planned', reason = NULL
  WHERE recipient.campaign_id = :campaign AND recipient.client_id = ANY(ARRAY(
    SELECT client_id FROM judged WHERE reason IS NULL AND due_at IS NULL)))'''
    )
}
""")  # noqa: S608
"""Who was held keeps the time until when: the share's cursor, still before them, passes them by."""
