"""LDAP by hand: requests made byte by byte (RFC 4511, BER), so that anything can be sent, right or wrong."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Text: TypeAlias = str | bytes
Mod: TypeAlias = tuple[str, Text, Sequence[Text]]
Control: TypeAlias = bytes

_KINDS = {"add": 0, "delete": 1, "replace": 2, "increment": 3}
_DISCONNECTED = -1
_EXTENDED_RESPONSE = 0x78
_SEARCH_ENTRY, _SEARCH_REFERENCE = 0x64, 0x73


def raw(text: Text) -> bytes:
    """Bytes as they are, text as UTF-8."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def tlv(tag: int, *contents: bytes) -> bytes:
    """One BER element with a definite length."""
    body = b"".join(contents)
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def integer(number: int, tag: int = 0x02) -> bytes:
    """INTEGER or ENUMERATED."""
    return tlv(tag, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def octets(text: Text, tag: int = 0x04) -> bytes:
    """OCTET STRING, or an implicitly tagged one."""
    return tlv(tag, raw(text))


def boolean(value: bool) -> bytes:
    """BOOLEAN."""
    return tlv(0x01, b"\xff" if value else b"\x00")


def _attribute(name: Text, values: Iterable[Text]) -> bytes:
    return tlv(0x30, octets(name), tlv(0x31, *(octets(value) for value in values)))


def add(dn: Text, attributes: dict[str, Sequence[Text]] | Sequence[tuple[Text, Sequence[Text]]]) -> bytes:
    """AddRequest; a list of pairs may name an attribute twice."""
    pairs = attributes.items() if isinstance(attributes, dict) else attributes
    return tlv(0x68, octets(dn), tlv(0x30, *(_attribute(name, values) for name, values in pairs)))


def modify(dn: Text, *mods: Mod) -> bytes:
    """ModifyRequest of (kind, attribute, values)."""
    changes = (
        tlv(0x30, integer(_KINDS[kind], 0x0A), _attribute(name, values)) for kind, name, values in mods
    )
    return tlv(0x66, octets(dn), tlv(0x30, *changes))


def delete(dn: Text) -> bytes:
    """DelRequest."""
    return octets(dn, 0x4A)


def rename(dn: Text, new_rdn: Text, delete_old: bool = True, superior: Text | None = None) -> bytes:
    """ModifyDNRequest."""
    rest = [octets(superior, 0x80)] if superior is not None else []
    return tlv(0x6C, octets(dn), octets(new_rdn), boolean(delete_old), *rest)


def extended(oid: Text, value: bytes | None = None) -> bytes:
    """ExtendedRequest."""
    rest = [octets(value, 0x81)] if value is not None else []
    return tlv(0x77, octets(oid, 0x80), *rest)


PASSWORD_MODIFY = "1.3.6.1.4.1.4203.1.11.1"


def set_password(identity: Text | None, old: Text | None, new: Text | None) -> bytes:
    """Password Modify (RFC 3062)."""
    fields = ((0x80, identity), (0x81, old), (0x82, new))
    return extended(
        PASSWORD_MODIFY, tlv(0x30, *(octets(text, tag) for tag, text in fields if text is not None))
    )


def bind(dn: Text, password: Text, version: int = 3) -> bytes:
    """BindRequest, simple."""
    return tlv(0x60, integer(version), octets(dn), octets(password, 0x80))


def sasl(mechanism: Text, credentials: Text | None, dn: Text = "") -> bytes:
    """BindRequest, SASL."""
    rest = [octets(credentials)] if credentials is not None else []
    return tlv(0x60, integer(3), octets(dn), tlv(0xA3, octets(mechanism), *rest))


def search(
    base: Text,
    attributes: Sequence[Text] = ("*", "+"),
    filter_: bytes | None = None,
    scope: int = 2,
    dereference: int = 0,
) -> bytes:
    """SearchRequest; the filter is `present(objectClass)` unless given."""
    limits = (integer(0), integer(0), boolean(False))
    wanted = tlv(0x30, *(octets(name) for name in attributes))
    head = (octets(base), integer(scope, 0x0A), integer(dereference, 0x0A))
    return tlv(0x63, *head, *limits, filter_ or present("objectClass"), wanted)


def present(attribute: Text) -> bytes:
    """A filter: the attribute has a value."""
    return octets(attribute, 0x87)


def equals(attribute: Text, value: Text) -> bytes:
    """A filter: the attribute has this value."""
    return tlv(0xA3, octets(attribute), octets(value))


def starts(attribute: Text, value: Text) -> bytes:
    """A filter: a value begins so."""
    return tlv(0xA4, octets(attribute), tlv(0x30, octets(value, 0x80)))


def compare(dn: Text, attribute: Text, value: Text) -> bytes:
    """CompareRequest."""
    return tlv(0x6E, octets(dn), tlv(0x30, octets(attribute), octets(value)))


def control(oid: Text, value: bytes | None = None, critical: bool = True) -> Control:
    """One control (RFC 4511 §4.1.11)."""
    rest = [octets(value)] if value is not None else []
    return tlv(0x30, octets(oid), boolean(critical), *rest)


@dataclass(frozen=True, slots=True)
class Reply:
    """The end of one operation. `raw` is all that came for it, entries and controls included."""

    code: int
    text: bytes = b""
    raw: bytes = b""

    @property
    def done(self) -> bool:
        """Whether the server says that it did it."""
        return self.code == 0


LOST = Reply(_DISCONNECTED, b"", b"")
"""What is said when the server ends the connection instead of answering."""


class Wire:
    """One connection, opened when it is needed and again when the server ended it."""

    def __init__(self, address: int | Path, *greetings: bytes, seconds: float = 20) -> None:
        self._address = address
        self._greetings = greetings
        self._seconds = seconds
        self._socket: socket.socket | None = None
        self._buffer = b""
        self._message = 1

    def open(self) -> None:
        """Connect, bind, and whatever else was given to begin with; all of it must work."""
        if self._socket is not None:
            return
        if isinstance(self._address, int):
            self._socket = socket.create_connection(("127.0.0.1", self._address), self._seconds)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(self._seconds)
            self._socket.connect(str(self._address))
        self._buffer = b""
        for greeting in self._greetings:
            reply = self.ask(greeting)
            assert reply.done, reply

    def ask(self, operation: bytes, *controls: Control, message: int | None = None) -> Reply:
        """Send one operation and wait for its end."""
        return self.talk([(operation, controls)], message)[0]

    def talk(
        self, operations: Sequence[tuple[bytes, Sequence[Control]]], message: int | None = None
    ) -> list[Reply]:
        """Send several at once, then wait for as many ends, whatever their order."""
        self.open()
        assert self._socket is not None
        sent = b""
        for operation, controls in operations:
            self._message += 1
            extra = [tlv(0xA0, *controls)] if controls else []
            sent += tlv(0x30, integer(message or self._message), operation, *extra)
        try:
            self._socket.sendall(sent)
            return [self._end() for _ in operations]
        except (ConnectionError, EOFError):
            self.close()
            return [LOST] * len(operations)

    def _end(self) -> Reply:
        collected = b""
        while True:
            packet = self._packet()
            collected += packet
            (_tag, message, _), (tag, body, _) = list(_elements(next(_elements(packet))[1]))[:2]
            if tag in (_SEARCH_ENTRY, _SEARCH_REFERENCE):
                continue
            if message == b"\x00" and tag == _EXTENDED_RESPONSE:
                raise EOFError  # notice of disconnection (RFC 4511 §4.4.1)
            fields = list(_elements(body))
            return Reply(int.from_bytes(fields[0][1], "big", signed=True), fields[2][1], collected)

    def _packet(self) -> bytes:
        while (size := _whole(self._buffer)) is None:
            assert self._socket is not None
            chunk = self._socket.recv(1 << 16)
            if not chunk:
                raise EOFError
            self._buffer += chunk
        packet, self._buffer = self._buffer[:size], self._buffer[size:]
        return packet

    def send_raw(self, content: bytes) -> None:
        """Send bytes that may be no LDAP at all."""
        self.open()
        assert self._socket is not None
        self._socket.sendall(content)

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _header(content: bytes) -> tuple[int, int, int] | None:
    """(tag, length of head, length of body); None when the head is not whole."""
    if len(content) < 2:
        return None
    first = content[1]
    if first < 0x80:
        return content[0], 2, first
    count = first & 0x7F
    if len(content) < 2 + count:
        return None
    return content[0], 2 + count, int.from_bytes(content[2 : 2 + count], "big")


def _whole(content: bytes) -> int | None:
    head = _header(content)
    if head is None or len(content) < head[1] + head[2]:
        return None
    return head[1] + head[2]


def _elements(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """(tag, body, whole) of each element in turn."""
    while content:
        head = _header(content)
        assert head is not None
        end = head[1] + head[2]
        yield head[0], content[head[1] : end], content[:end]
        content = content[end:]
