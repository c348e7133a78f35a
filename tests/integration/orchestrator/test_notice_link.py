"""Links in notices are counted like those of campaigns, and following one proves that it came."""

from __future__ import annotations

from uuid import UUID

import pytest

from orchestrator.link import OWN, OWN_HINT, Filler, LinkSigner
from orchestrator.urgency import DEFAULTS
from orchestrator.wording import Words
from store import link, urgency
from store.cipher import Cipher
from store.content import ContentDraft, Variant
from store.content_draft import record_shipped
from store.engine import Database
from tests.tower import Tower, make_tower

SIGNER = LinkSigner("https://zhida.test", b"k" * 32)
PAGE = "https://example.com/margin?from=z"
BODY = f"{{{{ brand }}}}：请追加保证金，办法见{PAGE}。"


@pytest.fixture
async def tower(database: Database, cipher: Cipher) -> Tower:
    tower = await make_tower(database, cipher, channels=("push", "email"))
    tower.ladder.words = Words(Filler(SIGNER, {"brand": "示例期货"}))
    words = {
        ("push", "zh", "a"): Variant(body=BODY),
        ("email", "zh", "a"): Variant(body=BODY, subject="追加保证金"),
    }
    async with database.transaction() as connection:
        await record_shipped(connection, ContentDraft("with_link", "有链接", "risk", words))
        weekly = {("email", "zh", "a"): Variant(body=f"周报 {PAGE}", subject="周报")}
        await record_shipped(connection, ContentDraft("weekly", "周报", "marketing", weekly))
    return tower


async def follow(tower: Tower, outbox_id: UUID) -> None:
    """Do what the door does when a person comes by a link."""
    async with tower.database.transaction() as connection:
        sending = await link.find_sending(connection, outbox_id)
        assert sending is not None
        await link.record_click(connection, sending, PAGE)


async def test_a_notices_link_is_its_messages_own_and_following_it_proves_the_reach(
    tower: Tower,
) -> None:
    who = await tower.client("push")
    one = await tower.raise_(who, "critical", content_key="with_link")
    await tower.climb()
    await tower.deliver()
    outbox_id = await tower.outbox(one, "push")
    [said] = tower.ledgers["push"].ledger
    assert said.content.text == (
        f"示例期货：请追加保证金，办法见{SIGNER.make_link(outbox_id, 1)}。"
    )
    await tower.hear()
    assert await tower.state(one) == "in_progress"
    await follow(tower, outbox_id)
    await tower.hear()
    row = await tower.one("SELECT state, reached_how FROM notice WHERE id = :id", id=one)
    assert row == {"state": "reached", "reached_how": "link"}
    steps = await tower.rows(
        "SELECT what, detail->>'status' AS status FROM proof WHERE notice_id = :id ORDER BY seq",
        id=one,
    )
    assert [step["what"] for step in steps] == ["raised", "planned", "called", "link", "reached"]
    assert steps[3]["status"] == "followed"


async def test_where_the_link_alone_counts_a_look_is_not_enough_and_a_click_is_heard_at_once(
    tower: Tower,
) -> None:
    """The message is `read` already when its link is followed, so it does not move any more."""
    policy = DEFAULTS["critical"].model_dump(mode="json")
    for rung in policy["rungs"]:
        rung["reached_by"] = ["link"]
    async with tower.database.transaction() as connection:
        await urgency.record(connection, "critical", policy, seen=0, author_id=None)
    who = await tower.client("push")
    one = await tower.raise_(who, "critical", content_key="with_link")
    await tower.climb()
    await tower.deliver()
    outbox_id = await tower.outbox(one, "push")
    await tower.tell(outbox_id, "read")
    await tower.hear()
    assert await tower.state(one) == "in_progress"
    await follow(tower, outbox_id)
    await tower.hear()
    assert await tower.state(one) == "reached"


async def test_the_address_that_a_notice_brings_is_counted_too_if_it_is_one_of_the_web(
    tower: Tower,
) -> None:
    words = {
        ("push", "zh", "a"): Variant(body="请看{{ link }}"),
        ("email", "zh", "a"): Variant(body="{{ link }}", subject="s"),
    }
    async with tower.database.transaction() as connection:
        await record_shipped(connection, ContentDraft("brings", "自带链接", "risk", words))
    who, other = await tower.client("push"), await tower.client("email")
    own = f"{PAGE}&who=9"
    one = await tower.raise_(who, "high", content_key="brings", vars={"link": own})
    await tower.raise_(other, "high", content_key="brings", vars={"link": "app://margin"})
    await tower.climb()
    await tower.deliver()
    [said] = tower.ledgers["push"].ledger
    link_ = SIGNER.make_link(await tower.outbox(one, "push"), OWN)
    assert (said.content.text, said.content.hints[OWN_HINT]) == (f"请看{link_}", own)
    [plain] = tower.ledgers["email"].ledger
    assert plain.content.text == "app://margin"
    assert OWN_HINT not in plain.content.hints


async def test_a_notice_of_marketing_by_mail_has_its_way_out(tower: Tower) -> None:
    who = await tower.client("email")
    await tower.rows(
        "INSERT INTO consent (id, identity_id, category, state, source) "
        "SELECT row_id(), id, 'marketing', 'yes', 'test' FROM identity WHERE client_id = :who",
        who=who,
    )
    one = await tower.raise_(who, "high", content_key="weekly", category="marketing")
    await tower.climb()
    await tower.deliver()
    [said] = tower.ledgers["email"].ledger
    assert said.content.hints["unsubscribe"] == SIGNER.make_way_out(said.outbox_id)
    assert said.outbox_id == await tower.outbox(one, "email")
