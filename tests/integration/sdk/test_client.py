"""The Python client against the site as the product builds it, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import aiohttp
import pytest
import yaml
from argon2 import PasswordHasher

from orchestrator.shipped import ship_contents
from store.staff import record_person
from tests.book import add_client
from tests.site import CLIENT, DOCUMENT, EVENTS_KEY, ROLES, Site, running_site
from zhida_client import (
    BadSignature,
    Event,
    InvalidInput,
    MessageOrder,
    NotAllowed,
    NotFound,
    NotSignedIn,
    SignIn,
    Staff,
    Stale,
    Zhida,
)
from zhida_client.schemas import AudienceDraft, EventBatch

DRAFT = AudienceDraft(
    name="稳健型",
    expression={"kind": "profile", "field": "risk_level", "is": "in", "value": ["C3"]},
)
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with running_site(database_url) as site:
        async with site.house.database.transaction() as connection:
            await ship_contents(connection)
            await add_client(connection, site.house.cipher, "5501")
        yield site


@pytest.fixture
def zhida(site: Site) -> Zhida:
    return Zhida(site.url, key=EVENTS_KEY)


def event(key: str, client_no: str = CLIENT, **figures: object) -> Event:
    return Event(key=key, client_no=client_no, type="risk_ratio", at=AT, figures=figures)


def order(client_no: str = "5501", content: str = "margin_call") -> MessageOrder:
    return MessageOrder(
        source="risk",
        key="m1",
        client_no=client_no,
        urgency="high",
        content=content,
        values={"risk_ratio": 1.05},
        reach_by=datetime.now(UTC) + timedelta(hours=1),
    )


async def sign_in(site: Site, role: str) -> Staff:
    """Sign a person of this role in by a password, as a program of theirs does."""
    password = "correct horse battery staple"
    kept = await asyncio.to_thread(PasswordHasher().hash, password)
    async with site.house.database.transaction() as connection:
        await record_person(
            connection, login=role, name=role, password_hash=kept, roles=ROLES[role]
        )
    person = Staff(site.url)
    await asyncio.to_thread(person.sign_in, SignIn(login=role, password=password))
    return person


async def test_events_are_told_their_fate_and_count_once(zhida: Zhida) -> None:
    events = [event("e1", ratio=1.05), event("e2", "99999999", ratio=1.1), event("e3")]
    fates = await asyncio.to_thread(zhida.report, "risk", events)
    assert [one.fate for one in fates] == ["accepted", "unknown_client", "refused"]
    assert fates[2].why is not None
    assert "ratio" in fates[2].why.en
    again = await asyncio.to_thread(zhida.report, "risk", events)
    assert [one.fate for one in again] == ["repeated", "repeated", "refused"]


async def test_more_events_than_a_call_takes_all_arrive(site: Site, zhida: Zhida) -> None:
    events = [event(f"e{n}", ratio=1.05) for n in range(1001)]
    fates = await asyncio.to_thread(zhida.report, "risk", events)
    assert [one.key for one in fates] == [one.key for one in events]
    assert {one.fate for one in fates} == {"accepted"}
    with pytest.raises(InvalidInput):
        await asyncio.to_thread(zhida.take_events, EventBatch(source="risk", events=events))


async def test_a_message_is_ordered_once(zhida: Zhida) -> None:
    first = await asyncio.to_thread(zhida.order_message, order())
    again = await asyncio.to_thread(zhida.order_message, order())
    assert first == again


async def test_what_is_wrong_is_told_in_both_tongues(zhida: Zhida) -> None:
    with pytest.raises(NotFound):
        await asyncio.to_thread(zhida.order_message, order(client_no="99999999"))
    with pytest.raises(InvalidInput) as told:
        await asyncio.to_thread(zhida.order_message, order(content="no_such_content"))
    assert told.value.status == 400
    assert "内容" in told.value.message
    assert "no_such_content" in told.value.message_en


async def test_a_wrong_key_and_a_wrong_clock_are_refused(site: Site, zhida: Zhida) -> None:
    events = [event("e1", ratio=1.05)]
    forger = Zhida(site.url, key="another-key")
    with pytest.raises(BadSignature):
        await asyncio.to_thread(forger.report, "risk", events)
    late = Zhida(site.url, key=EVENTS_KEY, clock=lambda: datetime.now(UTC).timestamp() - 400)
    with pytest.raises(Stale):
        await asyncio.to_thread(late.report, "risk", events)
    [fate] = await asyncio.to_thread(zhida.report, "risk", events)
    assert fate.fate == "accepted"


async def test_staff_do_what_their_role_may_until_they_sign_out(site: Site, zhida: Zhida) -> None:
    notice = (await asyncio.to_thread(zhida.order_message, order())).notice_id
    staff = await sign_in(site, "supervisor")

    def work() -> None:
        assert [one.id for one in staff.list_notices(urgency="high").notices] == [notice]
        assert staff.get_notice(notice).content_key == "margin_call"
        assert "risk_ratio" in {one.name for one in staff.list_event_types().types}
        assert staff.list_kept_events(limit=5).events == ()
        assert staff.list_imports().columns
        assert staff.read_tier_rules().rules
        with pytest.raises(NotAllowed):
            staff.create_audience(DRAFT)
        with pytest.raises(NotFound):
            staff.get_notice(uuid4())
        staff.sign_out()
        with pytest.raises(NotSignedIn):
            staff.get_session()

    await asyncio.to_thread(work)


async def test_marketing_reads_back_what_it_wrote(site: Site) -> None:
    staff = await sign_in(site, "marketing")

    def work() -> None:
        contents = staff.list_contents().contents
        assert staff.get_content(contents[0].id).content.variants
        assert staff.describe_audience().profile
        made = staff.create_audience(DRAFT)
        assert staff.get_audience(made.id).audience.expression == DRAFT.expression
        assert staff.list_campaigns(state="running").campaigns == ()

    await asyncio.to_thread(work)


async def test_anybody_may_read_the_document(site: Site) -> None:
    async with (
        aiohttp.ClientSession(site.url) as stranger,
        stranger.get("/v1/openapi.yaml") as answer,
    ):
        assert (answer.status, answer.content_type) == (200, "application/yaml")
        assert yaml.safe_load(await answer.text()) == yaml.safe_load(DOCUMENT.read_text("utf-8"))


async def test_a_system_asks_what_became_of_its_own_message_alone(zhida: Zhida) -> None:
    made = await asyncio.to_thread(zhida.order_message, order())
    found = await asyncio.to_thread(zhida.get_ordered, made.notice_id, source=order().source)
    assert found.notice_id == made.notice_id
    assert found.state
    with pytest.raises(NotFound):
        await asyncio.to_thread(zhida.get_ordered, made.notice_id, source="another-system")
