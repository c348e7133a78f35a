"""Our client of the broker's core, against the running demo core and against broken ones."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from clients.broker import Broker, CoreBusy, CoreDown, CoreOdd, CoreRefused, CoreUncertain
from kernel.errors import ProviderError
from lab.broker.account import PRODUCTS
from tests.contract.conftest import BROKER_TOKEN, RunningBroker

RICH, POOR = "86000003", "86000004"
HOLDING_WITH_TEXT = (
    b'{"as_of":"2026-11-22T10:00:00Z","accounts":[{"kind":"stock","balance_fen":"12",'
    b'"available_fen":1,"withdrawable_fen":1,"frozen_fen":0}]}'
)


@pytest.fixture
def broker(broker_site: RunningBroker) -> Broker:
    return Broker(broker_site.session, broker_site.url, token=BROKER_TOKEN)


async def turn_fault(site: RunningBroker, mode: str) -> None:
    async with site.session.post("/demo/fault", json={"mode": mode}) as response:
        assert response.status == 200


async def test_each_answer_comes_typed(broker: Broker) -> None:
    for number in range(86000001, 86000031):
        client_no = str(number)
        assert (await broker.get_person(client_no)).client_no == client_no
        funds = await broker.get_funds(client_no)
        assert all(holding.balance_fen >= 0 for holding in funds.accounts)
        assert (await broker.get_withdrawal_limit(client_no)).hours.from_ == "09:00"
        assert (await broker.get_margin(client_no)).as_of.tzinfo is not None
        permissions = await broker.get_permissions(client_no)
        assert {row.product for row in permissions.permissions} == set(PRODUCTS)
        transfers = await broker.find_transfers(client_no, "out")
        assert all(transfer.direction == "out" for transfer in transfers)


async def test_an_application_is_handed_in_once(broker: Broker) -> None:
    assert (await broker.get_eligibility(RICH, "star")).eligible
    first = await broker.send_application(RICH, "star", key="turn-0000-0001")
    again = await broker.send_application(RICH, "star", key="turn-0000-0001")
    assert first == again
    with pytest.raises(CoreRefused) as refused:
        await broker.send_application(POOR, "star", key="turn-0000-0002")
    assert refused.value.reason == "not_eligible"


async def test_a_code_identifies_its_client(broker: Broker, broker_site: RunningBroker) -> None:
    challenge = await broker.send_code("19900000003")
    async with broker_site.session.get("/demo/sms") as response:
        code = re.search(r"[0-9]{6}", (await response.json())["sms"][0]["text"])
    assert code
    with pytest.raises(CoreRefused) as refused:
        await broker.check_code(challenge.challenge, "no")
    assert refused.value.reason == "wrong_code"
    assert await broker.check_code(challenge.challenge, code.group()) == RICH


async def test_too_many_codes_say_how_long_to_wait(broker: Broker) -> None:
    for _ in range(3):
        await broker.send_code("19900000003")
    with pytest.raises(CoreBusy) as busy:
        await broker.send_code("19900000003")
    assert 0 < busy.value.retry_after <= 600


async def test_a_wrong_token_is_refused(broker_site: RunningBroker) -> None:
    stranger = Broker(broker_site.session, broker_site.url, token="wrong")
    with pytest.raises(CoreRefused) as refused:
        await stranger.get_person(RICH)
    assert refused.value.answer_status == 401


@pytest.mark.parametrize("mode", ["down", "slow", "html", "nonsense", "reset"])
async def test_every_fault_of_the_core_is_core_down(broker_site: RunningBroker, mode: str) -> None:
    broker = Broker(broker_site.session, broker_site.url, token=BROKER_TOKEN, timeout_seconds=0.3)
    await turn_fault(broker_site, mode)
    with pytest.raises(CoreDown):
        await broker.get_funds(RICH)
    with pytest.raises(CoreUncertain):
        await broker.send_application(RICH, "star", key="turn-0000-0003")
    if mode != "nonsense":
        assert not await broker.check_health()
    await turn_fault(broker_site, "none")
    assert await broker.check_health()


async def test_a_client_number_cannot_leave_its_place(broker: Broker) -> None:
    for odd in ("../otp", "86000003/funds", "86000003?x=1", "86000003#", "客户"):
        with pytest.raises(CoreRefused) as refused:
            await broker.get_person(odd)
        assert refused.value.answer_status == 404


Answerer = Callable[[web.Request], Awaitable[web.Response]]


@pytest.fixture
async def odd_core() -> AsyncIterator[Callable[[Answerer], Awaitable[Broker]]]:
    """Start a core that answers whatever a test wants."""
    servers: list[TestServer] = []
    async with aiohttp.ClientSession() as session:

        async def start(answerer: Answerer) -> Broker:
            app = web.Application()
            app.router.add_route("*", "/{path:.*}", answerer)
            server = TestServer(app)
            await server.start_server()
            servers.append(server)
            return Broker(session, str(server.make_url("/")), token="t")

        yield start
        for server in servers:
            await server.close()


@pytest.mark.parametrize(
    ("status", "body", "kind", "error"),
    [
        (200, b"<html>", "text/html", CoreOdd),
        (200, b"", "application/json", CoreOdd),
        (200, b"null", "application/json", CoreOdd),
        (200, b"{}", "application/json", CoreOdd),
        (200, b"[" * 5000, "application/json", CoreOdd),
        (200, b"\xff\xfe{", "application/json", CoreOdd),
        (200, b'{"as_of":"2026-11-22T10:00:00","accounts":[]}', "application/json", CoreOdd),
        (
            200,
            HOLDING_WITH_TEXT,
            "application/json",
            CoreOdd,
        ),
        (200, b" " * (1024 * 1024 + 1), "application/json", CoreOdd),
        (204, b"", "application/json", CoreOdd),
        (302, b"", "text/html", CoreOdd),
        (500, b"boom", "text/plain", CoreDown),
        (404, b"<html>", "text/html", CoreRefused),
        (400, b'{"error":[]}', "application/json", CoreRefused),
    ],
)
async def test_nonsense_becomes_a_clear_error(
    odd_core: Callable[[Answerer], Awaitable[Broker]],
    status: int,
    body: bytes,
    kind: str,
    error: type[ProviderError],
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body, content_type=kind)

    broker = await odd_core(answer)
    with pytest.raises(error):
        await broker.get_funds(RICH)


async def test_a_lost_answer_is_asked_for_again_under_the_same_key(
    odd_core: Callable[[Answerer], Awaitable[Broker]],
) -> None:
    keys: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1 and request.transport:
            request.transport.abort()
        return web.json_response({"application_id": "A1", "state": "pending"})

    broker = await odd_core(answer)
    application = await broker.send_application(RICH, "star", key="turn-0000-0004")
    assert application.application_id == "A1"
    assert keys == ["turn-0000-0004"] * 2
