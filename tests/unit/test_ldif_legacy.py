"""Old local administrators: what is read from a record, what follows from it, and that a refusal leaves nothing."""

from __future__ import annotations

from io import BytesIO

import pytest

from support.blocks import LEGACY, ROOT, SAMPLES, records
from um_directory.errors import DirectoryUnavailable, OperationRefused
from um_directory.ldif_import.batch import Accepted, Outcome, Rejected
from um_directory.ldif_import.dry_run import Acting, Rehearsal
from um_directory.ldif_import.legacy import TAKEN_OVER, UNCHANGED, take_over
from um_directory.ldif_import.names import NameTable, parent
from um_directory.ldif_import.reader import read
from um_directory.model.operation import Add, Operation
from um_directory.model.roles import Role
from um_directory.view import View

SUFFIX = "dc=um,dc=example"
NUMBER = "0479956295"
ENTERPRISE = f"umEnterpriseNumber={NUMBER},ou=enterprises,{SUFFIX}"
RECORD = """dn: uid=x,o=old
objectClass: inetOrgPerson
uid: willemclaes
umSsin: 64100994703
umEnterpriseNumber: 0479956295
sn: Claes
mail: w@example.com

"""


@pytest.fixture
def rehearsal() -> Rehearsal:
    """A directory with the facts of the two enterprises of the samples."""
    view, names = View(SUFFIX), NameTable()
    names.enter(SUFFIX, 0)
    files = ("base.ldif", "catalogue.ldif", "samples/55-before-the-take-over.ldif")
    for add in [add for file in files for add in records(ROOT / "ldif" / file)]:
        view.put(add.dn, add.attributes)
        names.enter(add.dn, 0)
        names.change(parent(add.dn), +1)
    return Rehearsal(view, names, Acting(f"cn=registrar,ou=operators,{SUFFIX}"))


def run(
    rehearsal: Rehearsal, text: str | bytes = RECORD, write=None
) -> tuple[list[Outcome], list[Operation]]:
    written: list[Operation] = []
    source = text if isinstance(text, bytes) else text.encode()
    return list(take_over(read(BytesIO(source)), rehearsal, write or written.append, "f")), written


def only(rehearsal: Rehearsal, text: str) -> Rejected:
    (outcome,), written = run(rehearsal, text)
    assert isinstance(outcome, Rejected)
    assert written == []
    return outcome


def changed(old: str, new: str) -> str:
    assert old in RECORD
    return RECORD.replace(old, new)


def test_one_record_becomes_an_account_and_both_roles(rehearsal: Rehearsal) -> None:
    (outcome,), written = run(rehearsal)
    assert outcome == Accepted(1, "uid=x,o=old", TAKEN_OVER)
    account = f"uid=willemclaes,ou=accounts,{ENTERPRISE}"
    assert [operation.dn.removesuffix(f",{ENTERPRISE}") for operation in written] == [
        "ou=accounts",
        "uid=willemclaes,ou=accounts",
        "umCapacityName=employer",
        "cn=local-administrator,umCapacityName=employer",
        "cn=chief-access-manager",
    ]
    assert written[1] == Add(
        account,
        {
            "objectClass": (b"umAccount",),
            "uid": (b"willemclaes",),
            "umSsin": (b"64100994703",),
            "cn": (b"Claes",),
            "sn": (b"Claes",),
            "mail": (b"w@example.com",),
        },
    )
    assert written[2].attributes["mail"] == (b"w@example.com",)  # what the capacity asks for
    held = {(held.role, held.capacity) for held in rehearsal.view.roles_of("willemclaes")}
    assert held == {(Role.LA, "employer"), (Role.CAM, None)}


def test_a_second_run_changes_nothing_and_says_so(rehearsal: Rehearsal) -> None:
    run(rehearsal, LEGACY.read_bytes())
    outcomes, written = run(rehearsal, LEGACY.read_bytes())
    assert [outcome.kind for outcome in outcomes if isinstance(outcome, Accepted)] == [UNCHANGED] * 2
    assert written == []


def test_what_is_there_already_is_kept_and_the_rest_is_added(rehearsal: Rehearsal) -> None:
    _, written = run(rehearsal)
    rehearsal.take_back(written[3:])
    _, again = run(rehearsal)
    assert again == written[3:]


def test_old_spellings_of_numbers_are_understood(rehearsal: Rehearsal) -> None:
    _, written = run(rehearsal, LEGACY.read_bytes())
    assert rehearsal.view.accounts["nathalielambert"].ssin == "70120662966"
    assert rehearsal.view.accounts["nathalielambert"].enterprise == "0804363590"
    assert any(b"Nathalie Lambert" in operation.attributes.get("cn", ()) for operation in written)


