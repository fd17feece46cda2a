"""How a record looks in SCIM: the core User (RFC 7643 §4.1) and an extension for what it has no place for."""

from __future__ import annotations

from typing import Any

from scim2_models import URN, ComplexAttribute, Extension, Schema, User

from um_directory.propagation.record import Record

CORE = str(User.__schema__)


class AccessGrant(ComplexAttribute):
    """One way in which the user comes by an application."""

    application: str | None = None
    """The application's name in the catalogue."""

    capacity: str | None = None
    """The capacity of the enterprise, absent for the roles of the enterprise as such."""

    role: str | None = None
    """The role, such as local-administrator or user."""

    status: str | None = None
    """active or blocked."""


class AccessUser(Extension):
    """Enterprise, capacities and roles of a user. Sent to servers whose resource type lists this schema."""

    __schema__ = URN("urn:um-directory:scim:schemas:extension:access:1.0:User")

    enterprise: str | None = None
    """The enterprise number (10 digits) of the enterprise that the account belongs to."""

    ssin: str | None = None
    """The natural person's number, where the configuration names it."""

    grants: list[AccessGrant] | None = None
    """How the user comes by the application."""


EXTENSION = str(AccessUser.__schema__)


def extension_schema() -> Schema:
    """The extension as a SCIM Schema resource (RFC 7643 §7), to give to the operator of a server."""
    return AccessUser.to_schema()


def payload(record: Record, *, extended: bool) -> dict[str, Any]:
    """The record as a User resource; `extended` adds the extension.

    It is built from our own checked data, so it is not validated again (validating costs more than building).
    """
    name = {"familyName": record.surname, "givenName": record.given_name}
    user: dict[str, Any] = {
        "schemas": [CORE],
        "externalId": record.id,
        "userName": record.id,
        "active": record.active,
        "name": {key: value for key, value in name.items() if value},
        "preferredLanguage": record.language,
        "emails": [{"value": record.mail, "type": "work", "primary": True}] if record.mail else None,
    }
    user = {key: value for key, value in user.items() if value not in (None, {})}
    if extended:
        user["schemas"].append(EXTENSION)
        user[EXTENSION] = _extension(record)
    return user


def _extension(record: Record) -> dict[str, Any]:
    known = record.as_dict()
    return {key: known[key] for key in ("enterprise", "ssin", "grants") if key in known}
