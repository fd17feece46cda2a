"""What a real slapd (2.5.13) sent over its sock overlays, byte for byte (tests/unit/recorded)."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "unit" / "recorded"
NAMES = tuple(sorted(path.stem for path in _FOLDER.glob("*.txt")))


def recorded(name: str) -> bytes:
    """One request: `write-…` asks about a write, `commit-…` tells of one."""
    return (_FOLDER / f"{name}.txt").read_bytes()
