"""What an application should know of whom (A1 to A5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.propagation import (
    DMFA_GRANTS,
    EMPLOYER,
    ENTERPRISE,
    NUMBER,
    account_dn,
    application,
    members,
    small_view,
)
from um_directory.model.operation import Delete
from um_directory.propagation.record import Grant, Record
from um_directory.propagation.wanted import wanted
from um_directory.view import View
from um_directory.view.access import effective_access

USER = Grant("dmfa", "employer", "user", "active")


def records(view: View, name: str = "dmfa", **keys: object) -> dict[str, Record]:
    return {record.id: record for record in wanted(view, application(name, **keys))}


def test_a_user_is_wanted_only_with_an_authorization() -> None:
    found = records(small_view())
    assert found["firstuser"] == Record(
        id="firstuser",
        enterprise=NUMBER,
        active=True,
        grants=(USER,),
        surname="Janssens",
        given_name="Zoë",
        mail="firstuser@janssens.example",
        language="nl",
    )
    assert "seconduser" not in found


def test_a_local_administrator_has_every_application_of_the_capacity() -> None:
    administrator = Grant("dimona", "employer", "local-administrator", "active")
    assert records(small_view(), "dimona")["localadmin"].grants == (administrator,)
    assert set(records(small_view(), "dimona")) == {"localadmin"}


def test_an_application_that_the_capacity_does_not_offer_is_given_to_nobody() -> None:
    view = small_view()
    view.put(f"cn=limosa,ou=authorizations,{EMPLOYER}", members(["firstuser"]))
    assert records(view, "limosa") == {}


def test_user_management_goes_to_every_role_but_the_technical_user() -> None:
    found = records(small_view(), "user-management")
    assert set(found) == {"janssens", "localadmin", "firstuser", "seconduser"}
    chief = Grant("user-management", "", "chief-access-manager", "active")
    assert found["janssens"].grants == (chief,)


def test_a_blocked_role_keeps_the_record_inactive() -> None:
    view = small_view()
    view.put(f"cn=users,{EMPLOYER}", members(blocked=["firstuser"]))
    found = records(view)["firstuser"]
    assert not found.active
    assert [grant.status for grant in found.grants] == ["blocked"]


def test_a_blocked_authorization_keeps_the_record_inactive() -> None:
    view = small_view()
    view.put(DMFA_GRANTS, members(blocked=["firstuser"]))
    found = records(view)["firstuser"]
    assert not found.active
    assert [grant.status for grant in found.grants] == ["blocked"]


def test_one_active_role_of_several_is_enough_to_be_active() -> None:
    view = small_view()
    view.put(f"cn=users,{EMPLOYER}", members(blocked=["firstuser"]))
    view.put(f"cn=co-local-administrators,{EMPLOYER}", members(["firstuser"]))
    found = records(view)["firstuser"]
    assert found.active
    assert {(grant.role, grant.status) for grant in found.grants} == {
        ("co-local-administrator", "active"),
        ("user", "blocked"),
    }


def test_without_the_role_an_authorization_left_over_gives_nothing() -> None:
    view = small_view()
    view.put(f"cn=users,{EMPLOYER}", members(["seconduser"]))
    assert "firstuser" not in records(view)


def test_an_account_that_is_gone_is_not_wanted_though_groups_still_name_it() -> None:
    view = small_view()
    view.apply(Delete(account_dn("firstuser")))
    assert "firstuser" not in records(view)
    assert list(wanted(view, application(), ["firstuser"])) == []


def test_several_applications_of_one_target_share_a_record() -> None:
    found = {item.id: item for item in wanted(small_view(), application(["dmfa", "dimona"]))}
    assert [grant.application for grant in found["localadmin"].grants] == ["dimona", "dmfa"]
    assert found["firstuser"].grants == (USER,)


@pytest.mark.parametrize(
    ("attributes", "known"),
    [
        (["umSsin"], {"ssin": "85073003328"}),
        (["mail"], {"mail": "firstuser@janssens.example"}),
        ([], {}),
    ],
)
def test_only_the_configured_attributes_are_there(attributes: list[str], known: dict[str, str]) -> None:
    found = records(small_view(), attributes=attributes)["firstuser"].as_dict()
    assert {key: found[key] for key in found if key not in {"id", "enterprise", "active", "grants"}} == known


def test_the_ssin_is_not_sent_by_default() -> None:
    assert "85073003328" not in records(small_view())["firstuser"].line()


def test_asked_for_some_accounts_it_answers_for_those() -> None:
    asked = wanted(small_view(), application("user-management"), ["seconduser", "nobody"])
    assert [record.id for record in asked] == ["seconduser"]


def test_a_record_has_one_line_and_the_line_one_fingerprint() -> None:
    view = small_view()
    first = records(view)["firstuser"]
    view.put(account_dn("firstuser"), {"sn": (b"Janssens",), "mail": (b"other@janssens.example",)})
    second = records(view)["firstuser"]
    assert first.line().count("\n") == 0
    assert first.fingerprint() != second.fingerprint()
    assert first.fingerprint() == records(small_view())["firstuser"].fingerprint()


GROUPS = [
    *(f"cn={name},{ENTERPRISE}" for name in ("chief-access-manager", "co-chief-access-managers")),
    *(
        f"cn={name},{EMPLOYER}"
        for name in ("local-administrator", "co-local-administrators", "users", "technical-user")
    ),
    DMFA_GRANTS,
    f"cn=dimona,ou=authorizations,{EMPLOYER}",
]


@given(st.fixed_dictionaries({dn: st.sampled_from(["none", "active", "blocked"]) for dn in GROUPS}))
def test_a_record_is_active_exactly_when_the_access_rules_give_the_application(
    states: dict[str, str],
) -> None:
    view = small_view()
    for dn, state in states.items():
        holders = members(["firstuser"] * (state == "active"), ["firstuser"] * (state == "blocked"))
        view.put(dn, holders)
    access = effective_access(view, "firstuser").applications
    for name in ("dmfa", "dimona", "user-management"):
        found = next(iter(wanted(view, application(name), ["firstuser"])), None)
        assert (found is not None and found.active) == (name in access)
        # The statuses shown say the same: nobody reads "active" in an inactive record, nor the other way.
        shown = {grant.status for grant in found.grants} if found else set()
        assert ("active" in shown) == (name in access)
