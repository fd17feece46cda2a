"""A6 behind a real slapd: who acts on a connection, and what is left of it after restarts."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import ldap3
import pytest

from support.enterprise import Enterprise, add_member, block, remove_member, unblock
from support.service import Service, wait_until
from support.view_check import assert_view_equals_directory
from um_directory.directory.client import DirectoryClient
from um_directory.errors import DirectoryUnavailable, OperationRefused
from um_directory.model.operation import Modification, Modify, Operation
from um_directory.model.roles import Role


@pytest.fixture
def here(service: Service) -> Enterprise:
    own = Enterprise(service).load()
    wait_until(lambda: all(can_bind(own, name) for name in ("cam", "la", "user")), what="effective access")
    return own


def can_bind(enterprise: Enterprise, name: str) -> bool:
    try:
        enterprise.bind(name).close()
    except OperationRefused:
        return False
    return True


def rule_of(client: DirectoryClient, operation: Operation) -> str | None:
    try:
        client.write(operation)
    except OperationRefused as error:
        return error.rule or f"code {error.code}"
    return None


def test_one_service_acts_for_two_people_on_two_connections(service: Service, here: Enterprise) -> None:
    users = here.group("users", here.employer)
    newcomer = add_member(users, here.account("founder"))
    blocking = block(users, here.account("user"))
    with service.connect("service") as first, service.connect("service") as second:
        assert rule_of(first, blocking) == "A6"
        first.act(here.account("la"))
        second.act(here.account("user"))
        assert rule_of(second, blocking) == "D6"
        assert rule_of(first, newcomer) == "E3"
        assert rule_of(first, blocking) is None
        assert rule_of(second, unblock(users, here.account("user"))) == "A5", "the person is blocked now"
        assert rule_of(first, unblock(users, here.account("user"))) is None
        first.act(here.account("cola"), Role.CO_LA, "employer")
        assert (
            rule_of(
                first, add_member(here.group("co-local-administrators", here.employer), here.account("user"))
            )
            == "D5"
        )
    assert_view_equals_directory(service)


def test_a_refused_declaration_ends_the_one_before(service: Service, here: Enterprise) -> None:
    with service.connect("service") as client:
        client.act(here.account("la"))
        with pytest.raises(OperationRefused, match="A6: "):
            client.act(here.account("nobodyhere"))
        assert rule_of(client, block(here.group("users", here.employer), here.account("user"))) == "A6"


def test_the_service_that_declared_nothing_writes_nothing(service: Service, here: Enterprise) -> None:
    before = dump(service, here)
    with service.connect("service") as client:
        for operation in (
            add_member(here.group("users", here.employer), here.account("la2")),
            Modify(here.account("user"), (Modification("replace", "umAccountStatus", (b"inactive",)),)),
            Modify(here.dn, (Modification("replace", "o", (b"X",)),)),
        ):
            assert rule_of(client, operation) == "A6"
        with pytest.raises(OperationRefused, match="no active role"):
            client.act(here.account("stranger"))
        with pytest.raises(OperationRefused, match="is not an account"):
            client.act(here.dn)
    assert dump(service, here) == before


def test_a_client_narrows_itself_to_one_of_its_roles(service: Service, here: Enterprise) -> None:
    users = here.group("users", here.employer)
    with here.bind("user") as user:
        for wrong in (
            {"role": Role.CAM},
            {"role": Role.LA, "capacity": "employer"},
            {"acting_for": here.account("la")},
        ):
            with pytest.raises(OperationRefused, match="A6: "):
                user.act(**wrong)  # type: ignore[arg-type]
    with here.bind("cam") as cam:
        assert rule_of(cam, add_member(users, here.account("cam"))) is None
    with here.bind("cam") as narrow, here.bind("cam") as wide:
        narrow.act(role=Role.USER, capacity="employer")
        assert rule_of(narrow, block(users, here.account("user"))) == "D6"
        assert rule_of(wide, block(users, here.account("user"))) is None
        with pytest.raises(OperationRefused, match="A6: this connection acts as user"):
            narrow.act(role=Role.CAM)
        own = Modify(here.account("cam"), (Modification("replace", "preferredLanguage", (b"fr",)),))
        assert rule_of(narrow, own) is None, "his own data are his in every role"
        assert rule_of(wide, remove_member(users, here.account("la"))) is not None
    with service.connect("registrar") as registrar, pytest.raises(OperationRefused, match="A6: "):
        registrar.act(here.account("la"))


def test_nothing_is_stored_and_the_answer_is_the_guards(service: Service, here: Enterprise) -> None:
    with service.connect("service") as client:
        client.act(here.account("la"))
        assert not list(client.search(f"cn=session,{service.settings.suffix}", scope="base"))
    url = f"ldap://127.0.0.1:{service.settings.ldap_port}"
    with ldap3.Connection(ldap3.Server(url), raise_exceptions=False) as anonymous:
        anonymous.modify(
            f"cn=session,{service.settings.suffix}",
            {"umActingFor": [(ldap3.MODIFY_REPLACE, [here.account("la")])]},
        )
        assert anonymous.result["result"] != 0


def test_the_record_names_the_person_and_the_role(service: Service, here: Enterprise) -> None:
    users = here.group("users", here.employer)
    with service.connect("service") as client:
        client.act(here.account("la"), Role.LA, "employer")
        client.write(block(users, here.account("user")))
        assert (
            rule_of(client, add_member(here.group("co-chief-access-managers"), here.account("user")))
            is not None
        )
    lines = [
        json.loads(line)
        for path in service.settings.audit_dir.glob("*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    mine = [line for line in lines if line.get("actor", "").lower() == here.account("la").lower()]
    done = next(line for line in mine if line["event"] == "committed" and line["dn"].lower() == users.lower())
    refused = next(line for line in mine if line["event"] == "refused")
    assert done["roles"] == refused["roles"] == ["local-administrator@employer"]
    assert done["acting"]
    assert "um-service" in done["bind"]
    assert done["attributes"] == ["member", "umBlockedMember"]
    assert done["start"]
    assert refused["rule"] in ("D2", "D14")
    assert refused["reason"].startswith(refused["rule"])
    for path in service.settings.audit_dir.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600


def test_after_a_restart_of_the_guard_or_of_slapd_everybody_declares_anew(fresh_service: Service) -> None:
    fresh_service.start()
    here = Enterprise(fresh_service).load()
    wait_until(lambda: all(can_bind(here, name) for name in ("cam", "la")), what="effective access")
    users = here.group("users", here.employer)
    blocking, unblocking = block(users, here.account("user")), unblock(users, here.account("user"))
    with fresh_service.connect("service") as client, here.bind("la") as person:
        client.act(here.account("la"))
        person.act(role=Role.LA, capacity="employer")
        assert rule_of(client, blocking) is None
        kill_guard(fresh_service)
        wait_until(lambda: rule_of(client, unblocking) not in ("code 80", "G0"), what="the guard again")
        assert rule_of(client, unblocking) == "A6"
        assert rule_of(person, unblocking) == "A6"
        client.act(here.account("la"))
        person.act(role=Role.LA, capacity="employer")
        assert rule_of(client, unblocking) is None
        assert rule_of(person, blocking) is None
        fresh_service.stop()
        with pytest.raises((DirectoryUnavailable, OperationRefused)):
            client.write(unblocking)
    fresh_service.start()
    with fresh_service.connect("service") as client, here.bind("la") as person:
        assert rule_of(client, unblocking) == "A6"
        assert rule_of(person, unblocking) is None, "whoever logs in after the start has all his roles"
    assert_view_equals_directory(fresh_service)


def kill_guard(service: Service) -> None:
    ready = service.settings.run_dir / "guard.ready"
    before = ready.stat().st_mtime_ns
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and is_guard(process, service):
            os.kill(int(process.name), signal.SIGKILL)
    wait_until(lambda: ready.exists() and ready.stat().st_mtime_ns != before, 30, "the new guard")


def is_guard(process: Path, service: Service) -> bool:
    try:
        command, environment = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
    except OSError:
        return False
    return b"um_directory.cli.guard" in command and str(service.settings.state_dir).encode() in environment


def dump(service: Service, here: Enterprise) -> list[tuple[str, object]]:
    with service.connect("service") as client:
        return sorted((entry.dn, sorted(entry.attributes.items())) for entry in client.search(here.dn))
