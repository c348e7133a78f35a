"""The trading calendars over HTTP: what holds today, and days that an operator brings in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final, TypeGuard

from aiohttp import web

from kernel.clock import CHINA, Clock
from kernel.errors import InvalidInput, NotAllowed, NotFound
from kernel.happening import TRADING_DAYS_IMPORTED, Happening
from kernel.message import Json
from orchestrator.holiday import load_holidays
from orchestrator.month import list_month, parse_month
from orchestrator.session import EXCHANGES
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
            ("GET", "/v1/calendars/{exchange}/months/{month}", self.month),
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

    async def month(self, request: web.Request, _: Person) -> web.Response:
        """Return each day of a month: its sessions, and which notice or import says so."""
        exchange, first = request.match_info["exchange"], parse_month(request.match_info["month"])
        if exchange not in EXCHANGES:
            raise NotFound("There is no such exchange.", zh="没有这个交易所。")
        async with self.database.transaction() as connection:
            imported = await trading_day.find_all(connection, first)
        holidays = load_holidays()
        source = holidays.sources.get(first.year)
        url = holidays.urls.get(first.year)
        days: list[Json] = [
            asdict(one) | {"day": one.day.isoformat()}
            for one in list_month(exchange, first, imported)
        ]
        return answer_json(
            {
                "exchange": exchange,
                "month": f"{first:%Y-%m}",
                "notice": {"source": source, "url": url} if source else None,
                "days": days,
            }
        )

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
