"""Writes the generated files: classes of bodies and answers, and a method for each operation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from textwrap import fill, indent
from typing import Final

from tools.sdk.document import JSON, Operation, Parameter, Schema, pascal
from tools.sdk.shape import Part, Shape, Shapes

HEADER: Final = "# Made from docs/openapi.yaml by `python -m tools.sdk`: change that, not this.\n"
WIDTH: Final = 92
MODULES: Final = {
    "collections.abc": ("Mapping", "Sequence"),
    "dataclasses": ("dataclass",),
    "datetime": ("date", "datetime"),
    "typing": ("Literal", "TypeAlias"),
    "uuid": ("UUID",),
}
OURS: Final = "zhida_client"


def render_schemas(shapes: Shapes) -> str:
    """Return the module of all classes."""
    words = [f"{name}: TypeAlias = {found}\n" for name, found in sorted(shapes.words.items())]
    classes = [_render_class(name, one) for name, one in sorted(shapes.classes.items())]
    return _render_module("What calls take and answer.", "".join(words), *classes)


def render_calls(name: str, about: str, operations: Iterable[Operation], shapes: Shapes) -> str:
    """Return the module of a class with a method for each operation."""
    methods = [_render_method(one, shapes) for one in operations]
    body = indent("\n".join([f'"""{about}"""\n', *methods]), "    ", bool)
    return _render_module(about, f"class {name}(Calls):\n{body}", known=shapes)


def _render_module(about: str, *parts: str, known: Shapes | None = None) -> str:
    body = "\n\n".join(parts)
    used = set(re.findall(r"\w+", re.sub(r'""".*?"""', "", body, flags=re.DOTALL)))
    ours: dict[str, Sequence[str]] = {f"{OURS}.calls": ("Calls", "segment")} if known else {}
    ours |= {f"{OURS}.schemas": (*known.classes, *known.words)} if known else {}
    blocks = [_render_imports(MODULES, used), _render_imports(ours, used)]
    imports = "\n".join(one for one in blocks if one)
    start = f'{HEADER}"""{about}"""\n\nfrom __future__ import annotations\n\n'
    return f"{start}{imports}\n{body}"


def _render_imports(modules: Mapping[str, Sequence[str]], used: set[str]) -> str:
    found = {module: sorted(used & set(names)) for module, names in modules.items()}
    return "".join(
        f"from {one} import {', '.join(names)}\n" for one, names in found.items() if names
    )


def _render_class(name: str, shape: Shape) -> str:
    told = [f"{one.name}: {' '.join(one.about.split())}" for one in shape.parts if one.about]
    listed = "\n".join(fill(one, WIDTH - 4, subsequent_indent="    ") for one in told)
    about = f"{shape.about}\n\nAttributes:\n{indent(listed, '    ')}" if told else shape.about
    body = _quote(about) + "\n\n" + "".join(_render_part(one) for one in shape.parts)
    return (
        f"@dataclass(frozen=True, slots=True, kw_only=True)\nclass {name}:\n{indent(body, '    ')}"
    )


def _render_part(part: Part) -> str:
    return f"{part.name}: {part.hint}{'' if part.is_needed else ' = None'}\n"


def _render_method(one: Operation, shapes: Shapes) -> str:
    in_path = [part for part in one.parameters if part.place == "path"]
    in_query = [part for part in one.parameters if part.place == "query"]
    given = [f"{part.name}: {_hint(part, one, shapes)}" for part in in_path]
    if one.takes:
        given.append(f"body: {_hint_content(one.takes, f'{pascal(one.id)}Body', one, shapes)}")
    asked = [_render_query(part, _hint(part, one, shapes)) for part in in_query]
    wanted = ", ".join(["self", *given, *(["*", *asked] if asked else [])])
    answer = "None"
    if one.answers:
        answer = _hint_content(one.answers, f"{pascal(one.id)}Answer", one, shapes)
    call = _render_call(one, answer, in_path, in_query)
    body = f"{_quote(one.about)}\n{'' if answer == 'None' else 'return '}{call}\n"
    return f"def {one.name}({wanted}) -> {answer}:\n{indent(body, '    ', bool)}"


def _render_call(
    one: Operation, answer: str, in_path: Sequence[Parameter], in_query: Sequence[Parameter]
) -> str:
    path = one.path
    for part in in_path:
        path = path.replace(f"{{{part.name}}}", f"{{segment({part.name})}}")
    given = [f'"{one.method}"', f'{"f" if in_path else ""}"{path}"']
    if in_query:
        given.append(f"query={{{', '.join(f'{p.name!r}: {p.name}' for p in in_query)}}}")
    given += ["body=body"] if one.takes else []
    if answer in {"None", "bytes"}:
        return f"self.{'_tell' if answer == 'None' else '_fetch'}({', '.join(given)})"
    return f"self._ask({', '.join([answer, *given])})"


def _render_query(part: Parameter, hint: str) -> str:
    return f"{part.name}: {hint}" if part.is_needed else f"{part.name}: {hint} | None = None"


def _hint(part: Parameter, one: Operation, shapes: Shapes) -> str:
    found = shapes.hint(part.schema, pascal(one.id) + pascal(part.name), f"Part of `{one.name}`.")
    if "[" in found.removeprefix("Literal[") or found in {"bool", "datetime"}:
        raise ValueError(f"{one.id}: the generator does not know how to send {part.name}: {found}.")
    return found


def _hint_content(content: tuple[str, Schema], name: str, one: Operation, shapes: Shapes) -> str:
    media, schema = content
    deed = "takes" if name.endswith("Body") else "answers"
    if media != JSON:
        return "bytes"
    return shapes.hint(schema, name, f"What `{one.name}` {deed}.")


def _quote(about: str) -> str:
    if '"""' in about or "\\" in about:
        raise ValueError(f"This cannot stand in a docstring: {about}")
    paragraphs = about.split("\n\n")
    told = [
        one if one.startswith("Attributes:") else fill(" ".join(one.split()), WIDTH)
        for one in paragraphs
    ]
    text = "\n\n".join(told)
    return f'"""{text}"""' if "\n" not in text else f'"""{text}\n"""'
