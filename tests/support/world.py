"""Two enterprises in memory with somebody in every role, for tests of the rules: no slapd, no sockets.

Enterprise OWN has active capacities `employer` (everybody below) and `mandatary` (`mandadm1`, `manduser`), and
may activate `service-provider`. Enterprise FAR has capacity `employer`.
"""

from __future__ import annotations

from collections.abc import Iterable

from um_directory.guard.actor import actor_for
from um_directory.guard.evaluate import Refusal, evaluate
from um_directory.model.operation import Add, Modification, ModificationKind, Modify, Operation
from um_directory.model.roles import GROUP_NAMES, Role
from um_directory.view import View

SUFFIX = "dc=um,dc=example"
OWN, FAR = "0403019261", "0884303369"
EMPLOYER, MANDATARY, PROVIDER = "employer", "mandatary", "service-provider"
PASSWORD = "Wachtwoord1"

CATALOGUE = {
    EMPLOYER: (
        ("dimona", "dmfa"),
        "umEmployeeOf umDirectorOf umManagingDirectorOf umManagerOf umAssociateOf umMemberOf umServiceProviderOf",
        "umEmployeeOf umDirectorOf umManagingDirectorOf umManagerOf umFounderOf umServiceProviderOf",
        ("mail",),
    ),
    MANDATARY: (
        ("dimona", "mandates"),
        "umEmployeeOf umDirectorOf",
        "umEmployeeOf umDirectorOf umFounderOf",
        ("mail", "telephoneNumber"),
    ),
    PROVIDER: (("dmfa",), "umEmployeeOf", "umEmployeeOf umDirectorOf", ("mail",)),
}
"""Applications, relations of users and of administrators, data asked on activation."""

RELATIONS = {
    "thechief": "umDirectorOf",
    "cochief1": "umManagerOf",
    "cochief2": "umManagerOf",
    "localadm": "umEmployeeOf",
    "coadmin1": "umEmployeeOf",
    "coadmin2": "umEmployeeOf",
    "theuser1": "umEmployeeOf",
    "theuser2": "umEmployeeOf",
    "techuser": "umEmployeeOf",
    "mandadm1": "umEmployeeOf",
    "manduser": "umEmployeeOf",
    "employee": "umEmployeeOf",  # these have no role
    "director": "umDirectorOf",
    "managing": "umManagingDirectorOf",
    "manager1": "umManagerOf",
    "founder1": "umFounderOf",
    "associate": "umAssociateOf",
    "member01": "umMemberOf",
    "provider": "umServiceProviderOf",
    "trustee1": "umTrusteeOf",
    "stranger": None,
}
"""The accounts of OWN by username, and what the register says of the person."""
FAR_RELATIONS = {"farchief": "umDirectorOf", "farlocal": "umEmployeeOf", "faruser1": "umEmployeeOf"}

LEADERS = frozenset({"thechief", "cochief1"})
MANAGERS = LEADERS | {"localadm", "coadmin1"}
"""Who manages capacity employer of OWN."""
OPERATORS = frozenset({"registrar", "contact-center"})
SERVICE = "um-service"
ANONYMOUS = ""
EVERYBODY = (*RELATIONS, *FAR_RELATIONS, *sorted(OPERATORS), SERVICE, ANONYMOUS)
WITHOUT_ACTIVE_ROLE = frozenset(
    {"cochief2", "coadmin2", "theuser2", "employee", "director", "managing", "manager1", "founder1"}
    | {"associate", "member01", "provider", "trustee1", "stranger", ANONYMOUS}
)
FOREIGNERS = frozenset(FAR_RELATIONS)


def ssin(serial: int) -> str:
    """A valid SSIN of somebody born on 3 July 1985; `serial` is 1 to 998."""
    nine = f"850703{serial:03d}"
    return f"{nine}{97 - int(nine) % 97:02d}"


def enterprise_dn(number: str = OWN) -> str:
    """DN of an enterprise."""
    return f"umEnterpriseNumber={number},ou=enterprises,{SUFFIX}"


def capacity_dn(capacity: str = EMPLOYER, number: str = OWN) -> str:
    """DN of a capacity."""
    return f"umCapacityName={capacity},{enterprise_dn(number)}"


def account_dn(uid: str, number: str | None = None) -> str:
    """DN of an account."""
    return f"uid={uid},ou=accounts,{enterprise_dn(number or (FAR if uid in FAR_RELATIONS else OWN))}"


def person_dn(number: str) -> str:
    """DN of a natural person."""
    return f"umSsin={number},ou=register,{SUFFIX}"


def group_dn(role: Role, capacity: str = EMPLOYER, number: str = OWN) -> str:
    """DN of a role's group; `capacity` counts for the capacity roles only."""
    name = next(name for name, found in GROUP_NAMES.items() if found is role)
    parent = enterprise_dn(number) if role in (Role.CAM, Role.CO_CAM) else capacity_dn(capacity, number)
    return f"cn={name},{parent}"


