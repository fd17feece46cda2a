"""`um verify` over a real directory: what was loaded by the rules is clean, what came in behind them is found."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from support.blocks import SAMPLES
from support.enterprise import Enterprise, add_member, remove_member
from support.service import Service, wait_until
from support.view_check import commit_that_never_was
from um_directory.directory.embedded import EmbeddedSlapd
from um_directory.ldif_import.writer import to_ldif
from um_directory.model.operation import Add, Modification, Modify

SMALL = [path for path in sorted(SAMPLES.glob("*.ldif")) if path.name[:2] in ("10", "20", "30", "40")]
HASH = b"{ARGON2}$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"


def verified(service: Service, *options: str) -> tuple[int, dict[str, Any]]:
    result = service.um("verify", "--json", *options)
    assert result.returncode in (0, 2), result.stderr
    return result.returncode, dict(json.loads(result.stdout))


# --- what is right ---


@pytest.fixture(scope="module")
def sampled() -> Iterator[Service]:
    """A service with the small samples in it."""
    running = Service()
    running.start()
    for path in SMALL:
        assert running.um("import", str(path)).returncode == 0
    yield running
    running.remove()


def test_the_samples_verify_clean_and_the_view_is_right(sampled: Service) -> None:
    result = sampled.um("verify", "--view", "--strict")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 violations, 0 notices; the guard's view:" in result.stdout
    assert ", 0 different" in result.stdout
    with sampled.connect("service") as client:
        entries = sum(1 for _ in client.search(sampled.tree.suffix, attributes=("1.1",)))
    _status, found = verified(sampled)
    assert found["entries"] == entries
    assert found["passwords_read"] is True
    assert found["view"] is None


def test_an_enterprise_made_in_every_role_verifies_clean(service: Service) -> None:
    here = Enterprise(service).load()
    _status, found = verified(service)
    assert not [finding for finding in found["findings"] if here.number in finding["dn"]]


# --- what the register withdrew ---


def test_an_ended_relation_is_a_notice_and_strictly_a_violation(sampled: Service) -> None:
    here = Enterprise(sampled).load()
    person = sampled.tree.person(here.ssins["user"])
    with sampled.connect("registrar") as registrar:
        registrar.write(Modify(person, (Modification("delete", "umEmployeeOf"),)))
    try:
        status, found = verified(sampled)
        assert (status, found["violations"], found["by_rule"]) == (0, 0, {"E8": 1})
        (finding,) = found["findings"]
        assert finding["dn"] == here.group("users", here.employer)
        assert finding["notice"] is True
        assert f"E3: the register does not know {here.uid('user')}" in finding["text"]
        assert verified(sampled, "--strict")[0] == 2
        shown = sampled.um("verify")
        assert shown.returncode == 0
        assert shown.stdout.startswith("notice E8: cn=users,")
    finally:
        with sampled.connect("registrar") as registrar:
            registrar.write(Modify(person, (Modification("add", "umEmployeeOf", (here.dn.encode(),)),)))


# --- what came in behind the rules' back ---


class Behind:
    """A directory that was loaded by slapadd, and a slapd without its guard: nothing mends what is wrong."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.slapd = EmbeddedSlapd(service.settings)
        self.slapd.prepare()
        self.expected: dict[str, set[str]] = {}
        self._ldif: list[bytes] = []

    def add(self, operation: Add, *rules: str) -> None:
        """Load an entry for which these rules are to be named."""
        self._ldif.append(to_ldif(operation))
        if rules:
            self.expected.setdefault(operation.dn.lower(), set()).update(rules)

    def start(self) -> None:
        self.slapd.slapadd(b"\n".join(self._ldif).decode())
        self.slapd.start()
        self.slapd.wait_ready()


def changed(operation: Add, **values: tuple[bytes, ...]) -> Add:
    """An entry with other values; an empty tuple takes an attribute away."""
    merged = {**operation.attributes, **values}
    return Add(operation.dn, {name: found for name, found in merged.items() if found})


