"""The guard's own durable record: every refusal and every commit, with who acted and in which role.

The audit log of slapd knows the identity that bound, but neither for whom the service acted nor the role that
counted, and it has no refusals. One JSON object a line, one file a day, readable by this user only. A line is
with the operating system before the client has its answer; it is on the disk a second later (`sync`).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import structlog

from um_directory.guard.actor import Actor
from um_directory.guard.messages import Extended, Request
from um_directory.model.operation import Add, Delete, Modify, Operation, Rename

KEPT_DAYS = 400
"""As long as slapd's audit log is kept (slapd_config.PURGE)."""

_NAMES = {Add: "add", Modify: "modify", Delete: "delete", Rename: "modrdn"}
_NOBODY = Actor("nobody")
_quoted = json.encoder.encode_basestring_ascii


class Record:
    """Appends to `<directory>/YYYY-MM-DD.jsonl` (days in UTC)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file: int | None = None
        self._day = "no day"
        self._second, self._stamp = 0, ""
        self._unsynced = False
        self.failed = False
        """The last line could not be written: what cannot be recorded must not be allowed."""

    def refused(self, request: Request, actor: Actor | None, rule: str, reason: str) -> None:
        """A refusal, in English."""
        more = f', "rule": {_quoted(rule)}, "reason": {_quoted(reason)}'
        self._append(_about("refused", request, actor) + more)

    def malformed(self, reason: str) -> None:
        """A refusal of what is no request: who sent it cannot be said."""
        nobody = Request(Delete(""), "", 0, 0)
        more = f', "rule": {_quoted(reason.partition(":")[0])}, "reason": {_quoted(reason)}'
        self._append(_about("refused", nobody, None) + more)

    def committed(self, request: Request, actor: Actor | None, start: str) -> None:
        """A write that happened; `start` is the reqStart of its accesslog record."""
        self._append(f'{_about("committed", request, actor)}, "start": {_quoted(start)}')

    def withdrawn(self, rule: str, reason: str, dn: str, connection: int) -> None:
        """A role whose ground the register took away (E8)."""
        about = {"event": "withdrawn", "rule": rule, "reason": reason, "dn": dn, "connection": connection}
        self._append(json.dumps(about)[1:-1])

    def probe(self) -> None:
        """Try whether lines can be written again."""
        self._append('"event": "resumed"')

    def sync(self) -> None:
        """Bring what was written to the disk; from any thread."""
        if self._unsynced and self._file is not None:
            self._unsynced = False
            os.fdatasync(self._file)

    def _append(self, fields: str) -> None:
        """`fields` are those of a JSON object, without its braces."""
        now = time.time()
        whole = int(now)
        if whole != self._second:
            self._second, self._stamp = whole, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
        line = f'{{"time": "{self._stamp}.{int((now - whole) * 1e6):06d}Z", {fields}}}\n'
        try:
            if self._file is None or not self._stamp.startswith(self._day):
                self._open(self._stamp[:10])
            assert self._file is not None
            written = os.write(self._file, line.encode())
            if written != len(line):
                os.write(self._file, b"\n")  # the half line stands alone; whoever reads skips it
                raise OSError("the disk is full")
        except OSError as error:
            if not self.failed:
                structlog.get_logger().error("the audit record cannot be written", reason=str(error))
            self.failed = True
            return
        self.failed, self._unsynced = False, True

    def _open(self, day: str) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._directory / f"{day}.jsonl"
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        previous, self._file, self._day = self._file, file, day
        if previous is not None:
            os.close(previous)
        _remove_old(self._directory, day)


def _remove_old(directory: Path, day: str) -> None:
    oldest = date.fromisoformat(day) - timedelta(days=KEPT_DAYS)
    for path in directory.glob("????-??-??.jsonl"):
        if path.stem < oldest.isoformat():
            path.unlink(missing_ok=True)


def _about(event: str, request: Request, actor: Actor | None) -> str:
    # Written out rather than through json.dumps, which takes three times as long: it is done for every write.
    operation = request.operation
    actor = actor or _NOBODY
    kind = "extended" if isinstance(operation, Extended) else _NAMES.get(type(operation), "password")
    bind = _quoted(request.bind_dn)
    return (
        f'"event": "{event}", "bind": {bind}, "actor": {_quoted(actor.dn) if actor.dn else bind}, '
        f'"roles": {_list(_role(held.role.value, held.capacity) for held in actor.roles)}, '
        f'"acting": {"true" if actor.bound_as or actor.chosen else "false"}, '
        f'"connection": {request.connection}, "operation": "{kind}", "dn": {_quoted(operation.dn)}, '
        f'"attributes": {_list(sorted(set(_attributes(operation))))}'
    )


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, items))}]"


def _role(role: str, capacity: str | None) -> str:
    return f"{role}@{capacity}" if capacity else role


def _attributes(operation: Operation | Extended) -> Iterable[str]:
    if isinstance(operation, Modify):
        return (change.attribute for change in operation.modifications)
    return operation.attributes if isinstance(operation, Add) else ()
