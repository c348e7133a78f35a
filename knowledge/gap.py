"""What is missing: questions that found no answer, counted by what they have in common."""

from __future__ import annotations

import logging
from typing import Protocol
from uuid import UUID

from kernel.errors import ServiceError
from kernel.masking import mask
from knowledge.encoder import Encoding, Vector
from knowledge.normal import find_language, normalise
from knowledge.search import Found, Hit, Knowledge
from store import gap as ledger
from store.engine import Database
from store.gap import Gap, Question

log = logging.getLogger(__name__)

_LONGEST = 200


class Gaps:
    """Keeps the questions that nobody has written an article for yet."""

    def __init__(self, database: Database, knowledge: Knowledge, encoder: Encoding) -> None:
        self._database = database
        self._knowledge = knowledge
        self._encoder = encoder

    async def record(
        self, text: str, *, vector: Vector | None = None, language: str | None = None
    ) -> UUID | None:
        """Count a question in the cluster of its like; return the cluster, None for no words.

        Personal data is masked before anything is kept, whether the caller has done so or not.
        """
        plain = normalise(mask(text).text)[:_LONGEST]
        if not plain:
            return None
        if vector is None:
            vector = (await self._encoder.encode([plain], kind="query"))[0]
        lang = language or find_language(plain)
        question = Question(plain, lang, vector, self._knowledge.model)
        async with self._database.transaction() as connection:
            return await ledger.record_question(
                connection, question, likeness=self._knowledge.likeness
            )

    async def find(self, *, limit: int = 50) -> list[Gap]:
        """Return the open clusters, the most asked first."""
        async with self._database.transaction() as connection:
            return await ledger.find_gaps(connection, limit=limit)


class Searching(Protocol):
    """What is watched: `knowledge.search.Knowledge`, or what a test puts in its place."""

    async def find(
        self, text: str, *, vector: Vector | None = None, language: str | None = None
    ) -> Found:
        """Find what answers a question."""
        ...

    async def get(self, key: str, *, language: str = "zh") -> Hit | None:
        """Return an article by its key."""
        ...


class WatchedKnowledge:
    """Knowledge that keeps its unanswered questions as gaps; failing to keep one is only logged."""

    def __init__(self, knowledge: Searching, gaps: Gaps) -> None:
        self._knowledge = knowledge
        self._gaps = gaps

    async def find(
        self, text: str, *, vector: Vector | None = None, language: str | None = None
    ) -> Found:
        """Find what answers a question, and note it when nothing does."""
        found = await self._knowledge.find(text, vector=vector, language=language)
        if found.kind == "unknown":
            try:
                await self._gaps.record(text, vector=vector, language=language)
            except ServiceError as error:
                log.warning("A gap was not kept: %s", error)
        return found

    async def get(self, key: str, *, language: str = "zh") -> Hit | None:
        """Return an article by its key, in the language or else in another that there is."""
        return await self._knowledge.get(key, language=language)
