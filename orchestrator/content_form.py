"""Reads a content that somebody wrote, and says what is wrong with it and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from channels.sms.segment import measure
from channels.wechat.render import TEXT_LIMIT
from kernel.errors import InvalidInput, MissingField
from kernel.message import Json
from orchestrator.field import EXPOSED, FIELDS, SAMPLE
from orchestrator.link import MOST_LINKS, has_field_in_link, list_links
from orchestrator.template import Template
from store.content import ContentDraft, Slot, Variant

SMS_PARTS: Final = 10
VOICE_LIMIT: Final = 300
WAYS_OUT: Final = ("拒收", "退订", "STOP", "opt out", "unsubscribe")
_WECHAT_LENGTHS: Final[Mapping[str, int]] = {"thing": 20, "phrase": 5, "amount": 16, "const": 20}
"""Source: developers.weixin.qq.com, 类目模板消息参数值内容限制说明."""

_CHATS: Final = frozenset({"wechat", "kf"})

_Text = Annotated[str, StringConstraints(max_length=20_000)]
_Word = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False)


class VariantForm(_Form):
    """One variant as JSON."""

    channel: Literal["push", "sms", "wechat", "kf", "email", "voice", "chat"]
    language: Literal["zh", "en"] = "zh"
    arm: Literal["a", "b", "c", "d"] = "a"
    subject: Annotated[str, StringConstraints(max_length=200)] = ""
    body: Annotated[_Text, StringConstraints(min_length=1)]
    template: Annotated[str, StringConstraints(max_length=64)] | None = None
    fields: dict[_Word, Annotated[str, StringConstraints(max_length=500)]] = Field(
        default_factory=dict, max_length=20
    )


class ContentForm(_Form):
    """A content as JSON, as the API and the console write it."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
    title: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    category: Literal["account", "trade", "risk", "ticket", "service", "marketing"]
    tags: list[_Word] = Field(default_factory=list, max_length=20)
    min_risk: Literal["C1", "C2", "C3", "C4", "C5"] | None = None
    product_type: _Word | None = None
    stages: list[_Word] = Field(default_factory=list, max_length=10)
    valid_until: datetime | None = None
    variants: list[VariantForm] = Field(min_length=1, max_length=100)


def parse_content(body: Mapping[str, object]) -> ContentDraft:
    """Return the content of a JSON object.

    Raises:
        InvalidInput: a field is missing, unknown or wrong, two variants stand in one place, a
            template is no good, or a rule of its channel forbids it; the first fault is told.
    """
    try:
        form = ContentForm.model_validate(body)
    except ValidationError as error:
        raise explain(error) from None
    if form.valid_until is not None and form.valid_until.tzinfo is None:
        raise InvalidInput(
            "valid_until has a time zone: 2026-12-31T15:00:00+08:00.",
            zh="有效期需带时区，例如 2026-12-31T15:00:00+08:00。",
        )
    variants: dict[Slot, Variant] = {}
    for one in form.variants:
        slot = one.channel, one.language, one.arm
        if slot in variants:
            raise InvalidInput(
                f"There are two variants for {'/'.join(slot)}; one is enough.",
                zh=f"{'/'.join(slot)} 有两个版本，只能保留一个。",
            )
        variants[slot] = Variant(one.subject.strip(), one.body, one.template or None, one.fields)
    parts = form.model_dump(exclude={"variants"})
    draft = ContentDraft(**parts, variants=variants)
    check_content(draft)
    return draft


def check_content(draft: ContentDraft, values: Mapping[str, Json] = SAMPLE) -> None:
    """Make sure that every variant can be sent with these values, and its links be counted.

    Raises:
        InvalidInput: one cannot; it says which, why, and what would be right.
    """
    if len(list_links(draft.variants)) > MOST_LINKS:
        raise InvalidInput(
            f"A content has at most {MOST_LINKS} addresses.", zh=f"链接最多 {MOST_LINKS} 个。"
        )
    for slot, variant in draft.variants.items():
        try:
            _check_variant(draft, slot, variant, values)
        except InvalidInput as error:
            place = "/".join(slot)
            raise InvalidInput(f"{place}: {error.message}", zh=f"{place}：{error.zh}") from None


