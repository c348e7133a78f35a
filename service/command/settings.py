"""List all settings: meaning, value, source and default of each; secrets are masked."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import orjson

from service.parser import make_parser
from service.source import Found, list_found, list_unknown, load_settings


def run(words: Sequence[str]) -> int:
    """Print all settings, then check them as a start would."""
    parser = make_parser("settings", __doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON array")
    arguments = parser.parse_args(words)
    found = list_found()
    if arguments.json:
        rows = [_row(one) for one in found]
        sys.stdout.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        sys.stdout.write("\n".join(_block(one) for one in found) + "\n")
    for unknown in list_unknown():
        sys.stderr.write(f"没有这个配置项 · no such setting: {unknown}\n")
    load_settings(make_secrets=False)
    return 0


def _row(one: Found) -> dict[str, object]:
    return {
        "variable": one.variable,
        "key": one.name,
        "value": show_value(one.value, secret=one.about.secret),
        "source": one.source,
        "default": show_value(one.default),
        "secret": one.about.secret,
        "zh": one.about.zh,
        "en": one.about.en,
    }


def _block(one: Found) -> str:
    value, default = show_value(one.value, secret=one.about.secret), show_value(one.default)
    return (
        f"{one.variable} = {value}\n"
        f"    {one.about.zh} · {one.about.en}\n"
        f"    来源 · source: {one.source}    默认 · default: {default}\n"
    )


def show_value(value: object, *, secret: bool = False) -> str:
    """Say a value for a person; of a secret only whether it is there and how long it is."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} ({account!r})" for name, account in value.items()) or "(空 none)"
    if isinstance(value, tuple):
        value = ", ".join(value)
    text = str(value)
    if not text:
        return "(空 none)"
    return f"******** ({len(text)} 字符 characters)" if secret else text
