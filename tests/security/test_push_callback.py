"""Devices registered, and pushes opened, with tokens that nobody signed: none is believed."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from store.cipher import Cipher
from store.engine import Database
from tests.attack import Door, Post, attack
from tests.push import REGISTRATION, host_token, jpush_account, running_push_door
from tests.stage import make_stage


@pytest.fixture
async def door(database: Database, cipher: Cipher) -> AsyncIterator[Door]:
    stage = make_stage(database, cipher)
    async with running_push_door(stage, jpush_account()) as doorway:
        yield Door(doorway.session, stage, "")


async def test_mutated_registrations_are_not_believed(door: Door) -> None:
    token = host_token("9001")
    body = {"account": "jpush", "registration_id": REGISTRATION}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    genuine = Post("/chat/push/subscribe", json.dumps(body).encode(), headers)
    assert await door.post(genuine) == 201

    def forge(chance: random.Random, one: Post) -> Post:
        """Change the token so that it is another one, not only written in another way."""
        parts = token.split(".")
        place = chance.randrange(3)
        parts[place] = parts[place][: chance.randrange(len(parts[place]) - 4)]
        forged = {**one.headers, "Authorization": f"Bearer {'.'.join(parts)}"}
        return replace(one, headers=forged)

    await attack(door, genuine, [forge], only=[forge], refusals=frozenset({401}))
    assert await door.count("push_device") == 1
    assert await door.count("identity") == 1


async def test_any_body_under_a_genuine_token_makes_no_error(door: Door) -> None:
    body = {"account": "jpush", "registration_id": REGISTRATION, "id": "1"}
    headers = {"Authorization": f"Bearer {host_token('9001')}", "Content-Type": "application/json"}
    for path in ("subscribe", "unsubscribe", "opened"):
        genuine = Post(f"/chat/push/{path}", json.dumps(body).encode(), headers)
        await attack(door, genuine, [], refusals=frozenset({200, 201, 400, 401, 404, 429}))
