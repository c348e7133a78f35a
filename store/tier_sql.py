"""The SQL of tiers, made from the rules: one pass for the fifths, one for everything else.

Nothing of the rules but numbers and checked plain words gets into a statement. Figures that are
kept as four-byte reals are compared as such, so that 0.7 reaches 0.7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store.tier_rule import Band, Layer, Reason, Rules, Stage

COLUMNS = (
    "recency frequency monetary layer asset_band frequency_band risk_band loyalty_band "
    "credit_risk credit_term credit_size credit_style stage churn_risk churn_reasons"
).split()
QUINTILES = (0.2, 0.4, 0.6, 0.8)
_REALS = frozenset({"margin_usage", "drawdown", "financing_ratio", "holding_days"})
_FROM = (
    "FROM client LEFT JOIN client_figure AS figure ON figure.client_id = client.id "
    "WHERE client.merged_into IS NULL"
)


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the fifths lie: four figures each, below which the lower scores are.

    Recency is a moment in Unix seconds, 0 for never; money is yuan.
    """

    recency: tuple[float, ...]
    frequency: tuple[float, ...]
    monetary: tuple[float, ...]


def make_lines_sql(rules: Rules) -> str:
    """Return the query for the fifths: three arrays of four figures."""
    fifths = ", ".join(map(str, QUINTILES))
    chosen = (rules.scores.recency, rules.scores.frequency, rules.scores.monetary)
    lists = (
        f"percentile_disc(ARRAY[{fifths}]) WITHIN GROUP (ORDER BY {_figure(one)})" for one in chosen
    )
    return f"SELECT {', '.join(lists)} {_FROM}"


def make_score_sql(rules: Rules, lines: Lines, now: datetime) -> str:
    """Return the statement that computes every client's tiers, and keeps in `fresh` what is new.

    `OFFSET 0` keeps the steps apart: folded into one, each score is computed a dozen times.
    """
    tiers = (
        "SELECT client_id, recency, frequency, monetary, "  # noqa: S608  (checked words, numbers)
        f"CASE {' '.join(map(_layer, rules.layers[:-1]))} ELSE {_word(rules.layers[-1].name)} END "
        f"AS layer, {_bands(rules)}, {_credit(rules)}, {_stage(rules.stage)} AS stage, "
        "CAST(LEAST(points, 100) / 100.0 AS real) AS churn_risk, churn_reasons "
        f"FROM (SELECT known.*, {_scores(lines)}, {_churn(rules.churn)} "
        f"FROM ({_known(rules, now)} OFFSET 0) AS known OFFSET 0) AS scored OFFSET 0"
    )
    old, new = (", ".join(f"{side}.{one}" for one in COLUMNS) for side in ("old", "tiers"))
    return (
        "CREATE TEMP TABLE fresh ON COMMIT DROP AS "  # noqa: S608  (checked words, numbers)
        f"SELECT tiers.*, old.layer AS old_layer FROM ({tiers}) AS tiers "
        "LEFT JOIN client_tier AS old ON old.client_id = tiers.client_id "
        f"WHERE old.client_id IS NULL OR ({old}) IS DISTINCT FROM ({new})"
    )


def _known(rules: Rules, now: datetime) -> str:
    """Return the query for what is known of each client, and what follows from the calendar."""
    at = f"CAST('{now.isoformat()}' AS timestamptz)"
    seen = "COALESCE(GREATEST(figure.last_active_at, figure.last_trade_at), figure.opened_at)"
    joined = "COALESCE(figure.first_deposit_at, figure.opened_at, figure.last_trade_at)"
    chosen = rules.scores
    return (
        f"SELECT client.id AS client_id, client.risk_level, {_figure(chosen.recency)} AS r, "
        f"{_figure(chosen.frequency)} AS f, {_figure(chosen.monetary)} AS m, "
        f"{_figure('assets')} AS assets, COALESCE(figure.trades_90d, 0) AS trades, "
        "COALESCE(figure.complaints_90d, 0) AS complaints_90d, figure.margin_usage, "
        "figure.drawdown, figure.financing_ratio, figure.holding_days, figure.opened_at, "
        "figure.last_trade_at, (figure.first_deposit_at IS NOT NULL OR "
        "COALESCE(figure.deposits, 0) > 0) AS is_funded, "
        f"{_days(at, seen)} AS silent_days, {_days(at, joined)} AS age_days, "
        f"floor(COALESCE({_days(at, 'figure.opened_at')}, 0) / 365.25) AS years, "
        "CASE WHEN figure.first_deposit_at IS NULL AND COALESCE(figure.deposits, 0) = 0 "
        f"THEN {_days(at, 'figure.opened_at')} END AS unfunded_days {_FROM}"
    )


def _scores(lines: Lines) -> str:
    columns = (("r", "recency"), ("f", "frequency"), ("m", "monetary"))
    return ", ".join(
        f"CAST({_score(figure, getattr(lines, name))} AS smallint) AS {name}"
        for figure, name in columns
    )


