"""WeCom's callbacks as Tencent's own package (npm @wecom/crypto) makes and reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from defusedxml.ElementTree import fromstring

from channels.kf.webhook import build_signature
from channels.wechat.signature import Signature
from kernel.clock import FakeClock
from kernel.errors import BadSignature
from lab.courier import Courier
from lab.wecom.phone import KfPhone
from tests.peer import Peer, running_peer
from tests.wecom import CORP_ID, KF, WecomLab, running_wecom

AT = 1795400000
TEXTS = ["<xml><Event>kf_msg_or_event</Event></xml>", "保证金😀" * 200, "]]><x/>"]


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    secrets = {"TOKEN": KF["token"], "AES_KEY": KF["aes_key"], "CORP_ID": CORP_ID}
    async with running_peer("wecom.js", secrets) as peer:
        yield peer


@pytest.fixture
async def lab() -> AsyncIterator[WecomLab]:
    async with running_wecom() as lab:
        yield lab


@pytest.fixture
def signature(lab: WecomLab) -> Signature:
    return build_signature(lab.account(), FakeClock(datetime.fromtimestamp(AT, UTC)))


async def seal(peer: Peer, text: str, nonce: str = "n1") -> dict[str, Any]:
    return dict(await peer.ask({"seal": text, "timestamp": str(AT), "nonce": nonce}))


@pytest.mark.parametrize("text", TEXTS)
async def test_what_tencents_package_seals_we_open(
    peer: Peer, signature: Signature, text: str
) -> None:
    sealed = await seal(peer, text)
    body = f"<xml><Encrypt><![CDATA[{sealed['sealed']}]]></Encrypt></xml>".encode()
    query = {"msg_signature": sealed["signature"], "timestamp": str(AT), "nonce": "n1"}
    assert signature.open_callback(query, body).xml.decode() == text


async def test_sealed_echo_of_the_address_check_is_opened(peer: Peer, signature: Signature) -> None:
    sealed = await seal(peer, "1616140317555161061")
    query = {"timestamp": str(AT), "nonce": "n1", "echostr": sealed["sealed"]}
    query["msg_signature"] = sealed["signature"]
    assert signature.open_handshake(query) == "1616140317555161061"
    with pytest.raises(BadSignature):
        signature.open_handshake(query | {"echostr": (await seal(peer, "another"))["sealed"]})


async def test_labs_callbacks_are_what_tencents_package_reads(peer: Peer, lab: WecomLab) -> None:
    phone = KfPhone(lab.world, Courier("wecom", lab.world.room))
    parcel = phone.make_callback(lab.world.accounts.kfs["demo"])
    query = {name: value[0] for name, value in parse_qs(urlsplit(parcel.url).query).items()}
    sealed = fromstring(parcel.body.decode()).findtext("Encrypt")
    opened = await peer.ask(
        {"open": sealed, "timestamp": query["timestamp"], "nonce": query["nonce"]}
    )
    assert (opened["id"], opened["signature"]) == (CORP_ID, query["msg_signature"])
    assert fromstring(opened["message"]).findtext("Event") == "kf_msg_or_event"
