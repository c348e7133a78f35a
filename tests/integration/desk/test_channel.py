"""The channel page's API: admins set accounts up, nobody reads a secret, a test message tells."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from channels.contract import Capabilities
from kernel.message import Refusal, Rejected
from tests.integration.desk.conftest import Colleague, Heard, Office
from tests.ledger import LedgerChannel

PLACE = "../channels"
ACCOUNT = {
    "channel": "sms",
    "provider": "acme",
    "name": "main",
    "public": {"number": "10690"},
    "secret": {"key": "topsecret"},
}


async def add(admin: Colleague, **changes: object) -> Heard:
    return await admin.ask("POST", PLACE, {**ACCOUNT, **changes})


async def find_all(admin: Colleague) -> list[dict[str, Any]]:
    accounts = (await admin.get(PLACE))["accounts"]
    return [one for one in accounts if one["origin"] == "console"]


async def find(admin: Colleague) -> dict[str, Any]:
    (found,) = await find_all(admin)
    return found


async def test_the_houses_own_channels_are_shown_and_belong_to_the_settings(office: Office) -> None:
    admin = await office.sign_in("admin")
    shown = {one["channel"]: one for one in (await admin.get(PLACE))["accounts"]}
    assert shown.keys() == {"chat", "wechat"}
    assert {(one["origin"], one["id"]) for one in shown.values()} == {("settings", None)}
    assert shown["wechat"]["webhook"] == "https://zhida.test/channels/wechat/demo"
    assert shown["chat"]["webhook"] is None
    await office.write("你好")
    async with asyncio.timeout(10):
        while not (found := await find_wechat(admin))["health"]["accepted"]:
            await asyncio.sleep(0.05)
    assert found["health"]["state"] == "ok"


async def find_wechat(admin: Colleague) -> dict[str, Any]:
    accounts = (await admin.get(PLACE))["accounts"]
    return next(dict(one) for one in accounts if one["channel"] == "wechat")


async def test_an_admin_sets_up_an_account_and_sees_its_webhook(office: Office) -> None:
    admin = await office.sign_in("admin")
    assert (await add(admin)).status == 201
    shown = await find(admin)
    assert shown["webhook"] == "https://zhida.test/channels/sms/acme/main"
    assert shown["secrets"] == {"key": True}
    assert shown["health"]["state"] == "idle"
    assert "topsecret" not in str(shown)
    again = await add(admin)
    assert (again.status, again.code) == (409, "conflict")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"provider": "nobody"}, "没有这种渠道"),
        ({"secret": {}}, "密钥"),
        ({"public": {"number": "1", "colour": "red"}}, "colour"),
        ({"name": "Große Firma"}, "账号名"),
        ({"name": ""}, "name"),
        ({"public": {"number": 7}}, "public"),
        ({"public": "x"}, "public"),
    ],
)
async def test_a_wrong_setup_is_refused_in_words(
    office: Office, changes: dict[str, object], words: str
) -> None:
    admin = await office.sign_in("admin")
    refused = await add(admin, **changes)
    assert (refused.status, refused.code) == (400, "invalid_input")
    assert words in refused.body["error"]["message"]
    assert await find_all(admin) == []


async def test_an_account_is_changed_rotated_and_switched_off(office: Office) -> None:
    admin = await office.sign_in("admin")
    one = f"{PLACE}/{(await add(admin)).body['id']}"
    assert (await admin.ask("PATCH", one, {"public": {"number": "10691"}})).status == 200
    assert (await admin.ask("PATCH", one, {"public": {}})).status == 400
    assert (await admin.ask("POST", one + "/secrets", {"secret": {"key": "new"}})).status == 200
    assert (await admin.ask("POST", one + "/secrets", {"secret": {}})).status == 400
    assert (await admin.ask("POST", one + "/active", {"active": False})).status == 200
    assert (await admin.ask("POST", one + "/active", {"active": "no"})).status == 400
    shown = await find(admin)
    assert shown["public"] == {"number": "10691"}
    assert shown["rotated_at"] is not None
    assert shown["active"] is False


async def test_only_admins_change_and_agents_do_not_even_look(office: Office) -> None:
    admin, boss, agent = [await office.sign_in(who) for who in ("admin", "super", "anna")]
    one = f"{PLACE}/{(await add(admin)).body['id']}"
    assert (await boss.ask("GET", PLACE)).status == 200
    assert (await agent.ask("GET", PLACE)).status == 403
    for person in (boss, agent):
        assert (await add(person, name="other")).status == 403
        assert (await person.ask("PATCH", one, {"public": {"number": "1"}})).status == 403
        assert (await person.ask("POST", one + "/secrets", {"secret": {"key": "x"}})).status == 403
        assert (await person.ask("POST", one + "/active", {"active": False})).status == 403
        assert (await person.ask("POST", f"{PLACE}/sms/main/test", {"address": "1"})).status == 403
    assert (await find(admin))["public"] == {"number": "10690"}


async def test_a_test_message_says_what_became_of_it(office: Office) -> None:
    admin = await office.sign_in("admin")
    phone = LedgerChannel("sms", "lab", Capabilities())
    office.stage.deliverer.channels.add(phone)
    office.stage.receiver.channels.add(phone)
    sent = await admin.do(f"{PLACE}/sms/lab/test", {"address": "+15005550006"})
    assert sent == {"ok": True, "state": "accepted", "error": None}
    assert "测试" in phone.texts[0]
    phone.script = lambda _: Rejected(Refusal.RECIPIENT, "21211")
    refused = await admin.do(f"{PLACE}/sms/lab/test", {"address": "+1500"})
    assert refused["ok"] is False
    assert refused["error"]["code"] == "recipient:21211"
    assert "地址" in refused["error"]["zh"]
    gone = await admin.ask("POST", f"{PLACE}/sms/none/test", {"address": "1"})
    assert (gone.status, gone.code) == (404, "not_found")


async def test_health_is_told_in_plain_words(office: Office) -> None:
    admin = await office.sign_in("admin")
    await add(admin, name="lab")
    phone = LedgerChannel("sms", "lab", Capabilities())
    phone.script = lambda _: Rejected(Refusal.CONFIG, "20003")
    office.stage.deliverer.channels.add(phone)
    await admin.do(f"{PLACE}/sms/lab/test", {"address": "+15005550006"})
    health = (await find(admin))["health"]
    assert (health["state"], health["failed"]) == ("failing", 1)
    assert "配置有误" in health["error"]["zh"]
