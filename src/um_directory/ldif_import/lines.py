"""The lines of a record's text: unfolding, positions, and what may stand in them (RFC 2849)."""

from __future__ import annotations

import re

ATTRIBUTE = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)(?:;[A-Za-z0-9-]+)*")
"""An attribute description (RFC 4512 §2.5)."""

# Possessive throughout: no input makes it go back.
_TYPE = r" *+(?:[A-Za-z][A-Za-z0-9-]*+|\d++(?:\.\d++)*+) *+"
_VALUE = r"(?:[^\\\",;+<>\0]++|\\(?:[ \"#+,;<=>\\]|[0-9A-Fa-f]{2}))*+"
_DN = re.compile(f"{_TYPE}={_VALUE}(?:[,+]{_TYPE}={_VALUE})*+")


class Flaw(Exception):
    """Why a record cannot be read. `index` counts its unfolded lines from 0, comments not counted."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


def unfolded(text: bytes) -> list[bytes]:
    """The lines of a record without folds and comments. A folded comment is a comment to its end."""
    lines = (text.replace(b"\n ", b"") if b"\n " in text else text).split(b"\n")
    if text.startswith(b"#") or b"\n#" in text:
        return [line for line in lines if not line.startswith(b"#")]
    return lines


def physical_line(text: bytes, index: int) -> int:
    """How many lines of `text` precede its unfolded line number `index` (comments not counted)."""
    seen = -1
    for offset, line in enumerate(text.split(b"\n")):
        first = line[:1]
        seen += first not in (b" ", b"#") or (first == b" " and offset == 0)
        if seen == index:
            return offset
    return 0


def name_of(line: bytes) -> bytes:
    return line.partition(b":")[0].lower()


def is_dn(text: str) -> bool:
    """Whether `text` can be a distinguished name (RFC 4514 §3, and spaces around separators)."""
    return _DN.fullmatch(text) is not None


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def check_characters(text: bytes, lines: list[bytes]) -> None:
    """Name the line with a character that no LDIF text may have. Comments may have anything."""
    if b"\0" not in text and b"\r" not in text and _is_utf8(text):
        return
    for at, line in enumerate(lines):
        if line.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise Flaw(at, "this is UTF-16; LDIF is UTF-8")
        for character, name in ((b"\0", "a NUL byte"), (b"\r", "a carriage return without line feed")):
            if character in line:
                raise Flaw(at, f"{name} (a value with one must be in base64)")
        if not _is_utf8(line):
            raise Flaw(at, "not UTF-8 (a binary value must be in base64)")


def shown(name: bytes) -> str:
    """An attribute's name for a reason, if that is what it is."""
    text = name.decode("ascii", "replace")
    return text if ATTRIBUTE.fullmatch(text) else "a line"
