"""A planned enterprise as records, in the order in which the directory takes them in.

Enterprise, persons, accounts, the enterprise's role groups, then each capacity: its entry, its local
administrator (which completes the activation), its other role groups, its authorizations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from um_directory.generate.people import Person
from um_directory.generate.plan import CapacityPlan, EnterprisePlan
from um_directory.generate.shapes import CAPACITIES
from um_directory.model.operation import Add
from um_directory.model.roles import GROUP_NAMES, Role
from um_directory.model.tree import Tree

Values: TypeAlias = tuple[bytes, ...]

_GROUP = {role: name for name, role in GROUP_NAMES.items()}
_BOOLEAN = {True: (b"TRUE",), False: (b"FALSE",)}
_ENTERPRISE, _PERSON, _ACCOUNT = (b"umEnterprise",), (b"umPerson",), (b"umAccount",)
_CAPACITY, _ROLE_GROUP, _AUTHORIZATION = (b"umCapacity",), (b"umRoleGroup",), (b"umAuthorization",)
_UNIT = (b"organizationalUnit",)


class Records:
    """Writes out one enterprise below a tree's suffix. `previous` is the DN of the one before it."""

    def __init__(self, tree: Tree, plan: EnterprisePlan, previous: str | None) -> None:
        self._plan = plan
        self._register = f",ou=register,{tree.suffix}"
        self._dn = tree.enterprise(plan.number)
        self._accounts = f",ou=accounts,{self._dn}"
        self._related = (self._dn.encode(),)
        self._formerly = (previous.encode(),) if previous else ()

    @property
    def dn(self) -> str:
        """DN of the enterprise."""
        return self._dn

    def __iter__(self) -> Iterator[Add]:
        plan = self._plan
        yield self._enterprise()
        for person in plan.people:
            yield self._person(person)
        yield _unit("accounts", self._dn)
        mail = f"@{plan.domain}".encode()
        for person in plan.people:
            if person.uid:
                yield self._account(person, mail)
        yield self._group(Role.CAM, self._dn, [plan.cam])
        yield self._group(Role.CO_CAM, self._dn, plan.co_cams, plan.blocked_co_cams)
        for capacity in plan.capacities:
            yield from self._capacity(capacity)

    def _enterprise(self) -> Add:
        plan = self._plan
        street, postal_code, place = plan.address
        attributes: dict[str, Values] = {
            "objectClass": _ENTERPRISE,
            "umEnterpriseNumber": (plan.number.encode(),),
            "o": (plan.name.encode(),),
            "umHasPersonnel": _BOOLEAN[plan.has_personnel],
            "umEntitledCapacity": tuple(name.encode() for name in plan.entitled),
            "street": (street.encode(),),
            "postalCode": (postal_code.encode(),),
            "l": (place.encode(),),
            "mail": (f"info@{plan.domain}".encode(),),
            "preferredLanguage": (plan.language.encode(),),
        }
        if plan.nsso:
            attributes["umNssoNumber"] = (plan.nsso.encode(),)
        if plan.bankrupt:
            attributes["umBankrupt"] = _BOOLEAN[True]
        return Add(self._dn, attributes)

    def _person(self, person: Person) -> Add:
        attributes: dict[str, Values] = {
            "objectClass": _PERSON,
            "umSsin": (person.ssin.encode(),),
            "sn": (person.surname,),
            "givenName": (person.given,),
        }
        for relation in person.relations:
            attributes[relation] = self._related
        if person.formerly:
            attributes["umAssociateOf"] = attributes.get("umAssociateOf", ()) + self._formerly
        return Add(f"umSsin={person.ssin}{self._register}", attributes)

    def _account(self, person: Person, mail: bytes) -> Add:
        uid = person.uid.encode()
        attributes: dict[str, Values] = {
            "objectClass": _ACCOUNT,
            "uid": (uid,),
            "umSsin": (person.ssin.encode(),),
            "cn": (b"%b %b" % (person.given, person.surname),),
            "sn": (person.surname,),
            "givenName": (person.given,),
            "title": (person.title,),
            "mail": (uid + mail,),
            "preferredLanguage": (person.language,),
        }
        return Add(f"uid={person.uid}{self._accounts}", attributes)

    def _capacity(self, capacity: CapacityPlan) -> Iterator[Add]:
        dn = f"umCapacityName={capacity.name},{self._dn}"
        yield Add(
            dn,
            {"objectClass": _CAPACITY, "umCapacityName": (capacity.name.encode(),)} | self._asked(capacity),
        )
        yield self._group(Role.LA, dn, [capacity.administrator])
        yield self._group(Role.CO_LA, dn, capacity.co_administrators, capacity.blocked_co_administrators)
        yield self._group(Role.USER, dn, capacity.users, capacity.blocked_users)
        yield self._group(Role.TECHNICAL, dn, [capacity.technical_user] if capacity.technical_user else [])
        yield _unit("authorizations", dn)
        for application, people in capacity.grants.items():
            attributes: dict[str, Values] = {
                "objectClass": _AUTHORIZATION,
                "cn": (application.encode(),),
                "member": self._names(people),
            }
            yield Add(f"cn={application},ou=authorizations,{dn}", attributes)

    def _asked(self, capacity: CapacityPlan) -> dict[str, Values]:
        number = self._plan.number
        answers = {
            "mail": f"{capacity.name}@{self._plan.domain}",
            "telephoneNumber": f"+32 2 {number[2:5]} {number[5:7]} {number[7:9]}",
            "umRecognitionNumber": f"E{number[1:7]}",
        }
        return {name: (answers[name].encode(),) for name in CAPACITIES[capacity.name].asked}

    def _group(
        self, role: Role, parent: str, active: Iterable[Person], blocked: Iterable[Person] = ()
    ) -> Add:
        name = _GROUP[role]
        attributes: dict[str, Values] = {"objectClass": _ROLE_GROUP, "cn": (name.encode(),)}
        if members := self._names(active):
            attributes["member"] = members
        if barred := self._names(blocked):
            attributes["umBlockedMember"] = barred
        return Add(f"cn={name},{parent}", attributes)

    def _names(self, people: Iterable[Person]) -> Values:
        return tuple(f"uid={person.uid}{self._accounts}".encode() for person in people)


def _unit(name: str, parent: str) -> Add:
    return Add(f"ou={name},{parent}", {"objectClass": _UNIT, "ou": (name.encode(),)})
