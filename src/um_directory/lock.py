"""One process at a time: one guard on a state directory, one delivery to an application."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from um_directory.errors import StateDirectoryError, UmError

_POLL_SECONDS = 0.05


class Busy(UmError):
    """Somebody else is at work on it."""


@contextmanager
def exclusive(run_dir: Path, name: str, patience: float = 0.0) -> Iterator[None]:
    """Hold the lock `name`; the system lets go of it when the process ends, however it ends.

    :raises Busy: another held it for all of `patience` seconds.
    :raises StateDirectoryError: the lock file cannot be made.
    """
    path = run_dir / f"{name}.lock"
    try:
        run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StateDirectoryError(f"{path}: cannot be made: {error.strerror}") from error
    try:
        _take(descriptor, path, time.monotonic() + patience)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise Busy(f"{path} is held by another process at work") from None
            time.sleep(_POLL_SECONDS)
        else:
            return
