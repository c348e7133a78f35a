from __future__ import annotations

import pytest

from kernel.clock import FakeClock
from lab.wechat.account import LabAccount
from lab.wechat.code import Wrong
from lab.wechat.token import TokenDesk

ACCOUNT = LabAccount("demo", "labwx", "s", "t", "A" * 43)


@pytest.fixture
def desk(clock: FakeClock) -> TokenDesk:
    return TokenDesk(clock)


def stable(desk: TokenDesk, *, force: bool = False) -> str:
    return str(desk.issue_stable(ACCOUNT, force=force)["access_token"])


def wrong(desk: TokenDesk, token: str | None) -> int:
    with pytest.raises(Wrong) as caught:
        desk.check(token)
    return caught.value.errcode


def test_tokens_say_that_they_are_the_labs(desk: TokenDesk) -> None:
    assert stable(desk).startswith("lab-token-")


def test_stable_token_stays_the_same_and_is_renewed_with_both_valid(
    desk: TokenDesk, clock: FakeClock
) -> None:
    first = stable(desk)
    clock.advance(seconds=6899)
    assert stable(desk) == first
    clock.advance(seconds=2)
    second = stable(desk)
    assert second != first
    assert desk.check(first) == desk.check(second) == "demo"
    clock.advance(seconds=300)
    assert wrong(desk, first) == 42001


def test_forced_token_ends_the_one_before_and_has_its_pace(
    desk: TokenDesk, clock: FakeClock
) -> None:
    first = stable(desk, force=True)
    with pytest.raises(Wrong) as caught:
        stable(desk, force=True)
    assert caught.value.errcode == 45011
    for _ in range(19):
        clock.advance(seconds=30)
        stable(desk, force=True)
    assert wrong(desk, first) == 42001
    clock.advance(seconds=30)
    with pytest.raises(Wrong) as caught:
        stable(desk, force=True)
    assert caught.value.errcode == 45009


def test_classic_token_cuts_off_the_one_before_after_five_minutes(
    desk: TokenDesk, clock: FakeClock
) -> None:
    first = str(desk.issue_classic(ACCOUNT)["access_token"])
    desk.issue_classic(ACCOUNT)
    clock.advance(seconds=299)
    assert desk.check(first) == "demo"
    clock.advance(seconds=2)
    assert wrong(desk, first) == 42001


def test_missing_unknown_and_revoked_tokens_differ(desk: TokenDesk) -> None:
    token = stable(desk)
    assert wrong(desk, None) == 41001
    assert wrong(desk, "lab-token-forged") == 40001
    desk.expire_all()
    assert wrong(desk, token) == 40001
