"""Templates: what is right renders, what is wrong is named by line, nothing runs away."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidInput, MissingField, Refused
from kernel.message import Json
from orchestrator.field import FIELDS, SAMPLE
from orchestrator.template import OUTPUT_LIMIT, SOURCE_LIMIT, Template


def test_plain_fields_are_joined_and_figures_are_written_for_people() -> None:
    template = Template.parse("100%的{{ brand }}客户 {{amount}} {{ items }}")
    assert template.fields == {"brand", "amount", "items"}
    values: dict[str, Json] = {"brand": "示例", "amount": 1234567.5, "items": ["甲", "乙"]}
    assert template.render(values) == "100%的示例客户 1,234,567.5 甲、乙"


def test_a_text_without_fields_is_static() -> None:
    template = Template.parse("您有一条通知 100%")
    assert template.is_static
    assert template.render({}) == "您有一条通知 100%"
    assert not Template.parse("{{ brand }}").is_static
    assert not Template.parse("{% if days %}x{% endif %}").is_static


def test_conditions_loops_and_our_filters() -> None:
    template = Template.parse(
        "{% if days > 3 %}{{ amount | money }}{% else %}-{% endif %} {{ margin_usage | percent }} "
        "{{ at | minute }} {{ valid_until | day: 'en' }}"
        "{% for one in items %}[{{ one }}]{% endfor %}"
    )
    assert template.render(SAMPLE) == "50,000.00 86.0% 11月20日14:30 31 Dec[周报已更新][讲座报名中]"


def test_a_missing_field_is_false_in_a_condition_and_an_error_where_it_is_shown() -> None:
    template = Template.parse("{% if manager %}{{ manager }}{% endif %}好 {{ days | default: 1 }}")
    assert template.render({}) == "好 1"
    for text in (
        "{{ hotline }}",
        "{{ hotline | strip }}",
        "{% if brand %}x{% endif %}{{ hotline }}",
    ):
        with pytest.raises(MissingField) as caught:
            Template.parse(text).render({})
        assert caught.value.field == "hotline"
        assert "客服热线" in caught.value.zh


def test_missing_fields_are_told_for_a_preview() -> None:
    template = Template.parse("{{ brand }}{{ link }}{{ days }}")
    assert template.find_missing({"brand": "x", "days": None}) == ("days", "link")


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("好\n{{ naem }}", 2, "“name”"),
        ("{% if days %}\n{{ brnd }}{% endif %}", 2, "“brand”"),
        ("\n\n{{ amount | mony }}", 3, "“money”"),
        ("a\nb {{ brand", 2, "}}"),
        ("{% include 'secret' %}", 1, "include"),
        ("{% render 'x' %}", 1, "render"),
        ("{% assign x = 1 %}", 1, "assign"),
        ("{% capture x %}{% endcapture %}", 1, "capture"),
        ("a\n{% if days %}b", 2, "{% endif %}"),
        ("x {% endif %}", 1, "endif"),
        ("{% for x in items %}{% if days %}{% endfor %}{% endif %}", 1, "endfor"),
        ("{{ brand brand }}", 1, "{{ brand }}"),
        ("{% if %}x{% endif %}", 1, "{{ brand }}"),
        ("{{ brand | replace: 'a', 'aaaaaaaaaaaaaaa' }}", 1, "replace"),
    ],
)
def test_what_is_wrong_is_named_by_line_with_what_would_be_right(
    text: str, line: int, hint: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        Template.parse(text)
    assert f"Line {line}:" in caught.value.message
    assert f"第 {line} 行" in caught.value.zh
    assert hint in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "{% for x in (1..1000000000) %}x{% endfor %}",
        "{% for a in items %}{% for b in items %}{% for c in items %}.{% endfor %}{% endfor %}"
        "{% endfor %}",
        "{% for x in items %}{{ text }}{% endfor %}",
        "{{ text }}{{ text }}",
    ],
)
def test_nothing_runs_away(text: str) -> None:
    values = {"items": ["a"] * 40, "text": "x" * (OUTPUT_LIMIT - 1)}
    with pytest.raises(InvalidInput):
        Template.parse(text).render(values)


def test_a_source_that_is_too_long_or_carries_a_nul_is_refused() -> None:
    for text in ("x" * (SOURCE_LIMIT + 1), "a\0"):
        with pytest.raises(InvalidInput):
            Template.parse(text)


def test_values_are_never_read_as_templates_and_python_is_out_of_reach() -> None:
    assert Template.parse("{{ brand }}").render({"brand": "{{ hotline }}"}) == "{{ hotline }}"
    with pytest.raises(MissingField):
        Template.parse("{{ brand.__class__ }}").render({"brand": "x"})


_PARTS = st.sampled_from(
    [
        *("{{ brand }}", "{{ days }}", "{{", "}}", "{%", "%}", "{% if days %}", "{% endif %}"),
        *("{% for x in items %}", "{% endfor %}", "{{ x }}", " | money", "文", "100%", "%s", "\n"),
        *("{% else %}", "{{ at | day }}", "{% case days %}", "{# #}", "{{- brand -}}", "'"),
    ]
)


@given(st.lists(_PARTS, max_size=12).map("".join))
def test_any_text_parses_or_is_refused_and_what_parses_renders_or_is_refused(text: str) -> None:
    with suppress(Refused, MissingField):
        assert isinstance(Template.parse(text).render(SAMPLE), str)


@given(st.text(alphabet="ab%{} \n文"), st.sampled_from(sorted(FIELDS)))
def test_plain_and_liquid_agree(text: str, name: str) -> None:
    if "{{" in text or "{%" in text or "}}" in text or "%}" in text:
        return
    values = {name: "值"}
    plain = Template.parse(f"{text}x{{{{ {name} }}}}")
    liquid = Template.parse(f"{text}x{{{{ {name} | strip }}}}")
    assert plain.render(values) == liquid.render(values) == f"{text}x值"
