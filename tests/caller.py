"""A caller that makes its requests up from docs/openapi.yaml, and proves who it is like anybody."""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable

from channels.sms.form import parse_form
from channels.sms.twilio.signature import sign as sign_twilio
from channels.sms.twilio.webhook import HEADER
from kernel.errors import Malformed
from kernel.signature import SIGNATURE, TIMESTAMP, sign
from tests.site import Site, read_document

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.core.failures import FailureGroup
    from schemathesis.core.parameters import ParameterLocation
    from schemathesis.generation import GenerationMode

SPEC = read_document()
FOLLOW, BREAK = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
WAIT_SECONDS = 20
"""The test message of an account may take 12 s; anything else that takes long is a fault."""


def without_proofs(node: Any) -> Any:
    """Leave out what proves who calls: the caller sends that, and never makes it up."""
    if isinstance(node, dict):
        return {key: without_proofs(one) for key, one in node.items() if key != "security"}
    return [without_proofs(one) for one in node] if isinstance(node, list) else node


SCHEMA: Any = schemathesis.openapi.from_dict(without_proofs(SPEC))
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


def find_told(operation: Any) -> dict[str, Any]:
    """Return what the document says of an operation, its proofs included."""
    found: dict[str, Any] = SPEC["paths"][operation.path][operation.method]
    return found


def find_proofs(operation: Any) -> set[str]:
    """Return the names of the proofs that an operation cannot do without."""
    asked = find_told(operation).get("security", [])
    return {name for one in asked for name in one} if {} not in asked else set()


FIRST = ("supervisor",)
"""Who calls what says nothing of roles."""


@dataclass
class Caller:
    """Sends what was made up, mostly about things that are there; `staff` are headers by role."""

    site: Site
    staff: Mapping[str, Mapping[str, str]]
    session: requests.Session = field(default_factory=requests.Session)
    sent: int = 0
    statuses: dict[str, Counter[int]] = field(default_factory=dict)

    def make_up(
        self, operation: Any, check: Callable[[Any], None], *, count: int, mode: Any, start: int = 0
    ) -> str | None:
        """Hand `count` made-up calls to a check; return what it says of the first that fails it."""

        @seed(start)
        @settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case: Any) -> None:
            self.sent += 1
            self._aim(case)
            self._aim_body(case)
            check(case)

        try:
            run()
        except Unsatisfiable:
            return None  # there is nothing in this operation that could be broken
        except FailureGroup as group:
            return f"{operation.label} ({mode.value}): " + "\n".join(map(str, group.exceptions))
        return None

    def call(self, case: Any, *, role: str | None = None, **headers: str) -> Any:
        """Send a call, with the proofs that it asks for or those of a role."""
        if role != "stranger":
            headers |= self._prove(case.operation, role)
        answer = case.call(
            base_url=self.site.url,
            session=self.session,
            headers=headers,
            auth=lambda request: request if role else self._sign(case, request),
            timeout=WAIT_SECONDS,
        )
        told = self.statuses.setdefault(find_told(case.operation)["operationId"], Counter())
        told[answer.status_code] += 1
        return answer

    def _prove(self, operation: Any, role: str | None) -> dict[str, str]:
        told, proofs = find_told(operation), find_proofs(operation)
        if "session" in proofs:
            fitting = "supervisor" if "supervisor" in told.get("x-zhida-roles", FIRST) else "admin"
            leaving = "leaver" if told["operationId"] == "signOut" else fitting
            return dict(self.staff[role or leaving])
        return self.site.chat_headers(f"8600000{self.sent % 9 + 1}") if "chat" in proofs else {}

    def _sign(self, case: Any, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign what providers sign, so that the parsers behind the signature are reached."""
        proofs = find_proofs(case.operation)
        body = request.body
        raw = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b""
        if "system" in proofs and request.method == "GET":
            raw = request.path_url.encode()
        accounts = self.site.house.accounts
        keys = {
            "mail": accounts.get("email", "demo").secret["webhook_key"],
            "system": self.site.house.settings.events_key,
        }
        # A call that was made up without its moment stays unsigned, and must be refused.
        for proof in proofs & keys.keys() if TIMESTAMP in request.headers else ():
            stamp = str(int(time.time()))
            request.headers.update({TIMESTAMP: stamp, SIGNATURE: sign(stamp, raw, keys[proof])})
        if "twilio" in proofs:
            channel, name = (
                ("sms", "twilio") if "/sms/" in case.operation.path else ("voice", "demo")
            )
            account = accounts.get(channel, name)
            url = account.public["site"].rstrip("/") + request.path_url
            try:
                signed = sign_twilio(account.secret["auth_token"], url, parse_form(raw))
            except Malformed:
                return request
            request.headers[HEADER] = signed
        return request

    def _aim(self, case: Any) -> None:
        """Put what is there into three of four addresses that are not broken on purpose."""
        about = case.meta.components.get(ParameterLocation.PATH)
        if about is None or about.mode is BREAK or self.sent % 4 == 0:
            return
        parts = case.operation.path.split("/")
        place = parts.index("{id}") - 1 if "{id}" in parts else 0
        known = {
            "id": self.site.ids.get(parts[place], ""),
            "identity": self.site.ids["identity"],
            "channel": "chat",
            "account": "app",
        }
        if parts[1] == "channels":
            known["account"] = parts[3] if parts[2] == "sms" else "demo"
        if "aliyun" in parts:
            account = self.site.house.accounts.get("sms", "aliyun")
            known["token"] = account.secret["push_token"]
        for name in case.path_parameters:
            case.path_parameters[name] = known.get(name) or case.path_parameters[name]

    def _aim_body(self, case: Any) -> None:
        """Name an account and a colleague that there are, in bodies that are not broken."""
        about = case.meta.components.get(ParameterLocation.BODY)
        if about is None or about.mode is BREAK or not isinstance(case.body, dict):
            return
        known = {
            "account": ("web", "jpush")[self.sent % 2],
            "person_id": self.site.ids["person_id"],
        }
        for name in known.keys() & case.body.keys():
            case.body[name] = known[name]
