"""The door, bytes in and bytes out: with what slapd really sends, and whatever goes wrong inside."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.recorded import NAMES, recorded
from support.world import OWN, SUFFIX, World, account_dn, group_dn, holders, texts
from um_directory.guard import door as door_module
from um_directory.guard import evaluate as evaluate_module
from um_directory.guard import messages
from um_directory.guard.door import Door
from um_directory.guard.evaluate import Refusal
from um_directory.guard.messages import CONTINUE, INTERNAL_CONNECTION
from um_directory.guard.record import Record
from um_directory.guard.translations import translate
from um_directory.model.operation import Modify
from um_directory.model.roles import Role
from um_directory.view import View

USERS = group_dn(Role.USER)
REGISTRAR = f"cn=registrar,ou=operators,{SUFFIX}"
RECORDED_ACCOUNT = f"uid=jjanssens1,ou=accounts,umEnterpriseNumber={OWN},ou=enterprises,{SUFFIX}"


class Watched:
    """A door with a world behind it, and what it told its keeper."""

    def __init__(self, view: View | None = None) -> None:
        self.touched: set[str] = set()
        self._folder = tempfile.TemporaryDirectory()  # goes with this object
        self.record = Record(Path(self._folder.name))
        self.door = Door(self.touched.update, translate, self.record)
        self.door.sessions.begin_life()
        self.door.view = view or World().view

    def ask(self, kind: str, by: str, *lines: str, message: int = 2, connection: int = 7) -> bytes:
        head = [kind, f"msgid: {message}", f"binddn: {by}", f"connid: {connection}", f"suffix: {SUFFIX}"]
        return self.door.answer_write("\n".join([*head, *lines, "", ""]).encode())

    def join(self, by: str, uid: str, connection: int = 7) -> bytes:
        lines = [f"dn: {USERS}", "add: member", f"member: {account_dn(uid)}", "-"]
        return self.ask("MODIFY", account_dn(by), *lines, connection=connection)

    def tell(self, connection: int, dn: str, *mods: str, kind: str = "modify", follow: bool = True) -> bytes:
        lines = ["ADD", "msgid: 2", "binddn: x", "connid: 7", "suffix: cn=log", "dn: reqStart=1,cn=log"]
        lines += [
            "reqStart: 20261123000000.000001Z",
            f"reqType: {kind}",
            f"reqSession: {connection}",
            f"reqDN: {dn}",
        ]
        notification = "\n".join([*lines, *(f"reqMod: {mod}" for mod in mods), "", ""]).encode()
        answer = self.door.answer_commit(notification)
        if follow:
            self.door.follow()
        return answer


@pytest.fixture
def watched() -> Watched:
    return Watched()


def code_and_rule(answer: bytes) -> tuple[int, str]:
    """Of a refusal, which must be whole."""
    head, code, info, *rest = answer.decode().split("\n")
    assert (head, rest) == ("RESULT", ["", ""])
    return int(code.removeprefix("code: ")), info.removeprefix("info:").partition(":")[0]


# --- writes ---


def test_what_the_rules_allow_passes(watched: Watched) -> None:
    assert watched.join("coadmin1", "employee") == CONTINUE


@pytest.mark.parametrize(
    ("by", "uid", "code", "rule"),
    [
        ("theuser1", "employee", 50, "D6"),
        ("coadmin1", "stranger", 50, "E3"),
        ("cochief2", "employee", 50, "A5"),
    ],
)
def test_what_they_refuse_is_answered_with_rule_and_code(
    watched: Watched, by: str, uid: str, code: int, rule: str
) -> None:
    assert code_and_rule(watched.join(by, uid)) == (code, rule)


def test_wrong_values_are_constraint_violations(watched: Watched) -> None:
    account = [f"dn: {account_dn('newcomer')}", "objectClass: umAccount", "uid: newcomer", "umSsin: 1"]
    assert code_and_rule(watched.ask("ADD", account_dn("coadmin1"), *account)) == (19, "N1")


def test_a_refusal_speaks_the_language_of_the_account(watched: Watched) -> None:
    watched.door.view.accounts["theuser1"].language = "nl"  # type: ignore[union-attr]
    assert "een gebruiker wordt geregistreerd" in watched.join("theuser1", "employee").decode()


def test_without_a_view_every_write_is_refused() -> None:
    watched = Watched()
    watched.door.begin_load()
    assert code_and_rule(watched.join("coadmin1", "employee")) == (52, "G0")
    assert code_and_rule(watched.door.answer_write(recorded("write-setpw"))) == (52, "G0")
    watched.door.finish_load(World().view)
    assert watched.join("coadmin1", "employee") == CONTINUE


@pytest.mark.parametrize("where", ["evaluate", "decompose"])
def test_a_failure_inside_is_a_refusal(watched: Watched, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(door_module if where == "evaluate" else evaluate_module, where, fail)
    assert code_and_rule(watched.join("coadmin1", "employee")) == (52, "G0")


def test_a_failure_of_the_words_is_a_refusal() -> None:
    def fail(_refusal: Refusal, _language: str) -> str:
        raise RuntimeError("a bug")

    watched = Watched()
    watched.door = Door(watched.touched.update, fail, watched.record)
    watched.door.view = World().view
    assert code_and_rule(watched.join("theuser1", "employee")) == (52, "G0")


@settings(deadline=None)
@given(st.binary(max_size=300) | st.sampled_from(NAMES).map(recorded))
def test_every_request_has_a_whole_answer(raw: bytes) -> None:
    watched = Watched()
    answer = watched.door.answer_write(raw)
    assert answer == CONTINUE or code_and_rule(answer)


def test_what_is_malformed_is_refused(watched: Watched) -> None:
    forged = watched.ask("DELETE", account_dn("thechief"), f"dn: {account_dn('employee')}", "dn: x")
    assert code_and_rule(forged) == (19, "D0")


# --- slapd's own ---

INTERNAL = (1 << 64) - 1


def test_slapds_own_writes_pass_and_those_of_clients_without_a_name_do_not(watched: Watched) -> None:
    lines = [f"dn: {USERS}", "replace: member", "-"]
    assert watched.ask("MODIFY", "", *lines, connection=INTERNAL) == CONTINUE
    assert code_and_rule(watched.ask("MODIFY", "", *lines)) == (50, "A5")
    named = watched.ask("MODIFY", account_dn("theuser1"), *lines, connection=INTERNAL)
    assert code_and_rule(named) == (50, "D6")


def test_notes_on_failed_log_ins_pass_and_nothing_beside_them(watched: Watched) -> None:
    note = [f"dn: {account_dn('theuser1')}", "add: pwdFailureTime", "pwdFailureTime: 20261123144600Z", "-"]
    assert watched.ask("MODIFY", "", *note) == CONTINUE
    more = [*note, "replace: userPassword", "userPassword: Wachtwoord2", "-"]
    assert code_and_rule(watched.ask("MODIFY", "", *more)) == (50, "A5")
    assert code_and_rule(watched.ask("MODIFY", account_dn("theuser1"), *note)) == (50, "D10")
    assert code_and_rule(watched.ask("DELETE", "", note[0])) == (50, "A5")


# --- extended operations ---


@pytest.mark.parametrize("oid", ["1.3.6.1.4.1.1466.20037", "1.3.6.1.4.1.4203.1.11.3", "1.3.6.1.1.8"])
def test_harmless_extended_operations_pass(watched: Watched, oid: str) -> None:
    assert watched.ask("EXTENDED", "", f"oid: {oid}") == CONTINUE


@pytest.mark.parametrize("oid", ["1.3.6.1.1.21.1", "1.3.6.1.1.21.3", "1.3.6.1.4.1.4203.666.6.5", "1.2.3"])
def test_transactions_and_all_others_do_not(watched: Watched, oid: str) -> None:
    assert code_and_rule(watched.ask("EXTENDED", account_dn("thechief"), f"oid: {oid}")) == (50, "D0")


def password_request(dn: str | None, new: str | None) -> str:
    fields = b""
    for number, value in ((0, dn), (2, new)):
        if value is not None:
            fields += bytes([0x80 | number, len(value)]) + value.encode()
    return base64.b64encode(b"\x30\x81" + bytes([len(fields)]) + fields).decode()


def recorded_hash() -> bytes:
    """slapd's hash of `Welkom5678`."""
    operation = messages.parse(recorded("write-setpw-hash")).operation
    assert isinstance(operation, Modify)
    return operation.modifications[0].values[0]


