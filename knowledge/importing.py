"""Brings article files into the database: unchanged is no work, changed a version, gone retired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from knowledge.article import Article, Edition
from knowledge.encoder import Encoding, Vectors
from store import article as shelf
from store.article import Draft, Published
from store.engine import Connection, Database

ACTOR = "import"
_CHUNK = 64


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, in editions (an article in one language)."""

    new: int
    changed: int
    unchanged: int
    retired: int
    encoded: int

    def __str__(self) -> str:
        return (
            f"{self.new} new, {self.changed} changed, "
            f"{self.unchanged} unchanged, {self.retired} retired"
        )

    @property
    def did_anything(self) -> bool:
        """Whether the database is different from before."""
        return bool(self.new or self.changed or self.retired or self.encoded)


@dataclass(frozen=True, slots=True)
class _Task:
    draft: Draft
    before: Published | None
    texts: tuple[tuple[str, str], ...]

    @property
    def is_changed(self) -> bool:
        return self.before is None or self.before.digest != self.draft.digest


async def import_articles(
    database: Database, encoder: Encoding, articles: Sequence[Article], *, model: str
) -> Imported:
    """Make `articles` what is published; `model` is the name of the encoder's model.

    Vectors are made first, then everything is written in one transaction, so that a failing
    encoder changes nothing. Raises Transient when the encoder or the database cannot be reached.
    """
    async with database.transaction() as connection:
        published = await shelf.find_published(connection)
    tasks = _plan(articles, published, model)
    vectors = [await _encode(encoder, task.texts) for task in tasks]
    gone = _find_gone(articles, published)
    async with database.transaction() as connection:
        await shelf.lock_import(connection)
        is_current = await shelf.find_published(connection) == published
        if is_current:
            for task, rows in zip(tasks, vectors, strict=True):
                await _write(connection, task, rows, model=model)
            for key, lang in gone:
                before = published[key, lang]
                await shelf.record_retirement(connection, key, lang, before, actor=ACTOR)
    if not is_current:  # another process imported meanwhile: look again, usually nothing is left
        return await import_articles(database, encoder, articles, model=model)
    return _report(tasks, published, len(gone))


async def _write(connection: Connection, task: _Task, rows: Vectors, *, model: str) -> None:
    if task.before is None or task.is_changed:
        article_id = await shelf.record_version(connection, task.draft, task.before, actor=ACTOR)
    else:
        article_id = task.before.id
    await shelf.replace_passages(connection, article_id, task.texts, rows, model=model)


def list_texts(edition: Edition) -> tuple[tuple[str, str], ...]:
    """Return the texts by which an edition is found, as `(kind, text)`."""
    body = f"{edition.title}\n{edition.body}"
    questions = (("question", question) for question in edition.questions)
    return (("title", edition.title), *questions, ("body", body))


def _plan(
    articles: Sequence[Article], published: dict[tuple[str, str], Published], model: str
) -> list[_Task]:
    tasks = []
    for article in articles:
        for edition in article.editions:
            draft = _draft(article, edition)
            before = published.get((article.key, edition.lang))
            if before is None or (before.digest, before.model) != (draft.digest, model):
                tasks.append(_Task(draft, before, list_texts(edition)))
    return tasks


def _draft(article: Article, edition: Edition) -> Draft:
    return Draft(
        key=article.key,
        lang=edition.lang,
        topic=article.topic,
        title=edition.title,
        questions=edition.questions,
        body=edition.body,
        product=article.product,
        action=article.action,
        source=article.source,
        source_date=article.source_date,
        valid_from=article.valid_from,
        valid_until=article.valid_until,
        digest=article.digest(edition),
    )


async def _encode(encoder: Encoding, texts: Sequence[tuple[str, str]]) -> Vectors:
    # A question in an article is compared with a question of a client, so both are encoded as
    # queries; bodies are passages (measured: facts/assistant.md, "Finding the article").
    questions = [text for kind, text in texts if kind != "body"]
    bodies = [text for kind, text in texts if kind == "body"]
    rows = [
        await encoder.encode(questions[at : at + _CHUNK], kind="query")
        for at in range(0, len(questions), _CHUNK)
    ]
    rows.append(await encoder.encode(bodies, kind="passage"))
    return np.concatenate(rows)


def _find_gone(
    articles: Sequence[Article], published: dict[tuple[str, str], Published]
) -> list[tuple[str, str]]:
    present = set(chain.from_iterable(((a.key, e.lang) for e in a.editions) for a in articles))
    return sorted(set(published) - present)


def _report(
    tasks: Sequence[_Task], published: dict[tuple[str, str], Published], gone: int
) -> Imported:
    new = sum(task.before is None for task in tasks)
    changed = sum(task.is_changed for task in tasks) - new
    unchanged = len(published) - gone - changed
    return Imported(new, changed, unchanged, gone, sum(len(task.texts) for task in tasks))
