"""S: who reads what, attribute by attribute, on a real slapd (docs/reference/reading.md).

Each reader asks for everything he can get: from every entry as base, with the filter that is true of everything
(RFC 4526), which needs no right on any attribute. What comes is compared with what is stored and what he may read;
then he tries to find out the same by filters and by Compare.
"""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import ldap3
import pytest
from ldap3.operation.search import search_operation
from ldap3.protocol.rfc4511 import And, Filter

from support.enterprise import PASSWORD, Enterprise, add_member, block, hand_over
from support.service import Service, wait_until
from um_directory.directory.client import DirectoryClient
from um_directory.errors import OperationRefused
from um_directory.model.operation import Add, Modification, Modify
from um_directory.search.criteria import escape

SECRET = {"userpassword"}
ALL = "all"
BARE = frozenset({"uid", "entryuuid"})
CONTAINER = frozenset({"ou", "objectclass", "entryuuid"})
CRITERIA = BARE | {
    *("objectclass", "cn", "sn", "givenname", "title", "displayname", "umssin", "preferredlanguage", "mail"),
    *("umaccountstatus", "umholderin"),
}
PERSONAL = {
    "givenName": (b"Given",),
    "title": (b"Title",),
    "displayName": (b"Shown",),
    "preferredLanguage": (b"nl",),
    "mail": (b"m@t.example",),
}
APPLICATION = "someapp"

Stored = dict[str, tuple[bytes, ...]]
Readable = Mapping[str, "str | frozenset[str]"]


class Staffed(Enterprise):
    """Everybody has all personal data; `user` is a user of both capacities."""

    def add_account(self, name: str, **changed: tuple[bytes, ...]) -> Add:
        return super().add_account(name, **PERSONAL, **changed)

    def load(self) -> Staffed:
        super().load()
        grant = f"cn=dmfa,ou=authorizations,{self.employer}"
        user = self.account("user").encode()
        with self.service.connect("registrar") as client:
            client.write(
                Add(grant, {"objectClass": (b"umAuthorization",), "cn": (b"dmfa",), "member": (user,)})
            )
            client.write(
                Modify(self.service.tree.person(self.ssins["user"]), (_replace("givenName", b"Given"),))
            )
        wait_until(lambda: self._is_kept("cam") and self._is_kept("la2"), 30, "access")
        with self.bind("la2") as client:
            client.write(add_member(self.group("users", self.mandatary), self.account("user")))
        wait_until(lambda: self.mandatary in self.kept("user", "umHolderIn"), 30, "the second role")
        return self

    def kept(self, name: str, attribute: str) -> set[str]:
        """Values that the service keeps on an account, as text."""
        with self.service.connect("service") as client:
            (entry,) = client.search(self.account(name), attributes=[attribute], scope="base")
        return {value.decode() for value in entry.attributes[attribute]}

    def _is_kept(self, name: str) -> bool:
        return self.kept(name, "umAccountStatus") == {"active"}


def _replace(attribute: str, *values: bytes) -> Modification:
    return Modification("replace", attribute, values)


@dataclass
class Stage:
    """A service of its own, an enterprise whose people read, and what is stored."""

    service: Service
    here: Staffed
    far: Staffed
    stored: dict[str, Stored] = field(default_factory=dict)

    def entries(self) -> dict[str, str]:
        """DN by kind, of every kind of entry."""
        here, suffix = self.here, self.service.settings.suffix
        accounts = ("cam", "cocam", "la", "cola", "la2", "user", "tech", "blockeduser", "stranger")
        return {
            **{name: here.account(name) for name in accounts},
            "accounts": f"ou=accounts,{here.dn}",
            "enterprise": here.dn,
            "CAM": here.group("chief-access-manager"),
            "co-CAMs": here.group("co-chief-access-managers"),
            "employer": here.employer,
            "employer LA": here.group("local-administrator", here.employer),
            "employer users": here.group("users", here.employer),
            "employer grants": f"ou=authorizations,{here.employer}",
            "employer grant": f"cn=dmfa,ou=authorizations,{here.employer}",
            "mandatary": here.mandatary,
            "mandatary users": here.group("users", here.mandatary),
            "far account": self.far.account("user"),
            "far accounts": f"ou=accounts,{self.far.dn}",
            "far enterprise": self.far.dn,
            "far CAM": self.far.group("chief-access-manager"),
            "far capacity": self.far.employer,
            "suffix": suffix,
            "enterprises": f"ou=enterprises,{suffix}",
            "register": f"ou=register,{suffix}",
            "person": self.service.tree.person(here.ssins["user"]),
            "mandates": f"ou=mandates,{suffix}",
            "catalogue": f"ou=catalogue,{suffix}",
            "definition": f"umCapacityName=employer,ou=capacities,ou=catalogue,{suffix}",
            "access": f"ou=access,{suffix}",
            "access group": self.service.tree.access_group("dmfa"),
            "operators": f"ou=operators,{suffix}",
            "contact-center": self.service.tree.operator("contact-center"),
            "registrar": self.service.tree.operator("registrar"),
            "services": f"ou=services,{suffix}",
            "application": self.service.tree.service(APPLICATION),
            "um-service": self.service.tree.service("um-service"),
        }

    def connect(self, reader: str) -> DirectoryClient:
        """A connection bound as a reader; `far …` is somebody of the other enterprise."""
        if reader in {"contact-center", "registrar", "service"}:
            return self.service.connect(reader)
        if reader == "application":
            url = f"ldap://127.0.0.1:{self.service.settings.ldap_port}"
            return DirectoryClient.bind_simple(url, self.entries()["application"], PASSWORD)
        where, _, name = reader.rpartition(" ")
        return (self.far if where else self.here).bind(name)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    service = Service()
    try:
        service.start()
        service.stop()
        _slapadd_application(service)
        service.start()
        made = Stage(service, Staffed(service).load(), Staffed(service).load())
        made.stored = _dump(service)
        missing = set(made.entries().values()) - made.stored.keys()
        assert not missing
        yield made
    finally:
        service.remove()


