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
    "may_have_arrived": ("可能已送达，未确认补发", "may have arrived; not sent again unasked"),
    "expired": ("超过截止时间", "past the deadline"),
    "not_after": ("超过截止时间", "past the deadline"),
    "waiting": ("等待发送", "still to be sent"),
    "sending": ("正在发送", "being sent at this moment"),
    "cancelled": ("活动已取消，未发送", "the campaign was cancelled before"),
    "paused": ("活动已暂停，继续后发送", "the campaign is paused"),
    "late": ("等待发送", "still to be sent"),
    "stopped": ("等待发送", "still to be sent"),
    "replayed": ("等待补发", "to be sent again"),
    "absent": ("渠道没有收到，等待重发", "the provider never got it; to be sent again"),
    "unknown": ("结果未知，等待核对或重发", "nobody knows the outcome yet"),
    "withdrawn": ("内容已停用", "its content was withdrawn"),
    "merged": ("客户已合并", "the client was merged into another"),
}
UNSAID: Final = "unsaid"


async def report(connection: Connection, row: CampaignRow, tariff: Tariff) -> dict[str, Json]:
    """Return a campaign's results as JSON, as they are at this moment."""
    planned, sent = await campaign_result.count(connection, row.id)
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
        "cost": _sum_cost(sent, tariff),
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
    """Return a reason in Chinese and English; a provider's own code is told as its word."""
    return _find_words(reason) or (f"渠道返回 {reason}", f"the provider says {reason}")


def _find_words(reason: str) -> tuple[str, str] | None:
    return REASONS.get(reason) or REASONS.get(reason.partition(":")[0])


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
    """Return why people were not reached: by the plan, or by what became of their message.

    Together with those who were sent to they are everybody: whoever is planned and has no message
    yet waits, or waited when the campaign was cancelled.
    """
    counts: Counter[tuple[str, str]] = Counter()
    has_message = 0
    for message in sent:
        has_message += message.n
        if message.state not in SENT:
            counts[message.state, message.reason or UNSAID] += message.n
    for one in planned:
        covered = min(has_message, one.n) if one.state == "planned" else 0
        has_message -= covered
        counts[one.state, one.reason or UNSAID] += one.n - covered
    return [
        {"state": state, "reason": reason, "count": n, **_say(state, reason)}
        for (state, reason), n in counts.most_common()
        if n
    ]


def _say(state: str, reason: str) -> dict[str, Json]:
    zh, en = say_reason(reason)
    if state == "queued" and not _find_words(reason):
        zh, en = f"暂时无法发送，稍后重试：{zh}", f"tried again later: {en}"
    return {"zh": zh, "en": en}


def _show_cell(one: Cell, tariff: Tariff) -> dict[str, Json]:
    cost = _cost(one.channel, one.sent, one.parts, tariff)
    return {**asdict(one), "cost": None if cost is None else round(cost, 2)}


def _cost(channel: str, n: int, parts: int, tariff: Tariff) -> float | None:
    """Return what messages that were taken cost; None where a price is not known."""
    units, price = {"sms": (parts, tariff.sms_part), "voice": (n, tariff.call)}.get(
        channel, (n, 0.0)
    )
    if not units:
        return 0.0
    return None if price is None else price * units


def _sum_cost(sent: Iterable[Sent], tariff: Tariff) -> float | None:
    """Return what the messages cost, an SMS by its parts; None where a price is not known."""
    costs = [_cost(one.channel, one.n, one.parts, tariff) for one in sent if one.state in SENT]
    known = [one for one in costs if one is not None]
    return round(sum(known), 2) if len(known) == len(costs) else None
