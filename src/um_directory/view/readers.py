"""How each kind of entry is read into a view: tables of (whole entry, one modification, removal)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from sys import intern
from typing import TYPE_CHECKING, TypeAlias

from um_directory.model.operation import Modification, base_name
from um_directory.model.tree import Kind, Place
from um_directory.view.facts import (
    NOBODY,
    Account,
    Capacity,
    CapacityDefinition,
    Enterprise,
    Holders,
    Person,
)

if TYPE_CHECKING:
    from um_directory.view.index import View

Values: TypeAlias = tuple[bytes, ...]
Lowered: TypeAlias = Mapping[str, Values]

RELATIONS = frozenset(
    {
        "umemployeeof",
        "umdirectorof",
        "ummanagingdirectorof",
        "ummanagerof",
        "umfounderof",
        "umassociateof",
        "ummemberof",
        "umserviceproviderof",
        "umtrusteeof",
    }
)
"""The subtypes of umRelatedTo, in lower case."""


_shared: dict[frozenset[str], frozenset[str]] = {}
# Many accounts have the same access: the combinations of applications are few.
_shared_relations: dict[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]] = {}


def text(values: Iterable[bytes], default: str = "") -> str:
    """The first value as text."""
    for value in values:
        return value.decode("utf-8", "replace")
    return default


def texts(values: Iterable[bytes]) -> frozenset[str]:
    """All values as lower-case text, shared."""
    return frozenset(intern(value.decode("utf-8", "replace").lower()) for value in values)


def leaf_names(view: View, values: Iterable[bytes], kind: Kind) -> frozenset[str]:
    """Leaf names of those DN values that name an entry of `kind`. Equal sets are one object."""
    places = (view.place(value.decode("utf-8", "replace")) for value in values)
    found = frozenset(intern(place.name) for place in places if place.kind is kind)
    return _shared.setdefault(found, found)


def capacity_names(view: View, enterprise: str, values: Iterable[bytes]) -> frozenset[str]:
    """Names of the capacities of `enterprise` that DN values name. Equal sets are one object.

    Any other DN stays as it is: it has no business there, and is then seen to differ from what should be.
    """
    places = (view.place(value.decode("utf-8", "replace")) for value in values)
    found = frozenset(
        intern(place.name if (place.kind, place.enterprise) == (Kind.CAPACITY, enterprise) else place.dn)
        for place in places
    )
    return _shared.setdefault(found, found)


def usernames(view: View, values: Iterable[bytes]) -> set[str]:
    """Usernames of the accounts that DN values name; other DNs are left out."""
    found = set()
    for value in values:
        uid = view.tree.account_id(value.decode("utf-8", "replace"))
        if uid is not None:
            account = view.accounts.get(uid)
            found.add(account.uid if account else uid)
    return found


def edited(stored: frozenset[str], change: Modification, values: frozenset[str]) -> frozenset[str]:
    """A multi-valued attribute after one modification."""
    match change.kind:
        case "add":
            return stored | values
        case "delete":
            return stored - values if change.values else frozenset()
    return values


# --- persons ---


def _put_person(view: View, place: Place, attributes: Lowered) -> set[str]:
    pairs = sorted(
        (intern(name), number)
        for name, values in attributes.items()
        if name in RELATIONS
        for number in _numbers(view, values)
    )
    accounts = view.accounts_of(place.name)
    ssin = view.accounts[accounts[0]].ssin if accounts else place.name  # one string for both
    view.persons[ssin] = Person(ssin, _relations(pairs))
    return set()


def _relations(pairs: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The pairs as a tuple; equal ones are one object, for the colleagues of an enterprise have the same."""
    relations = tuple(pairs)
    return _shared_relations.setdefault(relations, relations)


def _numbers(view: View, values: Iterable[bytes]) -> set[str]:
    """Enterprise numbers, each the view's own string where it knows the enterprise."""
    places = (view.place(value.decode("utf-8", "replace")) for value in values)
    numbers = (place.name for place in places if place.kind is Kind.ENTERPRISE)
    return {view.enterprises[number].number if number in view.enterprises else number for number in numbers}


def _modify_person(view: View, place: Place, change: Modification) -> set[str]:
    name = base_name(change.attribute)
    person = view.persons.get(place.name)
    if person is not None and name in RELATIONS:
        stored = frozenset(number for relation, number in person.relations if relation == name)
        after = edited(stored, change, frozenset(_numbers(view, change.values)))
        pairs = [pair for pair in person.relations if pair[0] != name]
        person.relations = _relations(sorted([*pairs, *((intern(name), number) for number in after)]))
    return set()


def _remove_person(view: View, place: Place) -> set[str]:
    view.persons.pop(place.name, None)
    return set()


# --- enterprises ---


