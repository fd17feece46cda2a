"""Goals in disguise: other spellings of names of entries and attributes, and of the values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from support import wire
from support.attacker import Attempt, World, ask, schema_oids
from support.attacks.goals import a_few
from support.blocks import ROOT
from support.wire import Mod, Text

Spelling: TypeAlias = Callable[[str], Text]

_OIDS = {
    "cn": "2.5.4.3",
    "ou": "2.5.4.11",
    "dc": "0.9.2342.19200300.100.1.25",
    "uid": "0.9.2342.19200300.100.1.1",
    "member": "2.5.4.31",
    "mail": "0.9.2342.19200300.100.1.3",
    "o": "2.5.4.10",
    "preferredLanguage": "2.16.840.1.113730.3.1.39",
    **schema_oids(ROOT / "schema" / "um-directory.ldif"),
}
_ALIASES = {
    "cn": "commonName",
    "ou": "organizationalUnitName",
    "dc": "domainComponent",
    "uid": "userid",
    "o": "organizationName",
    "mail": "rfc822Mailbox",
}
_SUPERTYPES = {
    "member": "distinguishedName",
    "cn": "name",
    "o": "name",
    "umDirectorOf": "umRelatedTo",
    "umManagerOf": "umRelatedTo",
}


def _each(change: Callable[[str, str], str], separator: str = ",") -> Spelling:
    """A spelling from what becomes of each RDN's (type, value)."""
    return lambda dn: separator.join(change(*rdn.split("=", 1)) for rdn in dn.split(","))


def _leaf(change: Callable[[str, str], Text]) -> Spelling:
    def spell(dn: str) -> Text:
        rdn, comma, rest = dn.partition(",")
        leaf = change(*rdn.split("=", 1))
        return wire.raw(leaf) + wire.raw(comma + rest)

    return spell


def _hex(text: str) -> str:
    return "".join(f"\\{byte:02x}" for byte in text.encode())


def _ber(value: str) -> str:
    return "#" + wire.octets(value, 0x0C).hex()


