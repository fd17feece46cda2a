"""The demo, unattended: any deviation makes it exit non-zero. It is the whole service in one run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(600)
def test_the_demo_does_what_it_says() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("UM_", "MAKE"))}
    result = subprocess.run(
        ["make", "demo", "ONCE=1"],
        cwd=ROOT,
        env={**environment, "COLUMNS": "110"},
        capture_output=True,
        text=True,
        timeout=590,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]
    assert "Every step was right." in result.stdout
    for rule in ("D2: ", "D14: ", "E3: ", "C1: "):
        assert rule in result.stdout
    passwords = ROOT / ".demo" / "passwords"
    secrets = [path.read_text() for path in passwords.iterdir()]
    assert len(secrets) >= 4
    for log in (ROOT / ".demo").glob("*.log"):
        assert not any(secret in log.read_text() for secret in secrets), f"a password is in {log}"
    assert not any(secret in result.stdout for secret in secrets)
    shutil.rmtree(ROOT / ".demo")
