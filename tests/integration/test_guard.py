"""The guard behind a real slapd: clients bound as the people concerned, what they may and may not."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
from collections.abc import Iterator

import pytest

from support.enterprise import (
    PASSWORD,
    Enterprise,
    add_member,
    block,
    hand_over,
    remove_member,
    unblock,
)
from support.service import Service, wait_until
from um_directory.directory.client import DirectoryClient
from um_directory.directory.load import load_view
from um_directory.errors import OperationRefused
from um_directory.model.operation import (
    Add,
    Delete,
    Modification,
    Modify,
    Operation,
    Rename,
    SetPassword,
)
from um_directory.view.access import effective_access

ALL_ACTIVE = ("cam", "cocam", "la", "cola", "user", "tech", "la2")


@pytest.fixture
def here(service: Service) -> Enterprise:
    """An enterprise of the test's own, with everybody able to log in."""
    own = Enterprise(service).load()
    wait_until(lambda: all(can_bind(own, name) for name in ALL_ACTIVE), what="effective access")
    return own


@pytest.fixture
def registrar(service: Service) -> Iterator[DirectoryClient]:
    with service.connect("registrar") as client:
        yield client


@pytest.fixture
def contact_center(service: Service) -> Iterator[DirectoryClient]:
    with service.connect("contact-center") as client:
        yield client


def can_bind(enterprise: Enterprise, name: str) -> bool:
    try:
        enterprise.bind(name).close()
    except OperationRefused as error:
        assert error.code == 49
        return False
    return True


def accepted(client: DirectoryClient, operation: Operation) -> None:
    client.write(operation)


def refused(client: DirectoryClient, operation: Operation, rule: str | None) -> str:
    with pytest.raises(OperationRefused) as error:
        client.write(operation)
    assert error.value.rule == rule, str(error.value)
    return error.value.diagnostic


def members(service: Service, dn: str, attribute: str = "member") -> set[str]:
    with service.connect("service") as client:
        entries = list(client.search(dn, attributes=[attribute], scope="base"))
    return {value.decode() for entry in entries for value in entry.attributes.get(attribute, ())}


def test_the_chief_access_manager_is_handed_over_by_the_contact_center_only(
    here: Enterprise, registrar: DirectoryClient, contact_center: DirectoryClient
) -> None:
    group = here.group("chief-access-manager")
    for name in ("cam", "cocam", "la"):
        with here.bind(name) as client:
            refused(client, hand_over(group, here.account("cocam")), "D1")
    refused(registrar, hand_over(group, here.account("cocam")), "D1")
    refused(contact_center, remove_member(group, here.account("cam")), "D1")
    refused(contact_center, add_member(group, here.account("cocam")), "D1")
    refused(contact_center, block(group, here.account("cam")), "D1")
    refused(contact_center, Delete(group), "D1")
    refused(contact_center, hand_over(group, here.account("stranger")), "E1")
    accepted(contact_center, hand_over(group, here.account("cocam")))
    assert members(here.service, group) == {here.account("cocam")}
    wait_until(lambda: not can_bind(here, "cam"), what="the end of the old CAM's log-in")


def test_only_the_chief_access_manager_manages_co_chiefs(here: Enterprise) -> None:
    group = here.group("co-chief-access-managers")
    with here.bind("cocam") as client:
        text = refused(client, add_member(group, here.account("la")), "D2")
        assert "only the chief access manager" in text
    with here.bind("la") as client:
        refused(client, add_member(group, here.account("la")), "D2")
    with here.bind("cam") as client:
        accepted(client, add_member(group, here.account("la")))
        accepted(client, block(group, here.account("cocam")))
        wait_until(lambda: not can_bind(here, "cocam"), what="the end of the blocked co-CAM's log-in")
        accepted(client, unblock(group, here.account("cocam")))
        accepted(client, remove_member(group, here.account("la")))


def test_a_blocked_manager_exerts_nothing_on_a_connection_that_is_still_open(here: Enterprise) -> None:
    users = here.group("users", here.employer)
    with here.bind("cam") as cam, here.bind("cocam") as cocam:
        accepted(cocam, block(users, here.account("user")))
        accepted(cam, block(here.group("co-chief-access-managers"), here.account("cocam")))
        refused(cocam, unblock(users, here.account("user")), "A5")


