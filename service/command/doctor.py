"""Check what is installed, reachable and misconfigured, and say how to mend it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict

import orjson

from service.checkup import (
    Finding,
    Verdict,
    look_at_installation,
    look_at_parts,
    look_at_place,
    look_at_settings,
)
from service.parser import make_parser
from service.source import load_settings

_SIGNS = {Verdict.FINE: "✓", Verdict.NOTE: "·", Verdict.BAD: "✗"}


def run(words: Sequence[str]) -> int:
    """Print the findings and return 0 when nothing is bad."""
    parser = make_parser("doctor", __doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON array")
    as_json = parser.parse_args(words).json
    settings = load_settings(make_secrets=False)
    findings = [
        *look_at_installation(settings),
        *look_at_place(settings),
        *look_at_settings(settings),
        *asyncio.run(look_at_parts(settings)),
    ]
    if as_json:
        rows = [asdict(one) for one in findings]
        sys.stdout.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        sys.stdout.write("\n".join(_line(one) for one in findings) + "\n")
    bad = sum(one.verdict is Verdict.BAD for one in findings)
    if not as_json:
        verdict = f"{bad} 处需要处理 · to be mended" if bad else "一切正常 · all is well"
        sys.stdout.write(verdict + "\n")
    return 1 if bad else 0


def _line(one: Finding) -> str:
    remedy = f"   → {one.remedy}" if one.remedy and one.verdict is not Verdict.FINE else ""
    return f"{_SIGNS[one.verdict]} {one.what:<22} {one.detail}{remedy}"
