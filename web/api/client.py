"""The client's whole picture over HTTP: timeline, tiers, consents, preferences."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from aiohttp import web

from clients.consent import Consents
from clients.insight import Insight, Insights
from clients.tier import CREDIT_WORDS, STAGES
from clients.tier_reason import explain, explain_churn
from clients.timeline import Shown, Timelines
from kernel.errors import InvalidInput
from kernel.message import Json
from store.staff import Person
from store.ticket_view import Viewer
from store.tier import TierRow
from store.tier_rule import Rules
from store.timeline import KINDS
from web.access import parse_id
from web.api.desk import PersonHandler, read_number, signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns


@dataclass(frozen=True, slots=True)
class ClientDoor:
    """The routes under /v1/desk/clients that tell what is known and what happened."""

    signs: SignIns
    timelines: Timelines
    insights: Insights
    consents: Consents

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        one = "/v1/desk/clients/{id}"
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", one + "/timeline", self.timeline),
            ("GET", one + "/insight", self.insight),
            ("POST", one + "/preferences", self.state),
            ("POST", one + "/consents", self.record),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def timeline(self, request: web.Request, person: Person) -> web.Response:
        """Return a page of all that happened with the client, newest first."""
        kinds = [one for one in request.query.get("kinds", "").split(",") if one] or KINDS
        page = await self.timelines.find_page(
            to_viewer(person),
            parse_id(request.match_info["id"]),
            limit=read_number(request, "limit", 50),
            kinds=kinds,
            before=request.query.get("before", ""),
        )
        return answer_json(
            {"entries": [_show_entry(one) for one in page.entries], "next": page.next}
        )

    async def insight(self, request: web.Request, person: Person) -> web.Response:
        """Return figures, tiers with their reasons, tags, consents and preferences."""
        client_id = parse_id(request.match_info["id"])
        return answer_json(show_insight(await self.insights.find(to_viewer(person), client_id)))

    async def state(self, request: web.Request, person: Person) -> web.Response:
        """Keep which channels the client wants for a kind of message."""
        client_id = parse_id(request.match_info["id"])
        body = await read_json(request)
        category, weights = body.get("category"), body.get("weights")
        if (
            not isinstance(category, str)
            or not isinstance(weights, dict)
            or not all(
                isinstance(one, int) and not isinstance(one, bool) for one in weights.values()
            )
        ):
            raise InvalidInput(
                "Give category, and weights as whole numbers by channel.",
                zh="请填写类别与各渠道权重（整数）。",
            )
        await self.insights.state(to_viewer(person), client_id, category, weights)
        return answer_json({"ok": True})

    async def record(self, request: web.Request, person: Person) -> web.Response:
        """Keep a yes or no that the client told staff; return what counts now."""
        client_id = parse_id(request.match_info["id"])
        body = await read_json(request)
        words = await self.consents.record(to_viewer(person), client_id, body)
        return answer_json({"consents": [_plain_all(asdict(one)) for one in words]}, status=201)


def to_viewer(person: Person) -> Viewer:
    """Return a person as queries know them."""
    return Viewer(person.id, person.sees_all, person.sees_queue)


def show_insight(found: Insight) -> dict[str, Json]:
    """Return what is known of a client as the console shows it."""
    return {
        "figures": {name: _plain(value) for name, value in found.figures.items()},
        "tier": show_tier(found.tier, found.rules.rules) if found.tier else None,
        "why": _show_why(found.tier, found.rules.rules) if found.tier else None,
        "tags": [_plain_all(asdict(one)) for one in found.tags],
        "consents": [_plain_all(asdict(one)) for one in found.consents],
        "preferences": [_plain_all(asdict(one)) for one in found.preferences],
        "responses": [_plain_all(asdict(one)) | {"rate": one.rate} for one in found.responses],
    }


def show_tier(row: TierRow, rules: Rules) -> Json:
    """Return a client's tiers with the names that the rules give them."""
    words = {one.name: (one.zh, one.en) for one in rules.layers}
    bands = {
        "layer": words,
        "asset_band": {one.name: (one.zh, one.en) for one in rules.assets},
        "frequency_band": {one.name: (one.zh, one.en) for one in rules.frequency},
        "risk_band": {one.name: (one.zh, one.en) for one in rules.risk.bands},
        "loyalty_band": {one.name: (one.zh, one.en) for one in rules.loyalty.bands},
        "credit_risk": {one.name: (one.zh, one.en) for one in rules.credit.risk},
        "credit_size": {one.name: (one.zh, one.en) for one in rules.credit.size},
        "credit_term": CREDIT_WORDS,
        "credit_style": CREDIT_WORDS,
        "stage": STAGES,
    }
    reasons = {one.name: (one.zh, one.en) for one in rules.churn}
    return {
        "recency": row.recency,
        "frequency": row.frequency,
        "monetary": row.monetary,
        **{name: _name(getattr(row, name), known) for name, known in bands.items()},
        "churn_risk": round(row.churn_risk, 2),
        "churn_reasons": [_name(one, reasons) for one in row.churn_reasons],
        "computed_at": row.computed_at.isoformat(),
    }


def _show_why(row: TierRow, rules: Rules) -> Json:
    return {
        "tiers": {
            name: {"zh": why.rule[0], "en": why.rule[1], "figures": list(why.figures)}
            for name, why in explain(row, rules).items()
        },
        "churn": {
            name: {"figure": figure, "weight": weight}
            for name, (figure, weight) in explain_churn(row, rules).items()
        },
    }


def _name(name: str | None, known: object) -> Json:
    if name is None:
        return None
    zh, en = known.get(name, (name, name)) if isinstance(known, dict) else (name, name)
    return {"name": name, "zh": zh, "en": en}


def _show_entry(one: Shown) -> Json:
    entry = one.entry
    return {
        "kind": entry.kind,
        "id": entry.id,
        "at": entry.at.isoformat(),
        "title": {"zh": one.title[0], "en": one.title[1]},
        "detail": entry.detail,
        "text": entry.text,
    }


def _plain_all(parts: dict[str, object]) -> dict[str, Json]:
    return {name: _plain(value) for name, value in parts.items()}


def _plain(value: object) -> Json:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal | float):
        return round(float(value), 6)
    return value if isinstance(value, str | int) or value is None else str(value)
