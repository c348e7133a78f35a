"""Reads docs/openapi.yaml: the operations that the Python client has, with what they need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Schema = Mapping[str, Any]

STAFF_TAGS: Final = frozenset({"session", "client", "notice", "content", "audience", "campaign"})
"""Of what staff do, a program needs these; the desk is for people."""
METHODS: Final = ("get", "post", "put", "patch", "delete")
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of an address, or of the query behind it."""

    name: str
    place: str
    schema: Schema
    is_needed: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One call; `takes` and `answers` are a media type and its schema."""

    id: str
    method: str
    path: str
    about: str
    parameters: tuple[Parameter, ...]
    takes: tuple[str, Schema] | None
    answers: tuple[str, Schema] | None

    @property
    def name(self) -> str:
        """Return the method's name in Python."""
        return snake(self.id)


@dataclass(frozen=True, slots=True)
class Document:
    """The document as it was read."""

    spec: Mapping[str, Any]

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a reference points to, or the node itself."""
        while "$ref" in node:
            found: Any = self.spec
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    def find_system(self) -> list[Operation]:
        """Return what systems call: everything that is signed with their key."""
        return [self._read(*one) for one in self._list() if "system" in _find_proofs(one[3])]

    def find_staff(self) -> list[Operation]:
        """Return what staff call, and how they sign in."""
        return [self._read(*one) for one in self._list() if _is_for_staff(one[3])]

    def _list(self) -> Iterator[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]:
        for path, item in self.spec["paths"].items():
            for method in METHODS:
                if method in item:
                    yield path, method, item, item[method]

    def _read(
        self, path: str, method: str, item: Mapping[str, Any], told: Mapping[str, Any]
    ) -> Operation:
        given = [*item.get("parameters", []), *told.get("parameters", [])]
        good = next(one for status, one in told["responses"].items() if status.startswith("2"))
        return Operation(
            id=told["operationId"],
            method=method.upper(),
            path=path,
            about=_describe(told),
            parameters=tuple(self._read_parameter(one) for one in given),
            takes=self._find_content(told.get("requestBody", {})),
            answers=self._find_content(good),
        )

    def _read_parameter(self, node: Mapping[str, Any]) -> Parameter:
        told = self.resolve(node)
        about = told.get("description", "")
        return Parameter(
            told["name"], told["in"], told["schema"], told.get("required", False), about
        )

    def _find_content(self, node: Mapping[str, Any]) -> tuple[str, Schema] | None:
        content = self.resolve(node).get("content", {})
        for media, told in content.items():
            schema = self.resolve(told["schema"])
            is_nothing = schema.get("maxProperties") == 0
            return None if is_nothing else (media, told["schema"])
        return None


def snake(name: str) -> str:
    """Turn `orderMessage` into `order_message`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def pascal(name: str) -> str:
    """Turn `lock_screen` or `lockScreen` into `LockScreen`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name))


def _find_proofs(told: Mapping[str, Any]) -> set[str]:
    return {name for one in told.get("security", []) for name in one}


def _is_for_staff(told: Mapping[str, Any]) -> bool:
    is_wanted = bool(STAFF_TAGS & set(told.get("tags", ())))
    return is_wanted and ("session" in _find_proofs(told) or told["operationId"] == "signIn")


def _describe(told: Mapping[str, Any]) -> str:
    roles = told.get("x-zhida-roles")
    alone = f"For these roles alone: {', '.join(roles)}." if roles else ""
    return "\n\n".join(
        one.strip() for one in (told["summary"], told.get("description"), alone) if one
    )
