"""What one look at a batch of notices comes to: moves, messages, tasks and steps of proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kernel.chain import Plain, Step
from orchestrator.climb import Reached, Sent, Standing, ends_at
from orchestrator.proof import hash_content, hide_address
from orchestrator.telling import Letter
from orchestrator.urgency import Policy
from store.content import ContentRow
from store.posting import RungDraft
from store.proof import PROVED
from store.rung import DueNotice, Move
from store.task import TaskDraft

TASK_SOURCE: Final = "notice"
_CRITICAL: Final = "critical"
_TRIED: Final[Mapping[str, str]] = {
    "too_late": "已过告知时限 · past its time",
    "no_rung_left": "各渠道均未确认 · no channel confirmed",
    "no_way": "没有可用渠道 · no channel can carry it",
    "no_address": "没有联系方式 · no address",
    "damaged": "数据无法解密 · its data cannot be read",
    "no_content": "内容未审批 · content not approved",
    "not_suitable": "适当性不匹配 · not suitable",
}


@dataclass(slots=True)
class Round:
    """Gathers what is written at the end of a look, in one go."""

    policy: Policy
    now: datetime
    moves: list[Move] = field(default_factory=list)
    escalations: list[Move] = field(default_factory=list)
    drafts: list[RungDraft] = field(default_factory=list)
    tasks: list[TaskDraft] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    told: list[tuple[UUID, str]] = field(default_factory=list)

    def wait(self, notice: DueNotice, until: datetime | None) -> None:
        """Look at a notice again later, or never unless something is heard."""
        state = notice.state
        self.moves.append(Move(notice.id, state, state, notice.next_rung, until))

    def reach(self, notice: DueNotice, reached: Reached) -> None:
        """End a notice: its client knows."""
        rung = notice.next_rung
        self.moves.append(Move(notice.id, notice.state, "reached", rung, how=reached.how))
        self._prove(notice, "reached", {"how": reached.how, "channel": reached.channel})

    def carry(
        self, notice: DueNotice, rung: int, row: ContentRow, *, carrier: UUID | None = None
    ) -> None:
        """Move a notice to where it waits for a word on the messages of this rung."""
        patience = self.now + timedelta(minutes=self.policy.rungs[rung].wait_minutes)
        standing = Standing(rung, notice.created_at, notice.reach_by, ())
        due = min(patience, max(self.now, ends_at(self.policy, standing)))
        move = Move(
            notice.id, notice.state, "in_progress", rung + 1, due,
            carrier_id=carrier, content_version=row.version,
        )  # fmt: skip
        self.moves.append(move)

    def send(
        self, notice: DueNotice, rung: int, row: ContentRow, letter: Letter, *, is_pulled: bool
    ) -> None:
        """Write one message of a rung."""
        place, content = letter.place, letter.content
        standing = Standing(rung, notice.created_at, notice.reach_by, ())
        draft = RungDraft(
            notice_id=notice.id,
            client_id=notice.client_id,
            identity_id=place.identity_id,
            content=content,
            rung=f"{rung}.{notice.revision}" if notice.revision else str(rung),
            lane=_CRITICAL if notice.urgency == _CRITICAL else "normal",
            content_id=row.id,
            not_after=ends_at(self.policy, standing),
            state="accepted" if is_pulled else "queued",
            outbox_id=letter.outbox_id,
        )
        self.drafts.append(draft)
        self.told.append((notice.client_id, notice.category))
        detail: dict[str, Plain] = {
            "rung": rung,
            "revision": notice.revision,
            "channel": place.address.channel,
            "account": place.address.account,
            "address": hide_address(place.address.address),
            "outbox": str(draft.outbox_id),
            "content": hash_content(content),
            "key": row.key,
            "version": row.version,
        }
        self._prove(notice, "planned", detail)

    def give_up(self, notice: DueNotice, why: str, title: str, sent: Sequence[Sent]) -> None:
        """End a ladder: as a task for a person where the policy says so, else unreached."""
        if self.policy.escalate is None:
            after = "expired" if why == "too_late" else "unreached"
            move = Move(notice.id, notice.state, after, notice.next_rung, reason=why)
            self.moves.append(move)
            self._prove(notice, after, {"why": why})
            return
        rung = notice.next_rung
        self.moves.append(Move(notice.id, notice.state, "unreached", rung, reason=why))
        self.escalations.append(Move(notice.id, "unreached", "escalated", rung))
        self.tasks.append(self._make_task(notice, why, title, sent))
        self._prove(notice, "unreached", {"why": why})
        self._prove(notice, "escalated", {"task": f"{TASK_SOURCE}:{notice.id}"})

    def _make_task(
        self, notice: DueNotice, why: str, title: str, sent: Sequence[Sent]
    ) -> TaskDraft:
        escalation = self.policy.escalate
        if escalation is None:
            raise ValueError("A policy without escalation makes no task.")
        tried = [f"{one.channel}：{one.state}" for one in sent]
        lines = [_TRIED.get(why, why), *(tried or ["未发出任何消息 · nothing was sent"])]
        if notice.reach_by:
            lines.append(f"最迟 · by {notice.reach_by:%Y-%m-%d %H:%M} UTC")
        due = self.now + timedelta(minutes=escalation.due_minutes)
        return TaskDraft(
            kind=escalation.kind,
            client_id=notice.client_id,
            source=TASK_SOURCE,
            source_key=str(notice.id),
            title=f"{title}：客户未确认，请致电 · not confirmed, please call",
            detail="\n".join(lines),
            priority=escalation.priority,
            due_at=due,
            notice_id=notice.id,
        )

    def _prove(self, notice: DueNotice, what: str, detail: Mapping[str, Plain]) -> None:
        if notice.urgency in PROVED:
            self.steps.append(Step(notice.id, what, detail, self.now))
