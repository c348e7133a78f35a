from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.masking import mask, show_name, show_number, show_phone, show_text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我的手机13800138000，换成 139 0013 9000", "我的手机[手机号1]，换成 [手机号2]"),
        ("身份证11010519491231002X", "身份证[身份证1]"),
        ("卡号 6222 0200 0000 0000 008", "卡号 [账号1]"),
        ("卡号4111 1111 1111 1111", "卡号[银行卡1]"),
        ("写信到 a.b@c.com", "写信到 [邮箱1]"),
        ("资金账号880012345678", "资金账号[账号1]"),
        ("13800138000 再说一遍 13800138000", "[手机号1] 再说一遍 [手机号1]"),
        ("600519 能买吗，要 50000 元", "600519 能买吗，要 50000 元"),
    ],
)
def test_mask_hides_what_names_a_person_and_nothing_else(text: str, masked: str) -> None:
    assert mask(text).text == masked


def test_six_digits_are_a_code_only_when_one_is_expected() -> None:
    assert mask("验证码 123456").text == "验证码 123456"
    assert mask("验证码 123456", code_expected=True).text == "验证码 [验证码1]"


@given(st.text(alphabet="0123456789-+X @.ab手机", max_size=60), st.booleans())
def test_reveal_undoes_mask_and_masking_twice_changes_nothing(text: str, code: bool) -> None:
    masked = mask(text, code_expected=code)
    assert masked.reveal(masked.text) == text
    assert mask(masked.text, code_expected=code).text == masked.text


@given(st.integers(13000000000, 19999999999), st.text(alphabet="你好 ，。abc", max_size=10))
def test_no_phone_number_passes(number: int, around: str) -> None:
    assert str(number) not in mask(f"{around}{number}{around}").text


def test_staff_sees_ends_alone() -> None:
    assert show_phone("13800138000") == "138****8000"
    assert show_name("王小明") == "王**"
    assert show_number("880012345678") == "********5678"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("手机13800138000", "手机138****8000"),
        ("482913", "******"),
        ("验证码是 482913", "验证码是 ******"),
        ("600519 什么时候除权", "600519 什么时候除权"),
        ("身份证11010519491231002X", "身份证**************002X"),
        ("写信到 abc@d.com", "写信到 a***@d.com"),
    ],
)
def test_staff_sees_what_a_client_wrote_without_the_middle(said: str, shown: str) -> None:
    assert show_text(said) == shown