def _slapadd_application(service: Service) -> None:
    ldif = f"dn: {service.tree.service(APPLICATION)}\nobjectClass: umService\ncn: {APPLICATION}\n"
    command = ["/usr/sbin/slapd", "-Tadd", "-F", str(service.settings.state_dir / "slapd.d")]
    subprocess.run(
        [*command, "-b", service.settings.suffix],
        input=f"{ldif}userPassword: {PASSWORD}\n",
        text=True,
        capture_output=True,
        check=True,
    )


def _dump(service: Service) -> dict[str, Stored]:
    """Everything that is stored, by DN, attribute names in lower case."""
    command = [
        "/usr/sbin/slapd",
        "-Tcat",
        "-o",
        "ldif-wrap=no",
        "-F",
        str(service.settings.state_dir / "slapd.d"),
    ]
    text = subprocess.run(
        [*command, "-b", service.settings.suffix], capture_output=True, text=True, check=True
    ).stdout
    found: dict[str, Stored] = {}
    for block_ in text.strip().split("\n\n"):
        entry: Stored = {}
        for line in block_.split("\n"):
            name, _, value = line.partition(":")
            raw = base64.b64decode(value[1:]) if value.startswith(":") else value.strip().encode()
            entry[name.lower()] = (*entry.get(name.lower(), ()), raw)
        entry.pop("contextcsn", None)  # slapd keeps it in memory, and stores it now and then
        found[entry.pop("dn")[0].decode()] = entry
    return found


# --- who may read what ---

EMPLOYERS = ("la", "cola", "user", "tech", "blockeduser")
REST = ("cam", "cocam", "la2", "stranger")
PUBLIC: Readable = dict.fromkeys(("catalogue", "definition", "access", "access group"), ALL)
ENTERPRISE = ("accounts", "enterprise", "CAM", "co-CAMs", "mandatary", "mandatary users")
EMPLOYER = ("employer", "employer LA", "employer users", "employer grants", "employer grant")
FAR = ("far account", "far accounts", "far enterprise", "far CAM", "far capacity")

_everything_here: Readable = PUBLIC | dict.fromkeys((*EMPLOYERS, *REST, *ENTERPRISE, *EMPLOYER), ALL)
_employer_managers: Readable = {
    **PUBLIC,
    **dict.fromkeys(EMPLOYERS, CRITERIA),
    **dict.fromkeys(REST, BARE),
    **dict.fromkeys(EMPLOYER, ALL),
    "accounts": CONTAINER,
}
_authorities: Readable = {**_everything_here, **dict.fromkeys((*FAR, "enterprises", "suffix"), ALL)}

READERS: dict[str, Readable] = {
    "cam": _everything_here,
    "cocam": _everything_here,
    "la": {**_employer_managers, "la": ALL},
    "cola": {**_employer_managers, "cola": ALL},
    "la2": {
        **PUBLIC,
        **dict.fromkeys((*EMPLOYERS, *REST), BARE),
        "user": CRITERIA,
        "la2": ALL,
        "mandatary": ALL,
        "mandatary users": ALL,
        "accounts": CONTAINER,
    },
    "user": {**PUBLIC, "user": ALL},
    "tech": {**PUBLIC, "tech": ALL},
    "far cam": {**PUBLIC, **dict.fromkeys(FAR, ALL)},
    "far la": {**PUBLIC, "far account": CRITERIA, "far accounts": CONTAINER, "far capacity": ALL},
    "far user": {**PUBLIC, "far account": ALL},
    "contact-center": {**_authorities, "contact-center": ALL},
    "registrar": {
        **_authorities,
        **dict.fromkeys(("register", "person", "mandates"), ALL),
        "registrar": ALL,
    },
    "application": {**PUBLIC, "suffix": ALL, "application": ALL},
}
"""What each reader may read of each kind of entry. What is not here he does not even see."""


