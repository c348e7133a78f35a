"""The `zhida` command."""

from __future__ import annotations


def main() -> int:
    """Run the `zhida` command and return its exit status."""
    return 0
