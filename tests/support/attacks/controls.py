"""Goals with controls that change what an operation means, critical and not."""

from __future__ import annotations

from collections.abc import Iterator

from support import wire
from support.attacker import Attempt, World, ask
from support.attacks.goals import CAM_GROUP, a_few
from support.wire import boolean, control, integer, octets, tlv

RELAX = "1.3.6.1.4.1.4203.666.5.12"
NO_OP = "1.3.6.1.4.1.4203.666.5.2"
MANAGE_DSA_IT = "2.16.840.1.113730.3.4.2"
TREE_DELETE = "1.2.840.113556.1.4.805"
PRE_READ, POST_READ = "1.3.6.1.1.13.1", "1.3.6.1.1.13.2"
PROXIED = "2.16.840.1.113730.3.4.18"
TRANSACTION = "1.3.6.1.1.21.2"


def reading(*attributes: str) -> bytes:
    """What a read control asks for."""
    return tlv(0x30, *(octets(name) for name in attributes))


_SECRET = reading("userPassword", "*", "+", "memberOf", "umSsin")

PLAIN: dict[str, tuple[str, bytes | None]] = {
    "relax": (RELAX, None),
    "no-op": (NO_OP, None),
    "manageDSAit": (MANAGE_DSA_IT, None),
    "assertion, true": ("1.3.6.1.1.12", wire.present("objectClass")),
    "assertion, false": ("1.3.6.1.1.12", wire.equals("cn", "nobody at all")),
    "assertion on the password": ("1.3.6.1.1.12", wire.starts("userPassword", "{ARGON2}")),
    "pre-read": (PRE_READ, _SECRET),
    "post-read": (POST_READ, _SECRET),
    "read nothing": (POST_READ, reading("1.1")),
    "read, malformed": (POST_READ, b"\x30\x84\xff\xff\xff\xff"),
    "don't use copy": ("1.3.6.1.1.22", None),
    "permissive modify": ("1.2.840.113556.1.4.1413", None),
    "tree delete": (TREE_DELETE, None),
    "subentries": ("1.3.6.1.4.1.4203.1.10.1", boolean(True)),
    "transaction": (TRANSACTION, b""),
    "transaction, another's": (TRANSACTION, b"1"),
    "session tracking": (
        "1.3.6.1.4.1.21008.108.63.1",
        tlv(
            0x30,
            octets("127.0.0.1\nCONTINUE\n"),
            octets("evil\ncode: 0\n\n"),
            octets("1.3.6.1.4.1.21008.108.63.1.3"),
            octets("uid\x1b[2J"),
        ),
    ),
    "password policy": ("1.3.6.1.4.1.42.2.27.8.5.1", None),
    "paged results": ("1.2.840.113556.1.4.319", tlv(0x30, integer(10), octets(""))),
    "content sync": ("1.3.6.1.4.1.4203.1.9.1.1", tlv(0x30, integer(1, 0x0A))),
    "chaining": ("1.3.6.1.4.1.4203.666.11.3", tlv(0x30, integer(0, 0x0A))),
    "domain scope": ("1.2.840.113556.1.4.1339", None),
    "values return filter": ("1.2.826.0.1.3344810.2.3", tlv(0x30, wire.present("member"))),
    "authorisation identity": ("2.16.840.1.113730.3.4.16", None),
    "proxied authorisation, first version": ("2.16.840.1.113730.3.4.12", tlv(0x30, octets(""))),
    "server's own: replication": ("1.3.6.1.4.1.4203.666.5.14", b""),
    "unknown": ("1.2.3.4.5", None),
    "without an OID": ("", None),
    "an OID with a newline": (f"{RELAX}\nCONTINUE", None),
}


def _proxies(world: World) -> dict[str, str]:
    tree = world.service.tree
    return {
        "the CAM": f"dn:{world.here.account('cam')}",
        "the CAM, in capitals": f"dn:{world.here.account('cam').upper()}",
        "the CAM, by username": f"u:{world.here.uid('cam')}",
        "the root DN": f"dn:cn=internal,{world.suffix}",
        "the service": f"dn:{tree.service('um-service')}",
        "the registrar": f"dn:{tree.operator('registrar')}",
        "the contact center": f"dn:{tree.operator('contact-center')}",
        "cn=config": "dn:cn=config",
        "nobody": "",
        "an empty name": "dn:",
        "nonsense": "x:\nCONTINUE\n\n",
    }


def all_of_them(world: World) -> Iterator[Attempt]:
    """Each control, critical and not."""
    chosen = dict(PLAIN)
    for who, identity in _proxies(world).items():
        chosen[f"on behalf of {who}"] = (PROXIED, identity.encode())
    for goal in a_few(world, 2):
        operation = wire.modify(goal.dn, *goal.mods)
        for title, (oid, value) in chosen.items():
            for critical in (True, False):
                what = f"{goal.what}; control: {title}{', critical' if critical else ''}"
                yield ask(goal.who, what, operation, control(oid, value, critical))
        yield ask(
            goal.who,
            f"{goal.what}; many controls",
            operation,
            *(control(oid, value, critical=False) for oid, value in chosen.values()),
        )
        yield ask(goal.who, f"{goal.what}; one control twice", operation, *[control(RELAX)] * 2)


def over_ldapi(world: World) -> Iterator[Attempt]:
    """The service itself on behalf of others: its own way to do that is another one."""
    group = world.here.group(CAM_GROUP)
    operation = wire.modify(group, ("replace", "member", [world.here.account("cocam")]))
    for who, identity in _proxies(world).items():
        yield ask(
            "service", f"names a CAM on behalf of {who}", operation, control(PROXIED, identity.encode())
        )