def test_activation_needs_entitlement_the_data_asked_and_an_administrator(here: Enterprise) -> None:
    dn = f"umCapacityName=service-provider,{here.dn}"
    entry = Add(
        dn,
        {
            "objectClass": (b"umCapacity",),
            "umCapacityName": (b"service-provider",),
            "mail": (b"s@t.example",),
        },
    )
    bare = Add(dn, {"objectClass": (b"umCapacity",), "umCapacityName": (b"service-provider",)})
    hospital = f"umCapacityName=healthcare-provider-hospital,{here.dn}"
    with here.bind("la") as client:
        refused(client, entry, "D14")
    with here.bind("cam") as client:
        refused(
            client,
            Add(
                hospital,
                {"objectClass": (b"umCapacity",), "umCapacityName": (b"healthcare-provider-hospital",)},
            ),
            "D3",
        )
        refused(client, bare, "D3")
        accepted(client, entry)
        refused(client, here.add_group("users", dn, []), "D3")
        accepted(client, here.add_group("local-administrator", dn, ["cola"]))
        accepted(client, here.add_group("users", dn, []))


def test_a_local_administrator_is_replaced_by_cam_or_co_cam_and_never_blocked(here: Enterprise) -> None:
    group = here.group("local-administrator", here.employer)
    with here.bind("la") as client:
        refused(client, hand_over(group, here.account("cola")), "D4")
    with here.bind("cola") as client:
        refused(client, hand_over(group, here.account("cola")), "D4")
    with here.bind("cocam") as client:
        refused(client, block(group, here.account("la")), "D4")
        refused(client, remove_member(group, here.account("la")), "D4")
        refused(client, hand_over(group, here.account("stranger")), "E2")
        accepted(client, hand_over(group, here.account("cola")))
    assert members(here.service, group) == {here.account("cola")}


def test_co_local_administrators_are_not_managed_by_one_of_them(here: Enterprise) -> None:
    group = here.group("co-local-administrators", here.employer)
    with here.bind("cola") as client:
        refused(client, unblock(group, here.account("blockedcola")), "D5")
    with here.bind("user") as client:
        refused(client, add_member(group, here.account("user")), "D5")
    for name in ("la", "cam", "cocam"):
        with here.bind(name) as client:
            accepted(client, unblock(group, here.account("blockedcola")))
            accepted(client, block(group, here.account("blockedcola")))


def test_users_are_managed_in_ones_own_capacity(here: Enterprise) -> None:
    group = here.group("users", here.employer)
    with here.bind("la2") as client:
        refused(client, block(group, here.account("user")), "D14")
    with here.bind("user") as client:
        refused(client, unblock(group, here.account("blockeduser")), "D6")
    for name in ("cam", "cocam", "la", "cola"):
        with here.bind(name) as client:
            accepted(client, block(group, here.account("user")))
            accepted(client, unblock(group, here.account("user")))
            refused(client, add_member(group, here.account("founder")), "E3")
            refused(client, add_member(group, here.account("stranger")), "E3")
    with here.bind("la") as client:
        accepted(client, here.add_account("candidate"))
        accepted(client, add_member(group, here.account("candidate")))
        refused(client, Delete(here.account("candidate")), "D6")
        accepted(client, remove_member(group, here.account("candidate")))
    with here.bind("cam") as client:
        accepted(client, Delete(here.account("candidate")))


def test_nothing_in_another_enterprise(here: Enterprise, service: Service) -> None:
    other = Enterprise(service).load()
    group = other.group("users", other.employer)
    for name in ALL_ACTIVE:
        with here.bind(name) as client:
            refused(client, block(group, other.account("user")), "D14")
            refused(client, add_member(group, here.account(name)), "D14")
            refused(client, SetPassword(other.account("user"), b"Wachtwoord2"), "D14")
            refused(client, other.add_account("candidate"), "D14")
    with here.bind("cam") as client:
        refused(client, add_member(here.group("users", here.employer), other.account("user")), "D14")
    assert members(service, group) == {other.account("user")}


