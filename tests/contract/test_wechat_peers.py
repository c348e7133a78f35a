"""WeChat's protocol as other people wrote it: npm wechat-crypto and node-webot's wechat-api."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from defusedxml.ElementTree import fromstring

from channels.wechat.signature import Signature
from kernel.clock import FakeClock
from tests.peer import Peer, running_peer
from tests.wechat import AES_KEY, APPID, KEYS, OPENID, SECRET, TOKEN, Lab, free_port, running_lab

SECRETS = {"TOKEN": TOKEN, "AES_KEY": AES_KEY, "APPID": APPID, "SECRET": SECRET}
TEXTS = ["保证金不足怎么办?😀", "a" * 2000, "]]><x/>", "\n 空白 \n"]
AT = 1795400000


@pytest.fixture
async def crypto() -> AsyncIterator[Peer]:
    async with running_peer("seal.js", SECRETS) as peer:
        yield peer


@pytest.fixture
def signature() -> Signature:
    return Signature(KEYS, FakeClock(datetime.fromtimestamp(AT, UTC)))


@pytest.mark.parametrize("text", TEXTS)
async def test_what_the_peer_seals_we_open(crypto: Peer, signature: Signature, text: str) -> None:
    sealed = await crypto.ask({"seal": text, "timestamp": str(AT), "nonce": "n1"})
    body = f"<xml><Encrypt><![CDATA[{sealed['sealed']}]]></Encrypt></xml>".encode()
    query = {"msg_signature": sealed["signature"], "timestamp": str(AT), "nonce": "n1"}
    assert signature.open_callback(query, body).xml.decode() == text


@pytest.mark.parametrize("text", TEXTS)
async def test_what_we_seal_the_peer_opens(crypto: Peer, signature: Signature, text: str) -> None:
    parts = {one.tag: one.text for one in fromstring(signature.seal_reply(text, "n2"))}
    opened = await crypto.ask(
        {"open": parts["Encrypt"], "timestamp": parts["TimeStamp"], "nonce": parts["Nonce"]}
    )
    assert opened == {"message": text, "appid": APPID, "signature": parts["MsgSignature"]}


@pytest.fixture
async def stand_in() -> AsyncIterator[tuple[Lab, Peer]]:
    """The lab with a product of other people's packages behind it."""
    port = free_port()
    async with (
        running_lab(f"http://127.0.0.1:{port}") as lab,
        running_peer("product.js", SECRETS | {"LAB": lab.url, "PORT": str(port)}) as peer,
    ):
        assert await peer.hear() == {"port": port}
        yield lab, peer


async def test_peer_reads_the_labs_callbacks_and_the_lab_reads_its_reply(
    stand_in: tuple[Lab, Peer],
) -> None:
    lab, peer = stand_in
    said = await lab.say("怎么出金😀")
    heard = await peer.hear()
    assert (heard["openid"], heard["text"], heard["appid"]) == (OPENID, "怎么出金😀", APPID)
    assert said["passive"] == {"msgtype": "text", "body": {"content": "同行：怎么出金😀"}}
    assert [one["kind"] for one in lab.ledger] == ["passive"]


async def test_peer_sends_customer_service_messages(stand_in: tuple[Lab, Peer]) -> None:
    lab, peer = stand_in
    await lab.say("later 您好 from node")
    await peer.hear()
    assert (await peer.hear())["sent"] == {"errcode": 0, "errmsg": "ok"}
    assert [(one["kind"], one["body"]) for one in lab.ledger] == [
        ("custom", {"content": "您好 from node"})
    ]


async def test_peer_is_told_that_its_token_is_no_longer_valid(stand_in: tuple[Lab, Peer]) -> None:
    """wechat-api 1.35 tries again with the very token that failed, so it stays 40001."""
    lab, peer = stand_in
    for expected in (0, 40001):
        await lab.say("later 再来")
        await peer.hear()
        assert (await peer.hear())["sent"]["errcode"] == expected
        lab.world.tokens.expire_all()


async def test_peer_sends_a_template_and_hears_how_it_ended(stand_in: tuple[Lab, Peer]) -> None:
    lab, peer = stand_in
    await lab.say("template")
    heard = [await peer.hear() for _ in range(3)]
    sent = next(one["sent"] for one in heard if "sent" in one)
    assert sent["errcode"] == 0
    ended = [(one["event"], one["status"]) for one in heard if one.get("event")]
    assert ended == [("TEMPLATESENDJOBFINISH", "success")]


async def test_lab_believes_nobody_with_another_token(stand_in: tuple[Lab, Peer]) -> None:
    lab, _ = stand_in
    query = {"access_token": "lab-token-forged"}
    path = "/wechat-api/cgi-bin/message/custom/send"
    async with lab.session.post(path, params=query, json={"touser": OPENID}) as answer:
        assert (await answer.json())["errcode"] == 40001
        assert answer.headers["X-Zhida-Lab"] == "1"
