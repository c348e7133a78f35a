"""Contents on a real database: versions, four eyes, and the seal over what was approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kernel.errors import Conflict, NotAllowed, NotApproved, NotFound, NoVariant
from orchestrator.content import prepare, render
from store import content, content_draft, staff
from store.content import ContentDraft, Variant
from store.engine import Connection, Database

DRAFT = ContentDraft(
    key="deposit_settled",
    title="入金到账",
    category="account",
    variants={
        ("chat", "zh", "a"): Variant(body="您好，{{ amount | money }} 元已到账。"),
        ("chat", "en", "a"): Variant(body="{{ amount | money }} has arrived."),
        ("chat", "zh", "b"): Variant(body="到账 {{ amount }}。"),
        ("sms", "zh", "a"): Variant(
            body="您的入金已到账，请登录APP查看。", template="SMS_1", fields={"name": "{{ app }}"}
        ),
        ("email", "zh", "a"): Variant(subject="入金到账 {{ days }}", body="已到账。"),
    },
    tags=("入金", "账户"),
    valid_until=datetime(2027, 1, 1, tzinfo=UTC),
)


async def _person(connection: Connection, login: str) -> UUID:
    return await staff.record_person(
        connection, login=login, name=login, password_hash="", roles=["marketing"]
    )


async def _write(database: Database, draft: ContentDraft = DRAFT) -> tuple[UUID, UUID, UUID]:
    async with database.transaction() as connection:
        author, other = await _person(connection, "author"), await _person(connection, "other")
        made = await content_draft.record_draft(
            connection, draft, author_id=author, actor=f"person:{author}"
        )
    return made, author, other


async def _move(database: Database, content_id: UUID, after: str, person: UUID) -> None:
    async with database.transaction() as connection:
        await content_draft.move(connection, content_id, after, person_id=person)


async def _approve(database: Database, content_id: UUID, author: UUID, other: UUID) -> None:
    await _move(database, content_id, "review", author)
    await _move(database, content_id, "approved", other)


async def test_what_is_read_is_what_was_written(database: Database) -> None:
    made, author, _ = await _write(database)
    async with database.transaction() as connection:
        found = await content.find(connection, made)
    assert found.draft.seal() == DRAFT.seal() == found.checksum
    assert found.variants == DRAFT.variants
    assert (found.version, found.state, found.author_id) == (1, "draft", author)
    assert found.channels == ("chat", "email", "sms")


async def test_only_what_somebody_else_approved_is_found_to_be_sent(database: Database) -> None:
    made, author, other = await _write(database)
    async with database.transaction() as connection:
        assert not await content.find_approved(connection, [DRAFT.key])
    await _move(database, made, "review", author)
    with pytest.raises(NotAllowed, match="somebody else"):
        await _move(database, made, "approved", author)
    await _move(database, made, "approved", other)
    async with database.transaction() as connection:
        found = await content.find_approved(connection, [DRAFT.key, "unknown"])
        verbs = await connection.execute(text("SELECT after->>'state' FROM event ORDER BY id"))
        assert [row[0] for row in verbs] == [None, "review", "approved"]
    assert list(found) == [DRAFT.key]
    assert found[DRAFT.key].approver_id == other


async def test_the_database_refuses_an_author_who_approves(database: Database) -> None:
    made, author, _ = await _write(database)
    with pytest.raises(IntegrityError, match="four_eyes"):
        async with database.transaction() as connection:
            await connection.execute(
                text("UPDATE content SET state='approved', approver_id=:who WHERE id=:id"),
                {"who": author, "id": made},
            )
    with pytest.raises(IntegrityError, match="approved_by"):
        async with database.transaction() as connection:
            await connection.execute(
                text("UPDATE content SET state='approved' WHERE id=:id"), {"id": made}
            )


async def test_a_new_version_supersedes_the_approved_one(database: Database) -> None:
    first, author, other = await _write(database)
    await _approve(database, first, author, other)
    second, author, other = await _write(database, replace(DRAFT, title="入金已到账"))
    await _approve(database, second, author, other)
    async with database.transaction() as connection:
        found = await content.find_approved(connection, [DRAFT.key])
        entries = await content.find_entries(connection, key=DRAFT.key)
        latest = await content.find_entries(connection)
    assert (found[DRAFT.key].version, found[DRAFT.key].title) == (2, "入金已到账")
    assert [(one.version, one.state) for one in entries] == [(2, "approved"), (1, "superseded")]
    assert [one.id for one in latest] == [second]
    with pytest.raises(Conflict):
        await _move(database, first, "approved", other)


async def test_words_changed_behind_the_approval_are_not_sent(database: Database) -> None:
    made, author, other = await _write(database)
    await _approve(database, made, author, other)
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE content_variant SET body = body || '!'"))
    async with database.transaction() as connection:
        assert not await content.find_approved(connection, [DRAFT.key])
        with pytest.raises(NotApproved):
            await content.find(connection, made)


async def test_a_draft_is_changed_by_its_author_alone_and_only_while_it_is_one(
    database: Database,
) -> None:
    made, author, other = await _write(database)
    changed = replace(DRAFT, variants={("push", "zh", "a"): Variant(body="新")})

    async def change(person: UUID, draft: ContentDraft = changed) -> None:
        async with database.transaction() as connection:
            await content_draft.change_draft(
                connection, made, draft, author_id=person, actor=f"person:{person}"
            )

    with pytest.raises(NotAllowed):
        await change(other)
    with pytest.raises(Conflict):
        await change(author, replace(changed, key="another"))
    await change(author)
    async with database.transaction() as connection:
        assert (await content.find(connection, made)).variants == changed.variants
    await _move(database, made, "review", author)
    with pytest.raises(Conflict):
        await change(author)
    with pytest.raises(NotFound):
        await _move(database, uuid4(), "review", author)


async def test_shipped_contents_come_once_and_never_over_a_persons_own(database: Database) -> None:
    async def ship(draft: ContentDraft) -> bool:
        async with database.transaction() as connection:
            await content_draft.lock_shipping(connection)
            return await content_draft.record_shipped(connection, draft)

    assert await ship(DRAFT)
    assert not await ship(DRAFT)
    newer = replace(DRAFT, title="到账")
    assert await ship(newer)
    async with database.transaction() as connection:
        found = (await content.find_approved(connection, [DRAFT.key]))[DRAFT.key]
    assert (found.title, found.version, found.author_id) == ("到账", 2, None)
    own, author, other = await _write(database)
    await _approve(database, own, author, other)
    assert not await ship(replace(DRAFT, title="又一版"))


async def test_rendering_falls_back_by_arm_and_language_and_tells_channels_what_they_need(
    database: Database,
) -> None:
    made, _, _ = await _write(database)
    async with database.transaction() as connection:
        row = await content.find(connection, made)
    assert render(row, "chat", "en", "a", {"amount": 5}).text == "5.00 has arrived."
    assert render(row, "chat", "en", "b", {"amount": 5}).text == "5.00 has arrived."
    assert render(row, "chat", "zh", "b", {"amount": 5}).text == "到账 5。"
    sms = render(row, "sms", "en", "b", {"app": "示例"})
    assert sms.hints["template"] == {"code": "SMS_1", "values": {"name": "示例"}}
    assert (sms.hints["language"], sms.hints["category"]) == ("zh", "account")
    assert render(row, "email", "zh", "a", {"days": 3}).hints["subject_line"] == "入金到账 3"
    assert prepare(row, "sms", "zh").names == {"app"}
    with pytest.raises(NoVariant, match="voice"):
        prepare(row, "voice", "zh")
