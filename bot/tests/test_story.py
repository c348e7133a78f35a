"""Rasa's own end-to-end test stories."""

from __future__ import annotations

import json
import os
import subprocess
import sys


def test_every_story_is_predicted(encoder_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bot.tests.story"],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        env={**os.environ, "ZHIDA_ENCODER_URL": encoder_url},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    summary = json.loads(done.stdout.strip().splitlines()[-1])
    assert summary["accuracy"] == 1.0
    assert summary["actions"] > 60
