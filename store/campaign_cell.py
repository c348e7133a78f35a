"""What came of each arm of a campaign on each channel: a few statements over all, none a client.

The plan is read by its key, messages by the campaign's index; clicks, replies, refusals and deeds
are joined to these.
"""

# ruff: noqa: S608 - what is put together here are constants; every value is bound.
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, TextClause, text

from store.campaign_result import ANSWER_DAYS, GOAL_DAYS
from store.engine import Connection

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """An arm on a channel, in clients; `planned` are those who got it or shall get it.

    `held` of these wait for the end of their quiet hours. Who read was delivered to, and who was
    delivered to was sent to. `parts` are those of what was sent, as SMS. `converted` did what the
    goal is, None where it is a click or a reply.
    """

    arm: str
    channel: str
    planned: int = 0
    held: int = 0
    sent: int = 0
    parts: int = 0
    delivered: int = 0
    read: int = 0
    clicked: int = 0
    replied: int = 0
    unsubscribed: int = 0
    converted: int | None = None


async def find_cells(connection: Connection, campaign_id: UUID, goal: str) -> list[Cell]:
    """Return a campaign's cells, by arm and channel; the hold-out has none, for it got nothing."""
    parameters: dict[str, object] = {"campaign": campaign_id, "days": ANSWER_DAYS}
    statements: list[tuple[TextClause, dict[str, object]]] = [
        (one, parameters) for one in (_PLANNED, _SENT, _CLICKED, _REPLIED, _UNSUBSCRIBED)
    ]
    is_event = goal.startswith("event:")
    if is_event:
        asked = {"campaign": campaign_id, "days": GOAL_DAYS, "type": goal.removeprefix("event:")}
        statements.append((_CONVERTED, asked))
    cells: dict[Place, Cell] = {}
    for statement, bound in statements:
        rows = (await connection.execute(statement, bound)).mappings()
        _add(cells, rows, converted=0 if is_event else None)
    return [cells[place] for place in sorted(cells)]


def _add(cells: dict[Place, Cell], rows: Iterable[RowMapping], *, converted: int | None) -> None:
    for row in rows:
        place = row["arm"], row["channel"]
        before = cells.get(place) or Cell(*place, converted=converted)
        counts: dict[str, Any] = {str(name): n for name, n in row.items() if name not in _PLACE}
        cells[place] = replace(before, **counts)


_PLACE: Final = frozenset({"arm", "channel"})
_TAKEN: Final = "('accepted','delivered','read')"
_ARM: Final = "COALESCE({}.arm, 'a')"
_OF_MESSAGE: Final = f"{_ARM.format('outbox')} AS arm, outbox.channel"
_OF_PLAN: Final = f"{_ARM.format('recipient')} AS arm, place.channel"
_PLAN: Final = """campaign_recipient AS recipient
JOIN campaign_place AS place ON place.campaign_id = recipient.campaign_id
  AND place.place = recipient.place"""

_PLANNED = text(f"""
SELECT {_OF_PLAN}, count(*) AS planned,
  count(*) FILTER (WHERE recipient.state = 'held') AS held
FROM {_PLAN} WHERE recipient.campaign_id = :campaign AND recipient.state IN ('planned','held')
GROUP BY 1, 2
""")
_SENT = text(f"""
SELECT {_OF_MESSAGE}, count(*) FILTER (WHERE state IN {_TAKEN}) AS sent,
  COALESCE(sum(COALESCE(parts, 1)) FILTER (WHERE state IN {_TAKEN}), 0) AS parts,
  count(*) FILTER (WHERE state IN ('delivered','read')) AS delivered,
  count(*) FILTER (WHERE state = 'read') AS read
FROM outbox WHERE outbox.campaign_id = :campaign GROUP BY 1, 2
""")
_CLICKED = text(f"""
SELECT {_OF_MESSAGE}, count(DISTINCT click.outbox_id) AS clicked
FROM click JOIN outbox ON outbox.id = click.outbox_id
WHERE outbox.campaign_id = :campaign GROUP BY 1, 2
""")
_REPLIED = text(f"""
SELECT {_OF_MESSAGE}, count(DISTINCT outbox.id) AS replied FROM campaign
JOIN message ON message.author_kind = 'client' AND message.received_at > campaign.started_at
JOIN conversation ON conversation.id = message.conversation_id
JOIN identity ON identity.id = conversation.identity_id
JOIN outbox ON outbox.campaign_id = campaign.id AND outbox.client_id = identity.client_id
  AND outbox.channel = identity.channel AND outbox.state IN {_TAKEN}
  AND message.received_at > outbox.created_at
  AND message.received_at < outbox.created_at + :days * interval '1 day'
WHERE campaign.id = :campaign GROUP BY 1, 2
""")
_UNSUBSCRIBED = text(f"""
SELECT {_OF_PLAN}, count(DISTINCT recipient.client_id) AS unsubscribed
FROM {_PLAN} JOIN campaign ON campaign.id = recipient.campaign_id
JOIN consent ON consent.identity_id = recipient.identity_id AND consent.state = 'no'
  AND consent.category IN (campaign.category, 'all') AND consent.at > campaign.started_at
  AND consent.at < COALESCE(campaign.ended_at, now()) + :days * interval '1 day'
WHERE recipient.campaign_id = :campaign AND recipient.state = 'planned' GROUP BY 1, 2
""")
_CONVERTED = text(f"""
SELECT {_OF_MESSAGE}, count(DISTINCT outbox.id) AS converted FROM campaign
JOIN outbox ON outbox.campaign_id = campaign.id AND outbox.state IN {_TAKEN}
JOIN client_event ON client_event.client_id = outbox.client_id AND client_event.type = :type
  AND client_event.at > campaign.started_at
  AND client_event.at < campaign.started_at + :days * interval '1 day'
WHERE campaign.id = :campaign GROUP BY 1, 2
""")
