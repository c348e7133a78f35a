"""A tiny action server for the bot's own tests: real HTTP, scripted talk, a ledger of every call.

`GET /ledger` lists `{"action", "conversation", "turn", "key"}`; `POST /mode {"mode": …}` breaks it
on purpose: ok, error, silent or slow. It keeps nothing of a conversation.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

from aiohttp import web

Json = dict[str, Any]
FORM_OF = {
    "check_permission": "permission_form",
    "apply_permission": "apply_permission_form",
    "change_phone": "change_phone_form",
    "change_bank_card": "change_bank_card_form",
}
PRODUCTS = {"gem", "star", "bse", "hk", "option", "margin", "futures_special"}
PERSONAL = {
    "action_check_balance",
    "action_check_deposit",
    "action_check_withdrawal",
    "action_check_withdrawal_limit",
    "action_check_permission",
    "action_check_margin",
}


class Call:
    """One call of the assistant, with what the fake needs of it."""

    def __init__(self, data: Json) -> None:
        tracker = data["tracker"]
        self.action: str = data["next_action"]
        self.slots: Json = tracker["slots"]
        self.message: Json = tracker["latest_message"] or {}
        self.metadata: Json = self.message.get("metadata") or {}
        self.events: list[Json] = tracker["events"]
        self.conversation: str = tracker["sender_id"]

    def get_candidates(self) -> Json:
        """Gives the slots set since the form was entered: what a validation has to judge."""
        found: Json = {}
        for event in reversed(self.events):
            if event["event"] != "slot":
                break
            found.setdefault(event["name"], event["value"])
        return {
            name: value
            for name, value in found.items()
            if value is not None and name != "requested_slot"
        }


def say(text: str, **more: Any) -> Json:
    """Makes one response as rasa-sdk's dispatcher would."""
    return {"text": text, **more}


def slot(name: str, value: Any) -> Json:
    """Makes a SlotSet event."""
    return {"event": "slot", "name": name, "value": value}


def follow(action: str) -> Json:
    """Makes a FollowupAction event."""
    return {"event": "followup", "name": action}


def _judge(name: str, value: Any, call: Call) -> tuple[Json, str | None]:
    """Judges one slot's candidate: the slots to set and what to say when it is no good."""
    text = str(value)
    if name in ("phone", "new_phone"):
        return (
            ({name: value}, None)
            if text.startswith("[手机号")
            else ({name: None}, "请发送11位手机号。")
        )
    if name == "code":
        if text.startswith("[手机号"):
            return {"phone": text, "code": None}, "验证码已发到新号码。"
        if re.search("重发|没收到|resend", text):
            return {"code": None}, "验证码已重新发送。"
        if re.search("换|错|改", text):
            return {"code": None, "phone": None}, None
        return (
            ({"code": value}, None)
            if text.startswith("[验证码")
            else ({"code": None}, "验证码是6位数字。")
        )
    if name == "product":
        return ({name: value}, None) if value in PRODUCTS else ({name: None}, "没有找到这个权限。")
    if name == "bank":
        return (
            ({name: value}, None) if text.endswith("银行") else ({name: None}, "没有找到这家银行。")
        )
    if name == "complaint_confirm" and value is False and "改" in (call.message.get("text") or ""):
        return {"complaint_text": None, "complaint_confirm": None}, None
    return {name: value}, None


def validate(call: Call) -> Json:
    """Judges every candidate of a form."""
    events: list[Json] = []
    responses: list[Json] = []
    for name, value in call.get_candidates().items():
        slots, complaint = _judge(name, value, call)
        events += [slot(key, kept) for key, kept in slots.items()]
        if complaint:
            responses.append(say(complaint))
    text = call.message.get("text") or ""
    asked = call.slots.get("requested_slot")
    if asked == "complaint_confirm" and re.search("改一下|change", text):
        events += [slot("complaint_text", None)]
    return {"events": events, "responses": responses}


def act(call: Call) -> Json:
    """Runs one action of a talk."""
    name, slots = call.action, call.slots
    if name.startswith("validate_"):
        return validate(call)
    if name in PERSONAL and not slots.get("identified"):
        talk = name[len("action_") :]
        return {"events": [slot("pending_talk", talk), follow("identity_form")], "responses": []}
    if name == "action_resume":
        talk = slots.get("pending_talk")
        step = FORM_OF.get(talk, f"action_{talk}")
        return {
            "events": [slot("identified", True), follow(step)],
            "responses": [say("验证通过。")],
        }
    return {"events": [], "responses": [_speak(name, slots, call)]}


def _speak(name: str, slots: Json, call: Call) -> Json:
    if name == "action_handover":
        return say(
            "已为您转接人工。",
            custom={"hints": {"handover": {"reason": "client_asked", "summary": "测试"}}},
        )
    if name == "action_refuse_advice":
        return say(
            "不能提供买卖建议。",
            custom={"hints": {"refused": "advice"}},
            buttons=[{"title": "转投资顾问", "payload": "/human"}],
        )
    if name == "action_refuse_probe":
        return say("不能提供内部信息。", custom={"hints": {"refused": "probe"}})
    if name == "action_out_of_scope":
        return say("这不在服务范围。", custom={"hints": {"unknown": "not_ours"}})
    if name == "action_answer_knowledge":
        return say(
            "答复：" + str(slots.get("article") or call.message.get("text")),
            custom={"hints": {"feedback": True}},
        )
    if name == "action_file_complaint" and slots.get("complaint_confirm"):
        told = f"投诉：{slots.get('complaint_text')}"
        hints = {"handover": {"reason": "complaint", "summary": told}}
        return say(f"{told} 完成", custom={"hints": hints})
    return say(f"{name} 完成", custom={"card": {"title": name, "rows": []}})


def build_app() -> web.Application:
    """Builds the fake; its ledger and mode live in the application."""
    ledger: list[Json] = []
    mode = {"mode": "ok"}

    async def actions(request: web.Request) -> web.StreamResponse:
        call = Call(await request.json())
        entry = {"action": call.action, "conversation": call.conversation}
        entry["turn"] = call.metadata.get("turn")
        entry["key"] = request.headers.get("X-Zhida-Key", "")
        ledger.append(entry)
        if mode["mode"] == "error":
            return web.json_response({"error": "broken on purpose"}, status=500)
        if mode["mode"] == "slow":
            await asyncio.sleep(30)
        if mode["mode"] == "silent" and not call.action.startswith("validate_"):
            return web.json_response({"events": [], "responses": []})
        return web.json_response(act(call))

    async def show(request: web.Request) -> web.Response:
        return web.json_response(ledger)

    async def switch(request: web.Request) -> web.Response:
        mode.update(await request.json())
        ledger.clear()
        return web.json_response(mode)

    app = web.Application()
    app.router.add_post("/actions", actions)
    app.router.add_get("/ledger", show)
    app.router.add_post("/mode", switch)
    return app


def main(port: int, ready: Callable[[], None] = lambda: None) -> None:
    """Serves the fake on loopback until it is killed."""
    ready()
    web.run_app(build_app(), host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    import sys

    main(int(sys.argv[1]))
