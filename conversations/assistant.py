"""The client of Rasa: asks one question and gets one reply; silence is a failure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias
from uuid import UUID

import aiohttp
import numpy as np
import orjson

from kernel.errors import ProviderError, Transient
from kernel.message import ArticleRef, Card, Choice, Content, Json

TIMEOUT_SECONDS = 4.0
"""What is left of the five seconds in which a client hears something, come what may."""
VECTOR_SECONDS = 1.5


class AssistantFailed(ProviderError):
    """The assistant is down, too slow, or answers nonsense."""

    code = "assistant_failed"
    message_zh = "智能助手暂时不可用。"


@dataclass(frozen=True, slots=True)
class Question:
    """One masked message and the state that the dialogue was left in."""

    conversation_id: UUID
    message_id: UUID
    text: str
    language: str
    channel: str
    is_identified: bool
    scopes: Sequence[str] = ()
    state: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """The assistant asks for a person: `reason` is a word of docs/glossary.md."""

    reason: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assistant says, why, and the state to hand in next time."""

    content: Content
    handover: Handover | None = None
    intent: str = ""
    confidence: float = 0.0
    slots: Mapping[str, Json] = field(default_factory=dict)
    state: Mapping[str, Json] | None = None


class Assistant(Protocol):
    """Understands a client and leads the dialogue."""

    async def reply(self, question: Question) -> Answer:
        """Return the answer; raises AssistantFailed rather than be silent."""
        ...


class Encode(Protocol):
    """Turns texts into vectors (knowledge/encoder.py)."""

    async def encode(
        self, texts: Sequence[str], *, kind: Literal["query", "passage"]
    ) -> np.ndarray:
        """Return one L2-normalised float32 row per text."""
        ...


Prepared: TypeAlias = Mapping[str, Json]
"""What actions would say to a question, by the action's name, as an action server answers."""


class Prepare(Protocol):
    """Works out beforehand what Rasa will most likely ask for (actions/prepared.py)."""

    async def __call__(self, question: Question, vector: np.ndarray) -> Prepared:
        """Return results by the action's name; none is always right."""
        ...


async def prepare_nothing(question: Question, vector: np.ndarray) -> Prepared:
    """Leave everything for Rasa to ask for."""
    del question, vector
    return {}


class RasaAssistant:
    """Rasa behind its connector; a conversation is hashed to one of a fleet."""

    def __init__(
        self,
        urls: Sequence[str],
        *,
        key: str,
        encoder: Encode,
        session: aiohttp.ClientSession,
        prepare: Prepare = prepare_nothing,
    ) -> None:
        self._urls = tuple(urls)
        self._key = key
        self._encoder = encoder
        self._session = session
        self._prepare = prepare

    async def reply(self, question: Question) -> Answer:
        """Ask Rasa.

        Raises:
            AssistantFailed: no answer within four seconds, an error, or nothing to say.
        """
        vector = None if question.text.startswith("/") else await self._vector(question.text)
        prepared = {} if vector is None else await self._prepare(question, vector)
        body = _request(question, vector, prepared)
        try:
            reply = await self._post(self._url_for(question.conversation_id), body)
            return parse_answer(reply)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise AssistantFailed(f"Rasa: {type(error).__name__} {error}") from error

    async def _vector(self, text: str) -> np.ndarray | None:
        try:
            (row,) = await self._encoder.encode([text], kind="query")
        except Transient:
            return None
        return np.asarray(row, dtype="<f4")

    async def _post(self, url: str, body: bytes) -> Mapping[str, object]:
        headers = {"Content-Type": "application/json", "X-Zhida-Key": self._key}
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        async with self._session.post(url, data=body, headers=headers, timeout=timeout) as reply:
            raw = await reply.read()
            if reply.status != 200:
                raise AssistantFailed(f"Rasa answers {reply.status}: {raw[:200]!r}")
        try:
            parsed = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise AssistantFailed(f"Rasa answers no JSON: {raw[:80]!r}") from error
        if not isinstance(parsed, dict):
            raise AssistantFailed("Rasa answers something other than an object.")
        return parsed

    def _url_for(self, conversation_id: UUID) -> str:
        digest = hashlib.blake2b(conversation_id.bytes, digest_size=4).digest()
        base = self._urls[int.from_bytes(digest, "big") % len(self._urls)]
        return f"{base}/webhooks/zhida/webhook"


def _request(question: Question, vector: np.ndarray | None, prepared: Prepared) -> bytes:
    return orjson.dumps(
        {
            "conversation": str(question.conversation_id),
            "turn": str(question.message_id),
            "text": question.text,
            "language": question.language,
            "vector": None if vector is None else base64.b64encode(vector.tobytes()).decode(),
            "prepared": prepared,
            "state": question.state,
            "client": {"identified": question.is_identified, "scopes": list(question.scopes)},
            "channel": question.channel,
        }
    )


def parse_answer(reply: Mapping[str, object]) -> Answer:
    """Read the connector's reply.

    Raises:
        AssistantFailed: it is not of the agreed shape, or says nothing at all.
    """
    hints = _mapping(reply.get("hints"))
    text = reply.get("text")
    asked = _mapping(hints.get("handover"))
    handover = Handover(str(asked["reason"]), str(asked.get("summary", ""))) if asked else None
    if not isinstance(text, str) or not (text.strip() or handover):
        raise AssistantFailed("Rasa has nothing to say.")
    intent = _mapping(reply.get("intent"))
    confidence = intent.get("confidence", 0.0)
    return Answer(
        content=Content(
            text=text.strip(),
            choices=_choices(reply.get("choices")),
            card=_card(reply.get("card")),
            article=_article(hints.get("article")),
            feedback=hints.get("feedback") is True,
            hints=dict(hints) | {"actions": _strings(reply.get("actions"))},
        ),
        handover=handover,
        intent=str(intent.get("name", "")),
        confidence=float(confidence) if isinstance(confidence, int | float) else 0.0,
        slots=_mapping(reply.get("slots")),
        state=_mapping(reply.get("state")) or None,
    )


def _mapping(value: object) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _strings(value: object) -> list[Json]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _choices(value: object) -> tuple[Choice, ...]:
    rows = value if isinstance(value, list) else []
    return tuple(
        Choice(title=str(row["title"]), payload=str(row["payload"]))
        for row in rows
        if isinstance(row, dict) and "title" in row and "payload" in row
    )


def _card(value: object) -> Card | None:
    if not isinstance(value, dict):
        return None
    rows = [
        {"label": str(row.get("label", "")), "value": str(row.get("value", ""))}
        for row in value.get("rows", [])
        if isinstance(row, dict)
    ]
    card = Card(rows=[{"label": row["label"], "value": row["value"]} for row in rows])
    if value.get("title"):
        card["title"] = str(value["title"])
    if value.get("note"):
        card["note"] = str(value["note"])
    return card


def _article(value: object) -> ArticleRef | None:
    if not isinstance(value, dict):
        return None
    article = ArticleRef(key=str(value.get("key", "")), title=str(value.get("title", "")))
    if value.get("topic"):
        article["topic"] = str(value["topic"])
    return article
