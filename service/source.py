"""Where each setting comes from: environment, file, zhida.toml, made secret or default."""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from service.secret import find_secret, get_secret
from service.setting import (
    Description,
    InvalidSetting,
    WechatAccount,
    check_url,
    find_default,
    find_description,
    list_fields,
    parse_keys,
    parse_networks,
    parse_value,
)
from service.settings import ROOT, Settings

PREFIX = "ZHIDA_"
FILE = "zhida.toml"
_NOT_SETTINGS = ("ZHIDA_TEST_", "ZHIDA_CONFIG", "ZHIDA_CRASH", "ZHIDA_RASA_LIGHT")


@dataclass(frozen=True, slots=True)
class Found:
    """A setting as it stands: its name, value, where that came from, and what it means."""

    name: str
    value: object
    source: str
    about: Description
    default: object

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


@dataclass(frozen=True, slots=True)
class Sources:
    """The places that may say something; `make_secrets` lets missing secrets be made."""

    environ: Mapping[str, str]
    table: Mapping[str, object]
    file: Path
    make_secrets: bool = False


def load_settings(
    environ: Mapping[str, str] | None = None, *, make_secrets: bool = True
) -> Settings:
    """Read all settings for this process.

    Raises:
        InvalidSetting: one has a value that cannot be used, or a needed secret is missing.
    """
    settings = _read_settings(environ, make_secrets=False)
    # Secrets are only made once everything else is known to be right.
    return _read_settings(environ, make_secrets=True) if make_secrets else settings


def _read_settings(environ: Mapping[str, str] | None, *, make_secrets: bool) -> Settings:
    found = list_found(environ, make_secrets=make_secrets)
    settings = Settings(**{one.name: one.value for one in found})  # type: ignore[arg-type]
    _check(settings)
    return settings


def list_found(
    environ: Mapping[str, str] | None = None, *, make_secrets: bool = False
) -> list[Found]:
    """List every setting with its value and source, in the order of their declaration."""
    sources = _open_sources(os.environ if environ is None else environ, make_secrets=make_secrets)
    found: dict[str, Found] = {}
    for declared in list_fields(Settings):
        about, default = find_description(declared), find_default(declared)
        name = declared.name
        value, source = _find(name, about, default, sources, found)
        found[name] = Found(name, value, source, about, default)
    return list(found.values())


def list_unknown(environ: Mapping[str, str] | None = None) -> Iterator[str]:
    """Name the ZHIDA_ variables that no setting has, with the nearest one that exists."""
    known = {PREFIX + declared.name.upper() for declared in list_fields(Settings)}
    known |= {f"{name}_FILE" for name in known}
    for variable in sorted(os.environ if environ is None else environ):
        is_ours = variable.startswith(PREFIX) and not variable.startswith(_NOT_SETTINGS)
        if is_ours and variable not in known:
            yield variable + _nearest(variable, known)


