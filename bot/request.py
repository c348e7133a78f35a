"""The checked form of what the service sends for one turn."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from rasa.shared.core.domain import Domain

from bot.prepared import Results

LONGEST_TEXT = 2000
_VECTOR_RULE = "vector must be base64 of finite little-endian float32 numbers, or null"
_PAYLOAD = re.compile(r"/(?P<intent>[a-z_]{1,40})\s*(?P<slots>\{.*\})?\s*", re.S)
# Rasa's own intents that no rule of ours answers.
_NOT_SPOKEN = frozenset({"back", "session_start", "nlu_fallback"})
_ARTICLE = re.compile(r"article:(?P<key>[\w.\-]{1,80})")


class BadRequest(Exception):
    """The request was not what the connector takes."""


@dataclass(frozen=True)
class TurnRequest:
    """One inbound message: see the contract, section Service -> Rasa."""

    conversation: str
    turn: str
    text: str
    language: str
    vector: str | None
    state: Any
    identified: bool
    scopes: tuple[str, ...]
    channel: str
    prepared: Results


def parse_request(data: Any, domain: Domain) -> TurnRequest:
    """Reads one request.

    Raises:
        BadRequest: saying what was wrong and what would be right.
    """
    if not isinstance(data, dict):
        raise BadRequest("the body must be a JSON object")
    text = _text(data, "text", LONGEST_TEXT)
    language = data.get("language", "zh")
    if language not in ("zh", "en"):
        raise BadRequest('language must be "zh" or "en"')
    client = data.get("client") or {}
    if not isinstance(client, dict):
        raise BadRequest('client must be an object such as {"identified": false, "scopes": []}')
    return TurnRequest(
        conversation=_text(data, "conversation", 100),
        turn=_text(data, "turn", 100),
        text=get_payload(text.strip(), domain),
        language=language,
        vector=_parse_vector(data.get("vector")),
        state=data.get("state"),
        identified=client.get("identified") is True,
        scopes=tuple(str(one) for one in client.get("scopes") or ()),
        channel=str(data.get("channel") or ""),
        prepared=_parse_prepared(data.get("prepared")),
    )


def _parse_prepared(value: Any) -> Results:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(map(_is_result, value.values())):
        raise BadRequest('prepared must be {"action": {"events": […], "responses": […]}}, or null')
    return value


def _is_result(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(name), list) and all(isinstance(one, dict) for one in value[name])
        for name in ("events", "responses")
    )


def _text(data: Mapping[str, Any], name: str, longest: int) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadRequest(f"{name} must be a text that is not empty")
    if len(value) > longest:
        raise BadRequest(f"{name} must have at most {longest} characters, it has {len(value)}")
    return value


def _parse_vector(value: Any) -> str | None:
    if value is None:
        return None
    try:
        numbers = np.frombuffer(base64.b64decode(value, validate=True), dtype="<f4")
    except (TypeError, ValueError) as error:
        raise BadRequest(_VECTOR_RULE) from error
    if not len(numbers) or not np.isfinite(numbers).all():
        raise BadRequest(_VECTOR_RULE)
    return str(value)


def get_payload(text: str, domain: Domain) -> str:
    """Gives the text as Rasa shall read it.

    `/intent{"slot": "value"}` of an intent that exists stays a payload; any other text with a
    slash at its front is a client's own words and loses the slash; `article:KEY` chooses.
    """
    chosen = _ARTICLE.fullmatch(text)
    if chosen:
        return "/choose_article" + json.dumps({"article": chosen.group("key")})
    if not text.startswith("/"):
        return text
    found = _PAYLOAD.fullmatch(text)
    if found and found.group("intent") in set(domain.intents) - _NOT_SPOKEN:
        try:
            slots = json.loads(found.group("slots") or "{}")
        except ValueError:
            slots = None
        if isinstance(slots, dict) and all(isinstance(one, str) for one in slots.values()):
            known = {name: value for name, value in slots.items() if name in domain.entities}
            return (
                f"/{found.group('intent')}{json.dumps(known, ensure_ascii=False) if known else ''}"
            )
    return text.lstrip("/ ") or "?"
