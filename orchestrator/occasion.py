"""Which client events make something that the client must know, and which ones cure it.

The lines are the broker's: a risk ratio above one asks for more margin (DESIGN §5).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, TypeAlias
from uuid import UUID

from kernel.message import Json
from store import margin, notice
from store.cipher import Cipher
from store.client_event import ClientEvent
from store.engine import Connection
from store.notice import NoticeDraft

SOURCE: Final = "client_event"
RATIO_LINE: Final = 1.0
"""Risk ratio, a part of one: above it margin must be added."""
DRAWDOWN_LINE: Final = 0.2
EXPIRES_DAYS: Final = 30.0
FEN: Final = 100
AGAIN_SECONDS: Final = 1_800.0
"""A client who was told of a margin call is told again after so long, if it still holds."""
DAY_SECONDS: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Cure:
    """What an event makes good: every live notice of this client about a topic."""

    client_id: UUID
    topic: str
    why: str


Occasion: TypeAlias = NoticeDraft | Cure | None


@dataclass(frozen=True, slots=True)
class Occasions:
    """The handler of events that raises and cancels notices, in the event's own transaction."""

    cipher: Cipher

    async def raise_for(self, connection: Connection, events: Sequence[ClientEvent]) -> None:
        """Raise what these events ask for and cancel what they cure; idempotent by event.

        Of what several events say about one topic of a client, the latest holds.
        """
        latest: dict[tuple[UUID, str], Occasion] = {}
        for event in sorted(events, key=lambda one: one.at):
            found = find_occasion(event)
            if found is not None:
                latest[found.client_id, found.topic or str(event.id)] = found
        drafts = [one for one in latest.values() if isinstance(one, NoticeDraft)]
        cures = [one for one in latest.values() if isinstance(one, Cure)]
        for (topic, why), clients in _group(cures).items():
            await notice.cancel_topic(connection, clients, topic, why)
        await margin.cancel_covered(connection, _find_deposits(events))
        await notice.raise_many(connection, self.cipher, drafts)


def find_occasion(event: ClientEvent) -> Occasion:
    """Return what an event asks for: a notice, a cure, or None."""
    found = _RULES.get(event.type)
    return found(event) if found else None


def margin_topic(event: ClientEvent) -> str:
    """Return the topic of a margin account: one live margin call for each."""
    return f"margin:{event.figures.get('account') or ''}"


def _judge_ratio(event: ClientEvent) -> Occasion:
    ratio = _number(event, "ratio")
    if ratio <= RATIO_LINE:
        return Cure(event.client_id, margin_topic(event), "ratio_restored")
    said: dict[str, Json] = {"risk_ratio": ratio}
    shortfall, reach_by = 0.0, None
    if event.figures.get("shortfall_fen") is not None:
        shortfall = _number(event, "shortfall_fen") / FEN
        said["shortfall"] = shortfall
    if event.figures.get("minutes_left") is not None:
        reach_by = event.at + timedelta(minutes=_number(event, "minutes_left"))
        said["deadline"] = reach_by.isoformat()
    call = _draft(event, "risk", "critical", "margin_call", said)
    return replace(
        call,
        topic=margin_topic(event),
        exposure=shortfall,
        reach_by=reach_by,
        again_after=AGAIN_SECONDS,
    )


def _judge_liquidation(event: ClientEvent) -> Occasion:
    said = {"instrument": event.figures["instrument"]} if "instrument" in event.figures else {}
    told = _draft(event, "risk", "critical", "forced_liquidation", said)
    return replace(told, exposure=_number(event, "amount_fen") / FEN)


def _judge_drawdown(event: ClientEvent) -> Occasion:
    ratio = _number(event, "ratio")
    if ratio <= DRAWDOWN_LINE:
        return None
    told = _draft(event, "risk", "high", "drawdown_alert", {"drawdown": ratio})
    return replace(told, topic="drawdown", again_after=DAY_SECONDS)


def _judge_permission(event: ClientEvent) -> Occasion:
    days, product = _number(event, "days_left"), str(event.figures.get("product", ""))
    if days > EXPIRES_DAYS:
        return None
    said: dict[str, Json] = {"days": int(days), "permission": product}
    told = _draft(event, "service", "high", "permission_expiring", said)
    return replace(told, topic=f"permission:{product}", again_after=7 * DAY_SECONDS)


def _judge_granted(event: ClientEvent) -> Occasion:
    return Cure(event.client_id, f"permission:{event.figures.get('product', '')}", "granted")


def _judge_suitability(event: ClientEvent) -> Occasion:
    days = _number(event, "days_left")
    if days > EXPIRES_DAYS:
        return None
    told = _draft(event, "service", "high", "suitability_expiring", {"days": int(days)})
    return replace(told, topic="suitability", again_after=7 * DAY_SECONDS)


def _judge_money(event: ClientEvent) -> Occasion:
    said: dict[str, Json] = {"amount": _number(event, "amount_fen") / FEN}
    return _draft(event, "account", "normal", event.type, said)


def _draft(
    event: ClientEvent, category: str, urgency: str, key: str, said: Mapping[str, Json]
) -> NoticeDraft:
    values = {"at": event.at.isoformat(), **said}
    return NoticeDraft(event.client_id, category, urgency, SOURCE, str(event.id), key, vars=values)


def _number(event: ClientEvent, name: str) -> float:
    value = event.figures.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _group(cures: Sequence[Cure]) -> dict[tuple[str, str], list[UUID]]:
    grouped: dict[tuple[str, str], list[UUID]] = {}
    for one in cures:
        grouped.setdefault((one.topic, one.why), []).append(one.client_id)
    return grouped


def _find_deposits(events: Sequence[ClientEvent]) -> list[tuple[UUID, float]]:
    """Return who brought how much money, in yuan."""
    brought = {"deposit_settled", "first_deposit"}
    return [
        (one.client_id, _number(one, "amount_fen") / FEN) for one in events if one.type in brought
    ]


_RULES: Final[Mapping[str, Callable[[ClientEvent], Occasion]]] = {
    "risk_ratio": _judge_ratio,
    "forced_liquidation": _judge_liquidation,
    "drawdown": _judge_drawdown,
    "permission_expiring": _judge_permission,
    "permission_granted": _judge_granted,
    "suitability_expiring": _judge_suitability,
    "deposit_settled": _judge_money,
    "withdrawal_settled": _judge_money,
}
