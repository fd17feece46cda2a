"""slapd's audit log (slapo-accesslog(5)), read: each write with the values that went and came."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from um_directory.audit.events import Changed
from um_directory.directory.client import DirectoryClient, Entry
from um_directory.directory.slapd_config import ACCESSLOG_SUFFIX
from um_directory.guard.commits import committed
from um_directory.guard.messages import MalformedRequest, Request
from um_directory.model.operation import Add, Modify, Operation, Rename, base_name

SECRETS = frozenset({"userpassword", "pwdhistory", "authpassword"})
"""Of these nobody is shown a value, not even a hash."""

_SLAPDS_OWN = frozenset(
    {"entrycsn", "entryuuid", "creatorsname", "createtimestamp", "modifiersname", "modifytimestamp"}
    | {"structuralobjectclass", "pwdchangedtime", "contextcsn"}
)
_CSN = re.compile(r"\d{14}\.\d{6}Z#")
_ALMOST_A_SECOND = timedelta(microseconds=999_999)
_PAGE = 200
# Without reqOld: it has every value of a changed attribute, of a large group a million. It is read where needed.
_ATTRIBUTES = ("reqStart", "reqEnd", "reqType", "reqSession", "reqAuthzID", "reqDN", "reqMod", "reqNewRDN")


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record. `end` has whole seconds: what stands after the point is a counter. `written` is more exact."""

    start: str
    end: datetime
    written: datetime
    connection: int
    identity: str
    operation: Operation
    changes: tuple[Changed, ...]


def read_log(
    client: DirectoryClient, details: DirectoryClient, since: datetime | None = None
) -> Iterator[LogRecord]:
    """Every write that slapd logged, in the order in which they ended; from `since` on, by their start.

    `details` is a second connection: one search at a time may be in pages.

    :raises UmError: the log cannot be read.
    """
    wanted = "(objectClass=auditWriteObject)"
    if since is not None:
        wanted = f"(&{wanted}(reqStart>={since.astimezone(UTC):%Y%m%d%H%M%S}.000000Z))"
    for entry in client.search(ACCESSLOG_SUFFIX, wanted, (*_ATTRIBUTES, "reqNewSuperior"), page=_PAGE):
        record = _record(entry, details)
        if record is not None:
            yield record


def _record(entry: Entry, details: DirectoryClient) -> LogRecord | None:
    try:
        commit = committed(Request(Add(entry.dn, entry.attributes), "", 0, 0))
    except MalformedRequest:  # not one of ours: the log is slapd's
        return None
    if commit is None:
        return None
    old: dict[str, list[bytes]] = {}
    if _needs_old(commit.operation):
        for found in details.search(entry.dn, attributes=("reqOld",), scope="base"):
            old = _old(found.attributes.get("reqOld", ()))
    end = _moment(_one(entry, "reqEnd"))
    return LogRecord(
        start=commit.start,
        end=end,
        written=_written(commit.operation) or end + _ALMOST_A_SECOND,
        connection=commit.connection,
        identity=_one(entry, "reqAuthzID"),
        operation=commit.operation,
        changes=tuple(_changes(commit.operation, old)),
    )


def _one(entry: Entry, name: str) -> str:
    return next((value.decode("utf-8", "replace") for value in entry.attributes.get(name, ())), "")


def _moment(text: str) -> datetime:
    """A generalized time without its fraction."""
    try:
        return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def _written(operation: Operation) -> datetime | None:
    """The moment in the new entryCSN (`20261123174527.928955Z#…`), which a deletion has none of."""
    match operation:
        case Add(_, attributes):
            named = {base_name(name): values for name, values in attributes.items()}
        case Modify(_, modifications):
            named = {base_name(change.attribute): change.values for change in modifications}
        case _:
            return None
    for value in named.get("entrycsn", ()):
        text = value.decode("ascii", "replace")
        if _CSN.match(text):
            return _moment(text) + timedelta(microseconds=int(text[15:21]))
    return None


def _needs_old(operation: Operation) -> bool:
    """Whether the record alone does not say which values went."""
    if isinstance(operation, Modify):
        return any(
            change.kind == "replace" or (change.kind == "delete" and not change.values)
            for change in operation.modifications
            if base_name(change.attribute) not in _SLAPDS_OWN | SECRETS
        )
    return not isinstance(operation, Add)


def _old(values: Iterable[bytes]) -> dict[str, list[bytes]]:
    """reqOld (`attribute: value`) by attribute."""
    found: dict[str, list[bytes]] = {}
    for value in values:
        name, _, rest = value.partition(b":")
        found.setdefault(name.decode("ascii", "replace"), []).append(rest.removeprefix(b" "))
    return found


def _changes(operation: Operation, old: dict[str, list[bytes]]) -> Iterator[Changed]:
    match operation:
        case Add(_, attributes):
            for name, values in attributes.items():
                yield from _change(name, (), values)
        case Modify():
            yield from _modified(operation, old)
        case Rename(_, new_rdn, _, superior):
            yield Changed("rdn", new=(f"{new_rdn},{superior}" if superior else new_rdn,))
        case _:
            for name, gone in old.items():
                yield from _change(name, gone, ())


def _modified(operation: Modify, old: dict[str, list[bytes]]) -> Iterator[Changed]:
    """What differs afterwards, whatever the steps were."""
    before = {name.lower(): values for name, values in old.items()}
    spelled: dict[str, str] = {}
    gone: dict[str, dict[bytes, None]] = {}
    come: dict[str, dict[bytes, None]] = {}
    for change in operation.modifications:
        name = change.attribute.lower()
        spelled.setdefault(name, change.attribute)
        went, came = gone.setdefault(name, {}), come.setdefault(name, {})
        if change.kind == "replace" or (change.kind == "delete" and not change.values):
            went.update(dict.fromkeys(before.get(name, ())))
            came.clear()
        if change.kind == "delete":
            for value in change.values:
                if came.pop(value, 0) == 0:
                    went[value] = None
        else:
            came.update(dict.fromkeys(change.values))
    for name, spelling in spelled.items():
        went, came = gone[name], come[name]
        both = went.keys() & came.keys()
        yield from _change(
            spelling,
            [value for value in went if value not in both],
            [value for value in came if value not in both],
        )


def _change(name: str, old: Iterable[bytes], new: Iterable[bytes]) -> Iterator[Changed]:
    base = base_name(name)
    if base in SECRETS:
        yield Changed(name, hidden=True)
    elif base not in _SLAPDS_OWN:
        yield Changed(name, _texts(old), _texts(new))


def _texts(values: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(value.decode("utf-8", "backslashreplace") for value in values)
