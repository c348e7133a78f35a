"""Start workers alone, on as many machines as needed; each takes what no other holds.

One with no other roles than plan and bulk runs at a low priority: campaigns make way.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from kernel.errors import InvalidInput
from service.journal import set_up_logging
from service.parser import make_parser
from service.role import NICENESS, ROLES, is_patient
from service.source import load_settings


def run(words: Sequence[str]) -> int:
    """Work until told to stop."""
    parser = make_parser("worker", f"{__doc__}\nroles:\n{_describe_roles()}")
    parser.add_argument("--roles", default=",".join(ROLES), help="some of them; all by default")
    chosen = parser.parse_args(words).roles
    roles = [role.strip() for role in chosen.split(",") if role.strip()]
    if not roles or set(roles) - set(ROLES):
        raise InvalidInput(f"--roles takes some of {', '.join(ROLES)}, not {chosen!r}.")
    if is_patient(roles):
        os.nice(NICENESS)
    from service import serve

    settings = load_settings()
    set_up_logging(settings.log_level)
    serve.main(settings, roles=roles, with_site=False)
    return 0


def _describe_roles() -> str:
    return "\n".join(f"  {name:<8} {what}" for name, what in ROLES.items())
