"""What a downstream application is told about one account. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from um_directory.model.roles import State


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One way in which an account comes by an application: through which role, in which capacity.

    `status` is `blocked` when the role or the authorization (D8) behind it is. `capacity` is empty for the
    roles of the enterprise as such.
    """

    application: str
    capacity: str
    role: str
    status: State


@dataclass(frozen=True, slots=True)
class Record:
    """An account as a target should know it. `id` is its username: stable, and unique in the directory (C1).

    `active` says whether the account may use the application now (A1 to A5). Of the personal data, only what
    the application's configuration names is there; the rest is None.
    """

    id: str
    enterprise: str
    active: bool
    grants: tuple[Grant, ...]
    surname: str | None = None
    given_name: str | None = None
    mail: str | None = None
    language: str | None = None
    ssin: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON types, without what is not known."""
        personal = {name: getattr(self, name) for name in PERSONAL.values()}
        return {
            "id": self.id,
            "enterprise": self.enterprise,
            "active": self.active,
            "grants": [
                {
                    "application": grant.application,
                    **({"capacity": grant.capacity} if grant.capacity else {}),
                    "role": grant.role,
                    "status": grant.status,
                }
                for grant in self.grants
            ],
            **{name: value for name, value in personal.items() if value},
        }

    def line(self) -> str:
        """The one way to write this record as a line of JSON: equal records give equal lines."""
        return json.dumps(self.as_dict(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def fingerprint(self) -> str:
        """A digest of `line`, which is all that the state store keeps of the contents."""
        return fingerprint_of(self.line())


PERSONAL: dict[str, str] = {
    "sn": "surname",
    "givenName": "given_name",
    "mail": "mail",
    "preferredLanguage": "language",
    "umSsin": "ssin",
}
"""Attributes of an account that a configuration may name, and the field each becomes."""


def fingerprint_of(line: str) -> str:
    """Digest of a record's line."""
    return blake2b(line.encode(), digest_size=16).hexdigest()
