"""The small LDAP client that everything of ours uses; ldap3 underneath.

Every write asks for the post-read (or, for a deletion, pre-read) control of RFC 4527 and does not believe a success
without it: slapd reports success for a write that never happened when its guard's connection breaks at the wrong
moment, and only the control proves that the write took place (docs/explanation/slapd.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

import ldap3
from ldap3.core.exceptions import (
    LDAPCommunicationError,
    LDAPException,
    LDAPMaximumRetriesError,
    LDAPResponseTimeoutError,
)
from ldap3.protocol.rfc4511 import AttributeSelection, LDAPString
from pyasn1.codec.ber import encoder

from um_directory.errors import DirectoryUnavailable, OperationRefused, UmError
from um_directory.model.operation import Add, Delete, Modify, Operation, Rename, SetPassword
from um_directory.model.roles import Role

_POST_READ = "1.3.6.1.1.13.2"
_PRE_READ = "1.3.6.1.1.13.1"
_SUCCESS, _COMPARE_FALSE, _COMPARE_TRUE, _SIZE_LIMIT = 0, 5, 6, 4
_OTHER = 80
_NO_GUARD = "could not open socket"
"""slapd's words when nobody listens where it asks about a write, or where it tells of one that it has done."""
_DECLARED = "A6:"
_SESSION = re.compile(r"\s*cn\s*=\s*session\s*,", re.IGNORECASE)
_LOST = (LDAPCommunicationError, LDAPMaximumRetriesError, LDAPResponseTimeoutError)
_KINDS = {
    "add": ldap3.MODIFY_ADD,
    "delete": ldap3.MODIFY_DELETE,
    "replace": ldap3.MODIFY_REPLACE,
    "increment": ldap3.MODIFY_INCREMENT,
}
_SCOPES = {"base": ldap3.BASE, "one": ldap3.LEVEL, "sub": ldap3.SUBTREE}


@dataclass(frozen=True, slots=True)
class Entry:
    """A found entry: values are the bytes on the wire."""

    dn: str
    attributes: dict[str, tuple[bytes, ...]]


