"""Local administrators of the old system into both roles of the new one (D16, manual §2).

A record is one person as the old system knew him. From it follow, in this order and as far as they are missing: the
container of accounts, his account, the capacity with the data it asks for, its local administrator, and the chief
access manager. They are rehearsed first, so that a record that a rule refuses leaves nothing behind; then written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from um_directory.errors import OperationRefused, UmError
from um_directory.ldif_import.batch import Accepted, Outcome, lost, refused, unreadable
from um_directory.ldif_import.dry_run import Rehearsal
from um_directory.ldif_import.reader import Item, Mistake, Record
from um_directory.model.numbers import is_enterprise_number, normalise_enterprise_number
from um_directory.model.operation import Add, Attributes, Operation
from um_directory.model.roles import Role
from um_directory.view import Enterprise, Holders

TAKEN_OVER, UNCHANGED = "taken over", "unchanged"
"""What becomes of an accepted record."""

EMPLOYER = "employer"
# What an account takes from an old entry; whatever else an old entry holds stays behind.
_ACCOUNT_DATA = {
    "cn": "cn",
    "sn": "sn",
    "givenname": "givenName",
    "title": "title",
    "mail": "mail",
    "preferredlanguage": "preferredLanguage",
    "userpassword": "userPassword",
    "usercertificate;binary": "userCertificate;binary",
}
_CONSTRAINT_VIOLATION = 19, "constraintViolation"
_USERNAME = re.compile(r"[a-z0-9]{8,30}")
_SSIN_PUNCTUATION = re.compile(r"[ .-]")


@dataclass(frozen=True, slots=True)
class OldAdministrator:
    """One record, read. `attributes` by lower-case name."""

    dn: str
    uid: str
    ssin: str
    enterprise: str
    attributes: Attributes


def take_over(
    items: Iterable[Item], rehearsal: Rehearsal, write: Callable[[Operation], None], file: str
) -> Iterator[Outcome]:
    """Take over the old local administrators in `items`, each wholly or, when a rule refuses, not at all.

    :raises DirectoryUnavailable: it cannot go on; the text says where in `file`.
    """
    for item in items:
        if isinstance(item, Mistake):
            yield unreadable(item)
            continue
        try:
            additions = plan(read_old(item), rehearsal)
            rehearsal.write_all(additions)
            _write_all(additions, rehearsal, write)
        except OperationRefused as error:
            yield refused(item, error)
        except UmError as error:
            raise lost(item, file, error) from error
        else:
            yield Accepted(item.line, item.dn, TAKEN_OVER if additions else UNCHANGED)


def _write_all(additions: tuple[Add, ...], rehearsal: Rehearsal, write: Callable[[Operation], None]) -> None:
    for done, addition in enumerate(additions):
        try:
            write(addition)
        except OperationRefused:
            rehearsal.take_back(additions[done:])  # what was written stands; the next run goes on from there
            raise


def read_old(record: Record) -> OldAdministrator:
    """Read a record of the old system.

    :raises OperationRefused: it is no local administrator of an employer, or says too little.
    """
    if not isinstance(record.operation, Add):
        raise _refusal(record.dn, "D16: an old local administrator is a whole entry, not a change")
    found = {name.lower(): values for name, values in record.operation.attributes.items()}
    capacity = _text(found, "umcapacityname") or EMPLOYER
    if capacity.lower() != EMPLOYER:
        raise _refusal(
            record.dn, f"D16: only local administrators of {EMPLOYER} are taken over, not of {capacity}"
        )
    uid, ssin = _text(found, "uid"), _text(found, "umssin") or _text(found, "employeenumber")
    number = normalise_enterprise_number(_text(found, "umenterprisenumber"))
    given = {"uid": uid, "umSsin": ssin, "umEnterpriseNumber": number, "sn": _text(found, "sn")}
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise _refusal(record.dn, f"D16: an old local administrator needs {', '.join(missing)}")
    # Both become part of names: nothing else than these may get there.
    if not _USERNAME.fullmatch(uid):
        raise _refusal(record.dn, f"C1: username {uid!r} is not 8 to 30 of a-z and 0-9; choose another")
    if not is_enterprise_number(number):
        raise _refusal(record.dn, f"N2: {number} is not a valid enterprise number; check its ten digits")
    return OldAdministrator(record.dn, uid, _SSIN_PUNCTUATION.sub("", ssin), number, found)


def plan(old: OldAdministrator, rehearsal: Rehearsal) -> tuple[Add, ...]:
    """What is still to be added for him; nothing when he stands in both roles already.

    :raises OperationRefused: another stands there: a standing designation is changed by whom D1 and D4 name.
    """
    view, tree = rehearsal.view, rehearsal.view.tree
    enterprise = view.enterprises.get(old.enterprise)
    if enterprise is None:
        raise _refusal(
            old.dn, f"D16: the register does not know enterprise {old.enterprise}; import it first"
        )
    _check_standing(old, rehearsal, enterprise)
    dn = tree.enterprise(old.enterprise)
    capacity, account = f"umCapacityName={EMPLOYER},{dn}", tree.account(old.enterprise, old.uid)
    definition = view.catalogue.capacities.get(EMPLOYER)
    asked = sorted(definition.activation_attributes) if definition else []
    wanted = (
        Add(f"ou=accounts,{dn}", {"objectClass": (b"organizationalUnit",), "ou": (b"accounts",)}),
        Add(account, _account_data(old)),
        Add(
            capacity,
            {
                "objectClass": (b"umCapacity",),
                "umCapacityName": (EMPLOYER.encode(),),
                **{name: old.attributes[name] for name in asked if name in old.attributes},
            },
        ),
        _group("local-administrator", capacity, account),
        _group("chief-access-manager", dn, account),
    )
    return tuple(addition for addition in wanted if not rehearsal.exists(addition.dn))


def _check_standing(old: OldAdministrator, rehearsal: Rehearsal, enterprise: Enterprise) -> None:
    account = rehearsal.view.accounts.get(old.uid)
    if account is not None and (account.enterprise, account.ssin) != (old.enterprise, old.ssin):
        raise _refusal(
            old.dn, f"D16: username {old.uid} is another person's or another enterprise's; give a new one"
        )
    employer = enterprise.capacities.get(EMPLOYER)
    administrators = employer.groups.get(Role.LA) if employer else None
    where = f"enterprise {old.enterprise}"
    _check_holder(
        old, administrators, f"local administrator of {EMPLOYER} of {where}", "its chief access manager"
    )
    _check_holder(
        old, enterprise.groups.get(Role.CAM), f"chief access manager of {where}", "the contact center"
    )


def _check_holder(old: OldAdministrator, holders: Holders | None, role: str, who: str) -> None:
    for uid in holders.active if holders else ():
        if uid != old.uid:
            raise _refusal(old.dn, f"D16: {uid} is {role} already; {who} changes that")


def _account_data(old: OldAdministrator) -> Attributes:
    given = {
        spelled: old.attributes[name] for name, spelled in _ACCOUNT_DATA.items() if name in old.attributes
    }
    first = _text(old.attributes, "givenname")
    return {
        "objectClass": (b"umAccount",),
        "uid": (old.uid.encode(),),
        "umSsin": (old.ssin.encode(),),
        "cn": (f"{first} {_text(old.attributes, 'sn')}".strip().encode(),),
        **given,
    }


def _group(name: str, below: str, member: str) -> Add:
    attributes = {"objectClass": (b"umRoleGroup",), "cn": (name.encode(),), "member": (member.encode(),)}
    return Add(f"cn={name},{below}", attributes)


def _text(attributes: Attributes, name: str) -> str:
    return next((value.decode("utf-8", "replace").strip() for value in attributes.get(name, ())), "")


def _refusal(dn: str, reason: str) -> OperationRefused:
    return OperationRefused(dn, *_CONSTRAINT_VIOLATION, reason)
