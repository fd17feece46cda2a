"""The guard's own record, read (guard/record.py writes it): one JSON object a line, one file a day in UTC."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from um_directory.audit.events import Event, Kind
from um_directory.errors import UmError

_EVENTS = {kind.value: kind for kind in (Kind.COMMITTED, Kind.REFUSED, Kind.WITHDRAWN)}
_LONGEST_LINE = 1 << 24  # an entry with very many attributes; a line cut by a full disk never grows longer


@dataclass(frozen=True, slots=True)
class Line:
    """An event as the guard saw it; `start` is the reqStart of slapd's record of a commit."""

    event: Event
    start: str


def read_record(directory: Path, since: date | None = None) -> Iterator[Line]:
    """Every line that can be read, oldest first, of the days from `since` on.

    A line that was cut short (a full disk, a power failure) is passed over, and so is what is no event.

    :raises UmError: a file cannot be read.
    """
    for path in sorted(directory.glob("????-??-??.jsonl")):
        if since is not None and path.stem < since.isoformat():
            continue
        try:
            with path.open("rb") as file:
                while text := file.readline(_LONGEST_LINE):
                    line = _line(text)
                    if line is not None:
                        yield line
        except OSError as error:
            raise UmError(f"{path}: the guard's record cannot be read: {error.strerror}") from error


def _line(text: bytes) -> Line | None:
    try:
        fields = json.loads(text)
        kind = _EVENTS.get(fields["event"])
        return Line(_event(kind, fields), str(fields.get("start", ""))) if kind else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _event(kind: Kind, fields: dict[str, Any]) -> Event:
    connection = fields.get("connection")
    return Event(
        time=datetime.fromisoformat(fields["time"]),
        kind=kind,
        operation=str(fields.get("operation", "")),
        dn=str(fields.get("dn", "")),
        actor=str(fields.get("actor", "")),
        bind=str(fields.get("bind", "")),
        roles=tuple(map(str, fields.get("roles", ()))),
        acting=bool(fields.get("acting")),
        connection=int(connection) if connection is not None else None,
        rule=str(fields.get("rule", "")),
        reason=str(fields.get("reason", "")),
        attributes=tuple(map(str, fields.get("attributes", ()))),
    )
