"""D14: no reach outside one's scope, and no word about what is there."""

from __future__ import annotations

import pytest

from support.world import (
    FAR,
    MANDATARY,
    PROVIDER,
    SUFFIX,
    World,
    account_dn,
    block,
    capacity_dn,
    change,
    enterprise_dn,
    grants_dn,
    group_dn,
    hand_over,
    join,
    leave,
    modify,
    new_account,
    new_capacity,
    new_group,
    texts,
)
from um_directory.model.operation import Add, Delete, Operation, Rename, SetPassword
from um_directory.model.roles import Role

FAR_USERS = group_dn(Role.USER, number=FAR)
IN_ANOTHER_ENTERPRISE = [
    *[join(group_dn(role, number=FAR), "faruser1") for role in Role],
    *[hand_over(group_dn(role, number=FAR), "farlocal") for role in Role],
    leave(FAR_USERS, "faruser1"),
    block(FAR_USERS, "faruser1"),
    modify(FAR_USERS, change("add", "member;lang-en", account_dn("theuser1"))),
    Delete(FAR_USERS),
    join(grants_dn("dimona", number=FAR), "faruser1"),
    new_group(grants_dn("dimona", number=FAR), kind="umAuthorization"),
    new_account(number=FAR),
    new_capacity(MANDATARY, FAR),
    Add(f"ou=channels,{capacity_dn(number=FAR)}", {"objectClass": texts("organizationalUnit")}),
    modify(capacity_dn(number=FAR), change("replace", "mail", "x@um.example")),
    modify(enterprise_dn(FAR), change("replace", "mail", "x@um.example")),
    modify(account_dn("faruser1"), change("replace", "mail", "x@um.example")),
    modify(account_dn("faruser1"), change("replace", "memberOf")),
    SetPassword(account_dn("faruser1"), b"Wachtwoord2"),
    SetPassword(account_dn("faruser1"), b"short"),
    Delete(account_dn("faruser1")),
    Rename(account_dn("faruser1"), "uid=faruser2"),
]


@pytest.mark.parametrize(
    "who", ["thechief", "cochief1", "localadm", "coadmin1", "theuser1", "techuser", "mandadm1"]
)
@pytest.mark.parametrize(
    "operation",
    IN_ANOTHER_ENTERPRISE,
    ids=lambda operation: f"{type(operation).__name__} {operation.dn.partition(',')[0]}",
)
def test_nothing_in_another_enterprise(world: World, who: str, operation: Operation) -> None:
    assert world.decide(who, operation) == "D14"


@pytest.mark.parametrize("who", ["localadm", "coadmin1", "theuser1", "techuser"])
@pytest.mark.parametrize(
    "operation",
    [
        *[join(group_dn(role, MANDATARY), "employee") for role in (Role.LA, Role.CO_LA, Role.USER)],
        hand_over(group_dn(Role.LA, MANDATARY), "mandadm1"),
        Delete(group_dn(Role.USER, MANDATARY)),
        join(grants_dn("dimona", MANDATARY), "manduser"),
        modify(capacity_dn(MANDATARY), change("replace", "mail", "x@um.example")),
        new_capacity(PROVIDER),
        new_group(group_dn(Role.TECHNICAL, MANDATARY)),
        Add(f"ou=routing,{capacity_dn(MANDATARY)}", {"objectClass": texts("organizationalUnit")}),
    ],
)
def test_nothing_in_another_capacity(world: World, who: str, operation: Operation) -> None:
    assert world.decide(who, operation) == "D14"


def test_a_chief_reaches_every_capacity_and_an_operator_every_enterprise(world: World) -> None:
    for who in ("thechief", "cochief1"):
        assert world.decide(who, join(group_dn(Role.USER, MANDATARY), "employee")) is None
        assert world.decide(who, new_account()) is None
    for number, uid in (("0403019261", "director"), (FAR, "farlocal")):
        assert world.decide("contact-center", hand_over(group_dn(Role.CAM, number=number), uid)) is None
        bankrupt = modify(enterprise_dn(number), change("replace", "umBankrupt", "TRUE"))
        assert world.decide("registrar", bankrupt) is None


