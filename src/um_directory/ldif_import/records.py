"""One record's text read into the operation it asks for (RFC 2849). Pure.

Nothing of a line that is not understood is shown in a reason: it may be a piece of a password.
"""

from __future__ import annotations

import binascii
import re
from typing import NamedTuple, NoReturn

from um_directory.ldif_import.blocks import Limits
from um_directory.ldif_import.lines import ATTRIBUTE, Flaw, check_characters, is_dn, name_of, shown, unfolded
from um_directory.model.operation import (
    Add,
    Delete,
    Modification,
    ModificationKind,
    Modify,
    Operation,
    Rename,
)

_KINDS: dict[bytes, ModificationKind] = {
    b"add": "add",
    b"delete": "delete",
    b"replace": "replace",
    b"increment": "increment",
}
_RENAME_LINES = ("newrdn", "deleteoldrdn", "newsuperior")
_RESERVED = {
    "dn": "a second dn: in one record; is an empty line missing before it?",
    "changetype": "changetype: must come right after dn:",
    "control": "control: must come between dn: and changetype:",
}
_KNOWN_NAMES_LIMIT = 4096


class Parsed(NamedTuple):
    """`start` is the index of the `dn:` line; `is_content` tells a record without changetype."""

    start: int
    operation: Operation
    is_content: bool


