"""C1: usernames."""

from __future__ import annotations

import re

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Refuse, Rule, Verdict
from um_directory.model.tree import Kind

_USERNAME = re.compile(r"[a-z0-9]{8,30}")


def check(part: parts.Part, case: Case) -> Verdict:
    """Refuse a new account whose username, as it was written, is not of the form or is taken."""
    if not isinstance(part, parts.EntryAdded) or part.place.kind is not Kind.ACCOUNT:
        return None
    written = part.written_name
    if not _USERNAME.fullmatch(written):
        return Refuse("username {uid!r} is not 8 to 30 of a-z and 0-9; choose another", {"uid": written})
    taken = case.view.accounts.get(written)
    if taken is not None and taken.enterprise != part.place.enterprise:
        return Refuse("username {uid} is taken; choose another", {"uid": written})
    return None  # taken in the same enterprise is the same entry: slapd answers that it exists


RULE = Rule(
    "C1",
    "Username: a-z and 0-9, 8 to 30 characters, unique in the directory. Upper case is refused.",
    "§4.1.3",
    (parts.EntryAdded,),
    check,
    places=frozenset({Kind.ACCOUNT}),
)
