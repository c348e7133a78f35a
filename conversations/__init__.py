"""Turn, floor, transcript: who speaks next, and what was said."""
