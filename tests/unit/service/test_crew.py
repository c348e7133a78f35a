"""Which children there are, and what each is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.crew import export, list_crew
from service.settings import Settings
from service.source import load_settings


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    empty = tmp_path / "zhida.toml"
    empty.write_text("")
    return {"ZHIDA_CONFIG": str(empty), "ZHIDA_DATA_DIR": str(tmp_path / "var")}


def names(settings: Settings) -> list[str]:
    return [child.name for child in list_crew(settings)]


def test_everything_is_embedded_by_default(environ: dict[str, str]) -> None:
    crew = names(load_settings(environ))
    assert set(crew) == {
        "postgres", "valkey", "encoder", "rasa", "core", "migrate", "articles", "serve", "lab",
    }  # fmt: skip


def test_a_part_with_an_address_of_its_own_is_no_child(environ: dict[str, str]) -> None:
    environ |= {
        "ZHIDA_DATABASE_URL": "postgresql://db/x",
        "ZHIDA_REDIS_URL": "redis://r",
        "ZHIDA_RASA_URLS": "http://a,http://b",
        "ZHIDA_ENCODER": "http://e",
        "ZHIDA_CORE_URL": "http://c",
    }
    settings = load_settings(environ)
    crew = {child.name: child for child in list_crew(settings)}
    assert set(crew) == {"migrate", "articles", "serve", "lab"}
    assert crew["serve"].after == ("migrate",)


def test_nobody_waits_for_a_child_that_is_not_there(environ: dict[str, str]) -> None:
    crew = list_crew(load_settings(environ))
    present = {child.name for child in crew}
    assert all(set(child.after) <= present for child in crew)


def test_a_child_sees_the_very_same_settings(environ: dict[str, str]) -> None:
    environ |= {"ZHIDA_PORT": "7001", "ZHIDA_CHAT_ORIGINS": "https://a,https://b"}
    settings = load_settings(environ)
    told = export(settings) | {"ZHIDA_CONFIG": environ["ZHIDA_CONFIG"]}
    assert load_settings(told) == settings


def test_the_assistant_is_told_no_secret_but_its_own(environ: dict[str, str]) -> None:
    settings = load_settings(environ)
    (rasa,) = (child for child in list_crew(settings) if child.name == "rasa")
    told = " ".join(rasa.env.values())
    assert settings.actions_token in told
    for secret in (settings.data_keys, settings.core_token, settings.demo_password):
        assert secret not in told
