"""Attacks on a door: a genuine callback in a thousand changed forms.

300 of each by default; `make security` (ZHIDA_TEST_SIZE=full) runs 10,000.
"""

from __future__ import annotations

import asyncio
import io
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import aiohttp
from sqlalchemy import text

from tests.stage import Stage

SIZE = 10_000 if os.environ.get("ZHIDA_TEST_SIZE") == "full" else 300
SEED = 20261122
AT_ONCE = 20


@dataclass(frozen=True)
class Post:
    """One callback as it goes over the wire."""

    path: str
    body: bytes
    headers: Mapping[str, str]


@dataclass
class Door:
    session: aiohttp.ClientSession
    stage: Stage
    site: str

    async def post(self, one: Post) -> int:
        data = io.BytesIO(one.body)
        async with self.session.post(one.path, data=data, headers=one.headers) as answer:
            await answer.read()
            return answer.status

    async def count(self, table: str) -> int:
        async with self.stage.database.transaction() as connection:
            found = await connection.execute(text(f"SELECT count(*) FROM {table}"))
            return int(found.scalar_one())


PROOFS = ("Authorization",)
SIGNS = "0123456789abcdefXYZ/+="
Mutation = Callable[[random.Random, Post], Post]


def flip(chance: random.Random, one: Post) -> Post:
    body = bytearray(one.body)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(body))
        body[place] = (body[place] + chance.randint(1, 255)) % 256
    return replace(one, body=bytes(body))


def _shorten(chance: random.Random, one: Post) -> Post:
    return replace(one, body=one.body[: chance.randrange(len(one.body))])


def _lengthen(chance: random.Random, one: Post) -> Post:
    return replace(one, body=one.body + chance.randbytes(chance.randint(1, 40)))


def _noise(chance: random.Random, one: Post) -> Post:
    return replace(one, body=chance.randbytes(chance.randint(0, 300)))


def _change_header(chance: random.Random, one: Post) -> Post:
    name = chance.choice([name for name in one.headers if name in PROOFS or name[:2] == "X-"])
    value = list(one.headers[name])
    place = chance.randrange(len(value))
    value[place] = chance.choice(
        [sign for sign in "0123456789abcdefXYZ/+=" if sign != value[place]]
    )
    return replace(one, headers={**one.headers, name: "".join(value)})


def _drop_header(chance: random.Random, one: Post) -> Post:
    name = chance.choice([name for name in one.headers if name in PROOFS or name[:2] == "X-"])
    return replace(one, headers={k: v for k, v in one.headers.items() if k != name})


REFUSALS = frozenset({400, 403, 404})
MUTATIONS: list[Mutation] = [flip, _shorten, _lengthen, _noise, _change_header, _drop_header]


async def attack(
    door: Door,
    genuine: Post,
    more: list[Mutation],
    *,
    only: list[Mutation] | None = None,
    refusals: frozenset[int] = REFUSALS,
) -> None:
    """Post changed forms of a genuine callback; each must be refused as is said here."""
    ways = only or [*MUTATIONS, *more]
    chance = random.Random(SEED)
    for _ in range(0, SIZE, AT_ONCE):
        batch = [chance.choice(ways)(chance, genuine) for _ in range(AT_ONCE)]
        async with asyncio.timeout(30):
            statuses = await asyncio.gather(*(door.post(one) for one in batch))
        assert all(status in refusals for status in statuses), statuses
