"""A real service: `um up` in a process of its own, on a fresh state directory and a free port."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from um_directory.directory.client import DirectoryClient
from um_directory.directory.identity import connect_as
from um_directory.model.readings import Readings
from um_directory.model.tree import Tree
from um_directory.settings import Settings

START_SECONDS = 60.0


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition, seconds: float = 10.0, what: str = "the condition") -> None:
    """Poll until `condition()` is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come true within {seconds} s"
        time.sleep(0.01)


def in_environment(value: object) -> str:
    """A setting as an environment variable has it."""
    return json.dumps(asdict(value)) if isinstance(value, Readings) else str(value)


class Service:
    """`um up`. The state directory is removed at the end."""

    def __init__(self, **settings: object) -> None:
        self.state = Path(tempfile.mkdtemp(prefix="um-"))  # short: Unix socket paths are
        applications = self.state / "applications"
        applications.mkdir()
        values = {"state_dir": self.state / "s", "ldap_port": free_port(), "applications_dir": applications}
        self.settings = Settings(**{**values, **settings})  # type: ignore[arg-type]
        self.tree = Tree(self.settings.suffix)
        self.process: subprocess.Popen[str] | None = None
        self.log = self.state / "up.log"

    @property
    def env(self) -> dict[str, str]:
        """The environment for `um` commands that talk to this service."""
        own = {
            f"UM_{name.upper()}": in_environment(getattr(self.settings, name))
            for name in self.settings.model_fields_set
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("UM_")}
        return {**kept, **own, "UM_LOG_FORMAT": "json"}

    def start(self) -> None:
        """Start and wait until it is ready."""
        ready = self.settings.run_dir / "up.ready"
        ready.unlink(missing_ok=True)  # a killed one leaves it behind
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "um_directory.cli.main", "up"],
                env=self.env,
                stderr=log,
                cwd=self.state,
            )

        def is_up() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            return ready.exists()

        wait_until(is_up, START_SECONDS, "um up")

    def stop(self) -> int:
        """Stop as a person would; returns the exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        self.process = None
        return status

    def remove_process(self) -> None:
        """Stop if running."""
        if self.process is not None:
            self.stop()

    def remove(self) -> None:
        """Stop if running, and remove everything."""
        self.remove_process()
        shutil.rmtree(self.state, ignore_errors=True)

    def connect(self, name: str) -> DirectoryClient:
        """A client bound as `service`, `registrar` or `contact-center`."""
        return connect_as(self.settings, name)

    def um(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a `um` command against this service."""
        return subprocess.run(
            [sys.executable, "-m", "um_directory.cli.main", *arguments],
            env=self.env,
            cwd=self.state,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
