"""The LDIF reader of `um import`, against cutting the same bytes at empty lines."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from bench.figures import Figure, Rounds, ratio
from bench.sizes import ROUNDS
from um_directory.ldif_import.reader import read


def figures(ldif: Path) -> list[Figure]:
    """MB a second."""
    size = ldif.stat().st_size / 1e6
    ours, split = [], []
    for _ in range(ROUNDS):
        ours.append(size / _timed(lambda: _read_through(ldif)))
        split.append(size / _timed(lambda: len(ldif.read_bytes().split(b"\n\n"))))
    return [ratio("LDIF reader", Rounds(ours), Rounds(split), "MB/s", "bytes.split at empty lines")]


def _read_through(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(1 for _ in read(stream))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
