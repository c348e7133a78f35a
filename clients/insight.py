"""What is known of one client beside the card: figures, tiers, tags, consents, preferences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from clients.tier import RuleSet, find_rules
from kernel.errors import InvalidInput, NotFound
from kernel.happening import PREFERENCE_STATED, Happening
from store import audit, client_figure, client_tag, consent, preference, response, tier, timeline
from store.client_tag import Tag
from store.consent import Word
from store.engine import Connection, Database
from store.preference import Preference
from store.response import Response
from store.ticket_view import Viewer
from store.tier import TierRow

CATEGORIES: Final = ("account", "trade", "risk", "ticket", "service", "marketing")
CHANNELS: Final = ("chat", "wechat", "kf", "wecom", "sms", "email", "push", "voice")


@dataclass(frozen=True, slots=True)
class Insight:
    """A client in figures and words; `rules` name the layers and the reasons."""

    figures: Mapping[str, object]
    tier: TierRow | None
    rules: RuleSet
    tags: Sequence[Tag]
    consents: Sequence[Word]
    preferences: Sequence[Preference]
    responses: Sequence[Response]


@dataclass(frozen=True, slots=True)
class Insights:
    """Shows what is known of a client, and keeps what they say of themselves."""

    database: Database

    async def find(self, viewer: Viewer, client_id: UUID) -> Insight:
        """Return what is known of a client.

        Raises:
            NotFound: there is no such client, or the viewer may not see them.
        """
        async with self.database.transaction() as connection:
            await check_visible(connection, viewer, client_id)
            return Insight(
                figures=await client_figure.find(connection, client_id),
                tier=await tier.find(connection, client_id),
                rules=await find_rules(connection),
                tags=await client_tag.find(connection, client_id),
                consents=await consent.find_of_client(connection, client_id),
                preferences=await preference.find(connection, client_id),
                responses=await response.find(connection, client_id),
            )

    async def state(
        self, viewer: Viewer, client_id: UUID, category: str, weights: Mapping[str, int]
    ) -> None:
        """Keep which channels a client wants for a kind of message; below 0 is “not there”.

        Raises:
            InvalidInput: the kind or a channel is unknown, or a weight is not from -1 to 100.
            NotFound: there is no such client, or the viewer may not see them.
        """
        check_weights(category, weights)
        async with self.database.transaction() as connection:
            await check_visible(connection, viewer, client_id)
            before = [
                one
                for one in await preference.find(connection, client_id)
                if (one.category, one.origin) == (category, "stated")
            ]
            await preference.record_stated(connection, client_id, category, weights)
            happening = Happening(
                f"person:{viewer.person_id}",
                PREFERENCE_STATED,
                "client",
                client_id,
                before={
                    "category": category,
                    "weights": {one.channel: one.weight for one in before},
                },
                after={"category": category, "weights": dict(weights)},
            )
            await audit.record(connection, [happening])


async def check_visible(connection: Connection, viewer: Viewer, client_id: UUID) -> None:
    """Raise NotFound unless the viewer may see this client."""
    if not await timeline.may_see(connection, viewer, client_id):
        raise NotFound("There is no such client.", zh="没有这位客户。")


def check_weights(category: str, weights: Mapping[str, int]) -> None:
    """Raise InvalidInput unless the weights name channels we have, from -1 to 100."""
    if category not in CATEGORIES:
        raise InvalidInput(
            f"category is one of {', '.join(CATEGORIES)}.",
            zh=f"类别可选：{'、'.join(CATEGORIES)}。",
        )
    for channel, weight in weights.items():
        if channel not in CHANNELS or not -1 <= weight <= 100:
            raise InvalidInput(
                f"weights are whole numbers from -1 to 100 for some of {', '.join(CHANNELS)}.",
                zh=f"权重为-1到100的整数，渠道可选：{'、'.join(CHANNELS)}。",
            )
