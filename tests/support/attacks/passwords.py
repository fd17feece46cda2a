"""Passwords: one's own of no good form, others', by Modify and by Password Modify (RFC 3062), right and malformed."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator

from support import wire
from support.attacker import Attempt, World, ask
from support.attacks.controls import NO_OP, RELAX
from support.attacks.entries import EVERYONE, places
from support.enterprise import PASSWORD
from support.wire import PASSWORD_MODIFY, Reply, Wire, control, octets, tlv

GOOD = "Wachtwoord2"
HASHED = (
    "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
    "{CLEARTEXT}Wachtwoord2",
    "{SASL}cam@evil.example",
    "{CRYPT}x",
    "{crypt}$1$x$x",
    "{MD5}x",
    "{PBKDF2}x",
    "{ARGON2}$argon2i$v=19$m=4194304,t=4096,p=1$c2FsdHNhbHQ$aGFzaA",
)
WEAK = (
    "short1",
    "onlyletters",
    "12345678901",
    "!!!!!!!!!!!a",
    "with space 1",
    "much too long 123",
    "Wachtwoord1234567",
    "\u0430\u0430\u0430\u0430\u0430\u0430\u0430\u0430\u0430\u04301",
    "Wachtwoord\n1",
    "Wachtwoord1\n",
    "Wachtwoord\x001",
    "Wachtwoord1\x00",
    b"Wachtwoord\xff1",
    "Wachtwoord\x1b1",
    "\nCONTINUE\n\n1",
    "\ncode: 0\n\n1",
    "",
    "a" * 1_000_000,
)

# Who may not reset whose password (D15); "others" are of another enterprise.
_TARGETS = {
    "la": ("cam", "cocam", "la2", "founder"),
    "cola": ("cam", "cocam", "la", "la2", "blockedcola"),
    "la2": ("cam", "cocam", "la", "cola", "user", "tech", "blockeduser"),
    "cocam": ("cam", "founder"),
    "user": ("cam", "la", "tech", "blockeduser", "stranger"),
    "tech": ("cam", "user", "stranger"),
    "blocked": ("cam", "founder", "user"),
    "application": ("cam", "user"),
    "anonymous": ("cam", "user"),
    "foreigncam": ("cam", "cocam", "la", "user", "stranger"),
    "foreignla": ("cam", "user"),
    "registrar": ("cam", "user", "stranger"),
    "service": ("cam", "user"),
    "acting": ("cam", "la"),
    "narrowed": ("cam", "la", "user"),
    "contact-center": ("la", "la2", "user", "cola", "cocam"),
}


def _ways(dn: str, new: str) -> Iterator[tuple[str, bytes]]:
    yield "replaces", wire.modify(dn, ("replace", "userPassword", [new]))
    yield "adds", wire.modify(dn, ("add", "userPassword", [new]))
    yield "deletes", wire.modify(dn, ("delete", "userPassword", []))
    yield "replaces with nothing", wire.modify(dn, ("replace", "userPassword", []))
    yield "swaps", wire.modify(dn, ("delete", "userPassword", [PASSWORD]), ("add", "userPassword", [new]))
    yield "deletes and adds", wire.modify(dn, ("delete", "userPassword", []), ("add", "userPassword", [new]))
    yield "by its OID", wire.modify(dn, ("replace", "2.5.4.35", [new]))
    yield "with an option", wire.modify(dn, ("replace", "userPassword;x-a", [new]))
    yield "in a language", wire.modify(dn, ("add", "userPassword;lang-en", [new]))
    yield "as binary", wire.modify(dn, ("replace", "userPassword;binary", [new]))
    yield "increments", wire.modify(dn, ("increment", "userPassword", ["1"]))
    yield (
        "beside data",
        wire.modify(dn, ("replace", "mail", ["x@evil.example"]), ("replace", "userPassword", [new])),
    )
    yield "extended", wire.set_password(dn, None, new)
    yield "extended, in capitals", wire.set_password(dn.upper(), None, new)
    yield "extended, with spaces", wire.set_password(dn.replace(",", " , "), None, new)
    yield "extended, with the old one", wire.set_password(dn, PASSWORD, new)
    yield "extended, with a wrong old one", wire.set_password(dn, "Wachtwoord9", new)
    yield "extended, to be made up", wire.set_password(dn, None, None)


def of_others(world: World) -> Iterator[Attempt]:
    """Whoever may not designate all roles of an account."""
    for who, targets in _TARGETS.items():
        for target in targets:
            dn = world.here.account(target)
            for way, operation in _ways(dn, GOOD):
                yield ask(who, f"password of {target}: {way}", operation)
            yield ask(
                who,
                f"password of {target}: relax",
                wire.modify(dn, ("replace", "userPassword", [GOOD])),
                control(RELAX),
            )
    for what, dn in places(world).items():
        for who in EVERYONE:
            yield ask(who, f"password of {what}: extended", wire.set_password(dn, None, GOOD))


def own_of_no_form(world: World) -> Iterator[Attempt]:
    """One's own, but hashed, weak, none, or several."""
    for who in ("user", "la", "cam", "tech", "narrowed"):
        dn = world.me[who]
        for new in (*HASHED, *WEAK):
            title = repr(new)[:24]
            yield ask(
                who, f"replaces his own by {title}", wire.modify(dn, ("replace", "userPassword", [new]))
            )
            yield ask(who, f"extended, his own to {title}", wire.set_password(None, None, new))
            yield ask(who, f"extended with his old one, to {title}", wire.set_password(dn, PASSWORD, new))
        for new in HASHED:
            both = wire.modify(dn, ("delete", "userPassword", []), ("add", "userPassword", [GOOD, new]))
            yield ask(who, "two at once", both)
            mods: list[wire.Mod] = [("replace", "userPassword", [GOOD]), ("add", "userPassword", [new])]
            yield ask(who, "a good one and another", wire.modify(dn, *mods))
        yield ask(who, "none", wire.modify(dn, ("delete", "userPassword", [])))
        yield ask(who, "none, in another way", wire.modify(dn, ("replace", "userPassword", [])))
        yield ask(who, "the same beside it", wire.modify(dn, ("add", "userPassword", [PASSWORD])))
        yield ask(who, "one made up", wire.set_password(None, None, None))
        yield ask(who, "one made up, old one right", wire.set_password(None, PASSWORD, None))
        yield ask(who, "a good one, old one wrong", wire.set_password(None, "Wachtwoord9", GOOD))
        yield ask(who, "a good one, old one empty", wire.set_password(None, "", GOOD))


