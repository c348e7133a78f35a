"""What passes between a client and the house: content, inbound envelope, outbound order, result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, TypedDict
from uuid import UUID

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

TEXT_LIMIT = 2000
"""The longest text, in characters, that any channel may hand in."""

REPLY_CODE = "reply_code"
"""A hint of an inbound event: the provider's code with which one reply to it may be sent,
outside of any window. The reply carries the same hint."""

TEMPLATE = "template"
"""A hint of an outgoing message, `{"code": …, "values": {…}}`: the text that the provider has
approved and the values of its variables. Such a message needs no reply window."""
SUBJECT = "subject_line"
"""A hint of an outgoing mail: what stands over it."""
UNSUBSCRIBE = "unsubscribe"
"""A hint of an outgoing mail: the address by which its reader ends mails of this kind."""


class Choice(TypedDict):
    """A button: `title` is shown, `payload` comes back when it is tapped."""

    title: str
    payload: str


class Row(TypedDict):
    """One line of a card."""

    label: str
    value: str


class Card(TypedDict, total=False):
    """A small table under a reply."""

    title: str
    rows: list[Row]
    note: str


class ArticleRef(TypedDict, total=False):
    """The article that an answer was taken from."""

    key: str
    title: str
    topic: str


class Media(TypedDict, total=False):
    """A picture, voice, video or file: the provider's id, our address of it, its type."""

    id: str
    url: str
    mime: str
    name: str


@dataclass(frozen=True, slots=True)
class Content:
    """What is said, whoever says it; `hints` stay inside the house."""

    kind: str = "text"
    text: str = ""
    choices: tuple[Choice, ...] = ()
    card: Card | None = None
    article: ArticleRef | None = None
    feedback: bool = False
    media: Media | None = None
    hints: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self, *, inside: bool = False) -> dict[str, Json]:
        """Return the JSON object of DESIGN's message body; `inside` adds the hints."""
        body: dict[str, Json] = {"kind": self.kind}
        parts: dict[str, Json] = {
            "text": self.text,
            "choices": [{"title": c["title"], "payload": c["payload"]} for c in self.choices],
            "card": self.card,  # type: ignore[dict-item]  # a TypedDict is a Mapping of Json
            "article": self.article,  # type: ignore[dict-item]
            "feedback": self.feedback,
            "media": self.media,  # type: ignore[dict-item]
            "hints": dict(self.hints) if inside else None,
        }
        body.update({name: part for name, part in parts.items() if part})
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, object]) -> Content:
        """Rebuild the content that `to_json` wrote; unknown keys are ignored."""
        known = {name: body[name] for name in cls.__slots__ if name in body}
        if "choices" in known:
            known["choices"] = tuple(known["choices"])  # type: ignore[arg-type]
        return cls(**known)  # type: ignore[arg-type]


class InboundKind(StrEnum):
    """What a channel may hand in."""

    MESSAGE = "message"
    EVENT = "event"
    RECEIPT = "receipt"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody is reached: UNIQUE(channel, account, address) is an identity."""

    channel: str
    account: str
    address: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """One verified thing that came in, in the same words for every channel.

    `dedup_key` is unique within (channel, account). `subtype` names the provider's event
    (`subscribe`, `CLICK` …). `window_rule` says which reply window this opens, if any.
    `client_msg_id` is the name that the client itself gave to the message.
    `client_no` is set only by a channel that has verified it (the host app's JWT).
    `menu_payload` is what a tapped button carries; it wins over `content.text`.
    """

    address: Address
    dedup_key: str
    kind: InboundKind
    content: Content
    received_at: datetime
    subtype: str = ""
    external_id: str | None = None
    provider_at: datetime | None = None
    menu_payload: str | None = None
    window_rule: str | None = None
    client_msg_id: str | None = None
    client_no: str | None = None
    verified_by: str = ""
    language: str | None = None
    raw: bytes = b""


class Author(StrEnum):
    """Who wrote a message."""

    CLIENT = "client"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Refusal(StrEnum):
    """Why a provider will not take a message.

    `window` is about this conversation (closed, or its messages used up), `quota` about the
    whole account.
    """

    RECIPIENT = "recipient"
    CONSENT = "consent"
    CONTENT = "content"
    CONFIG = "config"
    WINDOW = "window"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the message; `provider_id` is its name for it, where it has one."""

    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider refused and would refuse again."""

    refusal: Refusal
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Retryable:
    """The message was provably not processed; it may be sent again after `retry_after` seconds."""

    code: str
    retry_after: float = 1.0


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether the provider took the message."""

    code: str


SendResult: TypeAlias = Accepted | Rejected | Retryable | Unknown


@dataclass(frozen=True, slots=True)
class Thread:
    """The client's mail that a mail answers: its Message-ID and its subject, as it gave them."""

    mail_id: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a message is made from that has a content instead of words of its own."""

    content_id: UUID
    client_id: UUID | None = None
    arm: str = "a"
    language: str | None = None
    campaign_id: UUID | None = None
    notice_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Outbound:
    """An order to send: `outbox_id` is the idempotency key towards the provider."""

    outbox_id: UUID
    address: Address
    content: Content
    author: Author
    conversation_id: UUID | None = None
    message_id: UUID | None = None
    seq: int | None = None
    reply_to: UUID | None = None
    attempt: int = 1
    is_repeat: bool = False
    """The same key was sent before and nobody knows how that ended: it may have arrived."""
    thread: Thread | None = None
    """Given for mail alone: the client's last one in this conversation."""
    letter: Letter | None = None
    """From what `content` is written, where it is not the text of a message."""
    is_damaged: bool = False
    """The message's sealed cell does not open, so there is nothing to send."""

    @property
    def client_id(self) -> UUID | None:
        """The client whose letter it is, where it is one."""
        return self.letter.client_id if self.letter else None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider's or client's word on a message that we sent; ranks only go up."""

    channel: str
    account: str
    provider_id: str
    status: str
    event_id: str
    at: datetime
    detail: str = ""
    outbox_id: UUID | None = None
    """Our own name for the message, where the callback carries it: it settles an unknown call."""
