"""Tells until when a notice must wait although its rung is due: gathering, quiet hours, caps."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from orchestrator.calendar import TradingCalendar
from orchestrator.quiet import find_zone, next_allowed
from orchestrator.urgency import Policy
from store.rung import DueNotice


def find_hold(
    policy: Policy, notice: DueNotice, told_today: int, calendar: TradingCalendar
) -> datetime | None:
    """Return the first moment at which the notice may be told, None for now.

    `told_today` counts what the client was told of this category on this day; by the calendar
    days of rest have quiet hours of their own.
    """
    zone = find_zone(notice.timezone)
    at = notice.now
    if notice.state == "open":
        at = max(at, notice.created_at + timedelta(minutes=policy.gather_minutes))
    if policy.cap_per_day is not None and told_today >= policy.cap_per_day:
        tomorrow = at.astimezone(zone).date() + timedelta(days=1)
        at = max(at, datetime.combine(tomorrow, time(0), zone).astimezone(UTC))
    if policy.quiet_hours is not None:
        at = next_allowed(at, zone, policy.quiet_hours, calendar)
    return at if at > notice.now else None