def under_odd_names(world: World) -> Iterator[Attempt]:
    """The CAM's password, with userIdentity in forms that other servers know."""
    cam, uid = world.here.account("cam"), world.here.uid("cam")
    forms: dict[str, wire.Text] = {
        "u:": f"u:{uid}",
        "dn:": f"dn:{cam}",
        "a bare name": uid,
        "realm": f"{uid}@um.example",
        "OIDs": cam.replace("uid=", "0.9.2342.19200300.100.1.1="),
        "hex": cam.replace("uid=c", "uid=\\63"),
        "quoted": cam.replace(f"uid={uid}", f'uid="{uid}"'),
        "BER": cam.replace(f"uid={uid}", f"uid=#{octets(uid, 0x0C).hex()}"),
        "semicolons": cam.replace(",", ";"),
        "NUL after it": f"{cam}\x00",
        "NUL within": f"{cam}\x00,{world.me['la']}",
        "his own, NUL, the CAM's": f"{world.me['la']}\x00{cam}",
        "newline": f"{cam}\n",
        "empty": "",
        "an SSIN": f"umSsin={world.here.ssins['cam']},ou=accounts,{world.here.dn}",
        "full-width": cam.replace("uid=c", "uid=\uff43"),
        "an alias of the type": cam.replace("uid=", "userid="),
        "a second part": cam.replace(f"uid={uid}", f"uid={uid}+cn=cam"),
        "a long name": f"{cam}{'x' * 100_000}",
        "root DN": f"cn=internal,{world.suffix}",
    }
    for title, identity in forms.items():
        for who in ("la", "cola", "cocam", "user", "foreigncam", "registrar", "application", "anonymous"):
            if title == "empty" and who not in ("registrar", "application", "anonymous"):
                continue  # names himself
            for old in (None, PASSWORD):
                yield ask(who, f"password of the CAM as {title}", wire.set_password(identity, old, GOOD))


