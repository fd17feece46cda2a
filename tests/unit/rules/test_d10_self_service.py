"""D10: of his own account everyone changes language, e-mail, password, certificate (C5), and nothing else."""

from __future__ import annotations

import pytest

from support.world import SUFFIX, World, account_dn, change, enterprise_dn, group_dn, modify
from um_directory.model.operation import Delete, Modification, Modify, Rename, SetPassword
from um_directory.model.roles import Role

ACTIVE = ["thechief", "cochief1", "localadm", "coadmin1", "theuser1", "techuser", "mandadm1", "manduser"]
NEW = b"Wachtwoord2"


@pytest.mark.parametrize("uid", ACTIVE)
class TestEveryone:
    @pytest.mark.parametrize("attribute", ["preferredLanguage", "mail", "MAIL"])
    @pytest.mark.parametrize("kind", ["add", "replace", "delete"])
    def test_changes_his_language_and_mail(self, world: World, uid: str, attribute: str, kind: str) -> None:
        assert world.decide(uid, modify(account_dn(uid), change(kind, attribute, "fr"))) is None

    def test_changes_his_password_by_modify_or_extended_operation(self, world: World, uid: str) -> None:
        own = account_dn(uid)
        assert world.decide(uid, SetPassword(own, NEW)) is None
        assert world.decide(uid, modify(own, change("replace", "userPassword", "Wachtwoord2"))) is None
        swapped = modify(own, change("delete", "userPassword"), change("add", "userPassword", "Wachtwoord2"))
        assert world.decide(uid, swapped) is None

    def test_adds_no_second_password_and_removes_none(self, world: World, uid: str) -> None:
        own = account_dn(uid)
        for changes in (
            (change("add", "userPassword", "Wachtwoord2"),),
            (change("replace", "userPassword", "Wachtwoord2", "Wachtwoord3"),),
            (change("replace", "userPassword", "Wachtwoord2"), change("add", "userPassword", "Wachtwoord3")),
            (change("delete", "userPassword"),),
            (change("replace", "userPassword"),),
        ):
            assert world.decide(uid, Modify(own, changes)) == "D0"

    @pytest.mark.parametrize(
        "attribute", ["uid", "umSsin", "cn", "sn", "givenName", "title", "mail;lang-en", "2.5.4.4", "manager"]
    )
    def test_changes_nothing_else(self, world: World, uid: str, attribute: str) -> None:
        operation = modify(account_dn(uid), change("replace", attribute, "85070300144"))
        assert world.decide(uid, operation) == "D10"
        assert "language, e-mail, password and certificate" in world.why(uid, operation)

    def test_cannot_slip_something_in_with_what_he_may(self, world: World, uid: str) -> None:
        mixed = modify(
            account_dn(uid), change("replace", "mail", "x@um.example"), change("replace", "sn", "X")
        )
        assert world.decide(uid, mixed) == "D10"

    def test_does_not_give_himself_access(self, world: World, uid: str) -> None:
        for attribute in ("memberOf", "umAccountStatus"):
            assert world.decide(uid, modify(account_dn(uid), change("replace", attribute, "active"))) == "SV"
        assert world.decide(uid, modify(account_dn(uid), change("add", "objectClass", "umRoleGroup"))) == "D0"

    def test_does_not_delete_rename_or_count_up(self, world: World, uid: str) -> None:
        assert world.decide(uid, Delete(account_dn(uid))) == "D6"
        assert world.decide(uid, Rename(account_dn(uid), "uid=somebody1")) == "D0"
        counted = modify(account_dn(uid), Modification("increment", "mail", (b"1",)))
        assert world.decide(uid, counted) == "D0"

    def test_however_his_name_is_spelled(self, world: World, uid: str) -> None:
        spelled = account_dn(uid).upper().replace(",", " , ").replace("0403019261", "0403 019 261")
        assert world.decide(uid, modify(spelled, change("replace", "mail", "x@um.example"))) is None
        assert world.decide(uid, modify(spelled, change("replace", "sn", "X"))) == "D10"


@pytest.mark.parametrize(
    "dn",
    [
        f"cn=registrar,ou=operators,{SUFFIX}",
        f"cn=dimona,ou=access,{SUFFIX}",
        f"ou=accounts,{enterprise_dn()}",
        group_dn(Role.USER),
        SUFFIX,
    ],
)
@pytest.mark.parametrize("uid", ["thechief", "theuser1"])
def test_only_an_account_is_ones_own(world: World, uid: str, dn: str) -> None:
    assert world.decide(uid, modify(dn, change("replace", "mail", "x@um.example"))) == "D0"
    assert world.decide(uid, SetPassword(dn, NEW)) == "D0"


def test_a_manager_is_not_told_of_himself_when_he_edits_another(world: World) -> None:
    assert world.decide("coadmin1", modify(account_dn("theuser1"), change("replace", "sn", "X"))) == "D0"


def test_somebody_elses_data_are_not_ones_own(world: World) -> None:
    for uid in ("theuser1", "techuser", "manduser"):
        other = modify(account_dn("theuser2"), change("replace", "mail", "x@um.example"))
        assert world.decide(uid, other) == "D15"
        assert world.decide(uid, SetPassword(account_dn("theuser2"), NEW)) == "D15"
