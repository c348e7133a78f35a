"""The running demo core does exactly what docs/core-openapi.yaml says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jwt
import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from lab.broker.account import PRODUCTS
from lab.broker.site import BrokerSettings, build_app
from tests.contract.conftest import HOST_KEY, RunningBroker

SPEC: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "docs/core-openapi.yaml").read_text("utf-8")
)
KEY = {"Idempotency-Key": "key-0000-0001"}
RICH, POOR, PENDING = "86000003", "86000004", "86000009"


def test_every_route_is_described_and_every_description_is_served() -> None:
    app = build_app(BrokerSettings("t", "k" * 32, "i", "a"))
    served = {
        (route.method.lower(), route.resource.canonical)
        for route in app.router.routes()
        if route.resource and route.method != "HEAD"
    }
    described = {
        (method, path)
        for path, item in SPEC["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert served == described


async def ask(site: RunningBroker, method: str, path: str, **parts: Any) -> tuple[int, Any]:
    """Send one request and hold status and body against the published contract."""
    async with site.session.request(method, path, **parts) as response:
        assert response.content_type == "application/json"
        body = await response.json()
        check_described(method, path.partition("?")[0], response.status, body)
        return response.status, body


def check_described(method: str, path: str, status: int, body: object) -> None:
    item = next(
        item
        for template, item in SPEC["paths"].items()
        if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path)
    )
    response = item[method.lower()]["responses"][str(status)]
    if "$ref" in response:
        response = SPEC["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = {**response["content"]["application/json"]["schema"], "components": SPEC["components"]}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(body)


@pytest.mark.parametrize(
    "tail", ["", "/funds", "/transfers", "/withdrawal-limit", "/permissions", "/margin"]
)
async def test_each_generated_client_reads_as_described(
    broker_site: RunningBroker, tail: str
) -> None:
    for number in range(1, 61):
        status, _ = await ask(broker_site, "GET", f"/v1/clients/{86000000 + number}{tail}")
        assert status == 200


@pytest.mark.parametrize("product", PRODUCTS)
async def test_who_is_rich_may_open_all_and_who_is_poor_none(
    broker_site: RunningBroker, product: str
) -> None:
    for client, eligible in ((RICH, True), (POOR, False)):
        path = f"/v1/clients/{client}/permissions/{product}/eligibility"
        _, body = await ask(broker_site, "GET", path)
        assert body["eligible"] is eligible
        assert all(row["source"] for row in body["conditions"])


async def test_an_application_is_taken_once(broker_site: RunningBroker) -> None:
    path = f"/v1/clients/{RICH}/permissions/star/applications"
    first = await ask(broker_site, "POST", path, headers=KEY)
    again = await ask(broker_site, "POST", path, headers=KEY)
    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1]
    other = {"Idempotency-Key": "key-0000-0002"}
    status, body = await ask(broker_site, "POST", path, headers=other)
    assert (status, body["error"]["code"]) == (409, "already_there")
    _, shown = await ask(broker_site, "GET", f"/v1/clients/{RICH}/permissions")
    assert {row["product"]: row["state"] for row in shown["permissions"]}["star"] == "pending"


async def test_an_application_is_refused_with_the_reason(broker_site: RunningBroker) -> None:
    path = f"/v1/clients/{POOR}/permissions/star/applications"
    status, body = await ask(broker_site, "POST", path, headers=KEY)
    assert (status, body["error"]["code"]) == (409, "not_eligible")
    status, body = await ask(broker_site, "POST", path)
    assert (status, body["error"]["code"]) == (400, "invalid_input")
    path = f"/v1/clients/{PENDING}/permissions/star/applications"
    status, body = await ask(broker_site, "POST", path, headers=KEY)
    assert (status, body["error"]["code"]) == (409, "already_there")


async def test_a_key_belongs_to_one_request(broker_site: RunningBroker) -> None:
    path = f"/v1/clients/{RICH}/changes"
    one = {"kind": "phone", "new_phone": "19900009999"}
    two = {"kind": "phone", "new_phone": "19900008888"}
    assert (await ask(broker_site, "POST", path, json=one, headers=KEY))[0] == 201
    status, body = await ask(broker_site, "POST", path, json=two, headers=KEY)
    assert (status, body["error"]["code"]) == (409, "idempotency_conflict")


async def test_a_card_waits_for_the_transfer(broker_site: RunningBroker) -> None:
    body = {"kind": "bank_card", "bank": "招商银行"}
    status, answer = await ask(
        broker_site, "POST", "/v1/clients/86000001/changes", json=body, headers=KEY
    )
    assert (status, answer["error"]["code"]) == (409, "transfer_pending")


async def test_a_code_reaches_the_outbox_and_works_once(broker_site: RunningBroker) -> None:
    _, sent = await ask(broker_site, "POST", "/v1/otp", json={"phone": "19900000003"})
    _, outbox = await ask(broker_site, "GET", "/demo/sms")
    code = re.search(r"[0-9]{6}", outbox["sms"][0]["text"])
    assert code
    path = f"/v1/otp/{sent['challenge']}/check"
    status, owner = await ask(broker_site, "POST", path, json={"code": code.group()})
    assert (status, owner["client_no"]) == (200, RICH)
    assert (await ask(broker_site, "POST", path, json={"code": code.group()}))[0] == 403


async def test_five_wrong_codes_end_the_challenge(broker_site: RunningBroker) -> None:
    _, sent = await ask(broker_site, "POST", "/v1/otp", json={"phone": "19900000003"})
    path = f"/v1/otp/{sent['challenge']}/check"
    statuses = [(await ask(broker_site, "POST", path, json={"code": "x"}))[0] for _ in range(6)]
    assert statuses == [403] * 5 + [429]


async def test_an_unknown_phone_is_answered_alike_and_gets_nothing(
    broker_site: RunningBroker,
) -> None:
    _, known = await ask(broker_site, "POST", "/v1/otp", json={"phone": "19900000003"})
    _, unknown = await ask(broker_site, "POST", "/v1/otp", json={"phone": "13000000000"})
    assert known.keys() == unknown.keys()
    _, outbox = await ask(broker_site, "GET", "/demo/sms")
    assert [sms["phone"] for sms in outbox["sms"]] == ["19900000003"]


async def test_a_phone_gets_three_codes_in_ten_minutes(broker_site: RunningBroker) -> None:
    body = {"phone": "19900000003"}
    sends = [(await ask(broker_site, "POST", "/v1/otp", json=body))[0] for _ in range(4)]
    assert sends == [200, 200, 200, 429]
    broker_site.clock.advance(minutes=11)
    assert (await ask(broker_site, "POST", "/v1/otp", json=body))[0] == 200


async def test_a_code_lives_five_minutes(broker_site: RunningBroker) -> None:
    _, sent = await ask(broker_site, "POST", "/v1/otp", json={"phone": "19900000003"})
    _, outbox = await ask(broker_site, "GET", "/demo/sms")
    code = re.search(r"[0-9]{6}", outbox["sms"][0]["text"])
    assert code
    broker_site.clock.advance(minutes=5)
    path = f"/v1/otp/{sent['challenge']}/check"
    assert (await ask(broker_site, "POST", path, json={"code": code.group()}))[0] == 403


async def test_the_door_asks_for_the_token(broker_site: RunningBroker) -> None:
    for given in ("", "Bearer wrong", "Bearer ключ"):
        headers = {"Authorization": given}
        status, body = await ask(broker_site, "GET", f"/v1/clients/{RICH}", headers=headers)
        assert (status, body["error"]["code"]) == (401, "not_signed_in")


async def test_too_many_requests_are_told_to_wait(broker_site: RunningBroker) -> None:
    path = f"/v1/clients/{RICH}"
    statuses = {(await ask(broker_site, "GET", path))[0] for _ in range(200)}
    async with broker_site.session.get(path) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "1")
    assert statuses == {200}
    broker_site.clock.advance(seconds=1)
    assert (await ask(broker_site, "GET", path))[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "parts", "status"),
    [
        ("GET", "/v1/clients/nobody", {}, 404),
        ("GET", "/v1/clients/%E7%94%B2/funds", {}, 404),
        ("GET", f"/v1/clients/{RICH}/transfers?limit=0", {}, 400),
        ("GET", f"/v1/clients/{RICH}/transfers?limit=٣", {}, 400),
        ("GET", f"/v1/clients/{RICH}/transfers?direction=up", {}, 400),
        ("GET", f"/v1/clients/{RICH}/permissions/moon/eligibility", {}, 404),
        ("POST", f"/v1/clients/{RICH}/changes", {"data": b"\xff\xfe", "headers": KEY}, 400),
        ("POST", f"/v1/clients/{RICH}/changes", {"data": b"[" * 9000, "headers": KEY}, 400),
        ("POST", f"/v1/clients/{RICH}/changes", {"data": b"x" * 20000, "headers": KEY}, 400),
        ("POST", f"/v1/clients/{RICH}/changes", {"json": [], "headers": KEY}, 400),
        ("POST", f"/v1/clients/{RICH}/changes", {"json": {"kind": "name"}, "headers": KEY}, 400),
        ("POST", "/v1/otp", {"json": {"phone": "12345678901"}}, 400),
        ("POST", "/v1/otp", {"json": {"phone": 19900000003}}, 400),
        ("POST", "/v1/otp/nothing/check", {"json": {"code": "123456"}}, 403),
        ("POST", "/demo/fault", {"json": {"mode": "explode"}}, 400),
    ],
)
async def test_bad_input_is_told_what_is_wrong(
    broker_site: RunningBroker, method: str, path: str, parts: dict[str, Any], status: int
) -> None:
    assert (await ask(broker_site, method, path, **parts))[0] == status


async def test_the_host_token_names_the_client(broker_site: RunningBroker) -> None:
    _, body = await ask(broker_site, "GET", f"/v1/host-token/{RICH}")
    claims = jwt.decode(
        body["token"],
        HOST_KEY,
        algorithms=["HS256"],
        audience="zhida-chat",
        issuer="demo-core",
        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
    )
    assert claims["sub"] == RICH


async def test_nobody_in_the_demo_is_real(broker_site: RunningBroker) -> None:
    _, body = await ask(broker_site, "GET", "/demo/clients")
    clients = body["clients"]
    assert len(clients) == 200
    assert all(client["name"].startswith("示例") for client in clients)
    assert all(client["phone"].startswith("1990000") for client in clients)
    assert len({client["phone"] for client in clients}) == 200


async def test_a_fault_is_played_and_taken_back(broker_site: RunningBroker) -> None:
    await ask(broker_site, "POST", "/demo/fault", json={"mode": "down"})
    status, body = await ask(broker_site, "GET", f"/v1/clients/{RICH}")
    assert (status, body["error"]["code"]) == (503, "maintenance")
    await ask(broker_site, "POST", "/demo/fault", json={"mode": "none"})
    assert (await ask(broker_site, "GET", f"/v1/clients/{RICH}"))[0] == 200