def test_there_is_one_technical_user(here: Enterprise) -> None:
    group = here.group("technical-user", here.employer)
    with here.bind("cola") as client:
        refused(client, add_member(group, here.account("stranger")), "D7")
        accepted(client, hand_over(group, here.account("stranger")))
    with here.bind("user") as client:
        refused(client, hand_over(group, here.account("user")), "D7")


def test_facts_come_from_the_registrar_alone(
    here: Enterprise, registrar: DirectoryClient, contact_center: DirectoryClient
) -> None:
    entitle = Modify(here.dn, (Modification("add", "umEntitledCapacity", (b"telephone-operator",)),))
    relate = Modify(
        here.service.tree.person(here.ssins["stranger"]),
        (Modification("add", "umEmployeeOf", (here.dn.encode(),)),),
    )
    for name in ALL_ACTIVE:
        with here.bind(name) as client:
            refused(client, entitle, "D12")
            refused(client, relate, "D12")
    refused(contact_center, entitle, "D12")
    accepted(registrar, entitle)
    accepted(registrar, relate)
    with here.bind("la") as client:
        accepted(client, add_member(here.group("users", here.employer), here.account("stranger")))


@pytest.mark.parametrize("uid", ["Jjanssens1", "short", "x" * 31, "with-dash1", "jean.paul"])
def test_usernames_are_of_the_form(here: Enterprise, uid: str) -> None:
    dn = here.service.tree.account(here.number, uid)
    with here.bind("la") as client:
        refused(client, Add(dn, {**here.add_account("candidate").attributes, "uid": (uid.encode(),)}), "C1")


def test_usernames_are_unique_in_the_directory(here: Enterprise, service: Service) -> None:
    other = Enterprise(service).load()
    taken = here.uid("user")
    dn = service.tree.account(other.number, taken)
    with other.bind("cam") as client:
        refused(
            client, Add(dn, {**other.add_account("candidate").attributes, "uid": (taken.encode(),)}), "C1"
        )


BAD_PASSWORDS = [
    b"Kort1",
    b"Veeltelanglang12",
    b"een twee 345",
    b"alleenletters",
    b"0123456789",
    b"p\xc3\xa9nible12345",
    b"{SSHA}Abcdef12",
    b"{CRYPT}abcd1",
]


@pytest.mark.parametrize("password", BAD_PASSWORDS)
def test_passwords_are_of_the_form_however_they_are_set(here: Enterprise, password: bytes) -> None:
    with here.bind("user") as client:
        own = here.account("user")
        refused(client, Modify(own, (Modification("replace", "userPassword", (password,)),)), "C2")
        refused(client, SetPassword(own, password), "C2")
    with here.bind("la") as client:
        refused(client, here.add_account("candidate", userPassword=(password,)), "C2")
    here.bind("user").close()  # the old one still counts


def test_own_password_by_both_ways_and_stored_hashed(here: Enterprise, service: Service) -> None:
    own = here.account("user")
    with here.bind("user") as client:
        accepted(client, SetPassword(own, b"Ander5wachtw"))
        accepted(client, Modify(own, (Modification("replace", "userPassword", (b"Wachtwoord3",)),)))
        refused(client, SetPassword(own, None), "C2")
    url = f"ldap://127.0.0.1:{service.settings.ldap_port}"
    DirectoryClient.bind_simple(url, own, "Wachtwoord3").close()
    with pytest.raises(OperationRefused):
        here.bind("user")
    dump = subprocess.run(
        [
            "/usr/sbin/slapd",
            "-Tcat",
            "-F",
            str(service.settings.state_dir / "slapd.d"),
            "-b",
            service.settings.suffix,
            "-a",
            f"(uid={here.uid('user')})",
        ],
        capture_output=True,
        check=True,
    ).stdout
    assert b"userPassword:: e0FSR09OMn" in dump  # {ARGON2
    assert PASSWORD.encode() not in dump


def test_a_password_is_never_in_accesslog_in_clear(here: Enterprise, service: Service) -> None:
    with here.bind("user") as client:
        accepted(client, SetPassword(here.account("user"), b"Canary4pass"))
        accepted(
            client,
            Modify(here.account("user"), (Modification("replace", "userPassword", (b"Canary5pass",)),)),
        )
    with service.connect("service") as client:
        values = [
            value
            for entry in client.search("cn=accesslog", "(objectClass=auditWriteObject)")
            for attribute in entry.attributes.values()
            for value in attribute
        ]
    assert any(b"userPassword" in value for value in values)
    assert not any(b"Canary" in value or PASSWORD.encode() in value for value in values)
    assert "Canary" not in service.log.read_text()


