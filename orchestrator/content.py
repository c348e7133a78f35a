"""Contents made into messages: the right variant, its words, and what each channel must know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kernel.errors import NoVariant
from kernel.message import SUBJECT, TEMPLATE, UNSUBSCRIBE, Content, Json
from orchestrator.field import FIELDS
from orchestrator.link import LINK, list_links, number_links
from orchestrator.template import Template
from store.content import ContentRow, Slot, Variant

CATEGORIES: Final = ("account", "trade", "risk", "ticket", "service", "marketing")
"""What a content is about; `marketing` alone needs the client's consent."""
CHANNELS: Final = ("push", "sms", "wechat", "kf", "email", "voice", "chat")
WINDOWED: Final = frozenset({"wechat", "kf"})
"""Channels in which free text goes to those alone who wrote to us lately."""
LANGUAGES: Final = ("zh", "en")
FIRST_ARM: Final = "a"
FIELD_NAMES: Final = frozenset(FIELDS)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A variant made ready to be rendered many times."""

    body: Template
    subject: Template
    fields: Mapping[str, Template]
    hints: Mapping[str, Json]
    template: str | None
    has_way_out: bool = False
    links: Mapping[str, Json] = field(default_factory=dict)
    """The addresses in the words, by the field that stands for each; uncounted as they are."""

    @property
    def names(self) -> frozenset[str]:
        """Every field that the variant names, its counted links and its way out among them."""
        parts = (self.body, self.subject, *self.fields.values())
        found = frozenset().union(*(one.fields for one in parts))
        return found | {UNSUBSCRIBE} if self.has_way_out else found

    def render(self, values: Mapping[str, Json]) -> Content:
        """Return the message for one client.

        Raises:
            MissingField: a field that is shown has no value.
        """
        if self.links:
            values = {**self.links, **values}
        text = self.body.render(values)
        if not self.template and not self.subject.source:
            return Content(text=text, hints=self.hints)
        hints = dict(self.hints)
        if self.subject.source:
            hints[SUBJECT] = self.subject.render(values)
        if self.has_way_out and values.get(UNSUBSCRIBE):
            hints[UNSUBSCRIBE] = values[UNSUBSCRIBE]
        if self.template:
            filled = {name: one.render(values) for name, one in self.fields.items()}
            hints[TEMPLATE] = {"code": self.template, "values": filled}
        return Content(text=text, hints=hints)


def find_variant(row: ContentRow, channel: str, language: str, arm: str) -> Variant | None:
    """Return the words for a channel: this language and arm, else the first arm, else Chinese."""
    slot = find_slot(row.variants, channel, language, arm)
    return row.variants[slot] if slot else None


def find_slot(
    variants: Mapping[Slot, Variant], channel: str, language: str, arm: str
) -> Slot | None:
    """Return where the words are that `find_variant` finds."""
    for slot in _list_slots(channel, language, arm):
        if slot in variants:
            return slot
    return None


def prepare(row: ContentRow, channel: str, language: str, arm: str = FIRST_ARM) -> Prepared:
    """Return the variant for a channel, ready for many clients: once a slice, not once a row.

    Raises:
        NoVariant: the content has no words for this channel.
    """
    slot = find_slot(row.variants, channel, language, arm)
    if slot is None:
        raise NoVariant(
            f"Content {row.key} has no words for {channel}.",
            zh=f"内容 {row.key} 没有 {channel} 渠道的版本。",
        )
    variant = row.variants[slot]
    hints: dict[str, Json] = {
        "category": row.category,
        "language": slot[1],
        "content": row.key,
        "version": row.version,
    }
    links = list_links(row.variants)
    named = {f"{LINK}{number}": url for number, url in enumerate(links, 1)}
    return Prepared(
        body=Template.parse(number_links(variant.body, links), FIELD_NAMES | named.keys()),
        subject=Template.parse(variant.subject),
        fields={name: Template.parse(text) for name, text in variant.fields.items()},
        hints=hints,
        template=variant.template,
        has_way_out=channel == "email" and row.category == "marketing",
        links=named,
    )


def render(
    row: ContentRow, channel: str, language: str, arm: str, values: Mapping[str, Json]
) -> Content:
    """Return the message of a content for one client; the template and subject are in its hints.

    Raises:
        NoVariant: the content has no words for this channel.
        MissingField: a field that is shown has no value.
    """
    return prepare(row, channel, language, arm).render(values)


def _list_slots(channel: str, language: str, arm: str) -> Sequence[Slot]:
    tongues = dict.fromkeys((language, *LANGUAGES))
    arms = dict.fromkeys((arm, FIRST_ARM))
    return [(channel, tongue, one) for tongue in tongues for one in arms]
