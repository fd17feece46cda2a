"""Distinguished names of our tree.

Every name that the domain makes has only letters, digits, `.`, `_` and `-` in it, so anything that needs
escaping (RFC 4514 §2.4) names nothing of ours. `parse` accepts just this subset and refuses the rest, which
leaves no two spellings of one entry but letter case, and spaces around separators and inside numbers.
"""

from __future__ import annotations

import re

from um_directory.errors import MalformedName

# Spaces around the separators are ASCII ones only: what else slapd would skip is its own affair.
_RDN = re.compile(r" *([A-Za-z][A-Za-z0-9-]*) *= *([A-Za-z0-9][A-Za-z0-9._@-]*(?: [A-Za-z0-9._@-]+)*) *")
LONGEST = 1000
"""Characters. No name of ours has half of that."""
_NUMERIC = frozenset({"umenterprisenumber", "umssin"})  # numericStringMatch skips spaces (RFC 4517 §4.2.22)
_ESCAPE_ALWAYS = ',+"\\<>;=#'  # RFC 4514 asks it of a leading # only; ldap3 of every one


def parse(dn: str) -> tuple[tuple[str, str], ...]:
    """Return the (type, value) pairs of `dn` from the leaf up, in lower case.

    :raises MalformedName: for anything but single-valued RDNs of unescaped ASCII.

    >>> parse("uid=JJanssens1, ou=Accounts,dc=um")
    (('uid', 'jjanssens1'), ('ou', 'accounts'), ('dc', 'um'))
    """
    if len(dn) > LONGEST:
        raise MalformedName(f"{dn[:LONGEST]}…")
    return tuple(parse_rdn(part, dn) for part in dn.split(","))


def parse_rdn(rdn: str, dn: str) -> tuple[str, str]:
    """Return the (type, value) of one RDN of `dn`, in lower case.

    :raises MalformedName: see `parse`; it names the whole `dn`.
    """
    name, _, value = rdn.partition("=")
    if value.isalnum() and name.isalpha() and rdn.isascii():  # as nearly all are, and quicker than a match
        return name.lower(), value.lower()
    match = _RDN.fullmatch(rdn)
    if match is None:
        raise MalformedName(dn)
    name, value = match[1].lower(), match[2].lower()
    return name, value.replace(" ", "") if name in _NUMERIC else value


def normalise(dn: str) -> str:
    """Return the one spelling under which `dn` is compared.

    :raises MalformedName: see `parse`.

    >>> normalise("UID=jjanssens1 , OU=accounts,dc=um")
    'uid=jjanssens1,ou=accounts,dc=um'
    >>> normalise("umSsin=850730 033 28,ou=register,dc=um")
    'umssin=85073003328,ou=register,dc=um'
    """
    return ",".join(f"{kind}={value}" for kind, value in parse(dn))


def escape_value(value: str) -> str:
    """Escape an attribute value for use in a DN (RFC 4514 §2.4).

    >>> escape_value(" a,b#")
    '\\\\20a\\\\,b\\\\#'
    """
    out = []
    for position, char in enumerate(value):
        edge = position in (0, len(value) - 1) and char == " "
        if edge or ord(char) < ord(" ") or char == "\x7f":
            out.append(f"\\{ord(char):02x}")
        elif char in _ESCAPE_ALWAYS:
            out.append("\\" + char)
        else:
            out.append(char)
    return "".join(out)


def escape_filter(value: str) -> str:
    """Escape an assertion value for use in a search filter (RFC 4515 §3).

    >>> escape_filter("a*(b)")
    'a\\\\2a\\\\28b\\\\29'
    """
    return "".join(f"\\{ord(c):02x}" if c in "*()\\\0" else c for c in value)
