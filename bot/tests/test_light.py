"""What is left out at start: names load, work fails loudly."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def run(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **env},
        check=False,
    )


def test_unused_packages_can_be_derived_from_but_not_used() -> None:
    code = """
from bot import light
assert light.lighten()
import tensorflow as tf
from tensorflow.keras.layers import Layer

@tf.function
def kept(x): return x + 1
assert kept(1) == 2
class Own(Layer): pass
class Other(tf.keras.Model): pass
try:
    tf.constant([1])()
except RuntimeError as error:
    print(error)
"""
    done = run(code)
    assert done.returncode == 0, done.stderr
    assert "left out at start" in done.stdout


@pytest.mark.parametrize(("light", "hollow"), [("1", "True"), ("0", "False")])
def test_it_can_be_switched_off(light: str, hollow: str) -> None:
    code = (
        "from bot import light; light.lighten(); import redis; print(redis.__spec__.origin is None)"
    )
    assert run(code, ZHIDA_RASA_LIGHT=light).stdout.strip() == hollow


def test_rasa_starts_without_tensorflow() -> None:
    code = """
from bot import light
light.lighten()
import sys
import bot.run
heavy = ("tensorflow", "sklearn", "jax")
print(sorted(n for n in heavy if getattr(sys.modules.get(n), "__file__", None)))
"""
    done = run(code)
    assert done.stdout.strip() == "[]", done.stderr
