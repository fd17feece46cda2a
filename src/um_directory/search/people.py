"""The search itself: slapd says who is in the reader's scope, roles and applications follow from a view of one.

Memory stays bounded: accounts come a page at a time, and of the role groups only what is about one account is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from um_directory.directory.client import DirectoryClient, Entry
from um_directory.errors import OperationRefused, UmError
from um_directory.model.operation import Attributes
from um_directory.model.roles import HeldRole, Role
from um_directory.model.tree import Kind, Tree
from um_directory.search.criteria import Criteria, escape
from um_directory.view import View
from um_directory.view.access import USER_MANAGEMENT, effective_access, role_applications
from um_directory.view.readers import leaf_names, usernames

_ATTRIBUTES = (
    "uid",
    "sn",
    "givenName",
    "title",
    "preferredLanguage",
    "mail",
    "umAccountStatus",
    "umHolderIn",
    "memberOf",
)
_PAGE = 200
_CHIEFS = ("chief-access-manager", "co-chief-access-managers")
_INSUFFICIENT_ACCESS = 50


@dataclass(frozen=True, slots=True)
class Person:
    """An account that was found, as far as the reader may see it."""

    dn: str
    enterprise: str
    username: str
    name: str
    first_name: str
    title: str
    language: str
    email: str
    active: bool
    roles: tuple[HeldRole, ...]
    applications: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """Below which entry the reader searches; `enterprise` is None for all, `whole` when nothing there is hidden."""

    base: str
    enterprise: str | None
    whole: bool


def find_scope(client: DirectoryClient, tree: Tree, reader: str, enterprise: str | None) -> Scope:
    """What `reader` (a DN) may search; `enterprise` narrows who sees several.

    :raises UmError: that enterprise is not there, or not his.
    """
    place = tree.place(reader)
    if place.kind is not Kind.ACCOUNT:
        if enterprise is None:
            return Scope(f"ou=enterprises,{tree.suffix}", None, whole=True)
        if not _is_visible(client, tree.enterprise(enterprise)):
            raise UmError(f"{enterprise}: no such enterprise")
        return Scope(tree.enterprise(enterprise), enterprise, whole=True)
    own = place.enterprise or ""
    if enterprise not in {None, own}:
        raise UmError(f"{enterprise}: {place.name} acts in enterprise {own} only")
    if _is_visible(client, tree.enterprise(own)):
        return Scope(tree.enterprise(own), own, whole=True)
    accounts = f"ou=accounts,{tree.enterprise(own)}"
    base = accounts if _is_visible(client, accounts) else tree.account(own, place.name)
    return Scope(base, own, whole=False)


class People:
    """Searches in one scope. Two connections: slapd follows one paged search on a connection at a time."""

    def __init__(self, suffix: str, scope: Scope, pages: DirectoryClient, details: DirectoryClient) -> None:
        self._scope = scope
        self._pages = pages
        self._details = details
        self._view = View(suffix)
        for entry in details.search(f"ou=catalogue,{suffix}", attributes=["umOffersApplication"]):
            self._view.put(entry.dn, entry.attributes)
        self._chiefs_of = ""
        self._chiefs: list[Entry] = []

    def find(self, criteria: Criteria, looked_at: Callable[[], None] = lambda: None) -> Iterator[Person]:
        """Yield who meets the criteria, by pages as the directory gives them; `looked_at` is told of each account.

        :raises UmError: a criterion makes no sense.
        """
        criteria.check()
        capacity, application = self._known(criteria)
        entries = self._pages.search(
            self._scope.base, self._filter(criteria, capacity, application), _ATTRIBUTES, page=_PAGE
        )
        for entry in entries:
            looked_at()
            person = self._person(entry)
            if application is None or self._uses(person, capacity, application):
                yield person

    def _known(self, criteria: Criteria) -> tuple[str | None, str | None]:
        """Capacity and application as the catalogue spells them."""
        if criteria.capacity is None:
            return None, None
        definitions = self._view.catalogue.capacities
        capacity = criteria.capacity.strip().lower()
        if capacity not in definitions:
            raise UmError(f"{capacity}: no such capacity (there are: {', '.join(sorted(definitions))})")
        if self._scope.enterprise is None:
            raise UmError("--capacity: give the --enterprise too; a capacity is searched within one")
        if criteria.application is None:
            return capacity, None
        application = criteria.application.strip().lower()
        offered = definitions[capacity].applications | {USER_MANAGEMENT}
        if application not in offered:
            raise UmError(
                f"{capacity} does not offer {application} (it offers: {', '.join(sorted(offered))})"
            )
        return capacity, application

    def _filter(self, criteria: Criteria, capacity: str | None, application: str | None) -> str:
        tree = self._view.tree
        return criteria.filter(
            tree.capacity(self._scope.enterprise or "", capacity) if capacity else None,
            tree.access_group(application) if application and self._scope.whole else None,
        )

    def _person(self, entry: Entry) -> Person:
        place = self._view.place(entry.dn)
        self._look_up(entry, place.enterprise or "")
        attributes = entry.attributes
        return Person(
            dn=entry.dn,
            enterprise=place.enterprise or "",
            username=place.name,
            name=_text(attributes, "sn"),
            first_name=_text(attributes, "givenName"),
            title=_text(attributes, "title"),
            language=_text(attributes, "preferredLanguage"),
            email=_text(attributes, "mail"),
            active=_text(attributes, "umAccountStatus") == "active",
            roles=tuple(sorted(self._view.roles_of(place.name), key=_order)),
            applications=tuple(sorted(self._applications(place.name, attributes))),
        )

    def _look_up(self, entry: Entry, enterprise: str) -> None:
        """Make the view hold this account and its own roles, and nothing else."""
        view = self._view
        view.accounts.clear()
        view.enterprises.clear()
        view.put(entry.dn, entry.attributes)
        groups: dict[str, dict[str, tuple[bytes, ...]]] = {}
        own: tuple[bytes, ...] = (entry.dn.encode(),)
        for capacity in entry.attributes.get(
            "umHolderIn", ()
        ):  # as slapd shows it: those in the reader's scope
            for attribute in ("member", "umBlockedMember"):
                query = f"({attribute}={escape(entry.dn)})"
                for group in self._details.search(capacity.decode(), query, ["1.1"]):
                    groups.setdefault(group.dn, {})[attribute] = own
        for group in self._chief_groups(enterprise):
            # slapd gives values back as they were written, whatever the case of a name.
            groups[group.dn] = {
                name: own
                for name, values in group.attributes.items()
                if view.place(entry.dn).name in usernames(view, values)
            }
        for dn, attributes in groups.items():
            view.put(dn, attributes)

    def _chief_groups(self, enterprise: str) -> list[Entry]:
        """CAM and co-CAMs, for who may read them: few, so they are read once an enterprise."""
        if self._chiefs_of != enterprise:
            parent = self._view.tree.enterprise(enterprise)
            self._chiefs = [
                entry
                for name in _CHIEFS
                for entry in self._details.search(
                    f"cn={name},{parent}", attributes=["member", "umBlockedMember"], scope="base"
                )
            ]
            self._chiefs_of = enterprise
        return self._chiefs

    def _applications(self, uid: str, attributes: Attributes) -> frozenset[str]:
        """What is stored, to who may read it; else what the roles in the reader's scope give."""
        stored = leaf_names(self._view, attributes.get("memberOf", ()), Kind.ACCESS_GROUP)
        return stored or effective_access(self._view, uid).applications

    def _uses(self, person: Person, capacity: str | None, application: str) -> bool:
        """Whether an active role in `capacity` gives `application`."""
        for held in person.roles:
            if held.capacity != capacity or held.state != "active":
                continue
            if application == USER_MANAGEMENT and held.role is not Role.TECHNICAL:
                return True
            given = role_applications(self._view, person.username, held.enterprise, capacity, held.role)
            if application in given:
                return True
        return False


def _is_visible(client: DirectoryClient, dn: str) -> bool:
    try:
        return any(client.search(dn, attributes=["1.1"], scope="base"))
    except OperationRefused as error:
        if error.code == _INSUFFICIENT_ACCESS:
            return False
        raise


def _text(attributes: Attributes, name: str) -> str:
    return next((value.decode("utf-8", "replace") for value in attributes.get(name, ())), "")


def _order(held: HeldRole) -> tuple[str, int]:
    return held.capacity or "", list(Role).index(held.role)
