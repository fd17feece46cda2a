"""The rejects file: what was rejected and why, to be mended and imported again."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from um_directory.errors import UmError
from um_directory.ldif_import.batch import Rejected
from um_directory.ldif_import.reader import Item, Mistake
from um_directory.ldif_import.writer import to_ldif
from um_directory.log_setup import printable

HEADER = b"""\
# Records that um import rejected, each after its reason. Mend them and import this file.
# What could not be read stands behind "# ": take that away too.
"""


class RejectsFile:
    """An LDIF file that appears under its name when it is whole, readable by its owner only.

    It holds the rejected records as they were, passwords included: without them they could not be imported
    again. What cannot be read as LDIF is commented out.

    :raises UmError: on entry, on `add` and at the end: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = ""
        self._file: BinaryIO

    def __enter__(self) -> Self:
        try:
            if self._path.is_dir():
                raise IsADirectoryError(None, "is a directory")
            descriptor, self._temporary = tempfile.mkstemp(  # mode 0600
                dir=self._path.parent, prefix=f".{self._path.name}."
            )
        except OSError as error:
            raise self._failed(error) from error
        self._file = os.fdopen(descriptor, "wb")
        self._write(HEADER)
        return self

    def add(self, file: str, rejected: Rejected) -> None:
        """Keep one rejected record, after comment lines that say where it was and why it was rejected."""
        # The empty line keeps these comments apart from the record: they do not come back with it.
        self._write(
            f"\n# file: {printable(file)}, line: {rejected.line}, rule: {printable(rejected.rule)}\n"
            f"# reason: {printable(rejected.reason)}\n\n".encode()
        )
        self._write(_text(rejected.item))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the file in place. After a failure too: what it holds then is true, and of use."""
        try:
            with self._file:
                self._file.flush()
                os.fsync(self._file.fileno())
            Path(self._temporary).replace(self._path)
        except OSError as problem:
            raise self._failed(problem) from problem
        finally:
            Path(self._temporary).unlink(missing_ok=True)

    def _write(self, text: bytes) -> None:
        try:
            self._file.write(text)
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> UmError:
        return UmError(f"{self._path}: cannot write the rejects: {error.strerror or error}")


def _text(item: Item) -> bytes:
    if not isinstance(item, Mistake):
        return item.source.rstrip(b"\n") + b"\n" if item.source else to_ldif(item.operation)
    if item.source is None:
        return b"# (too long to be kept here; it is only in the file)\n"
    if item.duplicate:
        return item.source + b"\n"
    return b"".join(b"# " + line + b"\n" for line in item.source.split(b"\n"))
