"""Accesslog records of successful writes (slapo-accesslog(5)). Pure.

The guard only reads which write a record is about (`told`): what was written is what it let pass. The audit reads the
whole operation (`committed`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from um_directory.guard.messages import END, MalformedRequest, Request
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
from um_directory.model.values import value_type

_WRITES = frozenset({"add", "modify", "delete", "modrdn"})
_KINDS: dict[bytes, ModificationKind] = {b"+": "add", b"-": "delete", b"=": "replace", b"#": "increment"}


@value_type
class Told:
    """Which write a notification is about: the connection that asked, its kind, its DN, and the record's reqStart."""

    connection: int
    kind: str
    dn: str
    start: str


# A value with a newline in it comes in base64, so a line that begins so is the record's own, and the first one counts.
_FIELDS = (b"\nreqSession:", b"\nreqType:", b"\nreqDN:", b"\nreqStart:")
_ROOT = b"\nobjectClass: auditContainer\n"


def told(raw: bytes) -> Told | None:
    """Read a notification as slapd sends it; None for the log's own first entry.

    :raises MalformedRequest: not the record of a write: the view can then no longer be trusted.
    """
    if not raw.startswith(b"ADD\n") or not raw.endswith(END):
        raise MalformedRequest("a notification is the addition of a record")
    if _ROOT in raw:
        return None
    session, kind, dn, start = (_field(raw, name) for name in _FIELDS)
    if kind not in _WRITES or not session.isdecimal():
        raise MalformedRequest("not the record of a write")
    return Told(int(session), kind, dn, start)


def _field(raw: bytes, begin: bytes) -> str:
    """The value of the first line that begins so, unfolded."""
    start = raw.find(begin)
    if start < 0:
        raise MalformedRequest(f"a record without {begin[1:-1].decode()}")
    start += len(begin)
    end = raw.find(b"\n", start)
    while raw[end + 1 : end + 2] == b" ":
        end = raw.find(b"\n", end + 1)
    value = raw[start:end].replace(b"\n ", b"")
    if not value.startswith(b":"):
        return value[1:].decode("utf-8", "replace")
    try:
        return base64.b64decode(value[1:].strip(), validate=True).decode("utf-8", "replace")
    except binascii.Error:
        raise MalformedRequest("broken base64") from None


@value_type
class Commit:
    """A write that happened, and the connection that asked for it."""

    connection: int
    operation: Operation
    start: str = ""
    """reqStart of the record: the same in slapd's audit log."""


def committed(request: Request) -> Commit | None:
    """Return the write that the record tells of; None for records of other things than writes.

    :raises MalformedRequest: not an accesslog record: the view can then no longer be trusted.
    """
    if not isinstance(request.operation, Add):
        raise MalformedRequest("a notification is the addition of a record")
    record = {name.lower(): values for name, values in request.operation.attributes.items()}
    if b"auditContainer" in record.get("objectclass", ()):
        return None  # the log's own first entry
    kind = _one(record, "reqtype")
    if kind not in _WRITES:
        return None
    session = _one(record, "reqsession")
    if not session.isdecimal():
        raise MalformedRequest("a record without its connection")
    start = _one(record, "reqstart") if "reqstart" in record else ""
    return Commit(int(session), _operation(kind, record), start)


def _operation(kind: str, record: Attributes) -> Operation:
    dn = _one(record, "reqdn")
    match kind:
        case "add":
            return Add(dn, _attributes(record.get("reqmod", ())))
        case "modify":
            return Modify(dn, tuple(_modifications(record.get("reqmod", ()))))
        case "delete":
            return Delete(dn)
    superior = _one(record, "reqnewsuperior") if "reqnewsuperior" in record else None
    return Rename(dn, _one(record, "reqnewrdn"), new_superior=superior)


def _one(record: Attributes, name: str) -> str:
    values = record.get(name)
    if not values:
        raise MalformedRequest(f"a record without {name}")
    return values[0].decode("utf-8", "replace")


def _attributes(mods: tuple[bytes, ...]) -> Attributes:
    collected: dict[str, list[bytes]] = {}
    for change in _modifications(mods):
        collected.setdefault(change.attribute, []).extend(change.values)
    return {name: tuple(values) for name, values in collected.items()}


def _modifications(mods: tuple[bytes, ...]) -> Iterator[Modification]:
    """Join the values of each modification: `attr:<op> value` a value, a lone `:` where the next one begins."""
    current: tuple[str, ModificationKind] | None = None
    values: list[bytes] = []
    for mod in mods:
        if mod == b":":
            if current is not None:
                yield Modification(current[1], current[0], tuple(values))
            current, values = None, []
            continue
        name, colon, rest = mod.partition(b":")
        kind = _KINDS.get(rest[:1])
        if not colon or kind is None:
            raise MalformedRequest("a reqMod that is no modification")
        key = (name.decode("ascii", "replace"), kind)
        if current is not None and key != current:
            yield Modification(current[1], current[0], tuple(values))
            values = []
        current = key
        if len(rest) > 1:
            values.append(rest[2:])
    if current is not None:
        yield Modification(current[1], current[0], tuple(values))
