"""D3: activation of a capacity that the register entitles to, with its data and its LA."""

from __future__ import annotations

import pytest

from support.world import (
    FAR,
    LEADERS,
    MANDATARY,
    OWN,
    PROVIDER,
    World,
    capacity_dn,
    change,
    everybody,
    grants_dn,
    group_dn,
    modify,
    new_capacity,
    new_group,
    texts,
)
from um_directory.model.operation import Add, Operation
from um_directory.model.roles import Role

CONTAINERS = [
    Add(f"ou={name},{capacity_dn(PROVIDER)}", {"objectClass": texts("organizationalUnit"), "ou": texts(name)})
    for name in ("authorizations", "routing", "channels")
]


def test_cam_and_co_cam_activate_and_the_registrar_loads(world: World) -> None:
    # Who administers another capacity has no role in this one.
    inside = {"localadm", "coadmin1", "theuser1", "techuser", "mandadm1", "manduser"}
    expected = everybody(
        "D3", allowed=LEADERS | {"registrar"}, D14=inside | {"farchief", "farlocal", "faruser1"}
    )
    assert world.verdicts(new_capacity()) == expected


def test_the_text_says_who_may(world: World) -> None:
    assert "by the chief access manager or a co-chief" in world.why("contact-center", new_capacity())


@pytest.mark.parametrize("who", ["thechief", "cochief1", "registrar"])
class TestWhoMay:
    def test_is_held_to_the_registers_entitlement(self, world: World, who: str) -> None:
        world.put_enterprise(OWN, umEntitledCapacity="employer")
        assert world.decide(who, new_capacity()) == "D3"
        assert "the register does not say" in world.why(who, new_capacity())

    def test_is_held_to_the_catalogue(self, world: World, who: str) -> None:
        world.put_enterprise(OWN, umEntitledCapacity="astronaut")
        unknown = new_capacity("astronaut")
        assert world.decide(who, unknown) == "D3"
        assert "not a capacity of the catalogue" in world.why(who, unknown)

    @pytest.mark.parametrize("missing", ["mail", "telephoneNumber"])
    def test_is_asked_for_the_data_of_the_definition(self, world: World, who: str, missing: str) -> None:
        incomplete = new_capacity(MANDATARY, **{missing: ()})
        assert world.decide(who, incomplete) == "D3"
        assert missing.lower() in world.why(who, incomplete)
        assert world.decide(who, new_capacity(MANDATARY)) is None

    @pytest.mark.parametrize("blank", ["", " ", "\t "])
    def test_cannot_give_them_blank(self, world: World, who: str, blank: str) -> None:
        assert world.decide(who, new_capacity(mail=texts(blank))) == "D3"

    def test_cannot_give_them_under_an_option(self, world: World, who: str) -> None:
        hidden = new_capacity(**{"mail": (), "mail;lang-en": texts("x@um.example")})
        assert world.decide(who, hidden) == "D3"

    def test_gives_no_other_attributes_or_classes(self, world: World, who: str) -> None:
        assert world.decide(who, new_capacity(street=texts("x"))) == "D0"
        assert world.decide(who, new_capacity(objectClass=texts("umCapacity", "extensibleObject"))) == "D0"

    @pytest.mark.parametrize(
        "operation",
        [
            new_group(group_dn(Role.CO_LA, PROVIDER), ["employee"]),
            new_group(group_dn(Role.USER, PROVIDER), ["employee"]),
            new_group(group_dn(Role.TECHNICAL, PROVIDER), ["employee"]),
            new_group(grants_dn("dmfa", PROVIDER), kind="umAuthorization"),
            *CONTAINERS,
        ],
        ids=lambda operation: operation.dn.partition(",")[0],
    )
    def test_names_the_local_administrator_before_anything_else(
        self, world: World, who: str, operation: Operation
    ) -> None:
        world.follow(new_capacity())
        assert world.decide(who, operation) == "D3"
        assert "name its local administrator first" in world.why(who, operation)
        administrator = new_group(group_dn(Role.LA, PROVIDER), ["employee"])
        assert world.decide(who, administrator) is None
        world.follow(administrator)
        assert world.decide(who, operation) is None


def test_nothing_below_a_capacity_or_an_enterprise_that_is_not_there(world: World) -> None:
    assert world.decide("registrar", new_capacity(number="0207437468")) == "D3"
    assert world.decide("registrar", new_group(group_dn(Role.USER, number="0207437468"))) == "D3"
    assert world.decide("thechief", new_group(group_dn(Role.USER, PROVIDER))) == "D3"


def test_no_capacity_of_another_enterprise(world: World) -> None:
    assert world.decide("thechief", new_capacity(MANDATARY, FAR)) == "D14"


def test_a_capacity_that_is_not_active_gives_its_managers_nothing_yet(world: World) -> None:
    world.follow(new_capacity())
    assert world.decide("localadm", new_group(group_dn(Role.USER, PROVIDER))) == "D14"


@pytest.mark.parametrize("kind", ["delete", "replace"])
def test_the_data_asked_stay(world: World, kind: str) -> None:
    for who in sorted(LEADERS | {"localadm", "coadmin1"}):
        assert world.decide(who, modify(capacity_dn(), change(kind, "mail"))) == "D3"
        assert world.decide(who, modify(capacity_dn(), change(kind, "telephoneNumber"))) is None


def test_the_data_asked_are_there_after_the_last_modification(world: World) -> None:
    new, gone = change("add", "mail", "new@um.example"), change("delete", "mail")
    set_anew, cleared = change("replace", "mail", "new@um.example"), change("replace", "mail")
    for kept in ([gone, new], [cleared, new], [cleared, set_anew], [new, gone, set_anew]):
        assert world.decide("coadmin1", modify(capacity_dn(), *kept)) is None
    for lost in ([new, gone], [set_anew, gone], [set_anew, cleared], [gone, new, gone], [gone, cleared]):
        assert world.decide("coadmin1", modify(capacity_dn(), *lost)) == "D3"


@pytest.mark.parametrize("blank", ["", "  "])
def test_the_data_asked_are_not_blanked_later(world: World, blank: str) -> None:
    edit = modify(capacity_dn(), change("replace", "mail", blank))
    assert world.decide("localadm", edit) == "D3"
    assert world.decide("localadm", modify(capacity_dn(), change("replace", "mail", "a@b.example"))) is None
