"""What people do with journeys: write, check, try, approve, start and end them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kernel.clock import Clock, SystemClock
from kernel.errors import InvalidInput
from orchestrator.journey_form import JourneyForm
from orchestrator.journey_lint import Checked, check_journey, parse_journey
from orchestrator.rehearsal import Rehearsal, rehearse
from store import content, journey, journey_run
from store.engine import Connection, Database
from store.journey import Count, Done, JourneyRow

LONGEST: Final = timedelta(days=366)
END_BATCH: Final = 20_000


@dataclass(frozen=True, slots=True)
class Where:
    """Who is where on a version, and what was done at its steps."""

    counts: Sequence[Count]
    done: Sequence[Done]


@dataclass(frozen=True, slots=True)
class JourneyDesk:
    """Journeys as people handle them; who may do what is asked at the door."""

    database: Database
    clock: Clock

    async def find_all(self) -> list[JourneyRow]:
        """Return every version that is not retired."""
        async with self.database.transaction() as connection:
            return await journey.find_all(connection)

    async def find(self, journey_id: UUID) -> tuple[JourneyRow, Checked]:
        """Return a version and what its check says now; raise NotFound."""
        async with self.database.transaction() as connection:
            row = await journey.find(connection, journey_id)
            return row, await _check(connection, row.definition)

    async def find_where(self, journey_id: UUID) -> Where:
        """Return who is where on a version; raise NotFound."""
        async with self.database.transaction() as connection:
            await journey.find(connection, journey_id)
            counts = await journey.count_runs(connection, [journey_id])
            return Where(counts, await journey.count_done(connection, [journey_id]))

    async def check(self, definition: str) -> Checked:
        """Check a journey against the events, fields and approved contents that there are."""
        async with self.database.transaction() as connection:
            return await _check(connection, definition)

    async def draft(self, definition: str, person_id: UUID) -> JourneyRow:
        """Write a new version as a draft.

        Raises:
            InvalidInput: it cannot run; with every problem at its line.
        """
        async with self.database.transaction() as connection:
            found = (await _check(connection, definition)).get()
            return await journey.record_draft(
                connection,
                key=found.key,
                title=found.form.title,
                definition=definition,
                author_id=person_id,
            )

    async def move(self, journey_id: UUID, after: str, person_id: UUID) -> JourneyRow:
        """Hand a version in (`review`), back (`draft`), start it (`active`) or retire it.

        What starts is checked once more: a content may have been withdrawn since.

        Raises:
            NotFound, Conflict: it cannot become that now.
            InvalidInput: it cannot run.
        """
        async with self.database.transaction() as connection:
            if after in ("review", "active"):
                row = await journey.find(connection, journey_id)
                (await _check(connection, row.definition)).get()
            return await journey.record_moved(connection, journey_id, after, person_id)

    async def approve(self, journey_id: UUID, person_id: UUID) -> JourneyRow:
        """Approve a version that somebody else wrote; raise Conflict for one's own."""
        async with self.database.transaction() as connection:
            return await journey.record_approved(connection, journey_id, person_id)

    async def retire(self, journey_id: UUID, person_id: UUID, *, end_runs: bool) -> JourneyRow:
        """Let nobody in any more; `end_runs` ends those under way, else they go to their end."""
        row = await self.move(journey_id, "retired", person_id)
        while end_runs:
            async with self.database.transaction() as connection:
                ended = await journey_run.end_all(
                    connection, [journey_id], "retired", self.clock.now(), END_BATCH
                )
            if ended < END_BATCH:
                break
        return row

    async def rehearse(self, definition: str, since: datetime) -> Rehearsal:
        """Try a journey on what happened since a moment; raise InvalidInput."""
        now = self.clock.now()
        if not now - LONGEST <= since <= now:
            raise InvalidInput(
                "since is a moment of the last 366 days.", zh="since 应在最近366天之内。"
            )
        return await rehearse(self.database, parse_journey(definition), since=since, now=now)


async def _check(connection: Connection, definition: str) -> Checked:
    checked = check_journey(definition)
    if checked.journey is None:
        return checked
    approved = await content.find_approved(connection, list_contents(checked.journey.form))
    return check_journey(definition, approved)


def list_contents(form: JourneyForm) -> list[str]:
    """Return the keys of the contents that a journey sends."""
    return sorted({one.send.content for one in form.steps if one.send})


def make_desk(database: Database) -> JourneyDesk:
    """Make a desk for the command line."""
    return JourneyDesk(database, SystemClock())
