"""D9: a capacity's editable data, by its managers and by CAM/co-CAM."""

from __future__ import annotations

import pytest

from support.world import (
    FAR,
    FOREIGNERS,
    LEADERS,
    MANAGERS,
    MANDATARY,
    World,
    capacity_dn,
    change,
    everybody,
    modify,
    texts,
)
from um_directory.model.operation import Add, Delete

OUTSIDE = FOREIGNERS | {"mandadm1", "manduser"}
HERE = capacity_dn()


@pytest.mark.parametrize(
    "attribute", ["mail", "telephoneNumber", "description", "umSenderNumber", "umRecognitionNumber"]
)
@pytest.mark.parametrize("kind", ["add", "replace", "delete"])
def test_the_capacitys_managers_edit_its_data(world: World, attribute: str, kind: str) -> None:
    operation = modify(HERE, change(kind, attribute, "123456"))
    if (attribute, kind) == ("mail", "delete"):  # asked on activation, so it stays: D3
        operation = modify(HERE, change("delete", "mail"), change("add", "mail", "new@um.example"))
    assert world.verdicts(operation) == everybody("D9", allowed=MANAGERS, D14=OUTSIDE)


@pytest.mark.parametrize("who", sorted(MANAGERS))
def test_they_edit_nothing_else_of_it(world: World, who: str) -> None:
    for attribute in ("umCapacityName", "street", "mail;lang-en", "2.5.4.20"):
        assert world.decide(who, modify(HERE, change("replace", attribute, "x"))) == "D0"
    mixed = modify(HERE, change("replace", "mail", "x@um.example"), change("replace", "street", "x"))
    assert world.decide(who, mixed) == "D0"
    assert world.decide(who, modify(HERE, change("add", "objectClass", "extensibleObject"))) == "D0"
    assert world.decide(who, Delete(HERE)) == "D0"


@pytest.mark.parametrize("name", ["authorizations", "routing", "channels"])
def test_they_make_the_containers_below_it(world: World, name: str) -> None:
    dn = f"ou={name},{HERE}"
    plain = {"objectClass": texts("organizationalUnit"), "ou": texts(name)}
    expected = everybody("D9", allowed=MANAGERS | {"registrar"}, D14=OUTSIDE)
    assert world.verdicts(Add(dn, plain)) == expected
    for who in MANAGERS:
        assert world.decide(who, Add(dn, {**plain, "description": texts("x")})) == "D0"
        assert world.decide(who, Add(dn, {**plain, "ou": texts(name, "users")})) == "D0"
        assert world.decide(who, Add(dn, {**plain, "objectClass": texts("umRoleGroup")})) == "D0"
        assert world.decide(who, Delete(dn)) == "D0"


def test_no_other_container_or_capacity(world: World) -> None:
    elsewhere = Add(f"ou=other,{HERE}", {"objectClass": texts("organizationalUnit"), "ou": texts("other")})
    assert world.decide("thechief", elsewhere) == "D0"
    there = modify(capacity_dn(MANDATARY), change("replace", "mail", "x@um.example"))
    allowed = {who for who, rule in world.verdicts(there).items() if rule is None}
    assert allowed == LEADERS | {"mandadm1"}
    far = modify(capacity_dn(number=FAR), change("replace", "mail", "x@um.example"))
    allowed = {who for who, rule in world.verdicts(far).items() if rule is None}
    assert allowed == {"farchief", "farlocal"}


@pytest.mark.parametrize("who", sorted(MANAGERS))
def test_a_blocked_manager_edits_nothing(world: World, who: str) -> None:
    world.block_all_roles(who)
    assert world.decide(who, modify(HERE, change("replace", "mail", "x@um.example"))) == "A5"


def test_the_text_says_who_may(world: World) -> None:
    text = world.why("theuser1", modify(HERE, change("replace", "mail", "x@um.example")))
    assert "by its local administrator or a co-local administrator, the chief" in text
