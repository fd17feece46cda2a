"""Other doors: binds, SASL identities, extended operations, transactions, the session (A6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from support import wire
from support.attacker import Attempt, How, World, ask
from support.attacks.controls import TRANSACTION
from support.attacks.entries import EVERYONE
from support.attacks.goals import CAM_GROUP
from support.enterprise import PASSWORD
from support.wire import Control, Reply, Wire, control, octets, tlv

Steps: TypeAlias = Sequence[tuple[bytes, Sequence[Control]]]

START, END = "1.3.6.1.1.21.1", "1.3.6.1.1.21.3"
_ENDED = "the bind leaves the connection anonymous, and that writes nothing"


def _as(world: World, title: str, greeting: bytes, local: bool = False, harmless: str = "") -> Attempt:
    """Bind on a connection of its own, then try to become CAM whatever came of it."""

    def how(_attackers: Wire) -> list[Reply]:
        address = world.service.settings.run_dir / "ldapi" if local else world.service.settings.ldap_port
        connection = Wire(address)
        try:
            bound = connection.ask(greeting)
            goal = ("replace", "member", [world.here.account("cocam")])
            return [bound, connection.ask(wire.modify(world.here.group(CAM_GROUP), goal))]
        finally:
            connection.close()

    return Attempt("anonymous", f"binds: {title}", how, harmless)


def binds(world: World) -> Iterator[Attempt]:
    """As somebody one is not."""
    here, suffix, tree = world.here, world.suffix, world.service.tree
    names = {
        "a blocked user": here.account("blockeduser"),
        "a blocked co-LA": here.account("blockedcola"),
        "a blocked co-CAM": here.account("founder"),
        "an account without a role": here.account("stranger"),
        "the service": tree.service("um-service"),
        "the root DN": f"cn=internal,{suffix}",
        "root of the configuration": "cn=config",
        "root of the log": "cn=internal,cn=accesslog",
        "the registrar": tree.operator("registrar"),
        "nobody": here.account("nobody"),
        "a group": here.group(CAM_GROUP),
        "the suffix": suffix,
        "a person": tree.person(here.ssins["cam"]),
        "an access group": tree.access_group("user-management"),
        "the session": f"cn=session,{suffix}",
        "nonsense": "nonsense",
        "a blocked user and a newline": f"{here.account('blockeduser')}\n",
        "NUL": f"{here.account('cam')}\x00",
        "a name of 1 MB": f"cn={'x' * 1_000_000},{suffix}",
    }
    for title, dn in names.items():
        for password in (PASSWORD, "", "\x00", "{ARGON2}", "Wachtwoord1\x00", PASSWORD.upper(), "*"):
            yield _as(world, f"{title} with {password!r}", wire.bind(dn, password))
    cam = here.account("cam")
    for password in ("", "wachtwoord1", "Wachtwoord1 ", "Wachtwoord1\x00", "Wachtwoord1\n", "x" * 1_000_000):
        yield _as(world, f"the CAM with {password[:20]!r}", wire.bind(cam, password))
    yield _as(world, "nobody at all", wire.bind("", ""), harmless=_ENDED)
    yield _as(world, "nobody, with a password", wire.bind("", PASSWORD))
    for version in (0, 1, 2, 4, 127):
        yield _as(world, f"version {version}", wire.bind(cam, PASSWORD, version))


def sasl(world: World) -> Iterator[Attempt]:
    """SASL mechanisms with another's authorisation identity."""
    cam, uid = world.here.account("cam"), world.here.uid("cam")
    user = world.here.uid("user")
    identities = {
        "the CAM": f"dn:{cam}",
        "the CAM's username": f"u:{uid}",
        "the root DN": f"dn:cn=internal,{world.suffix}",
        "cn=config": "dn:cn=config",
        "the registrar": f"dn:{world.service.tree.operator('registrar')}",
        "the service": f"dn:{world.service.tree.service('um-service')}",
        "the application": f"dn:{world.me['application']}",
        "another process": "dn:gidNumber=1+uidNumber=1,cn=peercred,cn=external,cn=auth",
        "a newline": f"dn:{cam}\nCONTINUE\n\n",
        "nonsense": "x",
    }
    for title, identity in identities.items():
        yield _as(world, f"EXTERNAL over TCP as {title}", wire.sasl("EXTERNAL", identity))
        yield _as(
            world,
            f"EXTERNAL over ldapi as {title}",
            wire.sasl("EXTERNAL", identity),
            local=True,
            harmless=_own(title),
        )
        for password in (PASSWORD, ""):
            credentials = f"{identity}\0{user}\0{password}"
            yield _as(world, f"PLAIN as {title}", wire.sasl("PLAIN", credentials))
            yield _as(
                world,
                f"PLAIN by DN as {title}",
                wire.sasl("PLAIN", f"{identity}\0{world.me['user']}\0{password}"),
            )
    for mechanism in (
        "ANONYMOUS",
        "LOGIN",
        "CRAM-MD5",
        "DIGEST-MD5",
        "SCRAM-SHA-256",
        "GSSAPI",
        "NTLM",
        "",
        "EXTERNAL\n",
        "\nCONTINUE",
    ):
        for credentials in (None, "", f"\0{user}\0{PASSWORD}"):
            yield _as(world, f"{mechanism!r}", wire.sasl(mechanism, credentials))


def _own(title: str) -> str:
    """The process's own user is the service, which still has to say for whom it acts."""
    return "the service is itself" if title == "the service" else ""


