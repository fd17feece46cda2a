"""A real SCIM server (scim2-server) as a process, and a small HTTP server that says what it is told to."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
from scim2_server.utils import load_default_resource_types, load_default_schemas

from support.service import free_port
from um_directory.connectors.scim_schema import EXTENSION, extension_schema

START_SECONDS = 30.0


class ScimServer:
    """`scim2-server` on a free port. Each path `/<tenant>/v2` is a target of its own, empty at first."""

    def __init__(self, directory: Path, *, extended: bool = True, token: str | None = None) -> None:
        self.port = free_port()
        command = [str(Path(sys.executable).with_name("scim2-server")), "--dynamic-tenants"]
        command += ["--port", str(self.port)]
        if extended:
            command += _descriptions(directory)
        if token is not None:
            command += ["--bearer-token", token]
        self._log = (directory / "scim2-server.log").open("ab")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._await()

    def _await(self) -> None:
        until = time.monotonic() + START_SECONDS
        while True:
            assert self._process.poll() is None, Path(self._log.name).read_text()
            try:
                httpx.get(self.url("ready") + "/ServiceProviderConfig")
            except httpx.TransportError:
                assert time.monotonic() < until, "scim2-server did not start"
                time.sleep(0.05)
            else:
                return

    def url(self, tenant: str) -> str:
        """The base URL of a tenant."""
        return f"http://127.0.0.1:{self.port}/{tenant}/v2"

    def users(self, tenant: str) -> dict[str, dict[str, object]]:
        """The users of a tenant by userName, read without any code of ours."""
        answer = httpx.get(f"{self.url(tenant)}/Users", params={"count": 1000}, headers=self._headers)
        return {user["userName"]: user for user in answer.json().get("Resources", [])}

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Accept connections and answer nothing."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._log.close()


def _descriptions(directory: Path) -> list[str]:
    """Files that make the server take our extension on users."""
    schemas = [schema.model_dump() for schema in load_default_schemas().values()]
    types = [kind.model_dump() for kind in load_default_resource_types().values()]
    user = next(kind for kind in types if kind["id"] == "User")
    user["schemaExtensions"].append({"schema": EXTENSION, "required": False})
    arguments = []
    for option, content in (
        ("--schema", [*schemas, extension_schema().model_dump()]),
        ("--resource-type", types),
    ):
        path = directory / f"scim{option}.json"
        path.write_text(json.dumps(content, default=str), "utf-8")
        arguments += [option, str(path)]
    return arguments


@dataclass
class Answer:
    """What to answer to every request whose method is not listed under `others`."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class ScriptedServer:
    """An HTTP server that gives `answers[method]`, and remembers what it was asked."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                outer.asked.append((self.command, self.path))
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = outer.answers[self.command]
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the names http.server looks for

            def log_message(self, *_arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
