"""E8 behind a real slapd: the register withdraws a fact, and what becomes of the roles that rested on it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from support.enterprise import Enterprise
from support.service import Service, wait_until
from support.view_check import assert_view_equals_directory
from um_directory.errors import OperationRefused
from um_directory.model.operation import Modification, Modify
from um_directory.model.readings import Readings


@pytest.fixture
def blocking() -> Iterator[Service]:
    own = Service(readings=Readings(e8_withdrawn="block"))
    own.start()
    yield own
    own.remove()


def withdraw(here: Enterprise, *names: str) -> None:
    with here.service.connect("registrar") as registrar:
        for name in names:
            relation = {"cam": "umDirectorOf", "cocam": "umManagerOf"}.get(name, "umEmployeeOf")
            person = here.service.tree.person(here.ssins[name])
            registrar.write(Modify(person, (Modification("delete", relation, (here.dn.encode(),)),)))


def withdrawn(service: Service) -> list[dict[str, str]]:
    lines = [
        json.loads(line)
        for path in sorted(service.settings.audit_dir.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    return [line for line in lines if line["event"] == "withdrawn"]


def holders(here: Enterprise, group: str, attribute: str) -> set[str]:
    with here.service.connect("service") as client:
        (entry,) = client.search(group, attributes=[attribute], scope="base")
        return {value.decode() for value in entry.attributes.get(attribute, ())}


def test_a_withdrawn_fact_is_recorded_and_the_role_stays(service: Service) -> None:
    here = Enterprise(service).load()
    withdraw(here, "user", "cam", "tech")
    mine = [line for line in withdrawn(service) if here.number in line["dn"]]
    assert [(line["rule"], line["dn"].partition(",")[0]) for line in mine] == [
        ("E8", "cn=users"),
        ("E8", "cn=chief-access-manager"),
    ]
    assert f"E3: the register does not know {here.uid('user')}" in mine[0]["reason"]
    assert holders(here, here.group("users", here.employer), "member") == {here.account("user")}
    with service.connect("registrar") as registrar:
        registrar.write(Modify(here.dn, (Modification("replace", "umEntitledCapacity", (b"employer",)),)))
    assert "no longer says" in withdrawn(service)[-1]["reason"]
    assert_view_equals_directory(service)


def test_where_the_site_chose_so_the_role_is_blocked(blocking: Service) -> None:
    here = Enterprise(blocking).load()
    withdraw(here, "user", "cola", "cocam", "cam", "la", "tech")
    users, co_las = here.group("users", here.employer), here.group("co-local-administrators", here.employer)
    co_cams = here.group("co-chief-access-managers")
    for group, name in ((users, "user"), (co_las, "cola"), (co_cams, "cocam")):
        wait_until(lambda g=group: holders(here, g, "member") == set(), what=f"the block of {name}")
        assert here.account(name) in holders(here, group, "umBlockedMember")
    wait_until(lambda: not binds(here, "user"), what="the end of the user's log-in")
    for group, name in (
        (here.group("chief-access-manager"), "cam"),
        (here.group("local-administrator", here.employer), "la"),
        (here.group("technical-user", here.employer), "tech"),
    ):
        assert holders(here, group, "member") == {here.account(name)}
    assert len({line["dn"] for line in withdrawn(blocking)}) == 5
    assert_view_equals_directory(blocking)


def binds(here: Enterprise, name: str) -> bool:
    try:
        here.bind(name).close()
    except OperationRefused:
        return False
    return True