def _put_enterprise(view: View, place: Place, attributes: Lowered) -> set[str]:
    enterprise = view.enterprises.setdefault(place.name, Enterprise(intern(place.name)))
    enterprise.entitled = texts(attributes.get("umentitledcapacity", ()))
    enterprise.has_personnel = text(attributes.get("umhaspersonnel", ()), "TRUE") == "TRUE"
    enterprise.bankrupt = text(attributes.get("umbankrupt", ()), "FALSE") == "TRUE"
    return set()


def _modify_enterprise(view: View, place: Place, change: Modification) -> set[str]:
    enterprise = view.enterprises.get(place.name)
    if enterprise is None:
        return set()
    values = () if change.kind == "delete" else change.values
    match base_name(change.attribute):
        case "umentitledcapacity":
            enterprise.entitled = edited(enterprise.entitled, change, texts(change.values))
        case "umhaspersonnel":
            enterprise.has_personnel = text(values, "TRUE") == "TRUE"
        case "umbankrupt":
            enterprise.bankrupt = text(values, "FALSE") == "TRUE"
    return set()


def _remove_enterprise(view: View, place: Place) -> set[str]:
    view.enterprises.pop(place.name, None)
    return set()


def _put_capacity(view: View, place: Place, _attributes: Lowered) -> set[str]:
    number = place.enterprise or ""
    enterprise = view.enterprises.setdefault(number, Enterprise(number))
    enterprise.capacities.setdefault(place.name, Capacity(intern(place.name)))
    return set()


def _remove_capacity(view: View, place: Place) -> set[str]:
    enterprise = view.enterprises.get(place.enterprise or "")
    if enterprise is not None:
        enterprise.capacities.pop(place.name, None)
    return set()


def _put_channel(view: View, place: Place, _attributes: Lowered) -> set[str]:
    capacity = view.capacity(place)
    if capacity is not None:
        capacity.channels |= {place.name}
    return set()


def _remove_channel(view: View, place: Place) -> set[str]:
    capacity = view.capacity(place)
    if capacity is not None:
        capacity.channels -= {place.name}
    return set()


# --- accounts ---


def _index(view: View, account: Account) -> None:
    known = view.accounts_of(account.ssin)
    if account.uid not in known:
        view.by_ssin[account.ssin] = (*known, account.uid) if known else account.uid


def _unindex(view: View, account: Account) -> None:
    rest = tuple(uid for uid in view.accounts_of(account.ssin) if uid != account.uid)
    if rest:
        view.by_ssin[account.ssin] = rest if len(rest) > 1 else rest[0]
    else:
        view.by_ssin.pop(account.ssin, None)


def _put_account(view: View, place: Place, attributes: Lowered) -> set[str]:
    number = place.enterprise or ""
    before = view.accounts.get(place.name)
    if before is not None:
        _unindex(view, before)
    enterprise = view.enterprises.get(number)
    view.accounts[place.name] = Account(
        uid=place.name,
        enterprise=enterprise.number if enterprise else intern(number),
        ssin=text(attributes.get("umssin", ())),
        language=intern(text(attributes.get("preferredlanguage", ())).lower()),
        access=leaf_names(view, attributes.get("memberof", ()), Kind.ACCESS_GROUP),
        active=text(attributes.get("umaccountstatus", ())) == "active",
        holder_in=capacity_names(view, number, attributes.get("umholderin", ())),
        manager_in=capacity_names(view, number, attributes.get("ummanagerin", ())),
        details=tuple(text(attributes.get(name, ())) for name in view.keep) if view.keep else None,
    )
    _index(view, view.accounts[place.name])
    return {place.name}


def _modify_account(view: View, place: Place, change: Modification) -> set[str]:
    account = view.accounts.get(place.name)
    if account is None:
        return set()
    values = () if change.kind == "delete" else change.values
    match base_name(change.attribute):
        case "memberof":
            after = leaf_names(view, change.values, Kind.ACCESS_GROUP)
            account.access = edited(account.access, change, after)
        case "umaccountstatus":
            account.active = text(values) == "active"
        case "umholderin":
            names = capacity_names(view, account.enterprise, change.values)
            account.holder_in = edited(account.holder_in, change, names)
        case "ummanagerin":
            names = capacity_names(view, account.enterprise, change.values)
            account.manager_in = edited(account.manager_in, change, names)
        case "preferredlanguage":
            account.language = intern(text(values).lower())
        case "umssin":
            _unindex(view, account)
            account.ssin = text(values)
            _index(view, account)
    return {place.name}


def _remove_account(view: View, place: Place) -> set[str]:
    account = view.accounts.get(place.name)
    if account is not None and account.enterprise == place.enterprise:
        del view.accounts[place.name]
        _unindex(view, account)
    return {place.name}


# --- role groups and authorizations ---


