"""The guard's view beside one that is read from the directory now."""

from __future__ import annotations

import socket
from pathlib import Path

from support.service import Service, wait_until
from um_directory.directory.load import load_view
from um_directory.errors import UmError
from um_directory.guard.control import ask
from um_directory.view import View
from um_directory.view.digest import page, tables

_PAGE = 2000


def guards_rows(service: Service, table: str) -> dict[str, str]:
    """All rows of a table of the running guard's view."""
    rows: dict[str, str] = {}
    start, total = 0, 1
    while start < total:
        reply = ask(service.settings, {"table": table, "start": start, "count": _PAGE})
        rows.update(reply["rows"])
        start, total = start + _PAGE, reply["total"]
    return rows


def own_rows(view: View, table: str) -> dict[str, str]:
    """All rows of a table of a view at hand."""
    rows: dict[str, str] = {}
    start, total = 0, 1
    while start < total:
        total, found = page(view, table, start, _PAGE)
        rows.update(found)
        start += _PAGE
    return rows


def view_differences(service: Service) -> dict[str, set[str]]:
    """Keys by table that differ between the guard's view and the directory as it is now."""
    with service.connect("service") as client:
        view = load_view(client, service.settings.suffix)
    differences = {}
    for table in tables():
        guards, stored = guards_rows(service, table), own_rows(view, table)
        differing = {key for key in guards.keys() | stored.keys() if guards.get(key) != stored.get(key)}
        if differing:
            differences[table] = differing
    return differences


def assert_view_equals_directory(service: Service, seconds: float = 10.0) -> None:
    """They are equal, once the keeper has written what it was still writing."""
    last: dict[str, set[str]] = {}

    def equal() -> bool:
        nonlocal last
        try:
            last = view_differences(service)
        except UmError as error:
            last = {"guard": {str(error)}}
        return not last

    try:
        wait_until(equal, seconds, "the guard's view equal to the directory")
    except AssertionError:
        raise AssertionError(f"the guard's view differs from the directory: {last}") from None


_COMMIT = """ADD
msgid: 1
binddn: cn=internal,cn=commits
connid: 999999
suffix: cn=commits
dn: reqStart=20261123000000.000000Z,cn=commits
objectClass: auditModify
reqStart: 20261123000000.000000Z
reqType: modify
reqSession: {connection}
reqDN: {dn}
reqMod: {attribute}:= {value}

"""


def commit_that_never_was(
    service: Service, dn: str, attribute: str, value: str, *, asked: bool = True
) -> None:
    """Tell the guard, as slapd would, of a modification that was never made; `asked`: it has approved one such."""
    connection = 999001 if asked else 999002
    if asked:
        question = (
            f"MODIFY\nmsgid: 7\nbinddn: {dn}\nconnid: {connection}\nsuffix: {service.settings.suffix}\n"
            f"dn: {dn}\nreplace: {attribute}\n{attribute}: {value}\n-\n\n"
        )
        assert _send(service.settings.write_socket, question) == b"CONTINUE\n"
    told = _COMMIT.format(connection=connection, dn=dn, attribute=attribute, value=value)
    _send(service.settings.commit_socket, told)


def _send(path: Path, text: str) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(text.encode())
        return connection.recv(1000)
