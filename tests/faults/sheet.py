"""The figures of a run, one line a test, printed at its end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.faults.oracle import Verdict

HEAD = (
    f"{'fault':<42}{'sent':>7}{'acked':>7}{'kills':>6}{'answered':>9}{'ticket':>7}"
    f"{'unknown':>8}{'refused':>8}{'lost':>5}{'doubled':>8}"
)


@dataclass
class Sheet:
    """Every verdict of a run."""

    rows: list[tuple[str, int, Verdict]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, fault: str, verdict: Verdict, *, kills: int = 0) -> Verdict:
        """Keep a verdict for the sheet, and give it back to be checked."""
        self.rows.append((fault, kills, verdict))
        return verdict

    def note(self, text: str) -> None:
        """Keep a figure that is no verdict, such as how long something took."""
        self.notes.append(text)

    def merge(self, other: Sheet) -> None:
        """Take over what another process has found."""
        self.rows += other.rows
        self.notes += other.notes

    def format(self) -> list[str]:
        """Return the sheet's lines; the last one says what no failure in n trials means."""
        lines = [HEAD, *(_line(*row) for row in self.rows)]
        reasons = sum((verdict.reasons for _, _, verdict in self.rows), Counter[str]())
        lines += [f"unknown: {count} {reason}" for reason, count in sorted(reasons.items())]
        n = sum(verdict.acked for _, _, verdict in self.rows)
        sent = sum(verdict.n for _, _, verdict in self.rows)
        kills = sum(kills for _, kills, _ in self.rows)
        unknown = sum(verdict.unknown for _, _, verdict in self.rows)
        bad = sum(len(v.lost) + len(v.doubled) for _, _, v in self.rows)
        lines += [f"{sent} sent, n = {n} acknowledged, {kills} kills, {unknown} outcomes unknown"]
        lines += [f"{bad} lost or doubled: {_bound(n, bad)}"]
        return lines + self.notes


def _line(fault: str, kills: int, one: Verdict) -> str:
    return (
        f"{fault:<42}{one.n:>7}{one.acked:>7}{kills:>6}{one.answered:>9}{one.ticketed:>7}"
        f"{one.unknown:>8}{one.refused:>8}{len(one.lost):>5}{len(one.doubled):>8}"
    )


def _bound(n: int, bad: int) -> str:
    if bad or not n:
        return "see above"
    return f"0 in n means below 3/n = {3 / n:.2g}, 1 in {n // 3}, at 95 %"


SHEET = Sheet()