def _wide(text: str) -> str:
    """Full-width letters, which compatibility normalisation makes plain."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def _spaced(kind: str, value: str) -> str:
    inner = " ".join((value[:3], value[3:])) if kind in ("umEnterpriseNumber", "umSsin") else value
    return f"{kind}={inner}"


NAMES: dict[str, Spelling] = {
    "capitals": str.upper,
    "small letters": str.lower,
    "mixed case": str.swapcase,
    "spaces after commas": lambda dn: dn.replace(",", ", "),
    "spaces everywhere": lambda dn: " " + dn.replace(",", "  ,  ").replace("=", " = ") + " ",
    "semicolons": lambda dn: dn.replace(",", ";"),
    "spaces in numbers": _each(_spaced),
    "hex, first letters": _each(lambda kind, value: f"{kind}={_hex(value[0])}{value[1:]}"),
    "hex, all letters": _each(lambda kind, value: f"{kind}={_hex(value)}"),
    "hex, capitals": _each(lambda kind, value: f"{kind}={_hex(value.upper())}"),
    "BER, the leaf": _leaf(lambda kind, value: f"{kind}={_ber(value)}"),
    "BER, all": _each(lambda kind, value: f"{kind}={_ber(value)}"),
    "OIDs": _each(lambda kind, value: f"{_OIDS[kind]}={value}"),
    "OIDs with a prefix": _each(lambda kind, value: f"OID.{_OIDS[kind]}={value}"),
    "OIDs and hex": _each(lambda kind, value: f"{_OIDS[kind]}={_hex(value)}"),
    "aliases": _each(lambda kind, value: f"{_ALIASES.get(kind, kind)}={value}"),
    "supertype of the leaf": _leaf(lambda _kind, value: f"name={value}"),
    "option on the leaf": _leaf(lambda kind, value: f"{kind};lang-en={value}"),
    "quoted": _each(lambda kind, value: f'{kind}="{value}"'),
    "twice the leaf": _leaf(lambda kind, value: f"{kind}={value}+{kind}={value}"),
    "a second part of the leaf": _leaf(lambda kind, value: f"{kind}={value}+description=x"),
    "an escaped comma": _leaf(lambda kind, value: f"{kind}={value}\\2cou=accounts"),
    "a trailing comma": lambda dn: dn + ",",
    "an empty part": lambda dn: dn.replace(",", ",,", 1),
    "the suffix twice": lambda dn: f"{dn},{','.join(dn.split(',')[-2:])}",
    "without the suffix": lambda dn: ",".join(dn.split(",")[:-2]),
    "full-width letters": _leaf(lambda kind, value: f"{kind}={_wide(value)}"),
    "a Kelvin sign": lambda dn: dn.replace("k", "\u212a").replace("K", "\u212a"),
    "a long s": lambda dn: dn.replace("s", "\u017f"),
    "a soft hyphen": _leaf(lambda kind, value: f"{kind}={value[0]}\u00ad{value[1:]}"),
    "a zero-width space": _leaf(lambda kind, value: f"{kind}={value}\u200b"),
    "a no-break space": _leaf(lambda kind, value: f"{kind}={value}\u00a0"),
    "not UTF-8": _leaf(lambda kind, value: wire.raw(f"{kind}={value}") + b"\xff"),
    "NUL, escaped": _leaf(lambda kind, value: f"{kind}={value}\\00"),
    "NUL": _leaf(lambda kind, value: f"{kind}={value}\x00"),
    "a trailing space, escaped": _leaf(lambda kind, value: f"{kind}={value}\\20"),
    "an LDAP URL": lambda dn: f"ldap:///{dn}",
    "a dn: prefix": lambda dn: f"dn:{dn}",
    "brackets": lambda dn: f"<{dn}>",
}

ATTRIBUTES: dict[str, Spelling] = {
    "capitals": str.upper,
    "OID": lambda name: _OIDS[name],
    "OID with a prefix": lambda name: f"OID.{_OIDS[name]}",
    "alias": lambda name: _ALIASES.get(name, name.swapcase()),
    "supertype": lambda name: _SUPERTYPES.get(name, "name"),
    "a language": lambda name: f"{name};lang-en",
    "binary": lambda name: f"{name};binary",
    "a private option": lambda name: f"{name};x-hidden",
    "a range": lambda name: f"{name};range=0-1",
    "two options": lambda name: f"{name};lang-en;lang-nl",
    "an empty option": lambda name: f"{name};",
    "OID and option": lambda name: f"{_OIDS[name]};lang-en",
    "spaces": lambda name: f" {name} ",
    "a newline": lambda name: f"{name}\n",
    "a colon": lambda name: f"{name}: x",
    "NUL": lambda name: f"{name}\x00",
    "NUL and more": lambda name: f"{name}\x00description",
    "empty": lambda _name: "",
}


def _names_a_dn(text: Text) -> bool:
    return isinstance(text, str) and re.match(r"\w+=.*,dc=", text) is not None


def in_other_names(world: World) -> Iterator[Attempt]:
    """The entry spelt otherwise."""
    for goal in a_few(world, 4):
        for title, spell in NAMES.items():
            yield ask(goal.who, f"{goal.what}; entry: {title}", wire.modify(spell(goal.dn), *goal.mods))


def in_other_attributes(world: World) -> Iterator[Attempt]:
    """The attribute spelt otherwise."""
    for goal in a_few(world, 6):
        for title, spell in ATTRIBUTES.items():
            mods: list[Mod] = [(kind, spell(str(name)), values) for kind, name, values in goal.mods]
            yield ask(goal.who, f"{goal.what}; attribute: {title}", wire.modify(goal.dn, *mods))


def in_other_values(world: World) -> Iterator[Attempt]:
    """The value spelt otherwise, where it is a name."""
    for goal in a_few(world, 6):
        if not any(_names_a_dn(value) for _kind, _name, values in goal.mods for value in values):
            continue
        for title, spell in NAMES.items():
            mods: list[Mod] = [
                (kind, name, [spell(str(value)) for value in values]) for kind, name, values in goal.mods
            ]
            yield ask(goal.who, f"{goal.what}; value: {title}", wire.modify(goal.dn, *mods))
