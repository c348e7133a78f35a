"""By when a client hears from a person: counted in service hours, told at once.

Until the desk has calendars of its own (holidays, night sessions), service hours are 8:30 to
21:00 in China on every day, as the assistant's articles say.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from kernel.clock import CHINA

OPENS, CLOSES = time(8, 30), time(21, 0)
PROMISES = {
    "critical": timedelta(minutes=5),
    "high": timedelta(minutes=15),
    "normal": timedelta(minutes=30),
    "low": timedelta(hours=4),
}


def promise_answer(opened_at: datetime, priority: str) -> datetime:
    """Return the moment by which a ticket of this priority is answered.

    A promise that does not fit into today's hours goes on at tomorrow's opening.
    """
    local = opened_at.astimezone(CHINA)
    left = PROMISES[priority]
    while True:
        opens = local.replace(hour=OPENS.hour, minute=OPENS.minute, second=0, microsecond=0)
        closes = local.replace(hour=CLOSES.hour, minute=CLOSES.minute, second=0, microsecond=0)
        start = max(local, opens)
        if start + left <= closes:
            return (start + left).astimezone(opened_at.tzinfo)
        left -= max(closes - start, timedelta(0))
        local = opens + timedelta(days=1)
