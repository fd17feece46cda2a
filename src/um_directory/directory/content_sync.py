"""RFC 4533 content synchronisation: first everything that matches, then every change within milliseconds.

ldap3 has no strategy that hands over a search which never ends, so this opens and binds an ldap3 connection,
sends the search on it, and reads the answers from its socket itself. Every connection starts with a whole
refresh: no cookie is kept, so there is no state that could be wrong.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeAlias

import ldap3
from ldap3.core.exceptions import LDAPExceptionError
from ldap3.core.results import RESULT_CODES
from ldap3.operation.search import search_operation

from um_directory.directory import sync_messages as wire
from um_directory.directory.sync_messages import Deleted, Present, RefreshDone
from um_directory.errors import DirectoryUnavailable, OperationRefused, UmError

Message: TypeAlias = Present | Deleted | RefreshDone

_SUCCESS = 0
_REFRESH_AND_PERSIST = b"\x30\x03\x0a\x01\x03"  # syncRequestValue (RFC 4533 §2.2): mode 3, no cookie
_RECEIVE_BYTES = 1 << 18
_BIND_SECONDS = 30.0
_SILENCE_SECONDS = 60.0  # a refresh that stalls this long has failed; in the persist stage silence is normal


@dataclass(frozen=True, slots=True)
class Subscription:
    """What to follow: the subtree of `base`, the entries that match, and only these attributes of them."""

    base: str
    filter: str
    attributes: tuple[str, ...]


class ContentSync:
    """One connection that follows a subscription, used by one thread; any other may `interrupt` it.

    :raises DirectoryUnavailable: no server, or the connection was lost: begin again with a new one. Entries
        reported so far are complete only if `RefreshDone` was among them.
    :raises OperationRefused: the server will not do it (no such base, no syncprov overlay, no rights).
    """

    def __init__(self, connect: Callable[[], ldap3.Connection], subscription: Subscription) -> None:
        self._subscription = subscription
        try:
            self._connection = connect()
            self._socket: socket.socket = self._connection.socket
            self._message_id = self._connection.send("searchRequest", _search(subscription), [_CONTROL])
        except LDAPExceptionError as error:
            raise DirectoryUnavailable(f"the directory does not answer: {error}") from error

    def batches(self) -> Iterator[list[Message]]:
        """Yield what has arrived, as soon as it has. Never ends but by an error; `interrupt` causes one."""
        silence: float | None = _SILENCE_SECONDS
        buffer = bytearray()
        while data := self._receive(silence):
            buffer += data
            messages, used = self._decode(bytes(buffer))
            del buffer[:used]
            if any(isinstance(message, RefreshDone) for message in messages):
                silence = None
            if messages:
                yield messages
        raise DirectoryUnavailable("the directory closed the connection")

    def _receive(self, silence: float | None) -> bytes:
        try:
            self._socket.settimeout(silence)
            return self._socket.recv(_RECEIVE_BYTES)
        except OSError as error:
            raise DirectoryUnavailable(f"the connection to the directory was lost: {error}") from error

    def _decode(self, data: bytes) -> tuple[list[Message], int]:
        messages: list[Message] = []
        used = 0
        try:
            for message_id, operation, controls, end in wire.messages(data):
                used = end
                if message_id == self._message_id:
                    messages += wire.decode(operation, controls)
        except wire.SearchEnded as end:
            raise self._failure(end) from end
        except (ValueError, IndexError) as error:
            raise DirectoryUnavailable(f"the directory sent what is not RFC 4533: {error}") from error
        return messages, used

    def _failure(self, end: wire.SearchEnded) -> Exception:
        # A persistent search does not end by itself: even "success" means that there is no more to come.
        if end.code == _SUCCESS:
            return DirectoryUnavailable("the directory ended the synchronisation")
        name = RESULT_CODES.get(end.code, "unknown")
        words = f"content synchronisation refused: {end.diagnostic or name}"
        return OperationRefused(self._subscription.base, end.code, name, words)

    def interrupt(self) -> None:
        """Have the thread that is in `batches` end with an error, even if it waits. Never raises."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection. Never raises."""
        with contextlib.suppress(OSError, LDAPExceptionError):
            self._connection.strategy.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def external(url: str) -> Callable[[], ldap3.Connection]:
    """Connect over ldapi as the process's own user (SASL EXTERNAL).

    :raises UmError: the URL is not of a Unix socket, which alone says who we are.
    """
    if not url.lower().startswith("ldapi:"):
        raise UmError(f"{url}: the directory is followed as the service, which needs an ldapi:// URL")
    # The empty credentials are to be sent: without any, slapd asks for them in a further step.
    bind = {"authentication": ldap3.SASL, "sasl_mechanism": ldap3.EXTERNAL, "sasl_credentials": b""}
    return lambda: _open(url, **bind)


def _open(url: str, **bind: Any) -> ldap3.Connection:
    server = ldap3.Server(url, get_info=ldap3.NONE, connect_timeout=10)
    connection = ldap3.Connection(server, check_names=False, **bind)
    connection.open()
    # Not ldap3's receive_timeout: that is a socket option, which would outlast the timeouts set here.
    connection.socket.settimeout(_BIND_SECONDS)
    if not connection.bind():
        result = connection.result
        connection.unbind()
        raise OperationRefused(url, result["result"], result["description"], result.get("message") or "")
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # a silent peer may be gone
    return connection


_CONTROL = (wire.SYNC_REQUEST, True, _REFRESH_AND_PERSIST)


def _search(subscription: Subscription) -> Any:
    return search_operation(
        subscription.base,
        subscription.filter,
        ldap3.SUBTREE,
        ldap3.DEREF_NEVER,  # RFC 4533 §3.3: required
        list(subscription.attributes),
        size_limit=0,
        time_limit=0,
        types_only=False,
        auto_escape=False,
        auto_encode=False,
        schema=None,
        check_names=False,
    )
