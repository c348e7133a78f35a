"""Calls that cannot be answered are explained, and lists come in pages."""

from __future__ import annotations

from uuid import uuid4

from tests.integration.desk.conftest import Office

BAD_CALLS: list[tuple[str, object, int]] = [
    ("tickets?view=none", None, 400),
    ("tickets?before=x", None, 400),
    ("tickets?limit=-1", None, 400),
    ("tickets/no-id", None, 404),
    ("tickets/no-id/take", {}, 404),
    (f"tickets/{uuid4()}/take", {}, 404),
    (f"tickets/{uuid4()}/resolve", {"note": 5}, 400),
    (f"tickets/{uuid4()}/assign", {"person_id": "x"}, 400),
    (f"conversations/{uuid4()}/messages", {}, 404),
]


async def test_bad_input_is_explained(office: Office) -> None:
    boss = await office.sign_in("super")
    for path, body, status in BAD_CALLS:
        answer = await boss.ask("GET" if body is None else "POST", path, body)
        assert answer.status == status, path
        assert answer.body["error"]["message"]
        assert answer.body["error"]["message_en"]


async def test_pages_follow_each_other(office: Office) -> None:
    for number in range(7):
        reason = "complaint" if number == 5 else "client_asked"
        await office.hand_over(reason, who=f"openid-{number}")
    anna = await office.sign_in("anna")
    first = await anna.get("tickets?view=queue&limit=3")
    assert first["counts"] == {"queue": 7, "mine": 0}
    assert first["tickets"][0]["priority"] == "high"
    seen = [row["id"] for row in first["tickets"]]
    while page := (await anna.get(f"tickets?view=queue&limit=3&before={seen[-1]}"))["tickets"]:
        seen += [row["id"] for row in page]
    assert len(seen) == len(set(seen)) == 7
