"""The client against a fake Zhida: what it sends, when it tries again, and what it raises."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import UUID

import pytest

from tests.unit.sdk.fake import FakeZhida, Reply, refusal, running_fake
from zhida_client import (
    BadSignature,
    Conflict,
    Event,
    EventFate,
    InvalidInput,
    MessageOrder,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Patience,
    Refused,
    SignIn,
    Staff,
    Stale,
    TooLarge,
    TooMany,
    Unavailable,
    Unreachable,
    Unreadable,
    Zhida,
)
from zhida_client.codec import read, write
from zhida_client.schemas import AudienceDraft, AudienceField
from zhida_client.signing import sign

KEY = "events-key-of-this-test"
AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
NOTICE = "0197a1b2-0000-7000-8000-000000000001"
ORDER = MessageOrder(
    source="risk", key="m1", client_no="86000003", urgency="high", content="margin_call"
)
PERSON = {"id": NOTICE, "login": "li", "name": "李", "roles": ["marketing"]}
SESSION = {"person": PERSON, "csrf": "token-1", "expires_at": "2026-11-23T10:00:00+00:00"}


@pytest.fixture
def fake() -> Iterator[FakeZhida]:
    with running_fake() as fake:
        yield fake


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def zhida(fake: FakeZhida, pauses: list[float]) -> Zhida:
    return Zhida(fake.url, key=KEY, pause=pauses.append)


def event(key: str, **figures: object) -> Event:
    return Event(key=key, client_no="86000003", type="risk_ratio", at=AT, figures=figures)


def test_a_call_is_signed_and_says_what_it_was_given(fake: FakeZhida, zhida: Zhida) -> None:
    assert zhida.report("risk", [event("e1", ratio=1.05, note="张三")]) == [
        EventFate(key="e1", fate="accepted")
    ]
    [one] = fake.ledger
    assert (one.method, one.path) == ("POST", "/v1/events")
    assert one.headers["X-Zhida-Signature"] == sign(one.headers["X-Zhida-Timestamp"], one.body, KEY)
    [told] = one.told["events"]
    assert told == {
        "key": "e1",
        "client_no": "86000003",
        "type": "risk_ratio",
        "at": "2026-11-23T09:30:00+00:00",
        "figures": {"ratio": 1.05, "note": "张三"},
    }


def test_what_is_not_given_is_not_sent_and_ids_are_ids(fake: FakeZhida, zhida: Zhida) -> None:
    fake.replies = [Reply(202, {"notice_id": NOTICE, "of_a_newer_zhida": 1})]
    assert zhida.order_message(ORDER).notice_id == UUID(NOTICE)
    assert fake.ledger[0].told.keys() == {"source", "key", "client_no", "urgency", "content"}


def test_many_events_go_in_batches_and_keep_their_order(fake: FakeZhida, zhida: Zhida) -> None:
    fates = zhida.report("risk", (event(str(n)) for n in range(2001)))
    assert [one.key for one in fates] == [str(n) for n in range(2001)]
    assert [len(one.told["events"]) for one in fake.ledger] == [1000, 1000, 1]


def test_large_events_go_in_bodies_that_zhida_takes(fake: FakeZhida, zhida: Zhida) -> None:
    zhida.report("risk", [event(str(n), text="字" * 100_000) for n in range(7)])
    assert [len(one.told["events"]) for one in fake.ledger] == [3, 3, 1]
    assert all(len(one.body) <= 1 << 20 for one in fake.ledger)


def test_no_events_are_no_call(fake: FakeZhida, zhida: Zhida) -> None:
    assert zhida.report("risk", []) == []
    assert fake.ledger == []


@pytest.mark.parametrize("reply", [Reply(0), refusal(429), refusal(503), Reply(502, b"<html>")])
def test_the_same_is_sent_again_until_it_is_answered(
    fake: FakeZhida, zhida: Zhida, pauses: list[float], reply: Reply
) -> None:
    fake.replies = [reply, reply]
    assert [one.fate for one in zhida.report("risk", [event("e1")])] == ["accepted"]
    assert len({one.body for one in fake.ledger}) == 1
    assert len(fake.ledger) == 3
    assert 0.25 <= pauses[0] <= 0.5 <= pauses[1] <= 1.0


def test_each_try_is_signed_at_its_own_time(fake: FakeZhida) -> None:
    fake.replies = [refusal(503)]
    times = iter([1000.0, 1400.0])
    zhida = Zhida(fake.url, key=KEY, clock=lambda: next(times), pause=lambda _: None)
    zhida.report("risk", [event("e1")])
    assert [one.headers["X-Zhida-Timestamp"] for one in fake.ledger] == ["1000", "1400"]
    first, second = (one.headers["X-Zhida-Signature"] for one in fake.ledger)
    assert first != second


@pytest.mark.parametrize("is_date", [False, True])
def test_what_zhida_asks_to_wait_is_waited(
    fake: FakeZhida, zhida: Zhida, pauses: list[float], *, is_date: bool
) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=21), usegmt=True)
    fake.replies = [refusal(429, "too_many", Retry_After=later if is_date else "20")]
    zhida.report("risk", [event("e1")])
    assert 18 <= pauses[0] <= 21


def test_it_does_not_wait_longer_than_it_was_told(
    fake: FakeZhida, zhida: Zhida, pauses: list[float]
) -> None:
    fake.replies = [refusal(429, "too_many", Retry_After="31")]
    with pytest.raises(TooMany) as told:
        zhida.report("risk", [event("e1")])
    assert (told.value.retry_after, pauses) == (31.0, [])


def test_it_gives_up_in_the_end_and_hands_on_the_reason(fake: FakeZhida) -> None:
    fake.replies = [refusal(503, "store_down")] * 9
    zhida = Zhida(fake.url, key=KEY, patience=Patience(tries=3), pause=lambda _: None)
    with pytest.raises(Unavailable) as told:
        zhida.report("risk", [event("e1")])
    assert len(fake.ledger) == 3
    assert told.value.code == "store_down"
    assert told.value.reference == "0a1b2c3d"


def test_nobody_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    pauses: list[float] = []
    zhida = Zhida(f"http://127.0.0.1:{port}", key=KEY, pause=pauses.append)
    with pytest.raises(Unreachable) as told:
        zhida.report("risk", [event("e1")])
    assert isinstance(told.value.__cause__, ConnectionRefusedError)
    assert len(pauses) == 4


def test_an_answer_that_takes_too_long_is_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        zhida = Zhida(url, key=KEY, timeout=0.05, patience=Patience(tries=1))
        with pytest.raises(Unreachable) as told:
            zhida.report("risk", [event("e1")])
    assert isinstance(told.value.__cause__, TimeoutError)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "invalid_input", InvalidInput),
        (401, "not_signed_in", NotSignedIn),
        (403, "not_allowed", NotAllowed),
        (403, "bad_signature", BadSignature),
        (403, "stale", Stale),
        (404, "not_found", NotFound),
        (409, "conflict", Conflict),
        (413, "too_large", TooLarge),
        (500, "bug", Refused),
    ],
)
def test_what_is_refused_is_typed_and_not_tried_again(
    fake: FakeZhida, zhida: Zhida, status: int, code: str, kind: type[Refused]
) -> None:
    fake.replies = [refusal(status, code)]
    with pytest.raises(kind) as told:
        zhida.order_message(ORDER)
    error = told.value
    assert type(error) is kind
    assert (error.status, error.code) == (status, code)
    assert (error.message, error.message_en) == ("中文", "English")
    assert len(fake.ledger) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"error":"no"}'])
def test_an_error_of_somebody_in_between_is_an_error_too(
    fake: FakeZhida, zhida: Zhida, body: bytes
) -> None:
    fake.replies = [Reply(405, body)]
    with pytest.raises(Refused) as told:
        zhida.order_message(ORDER)
    assert (told.value.code, told.value.message_en) == ("http_405", "Method Not Allowed")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"notice_id":7}', b'{"notice_id":"x"}'])
def test_an_answer_that_is_none_is_said_to_be(fake: FakeZhida, zhida: Zhida, body: bytes) -> None:
    fake.replies = [Reply(202, body)]
    with pytest.raises(Unreadable):
        zhida.order_message(ORDER)


def test_what_json_cannot_hold_is_not_sent(fake: FakeZhida, zhida: Zhida) -> None:
    with pytest.raises(ValueError, match="JSON"):
        zhida.report("risk", [event("e1", ratio=float("nan"))])
    assert fake.ledger == []


@pytest.mark.parametrize("url", ["zhida.example.com", "ftp://zhida", "https://"])
def test_an_address_that_is_none_is_told_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        Zhida(url, key=KEY)
    with pytest.raises(ValueError, match="ZHIDA_EVENTS_KEY"):
        Zhida("https://zhida.example.com", key="")


@pytest.fixture
def staff(fake: FakeZhida, pauses: list[float]) -> Staff:
    fake.replies = [Reply(200, SESSION, {"Set-Cookie": "zhida_session=s1; Path=/; HttpOnly"})]
    staff = Staff(fake.url + "/", pause=pauses.append)
    session = staff.sign_in(SignIn(login="li", password="p"))
    assert session.person.roles == ("marketing",)
    assert session.expires_at == datetime(2026, 11, 23, 10, tzinfo=UTC)
    return staff


def test_staff_carry_their_sign_in(fake: FakeZhida, staff: Staff) -> None:
    fake.replies = [Reply(200, {"notices": []}), Reply(201, {"id": NOTICE})]
    assert staff.list_notices(state="open", source="风控&1").notices == ()
    draft = AudienceDraft(name="睡眠客户", expression={"kind": "all", "of": []})
    assert staff.create_audience(draft).id == UUID(NOTICE)
    first, second = fake.ledger[1:]
    assert first.path == "/v1/notices?state=open&source=%E9%A3%8E%E6%8E%A7%261"
    assert second.told == {"name": "睡眠客户", "expression": {"kind": "all", "of": []}}
    for one in (first, second):
        assert one.headers["Cookie"] == "zhida_session=s1"
        assert one.headers["X-Zhida-CSRF"] == "token-1"


def test_a_part_of_an_address_leads_nowhere_else(fake: FakeZhida, staff: Staff) -> None:
    fake.replies = [refusal(404)]
    with pytest.raises(NotFound):
        staff.get_urgency("../session?x#")  # type: ignore[arg-type]
    assert fake.ledger[-1].path == "/v1/urgency/..%2Fsession%3Fx%23"


def test_a_file_goes_as_it_is(fake: FakeZhida, staff: Staff) -> None:
    look = {"id": NOTICE, "header": ["a"], "mapping": {}, "rows": 1, "sample": [["1"]]}
    fake.replies = [Reply(201, look), Reply(200, b"a,b\r\n")]
    assert staff.open_import(b"a\n1\n", file_name="x.csv").sample == (("1",),)
    assert fake.ledger[-1].body == b"a\n1\n"
    assert fake.ledger[-1].headers["Content-Type"] == "application/octet-stream"
    assert staff.read_import_errors(UUID(NOTICE)) == b"a,b\r\n"


def test_a_name_that_python_keeps_for_itself_is_the_same_in_json() -> None:
    told = b'{"field":"f","type":"word","zh":"","en":"","unit":"","is":["in"],"words":[]}'
    field = read(AudienceField, told)
    assert field.is_ == ("in",)
    assert write(field) == told


@pytest.mark.parametrize("reply", [Reply(0), refusal(503)])
def test_a_change_of_staff_is_sent_once_and_a_look_again(
    fake: FakeZhida, staff: Staff, reply: Reply
) -> None:
    fake.replies = [reply]
    with pytest.raises((Unreachable, Unavailable)):
        staff.approve_campaign(UUID(NOTICE))
    assert len(fake.ledger) == 2
    fake.replies = [reply, Reply(200, json.loads(json.dumps(SESSION)))]
    assert staff.get_session().csrf == "token-1"
    assert len(fake.ledger) == 4
