"""Plays a client's phone towards the product: an inbound SMS, signed, with all that Twilio adds.

Source: twilio.com/docs/messaging/guides/webhook-request; …/tutorials/advanced-opt-out (Twilio
answers STOP, START and HELP itself, and hands them on all the same).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kernel.errors import InvalidInput
from kernel.message import Json
from lab.courier import Parcel
from lab.played import PlayedAccount
from lab.twilio.world import API_VERSION, FAKE, Message, TwilioWorld, count_segments, new_sid

STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START = frozenset({"START", "YES", "UNSTOP"})
HELP = frozenset({"HELP", "INFO"})
_STOPPED = "You have successfully been unsubscribed. Reply START to resubscribe."
_STARTED = "You have successfully been re-subscribed. Reply STOP to unsubscribe."
_HELPED = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
TEXT_LIMIT = 1600


@dataclass(slots=True)
class TwilioPhone:
    """Every phone that writes to a number at Twilio."""

    world: TwilioWorld

    def list_accounts(self) -> list[Mapping[str, Json]]:
        """Return name and number of each account."""
        found = self.world.sms_accounts().values()
        return [{"name": one.name, "number": one.public["sender"]} for one in found]

    async def say(
        self, account: str, number: str, text: str, more: Mapping[str, Json]
    ) -> Mapping[str, Json]:
        """Post an SMS to the product; `more` may carry `sid` (to repeat one) and `media_url`."""
        if len(text) > TEXT_LIMIT:
            raise InvalidInput(f"An SMS to Twilio has at most {TEXT_LIMIT} characters.")
        played = self.world.sms_accounts()[account]
        sid = str(more.get("sid") or new_sid("SM"))
        form = _write(played, number, text, sid) | _write_media(more)
        self._keep(played, number, text, sid)
        self._answer_keyword(played, number, text)
        url = f"{played.site}/channels/sms/twilio/{played.name}"
        parcel = self.world.wrap(played, url, form, None)
        answer = await self.world.courier.post(parcel)
        if answer.status == 0 and answer.error == "ClientConnectorError":
            answer = await self.world.courier.post(parcel)  # Twilio's default: one more connection
        return {"sid": sid, "ok": answer.status in {200, 204}, "answer": answer.to_json()}

    def parcel(self, account: str, number: str, text: str, sid: str) -> Parcel:
        """Return the callback of an SMS without posting it, for a test that changes it."""
        played = self.world.sms_accounts()[account]
        url = f"{played.site}/channels/sms/twilio/{played.name}"
        return self.world.wrap(played, url, _write(played, number, text, sid), None)

    def _keep(self, played: PlayedAccount, number: str, text: str, sid: str) -> None:
        now, count = self.world.room.clock.now(), count_segments(text)
        message = Message(sid, played, played.public["sender"], number, text, count, "", now)
        message.direction, message.status = "inbound", "received"
        self.world.messages[sid] = message

    def _answer_keyword(self, played: PlayedAccount, number: str, text: str) -> None:
        word, pair = text.strip().upper(), (played.name, number)
        if word in STOP:
            self.world.stopped.add(pair)
            said = _STOPPED
        elif word in START and pair in self.world.stopped:
            self.world.stopped.discard(pair)
            said = _STARTED
        elif word in HELP:
            said = _HELPED
        else:
            return
        self.world.handsets.record(FAKE.name, played.name, number, "note", said)


def _write(played: PlayedAccount, number: str, text: str, sid: str) -> dict[str, str]:
    places = {f"{side}{part}": "" for side in ("From", "To") for part in ("City", "State", "Zip")}
    return places | {
        "ToCountry": "US",
        "FromCountry": "HK",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "SmsSid": sid,
        "SmsStatus": "received",
        "Body": text,
        "To": played.public["sender"],
        "NumSegments": str(count_segments(text)),
        "MessageSid": sid,
        "AccountSid": played.public["account_sid"],
        "From": number,
        "ApiVersion": API_VERSION,
    }


def _write_media(more: Mapping[str, Json]) -> dict[str, str]:
    url = more.get("media_url")
    if not isinstance(url, str) or not url:
        return {}
    mime = str(more.get("media_type", "image/jpeg"))
    return {"NumMedia": "1", "MediaUrl0": url, "MediaContentType0": mime}
