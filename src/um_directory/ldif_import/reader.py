"""A streaming LDIF reader (RFC 2849): operations, and mistakes that name their line.

It never stops at a mistake: it goes on after the next empty line. Where real files and the RFC differ:

- Values in raw UTF-8 are taken (RFC: base64 only); raw bytes that are not UTF-8 are a mistake.
- A value by URL (`attr:< file:///…`) is refused: an import must not read the machine's own files.
- Controls are refused: none is known here, and none may be dropped silently.
- A version line may head any record, so that files can be concatenated.
- A last modification without its `-` is taken, as ldapmodify does, unless the file ends in that line.
- Content and change records may be mixed. Two content records with one DN are a mistake.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from um_directory.ldif_import.blocks import CHUNK, Block, Limits, Readable, blocks
from um_directory.ldif_import.lines import Flaw, physical_line, unfolded
from um_directory.ldif_import.names import NameTable
from um_directory.ldif_import.records import Parsed, RecordParser
from um_directory.model.operation import Delete, Operation, Rename


@dataclass(frozen=True, slots=True)
class Record:
    """A record that was read; `line` is that of its `dn:`, `source` its text in the file."""

    line: int
    operation: Operation
    source: bytes = field(default=b"", repr=False, compare=False)

    @property
    def dn(self) -> str:
        """The name of the entry."""
        return self.operation.dn


@dataclass(frozen=True, slots=True)
class Mistake:
    """A record that cannot be read: the line of the fault, the DN where there is one, and why.

    `source` is its text; None where it is too long to be kept. `duplicate` tells a second record with one DN,
    which is readable all the same.
    """

    line: int
    dn: str | None
    reason: str
    source: bytes | None = field(default=None, repr=False, compare=False)
    duplicate: bool = False


Item: TypeAlias = Record | Mistake


def read(stream: Readable, limits: Limits | None = None, chunk: int = CHUNK) -> Iterator[Item]:
    """Read records from a byte stream, in the order of the file.

    Memory: one record (`limits`), `chunk` bytes, and some 15 bytes for each content record (its name's hash
    and line, to recognise duplicates).
    """
    reader = _Reader(limits or Limits())
    empty = True
    for block in blocks(stream, reader.limits, chunk):
        empty = False
        item = reader.item(block)
        if item:
            yield item
    if empty:
        yield Mistake(1, None, "the file is empty", b"")


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._parser = RecordParser(limits)
        self._seen = NameTable()

    def item(self, block: Block) -> Item | None:
        """What a block holds; None where it is only comments."""
        if block.excess:
            dn = self._parser.dn_of(block.text)
            return Mistake(block.excess_line, dn, block.excess + "; skipped to the next empty line")
        try:
            parsed = self._parser.parse(block.text)
            if parsed is not None and block.cut:
                # Half a value looks like a whole one; only the end of its line says that nothing is missing.
                raise Flaw(len(unfolded(block.text)) - 1, "the last line does not end")
        except Flaw as flaw:
            return self._mistake(block, flaw)
        return self._accepted(block, parsed) if parsed else None

    def _mistake(self, block: Block, flaw: Flaw) -> Mistake:
        reason = flaw.reason
        if block.cut and flaw.index == len(unfolded(block.text)) - 1:
            reason += "; the file ends here: is it cut off?"
        line = block.line + physical_line(block.text, flaw.index)
        return Mistake(line, self._parser.dn_of(block.text), reason, block.text)

    def _accepted(self, block: Block, parsed: Parsed) -> Item:
        line, operation = block.line, parsed.operation
        if not block.text.startswith(b"dn"):  # comments or a version line come first
            line += physical_line(block.text, parsed.start)
        if parsed.is_content:
            first = self._seen.enter(operation.dn, line)
            if first is not None:
                reason = f"the same dn as the record at line {first}"
                return Mistake(line, operation.dn, reason, block.text, duplicate=True)
        elif isinstance(operation, Delete | Rename):
            self._seen.remove(operation.dn)  # deleted or renamed, it may come again
        return Record(line, operation, block.text)
