"""Where settings come from, and what is said of a bad one."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.setting import InvalidSetting
from service.source import list_found, list_unknown, load_settings

KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    empty = tmp_path / "zhida.toml"
    empty.write_text("")
    return {"ZHIDA_CONFIG": str(empty), "ZHIDA_DATA_DIR": str(tmp_path / "var")}


def test_environment_wins_over_file_and_file_over_default(environ: dict[str, str]) -> None:
    Path(environ["ZHIDA_CONFIG"]).write_text('port = 7001\nbrand = "甲"\n')
    environ["ZHIDA_PORT"] = "7002"
    found = {one.name: one for one in list_found(environ)}
    assert (found["port"].value, found["port"].source) == (7002, "ZHIDA_PORT")
    assert (found["brand"].value, found["brand"].source) == ("甲", environ["ZHIDA_CONFIG"])
    assert found["workers"].source == "default"


def test_a_secret_can_come_from_a_file(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hush\n")
    environ["ZHIDA_CORE_TOKEN_FILE"] = str(tmp_path / "key")
    assert load_settings(environ).core_token == "hush"


def test_demo_secrets_are_made_once_and_only_we_can_read_them(environ: dict[str, str]) -> None:
    first, second = load_settings(environ), load_settings(environ)
    assert first == second
    assert first.demo_password
    assert len(first.cipher_keys[1]) == 32
    folder = Path(environ["ZHIDA_DATA_DIR"]) / "secrets"
    assert folder.stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.iterdir())


def test_looking_makes_nothing(environ: dict[str, str]) -> None:
    list_found(environ)
    load_settings(environ, make_secrets=False)
    assert not Path(environ["ZHIDA_DATA_DIR"]).exists()


def test_secrets_are_not_in_the_representation(environ: dict[str, str]) -> None:
    settings = load_settings(environ)
    account = settings.wechat_accounts["demo"]
    for secret in (settings.core_token, settings.data_keys, account.secret, account.aes_key):
        assert secret not in repr(settings)
        assert secret not in repr(account)


def test_production_wants_its_secrets_given(environ: dict[str, str]) -> None:
    environ["ZHIDA_DEMO"] = "false"
    with pytest.raises(InvalidSetting, match="must be given where ZHIDA_DEMO is off"):
        load_settings(environ)
    environ |= {"ZHIDA_CORE_TOKEN": "t", "ZHIDA_CHAT_JWT_KEY": "k", "ZHIDA_VISITOR_KEY": "v"}
    environ |= {"ZHIDA_EVENTS_KEY": "e", "ZHIDA_PROOF_KEY": "p"}
    environ |= {"ZHIDA_ACTIONS_TOKEN": "a", "ZHIDA_DATA_KEYS": f"1:{KEY}", "ZHIDA_INDEX_KEY": KEY}
    settings = load_settings(environ)
    assert settings.wechat_accounts == {}
    assert settings.lab_url not in settings.allowed_origins


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("PORT", "abc", "a whole number"),
        ("PORT", "70000", "from 1 to 65535"),
        ("PORT", "0", "from 1 to 65535"),
        ("DEMO", "perhaps", "true or false"),
        ("TURN_TIMEOUT", "-1", "must not be negative"),
        ("TURN_TIMEOUT", "nan", "must not be negative"),
        ("DATABASE_URL", "mysql://x/y", "postgresql://"),
        ("RASA_URLS", "http://a,ftp://b", "http://"),
        ("DATA_KEYS", "1:short", "BASE64"),
        ("DATA_KEYS", "1:QUFB", "32 bytes"),
        ("WECHAT_ACCOUNTS", "{", "not JSON"),
        ("WECHAT_ACCOUNTS", '{"a": {"appid": "x"}}', "must have aes_key, appid, secret, token"),
        ("LOG_LEVEL", "loud", "debug, info"),
        ("WORKERS", "0", "from 1 to 256"),
        ("TICKET_CLOSE_DAYS", "366", "from 0 to 365"),
        ("LAB_PORT", "5810", "are the same"),
    ],
)
def test_a_bad_value_is_refused_with_what_would_be_right(
    environ: dict[str, str], name: str, value: str, complaint: str
) -> None:
    environ[f"ZHIDA_{name}"] = value
    with pytest.raises(InvalidSetting, match=complaint) as caught:
        load_settings(environ)
    assert name in caught.value.message


def test_an_unknown_key_of_the_file_is_refused_with_its_neighbour(environ: dict[str, str]) -> None:
    Path(environ["ZHIDA_CONFIG"]).write_text("prot = 1\n")
    with pytest.raises(InvalidSetting, match="did you mean port"):
        load_settings(environ)


def test_a_broken_or_missing_file_is_refused(environ: dict[str, str]) -> None:
    Path(environ["ZHIDA_CONFIG"]).write_text("port =")
    with pytest.raises(InvalidSetting, match="cannot be read"):
        load_settings(environ)
    with pytest.raises(InvalidSetting, match="is not there"):
        load_settings({"ZHIDA_CONFIG": "/nowhere/zhida.toml"})


def test_unknown_variables_are_named_with_their_neighbour() -> None:
    environ = {"ZHIDA_DATABSE_URL": "x", "ZHIDA_PORT": "1", "ZHIDA_TEST_SIZE": "full", "HOME": "/"}
    assert list(list_unknown(environ)) == ["ZHIDA_DATABSE_URL (did you mean ZHIDA_DATABASE_URL?)"]


def test_what_follows_from_settings(environ: dict[str, str]) -> None:
    environ |= {"ZHIDA_HOST": "0.0.0.0", "ZHIDA_PORT": "7001", "ZHIDA_CHAT_ORIGINS": "https://a.cn"}
    settings = load_settings(environ)
    assert settings.site_url == "http://127.0.0.1:7001"
    assert {"https://a.cn", "http://localhost:7001"} <= set(settings.allowed_origins)
    assert settings.store_url.startswith("postgresql+asyncpg://postgres@/zhida?host=/tmp/zhida-")
    assert len(str(settings.runtime_dir / "postgres" / ".s.PGSQL.5432")) < 100
    environ["ZHIDA_DATABASE_URL"] = "postgresql://u:p@db/zhida"
    assert load_settings(environ).store_url == "postgresql+asyncpg://u:p@db/zhida"


def test_the_demo_account_is_played_by_the_lab(environ: dict[str, str]) -> None:
    environ["ZHIDA_LAB_PORT"] = "7013"
    account = load_settings(environ).wechat_accounts["demo"]
    assert account.api_base == "http://127.0.0.1:7013/wechat-api"
    assert len(account.aes_key) == 43


def test_networks_that_webhooks_may_call_are_checked(environ: dict[str, str]) -> None:
    assert [str(one) for one in load_settings(environ).callable_networks] == [
        "127.0.0.0/8",
        "::1/128",
    ]
    environ["ZHIDA_WEBHOOK_NETWORKS"] = "10.20.0.0/16"
    assert "10.20.0.0/16" in [str(one) for one in load_settings(environ).callable_networks]
    environ["ZHIDA_WEBHOOK_NETWORKS"] = "10.20.0.1/16"
    with pytest.raises(InvalidSetting, match="WEBHOOK_NETWORKS"):
        load_settings(environ)
