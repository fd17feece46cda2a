"""What slapd's sock overlay writes and reads (slapd-sock(5)): bytes to requests and answers to bytes. Pure.

    ADD | MODIFY | DELETE | MODRDN | EXTENDED
    msgid: 2
    binddn: uid=jjanssens1,ou=accounts,…      who bound; empty for an anonymous client and for slapd itself
    connid: 1003                              18446744073709551615 for slapd itself
    suffix: dc=um,dc=example
    dn: …                                     then what the operation needs, and an empty line

Values are LDIF (RFC 2849); `dn:` and `newrdn:` come raw. Whatever is not exactly of this form is malformed, and
the guard refuses it: a newline in a name must never become a line of the protocol.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeAlias

from um_directory.log_setup import printable
from um_directory.model.operation import (
    Add,
    Delete,
    Modification,
    ModificationKind,
    Modify,
    Operation,
    Rename,
)
from um_directory.model.values import value_type

END = b"\n\n"
MAX_REQUEST_BYTES = 32 << 20
MAX_LINES = 50_000
"""Of a question: more would keep every other write waiting. slapd takes 4 MiB from a client (sockbuf_max_incoming_auth,
slapd.conf(5)), which is less than 50,000 members; more lines than this come from values too short to name anybody."""
INTERNAL_CONNECTION = (1 << 64) - 1
"""The connid of slapd's own operations (docs/explanation/slapd.md)."""

_HEADER = ("msgid", "binddn", "connid")
_MODIFICATIONS: dict[str, ModificationKind] = {
    "add": "add",
    "delete": "delete",
    "replace": "replace",
    "increment": "increment",
}
_MOST_DIGITS = 20  # 64 bits
_MAX_INFO = 1000


class MalformedRequest(ValueError):
    """Not a request of slapd's sock protocol."""


@value_type
class Extended:
    """An extended operation other overlays will carry out; `value` is its BER request value."""

    oid: str
    value: bytes | None
    dn: str = ""


@value_type
class Request:
    """One operation and who sent it."""

    operation: Operation | Extended
    bind_dn: str
    connection: int
    message: int


Line: TypeAlias = tuple[str, bytes]
_SEPARATOR: Line = ("-", b"")


def parse(raw: bytes, most_lines: int = MAX_LINES) -> Request:
    """Read one request, its closing empty line included.

    :raises MalformedRequest: for anything that is not exactly one.
    """
    head, newline, rest = raw.partition(b"\n")
    reader = _READERS.get(head)
    if reader is None or not newline or not raw.endswith(END):
        raise MalformedRequest("not a request")
    if raw.count(b"\n") > most_lines:
        raise MalformedRequest(f"more than {most_lines} lines")
    lines = _lines(rest[:-1])
    start = len(_HEADER)
    if tuple(name for name, _ in lines[:start]) != _HEADER:
        raise MalformedRequest("expected msgid, binddn and connid")
    (_, message), (_, bind_dn), (_, connection) = lines[:start]
    while start < len(lines) and lines[start][0] == "suffix":
        start += 1  # one for each suffix of the database, none for the frontend
    operation = reader(lines[start:])
    return Request(operation, _text(bind_dn), _number(connection), _number(message))


def _lines(raw: bytes) -> list[Line]:
    """Unfold and split into (name, value); a lone `-` is `_SEPARATOR`."""
    if b"\n " in raw:
        raw = raw.replace(b"\n ", b"")
    lines = []
    for line in raw.split(b"\n")[:-1]:
        name, found, value = line.partition(b": ")
        if found and b":" not in name:
            lines.append((_name(name), value))
        else:
            lines.append(_odd_line(line))
    return lines


def _odd_line(line: bytes) -> Line:
    """A separator, an empty value, one in base64."""
    if line == b"-":
        return _SEPARATOR
    name, colon, value = line.partition(b":")
    if not colon:
        raise MalformedRequest("a line without a name")
    if not value.startswith(b":"):
        if value:
            raise MalformedRequest("a line that is not name and value")
        return _name(name), value
    try:
        return _name(name), base64.b64decode(value[1:].strip(), validate=True)
    except binascii.Error:
        raise MalformedRequest("broken base64") from None


@lru_cache(maxsize=1024)
def _name(raw: bytes) -> str:
    """The same few names come again and again, as one object each."""
    if not raw.isascii():
        raise MalformedRequest("a line without a name")
    return raw.decode("ascii")


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedRequest("not UTF-8") from None


