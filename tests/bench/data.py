"""Made-up enterprises as they stand in a running directory: with the effective access that the keeper would store."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import Path

from bench.sizes import SEED
from um_directory.generate import generate, to_ldif
from um_directory.generate.stream import DEFAULT_SUFFIX
from um_directory.model.operation import Add
from um_directory.view import View
from um_directory.view.access import as_stored, effective_access

SUFFIX = DEFAULT_SUFFIX
PASSWORD = "Wachtwoord1"


def login(view: View) -> str:
    """The username of the one account that has that password."""
    return next(uid for uid in sorted(view.accounts) if effective_access(view, uid).active)


def _hashed() -> bytes:
    """The password with a quick hash: argon2's 20 ms would hide any difference."""
    salt = b"saltsalt"
    return b"{SSHA}" + b64encode(hashlib.sha1(PASSWORD.encode() + salt).digest() + salt)


def write_ldif(path: Path, accounts: int, catalogue: list[Add]) -> View:
    """Write the enterprises to a file, accounts with their access; return the view of them.

    Without it the guard would spend its first minutes writing what follows from the roles, in the middle of the
    measurements. The generator gives the same records twice.
    """
    view = View(SUFFIX)
    for record in (*catalogue, *generate(accounts, SEED)):
        view.put(record.dn, record.attributes)
    user = login(view)
    with path.open("wb") as file:
        for record in generate(accounts, SEED):
            file.write(to_ldif(_with_access(record, view, user)) + b"\n")
    return view


def _with_access(record: Add, view: View, user: str) -> Add:
    if not record.dn.startswith("uid="):
        return record
    uid = record.dn.partition(",")[0].removeprefix("uid=")
    kept = as_stored(view.tree, view.accounts[uid].enterprise, effective_access(view, uid))
    stored = {**record.attributes, **{name: values for name, values in kept.items() if values}}
    view.put(record.dn, stored)
    if uid == user:
        stored["userPassword"] = (_hashed(),)
    return Add(record.dn, stored)
