"""Start the site and its workers alone; database, Valkey and the rest must be running already."""

from __future__ import annotations

from collections.abc import Sequence

from service.journal import set_up_logging
from service.parser import make_parser
from service.source import load_settings


def run(words: Sequence[str]) -> int:
    """Serve until told to stop."""
    make_parser("serve", __doc__).parse_args(words)
    settings = load_settings()
    set_up_logging(settings.log_level)
    from service import serve

    serve.main(settings)
    return 0
