"""Operations taken apart into the domain's parts: what differs afterwards, whatever the way there."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.world import (
    FAR,
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
    hand_over_in_two,
    holders,
    join,
    leave,
    modify,
    new_account,
    new_group,
    person_dn,
    ssin,
    texts,
    unblock,
)
from um_directory.guard import change as parts
from um_directory.guard.change import Part, decompose
from um_directory.model.operation import (
    Add,
    Delete,
    Modification,
    Modify,
    Operation,
    Rename,
    SetPassword,
)
from um_directory.model.roles import Role, State
from um_directory.model.tree import Kind
from um_directory.view import View

WORLD = World()
USERS = group_dn(Role.USER)
Transition = tuple[str, State | None, State | None]


def of(operation: Operation, kind: type[Part] | None = None, view: View = WORLD.view) -> list[Part]:
    return [part for part in decompose(operation, view).parts if kind is None or isinstance(part, kind)]


def transitions(operation: Operation, view: View = WORLD.view) -> set[Transition]:
    found = decompose(operation, view).parts
    return {
        (part.uid, part.before, part.after)
        for part in found
        if isinstance(part, parts.RoleTransition | parts.GrantTransition)
    }


def counted(operation: Operation, view: View = WORLD.view) -> tuple[int, int]:
    (after,) = (part for part in decompose(operation, view).parts if isinstance(part, parts.HoldersAfter))
    return after.active, after.blocked


# theuser1 is active among the users, theuser2 blocked.
@pytest.mark.parametrize(
    ("operation", "expected", "count"),
    [
        (join(USERS, "employee"), {("employee", None, "active")}, (2, 1)),
        (leave(USERS, "theuser1"), {("theuser1", "active", None)}, (0, 1)),
        (block(USERS, "theuser1"), {("theuser1", "active", "blocked")}, (0, 2)),
        (unblock(USERS, "theuser2"), {("theuser2", "blocked", "active")}, (2, 0)),
        (
            hand_over(USERS, "employee"),
            {("theuser1", "active", None), ("employee", None, "active")},
            (1, 1),
        ),
        (
            hand_over_in_two(USERS, "theuser1", "employee"),
            {("theuser1", "active", None), ("employee", None, "active")},
            (1, 1),
        ),
        (hand_over(USERS, "theuser1"), set(), (1, 1)),
        (hand_over_in_two(USERS, "theuser1", "theuser1"), set(), (1, 1)),
        (join(USERS, "theuser1"), set(), (1, 1)),
        (leave(USERS, "employee"), set(), (1, 1)),
        (modify(USERS, change("delete", "member")), {("theuser1", "active", None)}, (0, 1)),
        (modify(USERS, change("replace", "UMBLOCKEDMEMBER")), {("theuser2", "blocked", None)}, (1, 0)),
        (
            modify(
                USERS, change("add", "member", account_dn("employee")), change("delete", "member")
            ),
            {("theuser1", "active", None)},
            (0, 1),
        ),
        (Delete(USERS), {("theuser1", "active", None), ("theuser2", "blocked", None)}, (0, 0)),
        (
            new_group(group_dn(Role.USER, "mandatary"), ["employee"], ["director"]),
            {("employee", None, "active"), ("director", None, "blocked")},
            (1, 1),
        ),
    ],
)  # fmt: skip
def test_holders(operation: Operation, expected: set[Transition], count: tuple[int, int]) -> None:
    assert transitions(operation) == expected
    assert counted(operation) == count


def test_names_of_holders_are_compared_however_they_are_spelled() -> None:
    spelled = account_dn("theuser1").upper().replace(",", " , ")
    assert transitions(modify(USERS, change("delete", "member", spelled))) == {("theuser1", "active", None)}


def test_authorizations_have_grants_instead_of_roles() -> None:
    assert of(join(grants_dn("dmfa"), "theuser1"), parts.RoleTransition) == []
    (grant,) = of(join(grants_dn("dmfa"), "theuser1"), parts.GrantTransition)
    assert isinstance(grant, parts.GrantTransition)
    assert (grant.place.name, grant.uid, grant.after) == ("dmfa", "theuser1", "active")


def test_active_and_blocked_at_once_is_a_part_that_nobody_allows() -> None:
    both = modify(USERS, change("add", "umBlockedMember", account_dn("theuser1")))
    assert len(of(both, parts.Unsupported)) == 1
    new = new_group(group_dn(Role.CO_LA, "mandatary"), ["employee"], ["employee"])
    assert len(of(new, parts.Unsupported)) == 1


@pytest.mark.parametrize(
    ("before", "after", "designates"),
    [
        (None, "active", True),
        (None, "blocked", True),
        ("blocked", "active", True),
        ("active", "blocked", False),
        ("active", None, False),
        ("blocked", None, False),
    ],
)
def test_designating_and_unblocking_make_a_holder(before: State, after: State, designates: bool) -> None:
    place = WORLD.view.place(USERS)
    assert parts.RoleTransition(place, Role.USER, "x", before, after).designates is designates
    assert parts.GrantTransition(place, "x", before, after).designates is designates


class TestNewEntries:
    def test_bring_their_attributes_beside_class_and_name(self) -> None:
        add = new_account(mail=texts("x@um.example", "y@um.example"))
        entry, *rest = of(add)
        assert isinstance(entry, parts.EntryAdded)
        assert (entry.place.kind, entry.written_name) == (Kind.ACCOUNT, "newcomer")
        assert entry.attributes == {"objectclass", "uid", "umssin", "cn", "sn", "userpassword", "mail"}
        assert {part.attribute for part in rest if isinstance(part, parts.AttributeChanged)} == {
            "umssin",
            "cn",
            "sn",
            "mail",
        }
        assert [part.password for part in rest if isinstance(part, parts.PasswordChanged)] == [b"Wachtwoord1"]

    @pytest.mark.parametrize("written", ["uid=NewComer", "uid = NewComer ", "UID=NewComer"])
    def test_keep_their_name_as_written(self, written: str) -> None:
        (entry, *_) = of(Add(account_dn("x").replace("uid=x", written), {}))
        assert isinstance(entry, parts.EntryAdded)
        assert entry.written_name == "NewComer"

    def test_of_another_class_are_not_understood(self) -> None:
        for kind, name in ((USERS, "umAuthorization"), (grants_dn("dmfa"), "umRoleGroup")):
            assert len(of(new_group(kind, kind=name), parts.Unsupported)) == 1
        assert (
            len(of(new_account(objectClass=texts("umAccount", "extensibleObject")), parts.Unsupported)) == 1
        )
        assert of(new_account(objectClass=texts("TOP", "Person", "umaccount")), parts.Unsupported) == []
        assert len(of(Add(f"ou=new,{SUFFIX}", {"objectClass": texts("organizationalUnit")}))) == 2

    def test_show_every_value_of_an_attribute_named_in_two_ways(self) -> None:
        """One must not hide behind the other: slapd would store both."""
        dn = group_dn(Role.CO_LA, "mandatary")
        plain = new_group(dn).attributes
        member, other = holders(["employee"])["member"], holders(["director"])["member"]
        for attributes in ({"member": member, "Member": other}, {"Member": other, "member": member}):
            add = Add(dn, {**plain, **attributes})
            assert {uid for uid, _, _ in transitions(add)} == {"employee", "director"}

    def test_cannot_name_themselves_twice(self) -> None:
        two = new_account(uid=texts("newcomer", "second01"))
        assert any(isinstance(part, parts.AttributeChanged) and part.attribute == "uid" for part in of(two))


class TestModifications:
    def test_of_other_attributes_are_kept_as_they_are(self) -> None:
        (added, removed, replaced, cleared) = of(
            modify(
                capacity_dn(),
                change("add", "Mail", "a", "b"),
                change("delete", "mail", "a"),
                change("replace", "mail;lang-en", "c"),
                change("replace", "2.5.4.13"),
            )
        )
        place = WORLD.view.place(capacity_dn())
        assert added == parts.AttributeChanged(place, "mail", (b"a", b"b"))
        assert removed == parts.AttributeChanged(place, "mail", (), removes=True)
        assert replaced == parts.AttributeChanged(place, "mail;lang-en", (b"c",))
        assert cleared == parts.AttributeChanged(place, "2.5.4.13", (), removes=True)

    @pytest.mark.parametrize("attribute", ["member;lang-en", "2.5.4.31", "uniqueMember", "owner"])
    def test_of_holders_under_another_name_are_no_holders(self, attribute: str) -> None:
        (part,) = of(modify(USERS, change("add", attribute, account_dn("employee"))))
        assert isinstance(part, parts.AttributeChanged)

    def test_of_holders_elsewhere_are_no_holders(self) -> None:
        (part,) = of(modify(capacity_dn(), change("add", "member", account_dn("employee"))))
        assert isinstance(part, parts.AttributeChanged)

    @pytest.mark.parametrize(
        "value", [account_dn("nobody99"), account_dn("theuser1", FAR), enterprise_dn(), "", "x", "cn=x"]
    )
    def test_with_a_value_that_is_no_account_say_so(self, value: str) -> None:
        (unknown,) = of(modify(USERS, change("add", "member", value)), parts.UnknownHolder)
        assert isinstance(unknown, parts.UnknownHolder)
        assert unknown.value == value

    def test_of_the_object_class_and_increments_are_not_understood(self) -> None:
        for operation in (
            modify(enterprise_dn(), change("add", "objectClass", "umAccount")),
            modify(enterprise_dn(), change("delete", "OBJECTCLASS", "umAccount")),
            modify(USERS, Modification("increment", "member", (b"1",))),
            modify(account_dn("theuser1"), Modification("increment", "userPassword", (b"1",))),
        ):
            (part,) = of(operation)
            assert isinstance(part, parts.Unsupported)

    @pytest.mark.parametrize(
        ("changes", "password"),
        [
            ([change("replace", "userPassword", "new")], b"new"),
            ([change("delete", "userPassword"), change("add", "UserPassword", "new")], b"new"),
            ([change("delete", "userPassword", "old"), change("add", "userPassword", "new")], b"new"),
            ([change("add", "userPassword", "new")], None),
            ([change("delete", "userPassword")], None),
            ([change("replace", "userPassword")], None),
            ([change("replace", "userPassword", "a", "b")], None),
            ([change("replace", "userPassword", "a"), change("add", "userPassword", "b")], None),
        ],
    )
    def test_of_the_password_set_one_and_leave_one(
        self, changes: list[Modification], password: bytes | None
    ) -> None:
        found = of(Modify(account_dn("theuser1"), tuple(changes)))
        if password is None:
            assert any(isinstance(part, parts.Unsupported) for part in found)
        else:
            assert found == [parts.PasswordChanged(WORLD.view.place(account_dn("theuser1")), password)]

    def test_that_are_none_have_no_parts(self) -> None:
        assert of(Modify(USERS, ())) == []


def test_renames_and_passwords() -> None:
    (part,) = of(Rename(account_dn("theuser1"), "uid=theuser9"))
    assert isinstance(part, parts.Unsupported)
    place = WORLD.view.place(account_dn("theuser1"))
    assert of(SetPassword(account_dn("theuser1"), None)) == [parts.PasswordChanged(place, None)]


def test_a_load_is_an_addition() -> None:
    assert decompose(new_account(), WORLD.view).is_load
    for operation in (join(USERS, "employee"), Delete(USERS), SetPassword(account_dn("theuser1"), b"x")):
        assert not decompose(operation, WORLD.view).is_load


# --- properties ---

UIDS = ["theuser1", "theuser2", "employee", "director"]
held = st.builds(
    Modification,
    st.sampled_from(["add", "delete", "replace"]),
    st.sampled_from(["member", "umBlockedMember", "MEMBER"]),
    st.lists(st.sampled_from(UIDS), unique=True, max_size=3).map(lambda uids: texts(*map(account_dn, uids))),
)


@settings(deadline=None)
@given(st.lists(held, max_size=5), st.sampled_from([USERS, grants_dn("dimona")]))
def test_the_transitions_are_the_difference_between_before_and_after(
    changes: list[Modification], group: str
) -> None:
    operation = Modify(group, tuple(changes))
    view = copy.deepcopy(WORLD.view)
    place = view.place(group)

    def states() -> dict[str, State | None]:
        found = view.holders(place)
        assert found is not None
        return {uid: found.state(uid) for uid in UIDS}

    before = states()
    foreseen = transitions(operation, view)
    count = counted(operation, view) if changes else None
    view.apply(operation)
    after = states()
    assert {found for found in foreseen if found[1] != found[2]} == {
        (uid, before[uid], after[uid]) for uid in UIDS if before[uid] != after[uid]
    }
    there = view.holders(place)
    assert there is not None
    assert count in (None, (len(there.active), len(there.blocked)))


names = st.one_of(
    st.sampled_from([USERS, grants_dn("dmfa"), account_dn("theuser1"), capacity_dn(), group_dn(Role.LA)]),
    st.sampled_from([enterprise_dn(FAR), person_dn(ssin(1)), "", "x", SUFFIX, "cn=x", "uid=\\2c,dc=um"]),
    st.text(max_size=30),
)
attributes = st.sampled_from(["member", "umBlockedMember", "objectClass", "userPassword", "cn", "mail;x"]) | (
    st.text(max_size=8)
)
values = st.lists(st.binary(max_size=20) | st.sampled_from(texts(*map(account_dn, UIDS))), max_size=3).map(
    tuple
)
operations = st.one_of(
    st.builds(Add, names, st.dictionaries(attributes, values, max_size=4)),
    st.builds(
        Modify,
        names,
        st.lists(
            st.builds(
                Modification, st.sampled_from(["add", "delete", "replace", "increment"]), attributes, values
            ),
            max_size=4,
        ).map(tuple),
    ),
    st.builds(Delete, names),
    st.builds(Rename, names, st.text(max_size=10)),
    st.builds(SetPassword, names, st.none() | st.binary(max_size=20)),
)


@settings(deadline=None)
@given(operations, st.sampled_from(["thechief", "coadmin1", "theuser1", "registrar", "um-service", ""]))
def test_no_operation_makes_the_guard_fail(operation: Operation, who: str) -> None:
    refused = WORLD.refusal(who, operation)
    assert refused is None or refused.text.startswith(f"{refused.rule}: ")


@pytest.mark.parametrize("character", ["\n", "\0", "\x1b", "\x7f", "\x85", "\x9b"])
def test_a_value_with_control_characters_is_nothing_that_is_known(character: str) -> None:
    for operation in (
        modify(account_dn("theuser1"), change("replace", "mail", f"a@um.example{character}")),
        modify(enterprise_dn(), change("add", "o;lang-fr", f"{character}Um")),
        new_account(mail=texts(f"a{character}@um.example")),
    ):
        (unsupported,) = of(operation, parts.Unsupported)
        assert "control characters" in unsupported.template  # type: ignore[union-attr]


def test_bytes_of_what_is_no_text_are_not_looked_at() -> None:
    own = account_dn("theuser1")
    for attribute in ("userCertificate;binary", "jpegPhoto"):
        change_of_bytes = Modification("replace", attribute, (b"\x00\n\x1b",))
        assert not of(Modify(own, (change_of_bytes,)), parts.Unsupported)
    assert not of(modify(own, change("replace", "mail", "\u00e9\u2028 ~")), parts.Unsupported)
    assert not of(modify(own, change("delete", "mail", "an\nold one")), parts.Unsupported)
