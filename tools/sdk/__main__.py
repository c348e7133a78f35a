"""Makes the Python client anew from docs/openapi.yaml: `python -m tools.sdk`."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

import yaml

from tools.sdk.document import Document
from tools.sdk.render import render_calls, render_schemas
from tools.sdk.shape import Shapes
from tools.setup.place import ROOT, VENV

DOCUMENT: Final = ROOT / "docs" / "openapi.yaml"
PACKAGE: Final = ROOT / "sdk" / "python" / "zhida_client"


def main() -> None:
    """Write what has changed, and say so."""
    for path, text in make_files().items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"更新 · made anew: {path.relative_to(ROOT)}")


def make_files() -> dict[Path, str]:
    """Return each generated file's text, formatted."""
    document = Document(yaml.safe_load(DOCUMENT.read_text("utf-8")))
    shapes = Shapes(document)
    files = {
        "system_calls.py": render_calls(
            "SystemCalls", "What systems of the broker call.", document.find_system(), shapes
        ),
        "staff_calls.py": render_calls(
            "StaffCalls", "What staff call.", document.find_staff(), shapes
        ),
        "schemas.py": render_schemas(shapes),
    }
    return {PACKAGE / name: _format(PACKAGE / name, text) for name, text in files.items()}


def _format(path: Path, text: str) -> str:
    argv = [str(VENV / "bin" / "ruff"), "format", "--stdin-filename", str(path), "-"]
    done = subprocess.run(argv, input=text, capture_output=True, check=True, encoding="utf-8")
    return done.stdout


if __name__ == "__main__":
    main()
