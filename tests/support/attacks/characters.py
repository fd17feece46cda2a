"""Control characters and protocol lines in names, values and attribute descriptions."""

from __future__ import annotations

from collections.abc import Iterator

from support import wire
from support.attacker import Attempt, World, ask
from support.attacks.goals import CAM_GROUP, CO_CAMS
from support.wire import Mod

INJECTIONS = (
    "\n",
    "\r\n",
    "\x00",
    "\x1b[2J",
    "\x7f",
    "\x85",
    "\u2028",
    "\nCONTINUE",
    "\nCONTINUE\n",
    "\n\nCONTINUE\n\n",
    "\ncode: 0",
    "\nRESULT\ncode: 0\n\n",
    "\n\n",
    "\n-\nreplace: member\nmember: x\n-\n",
    "\n ",
    "\n#",
    "\nbinddn: cn=registrar,ou=operators,dc=um,dc=example\nconnid: 18446744073709551615\n",
    ":: Q09OVElOVUU=",
    "\x00CONTINUE",
    "\t",
)
_WHO = ("user", "la", "cam", "foreigncam", "registrar", "contact-center", "anonymous", "service")


def _escaped(text: str) -> str:
    return "".join(f"\\{byte:02x}" for byte in text.encode())


def in_names(world: World) -> Iterator[Attempt]:
    """In the names of entries."""
    here = world.here
    me, stranger = here.account("user"), here.account("stranger")
    group = {"objectClass": ["umRoleGroup"], "cn": ["x"], "member": [me]}
    for injection in INJECTIONS:
        for form, text in (
            ("raw", injection),
            ("escaped", _escaped(injection)),
            ("backslash", f"\\{injection}"),
        ):
            title = f"{injection!r}, {form}"
            rdn = f"cn={CAM_GROUP}{text}"
            dn = f"{rdn},{here.dn}"
            for who in _WHO:
                yield ask(who, f"adds {title}", wire.add(dn, group))
                yield ask(who, f"modifies {title}", wire.modify(dn, ("replace", "member", [stranger])))
                yield ask(who, f"deletes {title}", wire.delete(dn))
                yield ask(who, f"renames to {title}", wire.rename(here.group(CO_CAMS), rdn))
                yield ask(who, f"moves below {title}", wire.rename(here.group(CO_CAMS), "cn=x", superior=dn))
                yield ask(who, f"sets the password of {title}", wire.set_password(dn, None, "Wachtwoord2"))
                yield ask(who, f"compares {title}", wire.compare(dn, "member", me))


def in_values(world: World) -> Iterator[Attempt]:
    """In values that their owner may write, and in attribute descriptions."""
    here = world.here
    for injection in INJECTIONS:
        for who, dn, attribute, value in (
            ("user", here.account("user"), "mail", "x@evil.example"),
            ("user", here.account("user"), "preferredLanguage", "nl"),
            ("la", here.employer, "mail", "x@evil.example"),
            ("la", here.employer, "telephoneNumber", "+32 2 511 51 51"),
            ("la", here.employer, "description", "x"),
            ("la", here.employer, "umSenderNumber", "012345"),
            ("cam", here.account("user"), "mail", "x@evil.example"),
            ("registrar", here.dn, "o", "x"),
            ("registrar", here.dn, "mail", "x@evil.example"),
            ("registrar", world.service.tree.person(here.ssins["user"]), "sn", "x"),
            ("la", here.group("users", here.employer), "member", here.account("stranger")),
        ):
            if injection.isprintable() or (
                injection == "\u2028" and attribute in ("o", "description", "sn", "preferredLanguage")
            ):
                continue
            for title, text in (("after", value + injection), ("before", injection + value)):
                yield ask(
                    who, f"{attribute} {injection!r} {title}", wire.modify(dn, ("replace", attribute, [text]))
                )
        for who in ("user", "la", "registrar"):
            mod: Mod = ("replace", f"mail{injection}", ["x@evil.example"])
            yield ask(who, f"an attribute {injection!r}", wire.modify(world.me[who], mod))
            yield ask(
                who,
                f"a new entry's attribute {injection!r}",
                wire.add(here.account("x"), {"objectClass": ["umAccount"], f"cn{injection}": ["x"]}),
            )
            yield ask(
                who,
                f"a class {injection!r}",
                wire.add(here.account("x"), {"objectClass": [f"umAccount{injection}"]}),
            )
