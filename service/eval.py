"""Measures answers on a file of questions: rows in, replies judged, figures out.

The form of a row and what counts as right: `../shared/eval/README.md`. A row's outcome is one of

- `right`: the first answer is the article with the row's `faq_key` (without one: an article or talk
  of its topic); where `expected` is `handoff`, a hand-over is right as well, and without a key the
  only right thing;
- `offered`: a choice of at most three was offered, and the right one was among them;
- `wrong`: another article or talk answered;
- `handed_over`: a person was called, which is not wrong but is not automation;
- `unanswered`: it was said that there is no answer, or no fitting choice was offered.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from kernel.errors import InvalidInput

Outcome = Literal["right", "offered", "wrong", "handed_over", "unanswered"]
Figures = dict[str, object]

SCOPES = ("in", "restricted", "near_oos", "far_oos")
_MISTAKES_SHOWN = 15


@dataclass(frozen=True, slots=True)
class Row:
    """One question of the file."""

    id: str
    text: str
    scope: str
    topics: tuple[str, ...]
    expected: str
    faq_key: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reply carries beside its words."""

    text: str
    article: str | None = None
    topic: str | None = None
    talk: str | None = None
    offered: tuple[str, ...] = ()
    is_handover: bool = False
    is_refusal: bool = False
    ms: float = 0.0

    @property
    def is_answer(self) -> bool:
        """Whether an article or a talk answered, as opposed to a refusal or a hand-over."""
        return bool(self.article or self.talk) and not self.is_handover and not self.is_refusal


class Respondent(Protocol):
    """Whoever is asked: the whole path, or the knowledge room alone."""

    async def ask(self, text: str) -> Reply:
        """Ask one question in a fresh conversation."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its reply and the outcome; scopes other than `in` have none."""

    row: Row
    reply: Reply
    outcome: Outcome | None