def _bands(rules: Rules) -> str:
    risk, loyal = rules.risk, rules.loyalty
    levels = " ".join(
        f"WHEN {_word(name)} THEN {_number(points)}" for name, points in risk.levels.items()
    )
    daring = f"CASE risk_level {levels} ELSE 0 END" + "".join(
        f" + CASE WHEN {_reaches(figure, start)} THEN {_number(points)} ELSE 0 END"
        for figure, start, points in (
            ("margin_usage", risk.margin_usage_from, risk.margin_usage_points),
            ("drawdown", risk.drawdown_from, risk.drawdown_points),
        )
    )
    loyalty = (
        f"LEAST(years, {_number(loyal.year_cap)}) * {_number(loyal.year_points)} "
        f"+ CASE WHEN silent_days <= {_number(loyal.active_days)} "
        f"THEN {_number(loyal.active_points)} ELSE 0 END "
        f"- complaints_90d * {_number(loyal.complaint_points)}"
    )
    columns = (
        ("assets", rules.assets, "asset_band"),
        ("trades", rules.frequency, "frequency_band"),
        (f"({daring})", risk.bands, "risk_band"),
        (f"({loyalty})", loyal.bands, "loyalty_band"),
    )
    return ", ".join(f"{_band(value, bands)} AS {name}" for value, bands, name in columns)


def _credit(rules: Rules) -> str:
    credit = rules.credit
    term = (
        f"CASE WHEN holding_days < {_number(credit.short_below_days, 'real')} THEN 'short' "
        "WHEN holding_days IS NOT NULL THEN 'long' END"
    )
    style = f"CASE WHEN trades >= {_number(credit.active_from)} THEN 'active' ELSE 'passive' END"
    columns = (
        (_band("financing_ratio", credit.risk), "credit_risk"),
        (term, "credit_term"),
        (_band("assets", credit.size), "credit_size"),
        (style, "credit_style"),
    )
    return ", ".join(
        f"CASE WHEN financing_ratio IS NOT NULL THEN {value} END AS {name}"
        for value, name in columns
    )


def _stage(stage: Stage) -> str:
    return (
        "CASE WHEN opened_at IS NULL AND NOT is_funded AND last_trade_at IS NULL THEN 'prospect' "
        "WHEN NOT is_funded AND last_trade_at IS NULL THEN 'opened' "
        f"WHEN silent_days >= {_number(stage.lost_days)} THEN 'lost' "
        f"WHEN silent_days >= {_number(stage.silent_days)} THEN 'silent' "
        f"WHEN age_days < {_number(stage.new_days)} THEN 'new' "
        f"WHEN age_days < {_number(stage.mature_days)} THEN 'growing' ELSE 'mature' END"
    )


def _churn(reasons: Sequence[Reason]) -> str:
    """Return the points of all reasons that hold, in hundredths, and their names."""
    points = "".join(
        f" + CASE WHEN {_holds(one)} THEN {round(100 * one.weight)} ELSE 0 END" for one in reasons
    )
    names = "".join(f", CASE WHEN {_holds(one)} THEN {_word(one.name)} END" for one in reasons)
    listed = f"array_remove(ARRAY[CAST(NULL AS text){names}], NULL)"
    return f"0{points} AS points, {listed} AS churn_reasons"


def _holds(reason: Reason) -> str:
    return _reaches(reason.figure, reason.at_least)


def _reaches(figure: str, start: float) -> str:
    return f"{figure} >= {_number(start, 'real' if figure in _REALS else 'double precision')}"


def _figure(name: str) -> str:
    """Return SQL for a figure as a number that can be sorted; what is not there is nothing."""
    if name.endswith("_at"):
        return f"COALESCE(date_part('epoch', figure.{name}), 0)"
    return f"COALESCE(CAST(figure.{name} AS double precision), 0)"


def _days(now: str, moment: str) -> str:
    return f"date_part('epoch', {now} - {moment}) / 86400"


def _score(figure: str, lines: Sequence[float]) -> str:
    return "1 + " + " + ".join(f"CAST({figure} > {_number(one)} AS integer)" for one in lines)


def _band(value: str, bands: Sequence[Band]) -> str:
    """Return SQL for the first band that `value` reaches; the last one takes what is left."""
    steps = (f"WHEN {_reaches(value, one.at_least)} THEN {_word(one.name)}" for one in bands[:-1])
    return f"CASE {' '.join(steps)} ELSE {_word(bands[-1].name)} END"


def _layer(layer: Layer) -> str:
    spans = {"recency": layer.recency, "frequency": layer.frequency, "monetary": layer.monetary}
    fits = [f"{name} BETWEEN {low:d} AND {high:d}" for name, (low, high) in spans.items()]
    fits.append(f"points >= {round(100 * layer.churn_from)}")
    return f"WHEN {' AND '.join(fits)} THEN {_word(layer.name)}"


def _number(value: float, kind: str = "double precision") -> str:
    return f"CAST({float(value)!r} AS {kind})"


def _word(value: str) -> str:
    """Return a word of the rules as a literal.

    Raises:
        ValueError: it is no plain word; the check of rules lets no such word through.
    """
    if not value.isascii() or not value.replace("_", "").isalnum():
        raise ValueError(f"{value!r} is no plain word")
    return f"'{value}'"
