"""docs/openapi.yaml and the site that the product builds name the same routes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from tests.site import DOCUMENT, build_site, make_settings, read_document

SPEC = read_document()
METHODS = frozenset({"get", "post", "patch", "put", "delete", "options"})
REFERENCE = "#/components/"
NO_STAFF = {
    ("post", "/v1/session"),
    ("post", "/v1/events"),
    ("post", "/v1/messages"),
    ("get", "/v1/openapi.yaml"),
    ("get", "/v1/messages/{notice_id}"),
}
"""What is not called by somebody who is signed in."""
ENDPOINTS = DOCUMENT.with_name("endpoints.md")
ENDPOINT = re.compile(r"(?:([A-Z]+(?:/[A-Z]+)*) )?(…?/[^?\s]*).*")


def list_operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in SPEC["paths"].items():
        for method in METHODS & item.keys():
            yield method, path, item[method]


def list_endpoints() -> Iterator[tuple[str, str]]:
    """Read docs/endpoints.md: `…` is the first path of a row, no method is the one before."""
    rows = [one for one in ENDPOINTS.read_text("utf-8").splitlines() if one.startswith("| ")]
    for row in rows:
        first, methods = "", ""
        for code in re.findall(r"`([^`]+)`", re.split(r"(?<!\\)\|", row)[1]):
            found = ENDPOINT.fullmatch(code)
            if found:
                methods, path = found[1] or methods, found[2].replace("…", first)
                first = first or path
                yield from ((method.lower(), path) for method in methods.split("/"))


async def test_every_route_is_described_and_every_description_is_served() -> None:
    house, _, app = await build_site(make_settings("postgresql://nobody@127.0.0.1:1/none"))
    served = {
        (route.method.lower(), route.resource.canonical)
        for route in app.router.routes()
        if route.resource and route.method != "HEAD"
    }
    await house.close()
    described = {(method, path) for method, path, _ in list_operations()}
    assert served == described


def test_every_route_is_listed_for_people_once_and_nothing_else_is() -> None:
    listed = list(list_endpoints())
    assert set(listed) == {(method, path) for method, path, _ in list_operations()}
    assert len(listed) == len(set(listed))


def test_no_name_of_the_document_stands_twice() -> None:
    def walk(node: yaml.Node | None) -> None:
        if isinstance(node, yaml.MappingNode):
            names = [key.value for key, _ in node.value]
            twice = {name for name in names if names.count(name) > 1}
            assert not twice, f"line {node.start_mark.line + 1}"
        for part in node.value if isinstance(node, yaml.CollectionNode) else ():
            for one in part if isinstance(part, tuple) else (part,):
                walk(one)

    walk(yaml.compose(DOCUMENT.read_text("utf-8"), yaml.SafeLoader))


def test_every_part_of_the_document_is_used_and_there() -> None:
    used: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str):
                used.add(reference.removeprefix(REFERENCE))
            for part in node.values():
                walk(part)
        elif isinstance(node, list):
            for part in node:
                walk(part)

    walk(SPEC)
    known = {
        f"{kind}/{name}"
        for kind, parts in SPEC["components"].items()
        if kind != "securitySchemes"
        for name in parts
    }
    assert used == known
    schemes = (one for _, _, item in list_operations() for one in item.get("security", []))
    asked = {name for one in schemes for name in one}
    assert asked == set(SPEC["components"]["securitySchemes"])


def test_a_change_by_staff_asks_for_the_token_and_an_id_for_each_operation_is_unique() -> None:
    names = [item["operationId"] for _, _, item in list_operations()]
    assert len(names) == len(set(names))
    for method, path, item in list_operations():
        is_staff = path.startswith("/v1/") and (method, path) not in NO_STAFF
        wanted = {"session"} if method == "get" else {"session", "csrf"}
        assert not is_staff or [set(one) for one in item["security"]] == [wanted], path