class TestPasswordModify:
    OID = "oid: 1.3.6.1.4.1.4203.1.11.1"
    OWN_DN = account_dn("theuser1")
    NEW = "Welkom5678"
    VALUE = f"userPassword:: {base64.b64encode(recorded_hash()).decode()}"
    HASH: Iterable[str] = (f"dn: {OWN_DN}", "replace: userPassword", VALUE, "-")

    def change(self, watched: Watched, dn: str | None, new: str | None, by: str = "theuser1") -> bytes:
        return watched.ask("EXTENDED", account_dn(by), self.OID, f"value: {password_request(dn, new)}")

    @pytest.mark.parametrize("named", [True, False])
    def test_is_followed_by_slapds_own_write_of_the_hash(self, watched: Watched, named: bool) -> None:
        assert self.change(watched, self.OWN_DN if named else None, self.NEW) == CONTINUE
        assert watched.ask("MODIFY", self.OWN_DN, *self.HASH) == CONTINUE
        # Once.
        assert code_and_rule(watched.ask("MODIFY", self.OWN_DN, *self.HASH)) == (19, "C2")

    def test_lets_pass_no_other_write_in_its_place(self, watched: Watched) -> None:
        other = [f"dn: {account_dn('theuser2')}", *list(self.HASH)[1:]]
        for lines, message in ((self.HASH, 3), (other, 2), ([*self.HASH, "replace: sn", "sn: X", "-"], 2)):
            assert self.change(watched, None, self.NEW) == CONTINUE
            answer = watched.ask("MODIFY", self.OWN_DN, *lines, message=message)
            assert code_and_rule(answer)[1] in {"C2", "D15", "D10"}

    def test_lets_pass_no_hash_but_of_the_password_that_was_allowed(self, watched: Watched) -> None:
        """The client may send a Modify of the same number itself, with a hash of whatever it likes."""
        assert self.change(watched, None, "Wachtwoord2") == CONTINUE
        assert code_and_rule(watched.ask("MODIFY", self.OWN_DN, *self.HASH)) == (19, "C2")
        for value in ("{ARGON2}x", "{CLEARTEXT}a", "a", self.NEW):
            assert self.change(watched, None, self.NEW) == CONTINUE
            lines = (f"dn: {self.OWN_DN}", "add: userPassword", f"userPassword: {value}", "-")
            assert code_and_rule(watched.ask("MODIFY", self.OWN_DN, *lines))[1] in {"C2", "D0"}

    def test_is_held_to_form_and_owner(self, watched: Watched) -> None:
        assert code_and_rule(self.change(watched, None, "short")) == (19, "C2")
        assert code_and_rule(self.change(watched, None, None)) == (19, "C2")
        assert code_and_rule(self.change(watched, account_dn("thechief"), "Wachtwoord2")) == (50, "D15")
        assert code_and_rule(self.change(watched, "u:theuser1", "Wachtwoord2"))[1] == "D0"
        assert code_and_rule(watched.ask("MODIFY", self.OWN_DN, *self.HASH)) == (19, "C2")

    def test_that_cannot_be_read_is_refused(self, watched: Watched) -> None:
        answer = watched.ask("EXTENDED", self.OWN_DN, self.OID, "value: AAAA")
        assert code_and_rule(answer) == (50, "D0")
        assert "Password Modify" in answer.decode()

    def test_as_recorded(self) -> None:
        world = World()
        world.view.put(RECORDED_ACCOUNT, {"umSsin": texts("85073003328")})
        watched = Watched(world.view)
        refused = watched.door.answer_write(recorded("write-setpw"))  # by the registrar
        assert code_and_rule(refused) == (50, "D15")
        mine = recorded("write-setpw").replace(REGISTRAR.encode(), account_dn("thechief").encode())
        follow_up = recorded("write-setpw-hash").replace(REGISTRAR.encode(), account_dn("thechief").encode())
        assert code_and_rule(watched.door.answer_write(follow_up))[1] == "C2"
        assert watched.door.answer_write(mine) == CONTINUE
        assert watched.door.answer_write(follow_up) == CONTINUE


