"""A file of JSON Lines that an application picks up: one record a line, sorted by id, always whole.

The file is written beside itself, brought to disk and renamed into place, so a reader finds either the old or
the new one. A directory that is full or read-only leaves the old one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from um_directory.connectors.interface import (
    Capabilities,
    Connector,
    Context,
    Delivery,
    Held,
    Options,
    Put,
    Receipt,
    TargetUnavailable,
)
from um_directory.propagation.record import Record, fingerprint_of


class FileOptions(Options):
    """`path`: the file; relative paths are below the state directory."""

    path: Path


class FileConnector(Connector[FileOptions]):
    """Rewrites the whole file for each batch."""

    capabilities = Capabilities(read_back=True, batch=1_000_000)

    def __init__(self, options: FileOptions, context: Context) -> None:
        super().__init__(options, context)
        self.path = context.path(options.path)

    def deliver(self, batch: Sequence[Delivery]) -> list[Receipt]:
        """See `Connector.deliver`; the batch is one replacement of the file."""
        changes = {
            delivery.id: delivery.record.line() if isinstance(delivery, Put) else None for delivery in batch
        }
        with self._translated():
            self._replace(_merged(self._lines(), changes))
        return [Receipt(item.id, item.id if isinstance(item, Put) else None) for item in batch]

    def put(self, record: Record, remote_id: str | None) -> str:
        """See `Connector.put`."""
        self.deliver([Put(record, remote_id)])
        return record.id

    def remove(self, record_id: str, remote_id: str | None) -> None:
        """See `Connector.remove`."""
        with self._translated():
            self._replace(_merged(self._lines(), {record_id: None}))

    def read(self) -> Iterator[Held]:
        """See `Connector.read`."""
        with self._translated():
            for record_id, line in self._lines():
                yield Held(record_id, record_id, bool(json.loads(line).get("active")), fingerprint_of(line))

    def lost(self) -> bool:
        """The consumer took the file away, or it was emptied."""
        try:
            return self.path.stat().st_size == 0
        except FileNotFoundError:
            return True
        except OSError:  # not to be seen now: writing will say why
            return False

    def _lines(self) -> Iterator[tuple[str, str]]:
        if not self.path.exists():
            return
        last = ""
        with self.path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                record_id = _id_of(line)
                if record_id is None or record_id <= last:
                    raise TargetUnavailable(
                        f"{self.path}, line {number}: not as it was written; move the file away "
                        "and it is written anew"
                    )
                last = record_id
                yield record_id, line.removesuffix("\n")

    def _replace(self, lines: Iterable[str]) -> None:
        temporary = self.path.with_name(f".{self.path.name}.new")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _private(temporary) as file:
                file.writelines(f"{line}\n" for line in lines)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
            _sync_directory(self.path.parent)
        except BaseException:
            _forget(temporary)
            raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (OSError, UnicodeError) as error:
            words = getattr(error, "strerror", None) or str(error)
            raise TargetUnavailable(
                f"{self.path}: {words}; the file stays as it was, and is tried again"
            ) from error


def _merged(lines: Iterable[tuple[str, str]], changes: dict[str, str | None]) -> Iterator[str]:
    """The lines with the changes made (None: gone), in order of id."""
    pending = sorted(changes)[::-1]
    for record_id, line in lines:
        while pending and pending[-1] < record_id:
            if (new := changes[pending.pop()]) is not None:
                yield new
        if record_id not in changes:
            yield line
    while pending:
        if (new := changes[pending.pop()]) is not None:
            yield new


def _id_of(line: str) -> str | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    found = record.get("id") if isinstance(record, dict) and line.endswith("\n") else None
    return found if isinstance(found, str) else None


def _private(path: Path) -> TextIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    os.fchmod(descriptor, 0o600)  # also when a killed process left one behind
    return os.fdopen(descriptor, "w", encoding="utf-8")


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forget(temporary: Path) -> None:
    with suppress(OSError):  # the error that brought us here says more
        temporary.unlink(missing_ok=True)
