"""How an attacker changes a genuine callback: its bytes, and what a signed URL carries."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Protocol, TypeVar

from lab.wechat.envelope import Sealed

SIGNED = ("msg_signature", "timestamp", "nonce")


class Posted(Protocol):
    """A frozen dataclass of a request; only its body matters here."""

    @property
    def body(self) -> bytes:
        """The bytes that are posted."""
        ...


One = TypeVar("One", bound=Posted)


def flip(chance: random.Random, one: One) -> One:
    """Put up to four bytes at random in the place of others."""
    body = bytearray(one.body)
    for _ in range(chance.randint(1, 4)):
        body[chance.randrange(len(body))] = chance.randrange(256)
    return _with_body(one, bytes(body))


def shorten(chance: random.Random, one: One) -> One:
    """Cut the body off somewhere."""
    return _with_body(one, one.body[: chance.randrange(len(one.body))])


def lengthen(chance: random.Random, one: One) -> One:
    """Add up to forty bytes at the end."""
    return _with_body(one, one.body + chance.randbytes(chance.randint(1, 40)))


def make_noise(chance: random.Random, one: One) -> One:
    """Post bytes that mean nothing at all."""
    return _with_body(one, chance.randbytes(chance.randint(0, 300)))


def change_query(chance: random.Random, one: Sealed) -> Sealed:
    """Change one character of what the URL carries for the signature."""
    name = chance.choice(SIGNED)
    value = list(one.query[name])
    value[chance.randrange(len(value))] = chance.choice("0123456789abcdef你 \x00")
    return replace(one, query=one.query | {name: "".join(value)})


def drop_query(chance: random.Random, one: Sealed) -> Sealed:
    """Leave out a part of what the URL carries for the signature."""
    name = chance.choice(SIGNED)
    return replace(one, query={key: value for key, value in one.query.items() if key != name})


OF_BODY = (flip, shorten, lengthen, make_noise)
OF_SEALED = (flip, shorten, lengthen, change_query, drop_query, make_noise)
"""The mutations of a callback that is sealed as WeChat and WeCom seal theirs."""


def _with_body(one: One, body: bytes) -> One:
    return replace(one, body=body)  # type: ignore[type-var]  # every Posted is a dataclass
