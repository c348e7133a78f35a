"""The tiers of clients: the rules as people read and change them, and their computation."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from kernel.clock import Clock
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.happening import TIER_RULE_CHANGED, TIERS_COMPUTED, Happening
from kernel.message import Json
from store import audit, client_figure, tier, tier_rule, tier_run
from store.engine import Connection, Database
from store.tier import Outcome
from store.tier_rule import Band, Rules, Version
from store.tier_sql import Lines

SHIPPED: Final = Path(__file__).with_name("tier.toml")
SECONDS: Final = 600.0
STEPS: Final = ("count", "lines", "score", "write", "done")
"""What a computation goes through; `tell` hears each as it begins."""

STAGES: Final[Mapping[str, tuple[str, str]]] = {
    "prospect": ("未开户", "no account yet"),
    "opened": ("已开户未入金", "opened, no deposit"),
    "new": ("新客户", "new"),
    "growing": ("成长期", "growing"),
    "mature": ("成熟期", "mature"),
    "silent": ("沉默期", "silent"),
    "lost": ("流失", "lost"),
}
"""The stages of a client's life, Chinese and English."""
CREDIT_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "short": ("短线", "short term"),
    "long": ("中长线", "medium and long term"),
    "active": ("主动型", "active"),
    "passive": ("被动型", "passive"),
}
"""What the rules do not name of the four classifications of 两融."""

Tell = Callable[[str], None]

_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_RULES: Final = TypeAdapter(Rules)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules that hold and their version; 0 is how they were shipped."""

    version: int
    rules: Rules


@dataclass(frozen=True, slots=True)
class Tiers:
    """Keeps the rules and computes everybody's tiers by them."""

    database: Database
    clock: Clock

    async def find_rules(self) -> RuleSet:
        """Return the rules that hold."""
        async with self.database.transaction() as connection:
            return await find_rules(connection)

    async def find_history(self) -> list[Version]:
        """Return the last fifty versions of the rules, newest first."""
        async with self.database.transaction() as connection:
            return await tier_rule.find_history(connection)

    async def find_version(self, version: int) -> Json:
        """Return the rules as a version had them; 0 is how they were shipped.

        Raises:
            NotFound: there is no such version.
        """
        if version == 0:
            return show_rules(load_shipped())
        async with self.database.transaction() as connection:
            found = await tier_rule.find_version(connection, version)
        if found is None:
            raise NotFound("There is no such version.", zh="没有这个版本。")
        return found

    async def change(self, definition: object, *, after: int, author_id: UUID) -> RuleSet:
        """Keep a new version of the rules; tiers follow at the next computation.

        Raises:
            InvalidInput: the rules do not fit their schema, or contradict themselves.
            Conflict: `after` is not the version that holds.
        """
        rules = parse_rules(definition)
        kept = _to_json(rules)
        async with self.database.transaction() as connection:
            version = await tier_rule.record(connection, kept, after=after, author_id=author_id)
            happening = Happening(
                f"person:{author_id}",
                TIER_RULE_CHANGED,
                "tier_rule",
                tier_rule.NAME,
                before={"version": after},
                after={"version": version},
            )
            await audit.record(connection, [happening])
        return RuleSet(version, rules)

    async def compute(self, *, actor: str, tell: Tell = lambda _: None) -> Outcome:
        """Compute everybody's tiers in one transaction; readers see the old ones until it ends.

        Raises:
            Conflict: they are being computed right now.
        """
        run_id = await self._begin(actor)
        try:
            outcome, lines = await self._compute(run_id, tell)
        except BaseException:
            async with self.database.transaction() as connection:
                await tier_run.record_failed(connection, run_id)
            raise
        tell("done")
        async with self.database.transaction() as connection:
            await tier_run.record_done(connection, run_id, outcome, lines)
            after: dict[str, Json] = {"clients": outcome.clients, "changed": outcome.changed}
            happening = Happening(actor, TIERS_COMPUTED, "tier_run", run_id, after=after)
            await audit.record(connection, [happening])
        return outcome

    async def _begin(self, actor: str) -> UUID:
        async with self.database.transaction() as connection:
            found = await find_rules(connection)
            return await tier_run.record(connection, actor=actor, version=found.version)

    async def _compute(self, run_id: UUID, tell: Tell) -> tuple[Outcome, Lines]:
        async def step(name: str) -> None:
            tell(name)
            async with self.database.transaction() as beside:
                await tier_run.record_step(beside, run_id, name)

        now = self.clock.now()
        async with self.database.transaction(within=SECONDS) as connection:
            if not await tier.claim(connection):
                raise Conflict("Tiers are being computed right now.", zh="分层正在计算中。")
            rules = (await find_rules(connection)).rules
            await step("count")
            await self._recount()
            await step("lines")
            lines = await tier.find_lines(connection, rules)
            await step("score")
            await tier.score(connection, rules, lines, now=now)
            await step("write")
            return await tier.write(connection, now=now), lines

    async def _recount(self) -> None:
        """Count the last 90 days in a transaction of its own: events must not wait for the rest."""
        async with self.database.transaction(within=SECONDS) as beside:
            await tier.prepare(beside)
            await client_figure.recount(beside)


