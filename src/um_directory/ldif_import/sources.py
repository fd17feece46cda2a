"""The files of an import, and standard input, as byte streams that fail with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from um_directory.errors import UmError

STANDARD_INPUT = "-"


class Source:
    """An open file. `on_read` is told how many bytes each read brought."""

    def __init__(self, name: str, stream: FileIO, on_read: Callable[[int], None]) -> None:
        self.name = name
        self._stream = stream
        self._on_read = on_read

    def read(self, size: int, /) -> bytes:
        """Read up to `size` bytes.

        :raises UmError: the file cannot be read on.
        """
        try:
            # None: a standard input that somebody made non-blocking, with nothing in it yet.
            data: bytes | None = self._stream.read(size)
        except OSError as error:
            raise _unreadable(self.name, error) from error
        if data is None:
            raise UmError(f"{self.name}: cannot be read: it is in non-blocking mode")
        self._on_read(len(data))
        return data


@contextmanager
def open_source(path: Path, on_read: Callable[[int], None] = lambda _size: None) -> Iterator[Source]:
    """Open a file, or standard input for `-`.

    :raises UmError: it cannot be opened.
    """
    name = display_name(path)
    standard = str(path) == STANDARD_INPUT
    try:
        stream = FileIO(0, closefd=False) if standard else FileIO(str(path))
    except OSError as error:
        raise _unreadable(name, error) from error
    with stream:
        yield Source(name, stream, on_read)


def check(paths: Iterable[Path]) -> int | None:
    """See that every file can be opened, before anything is done; return their bytes together, if known.

    :raises UmError: one cannot.
    """
    total, known = 0, True
    for path in paths:
        try:
            if str(path) == STANDARD_INPUT or path.is_fifo():  # to open a pipe is to take what is in it
                known = False
                continue
            total += path.stat().st_size
        except OSError as error:
            raise _unreadable(display_name(path), error) from error
        with open_source(path):
            pass
    return total if known else None


def display_name(path: Path) -> str:
    """How messages call a file."""
    return "standard input" if str(path) == STANDARD_INPUT else str(path)


def _unreadable(name: str, error: OSError) -> UmError:
    return UmError(f"{name}: cannot be read: {error.strerror or error}")
