"""Beside attacks that would write: what nobody may read, and writes that are right but oddly spelt."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import wire
from support.attacker import PEOPLE, World
from support.attacks.controls import NO_OP, POST_READ, PRE_READ, reading
from support.attacks.entries import EVERYONE
from support.enterprise import PASSWORD
from support.service import Service
from support.view_check import assert_view_equals_directory
from support.wire import control

HASHES, CLEAR = (b"{ARGON2}", b"$argon2"), PASSWORD.encode()
SECRETS = (*HASHES, CLEAR)
EVERYTHING = reading("userPassword", "*", "+", "memberOf", "umSsin", "pwdHistory")


@pytest.fixture(scope="module")
def world(service: Service) -> Iterator[World]:
    there = World(service)
    yield there
    there.close()


def questions(world: World) -> Iterator[bytes]:
    """Searches and comparisons that would tell a password, or whether one begins so."""
    bases = (
        world.suffix,
        world.here.account("cam"),
        world.here.dn,
        f"ou=operators,{world.suffix}",
        "",
        "cn=accesslog",
    )
    filters = (
        wire.present("objectClass"),
        wire.present("userPassword"),
        wire.starts("userPassword", "{ARGON2}"),
        wire.tlv(0xA2, wire.equals("userPassword", "x")),
        wire.tlv(0xA1, wire.present("uid"), wire.present("userPassword")),
    )
    for base in bases:
        for asked in (
            ("userPassword",),
            ("*", "+"),
            ("2.5.4.35",),
            ("userPassword;binary", "userPassword;x-a"),
            ("name",),
        ):
            for filter_ in filters:
                for scope in (0, 1, 2, 3):
                    yield wire.search(base, asked, filter_, scope)
                yield wire.search(base, asked, filter_, 2, dereference=3)


@pytest.mark.parametrize("who", EVERYONE)
def test_nobody_reads_a_password(world: World, who: str) -> None:
    asked = 0
    for question in questions(world):
        reply = world.wire(who).ask(question)
        # The audit log keeps hashes, which the service alone reads: it is the user who owns the files.
        secrets = (CLEAR,) if who in ("service", "acting") and b"cn=accesslog" in question else SECRETS
        assert not any(secret in reply.raw for secret in secrets), reply.raw[:500]
        asked += 1
    for dn in (world.here.account("cam"), world.me[who], world.service.tree.operator("registrar")):
        for value in (PASSWORD, "{ARGON2}", ""):
            assert world.wire(who).ask(wire.compare(dn, "userPassword", value)).code not in (5, 6)
    assert asked == len(list(questions(world)))


@pytest.mark.parametrize(
    "who", ["anonymous", "user", "tech", "blocked", "application", "foreigncam", "foreignla"]
)
def test_nobody_outside_reads_numbers_and_addresses(world: World, who: str) -> None:
    secret = [
        number.encode()
        for name, number in world.here.ssins.items()
        if world.here.account(name) != world.me[who]
    ]
    for base in (world.suffix, world.here.dn, world.here.account("cam"), f"ou=register,{world.suffix}"):
        reply = world.wire(who).ask(wire.search(base))
        assert not [number for number in secret if number in reply.raw]
        for name, number in world.here.ssins.items():
            found = world.wire(who).ask(wire.search(base, ("1.1",), wire.equals("umSsin", number)))
            if world.here.account(name) != world.me[who]:
                assert world.here.account(name).encode() not in found.raw


@pytest.mark.parametrize("who", [*PEOPLE, "foreigncam", "registrar", "contact-center"])
def test_a_right_write_with_read_controls_tells_no_secret(world: World, who: str) -> None:
    targets = {"registrar": world.here.dn, "contact-center": world.here.account("cam")}
    dn = targets.get(who, world.me[who])
    for oid in (PRE_READ, POST_READ):
        for critical in (True, False):
            operation = wire.modify(dn, ("replace", "mail", [f"{who}@t.example"]))
            reply = world.wire(who).ask(operation, control(oid, EVERYTHING, critical))
            assert reply.done
            assert dn.split(",")[0].encode() in reply.raw, "the control was answered"
            assert not any(secret in reply.raw for secret in SECRETS)
    reply = world.wire(who).ask(
        wire.set_password(world.me[who], None, PASSWORD), control(POST_READ, EVERYTHING)
    )
    assert not any(secret in reply.raw for secret in SECRETS)


def test_a_foreign_write_with_read_controls_tells_nothing(world: World) -> None:
    number = world.here.ssins["cam"].encode()
    for who in ("user", "foreigncam", "foreignla", "tech", "cola", "registrar"):
        operation = wire.modify(world.here.account("cam"), ("replace", "title", ["x"]))
        for oid in (PRE_READ, POST_READ):
            reply = world.wire(who).ask(operation, control(oid, EVERYTHING))
            assert not reply.done
            assert number not in reply.raw


def test_right_writes_in_odd_forms_leave_the_view_right(world: World) -> None:
    here = world.here
    users, deputy = here.group("users", here.employer), here.account("cocam")
    odd = (
        deputy.upper(),
        deputy.replace(",", " , ").replace("=", " = "),
        deputy.replace("uid=c", "uid=\\63"),
        deputy.replace("uid=", "0.9.2342.19200300.100.1.1="),
        deputy.replace(f"={here.number}", f"={here.number[:4]} {here.number[4:]}"),
    )
    made = 0
    for name in odd:
        for group in (users, users.upper(), users.replace("cn=", "2.5.4.3="), users.replace(",", " ,  ")):
            for attribute in ("member", "MEMBER", "2.5.4.31"):
                coming = wire.modify(group, ("add", attribute, [name]))
                going = wire.modify(group, ("delete", attribute, [deputy.swapcase()]))
                replies = [world.wire("la").ask(operation) for operation in (coming, going)]
                made += sum(reply.done for reply in replies)
    assert made == 2 * len(odd) * 4 * 3
    permissive = control("1.2.840.113556.1.4.1413")
    for operation in (
        wire.modify(users, ("add", "member", [here.account("user")])),
        wire.modify(users, ("delete", "member", [here.account("la")])),
        wire.modify(users, ("add", "umBlockedMember", [here.account("blockeduser")])),
    ):
        assert world.wire("la").ask(operation, permissive).code in (0, 16)
    coming = wire.modify(users, ("add", "member", [here.account("cola")]))
    assert not world.wire("la").ask(coming, control(NO_OP)).done
    for name in (" employer ", "EMPLOYER", "telephone-operator", " Telephone-Operator"):
        for kind in ("add", "delete"):
            operation = wire.modify(here.dn, (kind, "umEntitledCapacity", [name]))
            world.wire("registrar").ask(operation, permissive)
    assert_view_equals_directory(world.service)
