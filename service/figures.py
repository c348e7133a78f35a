"""The broker's own figures, which the articles leave a place for."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from service.setting import InvalidSetting
from service.settings import ROOT, Settings

DEMO = ROOT / "lab" / "broker" / "figures.toml"


def load_figures(settings: Settings) -> Mapping[str, str]:
    """Read name and text of each figure; without a file the places show what is missing.

    Raises:
        InvalidSetting: the file cannot be read, or a figure is no text.
    """
    if not settings.figures and not settings.demo:
        return {}
    path = Path(settings.figures) if settings.figures else DEMO
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidSetting(f"ZHIDA_FIGURES: {path} cannot be read: {error}.") from error
    for name, value in table.items():
        if not isinstance(value, str):
            raise InvalidSetting(f"ZHIDA_FIGURES: {name} in {path} must be a text in quotes.")
    return table
