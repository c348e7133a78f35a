"""Start workers alone, on as many machines as needed; each takes what no other holds."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.errors import InvalidInput
from service.journal import set_up_logging
from service.parser import make_parser
from service.source import load_settings


def run(words: Sequence[str]) -> int:
    """Work until told to stop."""
    from service import serve

    parser = make_parser("worker", __doc__)
    known = ", ".join(serve.ROLES)
    parser.add_argument("--roles", default=known, help=f"which of {known}; all by default")
    chosen = parser.parse_args(words).roles
    roles = [role.strip() for role in chosen.split(",") if role.strip()]
    if not roles or set(roles) - set(serve.ROLES):
        raise InvalidInput(f"--roles takes some of {known}, not {chosen!r}.")
    settings = load_settings()
    set_up_logging(settings.log_level)
    serve.main(settings, roles=roles, with_site=False)
    return 0
