"""sdk/python is what docs/openapi.yaml says, and stands on nothing but Python itself."""

from __future__ import annotations

import ast
import sys
from typing import Any

import pytest

from tools.sdk.__main__ import PACKAGE, make_files
from tools.sdk.document import Document
from tools.sdk.shape import Shapes

OLDEST = (3, 10)


def test_it_is_made_from_the_document_as_it_is_now() -> None:
    old = [path.name for path, text in make_files().items() if path.read_text("utf-8") != text]
    assert not old, f"docs/openapi.yaml says otherwise by now: run `python -m tools.sdk` ({old})."


def test_it_imports_nothing_but_python_and_itself() -> None:
    for path in PACKAGE.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"), feature_version=OLDEST)
        for node in ast.walk(tree):
            assert not (isinstance(node, ast.ImportFrom) and node.level), path
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            rooms = {name.split(".")[0] for name in names}
            assert rooms <= sys.stdlib_module_names | {"zhida_client"}, path


def make_document(*security: str, **more: Any) -> Document:
    told = {"operationId": "readIt", "summary": "Reads.", "responses": {"200": {}}, **more}
    told["security"] = [{name: []} for name in security]
    return Document({"paths": {"/v1/it/{id}": {"get": told}}})


def test_whatever_is_signed_is_a_call_of_systems() -> None:
    [found] = make_document("system").find_system()
    assert (found.name, found.method, found.path) == ("read_it", "GET", "/v1/it/{id}")
    assert make_document("session").find_system() == []


def test_staff_call_what_a_program_needs_and_not_the_desk() -> None:
    assert make_document("session", tags=["campaign"]).find_staff()
    assert make_document("session", tags=["desk"]).find_staff() == []


@pytest.mark.parametrize(
    ("schema", "hint"),
    [
        ({"type": "string", "format": "uuid"}, "UUID"),
        ({"type": ["string", "null"], "format": "date-time"}, "datetime | None"),
        ({"oneOf": [{"type": "null"}, {"type": "integer"}]}, "int | None"),
        ({"enum": ["a", "b", None]}, "Literal['a', 'b'] | None"),
        ({"type": "array", "items": {"type": "number"}}, "Sequence[float]"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "Mapping[str, int]"),
        ({"type": "object"}, "Mapping[str, object]"),
        ({"anyOf": [{"type": "string"}, {"description": "Anything else."}]}, "str"),
        ({}, "object"),
    ],
)
def test_a_schema_becomes_a_type(schema: dict[str, Any], hint: str) -> None:
    assert Shapes(Document({})).hint(schema, "It", "") == hint


def test_an_object_in_an_object_becomes_a_class_of_its_own() -> None:
    inner = {"type": "object", "required": ["from"], "properties": {"from": {"type": "string"}}}
    schema = {"type": "object", "properties": {"rows": {"type": "array", "items": inner}}}
    shapes = Shapes(Document({}))
    assert shapes.hint(schema, "Sheet", "") == "Sheet"
    [rows] = shapes.classes["Sheet"].parts
    assert (rows.name, rows.hint, rows.is_needed) == ("rows", "Sequence[SheetRow] | None", False)
    [start] = shapes.classes["SheetRow"].parts
    assert (start.name, start.is_needed) == ("from_", True)


def test_a_choice_beside_properties_does_not_hide_them() -> None:
    schema = {"properties": {"a": {}, "b": {}}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
    shapes = Shapes(Document({}))
    assert shapes.hint(schema, "It", "") == "It"
    assert [one.name for one in shapes.classes["It"].parts] == ["a", "b"]


def test_a_choice_that_it_does_not_know_is_said_and_not_guessed() -> None:
    with pytest.raises(ValueError, match="no such choice"):
        Shapes(Document({})).hint({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "It", "")


def test_two_shapes_of_one_name_are_said_and_not_mixed() -> None:
    shapes = Shapes(Document({}))
    shapes.hint({"properties": {"a": {}}}, "It", "")
    with pytest.raises(ValueError, match="called It"):
        shapes.hint({"properties": {"b": {}}}, "It", "")