EXTENDED = {
    "start of a transaction": (START, None),
    "end of a transaction": (END, tlv(0x30, octets("1"))),
    "end of no transaction": (END, tlv(0x30)),
    "refresh": ("1.3.6.1.4.1.1466.101.119.1", tlv(0x30, octets("cn=x", 0x80), wire.integer(9, 0x81))),
    "turn": ("1.3.6.1.1.19", tlv(0x30, octets("x"))),
    "verify credentials": ("1.3.6.1.4.1.4203.666.6.5", tlv(0x30, octets("cn=x"), octets("x", 0x80))),
    "chaining": ("1.3.6.1.4.1.4203.666.6.1", b"x"),
    "unknown": ("1.2.3", b"x"),
    "no OID": ("", b"x"),
    "an OID with an answer": ("1.3.6.1.1.21.1\nCONTINUE\n\n", b"x"),
    "an OID with another's fields": ("1.3.6.1.1.8\nvalue: eA==", b"x"),
    "an OID that is none": ("whoami", b"x"),
    "Password Modify, almost": ("1.3.6.1.4.1.4203.1.11.1 ", tlv(0x30)),
    "Password Modify, zeros": ("1.3.6.1.4.1.4203.1.11.01", tlv(0x30)),
    "a notice": ("1.3.6.1.4.1.1466.20036", None),
    "NUL": ("1.3.6.1.1.21.1\x00", b"x"),
}


def extended(world: World) -> Iterator[Attempt]:
    """Extended operations that change something, or nobody knows."""
    del world
    for title, (oid, value) in EXTENDED.items():
        for who in EVERYONE:
            yield ask(who, f"extended: {title}", wire.extended(oid, value))


def transactions(world: World) -> Iterator[Attempt]:
    """Writes that are right, within a transaction whose last is refused: none of it may stand (RFC 5805)."""
    legal = {
        "la": wire.modify(world.here.employer, ("replace", "mail", ["x@evil.example"])),
        "cam": wire.modify(world.here.account("user"), ("replace", "mail", ["x@evil.example"])),
        "user": wire.modify(world.me["user"], ("replace", "mail", ["x@evil.example"])),
    }
    refused = wire.modify(world.here.group(CAM_GROUP), ("replace", "member", [world.me["user"]]))
    for who, write in legal.items():
        for identifier in (b"", b"1", b"\x00"):
            within = (control(TRANSACTION, identifier),)
            end = wire.extended(END, tlv(0x30, octets(identifier)))
            steps: Steps = [(wire.extended(START), ()), (write, within), (refused, within), (end, ())]
            yield Attempt(who, f"a transaction {identifier!r}", _one_by_one(steps))
            yield Attempt(who, f"a transaction {identifier!r}, at once", _at_once(steps))


def _one_by_one(steps: Steps) -> How:
    return lambda connection: [connection.ask(operation, *controls) for operation, controls in steps]


def _at_once(steps: Steps) -> How:
    return lambda connection: connection.talk(steps)


def session(world: World) -> Iterator[Attempt]:
    """Acting for somebody else, or in a role that one does not hold (A6)."""
    dn = f"cn=session,{world.suffix}"
    others = {
        "the CAM": world.here.account("cam"),
        "the service": world.service.tree.service("um-service"),
        "the registrar": world.service.tree.operator("registrar"),
        "nobody": world.here.account("nobody1"),
        "the root DN": f"cn=internal,{world.suffix}",
    }
    persons = ("user", "la", "cocam", "tech", "narrowed", "blocked", "foreigncam")
    for title, other in others.items():
        for who in (*persons, "application", "registrar", "contact-center", "anonymous"):
            yield ask(who, f"acts for {title}", world.declaration(umActingFor=other))
            yield ask(
                who,
                f"acts for {title} as CAM",
                world.declaration(umActingFor=other, umActingRole="chief-access-manager"),
            )
            yield ask(who, f"acts for {title}, added", wire.modify(dn, ("add", "umActingFor", [other])))
            yield ask(
                who,
                f"acts for {title}, session in capitals",
                wire.modify(dn.upper(), ("replace", "umActingFor", [other])),
            )
        if title != "the CAM":
            yield ask(
                "service",
                f"acts for {title} as CAM",
                world.declaration(umActingFor=other, umActingRole="chief-access-manager"),
            )
    for who in (*persons, "application", "registrar", "contact-center", "service", "anonymous"):
        role = "local-administrator" if who in ("cocam", "narrowed") else "chief-access-manager"
        if who == "foreigncam":
            role = "co-chief-access-manager"
        yield ask(who, f"acts as {role}", world.declaration(umActingRole=role))
        yield ask(who, "acts as what is no role", world.declaration(umActingRole="root"))
        yield ask(who, "acts as a newline", world.declaration(umActingRole=f"{role}\nCONTINUE\n\n"))
        yield ask(who, "acts as two", wire.modify(dn, ("replace", "umActingRole", ["user", role])))
        yield ask(who, "gives up his role", wire.modify(dn, ("delete", "umActingRole", [])))
        yield ask(who, "adds the session", wire.add(dn, {"objectClass": ["umService"], "cn": ["session"]}))
        yield ask(who, "deletes the session", wire.delete(dn))
        yield ask(who, "renames the session", wire.rename(dn, "cn=x"))
        yield ask(who, "gives the session a password", wire.set_password(dn, None, "Wachtwoord2"))
        yield ask(who, "writes something else to it", wire.modify(dn, ("replace", "description", ["x"])))
        yield ask(who, "increments it", wire.modify(dn, ("increment", "umActingRole", ["1"])))
        if who != "service":  # says that it acts for itself: it keeps effective access
            yield ask(who, "writes nothing to it", wire.modify(dn))
        yield ask(
            who,
            "writes more than the session",
            wire.modify(dn, ("replace", "umActingRole", [role]), ("replace", "member", [world.me["user"]])),
        )
