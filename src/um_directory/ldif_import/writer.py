"""Operations as LDIF text (RFC 2849): what `reader` reads back as the same operation."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from um_directory.model.operation import Add, Delete, Modify, Operation, Rename

_WIDTH = 76
_UNSAFE_FIRST = b" :<"  # SAFE-INIT-CHAR has none of these
_UNSAFE = frozenset(b"\0\n\r")


def to_ldif(operation: Operation) -> bytes:
    """One record without an empty line after it, folded at 76; an Add becomes a content record.

    :raises ValueError: for a SetPassword, which LDIF cannot say.

    >>> print(to_ldif(Delete("uid=jjanssens1,dc=um")).decode(), end="")
    dn: uid=jjanssens1,dc=um
    changetype: delete
    """
    lines = [_line("dn", operation.dn.encode()), *_body(operation)]
    return b"\n".join(_folded(line) for line in lines) + b"\n"


def _body(operation: Operation) -> Iterator[bytes]:
    match operation:
        case Add(_, attributes):
            for name, values in attributes.items():
                yield from (_line(name, value) for value in values)
        case Delete():
            yield b"changetype: delete"
        case Modify(_, modifications):
            yield b"changetype: modify"
            for change in modifications:
                yield _line(change.kind, change.attribute.encode())
                yield from (_line(change.attribute, value) for value in change.values)
                yield b"-"
        case Rename(_, new_rdn, delete_old_rdn, new_superior):
            yield b"changetype: modrdn"
            yield _line("newrdn", new_rdn.encode())
            yield b"deleteoldrdn: %d" % delete_old_rdn
            if new_superior is not None:
                yield _line("newsuperior", new_superior.encode())
        case _:
            raise ValueError("a password change has no LDIF form")


def _line(name: str, value: bytes) -> bytes:
    plain = value.isascii() and not _UNSAFE.intersection(value)
    if plain and value[:1] not in tuple(b"%c" % byte for byte in _UNSAFE_FIRST) and value[-1:] != b" ":
        return f"{name}: ".encode() + value
    return f"{name}:: ".encode() + base64.b64encode(value)


def _folded(line: bytes) -> bytes:
    rest = range(_WIDTH, len(line), _WIDTH - 1)
    return b"\n ".join([line[:_WIDTH], *(line[at : at + _WIDTH - 1] for at in rest)])
