"""What came of a campaign, for its page: counts, reasons in words, cost, and its test judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Final

from kernel.message import Json
from orchestrator.experiment import Arm, compare, find_interval
from orchestrator.preview import Tariff
from store import campaign_cell, campaign_result
from store.campaign import CampaignRow
from store.campaign_cell import Cell
from store.campaign_result import SENT, Group, Planned, Sent
from store.engine import Connection

REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "no_address": ("没有可用的联系方式", "no address on any of the channels"),
    "no_variant": ("内容没有该渠道的版本", "the content has no words for the channel"),
    "no_consent": ("未同意接收", "has not agreed to it"),
    "refused": ("已拒收", "has refused it"),
    "blocked": ("已拉黑我们", "has blocked us"),
    "unsubscribed": ("已取消关注", "has unsubscribed"),
    "not_wanted": ("偏好设置不接收", "does not want it there"),
    "not_suitable": ("风险等级低于内容要求", "below the content's risk level"),
    "suitability_expired": ("风险测评已过期", "the risk assessment has run out"),
    "over_cap": ("近期消息过多", "got enough of late"),
    "quiet_hours": ("免打扰时段，稍后发送", "quiet hours; goes out later"),
    "window": ("不在微信回复时限内", "outside of the reply window"),
    "too_late": ("超过截止时间", "past the deadline"),
    "hold_out": ("对照组，不发送", "held out for comparison"),
    "missing_field": ("客户资料缺少内容所需的字段", "the client's record lacks a field"),
    "content:unwritten": (
        "缺少该客户的字段，内容未能生成，未发送",
        "its words lack a value for this client; nobody was called",
    ),
    "recipient": ("号码或地址无效", "no valid address"),
    "consent": ("渠道方拒收", "the provider says: refused"),
    "content": ("渠道方拒绝内容", "the provider refuses the content"),
    "config": ("渠道账号配置有误", "the account is set up wrongly"),
    "quota": ("渠道额度已用完", "the account's quota is used up"),
    "timeout": ("结果未知", "nobody knows the outcome"),
    "outcome_unknown": ("渠道没有回应，结果未知", "the provider never answered; may have arrived"),
    "worker_died": ("发送时中断，结果未知", "interrupted while sending; may have arrived"),
    "circuit_open": ("渠道连续出错，暂停使用", "the account failed again and again and rests"),
    "unsaid": ("渠道回报失败，未说明原因", "the provider says it failed, not why"),
    "merged": ("客户已合并", "the client was merged into another"),
}


async def report(connection: Connection, row: CampaignRow, tariff: Tariff) -> dict[str, Json]:
    """Return a campaign's results as JSON, as they are at this moment."""
    planned = await campaign_result.count_planned(connection, row.id)
    sent = await campaign_result.count_sent(connection, row.id)
    answers = await campaign_result.count_answers(connection, row.id)
    goal = row.draft.goal or "click"
    groups = await campaign_result.find_groups(connection, row.id, goal)
    counts: dict[str, Json] = {**_count(planned, sent), **answers}
    if goal.startswith("event:"):
        counts["converted"] = sum(one.hits for one in groups if one.name != "hold_out")
    return {
        "state": row.state,
        "planned": sum(one.n for one in planned),
        "counts": counts,
        "channels": _by_channel(sent),
        "reasons": _list_reasons(planned, sent),
        "cost": _cost(sent, tariff),
        "test": judge(goal, groups),
    }


async def break_down(connection: Connection, row: CampaignRow, tariff: Tariff) -> dict[str, Json]:
    """Return what came of each arm on each channel as JSON, as it is at this moment."""
    goal = row.draft.goal or "click"
    cells = await campaign_cell.find_cells(connection, row.id, goal)
    return {"goal": goal, "cells": [_show_cell(one, tariff) for one in cells]}


def judge(goal: str, groups: Sequence[Group]) -> dict[str, Json]:
    """Return the arms with their intervals, and each pair with a sentence."""
    arms = [Arm(one.name, one.n, one.hits) for one in groups]
    shown: list[Json] = []
    for one in arms:
        interval = find_interval(one.hits, one.n)
        shown.append(
            {
                "arm": one.name,
                "n": one.n,
                "hits": one.hits,
                "rate": one.rate,
                "low": interval.low if interval else None,
                "high": interval.high if interval else None,
            }
        )
    compared: list[Json] = [asdict(one) for one in compare(arms)]
    return {"goal": goal, "arms": shown, "comparisons": compared}


def say_reason(reason: str) -> tuple[str, str]:
    """Return a reason in Chinese and English; a provider's own code stands for itself."""
    return REASONS.get(reason) or REASONS.get(reason.partition(":")[0]) or (reason, reason)


def _count(planned: Iterable[Planned], sent: Iterable[Sent]) -> dict[str, int]:
    counts: Counter[str] = Counter({"held": 0, "suppressed": 0, "withheld": 0, "sent": 0})
    for one in planned:
        counts[one.state] += one.n
    for message in sent:
        counts[f"message_{message.state}"] += message.n
        counts["sent"] += message.n if message.state in SENT else 0
        counts["delivered"] += message.n if message.state in {"delivered", "read"} else 0
        counts["read"] += message.n if message.state == "read" else 0
    return dict(counts)


def _by_channel(sent: Iterable[Sent]) -> list[Json]:
    found: dict[str, Counter[str]] = {}
    for one in sent:
        found.setdefault(one.channel, Counter())[one.state] += one.n
    return [{"channel": name, "counts": dict(counts)} for name, counts in sorted(found.items())]


def _list_reasons(planned: Iterable[Planned], sent: Iterable[Sent]) -> list[Json]:
    """Return why people were not reached: by the plan, or by what became of their message."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in planned:
        if one.reason:
            counts[one.state, one.reason] += one.n
    for message in sent:
        if message.state not in SENT and message.reason:
            counts[message.state, message.reason] += message.n
    return [
        {
            "state": state,
            "reason": reason,
            "count": n,
            "zh": say_reason(reason)[0],
            "en": say_reason(reason)[1],
        }
        for (state, reason), n in counts.most_common()
    ]


def _show_cell(one: Cell, tariff: Tariff) -> dict[str, Json]:
    price = _price(one.channel, tariff) if one.sent else 0.0
    return {**asdict(one), "cost": None if price is None else round(price * one.sent, 2)}


def _price(channel: str, tariff: Tariff) -> float | None:
    return {"sms": tariff.sms_part, "voice": tariff.call}.get(channel, 0.0)


def _cost(sent: Iterable[Sent], tariff: Tariff) -> float | None:
    """Return what the messages cost at one part each; None where a price is not known."""
    total = 0.0
    for one in sent:
        price = _price(one.channel, tariff)
        if one.state in SENT:
            if price is None:
                return None
            total += price * one.n
    return round(total, 2)