# --- commits ---


def test_an_approved_write_is_followed_when_it_is_committed(watched: Watched) -> None:
    assert watched.join("coadmin1", "employee") == CONTINUE
    view = watched.door.view
    assert view is not None
    assert view.roles_of("employee") == []
    assert watched.tell(7, USERS, f"member:+ {account_dn('employee')}") == CONTINUE
    assert [held.role for held in view.roles_of("employee")] == [Role.USER]
    assert watched.touched == {"employee"}
    assert not watched.door.suspect


def test_a_commit_is_followed_before_the_next_one_and_before_any_question(watched: Watched) -> None:
    view = watched.door.view
    assert view is not None
    assert watched.join("coadmin1", "employee") == CONTINUE
    watched.tell(7, USERS, follow=False)
    # slapd's own writes are not judged, so nothing but their commit comes between.
    notes = [f"dn: {account_dn('theuser1')}", "replace: authTimestamp", "authTimestamp: 20261123000000Z", "-"]
    assert watched.ask("MODIFY", "", *notes, connection=INTERNAL_CONNECTION) == CONTINUE
    watched.tell(INTERNAL_CONNECTION, account_dn("theuser1"), follow=False)
    assert [held.role for held in view.roles_of("employee")] == [Role.USER]
    assert watched.join("coadmin1", "director") == CONTINUE
    watched.tell(7, USERS, follow=False)
    watched.join("coadmin1", "manager1")
    assert [held.role for held in view.roles_of("director")] == [Role.USER]


