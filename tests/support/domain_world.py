"""The world that the state machine plays in: two small enterprises, everybody in them, and one connection for each.

A `Table` is one example: it loads the world as the registrar's first load, carries out actions as whoever is asked,
and holds the model and the directory against each other.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections import Counter
from contextlib import suppress

from hypothesis import note

from support.domain_ldap import Wire, differences, read_catalogue, texts, without_access
from support.domain_model import Domain
from support.domain_words import (
    AUTHORIZATION,
    CAM,
    CO_CAM,
    CO_LA,
    LA,
    RULE_OF,
    TECHNICAL,
    USER,
    Action,
    Actor,
    AddCapacity,
    AddEnterprise,
    AddPerson,
    AddSpot,
    ChangeHolders,
    Register,
    Spot,
    Step,
)
from support.service import Service, wait_until
from um_directory.directory.client import DirectoryClient
from um_directory.errors import OperationRefused
from um_directory.generate.chance import Chance
from um_directory.generate.numbering import Numbering
from um_directory.model.operation import Add
from um_directory.model.roles import Role

PASSWORD = "Wachtwoord1"
# A hash, as a take-over brings it (C2): it costs slapd nothing to store and little to verify.
_HASHED = "{SSHA}" + base64.b64encode(hashlib.sha1(PASSWORD.encode() + b"salt").digest() + b"salt").decode()

EMPLOYER, MANDATARY, PROVIDER = "employer", "mandatary", "service-provider"
CAPACITIES = (EMPLOYER, MANDATARY, PROVIDER)
DATA = {
    EMPLOYER: (("mail", "hr@t.example"),),
    MANDATARY: (("mail", "m@t.example"), ("telephoneNumber", "+32 2 511 51 51")),
    PROVIDER: (("mail", "sp@t.example"),),
}
RELATIONS = {
    "chief": "director",
    "double": "director",  # a second account of the chief's person
    "second": "manager",
    "founder": "founder",
    "admin": "employee",
    "helper": "employee",
    "clerk": "employee",
    "sender": "employee",
    "proxy": "employee",
    "partner": "associate",
    "comrade": "member",
    "provider": "service provider",
    "trustee": "trustee",
    "stranger": "",
}
FAR = ("chief", "admin", "clerk")
_LDAP_OBJECTS = frozenset({16, 20, 32, 68})  # no such value, value exists, no such object, entry exists
_AN_INDEX_OF_OUR_OWN = 500_000  # support.enterprise counts from 1 in the same service
_numbering = Numbering(Chance(20261124))
_serial = itertools.count(_AN_INDEX_OF_OUR_OWN)

COUNTS: Counter[tuple[str, str]] = Counter()
"""(rule, `refused` or `allowed`) and (`steps`, …) over all examples of a run."""


class Table:
    """One example's enterprises `own` and `far`, in the model and in the directory."""

    def __init__(self, service: Service, two_capacities: bool) -> None:
        self.service = service
        self.reader = service.connect("service")
        self.domain = Domain(read_catalogue(self.reader, service.settings.suffix))
        self.wire = Wire(service.tree, self.domain)
        self.connections: dict[tuple[Actor, bool], DirectoryClient] = {}
        self.own, self.far = (_numbering.enterprise(next(_serial)) for _ in range(2))
        self._load(two_capacities)

    def uid(self, name: str) -> str:
        """Username of `chief` (of enterprise own) or `far/chief`."""
        enterprise, _, person = name.rpartition("/")
        return f"{person}x{self.far if enterprise else self.own}"

    def close(self) -> None:
        """End all connections."""
        for client in (self.reader, *self.connections.values()):
            client.close()

    # --- The first load ---

    def _load(self, two_capacities: bool) -> None:
        for operation in (AddEnterprise(self.own, CAPACITIES), AddEnterprise(self.far, CAPACITIES)):
            self._must(operation)
        ssins: dict[str, str] = {}
        for name in (*RELATIONS, *(f"far/{name}" for name in FAR)):
            self._person_and_account(name, ssins)
        self.ssins = ssins
        for number, prefix in ((self.own, ""), (self.far, "far/")):
            self._must(AddSpot(Spot(number, None, CAM), (self.uid(f"{prefix}chief"),)))
            self._capacity(number, EMPLOYER, self.uid(f"{prefix}admin"))
            self._must(AddSpot(Spot(number, EMPLOYER, USER), (self.uid(f"{prefix}clerk"),)))
        if two_capacities:
            self._capacity(self.own, MANDATARY, self.uid("proxy"))
        self._must(AddSpot(Spot(self.own, None, CO_CAM), (self.uid("second"),)))
        self._must(AddSpot(Spot(self.own, EMPLOYER, CO_LA), (self.uid("helper"),)))
        self._must(AddSpot(Spot(self.own, EMPLOYER, TECHNICAL), (self.uid("sender"),)))
        self._must(AddSpot(Spot(self.own, EMPLOYER, AUTHORIZATION, "dimona"), (self.uid("clerk"),)))
        self.compare()
        for uid in sorted(self.domain.accounts):
            if self.domain.access(uid)[1]:
                self.connection(Actor("person", uid))

    def _person_and_account(self, name: str, ssins: dict[str, str]) -> None:
        enterprise, _, person = name.rpartition("/")
        number = self.far if enterprise else self.own
        if person == "double":
            ssins[name] = ssins["chief"]
        else:
            ssins[name] = _numbering.ssin(next(_serial))[0]
            relation = RELATIONS[person]
            self._must(AddPerson(ssins[name], ((relation, number),) if relation else ()))
        self._must(Register(number, self.uid(name), ssins[name], PASSWORD))

    def _capacity(self, number: str, capacity: str, administrator: str) -> None:
        self._must(AddCapacity(number, capacity, DATA[capacity]))
        self._must(AddSpot(Spot(number, capacity, LA), (administrator,)))

    def _must(self, action: Action) -> None:
        registrar = Actor("registrar")
        assert not self.domain.refusals(registrar, action), action
        operation = self.wire.operation(action)
        if isinstance(action, Register):
            assert isinstance(operation, Add)
            operation = Add(operation.dn, {**operation.attributes, "userPassword": texts(_HASHED)})
        if isinstance(action, AddEnterprise):
            self.connection(registrar).write(operation)
            self._container(f"ou=accounts,{operation.dn}")
        else:
            self.connection(registrar).write(operation)
        self._carry_out(action)

    def _container(self, dn: str) -> None:
        name = dn.partition(",")[0].removeprefix("ou=")
        entry = Add(dn, {"objectClass": texts("organizationalUnit"), "ou": texts(name)})
        self.connection(Actor("registrar")).write(entry)

    # --- Actions ---

    def carry_out(self, actor: Actor, action: Action, through_service: bool = False) -> str | None:
        """Do it and compare the outcome; returns the rule that refused, "" for LDAP itself, None for done."""
        expected = self.domain.refusals(actor, action)
        client = self.connection(actor, through_service)
        operation = self.wire.operation(action)
        refused = self._write(client, operation)
        said = f"{actor} does {action}: expected {sorted(expected) or 'no rule to refuse'}, got {refused or 'success'}"
        note(said)  # of a failing example, Hypothesis prints them all
        rule = None
        if expected:
            assert refused is not None, said
            assert refused.rule in expected, said
            rule = refused.rule or ""
        elif self.domain.impossible(action):
            assert refused is not None, said
            assert refused.rule is None, said
            assert refused.code in _LDAP_OBJECTS, said
            rule = ""
        else:
            assert refused is None, said
            self._carry_out(action)
        self.count(actor, action, rule)
        self._compare_entry(operation.dn)
        return rule

    def _write(self, client: DirectoryClient, operation: object) -> OperationRefused | None:
        try:
            client.write(operation)  # type: ignore[arg-type]
        except OperationRefused as error:
            return error
        return None

    def _carry_out(self, action: Action) -> None:
        before = dict(self.domain.spots)
        self.domain.carry_out(action)
        if isinstance(action, AddSpot) and action.spot.role == LA:
            self._container(
                f"ou=authorizations,{self.wire.capacity(action.spot.enterprise, action.spot.capacity or '')}"
            )
        spot = getattr(action, "spot", None)
        ended = [
            other
            for other, holders in before.items()
            if other != spot and self.domain.spots.get(other) != holders
        ]
        if ended:  # authorizations of who is no longer a user: the service ends them
            wait_until(
                lambda: not any(self._differs(self.wire.spot(other)) for other in ended), what="their end"
            )

    def out_and_in_again(self, actor: Actor, users: Spot, uid: str) -> None:
        """Remove a user and name him anew at once: done, or D6 while his authorizations are still being ended."""
        out = ChangeHolders(users, (Step("delete", "active", (uid,)),))
        back = ChangeHolders(users, (Step("add", "active", (uid,)),))
        if self.domain.refusals(actor, out) or self.domain.impossible(out):
            return
        client = self.connection(actor)
        assert self._write(client, self.wire.operation(out)) is None, (actor, out)
        self.domain.carry_out(out)
        refused = self._write(client, self.wire.operation(back))
        expected = self.domain.refusals(actor, back)
        if refused is None:
            assert not expected, (actor, back, expected)
            self.domain.carry_out(back)
        else:
            assert refused.rule in {"D6", *expected}, (actor, back, str(refused))
        self.compare()

    def count(self, actor: Actor, action: Action, rule: str | None) -> None:
        """Keep the record of what was met."""
        COUNTS["steps", type(action).__name__] += 1
        if rule:
            COUNTS[rule, "refused"] += 1
        elif rule is None:
            for allowed in topics(self.domain, actor, action):
                COUNTS[allowed, "allowed"] += 1

    # --- Connections ---

    def connection(self, actor: Actor, through_service: bool = False) -> DirectoryClient:
        """The actor's connection, opened at his first action. He can bind: the caller sees to that."""
        key = (actor, through_service)
        if key not in self.connections:
            client = self._open(actor, through_service)
            self.connections[key] = client
        return self.connections[key]

    def _open(self, actor: Actor, through_service: bool) -> DirectoryClient:
        if actor.kind != "person":
            return self.service.connect(actor.kind)
        account = self.domain.accounts[actor.uid]
        dn = self.wire.account(actor.uid, account.enterprise)
        role, capacity = (Role(actor.session[0]), actor.session[1]) if actor.session else (None, None)
        client = self.service.connect("service") if through_service else self.bind(actor.uid)
        try:
            if through_service:
                client.act(acting_for=dn, role=role, capacity=capacity)
            elif role:
                client.act(role=role, capacity=capacity)
        except OperationRefused:
            client.close()
            raise
        return client

    def bind(self, uid: str) -> DirectoryClient:
        """A new connection of somebody who may bind, as soon as his access has followed his roles."""
        found: list[DirectoryClient] = []

        def bound() -> bool:
            with suppress(OperationRefused):
                found.append(self.try_bind(uid))
            return bool(found)

        wait_until(bound, what=f"the log-in of {uid}")
        return found[0]

    def try_bind(self, uid: str) -> DirectoryClient:
        """Bind with the password that the model knows."""
        account = self.domain.accounts[uid]
        url = f"ldap://127.0.0.1:{self.service.settings.ldap_port}"
        dn = self.wire.account(uid, account.enterprise)
        return DirectoryClient.bind_simple(url, dn, account.password or "none")

    # --- Comparison ---

    def _differs(self, dn: str) -> list[str]:
        expected = {name: kept for name, kept in self.wire.expected().items() if name == dn.lower()}
        stored = self.wire.stored_at(self.reader, dn)
        return differences(without_access(expected), without_access(stored))

    def _compare_entry(self, dn: str) -> None:
        differing = self._differs(dn)
        assert not differing, differing

    def compare(self) -> None:
        """Both enterprises entirely; what the service keeps may follow a moment later."""
        lines: list[str] = []

        def equal() -> bool:
            lines[:] = differences(self.wire.expected(), self.wire.stored(self.reader))
            return not lines

        try:
            wait_until(equal)
        except AssertionError:
            raise AssertionError("the directory is not what the model says:\n" + "\n".join(lines)) from None


