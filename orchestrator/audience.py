"""Says what an audience is, in a Chinese and an English sentence, and what a builder may offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from clients.event import EVENT_TYPES
from kernel.errors import InvalidInput
from kernel.message import Json
from orchestrator.audience_word import Said, Words, name_shipped
from store.audience import Counted
from store.expression import (
    Campaign,
    Channel,
    Consent,
    Either,
    Event,
    Every,
    Node,
    Not,
    Profile,
    Tag,
    Tier,
    parse_expression,
)
from store.expression_field import OPERATORS, PROFILE, TIER, Known

CHANNEL_NAMES: Final[Mapping[str, Said]] = {
    "push": Said("APP 推送", "push"),
    "sms": Said("短信", "SMS"),
    "wechat": Said("微信", "WeChat"),
    "email": Said("邮件", "e-mail"),
    "voice": Said("电话", "telephone"),
    "chat": Said("APP 在线客服", "app chat"),
    "kf": Said("微信客服", "WeChat service"),
}
_OPERATORS: Final[Mapping[str, Said]] = {
    "in": Said("是{}", "is {}"),
    "not_in": Said("不是{}", "is not {}"),
    "has_any": Said("包含{}", "includes {}"),
    "has_none": Said("不包含{}", "includes none of {}"),
    "at_least": Said("不低于{}", "is at least {}"),
    "at_most": Said("不高于{}", "is at most {}"),
    "above": Said("高于{}", "is above {}"),
    "below": Said("低于{}", "is below {}"),
    "equals": Said("等于{}", "is {}"),
    "from": Said("在{}或之后", "is {} or later"),
    "until": Said("在{}或之前", "is {} or earlier"),
    "within": Said("在最近{}天内", "was within the last {} days"),
    "not_within": Said("已超过{}天", "was {} or more days ago"),
    "within_next": Said("在今后{}天内", "is within the next {} days"),
    "known": Said("有记录", "is known"),
    "unknown": Said("无记录", "is not known"),
}
_CONSENTS: Final[Mapping[str, Said]] = {
    "yes": Said("同意接收{}", "agreed to {}"),
    "no": Said("拒收{}", "refused {}"),
    "unsaid": Said("未表态是否接收{}", "said nothing on {}"),
}
_CAMPAIGNS: Final[Mapping[str, Said]] = {
    "planned": Said("在活动{}的计划中", "was planned in campaign {}"),
    "reached": Said("收到过活动{}", "was reached by campaign {}"),
    "clicked": Said("点击过活动{}", "followed a link of campaign {}"),
}
_CATEGORIES: Final[Mapping[str, Said]] = {
    "marketing": Said("营销消息", "marketing"),
    "all": Said("全部消息", "anything"),
}


def explain(body: Mapping[str, object]) -> Said:
    """Return what an expression says, as sentences.

    Raises:
        InvalidInput: it is no audience.
    """
    zh, en = _say(parse_expression(body), is_top=True)
    return Said(f"{zh}的客户", f"Clients for whom {en}")


def check_size(counted: Counted) -> None:
    """Refuse an audience that is nobody or everybody, which is nearly always a slip.

    Raises:
        InvalidInput: it is; with what to do about it.
    """
    if counted.count == 0:
        raise InvalidInput(
            "Nobody fits this audience; loosen a condition.", zh="没有客户符合条件，请放宽条件。"
        )
    if counted.count == counted.total:
        raise InvalidInput(
            f"All {counted.total} clients fit this audience; add a condition.",
            zh=f"全部 {counted.total} 位客户都符合，请增加条件以缩小范围。",
        )


def describe_language(words: Words) -> dict[str, Json]:
    """Return every field, its words, comparisons and events that a builder may offer, as JSON."""
    return {
        "profile": [_describe(name, known, words) for name, known in PROFILE.items()],
        "tier": [_describe(name, known, words) for name, known in TIER.items()],
        "events": [{"type": name, "zh": one.zh, "en": one.en} for name, one in EVENT_TYPES.items()],
        "channels": [
            {"channel": name, "zh": said.zh, "en": said.en} for name, said in CHANNEL_NAMES.items()
        ],
        "operators": {name: {"zh": one.zh, "en": one.en} for name, one in _OPERATORS.items()},
    }


def _describe(name: str, known: Known, words: Words) -> Json:
    operators = sorted(OPERATORS[known.type])
    return {
        "field": name, "type": known.type, "zh": known.zh, "en": known.en,
        "unit": known.unit, "is": operators,
        "words": [
            {"word": word, "zh": said.zh, "en": said.en}
            for word, said in words.get(name, {}).items()
        ],
    }  # fmt: skip


def _say(node: Node, *, is_top: bool = False) -> Said:
    match node:
        case Every() | Either():
            return _join(node, is_top=is_top)
        case Not():
            inner = _say(node.of, is_top=True)
            return Said(f"非（{inner.zh}）", f"not ({inner.en})")
        case Profile() | Tier():
            return _compare(node)
        case Tag():
            return Said(f"标签含{_list(node.any, '、')}", f"tags include {_list(node.any, ', ')}")
        case Event():
            return _event(node)
        case Consent():
            return _consent(node)
        case Channel():
            name = CHANNEL_NAMES.get(node.channel, Said(node.channel, node.channel))
            return Said(f"可通过{name.zh}联系", f"{name.en} reaches them")
        case Campaign():
            said = _CAMPAIGNS[node.is_]
            return Said(said.zh.format(node.campaign_id), said.en.format(node.campaign_id))


def _join(node: Every | Either, *, is_top: bool) -> Said:
    parts = [_say(one) for one in node.of]
    words = ("，且", ", and ") if isinstance(node, Every) else ("，或", ", or ")
    zh, en = words[0].join(one.zh for one in parts), words[1].join(one.en for one in parts)
    return Said(zh, en) if is_top or len(parts) == 1 else Said(f"（{zh}）", f"({en})")


def _compare(node: Profile | Tier) -> Said:
    known, said = node.known, _OPERATORS[node.is_]
    if isinstance(node.value, list):
        names = name_shipped().get(node.field, {})
        said_words = [names.get(one, Said(one, one)) for one in node.words]
        zh = _list([one.zh for one in said_words], "、")
        en = _list([one.en for one in said_words], ", ")
    else:
        zh = en = _figure(known, node.value)
    return Said(known.zh + said.zh.format(zh), f"{known.en} {said.en.format(en)}")


def _figure(known: Known, value: object) -> str:
    if isinstance(value, int | float):
        return f"{value * 100:g}%" if known.unit == "%" else f"{value:,}"
    return "" if value is None else str(value)


def _event(node: Event) -> Said:
    known = EVENT_TYPES.get(node.type)
    zh, en = (known.zh, known.en) if known else (node.type, node.type)
    often = _OPERATORS[node.is_]
    if node.is_ == "at_most" and node.count == 0:
        return Said(f"近{node.days}天没有{zh}", f"no “{en}” happened in the last {node.days} days")
    return Said(
        f"近{node.days}天{zh}次数{often.zh.format(node.count)}",
        f"the number of “{en}” in the last {node.days} days {often.en.format(node.count)}",
    )


def _consent(node: Consent) -> Said:
    said = _CONSENTS[node.is_]
    about = _CATEGORIES.get(node.category, Said(f"“{node.category}”", f"“{node.category}”"))
    if node.channel is None:
        return Said(said.zh.format(about.zh), f"the client {said.en.format(about.en)}")
    at = CHANNEL_NAMES.get(node.channel, Said(node.channel, node.channel))
    return Said(
        f"在{at.zh}上{said.zh.format(about.zh)}",
        f"the client {said.en.format(about.en)} by {at.en}",
    )


def _list(words: Sequence[str], separator: str) -> str:
    return separator.join(f"“{one}”" for one in words)