def test_a_write_nobody_asked_about_makes_the_view_suspect(watched: Watched) -> None:
    watched.join("coadmin1", "employee")
    assert watched.tell(8, USERS, f"member:+ {account_dn('employee')}") == CONTINUE
    assert watched.door.suspect
    assert watched.door.finish_load(World().view) is None


def test_a_write_of_another_kind_makes_the_view_suspect(watched: Watched) -> None:
    watched.join("coadmin1", "employee")
    assert watched.tell(7, USERS, kind="delete") == CONTINUE
    assert watched.door.suspect


def test_a_notification_that_cannot_be_read_makes_the_view_suspect(watched: Watched) -> None:
    assert watched.door.answer_commit(b"ADD\nnonsense\n\n") == CONTINUE
    assert watched.door.suspect


def test_the_logs_own_entry_is_not_kept(watched: Watched) -> None:
    assert code_and_rule(watched.door.answer_commit(recorded("commit-start"))) == (50, "D0")
    assert not watched.door.suspect


def test_what_is_committed_while_a_view_loads_is_applied_to_it(watched: Watched) -> None:
    assert watched.join("coadmin1", "employee") == CONTINUE
    watched.door.begin_load()
    watched.tell(7, USERS, f"member:+ {account_dn('employee')}")
    loaded = World().view
    assert watched.door.finish_load(loaded) == {"employee"}
    assert [held.role for held in loaded.roles_of("employee")] == [Role.USER]


def test_an_added_group_reaches_the_view(watched: Watched) -> None:
    group = group_dn(Role.CO_LA, "mandatary")
    lines = [f"dn: {group}", "objectClass: umRoleGroup", "cn: co-local-administrators"]
    lines.append(f"member: {account_dn('employee')}")
    assert watched.ask("ADD", account_dn("mandadm1"), *lines) == CONTINUE
    member = holders(["employee"])["member"][0].decode()
    assert watched.tell(7, group, f"member:+ {member}", kind="add") == CONTINUE
    assert watched.door.view is not None
    (held,) = watched.door.view.roles_of("employee")
    assert (held.role, held.capacity) == (Role.CO_LA, "mandatary")
