from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from conversations.transcript import show_said
from kernel.message import Content
from store.conversation import Said


def said(author: str, text: str) -> Said:
    return Said(
        id=UUID(int=1),
        conversation_id=UUID(int=2),
        seq=3,
        direction="in" if author == "client" else "out",
        author=author,
        author_id=None,
        author_name=None,
        content=Content(text=text, hints={"talk": "x"}),
        at=datetime(2026, 11, 22, tzinfo=UTC),
        client_msg_id=None,
        reply_to=None,
        state=None,
        reason=None,
    )


def test_staff_sees_a_client_without_the_middle_and_the_client_sees_it_all() -> None:
    spoken = said("client", "我的手机13800138000")
    assert show_said(spoken, inside=True)["content"]["text"] == "我的手机138****8000"  # type: ignore[index,call-overload]
    assert show_said(spoken)["content"]["text"] == "我的手机13800138000"  # type: ignore[index,call-overload]


def test_what_people_and_bot_say_is_shown_as_it_is_and_hints_stay_inside() -> None:
    spoken = said("agent", "请拨打 13800138000")
    assert show_said(spoken, inside=True)["content"]["text"] == "请拨打 13800138000"  # type: ignore[index,call-overload]
    assert "hints" not in show_said(spoken)["content"]  # type: ignore[operator]
