"""Our own LDIF files cut into records, for tests: no folding, one blank line between records."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from um_directory.model.operation import Add

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "ldif" / "samples"
LEGACY = SAMPLES / "60-legacy-administrators.ldif"
GOOD_SAMPLES = tuple(
    sorted(path.name for path in SAMPLES.glob("*.ldif") if not path.name.startswith(("60-", "90-")))
)


@dataclass(frozen=True)
class Block:
    """One record as it stands in the file, and the reason why it is expected to be refused, if any."""

    text: bytes
    mistake: str | None

    @property
    def is_change(self) -> bool:
        """Whether it is a change record."""
        return b"\nchangetype:" in self.text


def blocks(path: Path) -> list[Block]:
    """The records of a file; comment-only paragraphs are left out."""
    found = []
    for text in path.read_bytes().strip(b"\n").split(b"\n\n"):
        if any(line and not line.startswith(b"#") for line in text.split(b"\n")):
            tag = re.search(rb"^# MISTAKE (\w+):", text, re.MULTILINE)
            found.append(Block(text, tag[1].decode() if tag else None))
    return found


def read(text: bytes) -> Add:
    """A right content record as an operation."""
    dn = ""
    attributes: dict[str, tuple[bytes, ...]] = {}
    for line in text.split(b"\n"):
        if not line or line.startswith(b"#"):
            continue
        name, _, rest = line.partition(b":")
        value = base64.b64decode(rest[1:]) if rest.startswith(b":") else rest.lstrip(b" ")
        if name == b"dn":
            dn = value.decode()
        else:
            attributes[name.decode()] = (*attributes.get(name.decode(), ()), value)
    return Add(dn, attributes)


def records(path: Path) -> list[Add]:
    """All records of a file without mistakes."""
    return [read(block.text) for block in blocks(path)]
