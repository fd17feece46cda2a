"""The modelled domain and the real directory beside each other: actions as LDAP writes, both sides as one picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from support.domain_state import State
from support.domain_words import (
    CAM,
    CO_CAM,
    CO_LA,
    LA,
    TECHNICAL,
    USER,
    Action,
    AddCapacity,
    AddEnterprise,
    AddPerson,
    AddSpot,
    ChangeHolders,
    ChangePassword,
    Definition,
    EditAccount,
    EditCapacity,
    Register,
    RemoveCapacity,
    RemoveSpot,
    SetFact,
    SetRelation,
    Spot,
    Unregister,
)
from um_directory.directory.client import DirectoryClient
from um_directory.model.operation import Add, Delete, Modification, Modify, Operation, SetPassword
from um_directory.model.tree import Tree

Picture: TypeAlias = dict[str, dict[str, frozenset[str]]]
"""DN in lower case, attribute in lower case, values in lower case; attributes without values are left out."""

GROUPS = {
    CAM: "chief-access-manager",
    CO_CAM: "co-chief-access-managers",
    LA: "local-administrator",
    CO_LA: "co-local-administrators",
    USER: "users",
    TECHNICAL: "technical-user",
}
RELATIONS = {
    "employee": "umEmployeeOf",
    "director": "umDirectorOf",
    "managing director": "umManagingDirectorOf",
    "manager": "umManagerOf",
    "founder": "umFounderOf",
    "associate": "umAssociateOf",
    "member": "umMemberOf",
    "service provider": "umServiceProviderOf",
    "trustee": "umTrusteeOf",
}
FACTS = {"personnel": "umHasPersonnel", "bankrupt": "umBankrupt", "entitled": "umEntitledCapacity"}
AMONG = {"active": "member", "blocked": "umBlockedMember"}
ACCESS = frozenset({"memberof", "umaccountstatus"})
_COMPARED = frozenset(
    {"member", "umblockedmember", "mail", "preferredlanguage", "telephonenumber", "description", "umssin"}
    | {"umentitledcapacity", "umhaspersonnel", "umbankrupt", *(name.lower() for name in RELATIONS.values())}
    | ACCESS
)


def texts(*values: str) -> tuple[bytes, ...]:
    """Attribute values."""
    return tuple(value.encode() for value in values)


def said(value: bool) -> str:
    """An LDAP boolean."""
    return "TRUE" if value else "FALSE"


def read_catalogue(client: DirectoryClient, suffix: str) -> dict[str, Definition]:
    """The catalogue's capacities, in the domain's words."""
    words = {attribute: word for word, attribute in RELATIONS.items()}
    found = {}
    for entry in client.search(f"ou=capacities,ou=catalogue,{suffix}", "(umCapacityName=*)"):
        given = {name: {v.decode() for v in values} for name, values in entry.attributes.items()}
        found[next(iter(given["umCapacityName"]))] = Definition(
            frozenset(
                dn.partition(",")[0].removeprefix("cn=") for dn in given.get("umOffersApplication", ())
            ),
            frozenset(words[name] for name in given.get("umUserRelation", ())),
            frozenset(words[name] for name in given.get("umAdministratorRelation", ())),
            frozenset(given.get("umActivationAttribute", ())),
        )
    return found


class Wire:
    """Names and writes of one directory for one modelled domain."""

    def __init__(self, tree: Tree, domain: State) -> None:
        self.tree = tree
        self.domain = domain

    def capacity(self, enterprise: str, capacity: str) -> str:
        """DN of a capacity."""
        return f"umCapacityName={capacity},{self.tree.enterprise(enterprise)}"

    def spot(self, spot: Spot) -> str:
        """DN of a group or authorization."""
        base = (
            self.capacity(spot.enterprise, spot.capacity)
            if spot.capacity
            else self.tree.enterprise(spot.enterprise)
        )
        if spot.application:
            return f"cn={spot.application},ou=authorizations,{base}"
        return f"cn={GROUPS[spot.role]},{base}"

    def account(self, uid: str, enterprise: str) -> str:
        """DN of an account; of one that does not exist, as if it were of `enterprise`."""
        known = self.domain.accounts.get(uid)
        return self.tree.account(known.enterprise if known else enterprise, uid)

    def _holders(self, uids: Iterable[str], spot: Spot) -> tuple[bytes, ...]:
        return texts(*(self.account(uid, spot.enterprise) for uid in uids))

    def operation(self, action: Action) -> Operation:  # noqa: PLR0911, PLR0912 - one case an action
        """The write that an action is."""
        match action:
            case ChangeHolders(spot, steps):
                changes = [
                    Modification(step.kind, AMONG[step.among], self._holders(step.who, spot))  # type: ignore[arg-type]
                    for step in steps
                ]
                return Modify(self.spot(spot), tuple(changes))
            case AddSpot(spot, active, blocked):
                return self._new_spot(spot, {"member": active, "umBlockedMember": blocked})
            case RemoveSpot(spot):
                return Delete(self.spot(spot))
            case AddCapacity(enterprise, capacity, data):
                given = {name: texts(value) for name, value in data}
                return Add(
                    self.capacity(enterprise, capacity),
                    {"objectClass": texts("umCapacity"), "umCapacityName": texts(capacity), **given},
                )
            case EditCapacity(enterprise, capacity, edits):
                return Modify(
                    self.capacity(enterprise, capacity), tuple(_edit(name, value) for name, value in edits)
                )
            case RemoveCapacity(enterprise, capacity):
                return Delete(self.capacity(enterprise, capacity))
            case Register():
                return self._new_account(action)
            case Unregister(enterprise, uid):
                return Delete(self.tree.account(enterprise, uid))
            case EditAccount(enterprise, uid, edits):
                return Modify(
                    self.tree.account(enterprise, uid), tuple(_edit(name, value) for name, value in edits)
                )
            case ChangePassword(enterprise, uid, password, how):
                dn = self.tree.account(enterprise, uid)
                if how == "extended":
                    return SetPassword(dn, password.encode())
                return Modify(dn, (_edit("userPassword", password),))
            case AddEnterprise(enterprise, entitled):
                return Add(
                    self.tree.enterprise(enterprise),
                    {
                        "objectClass": texts("umEnterprise"),
                        "umEnterpriseNumber": texts(enterprise),
                        "o": texts("Modelled"),
                        "umEntitledCapacity": texts(*entitled),
                    },
                )
            case AddPerson(ssin, relations):
                known: dict[str, tuple[bytes, ...]] = {
                    "objectClass": texts("umPerson"),
                    "umSsin": texts(ssin),
                    "sn": texts("Modelled"),
                }
                for relation, enterprise in relations:
                    known[RELATIONS[relation]] = texts(self.tree.enterprise(enterprise))
                return Add(self.tree.person(ssin), known)
            case SetFact(enterprise, name, value):
                values = (said(value),) if isinstance(value, bool) else sorted(value)
                return Modify(
                    self.tree.enterprise(enterprise), (Modification("replace", FACTS[name], texts(*values)),)
                )
            case SetRelation(ssin, enterprise, relation, holds):
                change = Modification(
                    "add" if holds else "delete",
                    RELATIONS[relation],
                    texts(self.tree.enterprise(enterprise)),
                )
                return Modify(self.tree.person(ssin), (change,))
        raise AssertionError(action)

    def _new_spot(self, spot: Spot, holders: dict[str, tuple[str, ...]]) -> Add:
        name = spot.application or GROUPS[spot.role]
        kind = "umAuthorization" if spot.application else "umRoleGroup"
        given = {attribute: self._holders(uids, spot) for attribute, uids in holders.items() if uids}
        return Add(self.spot(spot), {"objectClass": texts(kind), "cn": texts(name), **given})

    def _new_account(self, action: Register) -> Add:
        secret = {"userPassword": texts(action.password)} if action.password is not None else {}
        return Add(
            self.tree.account(action.enterprise, action.uid),
            {
                "objectClass": texts("umAccount"),
                "uid": texts(action.uid),
                "umSsin": texts(action.ssin),
                "cn": texts("Modelled"),
                "sn": texts("Modelled"),
                **secret,
            },
        )

    # --- Pictures ---

    def expected(self) -> Picture:
        """What should be stored, by the model."""
        return {
            dn.lower(): {
                name.lower(): frozenset(v.lower() for v in values)
                for name, values in attributes.items()
                if values
            }
            for dn, attributes in self._expected()
        }

    def _expected(self) -> Iterator[tuple[str, dict[str, Iterable[str]]]]:
        domain, tree = self.domain, self.tree
        for number, firm in domain.firms.items():
            facts: dict[str, Iterable[str]] = {"umEntitledCapacity": firm.entitled}
            if not firm.personnel:
                facts["umHasPersonnel"] = ("FALSE",)
            if firm.bankrupt:
                facts["umBankrupt"] = ("TRUE",)
            yield tree.enterprise(number), facts
            for capacity, data in firm.capacities.items():
                yield self.capacity(number, capacity), {name: (value,) for name, value in data.items()}
        for spot, holders in domain.spots.items():
            named = {"member": holders.active, "umBlockedMember": holders.blocked}
            yield (
                self.spot(spot),
                {
                    attribute: [self.account(uid, spot.enterprise) for uid in uids]
                    for attribute, uids in named.items()
                },
            )
        for uid, account in domain.accounts.items():
            applications, active = domain.access(uid)
            yield (
                tree.account(account.enterprise, uid),
                {
                    **{name: (value,) for name, value in account.data.items()},
                    "umSsin": (account.ssin,),
                    "memberOf": [tree.access_group(name) for name in applications],
                    "umAccountStatus": ("active" if active else "inactive",),
                },
            )
        for ssin, relations in domain.persons.items():
            by_attribute: dict[str, list[str]] = {}
            for relation, number in relations:
                by_attribute.setdefault(RELATIONS[relation], []).append(tree.enterprise(number))
            yield tree.person(ssin), {**by_attribute, "umSsin": (ssin,)}

    def stored(self, client: DirectoryClient) -> Picture:
        """What is stored of the modelled enterprises and persons. `client` is the service."""
        found: Picture = {}
        for number in self.domain.firms:
            found |= self._read(client, self.tree.enterprise(number), "sub")
        persons = "".join(f"(umSsin={ssin})" for ssin in sorted(self.domain.persons))
        return found | self._read(client, f"ou=register,{self.tree.suffix}", "one", f"(|{persons})")

    def stored_at(self, client: DirectoryClient, dn: str) -> Picture:
        """What is stored at one DN, if anything."""
        return self._read(client, dn, "base")

    def _read(self, client: DirectoryClient, dn: str, scope: str, which: str = "(objectClass=*)") -> Picture:
        found: Picture = {}
        for entry in client.search(dn, which, scope=scope):  # type: ignore[arg-type]
            name = entry.dn.lower()
            if name.startswith("ou="):
                continue  # containers
            found[name] = {
                attribute.lower(): frozenset(value.decode().lower() for value in values)
                for attribute, values in entry.attributes.items()
                if attribute.lower() in _COMPARED and values
            }
            for absent, default in (("umhaspersonnel", "true"), ("umbankrupt", "false")):
                if found[name].get(absent) == {default}:
                    del found[name][absent]  # as good as absent
            if "umaccount" in {value.decode().lower() for value in entry.attributes["objectClass"]}:
                found[name].setdefault("umaccountstatus", frozenset({"inactive"}))
        return found


def without_access(picture: Picture) -> Picture:
    """The same without what the service keeps, which follows a moment later."""
    return {
        dn: {name: values for name, values in attributes.items() if name not in ACCESS}
        for dn, attributes in picture.items()
    }


def differences(expected: Picture, stored: Picture) -> list[str]:
    """One line for each entry and attribute that differ."""
    lines = []
    for dn in sorted({*expected, *stored}):
        if dn not in stored or dn not in expected:
            lines.append(f"{dn}: only {'expected' if dn in expected else 'stored'}")
            continue
        for name in sorted({*expected[dn], *stored[dn]}):
            wanted, there = expected[dn].get(name, frozenset()), stored[dn].get(name, frozenset())
            if wanted != there:
                lines.append(f"{dn}: {name}: expected {sorted(wanted)}, stored {sorted(there)}")
    return lines


def _edit(name: str, value: str | None) -> Modification:
    return Modification("delete", name) if value is None else Modification("replace", name, texts(value))