def _number(value: bytes) -> int:
    if not value.isdigit() or len(value) > _MOST_DIGITS:
        raise MalformedRequest("not a number")
    return int(value)


def _take(lines: Sequence[Line], position: int, *names: str) -> bytes:
    """The value of the line at `position`, which must have one of these names."""
    if position >= len(lines) or lines[position][0] not in names:
        raise MalformedRequest(f"expected {' or '.join(names)}")
    return lines[position][1]


def _nothing_after(lines: Sequence[Line], position: int) -> None:
    if len(lines) > position:
        raise MalformedRequest(f"unexpected line {lines[position][0]!r}")


def _read_add(lines: Sequence[Line]) -> Add:
    dn = _text(_take(lines, 0, "dn"))
    collected: dict[str, list[bytes]] = {}
    for name, value in lines[1:]:
        if name == "-":
            raise MalformedRequest("unexpected -")
        collected.setdefault(name, []).append(value)
    return Add(dn, {name: tuple(values) for name, values in collected.items()})


def _read_modify(lines: Sequence[Line]) -> Modify:
    dn = _text(_take(lines, 0, "dn"))
    modifications = []
    position, end = 1, len(lines)
    while position < end:
        name, value = lines[position]
        kind = _MODIFICATIONS.get(name)
        if kind is None:
            raise MalformedRequest("expected a modification")
        attribute = _text(value)
        values = []
        position += 1
        while position < end and lines[position][0] == attribute:
            values.append(lines[position][1])
            position += 1
        if position >= end or lines[position] != _SEPARATOR:
            raise MalformedRequest(f"expected {attribute} or -")
        position += 1
        modifications.append(Modification(kind, attribute, tuple(values)))
    return Modify(dn, tuple(modifications))


def _read_delete(lines: Sequence[Line]) -> Delete:
    _nothing_after(lines, 1)
    return Delete(_text(_take(lines, 0, "dn")))


def _read_rename(lines: Sequence[Line]) -> Rename:
    superior = _text(_take(lines, 3, "newSuperior")) if len(lines) > 3 else None  # noqa: PLR2004
    _nothing_after(lines, 4)
    dn, new_rdn = _text(_take(lines, 0, "dn")), _text(_take(lines, 1, "newrdn"))
    return Rename(dn, new_rdn, _take(lines, 2, "deleteoldrdn") == b"1", superior)


def _read_extended(lines: Sequence[Line]) -> Extended:
    oid = _text(_take(lines, 0, "oid"))
    _nothing_after(lines, 2)
    if len(lines) == 1:
        return Extended(oid, None)
    try:
        return Extended(oid, base64.b64decode(_take(lines, 1, "value"), validate=True))
    except binascii.Error:
        raise MalformedRequest("broken base64") from None


_READERS: dict[bytes, Callable[[Sequence[Line]], Operation | Extended]] = {
    b"ADD": _read_add,
    b"MODIFY": _read_modify,
    b"DELETE": _read_delete,
    b"MODRDN": _read_rename,
    b"EXTENDED": _read_extended,
}

CONTINUE = b"CONTINUE\n"

# The only codes an answer may carry (RFC 4511 Appendix A). 53 is missing on purpose: slapd changes a password
# in spite of it (docs/explanation/slapd.md).
CONSTRAINT_VIOLATION, INSUFFICIENT_ACCESS, UNAVAILABLE = 19, 50, 52
_CODES = frozenset({CONSTRAINT_VIOLATION, INSUFFICIENT_ACCESS, UNAVAILABLE})


def done(info: str) -> bytes:
    """The answer that ends an operation as done, without slapd doing anything: a session was declared.

    The text is the proof: slapd also reports success when a connection to the guard breaks, but then without one.
    """
    return f"RESULT\ncode: 0\ninfo:{printable(info)[:_MAX_INFO]}\n\n".encode()


def refusal(code: int, info: str) -> bytes:
    """The answer that ends an operation with `code` and a text for the client.

    The text becomes one line without control characters: slapd looks for answers anywhere in it.
    """
    if code not in _CODES:
        raise ValueError(f"no answer may carry code {code}")
    line = printable(info)[:_MAX_INFO]
    # No space after "info:": slapd would pass it on, and the text must begin with its rule id.
    return f"RESULT\ncode: {code}\ninfo:{line}\n\n".encode()
