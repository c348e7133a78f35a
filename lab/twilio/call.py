"""A call at the fake Twilio: the telephone that rings, what it hears, which keys it presses.

Sources: twilio.com/docs/voice/api/call-resource (status callbacks), …/voice/twiml/gather,
…/voice/answering-machine-detection (asynchronous).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from defusedxml.ElementTree import fromstring

from kernel.errors import Conflict, NotFound
from kernel.message import Json
from lab.courier import Answer, Parcel
from lab.played import PlayedAccount, pick
from lab.twilio.world import API_VERSION, FAKE, TwilioWorld, new_sid

_PAUSE_SECONDS = 0.05
KEPT = 500


class Habit(StrEnum):
    """What a telephone does when it is called: `ring` waits for a person at the lab."""

    RING = "ring"
    CONFIRM = "confirm"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    MACHINE = "machine"


@dataclass(slots=True)
class Course:
    """What a call's TwiML makes of it next."""

    said: tuple[str, ...]
    action: str = ""

    @classmethod
    def parse(cls, twiml: str) -> Course:
        """Read TwiML; raises ValueError where Twilio would say 12100."""
        try:
            root = fromstring(twiml)
        except Exception as error:
            raise ValueError("The TwiML is not XML.") from error
        if root.tag != "Response":
            raise ValueError("TwiML begins with Response.")
        said = tuple((one.text or "").strip() for one in root.iter("Say"))
        gather = root.find("Gather")
        return cls(said, gather.get("action", "") if gather is not None else "")


@dataclass(slots=True)
class Call:
    """One call as the API shows it."""

    sid: str
    account: PlayedAccount
    to: str
    course: Course
    form: Mapping[str, str] = field(repr=False)
    status: str = "queued"
    heard: list[str] = field(default_factory=list)
    pressed: list[str] = field(default_factory=list)
    picked_up: asyncio.Event = field(default_factory=asyncio.Event)
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    sequence: int = 0

    def to_json(self) -> dict[str, Json]:
        """Return the call as the lab's control API shows it."""
        return {
            "sid": self.sid,
            "account": self.account.name,
            "number": self.to,
            "status": self.status,
            "heard": list(self.heard),
            "pressed": list(self.pressed),
        }


@dataclass(slots=True)
class CallDesk:
    """Every call, and what each telephone does when it rings."""

    world: TwilioWorld
    calls: dict[str, Call] = field(default_factory=dict)
    habits: dict[str, Habit] = field(default_factory=dict)

    def accounts(self) -> dict[str, PlayedAccount]:
        """Return the accounts that call, by the product's name of them."""
        return pick(tuple(self.world.accounts.values()), FAKE.name, "voice")

    def get(self, account: str, sid: str) -> Call:
        """Return a call of an account, or raise NotFound."""
        call = self.calls.get(sid)
        if call is None or call.account.name != account:
            raise NotFound(f"There is no call {sid!r} of {account!r}.")
        return call

    def start(self, call: Call) -> None:
        """Let the telephone ring."""
        self.calls[call.sid] = call
        while len(self.calls) > KEPT:
            self.calls.pop(next(iter(self.calls)))
        self.world.courier.start(self._follow(call))

    async def answer(self, call: Call) -> None:
        """Pick up."""
        if call.status not in {"queued", "initiated", "ringing"}:
            raise Conflict(f"The call is {call.status}; it cannot be answered.")
        call.picked_up.set()
        await call.connected.wait()

    async def press(self, call: Call, key: str) -> Answer:
        """Press a key and hear what the product says to it."""
        if call.status != "in-progress" or not call.course.action:
            raise Conflict("No key is waited for in this call.")
        call.pressed.append(key)
        form = self._form(call, "in-progress") | {"Digits": key, "msg": "Gather End"}
        answer = await self.world.courier.post(self._wrap(call, call.course.action, form))
        if answer.status == 200:
            call.course = Course.parse(answer.body.decode())
            self._hear(call)
        if answer.status == 200 and not call.course.action:
            await self.hang_up(call)
        return answer

    async def hang_up(self, call: Call) -> None:
        """End the call."""
        if call.status != "in-progress":
            raise Conflict("The call is not going on.")
        await self._end(call, "completed")

    def reset(self) -> None:
        """Forget every call and every habit."""
        self.calls.clear()
        self.habits.clear()

    async def _follow(self, call: Call) -> None:
        for status in ("initiated", "ringing"):
            await asyncio.sleep(_PAUSE_SECONDS)
            call.status = status
            await self._report(call)
        habit = self.habits.get(call.to, Habit.RING)
        if habit in {Habit.BUSY, Habit.NO_ANSWER, Habit.FAILED}:
            await self._end(call, habit.value)
            return
        if habit is Habit.RING and not await self._is_answered(call):
            await self._end(call, "no-answer")
            return
        call.status = "in-progress"
        await self._report(call)
        self._hear(call)
        call.connected.set()
        await self._tell_who(call, "machine_start" if habit is Habit.MACHINE else "human")
        if habit is Habit.CONFIRM:
            await self.press(call, "1")
        elif habit is Habit.MACHINE:
            await self.hang_up(call)

    async def _is_answered(self, call: Call) -> bool:
        try:
            async with asyncio.timeout(float(call.form.get("Timeout", "60"))):
                await call.picked_up.wait()
        except TimeoutError:
            return False
        return True

    def _hear(self, call: Call) -> None:
        call.heard += list(dict.fromkeys(call.course.said))
        self.world.room.live.tell("call", call.to_json())

    async def _end(self, call: Call, status: str) -> None:
        call.status = status
        await self._report(call)
        call.connected.set()
        self.world.room.live.tell("call", call.to_json())

    async def _report(self, call: Call) -> None:
        events = call.form.get("StatusCallbackEvent", "completed").split(" ")
        event = {"in-progress": "answered"}.get(call.status, call.status)
        is_last = call.status in {"completed", "busy", "no-answer", "failed", "canceled"}
        url = call.form.get("StatusCallback", "")
        if url and (event in events or (is_last and "completed" in events)):
            form = self._form(call, call.status) | {"SequenceNumber": str(call.sequence)}
            call.sequence += 1
            await self.world.courier.post(self._wrap(call, url, form))

    async def _tell_who(self, call: Call, who: str) -> None:
        url = call.form.get("AsyncAmdStatusCallback", "")
        if url and call.form.get("MachineDetection"):
            form = {
                "CallSid": call.sid,
                "AccountSid": call.account.public["account_sid"],
                "AnsweredBy": who,
                "MachineDetectionDuration": "1800",
            }
            await self.world.courier.post(self._wrap(call, url, form))

    def _form(self, call: Call, status: str) -> dict[str, str]:
        return {
            "CallSid": call.sid,
            "AccountSid": call.account.public["account_sid"],
            "From": call.form["From"],
            "To": call.to,
            "Called": call.to,
            "Caller": call.form["From"],
            "CallStatus": status,
            "ApiVersion": API_VERSION,
            "Direction": "outbound-api",
        }

    def _wrap(self, call: Call, url: str, form: Mapping[str, str]) -> Parcel:
        """Sign a callback; beside it the same one about a call that nobody made."""
        parts = urlsplit(url)
        path = f"{parts.path.rsplit('/', 1)[0]}/{uuid4()}"
        nowhere = urlunsplit(parts._replace(path=path))
        strange = dict(form) | {"CallSid": new_sid("CA")}
        stranger = self.world.wrap(call.account, nowhere, strange, None)
        return self.world.wrap(call.account, url, form, stranger)
