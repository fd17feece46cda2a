"""`um search` on a real service: who is found by what, and by whom (S, §4.1.4 and §5.1)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.enterprise import PASSWORD, Enterprise, block
from support.service import Service, wait_until
from um_directory.directory.identity import connect_as
from um_directory.model.operation import Add, Modification, Modify
from um_directory.model.roles import Role
from um_directory.search.criteria import Criteria
from um_directory.search.people import People, Person, find_scope

EMPLOYERS = {"la", "cola", "user", "tech", "blockeduser", "blockedcola"}
"""Who holds a role in capacity employer, blocked ones included."""
EVERYBODY = EMPLOYERS | {"cam", "cocam", "la2", "founder", "stranger"}
PERSONAL = {
    "sn": (b"van den Berg*(x)",),
    "givenName": ("Zo\u00eb".encode(),),
    "title": (b"Mevrouw",),
    "preferredLanguage": (b"nl",),
    "mail": (b"zoe@t.example",),
}


class WithPersonalData(Enterprise):
    """`user` has a value for every criterion."""

    def add_account(self, name: str, **changed: tuple[bytes, ...]) -> Add:
        return super().add_account(name, **(PERSONAL if name == "user" else {}), **changed)


class Searcher:
    """Runs `um search` as somebody of one enterprise, or as an operator within it."""

    def __init__(self, here: Enterprise, folder: Path) -> None:
        self.here = here
        self._secret = folder / "secret"
        self._secret.touch(mode=0o600)
        self._secret.write_text(PASSWORD)

    def raw(self, who: str, *options: str) -> tuple[int, str, str]:
        """Exit status, standard output and error."""
        identity = ["--as", self.here.account(who), "--password-file", str(self._secret)]
        if who in {"contact-center", "registrar", "service"}:
            identity = ["--as", who]
        done = self.here.service.um("search", *identity, *options)
        return done.returncode, done.stdout, done.stderr

    def accounts(self, who: str, *options: str) -> dict[str, dict[str, Any]]:
        """What `um search --json` finds, by the name in the enterprise."""
        status, out, err = self.raw(who, "--json", *options)
        assert status == 0, err
        answer = json.loads(out)
        assert answer["complete"] is True
        return {found["username"].removesuffix(self.here.tag): found for found in answer["accounts"]}

    def people(self, who: str, enterprise: str | None = None, **criteria: Any) -> dict[str, Person]:
        """The same without a process for each."""
        settings, suffix = self.here.service.settings, self.here.service.settings.suffix
        operator = who in {"contact-center", "registrar", "service"}
        reader = self.here.service.tree.operator(who) if operator else self.here.account(who)
        identity, secret = (who, None) if operator else (reader, self._secret)
        with connect_as(settings, identity, secret) as pages, connect_as(settings, identity, secret) as other:
            scope = find_scope(other, self.here.service.tree, reader, enterprise)
            found = list(People(suffix, scope, pages, other).find(Criteria(**criteria)))
        return {person.username.removesuffix(self.here.tag): person for person in found}

    def error(self, who: str, *options: str) -> str:
        """What a search that cannot be made says."""
        status, out, err = self.raw(who, *options)
        assert (status, out) == (1, "")
        assert err.count("\n") == 1
        return err


@pytest.fixture(scope="module")
def searcher(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    here = WithPersonalData(service).load()
    grants = [
        Add(
            f"cn={name},ou=authorizations,{here.employer}",
            {
                "objectClass": (b"umAuthorization",),
                "cn": (name.encode(),),
                attribute: (here.account("user").encode(),),
            },
        )
        for name, attribute in (("dmfa", "member"), ("dimona", "umBlockedMember"))
    ]
    with service.connect("registrar") as registrar:
        for operation in grants:
            registrar.write(operation)
    wait_until(lambda: _has_access(here, "user", "dmfa") and _has_access(here, "la2", "mandates"))
    return Searcher(here, tmp_path_factory.mktemp("search"))


def _has_access(here: Enterprise, name: str, application: str) -> bool:
    wanted = here.service.tree.access_group(application).encode()
    with here.service.connect("service") as client:
        entries = list(client.search(here.account(name), attributes=["memberOf"], scope="base"))
    return any(wanted in entry.attributes["memberOf"] for entry in entries)


# --- the scope ---


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("cam", EVERYBODY),
        ("cocam", EVERYBODY),
        ("la", EMPLOYERS),
        ("cola", EMPLOYERS),
        ("la2", {"la2"}),
        ("user", {"user"}),
        ("tech", {"tech"}),
    ],
)
def test_everybody_finds_who_is_in_his_scope(searcher: Searcher, who: str, found: set[str]) -> None:
    assert searcher.people(who).keys() == found


def test_operators_find_within_the_enterprise_they_name(searcher: Searcher) -> None:
    other = Enterprise(searcher.here.service).load()
    for who in ("contact-center", "registrar", "service"):
        assert searcher.people(who, searcher.here.number).keys() == EVERYBODY
        everywhere = searcher.people(who, username=other.uid("cam"))
        assert [found.enterprise for found in everywhere.values()] == [other.number]
    old_form = f"BE {searcher.here.number[:4]}.{searcher.here.number[4:7]}.{searcher.here.number[7:]}"
    assert searcher.accounts("registrar", "--enterprise", old_form).keys() == EVERYBODY


def test_nobody_finds_in_another_enterprise(searcher: Searcher) -> None:
    other = Enterprise(searcher.here.service).load()
    assert "acts in enterprise" in searcher.error("cam", "--enterprise", other.number)
    for who in ("cam", "la", "user"):
        assert searcher.people(who, username=other.uid("user")) == {}


# --- the criteria ---


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        ({"capacity": "employer"}, EMPLOYERS),
        ({"capacity": "Mandatary"}, {"la2"}),
        ({"capacity": "telephone-operator"}, set()),
        ({"name": "VAN DEN BERG*(x)"}, {"user"}),
        ({"name": "*"}, set()),  # a star is a star
        ({"name": "van den"}, set()),
        ({"name": "van den", "prefix": True}, {"user"}),
        ({"first_name": "Zo\u00eb"}, {"user"}),
        ({"title": "Mevrouw"}, {"user"}),
        ({"title": "Mev", "prefix": True}, {"user"}),
        ({"language": "NL"}, {"user"}),
        ({"email": "zoe@t.example"}, {"user"}),
        ({"email": "zoe@", "prefix": True}, {"user"}),
        ({"name": "la", "capacity": "mandatary"}, set()),
        ({"name": "la2", "capacity": "mandatary"}, {"la2"}),
        ({"name": "cola", "language": "nl"}, set()),
        # Applications: A2, A3; user's grant for dimona is blocked.
        ({"capacity": "employer", "application": "dmfa"}, {"la", "cola", "user"}),
        ({"capacity": "employer", "application": "DIMONA"}, {"la", "cola"}),
        ({"capacity": "employer", "application": "user-management"}, {"la", "cola", "user"}),
        ({"capacity": "mandatary", "application": "dmfa"}, {"la2"}),
    ],
)
def test_a_criterion_finds(searcher: Searcher, criteria: dict[str, Any], found: set[str]) -> None:
    assert searcher.people("cam", **criteria).keys() == found
    assert searcher.people("contact-center", searcher.here.number, **criteria).keys() == found
    assert searcher.people("la", **criteria).keys() == found & EMPLOYERS


def test_every_criterion_is_an_option_and_counts(searcher: Searcher) -> None:
    options = ["--username", "user", "--name", "van den", "--first-name", "Zo", "--title", "Mev"]
    options += ["--ssin", searcher.here.ssins["user"], "--language", "nl", "--email", "zoe"]
    rest = ["--prefix", "--capacity", "employer", "--application", "dmfa"]
    assert searcher.accounts("la", *options, *rest).keys() == {"user"}
    for position in range(1, len(options), 2):
        changed = [*options[:position], searcher.here.ssins["cam"], *options[position + 1 :]]
        assert searcher.accounts("la", *changed, *rest) == {}, options[position - 1]


def test_a_username_and_an_ssin_find_one(searcher: Searcher) -> None:
    here = searcher.here
    assert searcher.people("la", username=here.uid("user").upper()).keys() == {"user"}
    assert searcher.people("la", username="us", prefix=True).keys() == {"user"}
    ssin = here.ssins["user"]
    written = f"{ssin[:2]}.{ssin[2:4]}.{ssin[4:6]}-{ssin[6:9]}.{ssin[9:]}"
    assert searcher.people("la", ssin=written).keys() == {"user"}
    # Outside his scope a manager learns nothing, not even whether there is somebody with this number.
    assert searcher.people("la", ssin=here.ssins["cam"]) == {}
    assert searcher.people("la", username=here.uid("cam")) == {}


# --- what is shown ---


def test_an_account_is_shown_with_roles_and_applications_in_the_scope(searcher: Searcher) -> None:
    user = {"role": "user", "capacity": "employer", "state": "active"}
    for who in ("cam", "la", "contact-center"):
        options = ("--enterprise", searcher.here.number) if who == "contact-center" else ()
        found = searcher.accounts(who, *options)["user"]
        assert found == {
            "dn": searcher.here.account("user"),
            "enterprise": searcher.here.number,
            "username": searcher.here.uid("user"),
            "name": "van den Berg*(x)",
            "first_name": "Zo\u00eb",
            "title": "Mevrouw",
            "language": "nl",
            "email": "zoe@t.example",
            "status": "active",
            "roles": [user],
            "applications": ["dmfa", "user-management"],
        }


def test_a_blocked_holder_is_found_and_shown_blocked(searcher: Searcher) -> None:
    for who in ("cam", "la"):
        found = searcher.accounts(who, "--capacity", "employer")
        for name, role in (("blockeduser", "user"), ("blockedcola", "co-local-administrator")):
            assert found[name]["roles"] == [{"role": role, "capacity": "employer", "state": "blocked"}]
            assert (found[name]["status"], found[name]["applications"]) == ("inactive", [])
    _, out, _ = searcher.raw("la", "--username", searcher.here.uid("blockeduser"))
    assert "user of employer: blocked" in out
    assert "(inactive)" in out


def test_roles_outside_the_scope_are_not_shown(service: Service, tmp_path: Path) -> None:
    here = Enterprise(service).load()
    second = Modify(
        here.group("users", here.mandatary),
        (Modification("add", "member", (here.account("user").encode(),)),),
    )
    wait_until(lambda: _has_access(here, "la2", "mandates") and _has_access(here, "cam", "user-management"))
    with here.bind("cam") as client:
        client.write(second)
    searcher = Searcher(here, tmp_path)
    wait_until(lambda: "user" in searcher.people("la2"), 20, "the second role to be known")

    def roles(who: str) -> list[str]:
        return [held.capacity or "" for held in searcher.people(who)["user"].roles]

    assert (roles("la"), roles("la2"), roles("cam")) == (
        ["employer"],
        ["mandatary"],
        ["employer", "mandatary"],
    )
    assert [held.role for held in searcher.people("cam")["cocam"].roles] == [Role.CO_CAM]
    with here.bind("la") as client:  # a blocked role is still one by which he is found
        client.write(block(here.group("users", here.employer), here.account("user")))
    assert searcher.people("la")["user"].roles[0].state == "blocked"
    assert searcher.people("la2")["user"].roles[0].state == "active"


def test_roles_are_found_however_the_name_was_written(service: Service, tmp_path: Path) -> None:
    here = Enterprise(service).load()
    odd = here.account("cocam").upper().replace(",", ", ")
    chief = Modify(here.group("chief-access-manager"), (Modification("replace", "member", (odd.encode(),)),))
    users = Modify(here.group("users", here.employer), (Modification("add", "member", (odd.encode(),)),))
    with service.connect("contact-center") as contact_center:
        contact_center.write(chief)
    wait_until(lambda: _has_access(here, "cocam", "user-management"))
    with here.bind("la") as client:
        client.write(users)
    searcher = Searcher(here, tmp_path)
    wait_until(lambda: len(searcher.people("cocam")["cocam"].roles) == 3, 20, "the roles")
    assert {held.role for held in searcher.people("cocam")["cocam"].roles} == {
        Role.CAM,
        Role.CO_CAM,
        Role.USER,
    }


def test_lines_for_people(searcher: Searcher) -> None:
    status, out, _ = searcher.raw("la", "--language", "nl")
    assert status == 0
    assert out == (
        f"{searcher.here.uid('user')}  van den Berg*(x), Zo\u00eb  Mevrouw  nl  zoe@t.example\n"
        "    user of employer: active\n"
        "    applications: dmfa, user-management\n"
        "1 found\n"
    )


def test_more_than_the_limit_is_said(searcher: Searcher) -> None:
    status, out, _ = searcher.raw("cam", "--limit", "2")
    assert (status, out.splitlines()[-1].split(",")[0]) == (2, "2 found")
    status, out, _ = searcher.raw("cam", "--limit", "2", "--json")
    answer = json.loads(out)
    assert (status, len(answer["accounts"]), answer["complete"]) == (2, 2, False)
    status, out, _ = searcher.raw("cam", "--name", "nobody", "--json")
    assert (status, json.loads(out)) == (0, {"accounts": [], "complete": True})


def test_all_pages_come_and_none_is_cut_off(service: Service, tmp_path: Path) -> None:
    """slapd gives a person at most 1000 entries at once; by pages, all."""
    crowd = Enterprise(service).load()
    template = dict(crowd.add_account("user").attributes)
    del template["userPassword"]
    with service.connect("registrar") as registrar:
        for number in range(1010):
            uid = f"crowd{number:04d}x{crowd.number}"
            registrar.write(
                Add(service.tree.account(crowd.number, uid), {**template, "uid": (uid.encode(),)})
            )
    wait_until(lambda: _has_access(crowd, "cam", "user-management"), 30)
    found = Searcher(crowd, tmp_path).accounts("cam", "--limit", "0", "--username", "crowd", "--prefix")
    assert len(found) == 1010


# --- what cannot be asked ---


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--application", "dmfa"), "give the --capacity too"),
        (("--capacity", "nothing"), "no such capacity (there are: employer"),
        (("--capacity", "employer", "--application", "insurability"), "employer does not offer insurability"),
        (("--ssin", "81050103521"), "not a valid social security number"),
        (("--name", " "), "--name: give a value"),
        (("--enterprise", "0431150351"), "not a valid enterprise number"),
    ],
)
def test_a_search_that_makes_no_sense_says_why(
    searcher: Searcher, options: tuple[str, ...], words: str
) -> None:
    assert words in searcher.error("cam", *options)


def test_operators_name_the_enterprise_of_a_capacity(searcher: Searcher) -> None:
    assert "give the --enterprise too" in searcher.error("registrar", "--capacity", "employer")
    assert "no such enterprise" in searcher.error("registrar", "--enterprise", "0403019261")


def test_who_cannot_log_in_cannot_search(searcher: Searcher) -> None:
    assert "(invalidCredentials, 49)" in searcher.error("blockeduser")
    without = searcher.here.service.um("search", "--as", searcher.here.account("cam"))
    assert without.returncode == 1
    assert "--password-file" in without.stderr
