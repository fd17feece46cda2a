"""Which events are asked for. Pure, but for the memory of accounts that a person had."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from um_directory.audit.events import Event, Kind
from um_directory.errors import MalformedName
from um_directory.model import dn as names
from um_directory.model.operation import base_name

_WORD = re.compile(r"[a-z0-9]+")


@dataclass(slots=True)
class Person:
    """Whom events are about: accounts by DN or by username alone, and the number of the natural person.

    Accounts of the number that come or go while the log is read are remembered.
    """

    dns: set[str] = field(default_factory=set)  # normalised
    usernames: set[str] = field(default_factory=set)
    ssin: str = ""

    def concerned(self, event: Event) -> bool:
        """Whether the person acted, or it was done to an entry or in a value that names him."""
        self._learn(event)
        if any(self._is_named(dn) for dn in (event.actor, event.bind, event.dn)):
            return True
        if any(self._is_value(value) for value in _values(event)):
            return True
        # Of what was refused no values are kept; the reason names the account.
        return not self.usernames.isdisjoint(_WORD.findall(event.reason.lower()))

    def _learn(self, event: Event) -> None:
        if not self.ssin or event.operation not in ("add", "delete"):
            return
        for change in event.changes:
            if base_name(change.attribute) == "umssin" and self.ssin in (*change.old, *change.new):
                self.dns.add(normal(event.dn))

    def _is_named(self, dn: str) -> bool:
        return normal(dn) in self.dns or _username(dn) in self.usernames

    def _is_value(self, value: str) -> bool:
        return (bool(self.ssin) and value == self.ssin) or ("=" in value and self._is_named(value))


@dataclass(frozen=True, slots=True)
class Wanted:
    """All conditions must hold; None and False: no condition. `until` itself is no longer wanted."""

    since: datetime | None = None
    until: datetime | None = None
    enterprise: str | None = None
    person: Person | None = None
    rule: str | None = None
    refused: bool = False

    def matches(self, event: Event) -> bool:
        """Whether the event is asked for."""
        if self.person is not None and not self.person.concerned(event):
            return False
        return (
            (self.since is None or event.time >= self.since)
            and (self.until is None or event.time < self.until)
            and (self.rule is None or event.rule.lower() == self.rule.lower())
            and (not self.refused or event.kind is Kind.REFUSED)
            and (self.enterprise is None or _is_of(event, self.enterprise))
        )


def _is_of(event: Event, number: str) -> bool:
    """Whether it happened in the enterprise, or somebody of it acted, or a value names it."""
    wanted = ("umenterprisenumber", number)
    dns: Iterable[str] = (event.dn, event.actor, *(value for value in _values(event) if "=" in value))
    return any(wanted in _pairs(dn) for dn in dns)


def _values(event: Event) -> Iterator[str]:
    for change in event.changes:
        yield from change.old
        yield from change.new


def _pairs(dn: str) -> tuple[tuple[str, str], ...]:
    try:
        return names.parse(dn)
    except MalformedName:
        return ()


def _username(dn: str) -> str | None:
    match _pairs(dn):
        case (("uid", uid), ("ou", "accounts"), *_):
            return uid
    return None


def normal(dn: str) -> str:
    """One spelling for comparing; of what is no name of ours, lower case."""
    try:
        return names.normalise(dn)
    except MalformedName:
        return dn.lower()
