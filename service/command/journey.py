"""Check a journey, draw it, try it on what has happened, or bring in an exchange's calendar.

zhida journey lint FILE…               检查流程文件 · check files, line by line
zhida journey draw FILE                画成 Mermaid 流程图 · draw it as Mermaid
zhida journey dry-run KEY|FILE --since 2026-10-01
                                       按历史试跑，不发送 · try it on history, nothing is sent
zhida journey calendar FILE.csv        导入交易日历 · bring in trading days
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import orjson

from kernel.clock import CHINA
from kernel.errors import InvalidInput, NotFound
from service.parser import make_parser
from service.source import load_settings

if TYPE_CHECKING:
    from orchestrator.rehearsal import Rehearsal
    from store.engine import Database

_DAYS: Final = 30
_Result = TypeVar("_Result")


def run(words: Sequence[str]) -> int:
    """Do what the first word says; return 0, or 1 when a journey cannot run."""
    parser = make_parser("journey", __doc__)
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="lint|draw|dry-run|calendar")
    lint = deeds.add_parser("lint", help="check files")
    lint.add_argument("files", type=Path, nargs="+")
    draw = deeds.add_parser("draw", help="draw a file as Mermaid")
    draw.add_argument("file", type=Path)
    dry = deeds.add_parser("dry-run", help="try a journey on history")
    dry.add_argument("journey", help="a journey's key, or a file")
    dry.add_argument("--since", help=f"a day; {_DAYS} days ago by default")
    dry.add_argument("--json", action="store_true", help="print one JSON object")
    calendar = deeds.add_parser("calendar", help="bring in trading days")
    calendar.add_argument("file", type=Path)
    calendar.add_argument("--source", default="", help="the notice that they are from")
    chosen = parser.parse_args(words)
    return _DEEDS[chosen.deed](chosen)


def _lint(chosen: argparse.Namespace) -> int:
    from orchestrator.journey_lint import check_journey
    from orchestrator.shipped import read_contents

    shipped = {one.key for one in read_contents()}
    is_sound = True
    for file in chosen.files:
        checked = check_journey(_read(file))
        problems = [f"{file}: {one.show()}" for one in checked.problems]
        if checked.journey:
            sends = {one.send.content for one in checked.journey.form.steps if one.send}
            problems += [
                f"{file}: · 内容 {one} 不是随产品提供的，激活时须已审批"
                f" · content {one} does not ship with us: it must be approved by then"
                for one in sorted(sends - shipped)
            ]
            problems.append(f"{file}: ✓ 可以运行 · can run")
        is_sound = is_sound and checked.journey is not None
        sys.stdout.write("\n".join(problems) + "\n")
    return 0 if is_sound else 1


def _draw(chosen: argparse.Namespace) -> int:
    from orchestrator.journey_graph import draw
    from orchestrator.journey_lint import parse_journey

    sys.stdout.write(draw(parse_journey(_read(chosen.file))).to_mermaid())
    return 0


def _dry_run(chosen: argparse.Namespace) -> int:
    since = _parse_since(chosen.since)
    tried = asyncio.run(_with_database(lambda database: _rehearse(database, chosen.journey, since)))
    if chosen.json:
        told = {"since": since.isoformat(), **tried.to_json()}
        sys.stdout.write(orjson.dumps(told).decode() + "\n")
        return 0
    lines = [
        f"自 {since:%Y-%m-%d} 起 · since: {tried.events} 个事件 · events，"
        f"{tried.entered} 次进入 · entries（{tried.basis}）"
    ]
    lines += [
        f"  {step:<24}{result:<44}{n:>8}" for (step, result), n in sorted(tried.results.items())
    ]
    lines += [f"  {step:<24}{'仍在等待 · waiting':<44}{n:>8}" for step, n in tried.waiting.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _calendar(chosen: argparse.Namespace) -> int:
    from orchestrator.trading import parse_days
    from store import trading_day

    days = parse_days(_read(chosen.file), chosen.source or chosen.file.name)

    async def record(database: Database) -> int:
        async with database.transaction() as connection:
            return await trading_day.record_many(connection, days)

    count = asyncio.run(_with_database(record))
    sys.stdout.write(f"已导入 {count} 天 · {count} days brought in\n")
    return 0


async def _rehearse(database: Database, name: str, since: datetime) -> Rehearsal:
    from orchestrator.journey_desk import make_desk
    from store import journey

    if Path(name).suffix in {".yaml", ".yml"}:
        definition = _read(Path(name))
    else:
        async with database.transaction() as connection:
            versions = await journey.find_versions(connection, name)
        if not versions:
            raise NotFound(f"There is no journey {name}.", zh=f"没有流程 {name}。")
        active = next((one for one in versions if one.state == "active"), versions[0])
        definition = active.definition
    return await make_desk(database).rehearse(definition, since)


async def _with_database(work: Callable[[Database], Awaitable[_Result]]) -> _Result:
    from service.loan import borrow
    from store.engine import Database

    async with borrow(load_settings(make_secrets=False), database=True) as lent:
        database = Database(lent.store_url)
        try:
            return await work(database)
        finally:
            await database.close()


def _parse_since(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC) - timedelta(days=_DAYS)
    try:
        return datetime.combine(date.fromisoformat(text), time(), CHINA)
    except ValueError as error:
        raise InvalidInput(
            "--since is a day such as 2026-10-01.", zh="--since 应为日期，如 2026-10-01。"
        ) from error


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read: {error}.", zh=f"无法读取 {file}。") from error


_DEEDS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "lint": _lint,
    "draw": _draw,
    "dry-run": _dry_run,
    "calendar": _calendar,
}
