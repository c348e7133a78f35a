"""The journeys that come with the house: read from files, brought in once, never over our own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from orchestrator.journey_lint import parse_journey
from store import journey
from store.engine import Connection

FOLDER: Final = Path(__file__).parent / "journeys"


def read_journeys(folder: Path = FOLDER) -> dict[str, str]:
    """Return the definition of every journey of a folder by its key, each checked.

    Raises:
        InvalidInput: a file is not what a journey is; it says at which line.
    """
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))]
    return {parse_journey(text).key: text for text in texts}


async def ship_journeys(connection: Connection, *, is_active: bool, folder: Path = FOLDER) -> int:
    """Bring in what is new or changed and return how many; doing it again changes nothing.

    `is_active`: they let clients in at once, as the demo's do; else a person activates them.
    A journey of which somebody has written a version of their own is left alone.
    """
    shipped = 0
    for key, text in read_journeys(folder).items():
        versions = await journey.find_versions(connection, key)
        if any(one.author_id for one in versions) or (versions and versions[0].definition == text):
            continue
        title = parse_journey(text).form.title
        row = await journey.record_draft(
            connection, key=key, title=title, definition=text, author_id=None
        )
        if is_active:
            await journey.record_moved(connection, row.id, "active", None)
        shipped += 1
    return shipped
