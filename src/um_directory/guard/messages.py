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
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from um_directory.log_setup import printable
from um_directory.model.operation import (
    Add,
    Attributes,
    Delete,
    Modification,
    ModificationKind,
    Modify,
    Operation,
    Rename,
)

END = b"\n\n"
MAX_REQUEST_BYTES = 64 << 20
INTERNAL_CONNECTION = (1 << 64) - 1
"""The connid of slapd's own operations (docs/explanation/slapd.md)."""

_HEADS = {b"ADD", b"MODIFY", b"DELETE", b"MODRDN", b"EXTENDED"}
_MODIFICATIONS: dict[str, ModificationKind] = {
    "add": "add",
    "delete": "delete",
    "replace": "replace",
    "increment": "increment",
}
_NUMBER = re.compile(r"[0-9]{1,20}")  # 64 bits
_MAX_INFO = 1000


class MalformedRequest(ValueError):
    """Not a request of slapd's sock protocol."""


@dataclass(frozen=True, slots=True)
class Extended:
    """An extended operation other overlays will carry out; `value` is its BER request value."""

    oid: str
    value: bytes | None
    dn: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One operation and who sent it."""

    operation: Operation | Extended
    bind_dn: str
    connection: int
    message: int


def parse(raw: bytes) -> Request:
    """Read one request, its closing empty line included.

    :raises MalformedRequest: for anything that is not exactly one.
    """
    head, newline, rest = raw.partition(b"\n")
    if head not in _HEADS or not newline or not raw.endswith(END):
        raise MalformedRequest("not a request")
    lines = _lines(rest[:-1])
    fields = {}
    for wanted in ("msgid", "binddn", "connid"):
        fields[wanted] = _expect(lines, wanted)
    line = next(lines, None)
    while (
        line is not None and line[0] == "suffix"
    ):  # one for each suffix of the database, none for the frontend
        line = next(lines, None)
    body = _Body(line, lines)
    operation = _READERS[head](body)
    if body.line is not None:
        raise MalformedRequest(f"unexpected line {body.line[0]!r}")
    return Request(operation, fields["binddn"], _number(fields["connid"]), _number(fields["msgid"]))


class _Body:
    """The lines after the header, one at a time."""

    def __init__(self, line: tuple[str, bytes] | None, lines: Iterator[tuple[str, bytes]]) -> None:
        self.line = line
        self._lines = lines

    def take(self, *names: str) -> bytes:
        """The value of the next line, which must have one of these names."""
        if self.line is None or self.line[0] not in names:
            raise MalformedRequest(f"expected {' or '.join(names)}")
        return self.advance()[1]

    def advance(self) -> tuple[str, bytes]:
        """Any next line."""
        if self.line is None:
            raise MalformedRequest("the request ends early")
        taken, self.line = self.line, next(self._lines, None)
        return taken


def _lines(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Unfold and split into (name, value); a lone `-` is ("-", b"")."""
    for line in raw.replace(b"\n ", b"").split(b"\n")[:-1]:
        if line == b"-":
            yield "-", b""
            continue
        name, colon, value = line.partition(b":")
        if not colon or not name.isascii():
            raise MalformedRequest("a line without a name")
        if value.startswith(b":"):
            try:
                value = base64.b64decode(value[1:].strip(), validate=True)
            except binascii.Error:
                raise MalformedRequest("broken base64") from None
        elif value.startswith(b" "):
            value = value[1:]
        elif value:
            raise MalformedRequest("a line that is not name and value")
        yield name.decode("ascii"), value


def _expect(lines: Iterator[tuple[str, bytes]], wanted: str) -> str:
    name, value = next(lines, ("", b""))
    if name != wanted:
        raise MalformedRequest(f"expected {wanted}")
    return _text(value)


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedRequest("not UTF-8") from None


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise MalformedRequest("not a number")
    return int(text)


def _attributes(body: _Body) -> Attributes:
    collected: dict[str, list[bytes]] = {}
    while body.line is not None:
        name, value = body.advance()
        if name == "-":
            raise MalformedRequest("unexpected -")
        collected.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in collected.items()}


def _read_add(body: _Body) -> Add:
    return Add(_text(body.take("dn")), _attributes(body))


def _read_modify(body: _Body) -> Modify:
    dn = _text(body.take("dn"))
    modifications = []
    while body.line is not None:
        name, value = body.advance()
        if name not in _MODIFICATIONS:
            raise MalformedRequest("expected a modification")
        attribute = _text(value)
        values = []
        while body.line is not None and body.line[0] != "-":
            values.append(body.take(attribute))
        body.take("-")
        modifications.append(Modification(_MODIFICATIONS[name], attribute, tuple(values)))
    return Modify(dn, tuple(modifications))


def _read_delete(body: _Body) -> Delete:
    return Delete(_text(body.take("dn")))


def _read_rename(body: _Body) -> Rename:
    dn = _text(body.take("dn"))
    new_rdn = _text(body.take("newrdn"))
    delete_old = body.take("deleteoldrdn") == b"1"
    superior = _text(body.take("newSuperior")) if body.line is not None else None
    return Rename(dn, new_rdn, delete_old, superior)


def _read_extended(body: _Body) -> Extended:
    oid = _text(body.take("oid"))
    encoded = body.take("value") if body.line is not None else None
    if encoded is None:
        return Extended(oid, None)
    try:
        return Extended(oid, base64.b64decode(encoded, validate=True))
    except binascii.Error:
        raise MalformedRequest("broken base64") from None


_READERS: dict[bytes, Callable[[_Body], Operation | Extended]] = {
    b"ADD": _read_add,
    b"MODIFY": _read_modify,
    b"DELETE": _read_delete,
    b"MODRDN": _read_rename,
    b"EXTENDED": _read_extended,
}

CONTINUE = b"CONTINUE\n"
DONE = b"RESULT\ncode: 0\n\n"
"""The answer to a commit notification: nothing more to do."""

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
