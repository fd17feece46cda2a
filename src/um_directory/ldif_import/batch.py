"""Records through the door, one after the other: what became of each."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from um_directory.errors import DirectoryUnavailable, OperationRefused, UmError
from um_directory.ldif_import.lines import physical_line, unfolded
from um_directory.ldif_import.reader import Item, Mistake, Record
from um_directory.model.operation import Add, Delete, Modify, Operation, Rename, base_name

FORMAT, SCHEMA, EXISTS = "format", "schema", "exists"
"""What stands for a rule where none of the guard's refused: the text is no LDIF, the directory's schema says no,
the entry is there already. Any other refusal goes by its LDAP result's name."""

_NAMED_CODES = {  # RFC 4511 Appendix A
    17: SCHEMA,  # undefinedAttributeType
    21: SCHEMA,  # invalidAttributeSyntax
    34: FORMAT,  # invalidDNSyntax
    64: SCHEMA,  # namingViolation
    65: SCHEMA,  # objectClassViolation
    68: EXISTS,  # entryAlreadyExists
}

_MODIFIES = frozenset({b"add", b"delete", b"replace", b"increment"})
_KINDS: dict[type[Operation], str] = {Add: "add", Modify: "modify", Delete: "delete", Rename: "rename"}


@dataclass(frozen=True, slots=True)
class Accepted:
    """A record that was carried out."""

    line: int
    dn: str
    kind: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that was not. `rule` is a rule's id, `format`, `schema`, `exists` or an LDAP result's name."""

    line: int
    dn: str | None
    rule: str
    reason: str
    item: Item = field(repr=False, compare=False)


Outcome: TypeAlias = Accepted | Rejected


def feed(
    items: Iterable[Item], write: Callable[[Operation], None], schema_names: Container[str], file: str
) -> Iterator[Outcome]:
    """Hand each record to `write`; `schema_names` are the directory's attribute names in lower case.

    :raises DirectoryUnavailable: it cannot go on; the text says where in `file`.
    """
    for item in items:
        if isinstance(item, Mistake):
            yield unreadable(item)
            continue
        unfit = _unfit(item, schema_names)
        if unfit:
            yield unfit
            continue
        try:
            write(item.operation)
        except OperationRefused as error:
            yield refused(item, error)
        except UmError as error:
            raise lost(item, file, error) from error
        else:
            yield Accepted(item.line, item.dn, _KINDS[type(item.operation)])


def _unfit(record: Record, schema_names: Container[str]) -> Rejected | None:
    """What can be said against a record before it is sent: the directory itself would not name the line."""
    names: list[str] = []
    match record.operation:
        case Add(dn, attributes):
            names = list(attributes)
            if "objectclass" not in map(base_name, names):
                return Rejected(record.line, dn, SCHEMA, "the entry has no objectClass", record)
        case Modify(_, modifications):
            names = [change.attribute for change in modifications]
    unknown = next((name for name in names if base_name(name) not in schema_names), None)
    if unknown is None:
        return None
    reason = f"attribute {unknown} is not in the directory's schema"
    return Rejected(_line_of(record, unknown), record.dn, SCHEMA, reason, record)


def _line_of(record: Record, attribute: str) -> int:
    """Where `attribute` first stands in the record, as its own line or as the one to be modified."""
    wanted = attribute.lower().encode()
    skipped = 0
    for index, line in enumerate(unfolded(record.source)):
        name, _, value = line.lower().partition(b":")
        skipped = index if name == b"dn" else skipped
        if name == wanted or (name in _MODIFIES and value.strip() == wanted):
            before = physical_line(record.source, index) - physical_line(record.source, skipped)
            return record.line + before
    return record.line


def unreadable(mistake: Mistake) -> Rejected:
    """What becomes of text that is no record."""
    rule = EXISTS if mistake.duplicate else FORMAT
    return Rejected(mistake.line, mistake.dn, rule, mistake.reason, mistake)


def refused(record: Record, error: OperationRefused) -> Rejected:
    """What becomes of a record that the directory refused."""
    rule = error.rule or _NAMED_CODES.get(error.code, error.name)
    return Rejected(record.line, record.dn, rule, _reason(error), record)


def _reason(error: OperationRefused) -> str:
    if error.rule:
        return error.diagnostic
    return ": ".join(part for part in (f"{error.name} ({error.code})", error.diagnostic) if part)


def lost(record: Record, file: str, error: UmError) -> DirectoryUnavailable:
    """The end of an import while this record was on its way."""
    return DirectoryUnavailable(
        f"{file}:{record.line}: {error}. Whether this record was written is not known; those before "
        "it have been answered, those after it were not sent. Import again from this line on"
    )
