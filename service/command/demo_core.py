"""Start the demo broker core: generated accounts behind the published contract."""

from __future__ import annotations

import os
from collections.abc import Sequence

from service.crew import export
from service.source import load_settings


def run(words: Sequence[str]) -> int:
    """Serve generated accounts until told to stop."""
    from lab.broker.__main__ import main

    settings = load_settings()
    os.environ.update(export(settings))
    return main(["--port", str(settings.core_port), *words])
