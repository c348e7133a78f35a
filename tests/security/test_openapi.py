"""Thousands of calls made up from docs/openapi.yaml: the site answers each as it says there.

About 400 by default; `make security` (ZHIDA_TEST_SIZE=full) runs 10,000. Half of them follow the
document, half break it; what breaks it must be refused, and nothing may be our fault (5xx).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.caller import BREAK, FOLLOW, OPERATIONS, Caller, find_proofs, find_told
from tests.site import Site, running_site

SIZE = 10_000 if os.environ.get("ZHIDA_TEST_SIZE") == "full" else 400
SEED = 20261122
ROUND = 5
PROMISES = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]
LAST = ("signIn", "unbindIdentity", "resolveTicket", "handBackTicket", "signOut")
"""What changes so much that the others come first."""
ENDLESS = frozenset({"followChat", "openChat", "openDeskLive"})
OFTEN_GOOD = 30
"""So many operations at least must have worked once, or the calls came to nothing."""


def name_of(operation: Any) -> str:
    return str(find_told(operation)["operationId"])


def list_promises(case: Any) -> list[Any]:
    """Leave one out for an object or a list in a query: they go over the wire as other parameters.

    What nobody documented there, and what is said again, is overlooked on purpose.
    """
    is_spread = any(isinstance(value, dict | list) for value in (case.query or {}).values())
    return PROMISES if is_spread else [*PROMISES, checks.negative_data_rejection]


def list_guarded() -> list[Any]:
    return [one for one in OPERATIONS if find_proofs(one)]


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with running_site(database_url) as site:
        yield site


@pytest.fixture
async def caller(site: Site) -> Caller:
    roles = ("supervisor", "admin", "agent")
    staff = {role: await site.staff_headers(role) for role in roles}
    return Caller(site, {**staff, "leaver": await site.staff_headers("agent")})


@pytest.mark.timeout(1800)
async def test_every_answer_is_as_the_document_says(caller: Caller) -> None:
    chosen = [one for one in OPERATIONS if name_of(one) not in ENDLESS]
    chosen.sort(key=lambda one: name_of(one) in LAST)

    def check(case: Any) -> None:
        case.validate_response(caller.call(case), checks=list_promises(case))

    def go_round(start: int) -> list[str]:
        found = [
            caller.make_up(one, check, count=ROUND, mode=mode, start=start)
            for one in chosen
            for mode in (FOLLOW, BREAK)
        ]
        return [one for one in found if one]

    start = SEED
    while caller.sent < SIZE:
        found = await asyncio.to_thread(go_round, start)
        assert not found, "\n\n".join(found)
        start += 1
    good = [name for name, told in caller.statuses.items() if any(one < 300 for one in told)]
    assert len(good) >= OFTEN_GOOD, caller.statuses


async def test_nobody_comes_in_without_what_the_document_asks_for(caller: Caller) -> None:
    def check(case: Any) -> None:
        answer = caller.call(case, role="stranger")
        assert answer.status_code in {401, 403, 404}, case.operation.label

    for operation in list_guarded():
        await asyncio.to_thread(caller.make_up, operation, check, count=2, mode=FOLLOW)
    missing = {name_of(one) for one in list_guarded()} - caller.statuses.keys()
    assert not missing


async def test_a_change_without_the_token_is_refused(caller: Caller) -> None:
    def check(case: Any) -> None:
        answer = caller.call(case, role="stranger", Cookie=caller.staff["admin"]["Cookie"])
        assert answer.json()["error"]["code"] == "bad_csrf", case.operation.label

    for operation in OPERATIONS:
        if "csrf" in find_proofs(operation):
            await asyncio.to_thread(caller.make_up, operation, check, count=2, mode=FOLLOW)


async def test_a_role_that_may_not_is_told_so(caller: Caller) -> None:
    def check(case: Any) -> None:
        allowed = find_told(case.operation)["x-zhida-roles"]
        for role in {"agent", "supervisor"} - set(allowed):
            answer = caller.call(case, role=role)
            assert answer.json()["error"]["code"] == "not_allowed", case.operation.label

    for operation in OPERATIONS:
        if "x-zhida-roles" in find_told(operation):
            await asyncio.to_thread(caller.make_up, operation, check, count=2, mode=FOLLOW)
