"""What an action sees of a conversation: who is asked nothing that the session can tell."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from rasa_sdk import Tracker

from kernel.errors import Malformed

_TOKEN = re.compile(r"\[(手机号|验证码|身份证|银行卡|邮箱|账号)\d+\]")
_REFERENCE = re.compile(r"([0-9a-f-]{36})#(\[[^\]]+\])")


@dataclass(frozen=True, slots=True)
class Session:
    """One turn of one conversation; `text` is masked."""

    conversation_id: UUID
    turn_id: UUID
    text: str
    intent: str
    language: str
    channel: str
    slots: Mapping[str, object]
    vector: np.ndarray | None

    def say(self, *, zh: str, en: str) -> str:
        """Choose the sentence of the client's language."""
        return en if self.language == "en" else zh

    def get_text(self, slot: str) -> str | None:
        """Return a slot that holds a text, stripped, or None."""
        value = self.slots.get(slot)
        return value.strip() or None if isinstance(value, str) else None

    def get_answer(self, slot: str) -> bool | None:
        """Return a slot that holds yes or no, or None."""
        value = self.slots.get(slot)
        return value if isinstance(value, bool) else None

    def refer(self, token: str) -> str:
        """Name a hidden value of this turn for a later one, as `turn#[手机号1]`."""
        return f"{self.turn_id}#{token}"


@dataclass(frozen=True, slots=True)
class Reference:
    """A hidden value: which message hid it, under which token."""

    turn_id: UUID
    token: str


def find_token(text: str, kind: str) -> str | None:
    """Return the last token of a kind in a text, such as `[手机号2]`: who repeats, corrects."""
    tokens = [match.group() for match in _TOKEN.finditer(text) if match.group(1) == kind]
    return tokens[-1] if tokens else None


def find_reference(session: Session, value: object, kind: str) -> Reference | None:
    """Return where a slot's value is hidden: in this turn, or in the turn that it names."""
    if not isinstance(value, str):
        return None
    named = _REFERENCE.fullmatch(value)
    if named:
        return Reference(UUID(named.group(1)), named.group(2))
    token = find_token(value, kind)
    return Reference(session.turn_id, token) if token else None


def read_session(tracker: Tracker) -> Session:
    """Read the turn out of what Rasa sends.

    Raises:
        Malformed: Rasa did not say which conversation or which turn this is.
    """
    latest = tracker.latest_message or {}
    metadata = _find_metadata(tracker)
    slots = {str(name): value for name, value in (tracker.slots or {}).items()}
    try:
        conversation_id, turn_id = UUID(str(tracker.sender_id)), UUID(str(metadata.get("turn")))
    except ValueError as error:
        raise Malformed("Rasa must say which conversation and which turn it asks for.") from error
    return Session(
        conversation_id=conversation_id,
        turn_id=turn_id,
        text=str(latest.get("text") or ""),
        intent=str((latest.get("intent") or {}).get("name") or ""),
        language=read_language(tracker),
        channel=str(metadata.get("channel") or ""),
        slots=slots,
        vector=_read_vector(metadata.get("vector")),
    )


def read_language(tracker: Tracker) -> str:
    """Return `zh` or `en`; Chinese when nobody has said."""
    language = _find_metadata(tracker).get("language") or (tracker.slots or {}).get("language")
    return "en" if language == "en" else "zh"


def _find_metadata(tracker: Tracker) -> Mapping[str, object]:
    metadata = (tracker.latest_message or {}).get("metadata")
    if isinstance(metadata, Mapping) and metadata:
        return metadata
    for event in reversed(tracker.events or []):
        if event.get("event") == "user":
            metadata = event.get("metadata")
            return metadata if isinstance(metadata, Mapping) else {}
    return {}


def _read_vector(value: object) -> np.ndarray | None:
    """Read base64 of float32; a vector that cannot be read is as good as none."""
    if not isinstance(value, str) or not value:
        return None
    try:
        vector = np.frombuffer(base64.b64decode(value, validate=True), dtype="<f4")
    except (ValueError, binascii.Error):
        return None
    return vector if vector.size and bool(np.isfinite(vector).all()) else None
