"""The trading calendars over HTTP: what holds today, and days that an operator brings in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeGuard

from aiohttp import web

from kernel.clock import CHINA, Clock
from kernel.errors import InvalidInput, NotAllowed
from kernel.happening import TRADING_DAYS_IMPORTED, Happening
from kernel.message import Json
from orchestrator.trading import make_calendars, parse_days
from store import audit, trading_day
from store.engine import Database
from store.staff import Person
from web.api.desk import PersonHandler, signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns

_SOURCE: Final = 200
_CSV: Final = 80_000
"""Characters that a source and a file may have; escaped they still fit into a request."""


@dataclass(frozen=True, slots=True)
class CalendarDoor:
    """The routes under /v1/calendars."""

    signs: SignIns
    database: Database
    clock: Clock

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/calendars", self.list),
            ("POST", "/v1/calendars/days", self.take_days),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def list(self, _: web.Request, __: Person) -> web.Response:
        """Return each exchange's state now, its next trading day, and whether that is confirmed."""
        now = self.clock.now()
        today = now.astimezone(CHINA).date()
        async with self.database.transaction() as connection:
            days = await trading_day.find_all(connection, today - timedelta(days=1))
        found: list[Json] = []
        for name, calendar in make_calendars(days).items():
            following = calendar.next_trading_day(today)
            found.append(
                {
                    "exchange": name,
                    "is_open": calendar.is_open(now),
                    "next_open": calendar.next_open(now).isoformat(),
                    "today": [str(one) for one in calendar.list_sessions(today)],
                    "next_day": following.isoformat(),
                    "is_confirmed": calendar.is_confirmed(following),
                    "imported": sum(one.exchange == name for one in days),
                }
            )
        return answer_json({"calendars": found})

    async def take_days(self, request: web.Request, person: Person) -> web.Response:
        """Take trading days from the text of a CSV file, for supervisors and admins."""
        if not person.sees_all:
            raise NotAllowed
        body = await read_json(request)
        csv, source = body.get("csv"), body.get("source", "")
        if not _is_text(csv, _CSV) or not _is_text(source, _SOURCE):
            raise InvalidInput(
                f"csv is the file's text of up to {_CSV} characters, source has up to {_SOURCE}.",
                zh=f"csv 为文件内容（至多 {_CSV} 字），source 为公告（至多 {_SOURCE} 字）。",
            )
        days = parse_days(csv, source or person.login)
        async with self.database.transaction() as connection:
            count = await trading_day.record_many(connection, days)
            told: dict[str, Json] = {"days": count}
            actor = f"person:{person.id}"
            happening = Happening(actor, TRADING_DAYS_IMPORTED, "calendar", "days", {}, told)
            await audit.record(connection, [happening])
        return answer_json({"count": count})


def _is_text(value: object, most: int) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= most
