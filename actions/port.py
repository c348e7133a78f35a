"""What the actions need from others: knowledge, the turn's hidden values, the tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol
from uuid import UUID

import numpy as np

from desk.progress import Progress


class Hit(Protocol):
    """An article that was found (knowledge/search.py)."""

    @property
    def key(self) -> str:
        """The article's key, such as `dw.transfer_out`."""
        ...

    @property
    def title(self) -> str:
        """Its title in the language asked for."""
        ...

    @property
    def body(self) -> str:
        """What is answered."""
        ...

    @property
    def topic(self) -> str:
        """Its topic, such as `deposit_withdrawal`."""
        ...

    @property
    def action(self) -> str | None:
        """The talk that does for the client what the article tells of."""
        ...


class Found(Protocol):
    """What a search came to."""

    @property
    def kind(self) -> str:
        """One of answer, choices, unknown, advice, probe, not_ours."""
        ...

    @property
    def best(self) -> Hit | None:
        """The article of an answer."""
        ...

    @property
    def choices(self) -> Sequence[Hit]:
        """At most three articles to choose from."""
        ...


class Knowledge(Protocol):
    """Finds what we know."""

    async def find(
        self, text: str, *, vector: np.ndarray | None = None, language: str | None = None
    ) -> Found:
        """Return what answers the question, or that nothing does."""
        ...

    async def get(self, key: str, *, language: str) -> Hit | None:
        """Return one article by its key."""
        ...


class Turns(Protocol):
    """Gives back what the mask hid from the assistant (conversations/transcript.py)."""

    async def revealed(self, conversation_id: UUID, message_id: UUID) -> Mapping[str, str]:
        """Return what each token of a message stands for."""
        ...


class Tickets(Protocol):
    """Knows the tickets of a conversation and, when it is proved who asks, of a client."""

    async def find_progress(
        self, conversation_id: UUID, *, client_id: UUID | None, number: str | None
    ) -> Sequence[Progress]:
        """Return tickets, newest first, at most five; `number` asks for one of them."""
        ...


class Feedback(Protocol):
    """Keeps what clients think of an answer."""

    async def record(
        self, conversation_id: UUID, *, helpful: bool, article: str | None, turn_id: UUID
    ) -> None:
        """Keep one word of feedback."""
        ...


Talk = Literal[
    "check_balance",
    "check_deposit",
    "check_withdrawal",
    "check_withdrawal_limit",
    "check_permission",
    "apply_permission",
    "check_margin",
    "check_ticket",
    "change_phone",
    "change_bank_card",
    "complaint",
]
