"""Records as LDIF (RFC 2849).

Lines are not folded, so that a suffix can be replaced in the text. There is no version line: slapadd does not
take one.
"""

from __future__ import annotations

import base64

from um_directory.model.operation import Add

_BAD_FIRST = frozenset(b" :<")  # SAFE-INIT-CHAR: none of these
_SPACE = 0x20


def to_ldif(add: Add) -> bytes:
    """One record with the blank line after it.

    >>> print(to_ldif(Add("o=um", {"o": (b"um",), "l": (b"Li\\xc3\\xa8ge",)})).decode(), end="")
    dn: o=um
    o: um
    l:: TGnDqGdl
    <BLANKLINE>
    """
    lines = _lines(add)
    record = "\n".join(lines)
    if record.count("\n") >= len(lines) or "\r" in record or "\0" in record:
        # Rare enough to be looked for in the whole record, which is much faster than in each value.
        record = "\n".join(_lines(add, all_encoded=True))
    return record.encode() + b"\n\n"


def _lines(add: Add, *, all_encoded: bool = False) -> list[str]:
    lines = [f"dn: {add.dn}" if add.dn.isascii() and not all_encoded else _encoded("dn", add.dn.encode())]
    for name, values in add.attributes.items():
        for value in values:
            if all_encoded or not value.isascii() or (value and not _safe_ends(value)):
                lines.append(_encoded(name, value))
            else:
                lines.append(f"{name}: {value.decode()}")
    return lines


def _safe_ends(value: bytes) -> bool:
    return value[0] not in _BAD_FIRST and value[-1] != _SPACE


def _encoded(name: str, value: bytes) -> str:
    return f"{name}:: {base64.b64encode(value).decode()}"