def test_what_is_of_no_enterprise_is_out_of_nobodys_scope(world: World) -> None:
    assert world.decide("thechief", Delete(f"cn=m-1,ou=mandates,{SUFFIX}")) == "D12"


def test_a_role_in_both_capacities_reaches_both(world: World) -> None:
    world.put_group(group_dn(Role.CO_LA, MANDATARY), ["localadm"])
    assert world.decide("localadm", join(group_dn(Role.USER, MANDATARY), "employee")) is None


def test_a_blocked_role_reaches_nothing(world: World) -> None:
    world.put_group(group_dn(Role.CO_LA, MANDATARY), [], ["localadm"])
    assert world.decide("localadm", join(group_dn(Role.USER, MANDATARY), "employee")) == "D14"


@pytest.mark.parametrize("who", ["thechief", "localadm", "contact-center", "registrar"])
class TestHolders:
    """Who holds a role or an authorization is an account of the enterprise itself."""

    VALUES = (
        account_dn("farchief"),
        account_dn("nobody99"),
        account_dn("farchief", "0403019261"),
        account_dn("theuser1", FAR),
        enterprise_dn(),
        "cn=registrar,ou=operators,dc=um,dc=example",
        "uid=theuser1",
        "no name at all",
    )

    @pytest.mark.parametrize("value", VALUES)
    @pytest.mark.parametrize("attribute", ["member", "umBlockedMember"])
    @pytest.mark.parametrize("kind", ["add", "replace"])
    def test_are_of_the_enterprise(
        self, world: World, who: str, value: str, attribute: str, kind: str
    ) -> None:
        for dn in (group_dn(Role.USER), group_dn(Role.CAM), grants_dn("dimona")):
            assert world.decide(who, modify(dn, change(kind, attribute, value))) == "D14"

    @pytest.mark.parametrize("value", VALUES)
    def test_are_so_in_a_new_group_too(self, world: World, who: str, value: str) -> None:
        dn = group_dn(Role.TECHNICAL, MANDATARY)
        new = Add(dn, {**new_group(dn).attributes, "member": texts(value)})
        assert world.decide(who, new) == "D14"


def test_a_holder_whose_account_is_gone_can_be_cleared_away(world: World) -> None:
    # Not by the guard's doing: such values can come from data loaded while it was away.
    world.view.put(group_dn(Role.USER), {"member": texts(account_dn("ghost001"), account_dn("theuser1"))})
    assert world.decide("localadm", hand_over(group_dn(Role.USER), "theuser1")) is None
    assert world.decide("localadm", Delete(group_dn(Role.USER))) is None
    assert world.decide("localadm", leave(group_dn(Role.USER), "ghost001")) == "D14"
    world.view.put(grants_dn("dmfa"), {"member": texts(account_dn("ghost001"))})
    assert world.decide("localadm", Delete(grants_dn("dmfa"))) is None


def test_who_has_no_reach_learns_nothing_of_what_is_there(world: World) -> None:
    told = {
        world.why("thechief", operation)
        for operation in (
            join(FAR_USERS, "faruser1"),
            join(FAR_USERS, "nobody99"),
            leave(FAR_USERS, "farlocal"),
            join(group_dn(Role.LA, number=FAR), "farlocal"),
            join(group_dn(Role.LA, number=FAR), "faruser1"),
        )
    }
    assert len(told) == 1


def test_the_text_says_who_may(world: World) -> None:
    assert "its own managers do this" in world.why("thechief", join(FAR_USERS, "faruser1"))
    text = world.why("localadm", join(group_dn(Role.USER, MANDATARY), "employee"))
    assert "its local administrator, the chief access manager or a co-chief access manager does this" in text
    text = world.why("localadm", join(group_dn(Role.USER), "nobody99"))
    assert "register the account first" in text
