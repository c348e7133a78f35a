"""Write the beginning of a new channel: its files, its tests and a checklist.

zhida scaffold channel line    channels/line/, tests/contract/test_line_*.py, docs/channels/…
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from service.parser import make_parser
from service.scaffold.channel import Scaffold
from service.settings import ROOT


def run(words: Sequence[str]) -> int:
    """Write the files and say what comes next."""
    parser = make_parser("scaffold", __doc__)
    parser.add_argument("kind", choices=["channel"], help="what to begin")
    parser.add_argument("name", help="its name: lower-case letters and digits")
    parser.add_argument("--into", type=Path, default=ROOT, help="the checkout (this one)")
    arguments = parser.parse_args(words)
    for path in Scaffold(arguments.name).write(arguments.into):
        sys.stdout.write(f"  ✓ {path.relative_to(arguments.into)}\n")
    sys.stdout.write(
        f"\n下一步 · next: docs/channels/{arguments.name}.md，docs/add-a-channel.md\n"
        f"  .venv/bin/python -m pytest tests/contract -k {arguments.name}\n"
    )
    return 0