def test_another_s_password_needs_the_right_to_designate_all_his_roles(here: Enterprise) -> None:
    with here.bind("la") as client:
        accepted(client, SetPassword(here.account("user"), b"Wachtwoord2"))
        accepted(client, SetPassword(here.account("cola"), b"Wachtwoord2"))
        refused(client, SetPassword(here.account("cam"), b"Wachtwoord2"), "D15")
        refused(client, SetPassword(here.account("la2"), b"Wachtwoord2"), "D15")
    with here.bind("cocam") as client:
        refused(client, SetPassword(here.account("cam"), b"Wachtwoord2"), "D15")
        accepted(client, SetPassword(here.account("la"), b"Wachtwoord2"))


def test_what_no_rule_knows_is_refused(here: Enterprise, service: Service) -> None:
    users = here.group("users", here.employer)
    person = here.account("stranger").encode()
    attempts: list[Operation] = [
        Modify(users, (Modification("add", "member;lang-en", (person,)),)),
        Modify(users, (Modification("add", "description", (b"x",)),)),
        Modify(users, (Modification("add", "objectClass", (b"extensibleObject",)),)),
        Modify(here.account("cam"), (Modification("replace", "umSsin", (here.ssins["cam"].encode(),)),)),
        Modify(
            here.account("cam"),
            (Modification("replace", "memberOf", (service.tree.access_group("dmfa").encode(),)),),
        ),
        Modify(here.account("user"), (Modification("replace", "umAccountStatus", (b"active",)),)),
        Rename(here.account("user"), "uid=anothername1"),
        Rename(users, "cn=co-local-administrators"),
        Add(f"cn=anything,{here.employer}", {"objectClass": (b"umRoleGroup",), "cn": (b"anything",)}),
        Add(f"ou=more,{here.dn}", {"objectClass": (b"organizationalUnit",), "ou": (b"more",)}),
        Modify(
            "cn=dmfa,ou=applications,ou=catalogue," + service.settings.suffix,
            (Modification("replace", "description", (b"x",)),),
        ),
        Modify(service.tree.access_group("dmfa"), (Modification("add", "description", (b"x",)),)),
    ]
    passed = []
    for name in ("cam", "la"):
        with here.bind(name) as client:
            for attempt in attempts:
                with contextlib.suppress(OperationRefused):
                    client.write(attempt)
                    passed.append((name, attempt))
    assert not passed


def test_transactions_and_unknown_extended_operations_are_refused(here: Enterprise) -> None:
    with here.bind("cam") as client:
        connection = client._connection
        for oid in ("1.3.6.1.1.21.1", "1.3.6.1.4.1.4203.666.6.5"):
            _ok, result, *_rest = connection.extended(oid)
            assert result["result"] == 50, result
            assert result["message"].startswith("D0: ")
        _ok, result, *_rest = connection.extended("1.3.6.1.4.1.4203.1.11.3")
        assert result["result"] == 0


def test_refusals_come_in_the_language_of_the_account(here: Enterprise) -> None:
    group = here.group("co-chief-access-managers")
    texts = set()
    for language in ("nl", "fr", "de", "en"):
        with here.bind("cocam") as client:
            accepted(
                client,
                Modify(
                    here.account("cocam"),
                    (Modification("replace", "preferredLanguage", (language.encode(),)),),
                ),
            )
            texts.add(refused(client, add_member(group, here.account("la")), "D2"))
    assert len(texts) == 4


def test_removing_a_user_ends_his_authorizations(here: Enterprise) -> None:
    users = here.group("users", here.employer)
    grant = f"cn=dmfa,ou=authorizations,{here.employer}"
    with here.bind("la") as client:
        accepted(
            client,
            Add(
                grant,
                {
                    "objectClass": (b"umAuthorization",),
                    "cn": (b"dmfa",),
                    "member": (here.account("user").encode(),),
                },
            ),
        )
        refused(client, add_member(grant, here.account("stranger")), "D8")
        refused(
            client,
            Add(
                f"cn=insurability,ou=authorizations,{here.employer}",
                {"objectClass": (b"umAuthorization",), "cn": (b"insurability",)},
            ),
            "D8",
        )
        accepted(client, remove_member(users, here.account("user")))
        wait_until(lambda: not members(here.service, grant), what="the end of the authorization")
        accepted(client, add_member(users, here.account("user")))
    wait_until(
        lambda: (
            members(here.service, here.account("user"), "memberOf")
            == {here.service.tree.access_group("user-management")}
        ),
        what="access without the old grant",
    )


