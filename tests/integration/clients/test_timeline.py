"""A timeline has everything of one client and nothing of another, page by page, as far as seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from clients.timeline import Shown, Timelines, check_kinds, format_mark, parse_mark
from kernel.errors import InvalidInput, NotFound
from kernel.message import Address
from store import client, client_event, consent, conversation, staff
from store.cipher import Cipher
from store.client_event import Report
from store.engine import Database
from store.ticket_view import Viewer
from store.timeline import KINDS, Mark

START = datetime(2026, 11, 1, tzinfo=UTC)
BOSS = Viewer(uuid4(), sees_all=True)


class Life:
    """One client to whom one thing of each kind happens, each a minute after the other."""

    def __init__(self, database: Database, cipher: Cipher, no: str) -> None:
        self.database, self.cipher, self.no = database, cipher, no
        self.client = self.talk = self.ticket = uuid4()
        self.minute = 0

    def next(self) -> datetime:
        self.minute += 1
        return START + timedelta(minutes=self.minute)

    async def insert(self, table: str, **values: object) -> None:
        names = ", ".join(values)
        statement = (
            f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{one}' for one in values)})"
        )
        async with self.database.transaction() as connection:
            await connection.execute(text(statement), values)

    async def live(self) -> None:
        address = Address("wechat", "a", f"openid-{self.no}")
        async with self.database.transaction() as connection:
            self.client = await client.record(connection, self.cipher, self.no)
            self.talk = (await conversation.open_for(connection, address)).id
            await client.bind(connection, self.talk, self.client, actor="test")
            told = Report(f"k{self.no}", self.no, "drawdown", self.next(), {"ratio": 0.3})
            await client_event.record_many(connection, self.cipher, "oms", [told])
            await consent.record(
                connection, address, category="marketing", state="yes", source="chat:1"
            )
            await connection.execute(
                text("UPDATE consent SET at = :at WHERE at > :at"), {"at": self.next()}
            )
        await self.say()
        await self.insert(
            "tier_change",
            client_id=self.client,
            at=self.next(),
            before="ordinary",
            after="potential",
        )
        self.ticket = uuid4()
        await self.insert(
            "ticket", id=self.ticket, number=f"T{self.no}", conversation_id=self.talk,
            client_id=self.client, title="出金慢", reason="client_asked", opened_at=self.next(),
        )  # fmt: skip
        await self.insert(
            "task", id=uuid4(), kind="call", client_id=self.client, source="test",
            source_key=self.no, title="回访", created_at=self.next(),
        )  # fmt: skip
        await self.insert(
            "notice", id=uuid4(), client_id=self.client, category="risk", urgency="critical",
            source="test", source_key=self.no, created_at=self.next(),
        )  # fmt: skip
        await self.join()

    async def say(self) -> None:
        message_id = uuid4()
        body = {"kind": "text", "text": "我的手机是13800138000"}
        sealed = self.cipher.seal_json(body, table="message", column="body_enc", row=message_id)
        await self.insert(
            "message", id=message_id, conversation_id=self.talk, seq=1, direction="in",
            author_kind="client", body_enc=sealed, channel="wechat", account="a", floor_epoch=0,
            received_at=self.next(),
        )  # fmt: skip

    async def join(self) -> None:
        """Go into a campaign and a journey."""
        content, campaign, journey = uuid4(), uuid4(), uuid4()
        await self.insert(
            "content", id=content, key=f"c{self.no}", version=1, title="t", category="marketing"
        )
        await self.insert(
            "campaign", id=campaign, name=f"直播{self.no}", content_id=content, expression="{}",
            category="marketing", channels=["sms"],
        )  # fmt: skip
        await self.insert(
            "campaign_recipient", campaign_id=campaign, client_id=self.client, state="suppressed",
            reason="no_consent", due_at=self.next(),
        )  # fmt: skip
        await self.insert(
            "journey", id=journey, key=f"j{self.no}", version=1, title="新客户", definition=""
        )
        await self.insert(
            "journey_run", journey_id=journey, client_id=self.client, entry_key="e", step="s",
            entered_at=self.next(),
        )  # fmt: skip

    async def merge(self, other: UUID) -> None:
        await self.insert(
            "client_merge", id=uuid4(), kept_id=self.client, gone_id=other, moved="{}",
            actor="test", reason="同一客户", at=self.next(),
        )  # fmt: skip


@pytest.fixture
async def life(database: Database, cipher: Cipher) -> Life:
    life = Life(database, cipher, "1")
    await life.live()
    other = Life(database, cipher, "2")
    await other.live()
    third = Life(database, cipher, "3")
    await third.live()
    await life.merge(third.client)
    return life


@pytest.fixture
def timelines(database: Database, cipher: Cipher) -> Timelines:
    return Timelines(database, cipher)


async def test_everything_is_there_once_newest_first(life: Life, timelines: Timelines) -> None:
    page = await timelines.find_page(BOSS, life.client)
    assert {one.entry.kind for one in page.entries} == set(KINDS)
    assert len(page.entries) == len(KINDS)
    moments = [one.entry.at for one in page.entries]
    assert moments == sorted(moments, reverse=True)
    assert page.next is None
    shown = {one.entry.kind: one for one in page.entries}
    assert shown["message"].entry.text == "我的手机是138****8000"
    assert shown["event"].title == ("回撤", "drawdown")
    assert shown["event"].entry.detail["figures"] == {"ratio": 0.3}
    assert shown["tier"].title == (
        "分层变化：普通 → 潜力增长",
        "change of layer: ordinary → growing",
    )
    assert shown["campaign"].entry.detail["reason"] == "no_consent"
    assert shown["ticket"].title[0] == "工单：出金慢"


@pytest.mark.parametrize("limit", [1, 3, 9])
async def test_pages_join_without_a_gap_or_a_repeat(
    life: Life, timelines: Timelines, limit: int
) -> None:
    async with life.database.transaction() as connection:
        await connection.execute(
            text("UPDATE task SET created_at = (SELECT at FROM tier_change LIMIT 1)")
        )
        await connection.execute(
            text("UPDATE notice SET created_at = (SELECT at FROM tier_change LIMIT 1)")
        )
    whole = (await timelines.find_page(BOSS, life.client)).entries
    got: list[Shown] = []
    before = ""
    while True:
        page = await timelines.find_page(BOSS, life.client, limit=limit, before=before)
        got += page.entries
        if page.next is None:
            break
        before = page.next
    assert tuple(got) == whole


async def test_only_the_kinds_that_are_asked_for(life: Life, timelines: Timelines) -> None:
    page = await timelines.find_page(BOSS, life.client, kinds=["tier", "event"])
    assert [one.entry.kind for one in page.entries] == ["tier", "event"]


async def test_an_agent_sees_a_client_through_a_ticket_or_a_task(
    life: Life, timelines: Timelines
) -> None:
    people = {}
    async with life.database.transaction() as connection:
        for login in ("holder", "other"):
            people[login] = await staff.record_person(
                connection, login=login, name=login, password_hash="", roles=["agent"]
            )
        await connection.execute(
            text("UPDATE ticket SET assignee_id = :holder, state = 'assigned'"), people
        )
    holder, other = (Viewer(people[one], sees_all=False) for one in ("holder", "other"))
    page = await timelines.find_page(holder, life.client)
    assert len(page.entries) == len(KINDS)
    with pytest.raises(NotFound):
        await timelines.find_page(other, life.client)
    async with life.database.transaction() as connection:
        await connection.execute(text("UPDATE task SET assignee_id = :other"), people)
    page = await timelines.find_page(other, life.client)
    assert {one.entry.kind for one in page.entries} == set(KINDS) - {"message", "ticket"}
    with pytest.raises(NotFound):
        await timelines.find_page(BOSS, uuid4())


@given(st.integers(0, 10**9), st.text(min_size=1))
def test_a_mark_is_read_as_it_was_written(seconds: int, key: str) -> None:
    at = START + timedelta(seconds=seconds, microseconds=seconds % 10**6)
    mark = Mark(at, key.replace("\0", "x").encode("utf-8", "replace").decode())
    assert parse_mark(format_mark(mark)) == mark


@given(st.text())
def test_any_other_text_is_refused_as_a_mark(text: str) -> None:
    try:
        mark = parse_mark(text)
    except InvalidInput:
        return
    assert mark.key


def test_unknown_kinds_are_refused() -> None:
    for kinds in ([], ["everything"]):
        with pytest.raises(InvalidInput, match="event, message"):
            check_kinds(kinds)
