"""Articles as the writers keep them: one Markdown file each, with front matter.

```
---
key: dw.transfer_out            # unique, dotted, lower case; the first part names the family
topic: deposit_withdrawal
title: 怎么把资金转出到银行卡
title_en: How to withdraw to a bank card
questions: [怎么出金, …]         # as clients ask; they are what search compares with
questions_en: [How do I withdraw, …]
product: [stock, futures]
action: check_withdrawal        # optional: the talk of the assistant that goes further
source: 《…》第几条              # the rule's document and article
source_date: 2023-04-10         # optional
valid_from: 2026-01-01
valid_until: 2027-01-01         # optional, first day on which it no longer holds
figures: [单日限额]              # optional: what the broker must fill in
---
中文正文，{{broker.hotline|客服电话}}

<!-- en -->
English text.
```
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from kernel.errors import InvalidInput
from knowledge.figure import find_misspelt

_FENCE = "---\n"
_ENGLISH = re.compile(r"^<!-- *en *-->[ \t]*$", re.MULTILINE)
_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_FIELDS = frozenset(
    "key topic title title_en questions questions_en product action source source_date"
    " valid_from valid_until figures".split()
)


@dataclass(frozen=True, slots=True)
class Edition:
    """An article in one language: its title, questions and text."""

    lang: str
    title: str
    questions: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class Article:
    """One checked article file."""

    key: str
    topic: str
    editions: tuple[Edition, ...]
    product: tuple[str, ...]
    action: str | None
    source: str
    source_date: date | None
    valid_from: date
    valid_until: date | None

    def digest(self, edition: Edition) -> str:
        """Return a fingerprint that changes when anything a reader could see has changed."""
        parts = [
            [self.key, self.topic, list(self.product), self.action, self.source],
            [str(self.source_date), str(self.valid_from), str(self.valid_until)],
            [edition.lang, edition.title, list(edition.questions), edition.body],
        ]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def read_articles(folder: Path) -> tuple[Article, ...]:
    """Read every article under a folder, ordered by key.

    Raises InvalidInput with one line for each problem of each file, and for keys used twice.
    """
    problems: list[str] = []
    found: dict[str, tuple[Article, Path]] = {}
    for path in sorted(folder.rglob("*.md")):
        name = path.relative_to(folder)
        try:
            article = parse_article(path.read_text(encoding="utf-8"), name=str(name))
        except UnicodeDecodeError as error:
            problems.append(f"{name}: the file is not UTF-8 (byte {error.start}).")
            continue
        except InvalidInput as error:
            problems.append(error.message)
            continue
        if article.key in found:
            problems.append(f"{name}: key: {article.key} is taken by {found[article.key][1]}.")
        found[article.key] = (article, name)
    if problems:
        raise InvalidInput("\n".join(problems))
    if not found:
        raise InvalidInput(f"{folder}: there is no article (*.md) in this folder.")
    return tuple(found[key][0] for key in sorted(found))


def parse_article(text: str, *, name: str) -> Article:
    """Parse one article; raise InvalidInput with a line `file: field: problem` for each problem."""
    front, body = _split(text.replace("\r\n", "\n"), name)
    fields = _Fields(name, front)
    chinese, *english = _ENGLISH.split(body)
    editions = [_edition(fields, "zh", chinese)]
    if english or "title_en" in front:
        editions.append(_edition(fields, "en", "".join(english)))
    article = Article(
        key=fields.word("key", _KEY, "dotted lower-case words like dw.transfer_out"),
        topic=fields.word("topic", _WORD, "one lower-case word like fees"),
        editions=tuple(editions),
        product=fields.texts("product"),
        action=fields.word("action", _WORD, "one lower-case word") if "action" in front else None,
        source=fields.text("source"),
        source_date=fields.day("source_date", optional=True),
        valid_from=fields.day("valid_from") or date.min,
        valid_until=fields.day("valid_until", optional=True),
    )
    if article.valid_until and article.valid_until <= article.valid_from:
        fields.complain("valid_until", "must be after valid_from")
    fields.check()
    return article


def _split(text: str, name: str) -> tuple[Mapping[str, object], str]:
    parts = text.split(_FENCE, 2)
    if len(parts) != 3 or parts[0].strip("\ufeff \n"):
        raise InvalidInput(f"{name}: front matter: it must stand between two lines of ---.")
    try:
        front = yaml.safe_load(parts[1])
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        where = f" (line {place.line + 2})" if place else ""
        raise InvalidInput(f"{name}: front matter{where}: {error}.") from error
    if not isinstance(front, dict):
        raise InvalidInput(f"{name}: front matter: it must be `field: value` lines.")
    return front, parts[2]


def _edition(fields: _Fields, lang: str, body: str) -> Edition:
    suffix = "" if lang == "zh" else f"_{lang}"
    if not body.strip():
        fields.complain(f"body ({lang})", "is empty")
    for placeholder in find_misspelt(body):
        fields.complain(f"body ({lang})", f"{placeholder} should be like {{{{broker.name|标签}}}}")
    title, questions = fields.text(f"title{suffix}"), fields.texts(f"questions{suffix}")
    return Edition(lang, title, questions, body.strip())


class _Fields:
    """Reads fields one by one and remembers every problem instead of stopping at the first."""

    def __init__(self, name: str, front: Mapping[str, object]) -> None:
        self._name = name
        self._front = front
        self._problems: list[str] = []
        for field in sorted(set(front) - _FIELDS, key=str):
            self.complain(
                str(field), f"is not a field; the fields are {', '.join(sorted(_FIELDS))}"
            )

    def complain(self, field: str, problem: str) -> None:
        """Note a problem of a field."""
        self._problems.append(f"{self._name}: {field}: {problem}.")

    def check(self) -> None:
        """Raise InvalidInput if there was any problem."""
        if self._problems:
            raise InvalidInput("\n".join(self._problems))

    def text(self, field: str) -> str:
        """Return a text that is not empty."""
        value = self._front.get(field)
        if not isinstance(value, str) or not value.strip():
            self.complain(field, f"must be a text, not {value!r}")
            return ""
        return value.strip()

    def word(self, field: str, pattern: re.Pattern[str], wanted: str) -> str:
        """Return a text of a given form."""
        value = self._front.get(field)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            self.complain(field, f"must be {wanted}, not {value!r}")
            return ""
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        """Return a list of different texts, at least one."""
        value = self._front.get(field)
        if not isinstance(value, list) or not value:
            self.complain(field, f"must be a list of texts, not {value!r}")
            return ()
        wrong = [entry for entry in value if not isinstance(entry, str) or not entry.strip()]
        for entry in wrong:
            self.complain(field, f"{entry!r} is not a text; put it in quotes")
        return tuple(dict.fromkeys(entry.strip() for entry in value if isinstance(entry, str)))

    def day(self, field: str, *, optional: bool = False) -> date | None:
        """Return a date written as YYYY-MM-DD."""
        value = self._front.get(field)
        if type(value) is date:
            return value
        if value is not None or not optional:
            self.complain(field, f"must be a date like 2026-01-01, not {value!r}")
        return None
