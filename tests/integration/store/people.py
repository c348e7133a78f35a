"""Made-up clients with all that an audience may ask for, and a plain evaluator over them."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from kernel.ids import new_id
from store.engine import Connection
from store.expression_field import PROFILE, TIER, Known
from store.tables.campaign import campaign_recipient
from store.tables.client import client, identity
from store.tables.client_event import client_event
from store.tables.content import click, content, link
from store.tables.outbox import outbox
from store.tables.profile import client_figure, client_tag, client_tier

N = 120
NOW = datetime.now(UTC)
TODAY = NOW.date()
CAMPAIGN = UUID(int=77)
LEVELS = ["C1", "C2", "C3", "C4", "C5"]
INSTRUMENTS = ["rb", "IF", "au", "m'; DROP TABLE client; --"]
TAGS = ["黄金", "期权", "打新"]
TYPES = ["deposit_settled", "login", "complaint"]
CHANNELS = ["sms", "wechat", "push"]
LAYERS = ["core", "growing", "silent"]
REAL = {name for name, one in {**PROFILE, **TIER}.items() if one.type == "real"}


@dataclass
class Person:
    """A generated client as the evaluator sees it."""

    id: UUID
    facts: dict[str, Any]
    tier: dict[str, Any] | None
    tags: set[str]
    events: list[tuple[str, float]]
    identities: list[dict[str, Any]]
    consents: list[tuple[str, str, str]]
    planned: str | None = None
    sent: str | None = None
    clicked: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


def make_people(seed: int) -> list[Person]:
    dice = random.Random(seed)
    return [_make_person(dice) for _ in range(N)]


def _make_person(dice: random.Random) -> Person:
    def maybe(value: Any) -> Any:
        return value if dice.random() < 0.7 else None

    facts: dict[str, Any] = {
        "risk_level": maybe(dice.choice(LEVELS)),
        "suitability_valid_until": maybe(TODAY + timedelta(days=dice.randint(-40, 40))),
        "investor_class": maybe(dice.choice(["ordinary", "professional"])),
        "client_stage": maybe(dice.choice(["new", "active"])),
        "manager": maybe(dice.choice(["甲", "乙"])),
        "timezone": dice.choice(["Asia/Shanghai", "Europe/London"]),
        "instruments": dice.sample(INSTRUMENTS, dice.randint(0, 2)),
    }
    figures: dict[str, Any] = {
        "assets": maybe(dice.choice([0, 1000, 50000])),
        "margin_usage": maybe(dice.choice([0.1, 0.8, 0.95])),
        "drawdown": maybe(dice.choice([0.1, 0.2, 0.3])),
        "trades_90d": dice.choice([0, 1, 20]),
        "opened_at": maybe(dice.choice([1, 5, 40, 400])),
        "last_active_at": maybe(dice.choice([1, 29, 31, 90])),
    }
    tier = {
        "layer": dice.choice(LAYERS),
        "recency": dice.randint(1, 5),
        "churn_risk": dice.choice([0.1, 0.5, 0.9]),
        "credit_risk": maybe("low"),
        "stage": dice.choice(["new", "mature"]),
    }
    identities = [
        {"channel": one, "ok": dice.random() < 0.7}
        for one in dice.sample(CHANNELS, dice.randint(0, 3))
    ]
    consents: list[tuple[str, str, str]] = [
        (str(one["channel"]), category, dice.choice(["yes", "no"]))
        for one in identities
        for category in ("marketing", "all")
        if dice.random() < 0.4
    ]
    person = Person(
        new_id(),
        facts | (figures if dice.random() < 0.85 else {}),
        maybe(tier),
        {one for one in TAGS if dice.random() < 0.3},
        [(dice.choice(TYPES), dice.choice([0.5, 6, 8, 29, 31])) for _ in range(dice.randint(0, 4))],
        identities,
        consents,
    )
    if "assets" not in person.facts:
        person.extra["no_figure"] = True
    person.planned = dice.choice([None, "planned", "suppressed", "withheld"])
    person.sent = dice.choice([None, "accepted", "read", "failed"])
    person.clicked = person.sent is not None and dice.random() < 0.5
    return person


async def keep_people(connection: Connection, people: list[Person]) -> None:
    page = await _keep_link(connection)
    for number, one in enumerate(people):
        await _keep(connection, one, number)
        await _keep_campaign(connection, one, page)


async def _keep(connection: Connection, one: Person, number: int) -> None:
    facts, names = one.facts, ("risk_level", "suitability_valid_until", "investor_class", "manager")
    row = {name: facts[name] for name in (*names, "timezone", "instruments")}
    row |= {"id": one.id, "client_no_hash": str(number).encode(), "client_no_enc": b""}
    await connection.execute(client.insert(), row | {"stage": facts["client_stage"]})
    if "no_figure" not in one.extra:
        figures: dict[str, Any] = {
            name: facts[name] for name in ("assets", "margin_usage", "drawdown", "trades_90d")
        }
        for name in ("opened_at", "last_active_at"):
            figures[name] = None if facts[name] is None else NOW - timedelta(days=facts[name])
        await connection.execute(client_figure.insert(), figures | {"client_id": one.id})
    if one.tier is not None:
        bands = dict.fromkeys(("asset_band", "frequency_band", "risk_band", "loyalty_band"), "x")
        rest = {"client_id": one.id, "frequency": 1, "monetary": 1} | bands
        await connection.execute(client_tier.insert(), one.tier | rest)
    for tag in one.tags:
        await connection.execute(
            client_tag.insert(), {"client_id": one.id, "tag": tag, "source": "test"}
        )
    gone = {"client_id": one.id, "tag": "过期", "source": "test", "expires_at": NOW}
    await connection.execute(client_tag.insert(), gone)
    for place, (type_, ago) in enumerate(one.events):
        event = {"id": new_id(), "source": "test", "source_key": f"{number}/{place}"}
        event |= {"client_no_hash": b"", "client_id": one.id, "type": type_}
        await connection.execute(client_event.insert(), event | {"at": NOW - timedelta(days=ago)})
    await _keep_identities(connection, one, number)


async def _keep_identities(connection: Connection, one: Person, number: int) -> None:
    for place in one.identities:
        row = {"id": new_id(), "client_id": one.id, "channel": place["channel"]}
        row |= {"account": "t", "address": str(number), "is_blocked": not place["ok"]}
        said = [word[1:] for word in one.consents if word[0] == place["channel"]]
        await connection.execute(identity.insert(), row | {"consents": dict(said)})


async def _keep_link(connection: Connection) -> UUID:
    words, page = new_id(), new_id()
    row = {"id": words, "key": "k", "version": 1, "title": "t", "category": "marketing"}
    await connection.execute(content.insert(), row)
    await connection.execute(link.insert(), {"id": page, "content_id": words, "url": "https://x"})
    return page


async def _keep_campaign(connection: Connection, one: Person, page: UUID) -> None:
    if one.planned:
        row = {"campaign_id": CAMPAIGN, "client_id": one.id, "state": one.planned}
        await connection.execute(campaign_recipient.insert(), row)
    if one.sent:
        sent = {"id": new_id(), "campaign_id": CAMPAIGN, "client_id": one.id, "channel": "sms"}
        sent |= {"account": "t", "address": "x", "author_kind": "system", "state": one.sent}
        await connection.execute(outbox.insert(), sent)
        if one.clicked:
            await connection.execute(click.insert(), {"outbox_id": sent["id"], "link_id": page})


def holds(node: Mapping[str, Any], one: Person) -> bool:
    kind = node["kind"]
    if kind == "all":
        return all(holds(each, one) for each in node["of"])
    if kind == "any":
        return any(holds(each, one) for each in node["of"])
    if kind == "not":
        return not holds(node["of"], one)
    if kind == "tag":
        return bool(one.tags & set(node["any"]))
    if kind == "event":
        times = sum(type_ == node["type"] and ago < node["days"] for type_, ago in one.events)
        return bool(times >= node["count"] if node["is"] == "at_least" else times <= node["count"])
    if kind == "channel":
        return any(at["channel"] == node["channel"] and at["ok"] for at in one.identities)
    if kind == "consent":
        return _consents(node, one)
    if kind == "campaign":
        if node["is"] == "planned":
            return one.planned in {"planned", "withheld"}
        return bool(one.sent in {"accepted", "read"} if node["is"] == "reached" else one.clicked)
    table = PROFILE if kind == "profile" else TIER
    values: dict[str, Any] = one.facts if kind == "profile" else one.tier or {}
    return _compares(table[node["field"]], node, values.get(node["field"]))


def _consents(node: Mapping[str, Any], one: Person) -> bool:
    said = [
        (category, state)
        for channel, category, state in one.consents
        if node.get("channel") in {None, channel}
    ]
    yes = (node["category"], "yes") in said
    no = (node["category"], "no") in said or ("all", "no") in said
    return {"yes": yes, "no": no, "unsaid": not yes and not no}[node["is"]]


def _compares(known: Known, node: Mapping[str, Any], value: Any) -> bool:
    operator: str = node["is"]
    wanted: Any = node.get("value")
    if operator in _SETS:
        return bool(_SETS[operator](value, wanted))
    if value is None:
        return False
    if known.type == "moment":
        return bool(value < wanted if operator == "within" else value >= wanted)
    if operator == "within_next":
        return bool(TODAY <= value <= TODAY + timedelta(days=wanted))
    if known.type == "day":
        day = date.fromisoformat(wanted)
        return bool(value >= day if operator == "from" else value <= day)
    if known.type == "real":
        value, wanted = _real(value), _real(wanted)
    return bool(_SIGNS[operator](value, wanted))


def _real(value: float) -> float:
    return float(struct.unpack("f", struct.pack("f", value))[0])


_SETS: dict[str, Callable[[Any, Any], bool]] = {
    "known": lambda a, _: a not in (None, []),
    "unknown": lambda a, _: a in (None, []),
    "has_any": lambda a, b: bool(set(a) & set(b)),
    "has_none": lambda a, b: not set(a) & set(b),
    "in": lambda a, b: a in b,
    "not_in": lambda a, b: a not in b,
}
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "at_least": lambda a, b: a >= b,
    "at_most": lambda a, b: a <= b,
    "above": lambda a, b: a > b,
    "below": lambda a, b: a < b,
    "equals": lambda a, b: a == b,
}
