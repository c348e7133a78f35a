from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kernel.message import Choice, Content

TEXTS = st.text(max_size=20)
CHOICES = st.builds(lambda title, payload: Choice(title=title, payload=payload), TEXTS, TEXTS)


@given(TEXTS, st.lists(CHOICES, max_size=3), st.booleans())
def test_content_survives_json(text: str, choices: list[Choice], feedback: bool) -> None:
    content = Content(
        text=text, choices=tuple(choices), feedback=feedback, hints={"talk": "check_balance"}
    )
    assert Content.from_json(content.to_json(inside=True)) == content


def test_hints_stay_inside_the_house() -> None:
    assert "hints" not in Content(text="好", hints={"intent": "x"}).to_json()
