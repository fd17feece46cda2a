"""Directories to measure: our slapd with its guard, with a door that is always open, and without any door."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal, Self

from support.service import free_port, wait_until
from um_directory.directory.embedded import EmbeddedSlapd
from um_directory.settings import Settings

_GUARD = [sys.executable, "-m", "um_directory.cli.guard"]
# Answers both sockets and never says no. The log of commits keeps nothing here either (guard/door.py).
_OPEN_DOOR = """
import socket, sys, threading

def serve(path, answer):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    while True:
        connection, _ = listener.accept()
        request = connection.recv(65536)
        connection.sendall(answer(request))
        connection.close()

def told(request):
    return b"RESULT\\ncode: 50\\ninfo:no\\n\\n" if b"auditContainer" in request else b"CONTINUE\\n"

threading.Thread(target=serve, args=(sys.argv[1], lambda request: b"CONTINUE\\n"), daemon=True).start()
serve(sys.argv[2], told)
"""

Door = Literal["guard", "open", "none"]


class Stack:
    """A slapd on a new state directory with the enterprises in `ldif`, and what answers its questions beside it.

    With door "none" it has one accesslog, the audit, and neither the second one nor the sock overlays.
    """

    def __init__(self, ldif: Path, door: Door, *, durable: bool = True) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="um-"))
        self.settings = Settings(state_dir=self.folder / "s", ldap_port=free_port())
        self._slapd = EmbeddedSlapd(self.settings, guarded=door != "none", durable=durable)
        self._door = door
        self._process: subprocess.Popen[bytes] | None = None
        self._ldif = ldif

    def __enter__(self) -> Self:
        try:
            self._slapd.prepare()
            self._load()
            if self._door == "open":
                self._open_door()
            self._slapd.start()
            self._slapd.wait_ready()
            if self._door == "guard":
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
        assert self._process is not None
        return self._process.pid

    def close(self) -> None:
        """Stop both and remove everything."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
        self._slapd.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _load(self) -> None:
        command = [str(self.settings.slapd), "-Tadd", "-q", "-F", str(self.settings.state_dir / "slapd.d")]
        command += ["-b", self.settings.suffix, "-l", str(self._ldif)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)

    def _open_door(self) -> None:
        sockets = (self.settings.write_socket, self.settings.commit_socket)
        self._process = subprocess.Popen([sys.executable, "-c", _OPEN_DOOR, *map(str, sockets)])
        wait_until(lambda: all(path.exists() for path in sockets), what="the open door")

    def _start_guard(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("UM_")}
        own = {"UM_STATE_DIR": str(self.settings.state_dir), "UM_LDAP_PORT": str(self.settings.ldap_port)}
        with (self.folder / "guard.log").open("wb") as log:
            self._process = subprocess.Popen(
                _GUARD, env={**kept, **own}, stderr=log, stdout=log, cwd=self.folder
            )
        ready = self.settings.run_dir / "guard.ready"

        def is_ready() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, (self.folder / "guard.log").read_text()
            return ready.exists()

        wait_until(is_ready, seconds=600, what="the guard's view")
