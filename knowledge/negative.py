"""Questions that no article answers, in files by kind: what search must learn to leave alone.

```
kind: near            # far, near, advice or probe
questions: [花呗怎么还, …]
questions_en: […]     # optional
```
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from kernel.errors import InvalidInput

KINDS = ("far", "near", "advice", "probe")


@dataclass(frozen=True, slots=True)
class Negative:
    """A question with the kind of business that it is instead of ours."""

    kind: str
    text: str


def read_negatives(folder: Path) -> tuple[Negative, ...]:
    """Read every `*.yml` of a folder; raise InvalidInput naming file and field."""
    found: dict[str, Negative] = {}
    for path in sorted(folder.glob("*.yml")):
        for negative in parse_negatives(path.read_text(encoding="utf-8"), name=path.name):
            found.setdefault(negative.text, negative)
    return tuple(found.values())


def parse_negatives(text: str, *, name: str) -> list[Negative]:
    """Parse one file of negative questions."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidInput(f"{name}: {error}.") from error
    if not isinstance(data, dict):
        raise InvalidInput(f"{name}: it must have `kind:` and `questions:`.")
    if data.get("kind") not in KINDS:
        raise InvalidInput(f"{name}: kind: must be one of {', '.join(KINDS)}.")
    found = []
    for field in ("questions", "questions_en"):
        texts = data.get(field, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise InvalidInput(
                f"{name}: {field}: must be a list of texts; quote 'yes' and numbers."
            )
        found += [Negative(data["kind"], text) for text in texts]
    if not found:
        raise InvalidInput(f"{name}: questions: must not be empty.")
    return found