def test_passwords_hashed_elsewhere_and_other_personal_data_come_along(rehearsal: Rehearsal) -> None:
    more = "userPassword: {SSHA}abcdefgh\ngivenName: Willem\ntitle: Dhr.\npreferredLanguage: nl\nuidNumber: 7\n\n"
    _, written = run(rehearsal, RECORD.rstrip("\n") + "\n" + more)
    attributes = written[1].attributes
    assert attributes["userPassword"] == (b"{SSHA}abcdefgh",)
    assert (attributes["givenName"], attributes["title"]) == ((b"Willem",), (b"Dhr.",))
    assert "uidNumber" not in attributes


@pytest.mark.parametrize(
    ("old", "new", "rule", "reason"),
    [
        ("sn: Claes", "umCapacityName: mandatary\nsn: Claes", "D16", "not of mandatary"),
        ("uid: willemclaes\n", "", "D16", "needs uid"),
        ("umSsin: 64100994703\n", "", "D16", "needs umSsin"),
        ("umEnterpriseNumber: 0479956295\nsn: Claes\n", "", "D16", "needs umEnterpriseNumber, sn"),
        ("0479956295", "0403019261", "D16", "does not know enterprise 0403019261"),
        ("0479956295", "0431150351", "N2", "0431150351"),
        ("0479956295", "1,ou=x", "N2", "not a valid enterprise number"),
        ("uid: willemclaes", "uid: Willem", "C1", "'Willem'"),
        ("uid: willemclaes", "uid: willemclaes,ou=accounts", "C1", "a-z and 0-9"),
        ("64100994703", "64100994704", "N1", "not a valid SSIN"),
        ("64100994703", "70120662966", "E2", "does not know willemclaes as"),
        ("mail: w@example.com\n", "", "D3", "also asks for mail"),
    ],
)
def test_a_refused_record_leaves_nothing(
    rehearsal: Rehearsal, old: str, new: str, rule: str, reason: str
) -> None:
    rejected = only(rehearsal, changed(old, new))
    assert rejected.rule == rule
    assert rejected.reason.startswith(f"{rule}: ")
    assert reason in rejected.reason
    assert rejected.item.source.startswith(b"dn: uid=x,o=old\n")  # the original, for --rejects
    assert "willemclaes" not in rehearsal.view.accounts
    assert not rehearsal.exists(f"ou=accounts,{ENTERPRISE}")
    (outcome,), _ = run(rehearsal)
    assert isinstance(outcome, Accepted)


def test_changes_are_no_administrators(rehearsal: Rehearsal) -> None:
    assert only(rehearsal, "dn: uid=x,o=old\nchangetype: delete\n").rule == "D16"


def test_text_that_cannot_be_read_is_a_format_mistake(rehearsal: Rehearsal) -> None:
    assert only(rehearsal, "stray\n").rule == "format"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("willemclaes", "jorispeeters", "willemclaes is local administrator of employer"),
        ("64100994703", "85071873574", "username willemclaes is another person's"),
    ],
)
def test_a_second_administrator_of_one_enterprise_is_refused(
    rehearsal: Rehearsal, old: str, new: str, reason: str
) -> None:
    run(rehearsal)
    rejected = only(rehearsal, changed(old, new))
    assert rejected.rule == "D16"
    assert reason in rejected.reason


def test_a_chief_who_stands_is_left_to_the_contact_center(rehearsal: Rehearsal) -> None:
    _, written = run(rehearsal)
    chief = f"cn=chief-access-manager,{ENTERPRISE}"
    other = f"uid=jorispeeters,ou=accounts,{ENTERPRISE}"
    rehearsal.view.put(other, {"umSsin": (b"85071873574",)})
    rehearsal.view.put(chief, {"member": (other.encode(),)})
    assert "the contact center changes that" in only(rehearsal, RECORD).reason
    assert written


def test_what_only_the_directory_refuses_can_be_taken_up_again(rehearsal: Rehearsal) -> None:
    done: list[Operation] = []

    def write(operation: Operation) -> None:
        if operation.dn.startswith("umCapacityName="):
            raise OperationRefused(
                operation.dn, 21, "invalidAttributeSyntax", "mail: value #0 invalid per syntax"
            )
        done.append(operation)

    (outcome,), _ = run(rehearsal, write=write)
    assert isinstance(outcome, Rejected)
    assert outcome.rule == "schema"
    assert len(done) == 2
    _, rest = run(rehearsal)
    assert [operation.dn.partition(",")[0] for operation in rest] == [
        "umCapacityName=employer",
        "cn=local-administrator",
        "cn=chief-access-manager",
    ]


def test_a_lost_directory_ends_it_and_says_where(rehearsal: Rehearsal) -> None:
    def write(_operation: Operation) -> None:
        raise DirectoryUnavailable("gone")

    with pytest.raises(DirectoryUnavailable, match="f:1: gone"):
        run(rehearsal, write=write)


def test_the_sample_says_what_comes_before_it() -> None:
    assert (SAMPLES / "55-before-the-take-over.ldif").name in LEGACY.read_text()
