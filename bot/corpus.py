"""Makes training sentences of the border intents out of the knowledge's articles.

`knowledge/articles/**/*.md` (front matter `questions`, `questions_en`) become `ask_knowledge`;
`knowledge/negative/*.yml` become `out_of_scope` (kinds far, near), `advice` and `data_probe`.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping, Tuple

import yaml

_KINDS = {"far": "out_of_scope", "near": "out_of_scope", "advice": "advice", "probe": "data_probe"}
_MOST = {"out_of_scope": 480, "advice": 280, "data_probe": 160}
_ZH_OF_ARTICLE, _EN_OF_ARTICLE = 7, 2
# The wording of a talk: such a sentence of an article would teach against the talk's own examples.
_TALK = re.compile(
    r"^(你好|您好|麻烦|请|我想)?，?(帮我|帮忙|给我|替我)|^我要(开通|申请|办|换|改|投诉|查)|^(please )?(check|show) my\b|转人工",
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


def get_questions(folder: Path) -> List[str]:
    """Samples questions of every article, the same ones each time."""
    chosen: List[str] = []
    for path in sorted(folder.rglob("*.md")):
        front = read_article(path)
        pick = random.Random(path.name)
        for field, most in (("questions", _ZH_OF_ARTICLE), ("questions_en", _EN_OF_ARTICLE)):
            asked = [str(one).strip() for one in front.get(field) or []]
            asked = [one for one in asked if one and not _TALK.search(one)]
            chosen += asked[:1] + pick.sample(asked[1:], min(most - 1, max(len(asked) - 1, 0)))
    return chosen


def get_negatives(folder: Path) -> Dict[str, List[str]]:
    """Reads the sentences that are not for the knowledge, by intent."""
    found: Dict[str, List[str]] = {}
    for path in sorted(folder.glob("*.yml")):
        for kind, text in _flatten(yaml.safe_load(path.read_text("utf-8"))):
            if kind in _KINDS and text:
                found.setdefault(_KINDS[kind], []).append(text)
    return {
        intent: random.Random(intent).sample(texts, min(len(texts), _MOST[intent]))
        for intent, texts in found.items()
    }


def _flatten(data: Any, kind: str = "") -> Iterable[Tuple[str, str]]:
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


def write_corpus(knowledge: Path, target: Path) -> Dict[str, int]:
    """Writes `knowledge.yml` for Rasa into `target`; returns the number of sentences by intent."""
    sentences = {"ask_knowledge": get_questions(knowledge / "articles")}
    sentences.update(get_negatives(knowledge / "negative"))
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
