"""What is searched by, and the LDAP filter (RFC 4515) that says so. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from um_directory.errors import UmError
from um_directory.model.numbers import is_ssin

_BY_ATTRIBUTE = {
    "username": "uid",
    "name": "sn",
    "first_name": "givenName",
    "title": "title",
    "ssin": "umSsin",
    "language": "preferredLanguage",
    "email": "mail",
}
_BY_PREFIX = frozenset({"username", "name", "first_name", "title", "email"})
_SPECIAL = frozenset("*()\\ ")
_SSIN_SEPARATORS = str.maketrans("", "", " .-")


@dataclass(frozen=True, slots=True)
class Criteria:
    """All that are given must be met. `prefix`: names, title and e-mail need only begin with what is given.

    Letter case never counts. An account meets `capacity` when it holds any role in it, active or blocked, and
    `application` when an active role in that capacity gives it (A2, A3).
    """

    capacity: str | None = None
    application: str | None = None
    username: str | None = None
    name: str | None = None
    first_name: str | None = None
    title: str | None = None
    ssin: str | None = None
    language: str | None = None
    email: str | None = None
    prefix: bool = False

    def check(self) -> None:
        """Say what cannot be asked.

        :raises UmError: a criterion is empty or makes no sense.
        """
        for criterion in (*_BY_ATTRIBUTE, "capacity", "application"):
            value = getattr(self, criterion)
            if value is not None and not value.strip():
                raise UmError(f"--{criterion.replace('_', '-')}: give a value, or leave the criterion out")
        if self.application is not None and self.capacity is None:
            raise UmError(
                "--application: give the --capacity too; applications are searched within one (§4.1.4)"
            )
        if self.ssin is not None and not is_ssin(_compact(self.ssin)):
            raise UmError(f"--ssin {self.ssin}: not a valid social security number")

    def filter(self, holder_in: str | None = None, member_of: str | None = None) -> str:
        """The filter that finds the accounts; `application` needs a look at the roles as well.

        `holder_in` is the DN of the capacity. `member_of`, the DN of the application's access group, spares
        looking at everybody; it is for readers of memberOf only, to others it would find nobody.
        """
        parts = ["(objectClass=umAccount)"]
        for criterion, attribute in _BY_ATTRIBUTE.items():
            value = getattr(self, criterion)
            if value is not None:
                parts.append(self._part(criterion, attribute, value.strip()))
        for attribute, dn in (("umHolderIn", holder_in), ("memberOf", member_of)):
            if dn is not None:
                parts.append(f"({attribute}={escape(dn)})")
        return f"(&{''.join(parts)})"

    def _part(self, criterion: str, attribute: str, value: str) -> str:
        value = escape(_compact(value) if criterion == "ssin" else value)
        return f"({attribute}={value}{'*' if self.prefix and criterion in _BY_PREFIX else ''})"


def escape(value: str) -> str:
    r"""Write a value so that a filter takes it literally (RFC 4515 §3).

    Spaces and control characters too, for ldap3 cuts them off at the ends.

    >>> escape("a*(b) c")
    'a\\2a\\28b\\29\\20c'
    """
    return "".join(c if c.isprintable() and c not in _SPECIAL else _escaped(c) for c in value)


def _escaped(character: str) -> str:
    return "".join(f"\\{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def _compact(ssin: str) -> str:
    """An SSIN without the separators that people write: 85.07.30-033.28."""
    return ssin.translate(_SSIN_SEPARATORS)