def malformed(world: World) -> Iterator[Attempt]:
    """Requests that two readers may read in two ways: the guard and slapd must not differ."""
    cam, mine = world.here.account("cam"), world.me["la"]
    own, other = octets(mine, 0x80), octets(cam, 0x80)
    new, weak, hashed = octets(GOOD, 0x82), octets("a", 0x82), octets(HASHED[1], 0x82)
    old = octets(PASSWORD, 0x81)

    def sequence(*parts: bytes) -> bytes:
        return tlv(0x30, *parts)

    def wrong_length(change: int) -> bytes:
        content = other + new
        return b"\x30\x81" + bytes((len(content) + change,)) + content

    values: dict[str, bytes | None] = {
        "two identities": sequence(own, other, new),
        "two identities, turned": sequence(other, own, new),
        "two passwords": sequence(own, new, weak),
        "two passwords, turned": sequence(own, weak, new),
        "two passwords, one hashed": sequence(own, new, hashed),
        "a wrong order": sequence(new, own),
        "another's in a wrong order": sequence(new, other),
        "identity last": sequence(old, new, other),
        "something behind": sequence(own, new) + sequence(other, new),
        "another sequence first": sequence() + sequence(other, new),
        "nothing within": sequence() + other + new,
        "a sequence within": sequence(sequence(other, new)),
        "a set": tlv(0x31, other, new),
        "constructed parts": sequence(tlv(0xA0, octets(cam)), tlv(0xA2, octets(GOOD))),
        "constructed pieces": sequence(tlv(0xA0, octets(cam[:9]), octets(cam[9:])), new),
        "without an end": b"\x30\x80" + other + new + b"\x00\x00",
        "a part without an end": sequence(b"\xa0\x80" + octets(cam) + b"\x00\x00", new),
        "too short": wrong_length(-5),
        "far too short": wrong_length(-len(new)),
        "too long": wrong_length(5),
        "long lengths": b"\x30\x84" + len(other + new).to_bytes(4, "big") + other + new,
        "longest lengths": b"\x30\x88" + len(other + new).to_bytes(8, "big") + other + new,
        "universal tags": sequence(octets(cam), octets(GOOD)),
        "application tags": sequence(octets(cam, 0x40), octets(GOOD, 0x42)),
        "an unknown part": sequence(other, new, octets("x", 0x83)),
        "an unknown part first": sequence(octets("x", 0x83), other, new),
        "a long tag": sequence(b"\x9f\x00" + other[1:], new),
        "nothing": b"",
        "one byte": b"\x30",
        "noise": bytes(range(256)),
        "deep": b"\x30\x80" * 5000,
        "no value": None,
        "own, weak, behind a good one": sequence(octets(GOOD, 0x82), octets("a", 0x82)),
    }
    for title, value in values.items():
        for who in ("la", "user", "cocam", "foreigncam", "anonymous"):
            yield ask(who, f"Password Modify: {title}", wire.extended(PASSWORD_MODIFY, value))


def _then(first: bytes, second: bytes, message: int, together: bool) -> Callable[[Wire], list[Reply]]:
    def how(connection: Wire) -> list[Reply]:
        if together:
            return connection.talk([(first, ()), (second, ())], message)
        return [connection.ask(first, message=message), connection.ask(second, message=message)]

    return how


def behind_another(world: World) -> Iterator[Attempt]:
    """A Modify that borrows the number of a Password Modify that was allowed but did not come to be."""
    message = 70_000
    salt = base64.b64encode(os.urandom(16)).rstrip(b"=").decode()
    digest = base64.b64encode(os.urandom(32)).rstrip(b"=").decode()
    ours = f"{{ARGON2}}$argon2i$v=19$m=19456,t=2,p=1${salt}${digest}"
    for who in ("user", "la", "cam"):
        dn = world.me[who]
        failing = wire.set_password(None, "Wachtwoord9", GOOD)
        borrowed = {
            "a hash": wire.modify(dn, ("replace", "userPassword", [ours])),
            "a hash, added": wire.modify(dn, ("add", "userPassword", [ours])),
            "a clear one": wire.modify(dn, ("replace", "userPassword", ["a"])),
            "a scheme": wire.modify(dn, ("replace", "userPassword", ["{CLEARTEXT}a"])),
            "none": wire.modify(dn, ("delete", "userPassword", [])),
            "with an option": wire.modify(dn, ("add", "userPassword;x-a", ["a"])),
            "beside a role": wire.modify(
                dn, ("replace", "userPassword", [ours]), ("replace", "umAccountStatus", ["active"])
            ),
        }
        for title, second in borrowed.items():
            for together in (False, True):
                message += 1
                what = f"{title} under the number of a Password Modify{', at once' if together else ''}"
                yield Attempt(who, what, _then(failing, second, message, together))


def without_writing(world: World) -> Iterator[Attempt]:
    """Right in itself, but asked not to happen; then another in its place."""
    for who in ("user", "la"):
        good = wire.set_password(None, None, GOOD)
        yield ask(who, "Password Modify that is not to happen", good, control(NO_OP))
        yield ask(
            who,
            "Password Modify if something false is true",
            good,
            control("1.3.6.1.1.12", wire.equals("cn", "no")),
        )
