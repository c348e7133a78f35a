"""How often a process that has started looks for garbage."""

from __future__ import annotations

import gc


def calm_collector() -> None:
    """Keep what start-up made out of every later collection, and collect less often.

    Nearly everything that a message leaves behind goes by reference counting.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
