"""An LDIF stream cut into blocks at its empty lines, in bounded memory.

A block is one record's text (or only comments): its lines, with LF ends and still folded. What is longer
than the limits is skipped while it is read, up to the next empty line, and yielded as a block with `excess`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

_MIB = 1024 * 1024
_BOM = b"\xef\xbb\xbf"
CHUNK = 256 * 1024
_HEAD = 64 * 1024


class Readable(Protocol):
    """A byte stream. It may return less than asked for; `b""` is its end."""

    def read(self, size: int, /) -> bytes:
        """Read up to `size` bytes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds, in bytes (`lines`: a count). They bound the memory that one record can take."""

    value: int = _MIB
    record: int = 64 * _MIB
    lines: int = 1_000_000

    @property
    def line(self) -> int:
        """Longest text of one unfolded line: a value at its limit in base64 (4/3), folded, with its name."""
        return 2 * self.value + 4096

    def excess(self, text: bytes) -> str:
        """Why `text` is too much for one record; empty when it is not."""
        if len(text) > self.record:
            return f"the record is longer than {self.record} bytes"
        if text.count(b"\n") >= self.lines:
            return f"the record has more than {self.lines} lines"
        return ""


@dataclass(slots=True)
class Block:
    """The text of one record. `line` is the number of its first line in the file, from 1."""

    line: int
    text: bytes
    cut: bool = False  # the file ends in it, without a line end
    excess: str = ""  # why it was skipped; `text` is then only its beginning
    excess_line: int = 0


def blocks(stream: Readable, limits: Limits, chunk: int = CHUNK) -> Iterator[Block]:
    """Cut `stream` into blocks. What `stream.read` raises passes through."""
    source = _LineEnds(stream)
    rest, line, more = b"", 1, True
    while more:
        fresh = _read_on(source, len(rest), chunk)
        more = bool(fresh)
        pieces = (rest + fresh).split(b"\n\n")
        if more:
            rest = pieces.pop()
        for left, piece in zip(range(len(pieces) - 1, -1, -1), pieces, strict=True):
            yield from _block(piece, line, limits, last=not (more or left))
            line += piece.count(b"\n") + 2
        skipped = _too_long(rest, line, limits) if more else None
        if skipped:
            yield skipped
            rest, passed = _skip(source, rest, chunk)
            line += passed


def _read_on(source: _LineEnds, held: int, chunk: int) -> bytes:
    """Read as much again as is held of an unfinished block, which keeps the work linear in its size.

    A short block is not waited for like that: the stream may be a pipe that somebody types into.
    """
    parts: list[bytes] = []
    wanted = held if held > chunk else 1
    while wanted > 0 and (part := source.read(max(chunk, held))):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)


def _block(piece: bytes, line: int, limits: Limits, last: bool) -> Iterator[Block]:
    text = piece.removeprefix(_BOM) if line == 1 else piece
    if text.startswith(b"\n"):  # of an odd number of empty lines
        text, line = text[1:], line + 1
    cut = last and not text.endswith(b"\n")
    text = text.removesuffix(b"\n")
    excess = limits.excess(text)
    if excess:
        yield Block(line, text[:_HEAD], excess=excess, excess_line=line)
    elif text:
        yield Block(line, text, cut)


def _too_long(text: bytes, line: int, limits: Limits) -> Block | None:
    """Judge the beginning of a block whose end has not been read yet."""
    start = _last_line_start(text)
    if len(text) - start > limits.line:
        reason, at = f"the value is longer than {limits.value} bytes", line + text.count(b"\n", 0, start)
    else:
        reason, at = limits.excess(text), line
    if not reason:
        return None
    head = text[:_HEAD].removeprefix(_BOM) if line == 1 else text[:_HEAD]
    return Block(line, head, excess=reason, excess_line=at)


def _last_line_start(text: bytes) -> int:
    """Where the last unfolded line begins. A line end at the very end is passed: a fold may follow."""
    at = max(len(text) - 1, 0)
    while (at := text.rfind(b"\n", 0, at)) >= 0:
        if text[at + 1 : at + 2] != b" ":
            return at + 1
    return 0


def _skip(source: _LineEnds, text: bytes, chunk: int) -> tuple[bytes, int]:
    """Read past the next empty line; return what follows it in hand, and the line ends passed."""
    passed = 0
    while (at := text.find(b"\n\n")) < 0:
        passed += text.count(b"\n", 0, len(text) - 1)
        fresh = source.read(chunk)
        if not fresh:
            return b"", passed
        text = text[-1:] + fresh
    return text[at + 2 :], passed + text.count(b"\n", 0, at + 2)


class _LineEnds:
    """A stream with CR LF read as LF."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._held = b""

    def read(self, size: int) -> bytes:
        while True:
            fresh = self._stream.read(size)
            text, self._held = self._held + fresh, b""
            if fresh and text.endswith(b"\r"):  # its LF may come with the next bytes
                text, self._held = text[:-1], b"\r"
            if text or not fresh:
                return text.replace(b"\r\n", b"\n") if b"\r" in text else text
