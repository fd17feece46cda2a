"""`um audit` after real writes and refusals: who, in which role, what, old and new, when."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.enterprise import Enterprise, add_member, block, hand_over
from support.service import Service, wait_until
from um_directory.directory.client import DirectoryClient
from um_directory.errors import OperationRefused
from um_directory.model.operation import Delete, Modification, Modify, Operation, SetPassword
from um_directory.model.roles import Role


@pytest.fixture(scope="module")
def here(service: Service) -> Enterprise:
    return Enterprise(service).load()


@pytest.fixture
def since() -> Iterator[str]:
    """Of this test alone."""
    return datetime.now(UTC).isoformat()


def audited(service: Service, *options: str) -> list[dict[str, Any]]:
    result = service.um("audit", "--json", *options)
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def by(events: list[dict[str, Any]], dn: str) -> list[dict[str, Any]]:
    return [event for event in events if (event["actor"] or "").lower() == dn.lower()]


def refused(client: DirectoryClient, operation: Operation) -> str:
    with pytest.raises(OperationRefused) as caught:
        client.write(operation)
    return caught.value.diagnostic


def test_a_hand_over_says_who_in_which_role_and_old_and_new(
    service: Service, here: Enterprise, since: str
) -> None:
    group = here.group("local-administrator", here.mandatary)
    with here.bind("cocam") as client:
        client.write(hand_over(group, here.account("la")))
        client.write(hand_over(group, here.account("la2")))
    events = by(audited(service, "--since", since), here.account("cocam"))
    assert [event["event"] for event in events] == ["committed", "committed"]
    first, second = events
    assert first["dn"] == group
    assert first["operation"] == "modify"
    assert first["roles"] == ["co-chief-access-manager"]
    assert first["acting"] is False
    old, new = here.account("la2"), here.account("la")
    assert first["changes"] == [{"attribute": "member", "old": [old], "new": [new]}]
    assert second["changes"] == [{"attribute": "member", "old": [new], "new": [old]}]
    assert since < first["time"] < second["time"]


def test_a_refused_attempt_has_its_rule_and_only_that_is_shown_when_asked(
    service: Service, here: Enterprise, since: str
) -> None:
    deputies = here.group("co-chief-access-managers")
    with here.bind("la") as client:
        said = refused(client, add_member(deputies, here.account("la")))
        client.write(add_member(here.group("users", here.employer), here.account("la2")))
    (event,) = audited(service, "--since", since, "--refused", "--enterprise", here.number)
    assert (event["event"], event["rule"], event["reason"]) == ("refused", "D2", said)
    assert (event["dn"], event["attributes"], event["changes"]) == (deputies, ["member"], [])
    assert event["roles"] == ["local-administrator@employer"]
    assert audited(service, "--since", since, "--rule", "d2") == [event]
    assert audited(service, "--since", since, "--rule", "D5") == []
    assert len(audited(service, "--since", since, "--enterprise", here.number)) > 1


def test_the_person_behind_the_service_is_named_and_the_service_too(
    service: Service, here: Enterprise, since: str
) -> None:
    with service.connect("service") as client:
        client.act(here.account("cola"), Role.CO_LA, "employer")
        client.write(block(here.group("users", here.employer), here.account("user")))
        refused(client, add_member(here.group("co-local-administrators", here.employer), here.account("la")))
    events = by(audited(service, "--since", since), here.account("cola"))
    assert [event["event"] for event in events] == ["committed", "refused"]
    for event in events:
        assert event["bind"] == f"cn=um-service,ou=services,{service.tree.suffix}"
        assert event["acting"] is True
        assert event["roles"] == ["co-local-administrator@employer"]
    assert [change["attribute"] for change in events[0]["changes"]] == ["member", "umBlockedMember"]
    shown = service.um("audit", "--since", since, "--refused").stdout
    assert f"{here.uid('cola')} through um-service (co-local-administrator@employer)" in shown


def test_what_was_done_to_somebody_and_by_him(service: Service, here: Enterprise, since: str) -> None:
    founder = here.account("founder")
    with here.bind("cam") as client:
        client.write(Modify(founder, (Modification("replace", "mail", (b"f@t.example",)),)))
        client.write(add_member(here.group("co-chief-access-managers"), founder))
        client.write(Modify(here.account("stranger"), (Modification("replace", "mail", (b"s@t.example",)),)))
        refused(client, add_member(here.group("users", here.employer), founder))
    wait_until(lambda: _status(service, founder) == b"active", what="access of the new co-CAM")
    with here.bind("founder") as client:
        client.write(Modify(founder, (Modification("replace", "mail", (b"g@t.example",)),)))
    expected = [
        ("committed", "mail"),
        ("committed", "member"),
        ("refused", None),
        ("committed", "mail"),
    ]
    for person in (here.uid("founder"), founder.upper(), here.ssins["founder"]):
        events = audited(service, "--since", since, "--person", person)
        people = [event for event in events if "um-service" not in event["actor"]]
        assert [
            (event["event"], event["changes"][0]["attribute"] if event["changes"] else None)
            for event in people
        ] == expected, person
    assert people[-1]["changes"] == [{"attribute": "mail", "old": ["f@t.example"], "new": ["g@t.example"]}]
    assert audited(service, "--since", since, "--person", here.uid("tech")) == []


def _status(service: Service, dn: str) -> bytes:
    with service.connect("service") as client:
        (entry,) = client.search(dn, scope="base")
    return entry.attributes.get("umAccountStatus", (b"",))[0]


def test_a_password_is_never_shown_not_even_of_an_account_that_went(
    service: Service, here: Enterprise, since: str
) -> None:
    extra = here.add_account("candidate")
    with here.bind("cam") as client:
        client.write(extra)
        client.write(Modify(extra.dn, (Modification("replace", "userPassword", (b"Geheim12345",)),)))
        client.write(SetPassword(extra.dn, b"Geheim67890"))
        client.write(Delete(extra.dn))
    events = by(audited(service, "--since", since, "--person", here.uid("candidate")), here.account("cam"))
    assert len(events) == 4
    for event in events:
        assert {"attribute": "userPassword", "hidden": True} in event["changes"]
    for shown in (json.dumps(events), service.um("audit", "--since", since).stdout):
        assert "userPassword" in shown
        assert "ARGON2" not in shown
        assert "Geheim" not in shown


def test_what_the_register_withdrew_is_shown_with_the_role_that_rested_on_it(
    service: Service, since: str
) -> None:
    here = Enterprise(service).load()
    person = service.tree.person(here.ssins["user"])
    with service.connect("registrar") as registrar:
        registrar.write(Modify(person, (Modification("delete", "umEmployeeOf"),)))
    (event,) = audited(service, "--since", since, "--rule", "E8", "--enterprise", here.number)
    assert event["event"] == "withdrawn"
    assert event["dn"].lower() == here.group("users", here.employer).lower()
    assert event["reason"].startswith("E3: the register does not know")
    assert event in audited(service, "--since", since, "--person", here.uid("user"))
    (fact,) = (
        found
        for found in audited(service, "--since", since, "--person", here.ssins["user"])
        if found["dn"] == person and found["operation"] == "modify"
    )
    assert fact["changes"] == [{"attribute": "umEmployeeOf", "old": [here.dn], "new": []}]
    shown = service.um("audit", "--since", since, "--rule", "E8").stdout
    assert "withdrawn E8" in shown
    assert "the register" in shown


def test_limits_and_times(service: Service, here: Enterprise, since: str) -> None:
    account = here.account("cam")
    with here.bind("cam") as client:
        for number in range(3):
            mail = Modification("replace", "mail", (b"%d@t.example" % number,))
            client.write(Modify(account, (mail,)))
    events = by(audited(service, "--since", since), account)
    assert [event["changes"][0]["new"] for event in events] == [[f"{n}@t.example"] for n in range(3)]
    middle, last = events[1]["time"], events[2]["time"]
    assert by(audited(service, "--since", middle, "--until", last), account) == [events[1]]
    assert audited(service, "--since", since, "--limit", "1") == [events[2]]
    tomorrow = (datetime.now().astimezone() + timedelta(days=1)).date().isoformat()
    yesterday = (datetime.now().astimezone() - timedelta(days=2)).date().isoformat()
    assert audited(service, "--since", tomorrow) == []
    assert audited(service, "--until", yesterday) == []
    assert events[0] in audited(service, "--since", yesterday, "--until", tomorrow)


def test_a_write_that_the_guard_was_not_told_of_is_unconfirmed(
    service: Service, here: Enterprise, since: str
) -> None:
    with here.bind("cam") as client:
        for mail in (b"lost@t.example", b"kept@t.example"):
            client.write(Modify(here.account("cam"), (Modification("replace", "mail", (mail,)),)))
    (file,) = sorted(service.settings.audit_dir.glob("*.jsonl"))[-1:]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = file.read_text().splitlines(keepends=True)
    *_, at = (
        index
        for index, text in enumerate(lines[:-1])
        if json.loads(text)["dn"] == here.account("cam") and '"committed"' in text
    )
    with file.open("r+") as record:  # the guard goes on writing to this very file
        record.write("".join([*lines[:at], *lines[at + 1 :]]))
        record.truncate()
    events = by(audited(service, "--since", since), here.account("cam"))
    assert {event["event"]: event["changes"][0]["new"] for event in events} == {
        "unconfirmed": ["lost@t.example"],
        "committed": ["kept@t.example"],
    }
    assert "unconfirmed" in service.um("audit", "--since", since).stdout


def test_every_write_of_a_load_is_confirmed_and_in_order(service: Service, since: str) -> None:
    loaded = Enterprise(service).load()
    events = audited(service, "--since", since, "--enterprise", loaded.number)
    assert {event["event"] for event in events} == {"committed"}
    added = [event["dn"] for event in events if event["operation"] == "add"]
    assert added == [add.dn for add in loaded._records() if loaded.number in str(add)]
    assert [event["time"] for event in events] == sorted(event["time"] for event in events)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--since", "yesterday"), "--since yesterday: not a date"),
        (("--until", "2026-13-01"), "--until 2026-13-01: not a date"),
        (("--person", "no such *"), "neither a username"),
    ],
)
def test_what_cannot_be_asked_is_told(service: Service, options: tuple[str, ...], said: str) -> None:
    result = service.um("audit", *options)
    assert result.returncode == 1
    assert said in result.stderr
