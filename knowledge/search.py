"""Finds the article that answers a question, or says honestly that there is none.

The question's vector is compared with every published question, title and body, its letters with
theirs, and a trained head says which article people who ask like this want. A judge, calibrated by
cross-validation, turns all that into a probability: sure enough is an answer, half sure a choice of
at most three, otherwise it is said what the question is instead (advice, probe, not ours) or that
we do not know.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

from kernel.clock import CHINA, Clock, SystemClock
from kernel.errors import Transient
from knowledge.encoder import Encoding, Vector
from knowledge.figure import fill_figures
from knowledge.head import Head, load_head
from knowledge.index import Finding, Index
from knowledge.normal import find_language, normalise
from knowledge.passage import find_passages
from store import article as shelf
from store.article import ArticleRow
from store.engine import Database

FoundKind = Literal["answer", "choices", "unknown", "advice", "probe", "not_ours"]
_MOST_CHOICES = 3
_NEGATIVE_KINDS: dict[str, FoundKind] = {
    "#advice": "advice",
    "#probe": "probe",
    "#near": "not_ours",
    "#far": "not_ours",
}


class NotTrained(Transient):
    """Knowledge has not been imported and trained yet; run `zhida train`."""

    code = "not_trained"
    message_zh = "知识库尚未导入和训练，请先运行 zhida train。"


@dataclass(frozen=True, slots=True)
class Hit:
    """An article as an answer: in one language, with the broker's figures filled in."""

    key: str
    article_id: str
    title: str
    body: str
    lang: str
    topic: str
    action: str | None
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """What came out of a search; `score` is the probability that `best` answers the question.

    `best` is set for an answer and, as the nearest guess, for choices; `choices` holds at most
    three articles, best first, when `kind` is choices.
    """

    kind: FoundKind
    best: Hit | None
    choices: tuple[Hit, ...]
    score: float


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Everything that is published and holds today, at one moment."""

    stamp: str
    day: date
    head: Head
    index: Index
    editions: Mapping[tuple[str, str], ArticleRow]
    by_product: Mapping[str, frozenset[str]]


class Knowledge:
    """Answers questions from the published articles; call `open` (or `refresh`) first."""

    def __init__(
        self,
        database: Database,
        encoder: Encoding,
        head: Path,
        *,
        figures: Mapping[str, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._encoder = encoder
        self._path = head
        self._figures = dict(figures or {})
        self._clock = clock or SystemClock()
        self._shelf: _Shelf | None = None

    async def refresh(self) -> bool:
        """Take over what was published or trained since; return whether anything was.

        Cheap when nothing changed (one small query): call it every few seconds. Raises NotTrained
        when there is no article or no head yet, StoreDown when the database is away.
        """
        day = self._clock.now().astimezone(CHINA).date()
        async with self._database.transaction() as connection:
            stamp = f"{await shelf.find_stamp(connection)}/{_age(self._path)}"
            if self._shelf and (self._shelf.stamp, self._shelf.day) == (stamp, day):
                return False
            articles = await shelf.find_articles(connection, day=day)
            questions, bodies = await find_passages(connection, articles)
        head = await asyncio.to_thread(load_head, self._path)
        if head is None or not articles:
            raise NotTrained
        index = await asyncio.to_thread(Index, questions, bodies, head)
        editions = {(article.key, article.lang): article for article in articles}
        self._shelf = _Shelf(stamp, day, head, index, editions, _by_product(articles))
        return True

    @property
    def likeness(self) -> float:
        """The cosine from which two questions are taken to ask the same (for gaps)."""
        return self._open.head.judge.likeness

    @property
    def model(self) -> str:
        """The encoder's model that the head was trained on."""
        return self._open.head.model

    @property
    def version(self) -> str:
        """A short fingerprint of what the head was trained on."""
        return self._open.head.digest[:12]

    @property
    def topics(self) -> dict[str, str]:
        """The topic of each published article, by key."""
        return {key: row.topic for (key, _), row in self._open.editions.items()}

    async def get(self, key: str, *, language: str = "zh") -> Hit | None:
        """Return an article by its key, in the language or else in another that there is."""
        return self._get(self._open, key, language)

    def _get(self, shelf_: _Shelf, key: str, language: str) -> Hit | None:
        row = shelf_.editions.get((key, language)) or shelf_.editions.get((key, "zh"))
        row = row or shelf_.editions.get((key, "en"))
        return self._hit(row, 1.0) if row else None

    async def find(
        self,
        text: str,
        *,
        vector: Vector | None = None,
        language: str | None = None,
        product: str | None = None,
    ) -> Found:
        """Find what answers a question.

        `vector` is the question's query vector where somebody has it already; `language` of the
        answer is otherwise seen in the letters; `product` lifts articles of that product a little.
        Raises NotTrained before `refresh`, Transient when the encoder is away.
        """
        shelf_ = self._open
        plain = normalise(text)
        if not any(map(str.isalnum, plain)):
            return Found("unknown", None, (), 0.0)
        if vector is None:
            vector = (await self._encoder.encode([text], kind="query"))[0]
        favoured = shelf_.by_product.get(product, frozenset()) if product else frozenset()
        # One millisecond: a thread would not begin much sooner than this ends.
        finding = shelf_.index.find(plain, vector, favoured=favoured)
        return self._decide(shelf_, finding, language or find_language(text))

    def _decide(self, shelf_: _Shelf, finding: Finding, language: str) -> Found:
        judge = shelf_.head.judge
        right, among = judge.judge(finding.signs)
        keys = [shelf_.index.keys[at] for at in finding.order[:_MOST_CHOICES]]
        hits = [hit for key in keys if (hit := self._get(shelf_, key, language))]
        if hits and right >= judge.answer_from:
            return Found("answer", _scored(hits[0], right), (), right)
        negative = max(finding.negatives, key=finding.negatives.__getitem__, default="")
        if negative and finding.negatives[negative] > finding.chance:
            return Found(_NEGATIVE_KINDS[negative], None, (), right)
        if hits and among >= judge.offer_from:
            choices = tuple(_scored(hit, among) for hit in hits)
            return Found("choices", choices[0], choices, right)
        return Found("unknown", None, (), right)

    def _hit(self, row: ArticleRow, score: float) -> Hit:
        body = fill_figures(row.body, self._figures)
        return Hit(row.key, str(row.id), row.title, body, row.lang, row.topic, row.action, score)

    @property
    def _open(self) -> _Shelf:
        if self._shelf is None:
            raise NotTrained
        return self._shelf


def _scored(hit: Hit, score: float) -> Hit:
    return replace(hit, score=score)


def _by_product(articles: Iterable[ArticleRow]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for article in articles:
        for product in article.product:
            found[product].add(article.key)
    return {product: frozenset(keys) for product, keys in found.items()}


def _age(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0
