"""A small enterprise in a running service, with somebody in every role, each with a password."""

from __future__ import annotations

import itertools

from support.service import Service
from um_directory.directory.client import DirectoryClient
from um_directory.generate.chance import Chance
from um_directory.generate.numbering import Numbering
from um_directory.model.operation import Add, Modification, Modify

PASSWORD = "Wachtwoord1"
RELATIONS = {
    "cam": "umDirectorOf",
    "cocam": "umManagerOf",
    "la": "umEmployeeOf",
    "cola": "umEmployeeOf",
    "user": "umEmployeeOf",
    "tech": "umEmployeeOf",
    "la2": "umEmployeeOf",
    "blockeduser": "umEmployeeOf",
    "blockedcola": "umEmployeeOf",
    "candidate": "umEmployeeOf",
    "founder": "umFounderOf",
    "stranger": None,
}
_numbering = Numbering(Chance(20261123))
_serial = itertools.count(1)


class Enterprise:
    """Capacities employer (LA `la`) and mandatary (LA `la2`) are active; service-provider may be activated."""

    def __init__(self, service: Service) -> None:
        index = next(_serial)
        self.service = service
        self.number = _numbering.enterprise(index)
        self.dn = service.tree.enterprise(self.number)
        self.employer = f"umCapacityName=employer,{self.dn}"
        self.mandatary = f"umCapacityName=mandatary,{self.dn}"
        self.tag = f"x{self.number}"
        self.ssins = {
            name: _numbering.ssin(index * 100 + position)[0] for position, name in enumerate(RELATIONS)
        }

    def uid(self, name: str) -> str:
        return f"{name}{self.tag}"

    def account(self, name: str) -> str:
        return self.service.tree.account(self.number, self.uid(name))

    def group(self, name: str, capacity: str | None = None) -> str:
        return f"cn={name},{capacity or self.dn}"

    def bind(self, name: str) -> DirectoryClient:
        """A connection bound as somebody of the enterprise."""
        url = f"ldap://127.0.0.1:{self.service.settings.ldap_port}"
        return DirectoryClient.bind_simple(url, self.account(name), PASSWORD)

    def add_group(
        self, name: str, capacity: str | None, active: list[str], blocked: tuple[str, ...] = ()
    ) -> Add:
        attributes = {"objectClass": (b"umRoleGroup",), "cn": (name.encode(),)}
        if active:
            attributes["member"] = tuple(self.account(who).encode() for who in active)
        if blocked:
            attributes["umBlockedMember"] = tuple(self.account(who).encode() for who in blocked)
        return Add(self.group(name, capacity), attributes)

    def add_account(self, name: str, **changed: tuple[bytes, ...]) -> Add:
        attributes: dict[str, tuple[bytes, ...]] = {
            "objectClass": (b"umAccount",),
            "uid": (self.uid(name).encode(),),
            "umSsin": (self.ssins[name].encode(),),
            "cn": (name.encode(),),
            "sn": (name.encode(),),
            "userPassword": (PASSWORD.encode(),),
        }
        return Add(self.account(name), {**attributes, **changed})

    def load(self) -> Enterprise:
        """Everything at once, as a first load by the registrar."""
        with self.service.connect("registrar") as registrar:
            for operation in self._records():
                registrar.write(operation)
        return self

    def _records(self) -> list[Add]:
        facts = {
            "objectClass": (b"umEnterprise",),
            "umEnterpriseNumber": (self.number.encode(),),
            "o": (b"Test",),
            "umEntitledCapacity": (b"employer", b"mandatary", b"service-provider"),
            "umHasPersonnel": (b"TRUE",),
        }
        accounts = f"ou=accounts,{self.dn}"
        records = [Add(self.dn, facts)]
        records += [self._person(name, relation) for name, relation in RELATIONS.items()]
        records.append(Add(accounts, {"objectClass": (b"organizationalUnit",), "ou": (b"accounts",)}))
        records += [self.add_account(name) for name in RELATIONS if name != "candidate"]
        records += [
            self.add_group("chief-access-manager", None, ["cam"]),
            self.add_group("co-chief-access-managers", None, ["cocam"]),
            Add(
                self.employer,
                {
                    "objectClass": (b"umCapacity",),
                    "umCapacityName": (b"employer",),
                    "mail": (b"hr@t.example",),
                },
            ),
            self.add_group("local-administrator", self.employer, ["la"]),
            self.add_group("co-local-administrators", self.employer, ["cola"], ("blockedcola",)),
            self.add_group("users", self.employer, ["user"], ("blockeduser",)),
            self.add_group("technical-user", self.employer, ["tech"]),
            Add(
                f"ou=authorizations,{self.employer}",
                {"objectClass": (b"organizationalUnit",), "ou": (b"authorizations",)},
            ),
            Add(
                self.mandatary,
                {
                    "objectClass": (b"umCapacity",),
                    "umCapacityName": (b"mandatary",),
                    "mail": (b"m@t.example",),
                    "telephoneNumber": (b"+32 2 511 51 51",),
                },
            ),
            self.add_group("local-administrator", self.mandatary, ["la2"]),
            self.add_group("users", self.mandatary, []),
        ]
        return records

    def _person(self, name: str, relation: str | None) -> Add:
        ssin = self.ssins[name].encode()
        attributes = {"objectClass": (b"umPerson",), "umSsin": (ssin,), "sn": (name.encode(),)}
        if relation:
            attributes[relation] = (self.dn.encode(),)
        return Add(self.service.tree.person(ssin.decode()), attributes)


def add_member(group: str, member: str) -> Modify:
    return Modify(group, (Modification("add", "member", (member.encode(),)),))


def remove_member(group: str, member: str) -> Modify:
    return Modify(group, (Modification("delete", "member", (member.encode(),)),))


def block(group: str, member: str) -> Modify:
    value = (member.encode(),)
    return Modify(
        group, (Modification("delete", "member", value), Modification("add", "umBlockedMember", value))
    )


def unblock(group: str, member: str) -> Modify:
    value = (member.encode(),)
    return Modify(
        group, (Modification("delete", "umBlockedMember", value), Modification("add", "member", value))
    )


def hand_over(group: str, member: str) -> Modify:
    return Modify(group, (Modification("replace", "member", (member.encode(),)),))
