"""The running guard's view beside the directory: which rows differ, and stay different when asked again.

Writes go on meanwhile. So what differs at first is read and asked about again by itself, a few milliseconds apart:
a row that is equal once was only on its way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from um_directory.directory.client import DirectoryClient
from um_directory.directory.load import VIEW_ATTRIBUTES
from um_directory.model.dn import escape_filter
from um_directory.view import View
from um_directory.view.digest import Rows, page, rows_of, tables

Differences = dict[str, set[str]]
"""Keys of rows by table (view/digest.py)."""

_PAGE = 2000
_TRIES = 20
_PAUSE_SECONDS = 0.1
_NOT_ACCOUNTS = "(!(objectClass=umAccount))"


def differences(
    ask: Callable[[dict[str, Any]], dict[str, Any]],
    view: View,
    client: DirectoryClient,
    progress: Callable[[int], None] = lambda _rows: None,
) -> tuple[int, Differences]:
    """How many rows were compared, and those that differ for good.

    `ask` puts a question to the guard (guard/control.py); `view` was read from the directory not long ago; `client`
    must be allowed to read everything.

    :raises UmError: the guard or the directory does not answer.
    """
    compared = 0
    found: Differences = {}
    for table in tables():
        rows, differing = _compare(ask, view, table, progress)
        compared += rows
        if differing:
            found[table] = differing
    for _attempt in range(_TRIES):
        found = {
            table: left for table, keys in found.items() if (left := _again(ask, client, view, table, keys))
        }
        if not found:
            break
        time.sleep(_PAUSE_SECONDS)
    return compared, found


def _compare(
    ask: Callable[[dict[str, Any]], dict[str, Any]], view: View, table: str, progress: Callable[[int], None]
) -> tuple[int, set[str]]:
    """Every row once. Rows that moved between two pages count as differing for now."""
    differing: set[str] = set()
    seen: set[str] = set()
    start, total = 0, 1
    while start < total:
        reply = ask({"table": table, "start": start, "count": _PAGE})
        guards: Rows = reply["rows"]
        own = rows_of(view, table, guards)
        differing |= {key for key, digest in guards.items() if own.get(key) != digest}
        seen.update(guards)
        progress(len(guards))
        start, total = start + _PAGE, reply["total"]
    return len(seen), differing | _missing(view, table, seen)


def _missing(view: View, table: str, seen: set[str]) -> set[str]:
    missing: set[str] = set()
    start, total = 0, 1
    while start < total:
        total, rows = page(view, table, start, _PAGE)
        missing |= rows.keys() - seen
        start += _PAGE
    return missing


def _again(
    ask: Callable[[dict[str, Any]], dict[str, Any]],
    client: DirectoryClient,
    view: View,
    table: str,
    keys: set[str],
) -> set[str]:
    """Those of `keys` that differ still."""
    left: set[str] = set()
    ordered = sorted(keys)
    # Few at a time, so that little is written between the reading and the question.
    for at in range(0, len(ordered), 50):
        some = ordered[at : at + 50]
        now = View(view.tree.suffix)
        for base, ldap_filter in _searches(view, table, some):
            for entry in client.search(base, ldap_filter, VIEW_ATTRIBUTES):
                now.put(entry.dn, entry.attributes)
        own = rows_of(now, table, some)
        guards: Rows = ask({"table": table, "keys": some})["rows"]
        left |= {key for key in some if own.get(key) != guards.get(key)}
    return left


def _searches(view: View, table: str, keys: Iterable[str]) -> list[tuple[str, str]]:
    """Where, and by which filter, the entries behind these rows are found."""
    tree, owners = view.tree, sorted({key.partition(" ")[0] for key in keys})
    match table:
        case "accounts":
            names = "".join(f"(uid={escape_filter(uid)})" for uid in owners)
            return [(f"ou=enterprises,{tree.suffix}", f"(|{names})")]
        case "persons":
            return [(tree.person(ssin), "(objectClass=*)") for ssin in owners]
        case "catalogue":
            return [(f"ou=catalogue,{tree.suffix}", "(objectClass=*)")]
    return [(tree.enterprise(number), _NOT_ACCOUNTS) for number in owners]
