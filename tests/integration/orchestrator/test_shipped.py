"""The house's contents come in at the first start, and stay as they are at the second."""

from __future__ import annotations

from orchestrator.shipped import read_contents, ship_contents
from store import content
from store.engine import Database


async def test_the_houses_contents_are_there_after_a_start_and_come_once(
    database: Database,
) -> None:
    drafts = read_contents()
    async with database.transaction() as connection:
        assert await ship_contents(connection) == len(drafts)
    async with database.transaction() as connection:
        assert await ship_contents(connection) == 0
        found = await content.find_approved(connection, [one.key for one in drafts])
    assert {one.key: one.draft.seal() for one in found.values()} == {
        one.key: one.seal() for one in drafts
    }
    assert all(one.author_id is None for one in found.values())
