"""The command line of one command."""

from __future__ import annotations

import argparse


def make_parser(name: str, about: str | None) -> argparse.ArgumentParser:
    """Make the parser of `zhida NAME`; `about` is the docstring of its module."""
    return argparse.ArgumentParser(
        prog=f"zhida {name}",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
