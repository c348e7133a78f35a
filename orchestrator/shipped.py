"""The contents that come with the house: read from files, brought in once, never over our own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from kernel.errors import InvalidInput
from orchestrator.content_form import parse_content
from store import content_draft
from store.content import ContentDraft
from store.engine import Connection

FOLDER: Final = Path(__file__).parent / "content"


def read_contents(folder: Path = FOLDER) -> list[ContentDraft]:
    """Return every content of a folder, one a file, which is named by its key.

    Raises:
        InvalidInput: a file is not what a content is; it says which and why.
    """
    return [_read(path) for path in sorted(folder.glob("*.yaml"))]


async def ship_contents(connection: Connection, folder: Path = FOLDER) -> int:
    """Bring in what is new or changed; return how many. Doing it again changes nothing."""
    drafts = read_contents(folder)
    await content_draft.lock_shipping(connection)
    return sum([await content_draft.record_shipped(connection, one) for one in drafts])


def _read(path: Path) -> ContentDraft:
    try:
        body = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
        draft = parse_content({**body, "variants": _list_variants(body["variants"])})
    except (yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        raise InvalidInput(f"{path.name}: {error}", zh=f"{path.name} 无法读取。") from error
    except InvalidInput as error:
        raise InvalidInput(f"{path.name}: {error.message}", zh=f"{path.name}：{error.zh}") from None
    if draft.key != path.stem:
        raise InvalidInput(f"{path.name} holds the key {draft.key}.", zh=f"{path.name} 编号不符。")
    return draft


def _list_variants(tree: Mapping[str, Mapping[str, object]]) -> list[dict[str, object]]:
    """Return the variants of channel → language (→ arm as `zh.b`) as a list."""
    found: list[dict[str, object]] = []
    for channel, tongues in tree.items():
        for name, words in tongues.items():
            if not isinstance(words, Mapping):
                raise TypeError(f"{channel}.{name} is no mapping")
            language, _, arm = name.partition(".")
            found.append({"channel": channel, "language": language, "arm": arm or "a", **words})
    return found
