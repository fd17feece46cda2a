"""Secrets of targets: in files of their own, readable by nobody else."""

from __future__ import annotations

from pathlib import Path


def read_token(path: Path) -> str:
    """Read a token: the first line of `path`.

    :raises ValueError: the file cannot be read, is empty, is readable by others, or holds no possible token.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise ValueError(f"{path}: others may read this file; make it mode 0600")
        token = path.read_text("utf-8").partition("\n")[0].strip()
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error
    if not token:
        raise ValueError(f"{path}: is empty")
    if not token.isascii() or not token.isprintable():
        raise ValueError(f"{path}: holds characters that a token cannot have")
    return token
