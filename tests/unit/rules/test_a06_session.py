"""A6: the role chosen for a session is the only one that counts, and the service says for whom it acts."""

from __future__ import annotations

import pytest

from support.world import (
    EMPLOYER,
    MANDATARY,
    OPERATORS,
    SERVICE,
    SUFFIX,
    World,
    account_dn,
    block,
    change,
    group_dn,
    join,
    modify,
)
from um_directory.guard.actor import Actor
from um_directory.guard.evaluate import evaluate
from um_directory.guard.session import Declared, Sessions
from um_directory.model.operation import Add, Modify, Operation
from um_directory.model.roles import Role
from um_directory.model.tree import Tree

SESSION = f"cn=session,{SUFFIX}"
USERS, CO_CAMS = group_dn(Role.USER), group_dn(Role.CO_CAM)
SERVICE_DN = f"cn={SERVICE},ou=services,{SUFFIX}"


class Connections:
    """The connections of a world, each with what it declared."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sessions = Sessions()
        self.sessions.begin_life()

    def decide(self, by: str, operation: Operation, connection: int = 7) -> str | None:
        actor = self.sessions.actor(self.world.bind_dn(by), connection, self.world.view)
        return self._rule(operation, actor)

    def declare(self, by: str, *, connection: int = 7, **said: str) -> str | None:
        actor = self.sessions.bound(self.world.bind_dn(by), connection, self.world.view)
        return self._rule(declaration(**said), actor)

    def _rule(self, operation: Operation, actor: Actor) -> str | None:
        refused = evaluate(operation, actor, self.world.view)
        return refused.rule if refused else None


def bound(uid: str) -> str:
    """A name as the guard normalises it."""
    return Tree(SUFFIX).place(account_dn(uid)).dn


def declaration(**said: str) -> Modify:
    return modify(SESSION, *(change("replace", name, value) for name, value in said.items()))


@pytest.fixture
def connections(world: World) -> Connections:
    return Connections(world)


def as_role(role: Role, capacity: str | None = None) -> dict[str, str]:
    return {"umActingRole": role, **({"umCapacityName": capacity} if capacity else {})}


class TestWhoChooses:
    @pytest.mark.parametrize(
        ("who", "role", "capacity"),
        [
            ("thechief", Role.CAM, None),
            ("cochief1", Role.CO_CAM, None),
            ("localadm", Role.LA, EMPLOYER),
            ("coadmin1", Role.CO_LA, EMPLOYER),
            ("theuser1", Role.USER, EMPLOYER),
            ("techuser", Role.TECHNICAL, EMPLOYER),
        ],
    )
    def test_everyone_one_of_his_own_roles(
        self, connections: Connections, who: str, role: Role, capacity: str | None
    ) -> None:
        assert connections.declare(who, **as_role(role, capacity)) is None

    @pytest.mark.parametrize(
        "said",
        [
            as_role(Role.CAM),
            as_role(Role.LA, MANDATARY),
            as_role(Role.LA),
            as_role(Role.CO_LA, EMPLOYER),
            {"umActingRole": "emperor"},
            {"umCapacityName": EMPLOYER},
            {},
        ],
    )
    def test_nobody_another(self, connections: Connections, said: dict[str, str]) -> None:
        assert connections.declare("localadm", **said) in ("A6", "D0")

    def test_nor_one_in_which_he_is_blocked(self, connections: Connections) -> None:
        connections.world.put_group(USERS, ["localadm"])
        assert connections.declare("localadm", **as_role(Role.USER, EMPLOYER)) is None
        connections.world.put_group(USERS, [], ["localadm"])
        assert connections.declare("localadm", **as_role(Role.USER, EMPLOYER)) == "A6"

    @pytest.mark.parametrize("by", ["thechief", *sorted(OPERATORS)])
    def test_only_the_service_acts_for_others(self, connections: Connections, by: str) -> None:
        said = {"umActingFor": account_dn("theuser1"), **as_role(Role.USER, EMPLOYER)}
        assert connections.declare(by, **said) == "A6"
        assert connections.declare(SERVICE, **said) is None

    def test_the_service_names_itself_to_act_for_itself(self, connections: Connections) -> None:
        for said in ({}, {"umActingFor": ""}, {"umCapacityName": EMPLOYER}):
            assert connections.declare(SERVICE, **said) in ("A6", "D0")

    @pytest.mark.parametrize("for_", [account_dn("stranger"), account_dn("nobodyhere"), SUFFIX, "not a name"])
    def test_the_service_for_people_with_an_active_role(self, connections: Connections, for_: str) -> None:
        assert connections.declare(SERVICE, umActingFor=for_) == "A6"

    def test_who_has_no_active_role_chooses_none(self, connections: Connections) -> None:
        assert connections.declare("theuser2", **as_role(Role.USER, EMPLOYER)) == "A5"

    def test_a_session_is_declared_by_modification_of_its_own_attributes(
        self, connections: Connections
    ) -> None:
        assert connections.declare("localadm", mail="a@b.example") == "D0"
        assert connections.decide("localadm", Add(SESSION, {"objectClass": (b"umRoleGroup",)})) == "D0"
        twice = modify(SESSION, change("add", "umActingRole", Role.LA, Role.USER))
        assert connections.decide("localadm", twice) == "D0"


class TestARoleThatWasChosen:
    def test_is_the_only_one_that_counts(self, connections: Connections) -> None:
        connections.world.put_group(USERS, ["thechief", "theuser1"])
        dn = bound("thechief")
        connections.sessions.declare(7, Declared(dn, dn, Role.USER, EMPLOYER))
        for operation in (block(USERS, "theuser1"), join(CO_CAMS, "director")):
            assert connections.decide("thechief", operation, connection=8) is None
            assert connections.decide("thechief", operation) is not None

    def test_stays_for_the_connection(self, connections: Connections) -> None:
        connections.world.put_group(USERS, ["localadm"])
        dn = bound("localadm")
        connections.sessions.declare(7, Declared(dn, dn, Role.USER, EMPLOYER))
        assert connections.declare("localadm", **as_role(Role.LA, EMPLOYER)) == "A6"
        assert connections.declare("localadm", **as_role(Role.USER, EMPLOYER)) is None

    def test_ends_with_the_role(self, connections: Connections) -> None:
        dn = bound("coadmin1")
        connections.sessions.declare(7, Declared(dn, dn, Role.CO_LA, EMPLOYER))
        assert connections.decide("coadmin1", join(USERS, "employee")) is None
        connections.world.put_group(group_dn(Role.CO_LA), [], ["coadmin1"])
        connections.world.put_group(USERS, ["coadmin1"])
        assert connections.decide("coadmin1", join(USERS, "employee")) == "A6"
        for role in (Role.CO_LA, Role.USER):
            assert connections.declare("coadmin1", **as_role(role, EMPLOYER)) == "A6", "not a wider one"

    def test_does_not_count_for_who_logs_in_on_the_same_connection(self, connections: Connections) -> None:
        dn = bound("localadm")
        connections.sessions.declare(7, Declared(dn, dn, Role.LA, EMPLOYER))
        assert connections.decide("theuser1", join(USERS, "employee")) == "D6"


class TestTheService:
    def test_writes_nothing_before_it_says_for_whom(self, connections: Connections) -> None:
        own = modify(account_dn("theuser1"), change("replace", "umAccountStatus", "active"))
        for operation in (own, join(USERS, "employee"), block(USERS, "theuser1")):
            assert connections.decide(SERVICE, operation) == "A6"

    def test_acts_for_two_people_on_two_connections(self, connections: Connections) -> None:
        connections.sessions.declare(1, Declared(SERVICE_DN, account_dn("localadm")))
        connections.sessions.declare(2, Declared(SERVICE_DN, account_dn("theuser1")))
        assert connections.decide(SERVICE, join(USERS, "employee"), connection=1) is None
        assert connections.decide(SERVICE, join(USERS, "employee"), connection=2) == "D6"
        assert connections.decide(SERVICE, join(USERS, "employee"), connection=3) == "A6"

    def test_may_turn_to_another_person(self, connections: Connections) -> None:
        connections.sessions.declare(1, Declared(SERVICE_DN, account_dn("localadm"), Role.LA, EMPLOYER))
        assert connections.declare(SERVICE, connection=1, umActingFor=account_dn("theuser1")) is None

    def test_does_not_keep_what_it_did_for_itself_when_it_acts_for_a_person(
        self, connections: Connections
    ) -> None:
        status = modify(account_dn("theuser1"), change("replace", "umAccountStatus", "active"))
        assert connections.declare(SERVICE, umActingFor=SERVICE_DN) is None
        connections.sessions.declare(1, Declared(SERVICE_DN, SERVICE_DN))
        assert connections.decide(SERVICE, status, connection=1) is None
        connections.sessions.declare(1, Declared(SERVICE_DN, account_dn("thechief")))
        assert connections.decide(SERVICE, status, connection=1) == "SV"


class TestWhatIsNotRemembered:
    def test_a_persons_connection_older_than_the_guard_chooses_again(self, world: World) -> None:
        connections = Connections(world)
        connections.sessions = Sessions()
        connections.sessions.begin_memory(100)
        assert connections.decide("localadm", join(USERS, "employee"), connection=99) == "A6"
        assert connections.decide("localadm", join(USERS, "employee"), connection=100) is None
        assert connections.decide("registrar", join(USERS, "employee"), connection=99) == "D6"
        assert connections.declare("localadm", connection=99, **as_role(Role.LA, EMPLOYER)) is None

    def test_only_the_first_load_moves_where_the_memory_begins(self, world: World) -> None:
        connections = Connections(world)
        connections.sessions = Sessions()
        connections.sessions.begin_memory(100)
        connections.sessions.begin_memory(90)  # another connection of the service asked who it is
        connections.sessions.settle()
        connections.sessions.begin_memory(200)
        decided = [connections.decide("localadm", join(USERS, "employee"), number) for number in (99, 100)]
        assert decided == ["A6", None]

    def test_a_declaration_ends_when_somebody_else_logs_in(self, connections: Connections) -> None:
        connections.sessions.declare(1, Declared(SERVICE_DN, account_dn("localadm")))
        assert connections.decide("theuser1", join(USERS, "employee"), connection=1) == "D6"
        assert connections.decide(SERVICE, join(USERS, "employee"), connection=1) == "A6"

    def test_before_the_guard_knows_its_own_number_nobody_is_sure(self, world: World) -> None:
        connections = Connections(world)
        connections.sessions = Sessions()
        assert connections.decide("localadm", join(USERS, "employee"), connection=5000) == "A6"

    def test_too_many_declarations_make_the_oldest_choose_again(
        self, connections: Connections, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("um_directory.guard.session._MOST", 2)
        dn = bound("localadm")
        for connection in (1, 2, 3):
            connections.sessions.declare(connection, Declared(dn, dn, Role.LA, EMPLOYER))
        decided = [connections.decide("localadm", join(USERS, "employee"), number) for number in (1, 2, 3, 4)]
        assert decided == ["A6", None, None, None]

    def test_a_new_life_of_slapd_begins_with_nothing(self, connections: Connections) -> None:
        connections.sessions.declare(1, Declared(SERVICE_DN, account_dn("localadm")))
        connections.sessions.begin_life()
        assert connections.decide(SERVICE, join(USERS, "employee"), connection=1) == "A6"