def _open_sources(environ: Mapping[str, str], *, make_secrets: bool) -> Sources:
    file = Path(environ.get("ZHIDA_CONFIG") or _find_file())
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        if "ZHIDA_CONFIG" in environ:
            raise InvalidSetting(f"ZHIDA_CONFIG names {file}, which is not there.") from None
        table = {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidSetting(f"{file} cannot be read: {error}.") from error
    known = {declared.name for declared in list_fields(Settings)}
    for key in table:
        if key not in known:
            raise InvalidSetting(f"{file} has {key!r}, which is no setting{_nearest(key, known)}.")
    return Sources(environ, table, file, make_secrets)


def _find_file() -> Path:
    here = Path(FILE)
    return here if here.exists() else ROOT / FILE


def _find(
    name: str,
    about: Description,
    default: object,
    sources: Sources,
    earlier: Mapping[str, Found],
) -> tuple[object, str]:
    variable = PREFIX + name.upper()
    if variable in sources.environ:
        return parse_value(variable, sources.environ[variable], default), variable
    if f"{variable}_FILE" in sources.environ:
        text = _read(f"{variable}_FILE", sources.environ[f"{variable}_FILE"])
        return parse_value(variable, text, default), f"{variable}_FILE"
    if name in sources.table:
        return parse_value(name, sources.table[name], default), str(sources.file)
    demo = bool(earlier["demo"].value) if "demo" in earlier else True
    if about.generated and demo:
        return _find_made(name, sources, earlier)
    if name == "wechat_accounts" and demo:
        return _find_demo_account(sources, earlier)
    return default, "default"


def _find_made(name: str, sources: Sources, earlier: Mapping[str, Found]) -> tuple[str, str]:
    folder = secrets_folder(earlier)
    if sources.make_secrets:
        return get_secret(folder, name), str(folder / name)
    made = find_secret(folder, name)
    return made or "", str(folder / name) if made else "made at first start"


def _find_demo_account(
    sources: Sources, earlier: Mapping[str, Found]
) -> tuple[Mapping[str, WechatAccount], str]:
    text, source = _find_made("wechat_demo", sources, earlier)
    if not text:
        return {}, source
    lab = f"http://127.0.0.1:{earlier['lab_port'].value}/wechat-api"
    return {"demo": WechatAccount(**json.loads(text), api_base=lab)}, source


def secrets_folder(earlier: Mapping[str, Found]) -> Path:
    """Return the folder of made secrets."""
    return Path(str(earlier["data_dir"].value)) / "secrets"


def _read(variable: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSetting(f"{variable} names {path}, which cannot be read: {error}.") from error


def _check(settings: Settings) -> None:
    for name, schemes in _ADDRESSES.items():
        value = getattr(settings, name)
        for one in value if isinstance(value, tuple) else (value,):
            if one:
                check_url(PREFIX + name.upper(), one, *schemes)
    if settings.encoder.startswith(("http://", "https://")):
        check_url("ZHIDA_ENCODER", settings.encoder, "http", "https")
    if not settings.demo:
        _check_given(settings)
    if settings.data_keys:
        parse_keys("ZHIDA_DATA_KEYS", settings.data_keys)
        parse_keys("ZHIDA_INDEX_KEY", f"0:{settings.index_key}")
    parse_networks(f"{PREFIX}WEBHOOK_NETWORKS", settings.webhook_networks)
    _check_words(settings)


PORT_NAMES = (
    "port",
    "encoder_port",
    "core_port",
    "lab_port",
    "lab_smtp_port",
    "rasa_port",
    "internal_port",
)
_ONLY_DEMO = frozenset({"demo_key", "demo_password"})


def _check_given(settings: Settings) -> None:
    for declared in list_fields(Settings):
        about, name = find_description(declared), declared.name
        if about.generated and not getattr(settings, name) and name not in _ONLY_DEMO:
            raise InvalidSetting(
                f"{PREFIX}{name.upper()} must be given where ZHIDA_DEMO is off: {about.en}."
            )


def _check_words(settings: Settings) -> None:
    if settings.log_level not in {"debug", "info", "warning", "error"}:
        raise InvalidSetting("ZHIDA_LOG_LEVEL must be debug, info, warning or error.")
    if settings.log_format not in {"text", "json"}:
        raise InvalidSetting("ZHIDA_LOG_FORMAT must be text or json.")
    if not 1 <= settings.workers <= 256:
        raise InvalidSetting("ZHIDA_WORKERS must be from 1 to 256.")
    if settings.ticket_close_days > 365:
        raise InvalidSetting("ZHIDA_TICKET_CLOSE_DAYS must be from 0 to 365.")
    ports = {name: getattr(settings, name) for name in PORT_NAMES}
    for name, port in ports.items():
        twins = [other for other, used in ports.items() if used == port and other != name]
        if twins:
            raise InvalidSetting(f"ZHIDA_{name.upper()} and ZHIDA_{twins[0].upper()} are the same.")


_ADDRESSES: Mapping[str, tuple[str, ...]] = {
    "public_url": ("http", "https"),
    "database_url": ("postgresql", "postgres", "postgresql+asyncpg"),
    "redis_url": ("redis", "rediss", "unix", "valkey", "valkeys"),
    "rasa_urls": ("http", "https"),
    "core_url": ("http", "https"),
    "chat_origins": ("http", "https"),
}


def _nearest(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""
