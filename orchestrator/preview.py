"""Shows what a content becomes on a channel: its words, parts and cost, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from channels.push.sentence import make_push
from channels.sms.render import render_text
from channels.sms.segment import measure
from channels.voice.speech import find_speech
from kernel.errors import InvalidInput
from kernel.ids import new_id
from kernel.message import SUBJECT, TEMPLATE, Content, Json
from orchestrator.content import CHANNELS, LANGUAGES, Prepared, prepare
from orchestrator.field import FIELDS, SAMPLE
from store.content import ContentDraft, ContentRow

_GAP: Final = "〔{}〕"
"""What stands for a field without a value."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a message costs, in yuan: a part of an SMS, a call. None where nobody has said."""

    sms_part: float | None = None
    call: float | None = None


@dataclass(frozen=True, slots=True)
class Previewer:
    """Makes previews, under the house's name and tariff."""

    brand: str
    tariff: Tariff

    def make(
        self,
        draft: ContentDraft,
        channel: str,
        language: str,
        arm: str = "a",
        *,
        values: Mapping[str, Json] | None = None,
    ) -> dict[str, Json]:
        """Return the preview as JSON; without values, with samples.

        Raises:
            InvalidInput: the channel or language is none of ours.
            NoVariant: the content has no words for this channel.
        """
        if channel not in CHANNELS or language not in LANGUAGES:
            raise InvalidInput(
                f"channel is one of {', '.join(CHANNELS)}, language one of {', '.join(LANGUAGES)}.",
                zh=f"渠道可选 {'、'.join(CHANNELS)}，语言可选 zh、en。",
            )
        ready = prepare(to_row(draft), channel, language, arm)
        given = {**(SAMPLE if values is None else values), "brand": self.brand}
        missing = sorted(one for one in ready.names & FIELDS.keys() if given.get(one) is None)
        gaps = {name: _GAP.format(FIELDS[name].zh) for name in missing}
        shown = _fill(ready, {**given, **gaps})
        return {
            "channel": channel,
            "language": str(ready.hints["language"]),
            "text": shown.text,
            "subject": shown.hints.get(SUBJECT),
            "template": shown.hints.get(TEMPLATE),
            "missing": [_name(name) for name in missing],
            "fields": [_name(name) for name in sorted(ready.names & FIELDS.keys())],
            "links": list(ready.links.values()),
            **self._measure(channel, shown),
        }

    def _measure(self, channel: str, shown: Content) -> dict[str, Json]:
        """Return what it takes: an SMS its parts, a call its words, a push what the lock shows."""
        if channel == "sms":
            size = measure(render_text(shown))
            parts: Json = {"alphabet": size.alphabet, "units": size.units, "parts": size.count}
            return {"sms": parts, "cost": _cost(self.tariff.sms_part, size.count)}
        if channel == "voice":
            return {"spoken": find_speech(shown), "cost": _cost(self.tariff.call, 1)}
        if channel == "push":
            push = make_push(shown, new_id(), title=self.brand)
            return {"lock_screen": {"title": push.title, "body": push.body}, "cost": 0.0}
        return {"cost": 0.0}


def _fill(ready: Prepared, values: Mapping[str, Json]) -> Content:
    try:
        return ready.render(values)
    except InvalidInput:  # a stand-in is no number and no date: show the field's name instead
        return ready.render({**SAMPLE, **{k: v for k, v in values.items() if not _is_gap(v)}})


def _is_gap(value: Json) -> bool:
    return isinstance(value, str) and value.startswith("〔")


def _name(name: str) -> Json:
    return {"field": name, "zh": FIELDS[name].zh, "en": FIELDS[name].en}


def _cost(price: float | None, count: int) -> float | None:
    return None if price is None else round(price * count, 4)


def to_row(draft: ContentDraft) -> ContentRow:
    """Return a content that is not kept anywhere, as if it were."""
    parts = {name: getattr(draft, name) for name in ContentDraft.__slots__}
    parts |= {"tags": tuple(draft.tags), "stages": tuple(draft.stages)}
    return ContentRow(id=new_id(), version=0, **parts)
