"""What the steps of journeys do, gathered over a batch and written at once.

Each has a source key made of the run, the step and the moment on the journey's time, so that doing
it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from kernel.message import Json
from orchestrator.step import Calendars, Effect, find_moment
from store import notice, tag, task
from store.cipher import Cipher
from store.engine import Connection
from store.notice import NoticeDraft
from store.tag import TagChange
from store.task import TaskDraft

SOURCE: Final = "journey"


async def record_effects(
    connection: Connection, cipher: Cipher, effects: Sequence[Effect], calendars: Calendars
) -> None:
    """Raise the notices, open the tasks and set the tags of a batch, in its transaction."""
    notices = [_draft_notice(one) for one in effects if one.step.form.send]
    tasks = [_draft_task(one, calendars) for one in effects if one.step.form.open_task]
    tags = [change for one in effects if one.step.form.tag for change in _list_tags(one)]
    if notices:
        await notice.raise_many(connection, cipher, notices)
    if tasks:
        await task.open_many(connection, cipher, tasks)
    if tags:
        await tag.record_changed(connection, tags)


def make_key(effect: Effect) -> str:
    """Return the key under which an effect is done once."""
    run = effect.run
    moment = int(effect.at.timestamp() * 1000)
    return f"{run.journey_id}:{run.client_id}:{run.entry_key}:{effect.step.id}:{moment}"


def _draft_notice(effect: Effect) -> NoticeDraft:
    send = effect.step.form.send
    assert send is not None  # noqa: S101  (asked by the caller)
    values = {
        name: _to_json(one.evaluate(effect.facts, effect.at))
        for name, one in effect.step.vars.items()
    }
    return NoticeDraft(
        client_id=effect.run.client_id,
        category=send.category,
        urgency=send.urgency,
        source=SOURCE,
        source_key=make_key(effect),
        content_key=send.content,
        vars={name: value for name, value in values.items() if value is not None},
        channels=send.channels,
        topic=send.topic,
        reach_by=effect.at + send.reach_within if send.reach_within else None,
    )


def _draft_task(effect: Effect, calendars: Calendars) -> TaskDraft:
    form = effect.step.form.open_task
    assert form is not None  # noqa: S101  (asked by the caller)
    due = form.due
    if isinstance(due, timedelta):
        due_at: datetime | None = effect.at + due
    else:
        due_at = find_moment(due, effect.at, effect.facts, calendars) if due else None
    return TaskDraft(
        kind=form.kind,
        client_id=effect.run.client_id,
        source=SOURCE,
        source_key=make_key(effect),
        title=form.title,
        detail=form.detail,
        priority=form.priority,
        due_at=due_at,
    )


def _list_tags(effect: Effect) -> list[TagChange]:
    form = effect.step.form.tag
    assert form is not None  # noqa: S101  (asked by the caller)
    expires = effect.at + form.expires if form.expires else None
    client = effect.run.client_id
    return [
        *(TagChange(client, word, SOURCE, expires) for word in form.add),
        *(TagChange(client, word, SOURCE, is_gone=True) for word in form.remove),
    ]


def _to_json(value: object) -> Json:
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return [str(one) for one in value] if isinstance(value, list | tuple) else str(value)