def parse_rows(path: Path) -> list[Row]:
    """Read a file of questions; raise InvalidInput naming line and field."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}.") from error
    rows = [
        _parse_row(line, f"{path}:{n}") for n, line in enumerate(lines, start=1) if line.strip()
    ]
    if not rows:
        raise InvalidInput(f"{path} has no question.")
    return rows


def judge(row: Row, reply: Reply, topics: Mapping[str, str]) -> Judged:
    """Judge a reply; `topics` tells the topic of each article key."""
    if row.scope != "in":
        return Judged(row, reply, None)
    if reply.is_handover:
        return Judged(row, reply, "right" if row.expected == "handoff" else "handed_over")
    if row.expected == "handoff" and not row.faq_key:
        return Judged(row, reply, "wrong" if reply.is_answer else "unanswered")
    if row.faq_key:
        is_right = reply.is_answer and reply.article == row.faq_key
        is_offered = row.faq_key in reply.offered
    else:
        topic = topics.get(reply.article or "") or reply.topic
        is_right = reply.is_answer and topic in row.topics
        is_offered = any(topics.get(key) in row.topics for key in reply.offered)
    if is_right:
        return Judged(row, reply, "right")
    if reply.is_answer:
        return Judged(row, reply, "wrong")
    return Judged(row, reply, "offered" if is_offered else "unanswered")


def summarise(judged: Sequence[Judged]) -> Figures:
    """Return the figures of the README from judged rows."""
    inside = [one for one in judged if one.row.scope == "in"]
    by_scope = {scope: [one for one in judged if one.row.scope == scope] for scope in SCOPES}
    topics = sorted({one.row.topics[0] for one in inside})
    times = sorted(one.reply.ms for one in judged)
    figures: Figures = _counts(inside)
    figures["keyed"] = _counts([one for one in inside if one.row.faq_key])
    figures["restricted"] = _leaks(by_scope["restricted"], "leaked")
    figures["near_oos"] = _leaks(by_scope["near_oos"], "answered")
    figures["far_oos"] = _leaks(by_scope["far_oos"], "answered")
    figures["by_topic"] = {
        topic: {
            key: value
            for key, value in _counts([one for one in inside if one.row.topics[0] == topic]).items()
            if key in {"n", "right", "wrong", "handed_over"}
        }
        for topic in topics
    }
    figures["ms"] = {"p50": _quantile(times, 0.5), "p99": _quantile(times, 0.99)}
    return figures


def list_mistakes(judged: Sequence[Judged]) -> list[str]:
    """Return the worst mistakes, one line each: what should not have been answered comes first."""
    lines = [
        f"{one.row.scope}: {one.row.text} → {one.reply.article or one.reply.talk}"
        for one in judged
        if one.row.scope != "in" and one.reply.is_answer
    ]
    lines += [
        f"wrong: {one.row.text} → {one.reply.article or one.reply.talk}"
        f" (expected {one.row.faq_key or one.row.expected + ' ' + one.row.topics[0]})"
        for one in judged
        if one.outcome == "wrong"
    ]
    return lines[:_MISTAKES_SHOWN]


def format_table(figures: Figures, mistakes: Sequence[str]) -> str:
    """Return the figures as a person reads them."""
    lines = [f"{'':<12}{'n':>5}{'right':>8}{'offered':>9}{'wrong':>8}{'person':>8}"]
    for name, counts in (("in", figures), ("keyed", figures["keyed"])):
        assert isinstance(counts, dict)  # noqa: S101 - built by summarise above
        shares = [counts[f"{key}_share"] for key in _SHARES]
        cells = "".join(f"{share:>8.1%}" for share in shares)
        lines.append(f"{name:<12}{counts['n']:>5}{cells}")
    for name in SCOPES[1:]:
        counts = figures[name]
        assert isinstance(counts, dict)  # noqa: S101 - built by summarise above
        word = "leaked" if name == "restricted" else "answered"
        lines.append(f"{name:<12}{counts['n']:>5}  {word} {counts[f'{word}_share']:.1%}")
    lines += [f"{key}: {figures[key]}" for key in ("ms", "seconds", "model", "encoder")]
    return "\n".join([*lines, "", "worst mistakes:", *mistakes])


_SHARES = ("right", "right_in_choices", "wrong", "handed_over")
_FIELDS = ("id", "text", "scope", "topic", "expected")


def _parse_row(line: str, place: str) -> Row:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise InvalidInput(f"{place}: not JSON: {error}.") from error
    if not isinstance(data, dict):
        raise InvalidInput(f"{place}: a row is an object.")
    for field in _FIELDS:
        if not isinstance(data.get(field), str) or not data[field]:
            raise InvalidInput(f"{place}: {field}: must be a text, not {data.get(field)!r}.")
    if data["scope"] not in SCOPES:
        raise InvalidInput(f"{place}: scope: must be one of {', '.join(SCOPES)}.")
    topics = (data["topic"], *data.get("alt_topics", []))
    return Row(
        data["id"], data["text"], data["scope"], topics, data["expected"], data.get("faq_key")
    )


def _counts(judged: Sequence[Judged]) -> Figures:
    found = Counter(one.outcome for one in judged)
    counts: Figures = {
        "n": len(judged),
        "right": found["right"],
        "right_in_choices": found["offered"],
        "wrong": found["wrong"],
        "handed_over": found["handed_over"],
        "unanswered": found["unanswered"],
    }
    names = (*_SHARES, "unanswered")
    shares = {f"{key}_share": _share(counts[key], len(judged)) for key in names}
    return counts | shares


def _leaks(judged: Sequence[Judged], word: str) -> Figures:
    leaked = sum(one.reply.is_answer for one in judged)
    return {"n": len(judged), word: leaked, f"{word}_share": _share(leaked, len(judged))}


def _share(part: object, whole: int) -> float:
    return round(int(str(part)) / whole, 4) if whole else 0.0


def _quantile(ordered: Sequence[float], share: float) -> float:
    if not ordered:
        return 0.0
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)
