"""Mutated and forged mails: none is believed, none makes an error of ours."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from store.cipher import Cipher
from store.engine import Database
from tests.attack import AT_ONCE, SEED, SIZE, Door, Post, attack, flip
from tests.mail import SENDER, pack, running_mail_door, sign_body, write_mail
from tests.stage import make_stage
from tests.wechat import free_port


@pytest.fixture
async def mail_door(database: Database, cipher: Cipher) -> AsyncIterator[Door]:
    port, stage = free_port(), make_stage(database, cipher)
    async with running_mail_door(stage, port=port) as door:
        yield Door(door.session, stage, f"http://127.0.0.1:{port}")


async def test_mutated_mails_are_not_believed(mail_door: Door) -> None:
    body = pack(write_mail())
    genuine = Post("/channels/email/demo", body, sign_body(body))
    assert await mail_door.post(genuine) == 200
    await attack(mail_door, genuine, [])
    assert await mail_door.count("inbox") == 1
    assert await mail_door.count("receipt") == 0


async def test_rightly_signed_mails_of_any_kind_make_no_error(mail_door: Door) -> None:
    """What the mail server signs is still written by strangers: any bytes may be in it."""
    chance = random.Random(SEED)
    original = write_mail(Content_Type="multipart/mixed; boundary=BB")
    for _ in range(0, SIZE, AT_ONCE):
        posts = []
        for _ in range(AT_ONCE):
            raw = flip(chance, Post("", original, {})).body if chance.random() < 0.7 else b""
            raw = raw or chance.randbytes(chance.randint(1, 500))
            body = pack(raw, [SENDER], dmarc=chance.choice(["pass", "fail"]))
            posts.append(Post("/channels/email/demo", body, sign_body(body)))
        statuses = await asyncio.gather(*(mail_door.post(one) for one in posts))
        assert all(status in {200, 400} for status in statuses), statuses


async def test_guessed_return_addresses_lead_nowhere(mail_door: Door) -> None:
    chance = random.Random(SEED)
    signs = "abcdefghijklmnopqrstuvwxyz234567"
    for _ in range(60):
        kind = chance.choice(["reply", "bounce"])
        token = ".".join("".join(chance.choices(signs, k=26)) for _ in range(2))
        raw = write_mail(f"{token}", From="MAILER-DAEMON@x.cn" if kind == "bounce" else "a@x.cn")
        body = pack(raw, [f"{kind}+{token}@mail.zhida.test"], dmarc="fail")
        assert await mail_door.post(Post("/channels/email/demo", body, sign_body(body))) == 200
    assert await mail_door.count("receipt") == 0