def _put_holders(view: View, place: Place, attributes: Lowered) -> set[str]:
    before = view.holders(place) or Holders()
    after = Holders(
        usernames(view, attributes.get("member", ())) or NOBODY,
        usernames(view, attributes.get("umblockedmember", ())) or NOBODY,
    )
    number = place.enterprise or ""
    enterprise = view.enterprises.setdefault(number, Enterprise(number))
    if place.capacity is None:
        if place.role is not None:
            enterprise.groups[place.role] = after
    else:
        capacity = enterprise.capacities.setdefault(place.capacity, Capacity(intern(place.capacity)))
        if place.role is not None:
            capacity.groups[place.role] = after
        else:
            capacity.authorizations[intern(place.name)] = after
    return {*(before.active ^ after.active), *(before.blocked ^ after.blocked)}


def _modify_holders(view: View, place: Place, change: Modification) -> set[str]:
    holders = view.holders(place)
    name = base_name(change.attribute)
    if holders is None or name not in {"member", "umblockedmember"}:
        return set()
    values = usernames(view, change.values)
    if name == "member":
        before, holders.active = holders.active, _after(holders.active, change, values)
    else:
        before, holders.blocked = holders.blocked, _after(holders.blocked, change, values)
    return {*(before ^ values)} if _replaces(change) else {*values}


def _replaces(change: Modification) -> bool:
    return change.kind == "replace" or (change.kind == "delete" and not change.values)


def _after(stored: Set[str], change: Modification, values: set[str]) -> Set[str]:
    """`stored` after one modification; changed in place where it can be, for a group may have a million members."""
    if _replaces(change):
        return values or NOBODY
    if not isinstance(stored, set):
        return (values if change.kind == "add" else stored) or NOBODY
    if change.kind == "add":
        stored |= values
    else:
        stored -= values
    return stored or NOBODY


def _remove_holders(view: View, place: Place) -> set[str]:
    holders = view.holders(place)
    if holders is None:
        return set()
    capacity = view.capacity(place)
    if place.role is None:
        if capacity is not None:
            capacity.authorizations.pop(place.name, None)
    elif capacity is not None:
        capacity.groups.pop(place.role, None)
    else:
        view.enterprises[place.enterprise or ""].groups.pop(place.role, None)
    return holders.everyone()


# --- the catalogue ---


def _put_definition(view: View, place: Place, attributes: Lowered) -> set[str]:
    view.catalogue.capacities[place.name] = CapacityDefinition(
        name=place.name,
        applications=leaf_names(view, attributes.get("umoffersapplication", ()), Kind.CATALOGUE_APPLICATION),
        user_relations=texts(attributes.get("umuserrelation", ())),
        administrator_relations=texts(attributes.get("umadministratorrelation", ())),
        activation_attributes=texts(attributes.get("umactivationattribute", ())),
        channels=texts(attributes.get("umoffersbatchchannel", ())),
    )
    return set()


def _remove_definition(view: View, place: Place) -> set[str]:
    view.catalogue.capacities.pop(place.name, None)
    return set()


def _put_application(view: View, place: Place, _attributes: Lowered) -> set[str]:
    view.catalogue.applications.add(intern(place.name))
    return set()


def _remove_application(view: View, place: Place) -> set[str]:
    view.catalogue.applications.discard(place.name)
    return set()


def _put_declaration(view: View, place: Place, _attributes: Lowered) -> set[str]:
    view.catalogue.declarations.add(intern(place.name))
    return set()


def _remove_declaration(view: View, place: Place) -> set[str]:
    view.catalogue.declarations.discard(place.name)
    return set()


PUTTERS: dict[Kind, Callable[[View, Place, Lowered], set[str]]] = {
    Kind.PERSON: _put_person,
    Kind.ENTERPRISE: _put_enterprise,
    Kind.CAPACITY: _put_capacity,
    Kind.CHANNEL: _put_channel,
    Kind.ACCOUNT: _put_account,
    Kind.ROLE_GROUP: _put_holders,
    Kind.AUTHORIZATION: _put_holders,
    Kind.CATALOGUE_CAPACITY: _put_definition,
    Kind.CATALOGUE_APPLICATION: _put_application,
    Kind.CATALOGUE_DECLARATION: _put_declaration,
}
MODIFIERS: dict[Kind, Callable[[View, Place, Modification], set[str]]] = {
    Kind.PERSON: _modify_person,
    Kind.ENTERPRISE: _modify_enterprise,
    Kind.ACCOUNT: _modify_account,
    Kind.ROLE_GROUP: _modify_holders,
    Kind.AUTHORIZATION: _modify_holders,
}
REMOVERS: dict[Kind, Callable[[View, Place], set[str]]] = {
    Kind.PERSON: _remove_person,
    Kind.ENTERPRISE: _remove_enterprise,
    Kind.CAPACITY: _remove_capacity,
    Kind.CHANNEL: _remove_channel,
    Kind.ACCOUNT: _remove_account,
    Kind.ROLE_GROUP: _remove_holders,
    Kind.AUTHORIZATION: _remove_holders,
    Kind.CATALOGUE_CAPACITY: _remove_definition,
    Kind.CATALOGUE_APPLICATION: _remove_application,
    Kind.CATALOGUE_DECLARATION: _remove_declaration,
}