class RecordParser:
    """Reads records; keeps the attribute names that it has checked.

    An attribute that is spelled in several ways (`cn`, `CN`) is one attribute: its first spelling in the
    file stands for all.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._names: dict[bytes, str] = {}
        self._spellings: dict[str, str] = {}

    def parse(self, text: bytes) -> Parsed | None:
        """Read one record; None where there is none but comments or a version line.

        :raises Flaw: what is wrong, and in which line.
        """
        lines = unfolded(text)
        if not text.isascii() or b"\0" in text or b"\r" in text:
            check_characters(text, lines)
        start = _after_version(lines)
        if start == len(lines):
            return None
        dn = self._dn(lines, start)
        at = start + 1
        if at == len(lines):
            raise Flaw(start, "the record has a dn and nothing else")
        name = name_of(lines[at])
        if name == b"control":
            _refuse_control(at, self._text(lines, at))
        if name != b"changetype":
            return Parsed(start, Add(dn, self._attributes(lines, at, text)), is_content=True)
        return Parsed(start, self._change(dn, lines, at, text), is_content=False)

    def dn_of(self, text: bytes) -> str | None:
        """The DN of a record that cannot be read otherwise, if it has one."""
        lines = unfolded(text)
        try:
            return self._dn(lines, _after_version(lines))
        except (Flaw, IndexError):
            return None

    def _dn(self, lines: list[bytes], at: int) -> str:
        if name_of(lines[at]) != b"dn":
            raise Flaw(at, "no dn: a record must start with dn:")
        dn = self._text(lines, at)
        if not dn:
            raise Flaw(at, "the dn is empty")
        if not is_dn(dn):
            raise Flaw(at, "the dn is not a distinguished name")
        return dn

    def _value(self, lines: list[bytes], at: int) -> bytes:
        name, colon, rest = lines[at].partition(b":")
        if not colon:
            raise Flaw(at, "a line without a colon")
        match rest[:1]:
            case b":":
                try:
                    value = binascii.a2b_base64(rest[1:].strip(b" "), strict_mode=True)
                except binascii.Error as error:
                    raise Flaw(at, f"the value of {shown(name)} is not base64: {_lowered(error)}") from None
            case b"<":
                raise Flaw(at, f"the value of {shown(name)} is given by URL, which is not read; use base64")
            case _:
                value = rest.lstrip(b" ")
        if len(value) > self._limits.value:
            raise Flaw(at, f"the value is longer than {self._limits.value} bytes")
        return value

    def _text(self, lines: list[bytes], at: int) -> str:
        """The value as text."""
        value = self._value(lines, at)
        try:
            text = value.decode()
        except UnicodeDecodeError:
            raise Flaw(at, f"the value of {shown(name_of(lines[at]))} is not UTF-8") from None
        if "\0" in text:
            raise Flaw(at, f"the value of {shown(name_of(lines[at]))} has a NUL in it")
        return text

    def _attributes(self, lines: list[bytes], at: int, text: bytes) -> dict[str, tuple[bytes, ...]]:
        """The attributes of a whole entry."""
        found: dict[str, tuple[bytes, ...]] = {}
        more: dict[str, list[bytes]] = {}  # values after the first: a tuple cannot grow cheaply
        spelling_of = self._names.get
        careful = len(text) > self._limits.value or b":  " in text
        for index, line in enumerate(lines[at:], at):
            # Nearly every line has a name seen before, then ": " and the value as it is.
            name, _colon, value = line.partition(b": ")
            spelling = spelling_of(name)
            if spelling is None or careful or not value:
                spelling, value = self._named_value(lines, index)
            if spelling not in found:
                found[spelling] = (value,)
            elif spelling in more:
                more[spelling].append(value)
            else:
                more[spelling] = [value]
        for spelling, values in more.items():
            found[spelling] += tuple(values)
        return found

    def _named_value(self, lines: list[bytes], at: int) -> tuple[str, bytes]:
        value = self._value(lines, at)
        return self._attribute(lines[at].partition(b":")[0], at), value

    def _attribute(self, name: bytes, at: int) -> str:
        """Check an attribute description (RFC 4512 §2.5)."""
        known = self._names.get(name)
        if known:
            return known
        spelling = name.decode("ascii", "replace")
        lowered = spelling.lower()
        if lowered in _RESERVED:
            raise Flaw(at, _RESERVED[lowered])
        if not ATTRIBUTE.fullmatch(spelling):
            raise Flaw(at, "what stands before the colon is not an attribute name")
        if len(self._names) < _KNOWN_NAMES_LIMIT:
            self._names[name] = self._spellings.setdefault(lowered, spelling)
        return self._spellings.get(lowered, spelling)

    # --- change records ---

    def _change(self, dn: str, lines: list[bytes], at: int, text: bytes) -> Operation:
        kind, rest = self._text(lines, at).lower(), at + 1
        match kind:
            case "add":
                if rest == len(lines):
                    raise Flaw(at, "an entry to add without attributes")
                return Add(dn, self._attributes(lines, rest, text))
            case "delete":
                if rest < len(lines):
                    raise Flaw(rest, "nothing may follow changetype: delete")
                return Delete(dn)
            case "modrdn" | "moddn":
                return self._rename(dn, lines, rest)
            case "modify":
                return Modify(dn, self._modifications(lines, rest))
        raise Flaw(at, f"unknown changetype {kind[:20]!r}; known are add, delete, modify, modrdn and moddn")

    def _rename(self, dn: str, lines: list[bytes], at: int) -> Rename:
        given = {}
        for index, expected in enumerate(_RENAME_LINES[: len(lines) - at], at):
            if name_of(lines[index]) != expected.encode():
                raise Flaw(index, f"expected {expected}: here")
            given[expected] = self._text(lines, index)
            if not given[expected]:
                raise Flaw(index, f"{expected} is empty")
            if expected != "deleteoldrdn" and not is_dn(given[expected]):
                raise Flaw(index, f"{expected} is not a distinguished name")
        if "deleteoldrdn" not in given:
            raise Flaw(len(lines) - 1, "a new name needs newrdn: and deleteoldrdn:")
        if given["deleteoldrdn"] not in ("0", "1"):
            raise Flaw(at + 1, "deleteoldrdn is neither 0 nor 1")
        if len(lines) > at + len(given):
            raise Flaw(at + len(given), "nothing may follow newsuperior:")
        return Rename(dn, given["newrdn"], given["deleteoldrdn"] == "1", given.get("newsuperior"))

    def _modifications(self, lines: list[bytes], at: int) -> tuple[Modification, ...]:
        if at == len(lines):
            raise Flaw(at - 1, "no modification")
        # ldapmodify takes a last modification without its "-"; so do we.
        if lines[-1] != b"-":
            lines = [*lines, b"-"]
        changes = []
        while at < len(lines):
            end = lines.index(b"-", at)
            changes.append(self._modification(lines, at, end))
            at = end + 1
        return tuple(changes)

    def _modification(self, lines: list[bytes], at: int, end: int) -> Modification:
        kind = _KINDS.get(name_of(lines[at]))
        if kind is None:
            raise Flaw(at, "expected add:, delete:, replace: or increment: here")
        attribute = self._attribute(self._text(lines, at).encode(), at)
        values = []
        for index in range(at + 1, end):
            spelling, value = self._named_value(lines, index)
            if spelling.lower() != attribute.lower():
                raise Flaw(index, f'not a value of {attribute}; is a line "-" missing before it?')
            values.append(value)
        if not values and kind in ("add", "increment"):
            raise Flaw(at, f"{kind}: {attribute} without a value")
        return Modification(kind, attribute, tuple(values))


def _after_version(lines: list[bytes]) -> int:
    # Any record may start with the version line, so that concatenated files can be read.
    if not lines or name_of(lines[0]) != b"version":
        return 0
    if lines[0].partition(b":")[2].strip(b" ") != b"1":
        raise Flaw(0, "only version 1 of LDIF is known")
    return 1


def _refuse_control(at: int, text: str) -> NoReturn:
    oid, _, rest = text.partition(" ")
    known = oid if re.fullmatch(r"[\d.]{1,100}", oid) else "without an OID"
    critical = "critical " if rest.lower().startswith("true") else ""
    raise Flaw(at, f"the {critical}control {known} is not supported")


def _lowered(error: Exception) -> str:
    text = str(error)
    return text[:1].lower() + text[1:]
