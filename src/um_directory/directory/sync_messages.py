"""LDAP messages of a content synchronisation, from bytes (RFC 4511 §4.1, RFC 4533 §2). Pure.

A small reader of just these shapes: a refresh of a large directory spends its time here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from um_directory.model.operation import Attributes

SYNC_REQUEST = "1.3.6.1.4.1.4203.1.9.1.1"
_SYNC_STATE = b"1.3.6.1.4.1.4203.1.9.1.2"
_SYNC_INFO = b"1.3.6.1.4.1.4203.1.9.1.4"

_SEARCH_ENTRY, _SEARCH_DONE, _INTERMEDIATE, _CONTROLS = 0x64, 0x65, 0x79, 0xA0
_STATE_DELETE = 3  # syncStateValue: present 0, add 1, modify 2, delete 3
_NEW_COOKIE, _REFRESH_DELETE, _REFRESH_PRESENT, _ID_SET = 0x80, 0xA1, 0xA2, 0xA3
_BOOLEAN, _SET = 0x01, 0x31

Element: TypeAlias = tuple[int, bytes]
"""A BER element: its tag, its contents."""


@dataclass(frozen=True, slots=True)
class Present:
    """The entry with this entryUUID (16 bytes) is there now, with these values of the asked attributes."""

    dn: str
    uuid: bytes
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Deleted:
    """The entry with this entryUUID is gone, or no longer matches."""

    uuid: bytes


@dataclass(frozen=True, slots=True)
class RefreshDone:
    """All that matches has been reported; what follows are changes."""


class SearchEnded(Exception):
    """The server ended the search (RFC 4511 §4.5.2) with this result code and diagnostic message."""

    def __init__(self, code: int, diagnostic: str) -> None:
        super().__init__(f"result {code}: {diagnostic}")
        self.code = code
        self.diagnostic = diagnostic


def messages(data: bytes) -> Iterator[tuple[int, Element, list[Element], int]]:
    """Yield (message id, operation, controls, where it ends) of each complete LDAPMessage in `data`."""
    position = 0
    while (span := _span(data, position)) is not None:
        start, position = span
        (_tag, number), operation, *rest = _elements(data[start:position])
        controls = [part for tag, value in rest if tag == _CONTROLS for part in _elements(value)]
        yield int.from_bytes(number), operation, controls, position


def decode(operation: Element, controls: list[Element]) -> list[Present | Deleted | RefreshDone]:
    """Say what one message reports.

    :raises SearchEnded: it is the end of the search.
    :raises ValueError: it is none of the messages that RFC 4533 §3.3 lets follow a request without cookie.
    """
    tag, value = operation
    if tag == _SEARCH_ENTRY:
        return [_entry(value, controls)]
    if tag == _INTERMEDIATE:
        return _information(dict(_elements(value)))
    if tag == _SEARCH_DONE:
        code, _matched, diagnostic, *_referral = _elements(value)
        raise SearchEnded(int.from_bytes(code[1]), diagnostic[1].decode("utf-8", "replace"))
    return []  # a reference: there is nothing of ours on other servers


def _entry(value: bytes, controls: list[Element]) -> Present | Deleted:
    (_tag, dn), (_tag, attributes) = _elements(value)
    state, uuid = _state(controls)
    if state == _STATE_DELETE:
        return Deleted(uuid)
    found = {}
    for _tag, attribute in _elements(attributes):
        (_tag, name), (_tag, values) = _elements(attribute)
        found[name.decode()] = tuple(item for _tag, item in _elements(values))
    return Present(dn.decode(), uuid, found)


def _state(controls: list[Element]) -> tuple[int, bytes]:
    for _tag, control in controls:
        name, *rest = (value for _tag, value in _elements(control))
        if name == _SYNC_STATE:
            (_tag, sequence), *_ = _elements(rest[-1])
            (_tag, state), (_tag, uuid), *_cookie = _elements(sequence)
            return int.from_bytes(state), uuid
    raise ValueError("an entry without a sync state")


def _information(fields: dict[int, bytes]) -> list[Present | Deleted | RefreshDone]:
    if fields.get(0x80) != _SYNC_INFO:
        return []
    (tag, value), *_ = _elements(fields[0x81])
    parts = _elements(value) if tag != _NEW_COOKIE else []
    flags = [bool(int.from_bytes(content)) for kind, content in parts if kind == _BOOLEAN]
    if tag in (_REFRESH_DELETE, _REFRESH_PRESENT):
        return [RefreshDone()] if all(flags) else []  # refreshDone DEFAULT TRUE
    if tag == _ID_SET:
        if not any(flags):  # refreshDeletes DEFAULT FALSE
            raise ValueError("unchanged entries, though nothing was said to be known")
        ids = next(content for kind, content in parts if kind == _SET)
        return [Deleted(uuid) for _tag, uuid in _elements(ids)]
    return []


def _elements(data: bytes) -> list[Element]:
    found = []
    position = 0
    while position < len(data):
        span = _span(data, position)
        if span is None:
            raise ValueError("an element is cut short")
        start, end = span
        found.append((data[position], data[start:end]))
        position = end
    return found


def _span(data: bytes, position: int) -> tuple[int, int] | None:
    """Where the contents of the element at `position` start and end; None when it is not all there."""
    if position + 2 > len(data):
        return None
    length = data[position + 1]
    start = position + 2
    if length & 0x80:
        octets = length & 0x7F
        length = int.from_bytes(data[start : start + octets])
        start += octets
    end = start + length
    return (start, end) if end <= len(data) else None
