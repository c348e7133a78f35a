"""Mutated callbacks of Twilio and Aliyun: none is believed, none makes an error of ours.

300 of each by default; `make security` (ZHIDA_TEST_SIZE=full) runs 10,000.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import aiohttp
import pytest
from sqlalchemy import text

from channels.sms.form import parse_form
from channels.sms.twilio.signature import sign
from store.cipher import Cipher
from store.engine import Database
from tests.security.mutation import OF_BODY
from tests.sms import (
    ABROAD,
    ACCOUNT_SID,
    AUTH_TOKEN,
    PUSH_TOKEN,
    SENDER,
    running_doors,
    running_sms_lab,
)
from tests.stage import Stage, make_stage, running
from tests.wechat import free_port

SIZE = 10_000 if os.environ.get("ZHIDA_TEST_SIZE") == "full" else 300
SEED = 20261122
TWILIO = "/channels/sms/twilio/twilio"
ALIYUN = "/channels/sms/aliyun/aliyun/"
HEADER = "X-Twilio-Signature"


@dataclass(frozen=True)
class Post:
    """One callback as it goes over the wire."""

    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Door:
    session: aiohttp.ClientSession
    stage: Stage
    site: str

    async def post(self, one: Post) -> int:
        async with self.session.post(one.path, data=one.body, headers=one.headers) as answer:
            await answer.read()
            return answer.status

    async def count(self) -> int:
        async with self.stage.database.transaction() as connection:
            found = await connection.execute(text("SELECT count(*) FROM inbox"))
            return int(found.scalar_one())


@pytest.fixture
async def door(database: Database, cipher: Cipher) -> AsyncIterator[Door]:
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    stage = make_stage(database, cipher)
    async with running_sms_lab(site) as lab, running_doors(stage, lab.accounts, port=port):
        for channel in lab.channels:
            stage.receiver.channels.add(channel)
        async with running(stage), aiohttp.ClientSession(site) as session:
            yield Door(session, stage, site)


def from_twilio(site: str, **more: str) -> Post:
    form = {
        "MessageSid": "SM" + "1" * 32,
        "AccountSid": ACCOUNT_SID,
        "From": ABROAD,
        "To": SENDER,
        "Body": "怎么出金",
        "NumMedia": "0",
    } | more
    signature = sign(AUTH_TOKEN, site + TWILIO, {name: [one] for name, one in form.items()})
    headers = {HEADER: signature, "Content-Type": "application/x-www-form-urlencoded"}
    return Post(TWILIO, urlencode(form).encode(), headers)


def from_aliyun() -> Post:
    row = {
        "phone_number": "13800138000",
        "send_time": "2026-11-22 10:00:00",
        "content": "怎么出金",
        "dest_code": "106900010042",
        "sequence_id": 77,
    }
    return Post(ALIYUN + PUSH_TOKEN, json.dumps([row], ensure_ascii=False).encode())


def _add_field(chance: random.Random, one: Post) -> Post:
    return replace(one, body=one.body + b"&X%d=" % chance.randrange(1000) + b"1")


def _repeat_field(chance: random.Random, one: Post) -> Post:
    fields = one.body.split(b"&")
    extra = chance.choice(fields).partition(b"=")[0] + b"=%d" % chance.randrange(1000)
    return replace(one, body=b"&".join([*fields, extra]))


def _spoil_signature(chance: random.Random, one: Post) -> Post:
    letters = list(one.headers.get(HEADER, "x"))
    letters[chance.randrange(len(letters))] = chance.choice("abcdefgh0123456789+/=\u00e9")
    return replace(one, headers={**one.headers, HEADER: "".join(letters)})


def _spoil_path(chance: random.Random, one: Post) -> Post:
    return replace(one, path=one.path + chance.choice(["?a=1", "/", "?", "%20", "x"]))


Mutation = Callable[[random.Random, Post], Post]
OF_TWILIO: list[Mutation] = [*OF_BODY, _add_field, _repeat_field, _spoil_signature, _spoil_path]


def _spoil_token(chance: random.Random, one: Post) -> Post:
    token = list(PUSH_TOKEN)
    for _ in range(chance.randint(1, 3)):
        token[chance.randrange(len(token))] = chance.choice("abcdefgh0123456789-_%é")
    spoilt = "".join(token)
    return replace(one, path=ALIYUN + (spoilt if spoilt != PUSH_TOKEN else spoilt + "x"))


async def test_mutated_twilio_callbacks_change_nothing(door: Door) -> None:
    chance, original = random.Random(SEED), from_twilio(door.site)
    assert await door.post(original) == 200

    async def attack(one: Post) -> None:
        status = await door.post(one)
        assert status < 500
        assert one == original or status != 200 or _says_the_same(one, original), one

    for _ in range(0, SIZE, 20):
        batch = [chance.choice(OF_TWILIO)(chance, original) for _ in range(20)]
        await asyncio.gather(*(attack(one) for one in batch))
    assert await door.count() == 1
    assert len(door.stage.assistant.asked) == 1


def _says_the_same(one: Post, original: Post) -> bool:
    """A mutation may spell the same form in another way: %e6 for %E6."""
    return parse_form(one.body) == parse_form(original.body)


async def test_aliyun_pushes_without_the_token_change_nothing(door: Door) -> None:
    chance, original = random.Random(SEED), from_aliyun()
    statuses = []
    for _ in range(0, SIZE, 20):
        batch = [_spoil_token(chance, original) for _ in range(20)]
        statuses += await asyncio.gather(*(door.post(one) for one in batch))
    assert set(statuses) <= {400, 403, 404}
    assert await door.count() == 0


async def test_mutated_aliyun_pushes_make_no_error_of_ours(door: Door) -> None:
    """Nothing signs the body, so what still reads as a push is one; nothing else gets in."""
    chance, original = random.Random(SEED), from_aliyun()
    taken = 0
    for _ in range(0, SIZE, 20):
        batch = [chance.choice(OF_BODY)(chance, original) for _ in range(20)]
        statuses = await asyncio.gather(*(door.post(one) for one in batch))
        assert set(statuses) <= {200, 400}
        taken += statuses.count(200)
    assert await door.count() <= taken


FORGERIES: list[Callable[[str], Post]] = [
    lambda site: replace(from_twilio(site), headers={}),
    lambda site: from_twilio(site.replace("http://", "https://")),
    lambda site: from_twilio(site + "0"),
    lambda site: replace(from_twilio(site), path=f"{TWILIO}/status/{'0' * 8}"),
    lambda site: Post(ALIYUN, b"[]"),
    lambda site: Post(ALIYUN + "%2e%2e", b"[]"),
    lambda site: replace(from_aliyun(), path=ALIYUN + PUSH_TOKEN.upper()),
]


async def test_forged_callbacks_are_refused(door: Door) -> None:
    for place, forge in enumerate(FORGERIES):
        assert await door.post(forge(door.site)) in {400, 403, 404}, f"forgery {place}"
    assert await door.count() == 0
