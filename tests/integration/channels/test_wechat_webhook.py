"""From a phone of the lab through the product and back, over real HTTP and a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from channels.wechat.webhook import Webhook
from conversations.assistant import Answer
from kernel.message import Address, Content
from store import conversation
from store.cipher import Cipher
from store.conversation import Said
from store.engine import Database
from tests.stage import Stage, make_stage, running
from tests.wechat import OPENID, Lab, free_port, running_lab, running_webhook, wechat_channel


@dataclass
class Scene:
    lab: Lab
    stage: Stage
    hook: Webhook

    async def transcript(self, openid: str = OPENID) -> list[Said]:
        address = Address("wechat", "demo", openid)
        async with self.stage.database.transaction() as connection:
            talk = await conversation.find_by_address(connection, address)
        return await self.stage.transcript(talk.id) if talk else []

    async def ledger_of(self, count: int) -> list[Any]:
        async with asyncio.timeout(20):
            while len(self.lab.ledger) < count:
                await asyncio.sleep(0.02)
        return self.lab.ledger


@pytest.fixture
def patience() -> float:
    return 3.5


@pytest.fixture
async def scene(database: Database, cipher: Cipher, patience: float) -> AsyncIterator[Scene]:
    port = free_port()
    stage = make_stage(database, cipher)
    async with (
        running_lab(f"http://127.0.0.1:{port}") as lab,
        running_webhook(stage, port=port, patience=patience) as hook,
    ):
        channel = wechat_channel(lab)
        stage.receiver.channels.add(channel)
        async with running(stage):
            yield Scene(lab, stage, hook)
        await channel.close()


async def test_address_is_proved_to_wechat(scene: Scene) -> None:
    async with scene.lab.session.post("/lab/wechat/demo/handshake") as answer:
        assert await answer.json() == {"ok": True, "status": 200}


async def test_quick_reply_rides_on_the_callback(scene: Scene) -> None:
    said = await scene.lab.say("怎么出金")
    assert said["passive"] == {"msgtype": "text", "body": {"content": "答：怎么出金"}}
    assert [one["kind"] for one in scene.lab.ledger] == ["passive"]
    async with asyncio.timeout(20):  # the phone has the answer before it is recorded
        while (page := await scene.transcript())[-1].state != "accepted":
            await asyncio.sleep(0.02)
    assert [(one.author, one.state) for one in page] == [("client", None), ("bot", "accepted")]


class TestSlowAssistant:
    @pytest.fixture
    def patience(self) -> float:
        return 0.2

    async def test_slow_reply_goes_by_the_api(self, scene: Scene) -> None:
        scene.stage.assistant.gate = asyncio.Event()
        said = await scene.lab.say("怎么出金")
        assert said["passive"] is None
        assert said["attempts"][0]["status"] == 200
        scene.stage.assistant.gate.set()
        (sent,) = await scene.ledger_of(1)
        assert sent["kind"] == "custom"
        assert sent["body"] == {"content": "答：怎么出金"}

    async def test_repeat_joins_and_is_not_asked_twice(self, scene: Scene) -> None:
        await scene.lab.fault("duplicate", times=1)
        said = await scene.lab.say("怎么出金")
        assert len(said["attempts"]) == 2
        assert len(scene.stage.assistant.asked) == 1
        assert len(await scene.ledger_of(1)) == 1


async def test_hung_up_callback_is_joined_by_the_next_attempt(scene: Scene) -> None:
    scene.stage.assistant.gate = asyncio.Event()
    await scene.lab.fault("cut", times=1, seconds=0.3)
    asking = asyncio.create_task(scene.lab.say("怎么出金"))
    await asyncio.sleep(1.6)
    scene.stage.assistant.gate.set()
    said = await asking
    assert [one["status"] for one in said["attempts"]] == [0, 200]
    assert said["passive"]["body"] == {"content": "答：怎么出金"}
    assert len(scene.stage.assistant.asked) == 1
    await asyncio.sleep(0.3)
    assert len(scene.lab.ledger) == 1


async def test_buttons_come_back_as_their_payload(scene: Scene) -> None:
    choices = ({"title": "转人工", "payload": "/human"}, {"title": "不用了", "payload": "/deny"})
    scene.stage.assistant.script = lambda asked: Answer(
        Content(text=asked.text, choices=choices)  # type: ignore[arg-type]
    )
    said = await scene.lab.say("你好")
    content = said["passive"]["body"]["content"]
    assert "msgmenuid=200" in content
    tapped = await scene.lab.say("转人工", menu_id="200")
    assert tapped["ok"]
    assert scene.stage.assistant.asked[-1].text == "/human"


async def test_follow_is_welcomed_and_leaving_is_noted(scene: Scene) -> None:
    said = await scene.lab.say(event="subscribe", event_key="qrscene_7")
    assert "智达" in said["passive"]["body"]["content"]
    left = await scene.lab.say(event="unsubscribe")
    assert left["passive"] is None
    assert left["ok"]


@pytest.mark.parametrize("text", ["", "   ", "长" * 2001])
async def test_text_that_cannot_be_taken_is_explained(scene: Scene, text: str) -> None:
    said = await scene.lab.say(text)
    assert said["attempts"][0]["status"] == 200
    assert said["passive"]["msgtype"] == "text"
    assert await scene.transcript() == []


async def test_menu_entry_is_answered_like_a_question(scene: Scene) -> None:
    said = await scene.lab.say(event="CLICK", event_key="/check_balance")
    assert said["passive"]["body"]["content"] == "答：/check_balance"
    assert scene.stage.assistant.asked[-1].text == "/check_balance"


async def test_receipt_of_a_template_is_acknowledged(scene: Scene) -> None:
    extra = {"MsgID": 7, "Status": "success"}
    said = await scene.lab.say(event="TEMPLATESENDJOBFINISH", extra=extra)
    assert (said["ok"], said["passive"]) == (True, None)


async def test_event_that_nobody_documented_is_acknowledged(scene: Scene) -> None:
    said = await scene.lab.say(event="brand_new_event")
    assert (said["ok"], said["passive"]) == (True, None)
    assert await scene.transcript() == []


async def test_voice_that_wechat_understood_is_answered(scene: Scene) -> None:
    said = await scene.lab.say("怎么入金", type="voice", media_id="m")
    assert said["passive"]["body"]["content"] == "答：怎么入金"


async def test_window_that_is_used_up_at_wechat_is_believed(scene: Scene) -> None:
    """WeChat's word counts more than our ledger of windows."""
    scene.stage.assistant.gate = asyncio.Event()
    await scene.lab.fault("cut", seconds=0.1, times=1)
    await scene.lab.fault("window_used_up", target="custom")
    scene.lab.world.windows.open("demo", OPENID, "message")
    asking = asyncio.create_task(scene.lab.say("怎么出金"))
    said = await asking
    assert said["passive"] is None
    scene.stage.assistant.gate.set()
    async with asyncio.timeout(10):
        while not (page := await scene.transcript()) or page[-1].state != "rejected":
            await asyncio.sleep(0.05)
    assert page[-1].reason == "window:45047"
    assert scene.lab.ledger == []


async def test_reply_to_a_callback_that_hung_up_goes_by_the_api_once(scene: Scene) -> None:
    scene.stage.assistant.gate = asyncio.Event()
    await scene.lab.fault("cut", times=1, seconds=0.2)
    asking = asyncio.create_task(scene.lab.say("怎么出金"))
    await asyncio.sleep(0.45)
    scene.stage.assistant.gate.set()
    said = await asking
    assert said["ok"]
    sent = await scene.ledger_of(1)
    await asyncio.sleep(0.5)
    assert len(scene.lab.ledger) == 1
    assert sent[0]["kind"] in {"custom", "passive"}
    assert (await scene.transcript())[-1].state == "accepted"