def readable(stage: Stage, allowed: Readable, kind: str) -> frozenset[str] | None:
    """The attributes, in lower case, among those stored; None when the entry is not to be seen."""
    if kind not in allowed:
        return None
    stored = frozenset(stage.stored[stage.entries()[kind]]) - SECRET
    may = allowed[kind]
    return stored if isinstance(may, str) else stored & may


class Always(And):
    """`(&)`, which pyasn1 takes for a mistake."""

    isInconsistent = False  # noqa: N815 - pyasn1's name


def everything(client: DirectoryClient, base: str) -> dict[str, Stored]:
    """What a search below `base` gives that asks for all, with the filter that is true of everything."""
    request = search_operation(
        base, "(objectClass=*)", ldap3.SUBTREE, ldap3.DEREF_NEVER, ["*", "+"], 0, 0, False, True, True
    )
    always = Filter()
    always["and"] = Always().clear()
    request["filter"] = always
    connection = client._connection
    response = connection.post_send_search(connection.send("searchRequest", request))
    return {
        item["dn"]: {name.lower(): tuple(values) for name, values in item["raw_attributes"].items() if values}
        for item in response or ()
        if item["type"] == "searchResEntry"
    }


def seen_by(stage: Stage, client: DirectoryClient) -> dict[str, Stored]:
    """Everything that is to be had, from every entry as base."""
    seen: dict[str, Stored] = {}
    for base in stage.entries().values():
        for dn, attributes in everything(client, base).items():
            seen.setdefault(dn, {}).update(attributes)
    return seen


def check_what_is_seen(stage: Stage, client: DirectoryClient, allowed: Readable) -> None:
    seen = seen_by(stage, client)
    wrong = {}
    for kind, dn in stage.entries().items():
        stored = stage.stored[dn]
        got = frozenset(name for name in seen[dn] if name in stored) if dn in seen else None
        if got != readable(stage, allowed, kind):
            wrong[kind] = (got, readable(stage, allowed, kind))
    assert not wrong
    assert not any(SECRET & attributes.keys() for attributes in seen.values())


def check_filters_and_compare(stage: Stage, client: DirectoryClient, allowed: Readable) -> None:
    """What cannot be read is neither found by a filter nor told by Compare; the rest is."""
    wrong = []
    for kind, dn in stage.entries().items():
        may = readable(stage, allowed, kind) or frozenset()
        for name, values in stage.stored[dn].items():
            found = finds(client, dn, name, values) or finds(client, dn.partition(",")[2], name, values, dn)
            if found != (name in may):
                wrong.append((kind, name, "filter"))
            told = compares(client, dn, name, values)
            if told is not None and told != (name in may):
                wrong.append((kind, name, "compare"))
    assert not wrong


def finds(
    client: DirectoryClient, base: str, name: str, values: tuple[bytes, ...], wanted: str | None = None
) -> bool:
    """Whether a filter on this attribute tells anything: present, equal, or not equal."""
    parts = [f"({name}=*)"]
    for value in values:
        equal = f"({name}={escape(value.decode('utf-8', 'replace'))})"
        parts += [equal, f"(!{equal})"]
    try:
        found = [entry.dn for entry in client.search(base, f"(|{''.join(parts)})", ["1.1"])]
    except OperationRefused as error:
        assert error.code == 50, error
        return False
    return (wanted or base) in found


def compares(client: DirectoryClient, dn: str, name: str, values: tuple[bytes, ...]) -> bool | None:
    """Whether Compare says anything; None for attributes that cannot be compared."""
    answers = set()
    for value in values:
        try:
            assert client.compare(dn, name, value.decode("utf-8", "replace")) is True
            answers.add(True)
        except OperationRefused as error:
            if error.code == 18:  # inappropriateMatching
                return None
            assert error.code in {16, 32, 50}, error
            answers.add(False)
    return any(answers)


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_sees_what_he_may_and_nothing_else(stage: Stage, reader: str) -> None:
    with stage.connect(reader) as client:
        check_what_is_seen(stage, client, READERS[reader])


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_learns_no_more_by_filters_and_compare(stage: Stage, reader: str) -> None:
    with stage.connect(reader) as client:
        check_filters_and_compare(stage, client, READERS[reader])


