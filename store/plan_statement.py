"""The statement of a plan: everyone of the audience, each with a way or a reason.

`{where}` is the audience's expression over `client`, `figure` and `tier`. The ways of a client
are judged first, the best of those that are free is taken; what is about the client itself
(suitability, cap) counts before what is about a way. `{lacking}` and `{people}` look at what the
content needs of a client's record, where it needs anything.
"""

from __future__ import annotations

PLAN = """
WITH place AS (
  SELECT * FROM unnest(CAST(:places AS smallint[]), CAST(:channels AS text[]),
    CAST(:accounts AS text[]), CAST(:ranks AS integer[]), CAST(:words AS boolean[]),
    CAST(:windows AS boolean[]))
    AS place (place, channel, account, rank, has_words, needs_window)
), zone AS (
  SELECT * FROM unnest(CAST(:zones AS text[]), CAST(:days AS date[]),
    CAST(:dues AS timestamptz[])) AS zone (name, today, due_at)
), wished AS (
  SELECT client_id, channel, weight FROM preference
  WHERE client_id > :after AND client_id <= :upto AND category = :category
), tired AS (
  SELECT client_id FROM contact_count
  WHERE client_id > :after AND client_id <= :upto AND category = :category
    AND day > CAST(:cap_since AS date)
  GROUP BY client_id HAVING sum(n) >= :cap
), way AS (
  SELECT identity.client_id, identity.id AS identity_id, place.place, place.rank,
    COALESCE(wished.weight, 0) AS weight,
    CASE WHEN NOT place.has_words THEN 'no_variant'
      WHEN place.needs_window AND (SELECT COALESCE(sum("window".quota - "window".used), 0)
        FROM conversation JOIN "window" ON "window".conversation_id = conversation.id
        WHERE conversation.identity_id = identity.id AND "window".expires_at > now())
        <= CAST(:kept AS integer) THEN 'window'
      WHEN identity.is_blocked THEN 'blocked'
      WHEN NOT identity.is_subscribed THEN 'unsubscribed'
      WHEN wished.weight < 0 THEN 'not_wanted'
      WHEN 'no' IN (identity.consents->>'all', identity.consents->>:category) THEN 'refused'
      WHEN :category = 'marketing' AND NOT jsonb_exists(identity.consents, :category)
        THEN 'no_consent'{lacking}
    END AS reason
  FROM identity JOIN place ON place.channel = identity.channel
    AND place.account = identity.account{people}
  LEFT JOIN wished ON wished.client_id = identity.client_id
    AND wished.channel = identity.channel
  WHERE identity.client_id > :after AND identity.client_id <= :upto
), best AS (
  SELECT DISTINCT ON (client_id) client_id, identity_id, place, reason FROM way
  ORDER BY client_id, (reason IS NOT NULL), weight DESC, rank, identity_id
), planned AS (
  INSERT INTO campaign_recipient
    (campaign_id, client_id, identity_id, place, arm, state, reason, due_at)
  SELECT :campaign, client.id, best.identity_id, best.place,
    (CAST(:arms AS text[]))[1 + CASE WHEN cardinality(CAST(:bounds AS float8[])) = 0 THEN 0
      ELSE width_bucket((uuid_hash_extended(client.id, :arm_seed) & 16777215) / 16777216.0::float8,
        CAST(:bounds AS float8[])) END],
    CASE WHEN verdict.reason = 'hold_out' THEN 'withheld'
      WHEN verdict.reason IS NOT NULL THEN 'suppressed'
      WHEN calm.due_at IS NOT NULL THEN 'held' ELSE 'planned' END,
    CASE WHEN verdict.reason IS NOT NULL THEN verdict.reason
      WHEN calm.due_at IS NOT NULL THEN 'quiet_hours' END,
    CASE WHEN verdict.reason IS NULL THEN calm.due_at END
  FROM client
  LEFT JOIN client_figure AS figure ON figure.client_id = client.id
    AND figure.client_id > :after AND figure.client_id <= :upto
  LEFT JOIN client_tier AS tier ON tier.client_id = client.id
    AND tier.client_id > :after AND tier.client_id <= :upto
  LEFT JOIN best ON best.client_id = client.id
  LEFT JOIN tired ON tired.client_id = client.id
  LEFT JOIN zone ON zone.name = client.timezone
  CROSS JOIN LATERAL (SELECT CASE WHEN zone.name IS NULL THEN CAST(:due AS timestamptz)
    ELSE zone.due_at END AS due_at) AS calm
  CROSS JOIN LATERAL (SELECT CASE
    WHEN CAST(:min_risk AS text) IS NOT NULL
      AND COALESCE(client.risk_level, '') < :min_risk THEN 'not_suitable'
    WHEN CAST(:min_risk AS text) IS NOT NULL
      AND client.suitability_valid_until < COALESCE(zone.today, CAST(:today AS date))
      THEN 'suitability_expired'
    WHEN tired.client_id IS NOT NULL THEN 'over_cap'
    WHEN best.client_id IS NULL THEN 'no_address'
    WHEN best.reason IS NOT NULL THEN best.reason
    WHEN calm.due_at >= CAST(:not_after AS timestamptz) THEN 'too_late'
    WHEN (uuid_hash_extended(client.id, :seed) & 16777215)
      < CAST(:hold_out AS float8) * 16777216 THEN 'hold_out'
    END AS reason) AS verdict
  WHERE client.id > :after AND client.id <= :upto AND client.merged_into IS NULL
    AND ({where})
  ORDER BY client.id
  ON CONFLICT DO NOTHING RETURNING place, state, reason
)
SELECT state, place, reason, count(*) AS n FROM planned GROUP BY state, place, reason
"""
