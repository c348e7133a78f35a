"""The beginning of a channel: four files, its tests, and what is left to do."""

from __future__ import annotations

import keyword
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import Conflict, InvalidInput

_TEMPLATES = Path(__file__).parent / "template"
_NAME = re.compile(r"[a-z][a-z0-9]{1,19}")

_FILES = {
    "init.txt": "channels/{name}/__init__.py",
    "provider.txt": "channels/{name}/provider.py",
    "channel.txt": "channels/{name}/channel.py",
    "client.txt": "channels/{name}/client.py",
    "webhook.txt": "channels/{name}/webhook.py",
    "test_channel.txt": "tests/contract/test_{name}_channel.py",
    "test_webhook.txt": "tests/contract/test_{name}_webhook.py",
    "checklist.txt": "docs/channels/{name}.md",
}


def _tidy(sources: Sequence[Path]) -> None:
    """Sort the imports and format the lines, whose order and length hang on the name."""
    ruff, names = (sys.executable, "-m", "ruff"), [str(path) for path in sources]
    for words in (("check", "--select", "I", "--fix"), ("format",)):
        subprocess.run([*ruff, *words, "--quiet", *names], check=True)  # noqa: S603  # our own words


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What a channel's name makes of the templates."""

    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or keyword.iskeyword(self.name):
            raise InvalidInput(
                f"{self.name!r} cannot be a channel's name: 2 to 20 of a-z, 0-9, a letter first.",
                zh=f"渠道名 {self.name!r} 不可用：2 到 20 个小写字母或数字，以字母开头。",
            )

    def write(self, root: Path) -> list[Path]:
        """Write every file under `root`; all of them or none.

        Raises:
            Conflict: one of them is there already.
        """
        texts = {
            root / path.format(name=self.name): self._fill(one) for one, path in _FILES.items()
        }
        there = [str(path.relative_to(root)) for path in texts if path.exists()]
        if there:
            raise Conflict(
                f"There already: {', '.join(there)}.", zh=f"文件已存在：{'、'.join(there)}。"
            )
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        _tidy([path for path in texts if path.suffix == ".py"])
        return list(texts)

    def _fill(self, template: str) -> str:
        text = (_TEMPLATES / template).read_text(encoding="utf-8")
        return text.replace("@@name@@", self.name).replace("@@Name@@", self.name.capitalize())
