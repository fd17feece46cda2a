"""Reading a whole view from the directory."""

from __future__ import annotations

from um_directory.directory.client import DirectoryClient
from um_directory.errors import UmError
from um_directory.model.readings import DEFAULT, Readings
from um_directory.view import View

# Parents of what needs them come first: a search gives parents before children only within one branch.
_BRANCHES = ("ou=catalogue", "ou=enterprises", "ou=register")
VIEW_ATTRIBUTES = (
    "umSsin",
    "preferredLanguage",
    "memberOf",
    "umAccountStatus",
    "umHolderIn",
    "umManagerIn",
    "member",
    "umBlockedMember",
    "umEntitledCapacity",
    "umHasPersonnel",
    "umBankrupt",
    "umRelatedTo",  # its subtypes come with it (RFC 4511 §4.5.1.8)
    "umOffersApplication",
    "umUserRelation",
    "umAdministratorRelation",
    "umActivationAttribute",
    "umOffersBatchChannel",
)
"""What a view reads of the entries, and no more."""


def load_view(
    client: DirectoryClient, suffix: str, keep: tuple[str, ...] = (), readings: Readings = DEFAULT
) -> View:
    """Read everything a view holds; `keep` and `readings` as for `View`.

    :raises UmError: the directory cannot be read whole: better no view than a part of one.
    """
    view = View(suffix, keep, readings)
    for branch in _BRANCHES:
        found = False
        for entry in client.search(f"{branch},{suffix}", attributes=(*VIEW_ATTRIBUTES, *keep)):
            found = True
            view.put(entry.dn, entry.attributes)
        if not found:
            raise UmError(f"{branch},{suffix} cannot be read: is this the directory, and are we its service?")
    return view
