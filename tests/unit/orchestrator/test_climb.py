"""Receipts in whatever order, told twice or late, come to the same end: against a model.

The model keeps what was proved by each message and reckons the end from that alone; the machine
moves messages by the outbox's own table, at any moment, between looks of the ladder.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kernel.ids import new_id
from kernel.machine import NOTICE, OUTBOX
from orchestrator.climb import Climb, Reached, Sent, Spent, Standing, Wait, ends_at, judge
from orchestrator.urgency import DEFAULTS, Policy

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FATES = ("accepted", "failed", "delivered", "read")
CHANNELS = {"critical": ("push", "sms", "voice"), "high": ("wechat", "push", "sms", "email")}


def has_receipts(channel: str, account: str) -> bool:
    return channel != "wechat"


class Message:
    def __init__(self, rung: int, channel: str, at: datetime) -> None:
        self.id, self.rung, self.channel, self.at = new_id(), rung, channel, at
        self.state, self.is_followed = "queued", False

    def hear(self, state: str) -> None:
        """Move as the outbox does: forward along its table, or not at all."""
        if self.state in OUTBOX.sources_of(state) or self.state == state:
            self.state = state

    @property
    def sent(self) -> Sent:
        return Sent(self.id, self.rung, self.channel, "demo", self.state, self.at, self.is_followed)


class LadderMachine(RuleBasedStateMachine):
    urgency = "critical"

    def __init__(self) -> None:
        super().__init__()
        self.policy: Policy = DEFAULTS[self.urgency]
        self.now, self.next_rung, self.state = START, 0, "open"
        self.messages: list[Message] = []
        self.reach_by: datetime | None = None

    @initialize(minutes=st.none() | st.integers(1, 60))
    def begin(self, minutes: int | None) -> None:
        self.reach_by = START + timedelta(minutes=minutes) if minutes else None
        self.look()

    def look(self) -> None:
        """Do what the ladder does with its verdict."""
        if NOTICE.is_final(self.state):
            return
        sent = [one.sent for one in self.messages]
        standing = Standing(self.next_rung, START, self.reach_by, sent)
        match judge(self.policy, standing, self.now, has_receipts):
            case Reached():
                self.move("reached")
            case _ if self.state in {"unreached", "escalated"}:
                pass
            case Climb(rung):
                used = {one.channel for one in self.messages}
                rest = [
                    one for one in CHANNELS[self.urgency]
                    if one in self.policy.rungs[rung].channels and one not in used
                ]  # fmt: skip
                chosen = rest if self.policy.rungs[rung].pick == "all" else rest[:1]
                self.messages += [Message(rung, one, self.now) for one in chosen]
                self.next_rung = rung + 1
                if chosen:
                    self.move("in_progress")
                else:
                    self.look()
            case Spent(why):
                if self.policy.escalate:
                    self.move("unreached")
                    self.move("escalated")
                else:
                    self.move("expired" if why == "too_late" else "unreached")
            case Wait(until):
                assert until > self.now

    def move(self, after: str) -> None:
        if after != self.state:
            NOTICE.check_move(self.state, after)
        self.state = after

    @rule(minutes=st.integers(1, 400))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.look()

    @precondition(lambda self: bool(self.messages))
    @rule(pick=st.integers(0), told=st.lists(st.sampled_from(FATES), min_size=1, max_size=5))
    def receipts_come(self, pick: int, told: list[str]) -> None:
        message = self.messages[pick % len(self.messages)]
        if message.state == "queued":
            message.state = "sending"
        for one in told:
            # Who gives no receipts says nothing after it has taken a message.
            if message.channel != "wechat" or message.state == "sending":
                message.hear(one)
        self.look()

    @precondition(lambda self: bool(self.messages))
    @rule(pick=st.integers(0))
    def link_is_followed(self, pick: int) -> None:
        message = self.messages[pick % len(self.messages)]
        if message.state in {"accepted", "delivered", "read"}:
            message.is_followed = True
            self.look()

    def is_known(self) -> bool:
        """The model: some message was proved enough by its own rung's measure."""
        for one in self.messages:
            wanted = set(self.policy.rungs[one.rung].reached_by)
            proved: set[str] = set()
            if one.is_followed:
                proved.add("link")
            if one.state == "read":
                proved.add("press1" if one.channel == "voice" else "read")
            if one.state in {"delivered", "read"}:
                proved.add("delivered")
            if one.state == "accepted" and one.channel == "wechat":
                proved.add("delivered")
            if one.state in {"accepted", "delivered", "read"}:
                proved.add("accepted")
            if wanted & proved:
                return True
        return False

    @invariant()
    def reached_means_known_and_nothing_else(self) -> None:
        if self.state != "expired":
            assert (self.state == "reached") == self.is_known()

    @invariant()
    def no_channel_is_used_twice(self) -> None:
        used = [one.channel for one in self.messages]
        assert len(used) == len(set(used))

    @invariant()
    def nobody_is_forgotten(self) -> None:
        """Past its time a notice is known, a person's task, or over."""
        standing = Standing(self.next_rung, START, self.reach_by, ())
        if self.now >= ends_at(self.policy, standing):
            assert self.state not in {"open", "in_progress"}
            if self.policy.escalate:
                assert self.state in {"reached", "escalated"}


class HighLadderMachine(LadderMachine):
    urgency = "high"


TestCriticalLadder: Any = LadderMachine.TestCase
TestHighLadder: Any = HighLadderMachine.TestCase
_HARD = settings(max_examples=150, stateful_step_count=25, deadline=None)
TestCriticalLadder.settings = _HARD
TestHighLadder.settings = _HARD


@given(
    fates=st.lists(
        st.tuples(st.sampled_from(("push", "sms", "voice")), st.sampled_from(FATES)),
        min_size=1,
        max_size=5,
    )
)
def test_receipts_in_any_order_give_the_same_end(fates: list[tuple[str, str]]) -> None:
    ends = set()
    for order in permutations(fates):
        messages = {one: Message(0, one, START) for one in ("push", "sms", "voice")}
        for one in messages.values():
            one.state = "sending"
            one.hear("accepted")
        for channel, state in order:
            messages[channel].hear(state)
        standing = Standing(1, START, None, [one.sent for one in messages.values()])
        verdict = judge(DEFAULTS["critical"], standing, START, has_receipts)
        ends.add(verdict.how if isinstance(verdict, Reached) else type(verdict).__name__)
    assert len(ends) == 1


def test_a_shorter_ladder_does_not_lose_what_is_under_way() -> None:
    shorter = DEFAULTS["critical"].model_copy(update={"rungs": DEFAULTS["critical"].rungs[:1]})
    sent = Sent(UUID(int=1), 1, "voice", "demo", "read", START)
    verdict = judge(shorter, Standing(2, START, None, [sent]), START, has_receipts)
    assert verdict == Reached("press1", "voice")