def test_two_writes_that_are_each_legal_alone_never_both_pass(here: Enterprise) -> None:
    """Two co-CAMs name a technical user each, at once, fifty times: never two."""
    group = here.group("technical-user", here.employer)
    with here.bind("cam") as cam, here.bind("cam") as first, here.bind("cam") as second:
        for _ in range(50):
            accepted(cam, Modify(group, (Modification("replace", "member"),)))
            start = threading.Barrier(2)

            def name(client: DirectoryClient, who: str, start: threading.Barrier = start) -> None:
                start.wait()
                try:
                    client.write(add_member(group, here.account(who)))
                except OperationRefused as error:
                    assert error.rule == "D7"

            threads = [
                threading.Thread(target=name, args=pair) for pair in ((first, "stranger"), (second, "user"))
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(members(here.service, group)) == 1


def test_the_stored_access_equals_what_follows_from_the_roles(here: Enterprise, service: Service) -> None:
    def settled() -> bool:
        with service.connect("service") as client:
            view = load_view(client, service.settings.suffix)
        return all(
            (account.access, account.active) == (wanted.applications, wanted.active)
            for account in view.accounts.values()
            for wanted in [effective_access(view, account.uid)]
        )

    wait_until(settled, 30, "access of every account")


def test_a_user_sees_himself_and_no_one_else(here: Enterprise, service: Service) -> None:
    with here.bind("user") as client:
        found = [entry.dn for entry in client.search(here.account("user"), "(objectClass=umAccount)")]
        assert found == [here.account("user")]
        with pytest.raises(OperationRefused) as error:
            list(client.search(service.settings.suffix, "(objectClass=umAccount)"))
        assert error.value.code == 50
        assert not list(client.search(f"ou=register,{service.settings.suffix}"))
        for pattern in ("(entryUUID=*)", "(!(cn=x))", "(uid=*)", "(&(!(uid=x)))"):
            entries = client.search(here.dn, pattern, ["*", "entryUUID"])
            assert {entry.dn for entry in entries} <= {here.account("user")}
    with here.bind("cam") as client:
        attributes = {
            name.lower()
            for entry in client.search(here.dn, attributes=["*", "+"])
            for name in entry.attributes
        }
        assert "userpassword" not in attributes
        assert "umssin" in attributes


def test_nobody_learns_what_others_may_use(here: Enterprise, service: Service) -> None:
    group = service.tree.access_group("user-management")
    with here.bind("user") as client:
        assert client.compare(group, "member", here.account("user"))
        for other in (here.account("la"), service.tree.account(here.number, "nobody1234")):
            with pytest.raises(OperationRefused) as error:
                client.compare(group, "member", other)
            assert error.value.code == 50
    url, base = f"ldap://127.0.0.1:{service.settings.ldap_port}", f"ou=enterprises,{service.settings.suffix}"
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
        "-o",
        "ldif-wrap=no",
    ]
    found = subprocess.run(
        [*command, "-b", base, "(&)", "1.1"], capture_output=True, text=True, check=False
    )  # RFC 4526: a filter that is true of everything
    assert (found.returncode, found.stdout) == (50, "")


def test_the_old_password_is_confirmed_when_it_is_given(here: Enterprise, service: Service) -> None:
    url, own = f"ldap://127.0.0.1:{service.settings.ldap_port}", here.account("user")

    def change(old: str, new: str) -> int:
        command = ["ldappasswd", "-x", "-H", url, "-D", own, "-w", PASSWORD, "-a", old, "-s", new, own]
        return subprocess.run(command, capture_output=True, check=False).returncode

    assert change("Wachtwoord9", "Wachtwoord2") != 0
    here.bind("user").close()
    assert change(PASSWORD, "Wachtwoord2") == 0
    DirectoryClient.bind_simple(url, own, "Wachtwoord2").close()


