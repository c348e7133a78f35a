"""Our SMS beside Twilio's own code: who signs, what an SMS costs, what the API takes."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from channels.sms.carrier import Order, Text
from channels.sms.segment import cut, measure
from channels.sms.twilio.carrier import Sender, TwilioCarrier
from channels.sms.twilio.client import TwilioClient
from channels.sms.twilio.signature import TwilioSignature
from kernel.errors import BadSignature
from kernel.message import Accepted, Refusal, Rejected
from lab.twilio.signature import sign as sign_as_lab
from tests.peer import Peer, running_peer
from tests.prism import running_prism

SITE = "https://chat.broker.example"
PATH = "/channels/sms/twilio/hk?k=1"
FORM = {
    "MessageSid": "SM" + "1" * 32,
    "Body": " 怎么出金😀 & <b>=+%20 ",
    "From": "+85251234567",
    "ToCity": "",
    "bodySHA256": "x",
}
ALPHABETS: tuple[Sequence[str], ...] = (
    "abc XYZ 123 @£$ èé{}[]~^|\\€\n",
    "怎么出金？保证金不足，请尽快追加。",
    ("怎", "A", "么", "b", "1", "😀", "👍🏽", "👨‍👩‍👧", "🇨🇳", "e\u0301", "❤️"),
)


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with running_peer("sms.js", {}) as peer:
        yield peer


async def test_twilios_own_signature_opens_our_door(peer: Peer) -> None:
    url = SITE + PATH
    signed = await peer.ask({"do": "sign", "token": "t0ken", "url": url, "form": FORM})
    fields = {name: [value] for name, value in FORM.items()}
    ours = TwilioSignature("t0ken", site=SITE)
    assert ours.check(PATH, fields, signed["signature"]) == "token"
    assert sign_as_lab("t0ken", url, FORM) == signed["signature"]
    rotated = TwilioSignature("new", previous="t0ken", site=SITE)
    assert rotated.check(PATH, fields, signed["signature"]) == "previous"


@pytest.mark.parametrize("url", [f"{SITE}:443{PATH}", f"{SITE}{PATH}"])
@pytest.mark.parametrize("site", [SITE, f"{SITE}:443"])
async def test_a_port_that_goes_without_saying_may_be_said(peer: Peer, url: str, site: str) -> None:
    signed = await peer.ask({"do": "sign", "token": "t", "url": url, "form": FORM})
    fields = {name: [value] for name, value in FORM.items()}
    assert TwilioSignature("t", site=site).check(PATH, fields, signed["signature"]) == "token"


@pytest.mark.parametrize(
    ("site", "path", "name", "value"),
    [
        ("http://chat.broker.example", PATH, "From", FORM["From"]),
        (SITE, PATH + "/", "From", FORM["From"]),
        (SITE, PATH, "Body", FORM["Body"].strip()),
        (SITE, PATH, "Extra", "1"),
        (f"{SITE}:8443", PATH, "From", FORM["From"]),
    ],
)
async def test_anything_else_is_refused(
    peer: Peer, site: str, path: str, name: str, value: str
) -> None:
    signed = await peer.ask({"do": "sign", "token": "t", "url": SITE + PATH, "form": FORM})
    fields = {key: [one] for key, one in (FORM | {name: value}).items()}
    with pytest.raises(BadSignature):
        TwilioSignature("t", site=site).check(path, fields, signed["signature"])


async def test_parts_are_counted_as_twilio_charges_them(peer: Peer) -> None:
    chance = random.Random(20261122)
    texts = ["字" * 70, "字" * 71, "字" * 134, "字" * 135, "😀" * 35, "😀" * 36, "€" * 80]
    texts += ["字" * 66 + "😀" + "字" * 67, "a" * 160, "a" * 161, "a" * 152 + "€" + "a" * 10]
    for _ in range(400):
        letters = chance.choice(ALPHABETS)
        texts.append("".join(chance.choice(letters) for _ in range(chance.randint(1, 400))))
    for text in texts:
        theirs = await peer.ask({"do": "count", "text": text})
        ours = measure(text)
        assert (ours.count, ours.alphabet) == (theirs["count"], theirs["alphabet"]), text
        assert measure(cut(text, 3)).count <= 3


SID = "AC" + "a" * 32


@pytest.fixture(scope="session")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("prism")
    with running_prism(folder, "/Messages.json", "/Messages/{Sid}.json") as url:
        yield url


def prism_carrier(url: str, sender: str = "+15005550006") -> TwilioCarrier:
    client = TwilioClient(SID, "token", api_base=url)
    return TwilioCarrier(client, Sender("hk", sender, "https://chat.broker.example", "请看 App"))


@pytest.mark.parametrize("sender", ["+15005550006", "MG" + "b" * 32])
@pytest.mark.parametrize("text", ["您的出金申请已受理。😀", "a" * 1600, "x&y=z%+\n"])
async def test_what_we_post_is_what_twilios_openapi_describes(
    prism: str, sender: str, text: str
) -> None:
    carrier = prism_carrier(prism, sender)
    order = Order(uuid4(), "+85251234567", Text(text))
    result = await carrier.send(order)
    assert isinstance(result, Accepted), result
    assert str(result.provider_id)[:2] in {"SM", "MM"}
    assert await carrier.look_up(order, datetime.now(UTC)) is not None
    await carrier.close()


async def test_what_twilio_would_refuse_is_no_accepted_message(prism: str) -> None:
    """The peer does look at what we post: a service that is none is refused."""
    carrier = prism_carrier(prism, "MG-none")
    result = await carrier.send(Order(uuid4(), "+85251234567", Text("您好")))
    assert isinstance(result, Rejected)
    assert result.refusal is Refusal.CONFIG
    await carrier.close()