def sound(service: Service) -> tuple[Enterprise, dict[str, Add]]:
    """An enterprise and its entries by DN, nothing wrong with them, without passwords."""
    here = Enterprise(service)
    records = {add.dn: changed(add, userPassword=()) for add in here._records()}
    return here, records


def dns(here: Enterprise, *names: str) -> tuple[bytes, ...]:
    return tuple(here.account(name).encode() for name in names)


def grants(here: Enterprise, application: str, *names: str) -> Add:
    attributes = {
        "objectClass": (b"umAuthorization",),
        "cn": (application.encode(),),
        "member": dns(here, *names),
    }
    return Add(f"cn={application},ou=authorizations,{here.employer}", attributes)


def test_each_rules_wrong_data_is_found_and_named() -> None:
    service = Service()
    try:
        behind = Behind(service)
        here, records = sound(service)
        other, others = sound(service)
        cam, cocam = here.group("chief-access-manager"), here.group("co-chief-access-managers")
        la, cola, users, tech = (
            here.group(name, here.employer)
            for name in ("local-administrator", "co-local-administrators", "users", "technical-user")
        )
        wrong: dict[str, tuple[dict[str, tuple[bytes, ...]], str]] = {
            here.dn: ({"umNssoNumber": (b"000100007",)}, "N3"),
            cam: ({"member": dns(here, "cam", "founder")}, "D1"),
            cocam: ({"member": dns(here, "stranger")}, "E8"),
            la: ({"member": ()}, "D4"),
            cola: ({"member": dns(other, "cola")}, "D14"),
            users: ({"member": dns(here, "user", "founder")}, "E8 D3"),  # the capacity has no active LA
            tech: ({"member": dns(here, "tech", "la2")}, "D7 D3"),
            here.mandatary: ({"telephoneNumber": ()}, "D3"),
            here.account("user"): ({"umSsin": (b"81050103521",)}, "N1 SV"),
            here.account("tech"): ({"description": (b"x",)}, "D0 SV"),
            here.account("stranger"): (
                {"memberOf": (service.tree.access_group("dimona").encode(),)},
                "SV",
            ),
            here.account("founder"): ({"userPassword": (b"Wachtwoord1",)}, "C2 SV"),
            here.account("la2"): ({"userPassword": (HASH,)}, "SV"),
        }
        for dn, add in records.items():
            values, rules = wrong.get(dn, ({}, ""))
            behind.add(changed(add, **values), *rules.split())
        for dn in (cola, f"ou=authorizations,{here.employer}"):
            behind.expected.setdefault(dn.lower(), set()).add("D3")
        far = f"umCapacityName=telephone-operator,{here.dn}"
        nowhere = f"umCapacityName=astronaut,{here.dn}"
        for dn, rule in ((far, "E8"), (nowhere, "D3")):
            attributes = {"objectClass": (b"umCapacity",), "mail": (b"a@t.example",)}
            name = dn.partition(",")[0].partition("=")[2]
            behind.add(Add(dn, {**attributes, "umCapacityName": (name.encode(),)}), rule)
        behind.add(grants(here, "dimona", "stranger"), "D8", "D3")
        behind.add(grants(here, "dmfa"), "D3")
        for add in others.values():
            behind.add(add)
        behind.add(grants(other, "astronomy"), "D8")
        twice = changed(here.add_account("candidate"), userPassword=())
        behind.add(twice)
        behind.add(Add(service.tree.account(other.number, here.uid("candidate")), twice.attributes))
        behind.add(
            Add(
                f"uid=Capital9,ou=accounts,{other.dn}",
                {**others[other.account("user")].attributes, "uid": (b"Capital9",)},
            ),
            "C1",
            "D0",
        )
        behind.add(
            Add(
                service.tree.enterprise("0431150351"),
                {"objectClass": (b"umEnterprise",), "umEnterpriseNumber": (b"0431150351",), "o": (b"X",)},
            ),
            "N2",
        )
        behind.add(
            Add(
                service.tree.person("81050103521"),
                {"objectClass": (b"umPerson",), "umSsin": (b"81050103521",), "sn": (b"X",)},
            ),
            "N1",
        )
        for name in ("ou=cellar", "cn=boss,ou=operators", f"cn=users,{other.dn.partition(',dc=')[0]}"):
            kind = {"ou": "organizationalUnit", "cn": "umOperator"}[name[:2]]
            dn = f"{name},{service.tree.suffix}"
            leaf = name.partition(",")[0].partition("=")[2].encode()
            behind.add(Add(dn, {"objectClass": (kind.encode(),), name[:2]: (leaf,)}), "D0")
        behind.start()
        try:
            result = service.um("verify", "--json")
        finally:
            behind.slapd.stop()
        assert result.returncode == 2, result.stderr
        said: dict[str, set[str]] = {}
        for finding in json.loads(result.stdout)["findings"]:
            said.setdefault(finding["dn"].lower(), set()).add(finding["rule"])
        assert b"Wachtwoord1" not in result.stdout.encode()
        username = {
            here.account("candidate").lower(),
            service.tree.account(other.number, here.uid("candidate")).lower(),
        }
        assert [dn for dn in username if "C1" in said.get(dn, ())], "one of the two is told that it is taken"
        # No guard has written effective access for anybody: SV is right wherever there is a role.
        for dn, rules in behind.expected.items():
            assert said.get(dn, set()) | {"SV", "C1"} >= rules, f"{dn}: {said.get(dn)}"
        for dn, rules in said.items():
            assert rules <= behind.expected.get(dn, set()) | {"SV", "C1"}, dn
        everything = set().union(*said.values())
        expected = {"D0", "D1", "D3", "D4", "D7", "D8", "D14", "E8", "C1", "C2", "N1", "N2", "N3", "SV"}
        assert everything == expected
    finally:
        service.remove()


