"""Directories to measure: our slapd with its guard, and the same slapd without one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

from support.service import free_port, wait_until
from um_directory.directory.embedded import EmbeddedSlapd
from um_directory.settings import Settings

_GUARD = [sys.executable, "-m", "um_directory.cli.guard"]


class Stack:
    """A slapd on a new state directory with the enterprises in `ldif`; `guarded`, with the guard's process beside it.

    Not guarded it has one accesslog, the audit, and neither the second one nor the sock overlays.
    """

    def __init__(self, ldif: Path, *, guarded: bool, durable: bool = True) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="um-"))
        self.settings = Settings(state_dir=self.folder / "s", ldap_port=free_port())
        self._slapd = EmbeddedSlapd(self.settings, guarded=guarded, durable=durable)
        self._guarded = guarded
        self._guard: subprocess.Popen[bytes] | None = None
        self._ldif = ldif

    def __enter__(self) -> Self:
        try:
            self._slapd.prepare()
            self._load()
            self._slapd.start()
            self._slapd.wait_ready()
            if self._guarded:
                self._start_guard()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def guard_pid(self) -> int:
        """Process id of the guard."""
        assert self._guard is not None
        return self._guard.pid

    def close(self) -> None:
        """Stop both and remove everything."""
        if self._guard is not None:
            self._guard.terminate()
            self._guard.wait(30)
        self._slapd.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _load(self) -> None:
        command = [str(self.settings.slapd), "-Tadd", "-q", "-F", str(self.settings.state_dir / "slapd.d")]
        command += ["-b", self.settings.suffix, "-l", str(self._ldif)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)

    def _start_guard(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("UM_")}
        own = {"UM_STATE_DIR": str(self.settings.state_dir), "UM_LDAP_PORT": str(self.settings.ldap_port)}
        with (self.folder / "guard.log").open("wb") as log:
            self._guard = subprocess.Popen(
                _GUARD, env={**kept, **own}, stderr=log, stdout=log, cwd=self.folder
            )
        ready = self.settings.run_dir / "guard.ready"

        def is_ready() -> bool:
            assert self._guard is not None
            assert self._guard.poll() is None, (self.folder / "guard.log").read_text()
            return ready.exists()

        wait_until(is_ready, seconds=600, what="the guard's view")