def topics(domain: Domain, actor: Actor, action: Action) -> set[str]:
    """The rules whose permission an allowed action shows. `domain` is as it became."""
    found = {"A5", "D14"} if actor.kind == "person" else set()
    if actor.session:
        found.add("A6")
    match action:
        case ChangeHolders(spot) | AddSpot(spot):
            found.add(RULE_OF[spot.role])
            found |= _designation_topics(domain, actor, action, spot)
        case _:
            found |= _other_topics(actor, action)
    return found


def _designation_topics(domain: Domain, actor: Actor, action: Action, spot: Spot) -> set[str]:
    found = set()
    holders = domain.spots[spot]
    if spot.role in (CAM, CO_CAM) and holders.active:
        found.add("E1")
    if spot.role in (LA, CO_LA) and holders.active:
        found.add("E2")
    if spot.role in (CAM, LA):
        found.add("E6")
    if spot.role == USER and holders.active:
        found.add("E3")
    if spot.role == LA and actor.kind == "registrar" and isinstance(action, ChangeHolders):
        found.add("D13")
    if actor.kind == "person" and actor.uid in holders.all() and spot.role != AUTHORIZATION:
        found.add("D11")
    return found


def _other_topics(actor: Actor, action: Action) -> set[str]:
    name = type(action).__name__
    if name in ("EditAccount", "ChangePassword"):
        own = {"D10"} if actor.uid == getattr(action, "uid", None) else {"D15"}
        return own | ({"C2"} if name == "ChangePassword" else set())
    return {
        "AddCapacity": {"D3"},
        "EditCapacity": {"D9"},
        "Register": {"D6", "C1"},
        "Unregister": {"D6"},
        "SetFact": {"D12"},
        "SetRelation": {"D12"},
    }.get(name, set())
