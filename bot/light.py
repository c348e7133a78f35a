"""Leaves out what Rasa imports at start and this assistant never runs.

Rasa imports TensorFlow, scikit-learn, cloud clients and a dozen chat SDKs as soon as its agent is
imported: 11 to 15 seconds and 400 MB for code that a pipeline with an encoder outside, a linear
head of our own and the RulePolicy never calls. `lighten` answers those imports with hollow modules:
classes can be derived from their names, so Rasa's modules load, and the first real use of one
fails loudly. `ZHIDA_RASA_LIGHT=0` switches it off and loads everything.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import AbstractSet, Any

UNUSED = frozenset(
    [
        "tensorflow",
        "keras",
        "tensorflow_addons",
        "jax",
        "sklearn",
        "skops",
        "sklearn_crfsuite",
        "matplotlib",
        "boto3",
        "botocore",
        "pymongo",
        "google",
        "confluent_kafka",
        "aio_pika",
        "redis",
        "slack_sdk",
        "aiogram",
        "socketio",
        "engineio",
        "twilio",
        "webexteamssdk",
        "mattermostwrapper",
        "rocketchat_API",
        "fbmessenger",
        "questionary",
        "prompt_toolkit",
        "apscheduler",
        "colorclass",
        "terminaltables",
    ]
)


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


class _HollowType(type):
    """A class whose every attribute is a hollow class again."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and callable(args[0]) and not kwargs:
            return args[0]
        return super().__call__(*args, **kwargs)

    def __getattr__(cls, name: str) -> Any:
        if _is_dunder(name):
            raise AttributeError(name)
        return _hollow(name)

    def __getitem__(cls, item: Any) -> Any:
        return cls

    def __or__(cls, other: Any) -> Any:
        return cls

    __ror__ = __or__

    def __iter__(cls) -> Iterator[Any]:
        return iter(())


class Hollow(metaclass=_HollowType):
    """A stand-in that may be named, derived from and used as a decorator, but not worked with."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Takes any class keyword, for the real base would."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Takes any argument, for decorators are made at import time."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Returns a decorated class or function unchanged; anything else is a real use.

        Raises:
            RuntimeError: when hollow code is asked to do work.
        """
        if len(args) == 1 and callable(args[0]) and not kwargs:
            return args[0]
        raise RuntimeError(
            f"{type(self).__name__} was left out at start; set ZHIDA_RASA_LIGHT=0 to load it"
        )


def _hollow(name: str) -> Any:
    return _HollowType(name, (Hollow,), {"__module__": "hollow"})


class _HollowModule(ModuleType):
    __path__: Sequence[str] = []

    def __getattr__(self, name: str) -> Any:
        if _is_dunder(name):
            raise AttributeError(name)
        value = _hollow(name)
        setattr(self, name, value)
        return value


class _HollowFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, left_out: AbstractSet[str]) -> None:
        self._left_out = left_out

    def find_spec(
        self, name: str, path: Any = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.split(".", 1)[0] not in self._left_out:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _HollowModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Does nothing: a hollow module has no code."""


def lighten(keep: AbstractSet[str] = frozenset()) -> bool:
    """Puts hollow modules in the place of the unused packages from now on.

    Args:
        keep: packages to leave as they are.

    Returns:
        True when it is on, False when `ZHIDA_RASA_LIGHT=0` forbids it.
    """
    if os.environ.get("ZHIDA_RASA_LIGHT") == "0":
        return False
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", message="Slot auto-fill has been removed")
    if not any(isinstance(finder, _HollowFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _HollowFinder(UNUSED - keep))
    return True