def test_the_service_reads_everything_but_passwords(stage: Stage) -> None:
    whole = dict.fromkeys(stage.entries(), ALL)
    with stage.connect("service") as client:
        check_what_is_seen(stage, client, whole)
        check_filters_and_compare(stage, client, whole)
    assert any("userpassword" in stored for stored in stage.stored.values())


def test_a_manager_learns_only_his_own_capacities_of_an_account(stage: Stage) -> None:
    here = stage.here
    for reader, shown in (
        ("la", {here.employer}),
        ("la2", {here.mandatary}),
        ("cam", {here.employer, here.mandatary}),
        ("user", {here.employer, here.mandatary}),
    ):
        with stage.connect(reader) as client:
            (entry,) = client.search(here.account("user"), "(uid=*)", ["umHolderIn"], "base")
            assert {value.decode() for value in entry.attributes["umHolderIn"]} == shown
            for capacity in (here.employer, here.mandatary):
                found = list(client.search(here.account("user"), f"(umHolderIn={capacity})", ["1.1"], "base"))
                assert bool(found) == (capacity in shown)


def test_a_manager_finds_an_account_of_his_enterprise_by_its_username(stage: Stage) -> None:
    here = stage.here
    accounts = f"ou=accounts,{here.dn}"
    for reader in ("la", "cola", "la2", "cam"):
        with stage.connect(reader) as client:
            found = [entry.dn for entry in client.search(accounts, f"(uid={here.uid('stranger')})", ["uid"])]
            assert found == [here.account("stranger")]
            assert not list(client.search(accounts, f"(uid={stage.far.uid('user')})", ["uid"]))


def test_names_come_by_no_supertype_of_them(stage: Stage) -> None:
    """`name` is what cn, sn and givenName are kinds of (RFC 4519 §2.18): a filter on it reaches no further."""
    for reader in ("la2", "user", "far cam"):
        with stage.connect(reader) as client:
            for dn in (stage.here.account("tech"), f"ou=accounts,{stage.here.dn}", stage.here.dn):
                assert not finds(client, dn, "name", (b"tech",), stage.here.account("tech"))


def test_content_synchronisation_gives_no_more(stage: Stage) -> None:
    """RFC 4533 on the same connection as a search: refused, or what a search would give."""
    here, suffix = stage.here, stage.service.settings.suffix
    url = f"ldap://127.0.0.1:{stage.service.settings.ldap_port}"
    command = [
        "ldapsearch",
        "-x",
        "-H",
        url,
        "-D",
        here.account("user"),
        "-w",
        PASSWORD,
        "-LLL",
        "-E",
        "sync=ro",
    ]
    for base in (suffix, f"ou=enterprises,{suffix}", here.dn, f"ou=accounts,{here.dn}"):
        done = subprocess.run([*command, "-b", base, "(&)", "*"], capture_output=True, text=True, check=False)
        assert (done.returncode != 0, "dn:" in done.stdout) == (True, False)


@pytest.mark.parametrize("base", ["suffix", "enterprises", "user", "catalogue", "access group", "person"])
def test_who_has_not_logged_in_reads_nothing(stage: Stage, base: str) -> None:
    url = f"ldap://127.0.0.1:{stage.service.settings.ldap_port}"
    dn = stage.entries()[base]
    done = subprocess.run(
        ["ldapsearch", "-x", "-H", url, "-b", dn, "-LLL", "(&)", "*", "+"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert not done.stdout.strip()
    compared = subprocess.run(
        ["ldapcompare", "-x", "-H", url, dn, "objectClass:top"], capture_output=True, check=False
    )
    assert compared.returncode not in {5, 6}


def test_who_is_blocked_reads_only_himself_on_a_connection_still_open(stage: Stage) -> None:
    """A5: and so does who was replaced as LA. He is shut out of nothing that is his own."""
    gone = Staffed(stage.service).load()
    names = ("cocam", "la", "cola", "user", "tech")
    clients = {name: gone.bind(name) for name in names}
    with gone.bind("cam") as cam:
        cam.write(block(gone.group("co-chief-access-managers"), gone.account("cocam")))
        cam.write(hand_over(gone.group("local-administrator", gone.employer), gone.account("founder")))
        for name, group in (
            ("cola", "co-local-administrators"),
            ("user", "users"),
            ("tech", "technical-user"),
        ):
            cam.write(block(gone.group(group, gone.employer), gone.account(name)))
        cam.write(block(gone.group("users", gone.mandatary), gone.account("user")))
    for name in names:
        wait_until(
            lambda name=name: gone.kept(name, "umAccountStatus") == {"inactive"}, what=f"end of {name}"
        )
    after = Stage(stage.service, gone, stage.far, _dump(stage.service))
    for name, client in clients.items():
        with client:
            check_what_is_seen(after, client, {**PUBLIC, name: ALL})
            check_filters_and_compare(after, client, {**PUBLIC, name: ALL})
