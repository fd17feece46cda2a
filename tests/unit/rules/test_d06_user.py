"""D6: users, and the account entries that every designation starts from."""

from __future__ import annotations

import pytest

from support.world import (
    FAR,
    FOREIGNERS,
    LEADERS,
    MANAGERS,
    MANDATARY,
    OPERATORS,
    World,
    account_dn,
    block,
    change,
    everybody,
    grants_dn,
    group_dn,
    hand_over,
    join,
    leave,
    modify,
    new_account,
    new_group,
    texts,
    unblock,
)
from um_directory.model.operation import Delete, Operation
from um_directory.model.roles import Role

GROUP = group_dn(Role.USER)
OUTSIDE = FOREIGNERS | {"mandadm1", "manduser"}


@pytest.mark.parametrize(
    "operation",
    [
        join(GROUP, "employee"),
        join(GROUP, "employee", "director"),
        leave(GROUP, "theuser1"),
        block(GROUP, "theuser1"),
        unblock(GROUP, "theuser2"),
        hand_over(GROUP, "employee"),
        modify(GROUP, change("delete", "member"), change("add", "umBlockedMember", account_dn("theuser1"))),
        Delete(GROUP),
    ],
)
def test_the_capacitys_managers_and_the_chiefs_manage_users(world: World, operation: Operation) -> None:
    assert world.verdicts(operation) == everybody("D6", allowed=MANAGERS, D14=OUTSIDE)


def test_each_in_his_own_capacity_and_the_chiefs_in_all(world: World) -> None:
    there = join(group_dn(Role.USER, MANDATARY), "employee")
    allowed = {who for who, rule in world.verdicts(there).items() if rule is None}
    assert allowed == LEADERS | {"mandadm1"}
    assert world.decide("localadm", there) == "D14"
    assert world.decide("coadmin1", there) == "D14"


@pytest.mark.parametrize("who", sorted(MANAGERS))
def test_a_blocked_manager_manages_none(world: World, who: str) -> None:
    world.block_all_roles(who)
    assert world.decide(who, join(GROUP, "employee")) == "A5"


def test_the_text_says_who_may(world: World) -> None:
    text = world.why("theuser1", join(GROUP, "employee"))
    for words in ("local administrator or a co-local", "chief access manager or a co-chief"):
        assert words in text


def test_a_load_makes_the_group_with_members_but_changes_none(world: World) -> None:
    fresh = new_group(GROUP, ["employee", "director"], ["manager1"])
    assert world.decide("registrar", join(GROUP, "employee")) == "D6"
    world.follow(Delete(GROUP))
    assert world.decide("registrar", fresh) is None


class TestRegistration:
    def test_by_any_manager_of_the_enterprise_and_the_operators(self, world: World) -> None:
        expected = everybody("D6", allowed=MANAGERS | {"mandadm1"} | OPERATORS)
        assert world.verdicts(new_account()) == expected

    def test_asks_for_no_more_than_the_data_of_an_account(self, world: World) -> None:
        full = new_account(
            givenName=texts("New"),
            displayName=texts("New Comer"),
            title=texts("Ms"),
            mail=texts("n@um.example"),
            preferredLanguage=texts("de"),
            objectClass=texts("top", "person", "organizationalPerson", "inetOrgPerson", "umAccount"),
        )
        assert world.decide("coadmin1", full) is None

    @pytest.mark.parametrize(
        "odd",
        [
            {"memberOf": texts("cn=dmfa,ou=access,dc=um,dc=example")},
            {"umAccountStatus": texts("active")},
            {"description": texts("x")},
            {"mail;lang-en": texts("x@um.example")},
            {"member": texts(account_dn("theuser1"))},
            {"uid": texts("newcomer", "thechief")},
            {"objectClass": texts("umAccount", "extensibleObject")},
            {"objectClass": texts("umPerson")},
            {"userPassword;lang-en": texts("Wachtwoord1")},
        ],
        ids=lambda odd: next(iter(odd)),
    )
    @pytest.mark.parametrize("who", ["thechief", "localadm", "registrar"])
    def test_takes_nothing_else(self, world: World, who: str, odd: dict[str, tuple[bytes, ...]]) -> None:
        assert world.decide(who, new_account(**odd)) in {"D0", "SV"}

    def test_is_the_one_time_that_they_are_given(self, world: World) -> None:
        for attribute in ("sn", "cn", "givenName", "displayName", "title"):
            later = modify(account_dn("employee"), change("replace", attribute, "X"))
            for who in ("thechief", "localadm", "registrar", "contact-center"):
                assert world.decide(who, later) == "D0"

    def test_ends_with_the_managers_role(self, world: World) -> None:
        world.block_all_roles("localadm")
        assert world.decide("localadm", new_account()) == "A5"

    def test_is_for_ones_own_enterprise(self, world: World) -> None:
        assert world.decide("thechief", new_account(number=FAR)) == "D14"

    def test_says_who_may(self, world: World) -> None:
        assert "by a manager of enterprise 0403019261" in world.why("theuser1", new_account())


class TestDeletion:
    def test_by_the_chiefs_and_the_operators(self, world: World) -> None:
        expected = everybody("D6", allowed=LEADERS | OPERATORS)
        assert world.verdicts(Delete(account_dn("employee"))) == expected

    @pytest.mark.parametrize(
        "uid", ["thechief", "cochief2", "localadm", "coadmin2", "theuser1", "theuser2", "techuser"]
    )
    @pytest.mark.parametrize("who", ["thechief", "registrar", "contact-center"])
    def test_waits_until_every_role_has_ended_blocked_ones_too(
        self, world: World, who: str, uid: str
    ) -> None:
        assert world.decide(who, Delete(account_dn(uid))) == "D6"
        where = "0403019261" if "chief" in uid or uid == "cochief2" else "employer"
        assert f" in {where}; end the role first" in world.why(who, Delete(account_dn(uid)))

    def test_waits_until_every_authorization_has_ended(self, world: World) -> None:
        world.follow(leave(GROUP, "theuser1"))
        assert "for dimona in employer" in world.why("thechief", Delete(account_dn("theuser1")))
        world.follow(leave(grants_dn("dimona"), "theuser1"))
        assert world.decide("thechief", Delete(account_dn("theuser1"))) is None

    def test_tells_nothing_of_accounts_elsewhere(self, world: World) -> None:
        # The name is of an account of the other enterprise: here it names nothing.
        refused = world.decide("thechief", Delete(account_dn("farlocal", "0403019261")))
        assert refused is None

    def test_says_who_may(self, world: World) -> None:
        text = world.why("localadm", Delete(account_dn("employee")))
        assert "by the chief access manager or a co-chief" in text


def test_nobody_is_a_user_again_before_his_old_authorizations_have_ended(world: World) -> None:
    world.view.apply(leave(GROUP, "theuser1"))  # the authorization for dimona still names him
    assert world.decide("localadm", join(GROUP, "theuser1")) == "D6"
    world.view.apply(leave(grants_dn("dimona"), "theuser1"))
    assert world.decide("localadm", join(GROUP, "theuser1")) is None
