"""One telephone number as the house sees every channel: it calls, it is not called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from channels.contract import Alike, Capabilities
from channels.sms.twilio.client import TwilioClient
from channels.sms.twilio.fault import judge_refusal
from channels.voice.speech import find_speech
from channels.voice.twiml import LIMIT as TWIML_LIMIT
from channels.voice.twiml import write_notice
from channels.wire import Answer
from kernel.message import (
    Accepted,
    Outbound,
    Refusal,
    Rejected,
    SendResult,
    Unknown,
)
from kernel.number import parse_number

NAME = "voice"
NOTICE: Final = "read_aloud"
"""What an agent must know beforehand: the text is read out in a telephone call."""
KEY_PATH: Final = "/channels/voice/{account}/key/{outbox_id}"
STATUS_PATH: Final = "/channels/voice/{account}/status/{outbox_id}"
CALL_SID = re.compile(r"CA[0-9a-f]{32}", re.ASCII)
_EVENTS = ("initiated", "ringing", "answered", "completed")
_RING_SECONDS = 30
_UNREACHABLE = frozenset({"21214", "21216", "21219", "13224", "13227"})
"""Numbers that cannot be called: twilio.com/docs/api/errors, the page of each code."""

_CAPABILITIES = Capabilities(
    text_limit=300,
    takes_choices=False,
    takes_replies=False,
    receipts=frozenset({"delivered", "read", "failed"}),
    notice=NOTICE,
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: our name of the account, its number, and the address that Twilio calls back."""

    account: str
    number: str
    site: str

    def key_url(self, outbox_id: UUID) -> str:
        """Return where a pressed key is reported; Twilio signs this very address."""
        return self.site + KEY_PATH.format(account=self.account, outbox_id=outbox_id)

    def status_url(self, outbox_id: UUID) -> str:
        """Return where the course of the call is reported."""
        return self.site + STATUS_PATH.format(account=self.account, outbox_id=outbox_id)


@dataclass(frozen=True, slots=True)
class VoiceChannel(Alike):
    """Calls from one number; what became of a call arrives through the door."""

    caller: Caller
    client: TwilioClient

    @property
    def name(self) -> str:
        """Return `voice`."""
        return NAME

    @property
    def account(self) -> str:
        """Return the account's name."""
        return self.caller.account

    @property
    def capabilities(self) -> Capabilities:
        """A short text that is read aloud; receipts, and nothing that de-duplicates."""
        return _CAPABILITIES

    async def send(self, outbound: Outbound) -> SendResult:
        """Start one call."""
        number = parse_number(outbound.address.address)
        if number is None:
            return Rejected(Refusal.RECIPIENT, "number", "This is no telephone number.")
        words = find_speech(outbound.content)
        twiml = write_notice(words, self.caller.key_url(outbound.outbox_id))
        if not words or len(twiml) > TWIML_LIMIT:
            return Rejected(Refusal.CONTENT, "nothing_to_say", "There are no words to be read.")
        answer = await self.client.post("Calls.json", self._form(outbound, number, twiml))
        return _judge(answer) if isinstance(answer, Answer) else answer

    async def close(self) -> None:
        """Close connections."""
        await self.client.close()

    def _form(
        self, outbound: Outbound, number: str, twiml: str
    ) -> dict[str, str | tuple[str, ...]]:
        """Return the form of twilio.com/docs/voice/api/call-resource#create-a-call-resource.

        Whether a machine answers is told beside the call (AsyncAmd), so that a person does not
        wait in silence for the notice.
        """
        status_url = self.caller.status_url(outbound.outbox_id)
        return {
            "To": number,
            "From": self.caller.number,
            "Twiml": twiml,
            "Timeout": str(_RING_SECONDS),
            "StatusCallback": status_url,
            "StatusCallbackEvent": _EVENTS,
            "StatusCallbackMethod": "POST",
            "MachineDetection": "Enable",
            "AsyncAmd": "true",
            "AsyncAmdStatusCallback": status_url,
            "AsyncAmdStatusCallbackMethod": "POST",
        }


def _judge(answer: Answer) -> SendResult:
    if answer.status < 300:
        sid = (answer.body or {}).get("sid")
        is_sid = isinstance(sid, str) and CALL_SID.fullmatch(sid)
        return Accepted(str(sid)) if is_sid else Unknown("no_sid")
    result = judge_refusal(answer)
    if isinstance(result, Rejected) and result.code in _UNREACHABLE:
        return Rejected(Refusal.RECIPIENT, result.code, result.detail)
    return result