# --- the view ---


def test_a_view_that_went_wrong_is_found_and_heals(service: Service) -> None:
    here = Enterprise(service).load()
    status, found = verified(service, "--view")
    assert (status, found["view"]["different"]) == (0, {})
    assert found["view"]["rows"] > len(here.ssins)
    commit_that_never_was(service, here.account("cam"), "preferredLanguage", "fr")
    status, found = verified(service, "--view")
    assert (status, found["view"]["different"]) == (2, {"accounts": [here.uid("cam")]})
    shown = service.um("verify", "--view")
    assert shown.returncode == 2
    assert f"view: accounts: {here.uid('cam')}: not what the directory holds" in shown.stdout
    # A commit that the guard was never asked about makes it load its view anew.
    commit_that_never_was(service, here.account("la"), "preferredLanguage", "fr", asked=False)
    wait_until(lambda: service.um("verify", "--view").returncode == 0, 30, "the view right again")


def test_writes_meanwhile_are_no_differences(service: Service) -> None:
    here = Enterprise(service).load()
    group = here.group("users", here.employer)
    member = here.account("la2")
    command = [sys.executable, "-m", "um_directory.cli.main", "verify", "--view", "--json"]
    running = subprocess.Popen(
        command, env=service.env, cwd=service.state, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    writes = 0
    with here.bind("cam") as client:
        while running.poll() is None:
            client.write(add_member(group, member) if writes % 2 == 0 else remove_member(group, member))
            writes += 1
    out, errors = running.communicate()
    found = json.loads(out)
    assert writes > 10
    assert running.returncode == 0, (found["findings"], found["view"], errors)


# --- what cannot run ---


def test_without_a_guard_the_rules_are_still_asked_and_the_view_cannot_be() -> None:
    service = Service()
    try:
        slapd = EmbeddedSlapd(service.settings)
        slapd.prepare()
        slapd.start()
        slapd.wait_ready()
        try:
            assert service.um("verify").returncode == 0
            result = service.um("verify", "--view")
            assert result.returncode == 1
            assert "the guard does not answer" in result.stderr
        finally:
            slapd.stop()
        result = service.um("verify")
        assert result.returncode == 1
        assert "does not answer" in result.stderr
    finally:
        service.remove()
