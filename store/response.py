"""How clients answer on each channel: counted in slices of time, halved every 30 days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from store.engine import Connection
from store.reach import HALF_LIFE_DAYS

READER = "channel_response"
SETTLE = timedelta(minutes=5)
"""What began so long ago is committed, or never will be: a slice ends that far back."""
SHORTEST = timedelta(seconds=30)
LONGEST = timedelta(days=1)
LEARNT = "marketing"
"""The kind of message for which a preference is learnt: all else goes where it is answered best."""


@dataclass(frozen=True, slots=True)
class Response:
    """How a client answers on a channel, as of now; `rate` is from 0 to 1, a half if unknown."""

    channel: str
    sent: float
    answered: float
    failed: float
    last_inbound_at: datetime | None

    @property
    def rate(self) -> float:
        """Return how likely a message is answered, drawn to a half where little is known."""
        return min(1.0, (self.answered + 1) / (self.sent + self.failed + 2))


async def record_next(connection: Connection) -> timedelta:
    """Count the next slice of time and return how long it was; nothing once all is counted.

    Sent is what was handed to a provider; answered are reads, clicks and a client's own
    messages; failed is what a provider refused or reported as lost. One reader at a time.
    """
    await connection.execute(_OPEN, {"reader": READER})
    begun = (await connection.execute(_CLAIM, {"reader": READER})).one_or_none()
    if begun is None:
        return timedelta()
    now: datetime = begun.now
    since = now - LONGEST if begun.position == 0 else _to_moment(begun.position)
    until = min(since + LONGEST, now - SETTLE)
    if until - since < SHORTEST:
        return timedelta()
    parameters = {
        "since": since,
        "until": until,
        "first": _bound(since),
        "last": _bound(until),
        "half_life": HALF_LIFE_DAYS * 86_400,
    }
    await connection.execute(_RECORD, parameters)
    await connection.execute(_MOVE, {"reader": READER, "position": _to_position(until)})
    return until - since


async def learn(connection: Connection) -> int:
    """Make learnt preferences of the responses; return how many changed.

    What a client has stated of a kind of message is never touched, on any channel of it. A
    preference is forgotten once next to nothing is left of what it was learnt from.
    """
    parameters = {"category": LEARNT, "half_life": HALF_LIFE_DAYS * 86_400}
    forgotten = await connection.execute(_FORGET, parameters)
    learnt = await connection.execute(_LEARN, parameters)
    return forgotten.rowcount + learnt.rowcount


async def find(connection: Connection, client_id: UUID) -> list[Response]:
    """Return how a client answers on each channel, decayed to this moment."""
    parameters = {"client": client_id, "half_life": HALF_LIFE_DAYS * 86_400}
    rows = await connection.execute(_FIND, parameters)
    return [Response(*row) for row in rows]


def _bound(moment: datetime) -> UUID:
    """Return the least UUID version 7 of a moment: what came before has a smaller one."""
    return UUID(int=(int(moment.timestamp() * 1000) << 80) | (0x7 << 76) | (0b10 << 62))


def _to_position(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def _to_moment(position: int) -> datetime:
    return datetime.fromtimestamp(position / 1_000_000, UTC)


_FADE = "power(0.5, GREATEST(0, EXTRACT(epoch FROM {until} - {as_of})) / :half_life)"
_FADED = _FADE.format(until="now()", as_of="as_of")
_OPEN = text("INSERT INTO event_cursor (reader) VALUES (:reader) ON CONFLICT DO NOTHING")
_CLAIM = text("""
SELECT position, now() AS now FROM event_cursor WHERE reader = :reader FOR UPDATE SKIP LOCKED
""")
_MOVE = text("UPDATE event_cursor SET position = :position WHERE reader = :reader")
_RECORD = text(f"""
WITH talked AS (
  SELECT identity.client_id, message.channel, count(*) AS n, max(received_at) AS at
  FROM message JOIN conversation ON conversation.id = message.conversation_id
  JOIN identity ON identity.id = conversation.identity_id
  WHERE message.id >= :first AND message.id < :last AND direction = 'in'
    AND identity.client_id IS NOT NULL
  GROUP BY 1, 2
), handed AS (
  SELECT COALESCE(outbox.client_id, identity.client_id) AS client_id, outbox.channel,
    count(*) AS n, count(*) FILTER (WHERE state IN ('failed','rejected')) AS lost
  FROM outbox LEFT JOIN conversation ON conversation.id = outbox.conversation_id
  LEFT JOIN identity ON identity.id = conversation.identity_id
  WHERE sending_at >= :since AND sending_at < :until GROUP BY 1, 2
), told AS (
  SELECT COALESCE(outbox.client_id, identity.client_id) AS client_id, outbox.channel,
    count(DISTINCT outbox.id) FILTER (WHERE receipt.status = 'read') AS n,
    count(DISTINCT outbox.id) FILTER (
      WHERE receipt.status = 'failed' AND sending_at < :since) AS lost
  FROM receipt JOIN outbox ON outbox.id = receipt.outbox_id
  LEFT JOIN conversation ON conversation.id = outbox.conversation_id
  LEFT JOIN identity ON identity.id = conversation.identity_id
  WHERE receipt.received_at >= :since AND receipt.received_at < :until
    AND receipt.status IN ('read','failed')
  GROUP BY 1, 2
), clicked AS (
  SELECT outbox.client_id, outbox.channel, count(DISTINCT outbox.id) AS n
  FROM click JOIN outbox ON outbox.id = click.outbox_id
  WHERE click.at >= :since AND click.at < :until GROUP BY 1, 2
), slice AS (
  SELECT client_id, channel, sum(sent) AS sent, sum(answered) AS answered,
    sum(failed) AS failed, max(at) AS at
  FROM (
    SELECT client_id, channel, 0 AS sent, n AS answered, 0 AS failed, at FROM talked UNION ALL
    SELECT client_id, channel, n - lost, 0, lost, NULL FROM handed UNION ALL
    SELECT client_id, channel, 0, n, lost, NULL FROM told UNION ALL
    SELECT client_id, channel, 0, n, 0, NULL FROM clicked) AS parts
  WHERE client_id IS NOT NULL GROUP BY 1, 2
)
INSERT INTO channel_response AS old (client_id, channel, sent, answered, failed, last_inbound_at,
  as_of)