def grants_dn(application: str, capacity: str = EMPLOYER, number: str = OWN) -> str:
    """DN of an authorization."""
    return f"cn={application},ou=authorizations,{capacity_dn(capacity, number)}"


def texts(*values: str) -> tuple[bytes, ...]:
    """Attribute values."""
    return tuple(value.encode() for value in values)


def holders(active: Iterable[str] = (), blocked: Iterable[str] = ()) -> dict[str, tuple[bytes, ...]]:
    """The attributes of a group with these accounts; an attribute without values is left out."""
    found = {"member": texts(*map(account_dn, active)), "umBlockedMember": texts(*map(account_dn, blocked))}
    return {name: values for name, values in found.items() if values}


# --- operations ---


def change(kind: ModificationKind, attribute: str, *values: str) -> Modification:
    """One modification."""
    return Modification(kind, attribute, texts(*values))


def modify(dn: str, *changes: Modification) -> Modify:
    """Several modifications of one entry."""
    return Modify(dn, changes)


def join(group: str, *uids: str) -> Modify:
    """Add active holders."""
    return modify(group, change("add", "member", *map(account_dn, uids)))


def leave(group: str, *uids: str) -> Modify:
    """Remove active holders."""
    return modify(group, change("delete", "member", *map(account_dn, uids)))


def block(group: str, uid: str) -> Modify:
    """Move a holder from active to blocked."""
    who = account_dn(uid)
    return modify(group, change("delete", "member", who), change("add", "umBlockedMember", who))


def unblock(group: str, uid: str) -> Modify:
    """Move a holder from blocked to active."""
    who = account_dn(uid)
    return modify(group, change("delete", "umBlockedMember", who), change("add", "member", who))


def hand_over(group: str, *uids: str) -> Modify:
    """Replace all active holders."""
    return modify(group, change("replace", "member", *map(account_dn, uids)))


def hand_over_in_two(group: str, old: str, new: str) -> Modify:
    """Replace one active holder by deleting and adding."""
    return modify(
        group, change("delete", "member", account_dn(old)), change("add", "member", account_dn(new))
    )


def new_group(
    dn: str, active: Iterable[str] = (), blocked: Iterable[str] = (), kind: str = "umRoleGroup"
) -> Add:
    """Add a role group, or with kind `umAuthorization` an authorization."""
    name = dn.partition(",")[0].partition("=")[2]
    return Add(dn, {"objectClass": texts(kind), "cn": texts(name), **holders(active, blocked)})


def new_account(name: str = "newcomer", number: str = OWN, **changed: tuple[bytes, ...]) -> Add:
    """Add an account; `changed` adds attributes, replaces them, or takes them away with an empty tuple."""
    attributes = {
        "objectClass": texts("umAccount"),
        "uid": texts(name),
        "umSsin": texts(ssin(900)),
        "cn": texts("New Comer"),
        "sn": texts("Comer"),
        "userPassword": texts(PASSWORD),
    }
    merged = {**attributes, **changed}
    return Add(account_dn(name, number), {key: values for key, values in merged.items() if values})


def new_capacity(capacity: str = PROVIDER, number: str = OWN, **changed: tuple[bytes, ...]) -> Add:
    """Add a capacity with the data that the catalogue asks for; `changed` as for `new_account`."""
    attributes = {"objectClass": texts("umCapacity"), "umCapacityName": texts(capacity)}
    asked = CATALOGUE[capacity][3] if capacity in CATALOGUE else ()
    attributes |= {name: texts("x@um.example") for name in asked}
    merged = {**attributes, **changed}
    return Add(capacity_dn(capacity, number), {name: values for name, values in merged.items() if values})


def everybody(rest: str, allowed: Iterable[str] = (), **told: Iterable[str]) -> dict[str, str | None]:
    """What everybody should be told: `allowed` nothing, `told` as D14={…} says, the others `rest`.

    Who has no active role is told A5, who is of another enterprise D14, unless they are named.
    """
    expected: dict[str, str | None] = dict.fromkeys(EVERYBODY, rest)
    expected |= dict.fromkeys(WITHOUT_ACTIVE_ROLE, "A5") | dict.fromkeys(FOREIGNERS, "D14")
    for rule, who in told.items():
        expected |= dict.fromkeys(who, rule)
    return expected | dict.fromkeys(allowed, None)


