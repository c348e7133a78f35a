"""Runs rasa-sdk's executor inside our own process, behind one aiohttp handler.

Rasa posts `{"next_action", "sender_id", "tracker", …}` to the internal site's `/actions` and gets
`{"events", "responses"}`. The protocol is rasa-sdk's; only its Sanic server is left out.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import Action, ActionExecutionRejection, ActionNotFoundException

from actions.account import ChangeBankCard, ChangeBankCardForm, ChangePhone, ChangePhoneForm
from actions.balance import CheckBalance
from actions.complaint import ComplaintForm, FileComplaint
from actions.deposit import CheckDeposit
from actions.feedback import TakeFeedback
from actions.handover import HandOver
from actions.identity import IdentityForm, Resume
from actions.knowledge import AnswerKnowledge
from actions.margin import CheckMargin
from actions.permission import (
    ApplyPermission,
    ApplyPermissionForm,
    CheckPermission,
    PermissionForm,
)
from actions.port import Feedback, Knowledge, Tickets, Turns
from actions.refusal import OutOfScope, RefuseAdvice, RefuseProbe
from actions.talk import Personal
from actions.ticket import CheckTicket
from actions.withdrawal import CheckWithdrawal, CheckWithdrawalLimit
from clients.broker import Broker
from clients.verification import Verification
from kernel.clock import Clock

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the actions work with."""

    broker: Broker
    verification: Verification
    knowledge: Knowledge
    turns: Turns
    tickets: Tickets
    feedback: Feedback
    clock: Clock


def build_actions(services: Services) -> Sequence[Action]:
    """Return every action of the domain, each with what it needs."""
    actions = _make_actions(services)
    for action in actions:
        if isinstance(action, Personal):
            action.guide_by(services.knowledge)
    return actions


def _make_actions(services: Services) -> Sequence[Action]:
    broker, verification, turns = services.broker, services.verification, services.turns
    return (
        AnswerKnowledge(services.knowledge),
        CheckBalance(verification, broker),
        CheckDeposit(verification, broker, services.clock),
        CheckWithdrawal(verification, broker, services.clock),
        CheckWithdrawalLimit(verification, broker, services.clock),
        CheckPermission(verification, broker),
        ApplyPermission(verification, broker),
        CheckMargin(verification, broker),
        CheckTicket(services.tickets, verification),
        ChangePhone(verification, broker, turns),
        ChangeBankCard(verification, broker),
        FileComplaint(),
        HandOver(),
        RefuseAdvice(),
        RefuseProbe(),
        OutOfScope(),
        Resume(verification),
        TakeFeedback(services.feedback),
        IdentityForm(verification, turns),
        PermissionForm(),
        ApplyPermissionForm(verification, broker),
        ChangePhoneForm(turns),
        ChangeBankCardForm(),
        ComplaintForm(),
    )


def build_executor(actions: Sequence[Action]) -> ActionExecutor:
    """Register actions, instance by instance, with rasa-sdk's executor."""
    executor = ActionExecutor()
    for action in actions:
        executor.register_action(action)
    return executor


def build_handler(executor: ActionExecutor, *, token: str = "") -> Handler:
    """Return the handler of POST /actions; with a token, callers must send it as X-Zhida-Key."""

    async def run_action(request: web.Request) -> web.Response:
        given = request.headers.get("X-Zhida-Key", "").encode("utf-8", "surrogateescape")
        if token and not hmac.compare_digest(given, token.encode()):
            return _refuse(401, "X-Zhida-Key is missing or wrong.")
        call = _parse_call(await request.read())
        if call is None:
            return _refuse(400, "The body must be a JSON object with next_action and tracker.")
        return await _run(executor, call)

    return run_action


async def _run(executor: ActionExecutor, call: dict[str, object]) -> web.Response:
    name = str(call["next_action"])
    try:
        result = await executor.run(call)
    except ActionExecutionRejection as error:
        return _refuse(400, error.message, name)
    except ActionNotFoundException as error:
        log.warning("Rasa asks for an action that there is not: %s", name)
        return _refuse(404, error.message, name)
    return web.json_response(result.model_dump())


def _parse_call(body: bytes) -> dict[str, object] | None:
    """Read a call; the domain is not needed, so its absence is not an error (selective domain)."""
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(call, dict) or not isinstance(call.get("next_action"), str):
        return None
    tracker = call.get("tracker")
    if not isinstance(tracker, dict) or not isinstance(tracker.get("sender_id"), str):
        return None
    return {**call, "domain": call.get("domain") or {}}


def _refuse(status: int, message: str, action: str = "") -> web.Response:
    return web.json_response({"error": message, "action_name": action}, status=status)