class DirectoryClient:
    """One bound connection. Not thread-safe.

    :raises DirectoryUnavailable: from every method when the server is away or the connection is lost; the
        outcome of a write in flight is then not known.
    """

    def __init__(self, connection: ldap3.Connection) -> None:
        self._connection = connection

    @classmethod
    def bind_external(cls, url: str, timeout: float = 30) -> Self:
        """Connect over ldapi as the process's own user (SASL EXTERNAL)."""
        # Without credentials, not even empty ones, slapd would first ask for them (RFC 4422 §5).
        sasl = {"sasl_mechanism": ldap3.EXTERNAL, "sasl_credentials": b""}
        return cls._open(url, timeout, authentication=ldap3.SASL, **sasl)

    @classmethod
    def bind_simple(cls, url: str, dn: str, password: str, timeout: float = 30) -> Self:
        """Connect with a DN and a password.

        :raises OperationRefused: invalid credentials (49).
        """
        if not password:  # RFC 4513 §5.1.2: it would be an unauthenticated bind, and a success
            raise OperationRefused(dn, 49, "invalidCredentials", "an empty password is none")
        return cls._open(url, timeout, user=dn, password=password, authentication=ldap3.SIMPLE)

    @classmethod
    def _open(cls, url: str, timeout: float, **bind: Any) -> Self:
        with _translated(url):
            server = ldap3.Server(url, get_info=ldap3.NONE, connect_timeout=10)
            connection = ldap3.Connection(
                server, client_strategy=ldap3.SAFE_SYNC, receive_timeout=timeout, check_names=False, **bind
            )
            connection.open()
            _ok, result, *_rest = connection.bind()
        if result["result"] != _SUCCESS:
            connection.unbind()
            raise _refusal(bind.get("user", url), result)
        return cls(connection)

    def write(self, operation: Operation) -> None:
        """Carry out one write.

        :raises OperationRefused: by the server.
        :raises DirectoryUnavailable: also when the server cannot say whether it was done.
        """
        with _translated(operation.dn):
            result = self._send(operation)
        proof = _PRE_READ if isinstance(operation, Delete) else _POST_READ
        if result["result"] == _OTHER and result.get("message") == _NO_GUARD:
            raise self._unknown(operation.dn, "its guard does not answer")
        if result["result"] != _SUCCESS:
            raise _refusal(operation.dn, result)
        if isinstance(operation, SetPassword) or _is_declared(operation, result):
            return
        if proof not in (result.get("controls") or {}):
            raise self._unknown(
                operation.dn,
                "it reported success without proof of the write, as it does when its guard dies, or for an entry "
                "that one may not read",
            )

    def _unknown(self, dn: str, why: str) -> DirectoryUnavailable:
        """Nothing was written, or everything: slapd may answer twice, this and then the truth.

        The second answer must not be taken for that of the next write, so the connection ends here.
        """
        self.close()
        return DirectoryUnavailable(f"{dn}: whether the directory wrote this is not known: {why}")

    def _send(self, operation: Operation) -> dict[str, Any]:
        connection = self._connection
        match operation:
            case Add(dn, attributes):
                answer = connection.add(
                    dn,
                    attributes={k: list(v) for k, v in attributes.items()},
                    controls=[_control(_POST_READ)],
                )
            case Modify(dn, modifications):
                changes: dict[str, list[tuple[str, list[bytes]]]] = {}
                for change in modifications:
                    changes.setdefault(change.attribute, []).append(
                        (_KINDS[change.kind], list(change.values))
                    )
                answer = connection.modify(dn, changes, controls=[_control(_POST_READ)])
            case Delete(dn):
                answer = connection.delete(dn, controls=[_control(_PRE_READ)])
            case Rename(dn, new_rdn, delete_old, superior):
                answer = connection.modify_dn(
                    dn, new_rdn, delete_old, superior, controls=[_control(_POST_READ)]
                )
            case SetPassword(dn, password):
                text = password.decode() if password is not None else None
                ok = connection.extend.standard.modify_password(dn, None, text)
                result: dict[str, Any] = ok[1] if isinstance(ok, tuple) else connection.result
                return result
        return dict(answer[1])

    def act(
        self, acting_for: str | None = None, role: Role | None = None, capacity: str | None = None
    ) -> None:
        """Say for whom (a DN; the service only) and in which role this connection acts from now on (A6).

        :raises OperationRefused: by the guard, or reported as done without the guard's own words for it.
        """
        said = {"umActingFor": acting_for, "umActingRole": role, "umCapacityName": capacity}
        changes = {name: [(ldap3.MODIFY_REPLACE, [value])] for name, value in said.items() if value}
        base = f"cn=session,{self._suffix()}"
        with _translated(base):
            result = self._connection.modify(base, changes)[1]
        if result["result"] != _SUCCESS:
            raise _refusal(base, result)
        if not (result.get("message") or "").startswith(_DECLARED):
            raise OperationRefused(base, _OTHER, "other", "reported as done, but not by the guard")

    def _suffix(self) -> str:
        """The suffix of the main database: the logs beside it are named by cn."""
        for entry in self.search("", attributes=["namingContexts"], scope="base"):
            for value in entry.attributes.get("namingContexts", ()):
                if not value.lower().startswith(b"cn="):
                    return value.decode()
        raise UmError("the server does not say which suffix it serves")

    def who_am_i(self) -> str:
        """The identity that the server takes us for (RFC 4532)."""
        with _translated("who am i"):
            answer = self._connection.extend.standard.who_am_i()
        return str(answer[2] if isinstance(answer, tuple) else answer or "")

    def search(
        self,
        base: str,
        filter: str = "(objectClass=*)",  # noqa: A002 - the protocol's own word
        attributes: Iterable[str] = ("*",),
        scope: Literal["base", "one", "sub"] = "sub",
        page: int = 1000,
    ) -> Iterator[Entry]:
        """Yield the entries found, page by page (RFC 2696); a base that does not exist yields none.

        :raises OperationRefused: any other result than success; entries already yielded are then not all.
        """
        cookie: bytes | None = None
        while True:
            with _translated(base):
                _ok, result, response, _request = self._connection.search(
                    base,
                    filter,
                    _SCOPES[scope],
                    attributes=list(attributes),
                    paged_size=page if scope != "base" else None,
                    paged_cookie=cookie,
                )
            if result["result"] == 32:  # noqa: PLR2004 - noSuchObject
                return
            for item in response or ():
                if item.get("type") == "searchResEntry":
                    yield Entry(item["dn"], {k: tuple(v) for k, v in item["raw_attributes"].items()})
            if result["result"] != _SUCCESS:
                raise _refusal(base, result)
            paged = (result.get("controls") or {}).get("1.2.840.113556.1.4.319")
            cookie = paged["value"]["cookie"] if paged else None
            if not cookie:
                return

    def compare(self, dn: str, attribute: str, value: str) -> bool:
        """Ask whether the entry has the value (RFC 4511 §4.10)."""
        with _translated(dn):
            _ok, result, *_rest = self._connection.compare(dn, attribute, value)
        if result["result"] in (_COMPARE_TRUE, _COMPARE_FALSE):
            return bool(result["result"] == _COMPARE_TRUE)
        raise _refusal(dn, result)

    def schema_names(self) -> set[str]:
        """Every attribute type's names and OID, in lower case."""
        names: set[str] = set()
        entries = self.search("cn=Subschema", "(objectClass=subschema)", ["attributeTypes"], "base")
        for entry in entries:
            for value in entry.attributes.get("attributeTypes", ()):
                names |= _type_names(value.decode("utf-8", "replace"))
        return names

    def close(self) -> None:
        """Unbind. Never raises."""
        with suppress(LDAPException):
            self._connection.unbind()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _is_declared(operation: Operation, result: dict[str, Any]) -> bool:
    """Whether this was a declaration (A6): the guard's own words are its proof, for nothing is written."""
    text = result.get("message") or ""
    return isinstance(operation, Modify) and bool(_SESSION.match(operation.dn)) and text.startswith(_DECLARED)


def _type_names(definition: str) -> set[str]:
    words = definition.split()
    names = {words[1].lower()}
    if "NAME" in words:
        rest = words[words.index("NAME") + 1 :]
        quoted = rest[1 : rest.index(")")] if rest[0] == "(" else rest[:1]
        names |= {word.strip("'").lower() for word in quoted}
    return names


def _control(oid: str) -> tuple[str, bool, bytes]:
    # Only that the control comes back matters, so it asks for as little as it can.
    selection = AttributeSelection()
    selection[0] = LDAPString("entryUUID")
    return (oid, False, encoder.encode(selection))


@contextmanager
def _translated(where: str) -> Iterator[None]:
    try:
        yield
    except _LOST as error:
        raise DirectoryUnavailable(f"{where}: the directory does not answer: {error}") from error
    except LDAPException as error:  # ldap3's own complaint: nothing was sent
        raise OperationRefused(where, _OTHER, "other", str(error)) from error
    except (ValueError, OSError) as error:
        raise UmError(f"{where}: {error}") from error


def _refusal(where: str, result: dict[str, Any]) -> OperationRefused:
    return OperationRefused(where, result["result"], result["description"], result.get("message") or "")
