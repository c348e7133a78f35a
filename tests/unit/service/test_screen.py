"""The screen that says where to click, and who may sign in."""

from __future__ import annotations

from dataclasses import replace

from desk.staff import DEMO_PEOPLE
from service.screen import Screen
from tests.site import make_settings

SETTINGS = make_settings("postgresql://nobody@127.0.0.1:1/none")


def test_the_demo_names_a_login_for_every_role() -> None:
    shown = Screen(SETTINGS, [], 1.0).format()
    roles = {roles: login for login, _, roles in reversed(DEMO_PEOPLE)}
    assert all(f"{login}（" in shown for login in roles.values())
    assert SETTINGS.demo_password in shown


def test_outside_of_the_demo_it_says_how_to_add_one() -> None:
    shown = Screen(replace(SETTINGS, demo=False), [], 1.0).format()
    assert "zhida staff add" in shown
    assert SETTINGS.demo_password not in shown
