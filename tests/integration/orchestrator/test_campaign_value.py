"""The fields of a campaign's content: asked for, checked, and filled for everybody who gets it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from channels.contract import Capabilities
from kernel.errors import InvalidInput, NotAllowed
from orchestrator.campaign_check import Checked
from orchestrator.content_book import ContentBook
from orchestrator.letter import ContentWriter
from orchestrator.link import OWN, Filler, LinkSigner
from orchestrator.report import say_reason
from orchestrator.starter import Starter
from store import campaign
from store.engine import Database
from tests.campaign import CIPHER, Firm, add_campaign, add_client, fetch, provider, run_sql
from tests.integration.orchestrator.test_campaign import Stage, stage
from tests.ledger import LedgerChannel
from tests.mailing import await_state, sending

__all__ = ["stage"]
SIGNER = LinkSigner("https://zhida.test", b"k" * 32)
HOUSE = {"brand": "示例期货", "app": "示例APP"}


async def approve(stage: Stage, body: str, category: str = "service", **more: Any) -> UUID:
    """Return an approved content with these words for chat and mail."""
    words = {
        "key": more.pop("key", "lecture"),
        "title": "讲座",
        "category": category,
        "variants": [
            {"channel": "chat", "body": body},
            {"channel": "email", "subject": "讲座", "body": body},
        ],
        **more,
    }
    book = ContentBook(stage.database)
    made = await book.create(stage.writer, words)
    await book.submit(stage.writer, made)
    await book.approve(stage.approver, made)
    return made


def said(checked: Checked, grade: str) -> list[tuple[str, str]]:
    return [(one.step, one.field) for one in checked.findings if one.grade == grade]


async def test_what_a_content_names_is_asked_for_and_a_gap_is_refused_when_handed_in(
    stage: Stage,
) -> None:
    words = await approve(
        stage, "{{ topic }}，{{ at | minute }}{% if place %}，{{ place }}{% endif %}"
    )
    body = stage.body(content_id=str(words))
    checked = await stage.campaigns.check(stage.writer, body)
    asked = {one.name: (one.kind, one.source, one.is_needed) for one in checked.blanks}
    assert asked == {
        "at": ("moment", "campaign", True),
        "place": ("text", "campaign", False),
        "topic": ("text", "campaign", True),
    }
    assert said(checked, "missing") == [("content", "at"), ("content", "topic")]
    made = await stage.campaigns.create(stage.writer, body)  # incomplete, not wrong
    with pytest.raises(InvalidInput, match="“at”") as caught:
        await stage.campaigns.submit(stage.writer, made)
    assert "for instance at = 2026-11-20" in caught.value.message
    assert "发生时间" in caught.value.zh
    values = {"topic": " 期权讲座 ", "at": "2026-12-01T19:30:00+08:00", "place": ""}
    await stage.campaigns.change(stage.writer, made, body | {"values": values})
    assert (await stage.find(made)).draft.values == {
        "topic": "期权讲座",
        "at": "2026-12-01T19:30:00+08:00",
    }
    await stage.campaigns.submit(stage.writer, made)
    copy = await stage.campaigns.copy(stage.writer, made)
    assert (await stage.find(copy)).draft.values["topic"] == "期权讲座"


@pytest.mark.parametrize(
    ("values", "right"),
    [
        ({"topic": 3}, "text"),
        ({"topic": "长" * 501}, "500"),
        ({"days": "three"}, "number"),
        ({"at": "2026-12-01T19:30"}, "time zone"),
        ({"link": "javascript:alert(1)"}, "https://example.com"),
        ({"manager": "李经理"}, "each client's record"),
        ({"shortfall": 5}, "each client's record"),
        ({"nonsense": "x"}, "no field"),
    ],
)
async def test_a_value_that_is_none_is_refused_when_it_is_saved(
    stage: Stage, values: dict[str, Any], right: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await stage.campaigns.create(stage.writer, stage.body(values=values))
    assert right in caught.value.message
    checked = await stage.campaigns.check(stage.writer, stage.body(values=values))
    assert said(checked, "wrong") == [("content", next(iter(values)))]


async def test_words_that_a_campaign_can_never_fill_are_refused_when_it_is_saved(
    stage: Stage,
) -> None:
    words = await approve(stage, "工单 {{ ticket_no }}，应补 {{ shortfall | money }}")
    with pytest.raises(InvalidInput, match="only a client's own event") as caught:
        await stage.campaigns.create(stage.writer, stage.body(content_id=str(words)))
    assert "业务事件" in caught.value.zh
    soft = await approve(stage, "{% if shortfall %}应补 {{ shortfall }}{% endif %}您好", key="soft")
    await stage.campaigns.create(stage.writer, stage.body(content_id=str(soft)))


async def test_words_that_get_too_long_with_their_values_are_refused(stage: Stage) -> None:
    words = await approve(
        stage,
        "{{ topic }}",
        variants=[{"channel": "voice", "body": "{{ topic }}。" * 2}],
    )
    body = stage.body(content_id=str(words), channels=["voice"])
    await stage.campaigns.create(stage.writer, body | {"values": {"topic": "短"}})
    with pytest.raises(InvalidInput, match="at most 300 characters"):
        await stage.campaigns.create(stage.writer, body | {"values": {"topic": "长" * 200}})


async def test_a_draft_may_wait_for_its_contents_approval_and_each_step_is_told_of(
    stage: Stage,
) -> None:
    words = await approve(stage, "您好")
    variants = [{"channel": "chat", "body": "二"}]
    newer = {"key": "lecture", "title": "二", "category": "service", "variants": variants}
    next_one = await ContentBook(stage.database).create(stage.writer, newer)
    body = stage.body(content_id=str(next_one), channels=["chat"])
    made = await stage.campaigns.create(stage.writer, body)
    with pytest.raises(InvalidInput, match="is draft"):
        await stage.campaigns.submit(stage.writer, made)
    some = {"content_id": str(words), "expression": {}, "channels": [], "name": ""}
    early = await stage.campaigns.check(stage.writer, some)
    assert (early.findings, early.counted) == ([], None)
    wrong = {
        "channels": ["voice"],
        "schedule": {"kind": "once", "at": "2020-01-01T00:00:00+08:00"},
        "expression": {"kind": "tag", "any": ["没有"]},
    }
    checked = await stage.campaigns.check(stage.writer, body | wrong)
    assert said(checked, "wrong") == [("plan", ""), ("plan", ""), ("audience", "")]
    assert said(checked, "missing") == [("content", "")]
    with pytest.raises(NotAllowed):
        await stage.campaigns.check(stage.agent, body)


async def test_the_next_time_of_a_recurring_campaign_says_the_same(stage: Stage) -> None:
    words = await approve(stage, "{{ topic }}")
    schedule = {"kind": "daily", "time": "10:30"}
    made = await stage.bring(
        "scheduled", content_id=str(words), schedule=schedule, values={"topic": "周报"}
    )
    stage.clock.advance(minutes=31)
    assert await Starter(stage.campaigns).start_due() == 1
    async with stage.database.transaction() as connection:
        (again,) = await campaign.find_page(connection, state="scheduled")
    assert (again.repeat_of, again.draft.values) == (made, {"topic": "周报"})


async def test_a_campaign_larger_than_the_quotas_of_its_days_is_refused_with_numbers(
    stage: Stage,
) -> None:
    channels = stage.campaigns.channels
    channels.add(LedgerChannel("email", "main"))
    channels.quotas["email", "main"] = 2
    body = stage.body(channels=["email"])
    with pytest.raises(InvalidInput) as caught:
        await stage.campaigns.create(stage.writer, body | {"hold_out": 0.25})
    assert "3 recipients" in caught.value.message
    assert "email/main 2" in caught.value.message
    assert "allow 2 days by an end on 2026-11-24 or later" in caught.value.message
    assert "收件人 3 位" in caught.value.zh
    await stage.campaigns.create(stage.writer, body | {"hold_out": 0.5})
    for end, fits in (("2026-11-23T20:00:00+08:00", False), ("2026-11-24T20:00:00+08:00", True)):
        checked = await stage.campaigns.check(stage.writer, body | {"not_after": end})
        assert (said(checked, "wrong") == []) is fits
    channels.add(LedgerChannel("email", "second"))  # one without a quota carries the rest
    await stage.campaigns.create(stage.writer, body)


def open_firm(database: Database, *channels: LedgerChannel) -> Firm:
    writer = ContentWriter(Filler(SIGNER, HOUSE), HOUSE, cipher=CIPHER)
    return replace(Firm.open(database, *channels), writer=writer)


async def test_everybody_gets_the_campaigns_values_and_what_is_their_own(
    database: Database,
) -> None:
    sms = provider()
    firm = open_firm(database, sms)
    async with database.transaction() as connection:
        known, other, unknown = [await add_client(connection) for _ in range(3)]
        running = await add_campaign(
            connection,
            category="service",
            body="{{ name }}，{{ topic }}：{{ link }}，{{ manager }}{% if stage %}！{% endif %}",
            values='{"topic": "期权讲座", "link": "https://example.com/live"}',
        )
    for client, manager in ((known, "李经理"), (other, "王经理")):
        name = CIPHER.seal_text(f"客户{manager}", table="client", column="name_enc", row=client)
        await run_sql(
            database,
            "UPDATE client SET manager = :m, name_enc = :n WHERE id = :c",
            m=manager, n=name, c=client,
        )  # fmt: skip
    await firm.plan()
    assert await firm.read_plan(running) == {
        known: ("planned", None),
        other: ("planned", None),
        unknown: ("suppressed", "missing_field"),
    }
    async with sending(firm):
        await await_state(database, running)
    found = {one.address.address: one for one in sms.ledger}
    for client, manager in ((known, "李经理"), (other, "王经理")):
        one = found[f"sms-{client}"]
        link = SIGNER.make_link(one.outbox_id, OWN)
        assert one.content.text == f"客户{manager}，期权讲座：{link}，{manager}"
    assert len(found) == 2


async def test_what_everybody_gets_alike_is_made_once_and_campaigns_do_not_mix(
    database: Database,
) -> None:
    sms = provider()
    firm = open_firm(database, sms)
    async with database.transaction() as connection:
        await add_client(connection)
        first = await add_campaign(connection, body="{{ topic }}", values='{"topic": "一"}')
    second = (await fetch(database, "SELECT row_id() AS id"))[0].id
    await run_sql(
        database,
        'INSERT INTO campaign (id, name, content_id, expression, category, channels, "values", '
        "state) SELECT :id, name, content_id, expression, category, channels, "
        'CAST(\'{"topic": "二"}\' AS jsonb), state FROM campaign',
        id=second,
    )
    await firm.plan()
    async with sending(firm):
        await await_state(database, first)
        await await_state(database, second)
    assert sorted(sms.texts) == ["一", "二"]


async def test_a_record_that_lost_its_field_since_the_plan_gets_a_true_reason(
    database: Database,
) -> None:
    sms = provider()
    firm = open_firm(database, sms)
    async with database.transaction() as connection:
        client = await add_client(connection)
        running = await add_campaign(connection, body="{{ manager }}您好", category="service")
    await run_sql(database, "UPDATE client SET manager = '李经理'")
    await firm.plan()
    await run_sql(database, "UPDATE client SET manager = NULL")
    async with sending(firm):
        await await_state(database, running)
    rows = await fetch(database, "SELECT client_id, state, reason FROM outbox")
    assert [tuple(row) for row in rows] == [(client, "rejected", "content:unwritten")]
    assert sms.ledger == []
    assert "未发送" in say_reason("content:unwritten")[0]
    assert "渠道方" in say_reason("content:45002")[0]


async def test_a_missing_field_leaves_the_other_channels_of_a_client(database: Database) -> None:
    sms, mail = provider("sms"), LedgerChannel("email", "main", Capabilities())
    firm = open_firm(database, sms, mail)
    ways: dict[tuple[str, str], str | None] = {("sms", "main"): "yes", ("email", "main"): "yes"}
    async with database.transaction() as connection:
        client = await add_client(connection, ways=ways)
        running = await add_campaign(
            connection,
            channels=("sms", "email"),
            body="{{ manager }}好",
            bodies={"email": "{{ brand }}好"},
        )
    await firm.plan()
    assert await firm.read_plan(running) == {client: ("planned", None)}
    async with sending(firm):
        await await_state(database, running)
    assert (sms.texts, mail.texts) == ([], ["示例期货好"])
