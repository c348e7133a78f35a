"""Makes training sentences out of the knowledge's articles and of the bot's own patterns.

`knowledge/articles/**/*.md` (front matter `questions`, `questions_en`) become `ask_knowledge`;
`knowledge/negative/*.yml` become `out_of_scope` (kinds far, near), `advice` and `data_probe`;
`bot/data/pattern.yml` gives talks and questions about the same things.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

_KINDS = {"far": "out_of_scope", "near": "out_of_scope", "advice": "advice", "probe": "data_probe"}
_MOST = {"out_of_scope": 480, "advice": 280, "data_probe": 160}
_ZH_OF_ARTICLE, _EN_OF_ARTICLE = 8, 2
# Of each thing's sentences: so many of the talk, so many of the question, unless `most` says else.
_OF_PATTERN = (24, 10)
# These articles are about what a talk does; their questions are the talk's own wording.
_TALK_ARTICLES = frozenset(
    {"ha.agent", "sv.complaint", "sv.ticket", "tp.status", "ot.greeting", "ot.thanks"}
)
# The wording of a talk: such a sentence of an article would teach against the talk's own examples.
_TALK = re.compile(
    r"^(你好|您好|麻烦|请|我想)?，?(帮我|帮忙|给我|替我)|^我(要|想)(开|申请|办|换|改|投诉|查)"
    r"|^(please )?(check|show) my\b|人工|工单|坐席|^投诉$|^(换|改|更换|修改)(一下)?我"
    r"|my ticket|human|complain",
    re.I,
)


def read_article(path: Path) -> Mapping[str, Any]:
    """Reads the front matter of one article.

    Raises:
        ValueError: when the file has none.
    """
    parts = path.read_text("utf-8").split("---", 2)
    if len(parts) < 3 or parts[0].strip():
        raise ValueError(f"{path} must start with front matter between two lines of ---")
    front = yaml.safe_load(parts[1])
    if not isinstance(front, dict):
        raise ValueError(f"{path}: the front matter must be a mapping")
    return front


def get_questions(folder: Path) -> list[str]:
    """Samples questions of every article, the same ones each time, none in a talk's wording."""
    chosen: list[str] = []
    for path in sorted(folder.rglob("*.md")):
        front = read_article(path)
        if front.get("key") in _TALK_ARTICLES:
            continue
        pick = random.Random(path.name)
        for field, most in (("questions", _ZH_OF_ARTICLE), ("questions_en", _EN_OF_ARTICLE)):
            asked = [str(one).strip() for one in front.get(field) or []]
            asked = [one for one in asked if one and not _TALK.search(one)]
            chosen += asked[:1] + pick.sample(asked[1:], min(most - 1, max(len(asked) - 1, 0)))
    return chosen


def get_negatives(folder: Path) -> dict[str, list[str]]:
    """Reads the sentences that are not for the knowledge, by intent."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.yml")):
        for kind, text in _flatten(yaml.safe_load(path.read_text("utf-8"))):
            if kind in _KINDS and text:
                found.setdefault(_KINDS[kind], []).append(text)
    return {
        intent: random.Random(intent).sample(texts, min(len(texts), _MOST[intent]))
        for intent, texts in found.items()
    }


def _flatten(data: Any, kind: str = "") -> Iterable[tuple[str, str]]:
    """Walks `{kind: …, questions: […]}`, `{far: […]}` or lists of them down to (kind, sentence)."""
    if isinstance(data, str):
        yield kind, data.strip()
    elif isinstance(data, list):
        for one in data:
            yield from _flatten(one, kind)
    elif isinstance(data, dict):
        own = str(data.get("kind", kind))
        for key, value in data.items():
            if key in _KINDS:
                yield from _flatten(value, key)
            elif key in ("text", "texts", "question", "questions", "questions_en", "zh", "en"):
                yield from _flatten(value, own)


def get_patterns(path: Path) -> dict[str, list[str]]:
    """Fills the patterns with their things: sentences by intent, a sample of each thing's."""
    found: dict[str, list[str]] = {}
    for group in yaml.safe_load(path.read_text("utf-8")):
        for intent, things in group["things"].items():
            pick = random.Random(intent)
            talks, asks = group.get("most", _OF_PATTERN)
            for kind, name, most in (("talk", intent, talks), ("ask", "ask_knowledge", asks)):
                made = [one.replace("X", thing) for one in group[kind] for thing in things]
                found.setdefault(name, []).extend(pick.sample(made, min(most, len(made))))
    return found


def write_corpus(knowledge: Path, patterns: Path, target: Path) -> dict[str, int]:
    """Writes `knowledge.yml` for Rasa into `target`; returns the number of sentences by intent."""
    sentences = get_patterns(patterns)
    sentences["ask_knowledge"] += get_questions(knowledge / "articles")
    for intent, texts in get_negatives(knowledge / "negative").items():
        sentences.setdefault(intent, []).extend(texts)
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in sentences.items():
        if texts:
            lines += [f"- intent: {intent}", "  examples: |"]
            lines += [f"    - {_plain(text)}" for text in dict.fromkeys(texts)]
    target.mkdir(parents=True, exist_ok=True)
    (target / "knowledge.yml").write_text("\n".join(lines) + "\n", "utf-8")
    return {intent: len(texts) for intent, texts in sentences.items()}


def _plain(text: str) -> str:
    """Takes out what Rasa would read as an entity annotation or a new line."""
    return re.sub(r"\s+", " ", text).replace("](", "] (").replace("]{", "] {")
