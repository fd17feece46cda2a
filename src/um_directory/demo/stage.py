"""What the demo's steps stand on: a service of its own, a SCIM server, `ldapmodify`, and a voice."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from rich.console import Console
from rich.markup import escape

from um_directory.errors import UmError
from um_directory.settings import load_settings

_READY_SECONDS = 60.0
_DEFAULT_PORT = 3890
_WIDEST = 116


class Deviation(UmError):
    """A step did not do what it should."""


class Stage:
    """Everything that runs, in one directory that `clear` empties."""

    def __init__(self, root: Path, ldif: Path) -> None:
        self.root = root.absolute()
        self.ldif = ldif
        width = min(Console().width, _WIDEST) if sys.stdout.isatty() else _WIDEST
        self.console = Console(highlight=False, width=width)
        self.settings = load_settings(
            suffix="dc=um,dc=example",  # the samples'
            ldap_url="",
            state_dir=self.root / "state",
            ldap_port=_free_port(_DEFAULT_PORT),
            applications_dir=self.root / "applications",
        )
        self.scim_url = f"http://127.0.0.1:{_free_port(8880)}/v2"
        self.export = self.settings.state_dir / "portal-users.jsonl"
        self._children: list[subprocess.Popen[bytes]] = []

    # --- life ---

    def clear(self) -> None:
        """Begin from nothing. Only a directory that an earlier demo made is removed."""
        marker = self.root / "made-by-um-demo"
        if self.root.exists() and not marker.exists() and any(self.root.iterdir()):
            raise Deviation(f"{self.root} is not of an earlier demo; move it away")
        shutil.rmtree(self.root, ignore_errors=True)
        for directory in (self.root, self.root / "passwords", self.settings.applications_dir):
            directory.mkdir(mode=0o700, parents=True)
        marker.touch()

    @property
    def env(self) -> dict[str, str]:
        """The environment in which `um` finds this service."""
        own = {
            "UM_SUFFIX": self.settings.suffix,
            "UM_LDAP_URL": "",
            "UM_STATE_DIR": str(self.settings.state_dir),
            "UM_LDAP_PORT": str(self.settings.ldap_port),
            "UM_APPLICATIONS_DIR": str(self.settings.applications_dir),
        }
        return {**os.environ, **own}

    def start(self, command: list[str], log: str, ready: Callable[[], bool]) -> None:
        """Start a process that ends with the demo, and wait until it is ready."""
        path = self.root / log
        with path.open("wb") as output:
            child = subprocess.Popen(
                command, env=self.env, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        self._children.append(child)
        deadline = time.monotonic() + _READY_SECONDS
        while not ready():
            if child.poll() is not None or time.monotonic() > deadline:
                words = path.read_text("utf-8", "replace").strip()[-2000:]
                raise Deviation(f"{Path(command[0]).name} did not start; {path} ends with:\n{words}")
            time.sleep(0.02)

    def start_scim_server(self) -> None:
        """A real SCIM 2.0 server, which keeps its users in memory."""
        port = self.scim_url.rpartition(":")[2].partition("/")[0]
        server = Path(sys.executable).with_name("scim2-server")
        if not server.exists():
            raise Deviation(f"{server} is missing; run `make demo`, which installs it")
        self.start([str(server), "--port", port], "scim-server.log", lambda: _answers(self.scim_url))

    def start_service(self) -> None:
        """`um up`."""
        ready = self.settings.run_dir / "up.ready"
        self.start([sys.executable, "-m", "um_directory.cli.main", "up"], "um-up.log", ready.exists)

    def check_alive(self) -> None:
        """Raise when something that should run has ended."""
        for child in self._children:
            if child.poll() is not None:
                raise Deviation(f"process {child.pid} ended; see the logs in {self.root}")

    def stop(self) -> None:
        """End what was started, latest first."""
        for child in reversed(self._children):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children.clear()

    # --- voice ---

    def title(self, text: str) -> None:
        """Begin a chapter."""
        self.console.print()
        self.console.rule(f"[bold]{escape(text)}", align="left", style="blue")

    def say(self, text: str) -> None:
        """A sentence to the person who watches."""
        self.console.print(text)

    def good(self, text: str) -> None:
        """What came out as it should."""
        self.console.print(f"  [green]✓[/] {escape(text)}")

    # --- hands ---

    def password_file(self, uid: str) -> Path:
        """A new password for somebody (C2), in a file, which is how it gets to ldapmodify's `-y`."""
        path = self.root / "passwords" / uid
        if not path.exists():
            alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
            path.touch(mode=0o600)
            path.write_text("Um7-" + "".join(secrets.choice(alphabet) for _ in range(10)), "ascii")
        return path

    def run(self, *command: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            command, input=stdin, env=self.env, capture_output=True, text=True, timeout=300, check=False
        )

    def um(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `um …`. On a terminal its progress shows."""
        return subprocess.run(
            [sys.executable, "-m", "um_directory.cli.main", *arguments],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=None if sys.stderr.isatty() else subprocess.PIPE,
            text=True,
            timeout=300,
            check=False,
        )

    def ldap(
        self, tool: str, bind_dn: str, secret: Path, *arguments: str, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one of OpenLDAP's own clients, bound as somebody."""
        url = f"ldap://127.0.0.1:{self.settings.ldap_port}"
        return self.run(tool, "-x", "-H", url, "-D", bind_dn, "-y", str(secret), *arguments, stdin=stdin)

    def wait_for(self, what: str, condition: Callable[[], bool], seconds: float = 20.0) -> float:
        """Wait until something has come true; returns after how many seconds."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > seconds:
                raise Deviation(f"{what}: not within {seconds:.0f} s")
            time.sleep(0.005)
        return time.monotonic() - began

    def scim_user(self, username: str) -> dict[str, object] | None:
        """What the SCIM server holds of a user."""
        answer = httpx.get(f"{self.scim_url}/Users", params={"filter": f'userName eq "{username}"'})
        found = answer.raise_for_status().json().get("Resources") or []
        return dict(found[0]) if found else None


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Deviation("no free port on 127.0.0.1")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ServiceProviderConfig", timeout=2).is_success
    except httpx.HTTPError:
        return False