def test_the_contact_center_helps_a_chief_who_is_more_than_that(
    here: Enterprise, contact_center: DirectoryClient
) -> None:
    with here.bind("la") as client:
        accepted(client, add_member(here.group("users", here.employer), here.account("cam")))
    accepted(contact_center, SetPassword(here.account("cam"), b"Wachtwoord2"))
    refused(contact_center, SetPassword(here.account("la"), b"Wachtwoord2"), "D15")


def test_coming_and_going_in_a_hurry_leaves_access_right(here: Enterprise, service: Service) -> None:
    """Out and in again, faster than access can follow: the last word counts, and nothing is tried for ever."""
    users = here.group("users", here.employer)
    grant = f"cn=dmfa,ou=authorizations,{here.employer}"
    member = (here.account("user").encode(),)
    with here.bind("la") as client:
        accepted(
            client, Add(grant, {"objectClass": (b"umAuthorization",), "cn": (b"dmfa",), "member": member})
        )
        for _ in range(8):
            accepted(client, remove_member(users, here.account("user")))
            wait_until(
                lambda: can_add(client, users, here.account("user")), what="the end of old authorizations"
            )
    groups = {service.tree.access_group("user-management")}
    wait_until(lambda: members(service, here.account("user"), "memberOf") == groups, what="his access")
    assert not members(service, grant)
    before = service.log.read_text().count("not written yet")
    with here.bind("la") as client:
        accepted(client, block(users, here.account("user")))
    wait_until(lambda: not members(service, here.account("user"), "memberOf"), what="the end of his access")
    assert service.log.read_text().count("not written yet") == before


def can_add(client: DirectoryClient, group: str, member: str) -> bool:
    try:
        client.write(add_member(group, member))
    except OperationRefused as error:
        assert error.rule == "D6"
        return False
    return True


def test_anonymous_clients_get_nothing(service: Service) -> None:
    url = f"ldap://127.0.0.1:{service.settings.ldap_port}"
    result = subprocess.run(
        ["ldapsearch", "-x", "-H", url, "-b", service.settings.suffix, "-LLL"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert not result.stdout.strip()


def test_garbage_silence_and_half_requests_on_the_socket_do_not_hold_up_writes(
    here: Enterprise, service: Service
) -> None:
    silent = []
    for content in (b"", b"MODIFY\nmsgid: 1\n", b"\xff\xfe\n\n", b"ADD\n\n"):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(service.settings.write_socket))
        connection.sendall(content)
        silent.append(connection)
    with here.bind("cam") as client:
        accepted(client, Modify(here.account("cam"), (Modification("replace", "mail", (b"a@t.example",)),)))
    for connection in silent:
        connection.settimeout(10)
        assert connection.recv(1000).startswith(b"RESULT\ncode: ")
        connection.close()


def test_a_block_does_not_stand_behind_a_load(service: Service, here: Enterprise) -> None:
    """Five hundred users come in at once; whoever is blocked meanwhile is out before they are all done."""
    crowd = Enterprise(service).load()
    uids = [f"crowd{number:04d}x{crowd.number}" for number in range(500)]
    with service.connect("registrar") as registrar:
        for uid in uids:
            attributes = dict(crowd.add_account("user").attributes)
            del attributes["userPassword"]
            accepted(
                registrar,
                Add(service.tree.account(crowd.number, uid), {**attributes, "uid": (uid.encode(),)}),
            )
    members_ = tuple(service.tree.account(crowd.number, uid).encode() for uid in uids)
    with crowd.bind("cam") as cam, here.bind("cam") as other:
        accepted(
            cam, Modify(crowd.group("users", crowd.employer), (Modification("add", "member", members_),))
        )
        accepted(other, block(here.group("users", here.employer), here.account("user")))
        wait_until(lambda: not can_bind(here, "user"), what="the end of the blocked user's log-in")
    with service.connect("service") as client:
        done = client.search(crowd.dn, "(umAccountStatus=active)", ["uid"])
        assert sum(1 for _ in done) < len(uids)
    wait_until(
        lambda: members(service, service.tree.account(crowd.number, uids[-1]), "memberOf") != set(), 60
    )
