"""From a client in 微信客服 through the product and back, over real HTTP and a real database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import text

from channels.account import Account
from channels.kf.client import Page
from channels.staff.trouble import IN_A_ROW, Trouble
from conversations.assistant import Answer
from kernel.clock import FakeClock
from kernel.errors import Transient
from kernel.message import Address, Content, Json
from store import channel_cursor, conversation
from store.channel_cursor import Place
from store.cipher import Cipher
from store.conversation import Said
from store.engine import Database
from tests.stage import Stage, make_stage, running
from tests.wechat import free_port
from tests.wecom import KF, OPEN_KFID, USER, KfSite, WecomLab, running_kf, running_wecom


@dataclass
class Scene:
    lab: WecomLab
    stage: Stage
    site: KfSite

    async def transcript(self, user: str = USER) -> list[Said]:
        async with self.stage.database.transaction() as connection:
            talk = await conversation.find_by_address(connection, Address("kf", "demo", user))
        return await self.stage.transcript(talk.id) if talk else []

    async def until(self, state: str) -> list[Said]:
        async with asyncio.timeout(20):
            while not (page := await self.transcript()) or page[-1].state != state:
                await asyncio.sleep(0.02)
        return page

    async def put(self, account: Account) -> None:
        before = self.site.accounts.put(account)
        assert before is not None
        await before.close()

    async def run(self, statement: str) -> None:
        async with self.stage.database.transaction() as connection:
            await connection.execute(text(statement))

    async def count(self, table: str) -> int:
        async with self.stage.database.transaction() as connection:
            found = await connection.execute(text(f"SELECT count(*) FROM {table}"))
            return int(found.scalar_one())


@pytest.fixture
def every() -> float:
    return 30.0


@pytest.fixture
async def scene(database: Database, cipher: Cipher, every: float) -> AsyncIterator[Scene]:
    port, stage = free_port(), make_stage(database, cipher)
    async with (
        running_wecom(f"http://127.0.0.1:{port}") as lab,
        running_kf(stage, lab, port=port, every=every) as site,
        running(stage),
    ):
        yield Scene(lab, stage, site)


async def test_address_is_proved_to_wecom(scene: Scene) -> None:
    shown = await scene.lab.post("/lab/kf/demo/handshake", {})
    assert shown == {"ok": True, "status": 200}


async def test_question_is_pulled_and_answered_under_our_key(scene: Scene) -> None:
    said = await scene.lab.say("怎么出金")
    assert said["ok"]
    (sent,) = await scene.lab.ledger_of(1)
    assert sent["body"] == {"content": "答：怎么出金"}
    page = await scene.until("accepted")
    assert [one.author for one in page] == ["client", "bot"]


async def test_hundred_messages_are_answered_in_order_each_once(scene: Scene) -> None:
    await asyncio.gather(*(scene.lab.say(f"第{n}问", user=f"wm_{n % 25}") for n in range(100)))
    async with asyncio.timeout(60):
        while len(scene.stage.assistant.asked) < 100:
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    assert len(scene.stage.assistant.asked) == 100
    assert await scene.count("inbox") == 100


async def test_repeated_late_and_reordered_callbacks_change_nothing(scene: Scene) -> None:
    await scene.lab.fault("duplicate", target="wecom.callback", times=3)
    await scene.lab.say("一")
    await scene.lab.say("二")
    await scene.lab.fault("reordered", target="wecom.callback", times=1, seconds=0.2)
    await scene.lab.say("三")
    await scene.lab.say("四")
    async with asyncio.timeout(20):
        while len(scene.stage.assistant.asked) < 4:
            await asyncio.sleep(0.05)
    assert [one.text for one in scene.stage.assistant.asked] == ["一", "二", "三", "四"]


async def test_callback_of_a_kf_account_that_is_not_ours_wakes_nobody(scene: Scene) -> None:
    await asyncio.sleep(0.3)
    pulls = scene.lab.world.pulls
    await scene.lab.fault("unknown_id", target="wecom.callback", times=1)
    assert (await scene.lab.say("一"))["ok"]
    await asyncio.sleep(0.3)
    assert scene.lab.world.pulls == pulls


class TestLostCallbacks:
    @pytest.fixture
    def every(self) -> float:
        return 0.3

    async def test_clock_finds_what_no_callback_told_of(self, scene: Scene) -> None:
        await scene.lab.fault("lost", target="wecom.callback")
        await scene.lab.say("怎么出金")
        assert len(await scene.lab.ledger_of(1)) == 1


async def test_new_client_is_welcomed_within_the_codes_time(scene: Scene) -> None:
    await scene.lab.post("/lab/kf/demo/say", {"user": USER, "event": "enter_session"})
    (sent,) = await scene.lab.ledger_of(1)
    assert sent["kind"] == "welcome"
    assert "智达" in sent["body"]["content"]
    page = await scene.until("accepted")
    assert [one.author for one in page] == ["client", "bot"]


async def test_client_who_comes_back_is_not_welcomed_again(scene: Scene) -> None:
    await scene.lab.say("怎么出金")
    await scene.lab.ledger_of(1)
    await scene.lab.post("/lab/kf/demo/say", {"user": USER, "event": "enter_session"})
    async with asyncio.timeout(20):
        while len(await scene.transcript()) < 3:
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    assert len(scene.lab.ledger) == 1


async def test_menu_entry_comes_back_as_its_payload(scene: Scene) -> None:
    choices = ({"title": "转人工", "payload": "/human"}, {"title": "不用了", "payload": "/deny"})
    scene.stage.assistant.script = lambda asked: Answer(
        Content(text=asked.text, choices=choices)  # type: ignore[arg-type]
    )
    await scene.lab.say("你好")
    (menu,) = await scene.lab.ledger_of(1)
    assert menu["msgtype"] == "msgmenu"
    tapped = menu["body"]["list"][0]["click"]
    assert tapped == {"id": "200", "content": "转人工"}
    await scene.lab.say("转人工", menu_id=tapped["id"])
    await scene.lab.ledger_of(2)
    assert scene.stage.assistant.asked[-1].text == "/human"


async def test_failure_that_is_told_later_is_a_receipt(scene: Scene) -> None:
    await scene.lab.say("怎么出金")
    (sent,) = await scene.lab.ledger_of(1)
    await scene.until("accepted")
    told = {"user": USER, "msgid": sent["msgid"], "fail_type": 10}
    await scene.lab.post("/lab/kf/demo/fail", told)
    await scene.until("failed")
    await scene.lab.post("/lab/kf/demo/fail", told | {"msgid": "0" * 32})
    async with asyncio.timeout(20):
        while await scene.count("receipt") < 2:
            await asyncio.sleep(0.05)


async def test_failure_that_is_told_twice_is_kept_once(scene: Scene) -> None:
    event = {"event_type": "msg_send_fail", "fail_msgid": "a" * 32, "fail_type": 4}
    item = {"msgid": "e1", "msgtype": "event", "event": event}
    for _ in range(2):
        await scene.lab.post("/lab/kf/demo/say", {"item": item})
    await scene.lab.say("怎么出金")
    await scene.lab.ledger_of(1)
    assert await scene.count("receipt") == 1


async def test_outcome_that_nobody_knows_is_sent_again_and_arrives_once(scene: Scene) -> None:
    await scene.lab.fault("reset_after", target="wecom.send", times=1)
    await scene.lab.say("怎么出金")
    page = await scene.until("accepted")
    assert len(page) == 2
    assert len(scene.lab.ledger) == 1
    async with scene.stage.database.transaction() as connection:
        used = await connection.execute(text('SELECT used FROM "window"'))
        assert used.scalar_one() == 1


async def test_session_of_a_person_inside_wecom_is_said_so(scene: Scene) -> None:
    scene.lab.world.sessions.speak(OPEN_KFID, USER)
    scene.lab.world.sessions.get(OPEN_KFID, USER).state = 3
    await scene.lab.say("怎么出金")
    page = await scene.until("rejected")
    assert page[-1].reason == "window:95018_state_3"


NONSENSE: list[dict[str, Any]] = [
    {"msgtype": "text", "text": {"content": "no user"}},
    {"msgtype": "text", "text": "no object", "external_userid": 7},
    {"msgtype": "event", "event": {"event_type": "brand_new", "external_userid": USER}},
    {"msgtype": "event", "event": {"event_type": "msg_send_fail"}},
    {"msgtype": "text", "text": {"content": "late"}, "external_userid": USER, "send_time": "now"},
    {"msgtype": "text", "text": {"content": "other"}, "external_userid": USER, "open_kfid": "wk"},
    {"msgtype": "text", "text": {"content": "staff"}, "external_userid": USER, "origin": 5},
]


async def test_nonsense_between_messages_holds_nobody_up(scene: Scene) -> None:
    for n, item in enumerate(NONSENSE):
        await scene.lab.post("/lab/kf/demo/say", {"item": {"msgid": f"x{n}", **item}})
    await scene.lab.say("怎么出金")
    await scene.lab.ledger_of(1)
    assert [one.text for one in scene.stage.assistant.asked] == ["怎么出金"]
    assert await scene.count("inbox") == 1


async def test_page_and_cursor_are_kept_together_or_not_at_all(scene: Scene) -> None:
    """Whoever has pulled what another worker kept meanwhile keeps nothing."""
    await scene.lab.say("怎么出金")
    await scene.lab.ledger_of(1)
    place = Place("kf", "demo")
    async with scene.stage.database.transaction() as connection:
        await connection.execute(text("UPDATE channel_cursor SET lease_until = NULL"))
        cursor = await channel_cursor.claim(connection, place, "other", seconds=5)
    assert cursor is not None
    part: dict[str, Json] = {"msgtype": "text", "text": {"content": "二"}, "external_userid": USER}
    another = {"msgid": "m2", "send_time": int(time.time()), "origin": 3, **part}
    await scene.site.puller._keep(place, "stale", Page([another], "elsewhere", has_more=False))
    assert await scene.count("inbox") == 1
    assert await scene.count("channel_cursor WHERE cursor <> 'elsewhere'") == 1
    async with scene.stage.database.transaction() as connection:
        assert await channel_cursor.claim(connection, place, "third", seconds=5) is None
    assert not await scene.site.puller.pull("demo")


async def test_history_of_before_the_first_pull_is_kept_and_not_answered(scene: Scene) -> None:
    async with asyncio.timeout(20):  # the pull of the start would put its own cursor back
        while not await scene.count("channel_cursor WHERE lease_until IS NULL"):
            await asyncio.sleep(0.02)
    await scene.run("DELETE FROM channel_cursor")
    old = int(time.time()) - 7200
    words = {"msgtype": "text", "text": {"content": "前天问的"}, "external_userid": USER}
    await scene.lab.post("/lab/kf/demo/say", {"item": {**words, "send_time": old}})
    await scene.lab.say("怎么出金")
    await scene.lab.ledger_of(1)
    page = await scene.until("accepted")
    assert [one.content.text for one in page[:2]] == ["前天问的", "怎么出金"]
    assert [one.text for one in scene.stage.assistant.asked] == ["怎么出金"]


async def test_pull_that_fails_in_a_row_is_told_to_staff(scene: Scene) -> None:
    accounts, clock = scene.site.accounts, FakeClock()
    scene.site.puller.trouble = Trouble(accounts, clock)
    accounts.put(scene.lab.staff()["robot"])
    for _ in range(IN_A_ROW):
        await scene.site.puller._tell_staff("demo", Transient())
    assert await scene.count("staff_notice WHERE text LIKE '%kf/demo%'") == 1


async def test_provider_that_fails_is_asked_again(scene: Scene) -> None:
    await scene.lab.fault("http_502", target="wecom.pull", times=2)
    await scene.lab.say("怎么出金")
    assert len(await scene.lab.ledger_of(1)) == 1


async def test_secrets_of_before_a_rotation_still_open_callbacks(scene: Scene) -> None:
    old = {"token": KF["token"], "aes_key": KF["aes_key"]}
    now = scene.lab.account(**old)
    changed = {**now.secret, "token": "rotated", "aes_key": "B" * 42 + "A"}
    await scene.put(replace(now, secret=changed))
    assert (await scene.lab.say("怎么出金"))["ok"]
    await scene.put(replace(now, secret=changed, previous={}))
    refused = await scene.lab.say("怎么入金")
    assert refused["callback"]["status"] == 403