class World:
    """The view and the decisions taken against it."""

    def __init__(self) -> None:
        self.view = View(SUFFIX)
        self._put_catalogue()
        self._put_people(OWN, RELATIONS, 1)
        self._put_people(FAR, FAR_RELATIONS, 500)
        put = self.put_group
        put(group_dn(Role.CAM), ["thechief"])
        put(group_dn(Role.CO_CAM), ["cochief1"], ["cochief2"])
        put(group_dn(Role.LA), ["localadm"])
        put(group_dn(Role.CO_LA), ["coadmin1"], ["coadmin2"])
        put(group_dn(Role.USER), ["theuser1"], ["theuser2"])
        put(group_dn(Role.TECHNICAL), ["techuser"])
        put(grants_dn("dimona"), ["theuser1"])
        put(grants_dn("dmfa"), [], ["theuser2"])
        put(group_dn(Role.LA, MANDATARY), ["mandadm1"])
        put(group_dn(Role.USER, MANDATARY), ["manduser"])
        put(group_dn(Role.CAM, number=FAR), ["farchief"])
        put(group_dn(Role.LA, number=FAR), ["farlocal"])
        put(group_dn(Role.USER, number=FAR), ["faruser1"])

    # --- what is in it ---

    def put_group(self, dn: str, active: Iterable[str] = (), blocked: Iterable[str] = ()) -> None:
        """Put a group with these holders in place of what is there."""
        self.view.put(dn, holders(active, blocked))

    def put_enterprise(self, number: str = OWN, **facts: str) -> None:
        """Put an enterprise entry, entitled to all three capacities; `facts` such as umBankrupt="TRUE"."""
        entitled = {"umEntitledCapacity": texts(*CATALOGUE)}
        self.view.put(enterprise_dn(number), {**entitled, **{name: texts(v) for name, v in facts.items()}})

    def put_person(self, uid: str, *relations: str, number: str = OWN) -> None:
        """Say anew which relations the person behind an account has with an enterprise."""
        facts = {name: texts(enterprise_dn(number)) for name in relations}
        self.view.put(person_dn(self.view.accounts[uid].ssin), facts)

    def put_account(self, uid: str, same_person_as: str | None = None, number: str = OWN) -> None:
        """Put one more account: a second one of a person, or one of somebody whom the register does not know."""
        number_of_person = self.view.accounts[same_person_as].ssin if same_person_as else ssin(998)
        self.view.put(account_dn(uid, number), {"umSsin": texts(number_of_person)})

    def block_all_roles(self, uid: str) -> None:
        """Turn every active role of an account into a blocked one, also where no rule would allow it."""
        for held in self.view.roles_of(uid):
            dn = group_dn(held.role, held.capacity or EMPLOYER, held.enterprise)
            there = self.view.holders(self.view.place(dn))
            assert there is not None
            self.put_group(dn, there.active - {uid}, there.blocked | {uid})

    # --- who may what ---

    def refusal(self, by: str, operation: Operation) -> Refusal | None:
        """What the guard says when `by` (a username, an operator, the service) asks for this."""
        return evaluate(operation, actor_for(self.bind_dn(by), self.view), self.view)

    def decide(self, by: str, operation: Operation) -> str | None:
        """The id of the rule that refuses, None when allowed."""
        refused = self.refusal(by, operation)
        return refused.rule if refused else None

    def why(self, by: str, operation: Operation) -> str:
        """The English text of a refusal."""
        refused = self.refusal(by, operation)
        assert refused is not None, f"{by} was allowed"
        return refused.text

    def verdicts(self, operation: Operation) -> dict[str, str | None]:
        """What everybody is told, to compare with `everybody(…)`."""
        return {by: self.decide(by, operation) for by in EVERYBODY}

    def follow(self, operation: Operation) -> None:
        """Carry an operation out, as after its commit."""
        self.view.apply(operation)

    def bind_dn(self, by: str) -> str:
        """The name under which somebody binds."""
        if by in OPERATORS:
            return f"cn={by},ou=operators,{SUFFIX}"
        if by == SERVICE:
            return f"cn={by},ou=services,{SUFFIX}"
        account = self.view.accounts.get(by)
        return account_dn(by, account.enterprise) if account else by

    # --- building ---

    def _put_catalogue(self) -> None:
        for name, (applications, users, administrators, asked) in CATALOGUE.items():
            for application in applications:
                self.view.put(f"cn={application},ou=applications,ou=catalogue,{SUFFIX}", {})
            self.view.put(
                f"umCapacityName={name},ou=capacities,ou=catalogue,{SUFFIX}",
                {
                    "umOffersApplication": texts(
                        *(f"cn={item},ou=applications,ou=catalogue,{SUFFIX}" for item in applications)
                    ),
                    "umUserRelation": texts(*users.split()),
                    "umAdministratorRelation": texts(*administrators.split()),
                    "umActivationAttribute": texts(*asked),
                },
            )

    def _put_people(self, number: str, relations: dict[str, str | None], first_serial: int) -> None:
        self.put_enterprise(number)
        for serial, (uid, relation) in enumerate(relations.items(), first_serial):
            facts = {relation: texts(enterprise_dn(number))} if relation else {}
            self.view.put(person_dn(ssin(serial)), facts)
            self.view.put(account_dn(uid, number), {"umSsin": texts(ssin(serial))})
        self.view.put(capacity_dn(EMPLOYER, number), {})
        if number == OWN:
            self.view.put(capacity_dn(MANDATARY), {})
