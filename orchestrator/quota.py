"""Whether a campaign is larger than what its accounts may send in a day, or in the days it has."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from channels.contract import Channels
from kernel.clock import CHINA
from kernel.errors import InvalidInput
from orchestrator.campaign_form import count_wanted
from store.audience import Counted
from store.campaign import CampaignDraft


def check_quota(
    draft: CampaignDraft, starts_at: datetime, counted: Counted, channels: Channels
) -> None:
    """Make sure that the accounts' quotas a day suffice until the campaign's end.

    A campaign without an end is meant for one day. One with an account that has no quota fits.

    Raises:
        InvalidInput: they do not; with the numbers, and how many days it takes.
    """
    quotas = {
        f"{one.name}/{one.account}": channels.find_quota(one)
        for one in channels
        if one.name in draft.channels
    }
    known = {place: quota for place, quota in quotas.items() if quota is not None}
    wanted, a_day = count_wanted(draft, counted), sum(known.values())
    if not known or len(known) < len(quotas) or wanted <= a_day * _count_days(draft, starts_at):
        return
    needed = math.ceil(wanted / a_day)
    end = starts_at.astimezone(CHINA).date() + timedelta(days=needed - 1)
    places_en = ", ".join(f"{place} {quota:,}" for place, quota in known.items())
    places_zh = "、".join(f"{place} {quota:,} 条" for place, quota in known.items())
    raise InvalidInput(
        f"{wanted:,} recipients, but a day's quota is {places_en}: narrow the audience, or allow "
        f"{needed} days by an end on {end} or later.",
        zh=f"收件人 {wanted:,} 位，超过渠道账号每天的额度（{places_zh}）："
        f"请缩小人群，或预留 {needed} 天（截止时间设为 {end} 或之后）。",
    )


def _count_days(draft: CampaignDraft, starts_at: datetime) -> int:
    """Return on how many days of China's it may send."""
    if draft.not_after is None:
        return 1
    first, last = (one.astimezone(CHINA).date() for one in (starts_at, draft.not_after))
    return max(1, (last - first).days + 1)
