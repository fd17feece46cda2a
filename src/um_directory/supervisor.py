"""Starts and watches the processes of one machine.

slapd first, then the guard (writes are refused until it answers), then the scheduler. A slapd that dies ends
everything with its last words: its data decide what comes next, and a person should look. Guard and scheduler
hold no data; they are started again, unless they keep dying.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from um_directory.directory.embedded import EmbeddedSlapd
from um_directory.errors import SlapdError, UmError
from um_directory.settings import Settings

_POLL_SECONDS = 0.2
_STOP_SECONDS = 10.0
_READY_SECONDS = 300.0
_MOST_RESTARTS = 5
_RESTART_WINDOW_SECONDS = 60.0


@dataclass(slots=True)
class _Child:
    """A process of ours: `um <name>`, ready when it has made its file."""

    name: str
    ready: Path
    process: subprocess.Popen[bytes] | None = None
    deaths: deque[float] = field(default_factory=deque)

    def start(self) -> None:
        self.ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", f"um_directory.cli.{self.name}"]
        self.process = subprocess.Popen(
            # Nothing of ours may outlive a killed supervisor.
            ["setpriv", "--pdeathsig", "TERM", *command],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def died(self) -> int | None:
        return self.process.poll() if self.process else None

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Supervisor:
    """Runs until a signal or until slapd dies."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._slapd = EmbeddedSlapd(settings)
        run = settings.run_dir
        self._children = [
            _Child("guard", run / "guard.ready"),
            _Child("scheduler", run / "scheduler.ready"),
        ]
        self._stopping = False
        self._log = structlog.get_logger()

    def run(self) -> None:
        """Start everything, watch it, stop it.

        :raises UmError: something cannot start, or slapd died.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            self._slapd.prepare()  # from here on the state directory is ours
            self._serve(self._settings.run_dir / "up.ready")
        finally:
            self._slapd.stop()
            self._log.info("stopped")

    def _serve(self, ready: Path) -> None:
        ready.unlink(missing_ok=True)
        try:
            self._slapd.start()
            self._slapd.wait_ready()
            for child in self._children:
                child.start()
                self._await(child)
            if not self._stopping:
                ready.touch()
                self._log.info(
                    "ready", ldap=f"ldap://127.0.0.1:{self._settings.ldap_port}", suffix=self._settings.suffix
                )
            self._watch()
        finally:
            ready.unlink(missing_ok=True)
            for child in reversed(self._children):
                child.stop()

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _await(self, child: _Child) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not child.ready.exists() and not self._stopping:
            self._check()
            if time.monotonic() > deadline:
                raise UmError(f"{child.name} was not ready within {_READY_SECONDS:.0f} s; see its log lines")
            time.sleep(0.02)

    def _watch(self) -> None:
        while not self._stopping:
            self._check()
            self._slapd.trim_log()
            time.sleep(_POLL_SECONDS)

    def _check(self) -> None:
        status = self._slapd.poll()
        if status is not None:
            how = f"killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
            raise SlapdError(f"slapd {how}; its last words: {self._slapd.last_words()}")
        for child in self._children:
            status = child.died()
            if status is not None:
                self._restart(child, status)

    def _restart(self, child: _Child, status: int) -> None:
        now = time.monotonic()
        child.deaths.append(now)
        while child.deaths[0] < now - _RESTART_WINDOW_SECONDS:
            child.deaths.popleft()
        if len(child.deaths) > _MOST_RESTARTS:
            raise UmError(f"{child.name} died {len(child.deaths)} times in a minute; see its log lines")
        self._log.warning("started again", died=child.name, status=status)
        child.start()