def explain(error: ValidationError) -> InvalidInput:
    """Return a form's first fault as our own error, with the place of it."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "body"
    return InvalidInput(f"{place}: {first['msg']}.", zh=f"字段 {place} 有误：{first['msg']}。")


def _check_variant(
    draft: ContentDraft, slot: Slot, variant: Variant, values: Mapping[str, Json]
) -> None:
    channel = slot[0]
    parts = {"body": variant.body, "subject": variant.subject, **variant.fields}
    templates = {name: Template.parse(text) for name, text in parts.items()}
    for template in templates.values():
        _check_fields(template.fields, channel, is_marketing=draft.category == "marketing")
    if channel == "email" and not variant.subject:
        raise InvalidInput("A mail has a subject.", zh="邮件需要填写主题。")
    if channel != "email" and variant.subject:
        raise InvalidInput("Only a mail has a subject.", zh="只有邮件可以填写主题。")
    if channel not in {"sms", "wechat"} and (variant.template or variant.fields):
        raise InvalidInput(
            "Only SMS and WeChat name a provider's template.", zh="只有短信和微信可以填写模板编号。"
        )
    if variant.fields and not variant.template:
        raise InvalidInput(
            "Variables need the template that they belong to.",
            zh="填写了模板变量，请填写模板编号。",
        )
    if has_field_in_link(variant.body):
        raise InvalidInput(
            "A field stands in an address; write the address whole, or let {{ link }} be it.",
            zh="链接中不能夹带字段，请写完整链接，或使用 {{ link }}。",
        )
    _check_words(draft, channel, variant, templates, values)


def _check_fields(names: frozenset[str], channel: str, *, is_marketing: bool) -> None:
    for name in sorted(names):
        known = FIELDS[name]
        if channel in EXPOSED and known.is_private:
            raise InvalidInput(
                f"“{name}” tells of a client's money; it stays out of SMS and WeChat. "
                "Ask the client to sign in to the app instead.",
                zh=f"“{known.zh}”属于客户账户信息，不能出现在短信和微信中；请提示登录 APP 查看。",
            )
        if is_marketing and known.is_personal:
            raise InvalidInput(
                f"“{name}” is personal; a content to many goes without it.",
                zh=f"“{known.zh}”属于个人信息，营销内容中不能使用。",
            )


def _check_words(
    draft: ContentDraft,
    channel: str,
    variant: Variant,
    templates: Mapping[str, Template],
    values: Mapping[str, Json],
) -> None:
    shown = _try(templates["body"], values)
    if channel == "sms" and measure(shown).count > SMS_PARTS:
        raise InvalidInput(
            f"The SMS takes {measure(shown).count} parts; {SMS_PARTS} is the most.",
            zh=f"短信将拆成 {measure(shown).count} 条，最多 {SMS_PARTS} 条，请缩短。",
        )
    if channel == "voice" and len(shown) > VOICE_LIMIT:
        raise InvalidInput(
            f"A call reads at most {VOICE_LIMIT} characters; these are {len(shown)}.",
            zh=f"语音最多播报 {VOICE_LIMIT} 字，现有 {len(shown)} 字。",
        )
    if channel in _CHATS and len(shown.encode()) > TEXT_LIMIT and not variant.template:
        size = len(shown.encode())
        raise InvalidInput(
            f"WeChat takes {TEXT_LIMIT} bytes; these are {size}.",
            zh=f"微信消息最多 {TEXT_LIMIT} 字节（约 680 字），现有 {size} 字节，请缩短。",
        )
    if draft.category == "marketing":
        _check_marketing(channel, variant, shown)
    if channel == "wechat":
        for name, template in templates.items():
            _check_wechat(name, template, variant, values)


def _check_marketing(channel: str, variant: Variant, shown: str) -> None:
    if channel == "sms" and not any(one in shown for one in WAYS_OUT):
        raise InvalidInput(
            "A marketing SMS says how to end them: “拒收请回复R” or “Reply STOP to opt out”.",
            zh="营销短信需写明退订方式，例如结尾加“拒收请回复R”。",
        )
    if channel == "wechat" and variant.template:
        raise InvalidInput(
            "WeChat's templates are for service notices; marketing goes without one, within 48 "
            "hours of the client's own message.",
            zh="微信模板消息只能用于服务通知；营销内容请勿填写模板，仅在客户来信后 48 小时内发送。",
        )


def _check_wechat(
    name: str, template: Template, variant: Variant, values: Mapping[str, Json]
) -> None:
    limit = _WECHAT_LENGTHS.get(name.rstrip("0123456789"))
    if name not in variant.fields or limit is None:
        return
    shown = _try(template, values)
    if len(shown) > limit:
        raise InvalidInput(
            f"{name} has at most {limit} characters; “{shown}” has {len(shown)}.",
            zh=f"模板字段 {name} 最多 {limit} 字，“{shown}”有 {len(shown)} 字。",
        )


def _try(template: Template, values: Mapping[str, Json]) -> str:
    """Render; what cannot even be rendered with all fields given is refused."""
    try:
        return template.render(values)
    except MissingField as error:
        raise InvalidInput(error.message, zh=error.zh) from None
