"""Turns schemas into Python's types: a class for an object, a name for a list of words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any, Final

from tools.sdk.document import Document, Schema, pascal

PLAIN: Final = {"integer": "int", "number": "float", "boolean": "bool", "string": "str"}
FORMATS: Final = {"uuid": "UUID", "date-time": "datetime", "date": "date", "binary": "bytes"}
NOTHING: Final = "None"


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a class."""

    name: str
    hint: str
    is_needed: bool
    about: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A class to be."""

    about: str
    parts: tuple[Part, ...]


@dataclass(slots=True)
class Shapes:
    """Collects what the hints that were asked for name."""

    document: Document
    classes: dict[str, Shape] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def hint(self, schema: Schema, name: str, about: str) -> str:
        """Return the type of a schema; a class that it needs is called `name` if it has none."""
        if "$ref" in schema:
            return self._hint_named(schema["$ref"].rsplit("/", 1)[-1], about)
        if "properties" in schema and not schema.get("additionalProperties"):
            self._add(
                name, schema, about
            )  # a choice beside it says no more than what goes together
            return _or_none(name, schema)
        for word in ("oneOf", "anyOf"):
            if word in schema:
                return self._hint_choice(schema[word], name, about)
        if "const" in schema or "enum" in schema:
            return _hint_words(schema.get("enum", [schema.get("const")]))
        return _or_none(self._hint_plain(schema, name, about), schema)

    def _hint_named(self, name: str, about: str) -> str:
        schema = self.document.spec["components"]["schemas"][name]
        if "allOf" in schema:
            schema = self._join(schema["allOf"])
        found = self.hint(schema, name, about)
        if "enum" in schema:
            self.words[name] = found
            return name
        return found

    def _hint_choice(self, choices: list[Schema], name: str, about: str) -> str:
        """Take what is described; `null` beside it is None, what has no shape is overlooked."""
        known = [one for one in choices if "$ref" in one or one.get("type", "null") != "null"]
        if len(known) != 1:
            raise ValueError(f"{name} is one of {len(known)}: the generator knows no such choice.")
        has_none = any(one.get("type") == "null" for one in choices)
        found = self.hint(known[0], name, about)
        return f"{found} | {NOTHING}" if has_none else found

    def _hint_plain(self, schema: Schema, name: str, about: str) -> str:
        kind, one = _find_kind(schema), name.removesuffix("s")
        if kind == "array":
            return f"Sequence[{self.hint(schema['items'], one, about)}]"
        if kind == "object":
            inner = schema.get("additionalProperties")
            held = self.hint(inner, one, about) if isinstance(inner, Mapping) else "object"
            return f"Mapping[str, {held}]"
        return FORMATS.get(schema.get("format", ""), PLAIN.get(kind, "object"))

    def _join(self, parts: list[Schema]) -> Schema:
        found = [self.document.resolve(one) for one in parts]
        return {
            "type": "object",
            "required": [name for one in found for name in one.get("required", [])],
            "properties": {name: told for one in found for name, told in one["properties"].items()},
        }

    def _add(self, name: str, schema: Schema, about: str) -> None:
        if name in self.classes:
            if self.classes[name].parts and _names(schema) != _names_of(self.classes[name]):
                raise ValueError(f"Two schemas are called {name}; give one of them its own name.")
            return
        self.classes[name] = Shape(about, ())  # it may hold itself
        needed = set(schema.get("required", []))
        parts = [
            self._make_part(name, key, told, is_needed=key in needed)
            for key, told in schema["properties"].items()
        ]
        self.classes[name] = Shape(schema.get("description", about).strip(), tuple(parts))

    def _make_part(self, owner: str, key: str, told: Schema, *, is_needed: bool) -> Part:
        found = self.hint(told, owner + pascal(key), f"Part of `{owner}`.")
        found = found if is_needed or found.endswith(NOTHING) else f"{found} | {NOTHING}"
        python = f"{key}_" if iskeyword(key) else key
        return Part(python, found, is_needed, told.get("description", "").strip())


def _find_kind(schema: Schema) -> str:
    kind: Any = schema.get("type", "")
    return kind if isinstance(kind, str) else next(one for one in kind if one != "null")


def _or_none(found: str, schema: Schema) -> str:
    kind = schema.get("type", "")
    return f"{found} | {NOTHING}" if isinstance(kind, list) and "null" in kind else found


def _hint_words(words: list[object]) -> str:
    known = ", ".join(repr(one) for one in words if one is not None)
    return f"Literal[{known}] | {NOTHING}" if None in words else f"Literal[{known}]"


def _names(schema: Schema) -> list[str]:
    return [f"{key}_" if iskeyword(key) else key for key in schema["properties"]]


def _names_of(shape: Shape) -> list[str]:
    return [one.name for one in shape.parts]
