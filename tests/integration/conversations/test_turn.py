"""A message's turn, with a real database, a ledger for a provider and a scripted assistant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import pytest

from channels.passive import PassiveLines
from conversations import floor
from conversations.assistant import Answer, AssistantFailed, Handover, Question
from conversations.wording import RESTART
from kernel.errors import InvalidInput
from kernel.ids import new_id
from kernel.message import Content, Outbound, Refusal, Rejected, Retryable, SendResult, Unknown
from store import audit, consent, conversation, stream
from store.cipher import Cipher
from store.engine import Connection, Database, StoreDown
from tests.ledger import LedgerChannel, said
from tests.stage import Stage, make_stage, running


class HungUp(PassiveLines):
    """Callbacks that were open when the reply was claimed and are gone when it is committed."""

    def claim(self, message_id: UUID) -> bool:
        return True


@pytest.fixture
def idle(database: Database, cipher: Cipher) -> Stage:
    return make_stage(database, cipher)


@pytest.fixture
async def stage(idle: Stage) -> AsyncIterator[Stage]:
    async with running(idle):
        yield idle


async def test_message_is_answered_once_through_the_provider(stage: Stage) -> None:
    kept = await stage.receiver.receive(said("a", "怎么出金"))
    again = await stage.receiver.receive(said("a", "怎么出金"))
    page = await stage.until(kept.conversation_id, 2, "accepted")
    assert not again.is_new
    assert stage.channel.texts == ["答：怎么出金"]
    assert [entry.author for entry in page] == ["client", "bot"]


async def test_many_messages_of_one_client_are_answered_in_order(stage: Stage) -> None:
    kept = await stage.receiver.receive(said("0", "问0"))
    for n in range(1, 4):
        await stage.receiver.receive(said(str(n), f"问{n}"))
    await stage.until(kept.conversation_id, 8)
    assert [one.text for one in stage.assistant.asked] == ["问0", "问1", "问2", "问3"]
    assert stage.assistant.asked[2].state == {"slots": {"n": "问1"}}


async def test_a_word_alone_stops_marketing_and_starts_it_again(stage: Stage) -> None:
    kept = await stage.receiver.receive(said("a", " 退订。"))
    await stage.until(kept.conversation_id, 2, "accepted")
    await stage.receiver.receive(said("b", "怎么退订短信"))
    await stage.until(kept.conversation_id, 4, "accepted")
    await stage.receiver.receive(said("a", "退订"))
    assert await _find_word(stage) == "no"
    await stage.receiver.receive(said("c", "订阅"))
    await stage.receiver.receive(said("a", "退订"))
    page = await stage.until(kept.conversation_id, 6, "accepted")
    assert await _find_word(stage) == "yes", "a repeat of an old word undoes no newer one"
    assert [one.text for one in stage.assistant.asked] == ["怎么退订短信"]
    assert "已为您停止" in page[1].content.text
    assert "已恢复" in page[-1].content.text


async def test_a_word_to_a_person_stops_marketing_too(stage: Stage) -> None:
    kept = await stage.receiver.receive(said("a"))
    await stage.until(kept.conversation_id, 2, "accepted")
    async with stage.database.transaction() as connection:
        await floor.take(connection, kept.conversation_id, new_id())
    await stage.receiver.receive(said("b", "TD"))
    assert await _find_word(stage) == "no"


async def _find_word(stage: Stage) -> str | None:
    async with stage.database.transaction() as connection:
        return await consent.find(connection, said("a").address, consent.MARKETING)


async def test_open_callback_gets_the_reply_and_nothing_is_sent_beside(stage: Stage) -> None:
    stage.assistant.gate = asyncio.Event()
    kept = await stage.receiver.receive(said("a"))
    waiting = asyncio.create_task(stage.lines.wait(kept.message_id, 5))
    joined = asyncio.create_task(stage.lines.wait(kept.message_id, 5))
    await asyncio.sleep(0.05)
    stage.assistant.gate.set()
    outbound = await waiting
    assert outbound is not None
    assert await joined == outbound
    stage.deliverer.record_passive(outbound.outbox_id)
    page = await stage.until(kept.conversation_id, 2, "accepted")
    assert page[-1].reason == "passive"
    assert stage.channel.ledger == []


async def test_closed_callback_means_the_api(stage: Stage) -> None:
    stage.assistant.gate = asyncio.Event()
    kept = await stage.receiver.receive(said("a"))
    assert await stage.lines.wait(kept.message_id, 0.05) is None
    stage.assistant.gate.set()
    await stage.until(kept.conversation_id, 2, "accepted")
    assert len(stage.channel.ledger) == 1


async def test_personal_data_is_masked_for_the_assistant_and_kept_for_people(
    stage: Stage,
) -> None:
    kept = await stage.receiver.receive(said("a", "我的手机是13800138000"))
    page = await stage.until(kept.conversation_id, 2)
    assert stage.assistant.asked[0].text == "我的手机是[手机号1]"
    assert page[0].content.text == "我的手机是13800138000"


async def test_failing_assistant_becomes_an_honest_sentence_and_a_ticket(stage: Stage) -> None:
    def fail(_: Question) -> Answer:
        raise AssistantFailed

    stage.assistant.script = fail
    kept = await stage.receiver.receive(said("a"))
    page = await stage.until(kept.conversation_id, 2)
    (told,) = await handed_over(stage)
    number = str(told.after["number"])
    assert number.startswith("T")
    assert number in page[-1].content.text
    assert told.after["reason"] == "talk_failed"


async def test_bug_in_a_turn_is_tried_again_then_given_to_people(stage: Stage) -> None:
    def stumble(_: Question) -> Answer:
        raise ZeroDivisionError

    stage.assistant.script = stumble
    kept = await stage.receiver.receive(said("a"))
    async with asyncio.timeout(30):
        while len(await stage.transcript(kept.conversation_id)) < 2:
            await asyncio.sleep(0.1)
    assert len(stage.assistant.asked) == 5
    assert len(await handed_over(stage)) == 1


async def test_bot_is_silent_while_people_have_the_floor(stage: Stage) -> None:
    stage.assistant.script = lambda _: Answer(Content(text="好的"), Handover("client_asked"))
    talk = (await stage.receiver.receive(said("a", "人工"))).conversation_id
    await stage.until(talk, 2)
    async with stage.database.transaction() as connection:
        await floor.take(connection, talk, new_id())
    await stage.receiver.receive(said("b", "在吗"))
    await stage.receiver.receive(said("c", "chat", channel="chat"))
    await asyncio.sleep(0.3)
    assert [entry.author for entry in await stage.transcript(talk)] == ["client", "bot", "client"]


async def test_reply_under_a_past_floor_is_never_sent(stage: Stage) -> None:
    stage.assistant.gate = asyncio.Event()
    talk = (await stage.receiver.receive(said("a"))).conversation_id
    async with asyncio.timeout(5):
        while not stage.assistant.asked:
            await asyncio.sleep(0.01)
    async with stage.database.transaction() as connection:
        await floor.take(connection, talk, new_id())
    stage.assistant.gate.set()
    await asyncio.sleep(0.3)
    assert len(await stage.transcript(talk)) == 1
    assert stage.channel.ledger == []


async def test_client_may_leave_the_queue(stage: Stage) -> None:
    stage.assistant.script = lambda _: Answer(Content(text="好的"), Handover("client_asked"))
    talk = (await stage.receiver.receive(said("a", "人工"))).conversation_id
    await stage.until(talk, 2)
    await stage.receiver.receive(replace(said("b", "不等了"), menu_payload=RESTART))
    await stage.until(talk, 4)
    async with stage.database.transaction() as connection:
        found = await conversation.find(connection, talk)
    assert found is not None
    assert found.floor == "bot"


async def test_unknown_outcome_is_never_sent_again(stage: Stage) -> None:
    stage.channel.script = lambda _: Unknown("reset")
    kept = await stage.receiver.receive(said("a"))
    page = await stage.until(kept.conversation_id, 2, "unknown")
    stage.channel.script = LedgerChannel().script
    await asyncio.sleep(1.3)
    assert (await stage.transcript(kept.conversation_id))[-1].state == "unknown"
    assert page[-1].reason == "reset"


async def test_busy_provider_is_asked_again(stage: Stage) -> None:
    answers: list[SendResult] = [Retryable("45011", 0.05)]

    def busy_once(outbound: Outbound) -> SendResult:
        return answers.pop() if answers else LedgerChannel().script(outbound)

    stage.channel.script = busy_once
    kept = await stage.receiver.receive(said("a"))
    await stage.until(kept.conversation_id, 2, "accepted")
    assert len(stage.channel.ledger) == 1


async def test_provider_that_says_the_window_is_shut_is_believed(stage: Stage) -> None:
    stage.channel.script = lambda _: Rejected(Refusal.WINDOW, "45015")
    kept = await stage.receiver.receive(said("a"))
    page = await stage.until(kept.conversation_id, 2, "rejected")
    assert page[-1].reason == "window:45015"


@pytest.mark.parametrize("words", ["", "   ", "x" * 2001, "a\x00b"])
async def test_what_no_reader_could_handle_is_refused(idle: Stage, words: str) -> None:
    with pytest.raises(InvalidInput):
        await idle.receiver.receive(said("a", words))


async def handed_over(stage: Stage) -> list[stream.Told]:
    async with stage.database.transaction() as connection:
        await audit.seal(connection)
        return await stream.read_next(connection, "test", ["handed_over"])


async def test_callback_that_hung_up_during_the_commit_means_the_api(stage: Stage) -> None:
    stage.worker.lines = HungUp()
    kept = await stage.receiver.receive(said("a"))
    await stage.until(kept.conversation_id, 2, "accepted")
    assert len(stage.channel.ledger) == 1


class Doubtful(Database):
    """A database whose connection is lost in the commit, `times` times: what was said is kept."""

    times = 0

    @asynccontextmanager
    async def once(self, *, within: float | None = None) -> AsyncIterator[Connection]:
        async with super().once(within=within) as connection:
            yield connection
        if self.times:
            self.times -= 1
            raise StoreDown


async def test_answer_whose_commit_was_in_doubt_still_arrives_once(
    idle: Stage, database_url: str
) -> None:
    doubtful = Doubtful(database_url)
    idle.worker.database = doubtful
    idle.worker.lines = HungUp()
    idle.assistant.gate = asyncio.Event()
    async with running(idle):
        kept = await idle.receiver.receive(said("a"))
        async with asyncio.timeout(5):
            while not idle.assistant.asked:
                await asyncio.sleep(0.01)
        doubtful.times = 1
        idle.assistant.gate.set()
        await idle.until(kept.conversation_id, 2, "accepted")
    assert len(idle.channel.ledger) == 1
    await doubtful.close()


async def test_a_reply_on_the_callback_does_not_overtake_one_that_waits(stage: Stage) -> None:
    stage.channel.script = lambda _: Retryable("45011", 0.6)
    kept = await stage.receiver.receive(said("a", "一"))
    await stage.until(kept.conversation_id, 2, "queued")
    later = await stage.receiver.receive(said("b", "二"))
    assert await stage.lines.wait(later.message_id, 3) is None
    stage.channel.script = LedgerChannel().script
    await stage.until(kept.conversation_id, 4, "accepted")
    assert stage.channel.texts == ["答：一", "答：二"]
