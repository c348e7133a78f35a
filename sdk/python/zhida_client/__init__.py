"""智达的 Python 客户端 · Zhida's client for the systems of a broker: events, messages, webhooks."""

from __future__ import annotations

from zhida_client.client import Staff, Zhida
from zhida_client.errors import (
    BadSignature,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refused,
    Stale,
    TooLarge,
    TooMany,
    Unavailable,
    Unreachable,
    Unreadable,
    Untrusted,
    ZhidaError,
)
from zhida_client.schemas import Event, EventFate, MessageOrder, MessageOrdered, SignIn
from zhida_client.signing import verify_webhook
from zhida_client.transport import Patience

__all__ = [
    "BadSignature",
    "Conflict",
    "Event",
    "EventFate",
    "InvalidInput",
    "MessageOrder",
    "MessageOrdered",
    "NotAllowed",
    "NotFound",
    "NotSignedIn",
    "Patience",
    "Refused",
    "SignIn",
    "Staff",
    "Stale",
    "TooLarge",
    "TooMany",
    "Unavailable",
    "Unreachable",
    "Unreadable",
    "Untrusted",
    "Zhida",
    "ZhidaError",
    "verify_webhook",
]