async def find_rules(connection: Connection) -> RuleSet:
    """Return the rules that hold: the newest version, or those that were shipped."""
    found = await tier_rule.find(connection)
    return RuleSet(found[0], parse_rules(found[1])) if found else RuleSet(0, load_shipped())


@cache
def load_shipped() -> Rules:
    """Return the rules as they were shipped."""
    return parse_rules(tomllib.loads(SHIPPED.read_text("utf-8")))


def show_rules(rules: Rules) -> Json:
    """Return rules as the API and the console's editor have them."""
    return _to_json(rules)


def parse_rules(definition: object) -> Rules:
    """Check rules against their schema and for sense.

    Raises:
        InvalidInput: with the place in the document, and what would be right there.
    """
    try:
        rules = _RULES.validate_python(definition)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InvalidInput(
            f"{place}: {first['msg']}.", zh=f"分层规则有误，位置 {place}：{first['msg']}。"
        ) from error
    _check_known(definition, _to_json(rules), "")
    _check_bands(rules)
    _check_layers(rules)
    return rules


def _to_json(rules: Rules) -> Json:
    shown: Json = _RULES.dump_python(rules, mode="json")
    return shown


def _check_known(given: object, kept: Json, place: str) -> None:
    """Refuse what the schema does not know: a word that is misspelt would change nothing."""
    if isinstance(given, Mapping) and isinstance(kept, Mapping):
        for name, one in given.items():
            inner = f"{place}.{name}" if place else str(name)
            if name not in kept:
                raise InvalidInput(f"{inner} is not known.", zh=f"分层规则没有 {inner} 这一项。")
            _check_known(one, kept[name], inner)
    elif isinstance(given, list | tuple) and isinstance(kept, list | tuple):
        for number, (one, known) in enumerate(zip(given, kept, strict=True)):
            _check_known(one, known, f"{place}.{number}")


def _check_bands(rules: Rules) -> None:
    named = {
        "assets": rules.assets,
        "frequency": rules.frequency,
        "risk.bands": rules.risk.bands,
        "loyalty.bands": rules.loyalty.bands,
        "credit.risk": rules.credit.risk,
        "credit.size": rules.credit.size,
    }
    for place, bands in named.items():
        _check_names(place, [one.name for one in bands])
        _check_falling(place, bands)
    _check_names("risk.levels", [one.lower() for one in rules.risk.levels])
    _check_numbers(asdict(rules), "")


def _check_falling(place: str, bands: Sequence[Band]) -> None:
    starts = [one.at_least for one in bands]
    if len(bands) < 2 or starts != sorted(set(starts), reverse=True):
        raise InvalidInput(
            f"{place}: two bands at least, each beginning below the one before it.",
            zh=f"{place}：至少两档，且起点自上而下递减。",
        )


def _check_layers(rules: Rules) -> None:
    _check_names("layers", [one.name for one in rules.layers])
    _check_names("churn", [one.name for one in rules.churn])
    for layer in rules.layers:
        for low, high in (layer.recency, layer.frequency, layer.monetary):
            if not 1 <= low <= high <= 5:
                raise InvalidInput(
                    f"layers.{layer.name}: scores are [lowest, highest] from 1 to 5.",
                    zh=f"{layer.zh}：分值范围应在1到5之间，且由低到高。",
                )
    last = rules.layers[-1]
    if (last.recency, last.frequency, last.monetary, last.churn_from) != ((1, 5),) * 3 + (0.0,):
        raise InvalidInput(
            "The last layer has no condition: it takes everybody who fits no other.",
            zh="最后一层不设条件，接收不属于其他层的客户。",
        )


def _check_names(place: str, names: Sequence[str]) -> None:
    if not names or len(names) > 30 or len(set(names)) < len(names):
        raise InvalidInput(
            f"{place}: 1 to 30 entries, each with a name of its own.", zh=f"{place}：名称不可重复。"
        )
    for name in names:
        if not _WORD.fullmatch(name):
            raise InvalidInput(
                f"{place}: {name!r} is no name: a-z, 0-9 and '_', at most 40.",
                zh=f"{place}：名称只能用小写字母、数字和下划线。",
            )


def _check_numbers(value: object, place: str) -> None:
    """Refuse what is no sensible number anywhere in the rules; weights are parts of one."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            _check_numbers(one, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list | tuple):
        for one in value:
            _check_numbers(one, place)
    elif isinstance(value, int | float):
        high = 1.0 if place.endswith(("weight", "churn_from")) else 1e15
        if not 0 <= value <= high:
            raise InvalidInput(
                f"{place}: a number from 0 to {high:g}.", zh=f"{place}：应为0到{high:g}之间的数字。"
            )