SELECT slice.client_id, channel, sent, answered, failed, at, :until FROM slice
JOIN client ON client.id = slice.client_id ORDER BY slice.client_id, channel
ON CONFLICT (client_id, channel) DO UPDATE SET
  sent = old.sent * {_FADE.format(until="EXCLUDED.as_of", as_of="old.as_of")} + EXCLUDED.sent,
  answered = old.answered * {_FADE.format(until="EXCLUDED.as_of", as_of="old.as_of")}
    + EXCLUDED.answered,
  failed = old.failed * {_FADE.format(until="EXCLUDED.as_of", as_of="old.as_of")}
    + EXCLUDED.failed,
  last_inbound_at = GREATEST(old.last_inbound_at, EXCLUDED.last_inbound_at),
  as_of = GREATEST(old.as_of, EXCLUDED.as_of)
""")  # noqa: S608  (constants)
_FORGET = text(f"""
DELETE FROM preference WHERE category = :category AND origin = 'learned' AND NOT EXISTS (
  SELECT 1 FROM channel_response AS response
  WHERE response.client_id = preference.client_id AND response.channel = preference.channel
    AND (sent + answered + failed) * {_FADED} >= 0.1)
""")  # noqa: S608  (constants)
_LEARN = text(f"""
INSERT INTO preference AS old (client_id, category, channel, weight, origin)
SELECT client_id, :category, channel,
  CAST(round(CAST(100 * LEAST(1, (answered * part + 1) / ((sent + failed) * part + 2))
    AS numeric)) AS integer), 'learned'
FROM channel_response AS response CROSS JOIN LATERAL (SELECT {_FADED} AS part) AS fading
WHERE (sent + answered + failed) * part >= 0.1 AND NOT EXISTS (
  SELECT 1 FROM preference AS stated WHERE stated.client_id = response.client_id
    AND stated.category = :category AND stated.origin = 'stated')
ON CONFLICT (client_id, category, channel) DO UPDATE SET weight = EXCLUDED.weight
WHERE old.origin = 'learned' AND old.weight <> EXCLUDED.weight
""")  # noqa: S608  (constants)
_FIND = text(f"""
SELECT channel, sent * {_FADED}, answered * {_FADED}, failed * {_FADED}, last_inbound_at
FROM channel_response WHERE client_id = :client ORDER BY channel
""")  # noqa: S608  (constants)
