"""What one notice says at one rung: the addresses that are chosen, each with its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from channels.contract import Channels
from kernel.errors import MissingField, NotFound
from kernel.ids import new_id
from kernel.message import Content, Json
from orchestrator.choice import Wish, choose
from orchestrator.climb import LOST, Sent
from orchestrator.content import Prepared
from orchestrator.urgency import Policy
from orchestrator.wording import Words
from store.consent import MARKETING
from store.content import ContentRow
from store.reach import Place
from store.rung import DueNotice

URGENCY: Final = "urgency"
"""A hint of a message: how urgent it is; a push is kept by its provider accordingly."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: where it goes, what it says, and its name, which its counted links bear."""

    place: Place
    content: Content
    outbox_id: UUID


@dataclass(frozen=True, slots=True)
class Telling:
    """The messages of one rung; `why` says why there are none at this rung or any later one."""

    rung: int
    letters: Sequence[Letter] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Teller:
    """Knows the channels that are set up and the words that there are."""

    channels: Channels
    words: Words

    def tell(
        self,
        notice: DueNotice,
        policy: Policy,
        row: ContentRow,
        values: Mapping[str, Json],
        *,
        places: Sequence[Place],
        sent: Sequence[Sent],
    ) -> Telling:
        """Return the messages of the first rung from `next_rung` on that anybody can be told by."""
        if not is_suitable(row, notice):
            return Telling(notice.next_rung, why="not_suitable")
        policy = policy.starting_with(notice.channels)
        for number in range(notice.next_rung, len(policy.rungs)):
            tried = _find_tried(policy, number, sent)
            wish = Wish(policy, policy.rungs[number], find_category(notice, row), tried)
            letters = self._write(notice, row, values, wish=wish, places=places)
            if letters:
                return Telling(number, letters)
        return Telling(len(policy.rungs), why="no_way" if places else "no_address")

    def _write(
        self,
        notice: DueNotice,
        row: ContentRow,
        values: Mapping[str, Json],
        *,
        wish: Wish,
        places: Sequence[Place],
    ) -> list[Letter]:
        """Choose and render; an address whose words lack a field is passed over for the next."""
        hints: dict[str, Json] = {URGENCY: notice.urgency, "notice": str(notice.id)}
        if wish.policy.repeats_unknown:
            hints["repeats_unknown"] = True
        left = list(places)
        while chosen := choose(left, wish, self._can_carry(row)):
            letters: list[Letter] = []
            for place in chosen:
                prepared = self._find(row, place)
                if prepared is None:
                    continue
                outbox_id = new_id()
                try:
                    said = self.words.say(prepared, outbox_id, values=values, hints=hints)
                    letters.append(Letter(place, said, outbox_id))
                except MissingField:
                    left.remove(place)
            if letters:
                return letters
        return []

    def _find(self, row: ContentRow, place: Place) -> Prepared | None:
        return self.words.find_prepared(row, place.address.channel, place.language or "zh")

    def _can_carry(self, row: ContentRow) -> Callable[[Place], bool]:
        def can_carry(place: Place) -> bool:
            prepared = self._find(row, place)
            if prepared is None:
                return False
            try:
                can = self.channels.get(place.address).describe(place.address)
            except NotFound:
                return False
            if prepared.template:
                return True
            if can.has_windows and place.window_left <= can.reserve:
                return False
            return can.takes_free_text or can.notice == "generic_only"

        return can_carry


def find_category(notice: DueNotice, row: ContentRow) -> str:
    """Return the category whose consent is asked for: marketing, if either says so."""
    return MARKETING if MARKETING in {notice.category, row.category} else notice.category


def is_suitable(row: ContentRow, notice: DueNotice) -> bool:
    """Tell whether the client's risk level allows the content, and was assessed lately enough.

    Source: 《证券期货投资者适当性管理办法》.
    """
    if row.min_risk is None:
        return True
    until = notice.suitability_valid_until
    is_valid = until is None or until >= notice.now.date()
    return is_valid and (notice.risk_level or "") >= row.min_risk


def _find_tried(policy: Policy, number: int, sent: Sequence[Sent]) -> set[str]:
    """Return the channels not to be used: all that were, one at a time or at once.

    Where newer figures have replaced a part of this rung, the other part stays as it was sent.
    """
    if policy.rungs[number].pick != "all":
        return {one.channel for one in sent if one.state != "cancelled"}
    here = [one for one in sent if one.rung == number]
    is_again = any(one.state == "cancelled" for one in here)
    return {one.channel for one in here if is_again and one.state not in LOST}
