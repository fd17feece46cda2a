"""The guard's socket loop: Unix sockets, one thread, no waiting for anybody.

A request that is not whole within the deadline is answered with a refusal, as is everything that still waits when
the guard stops: only a missing answer could be taken for a yes. Nobody can make another wait for long: nothing
blocks, connections and the memory they hold are bounded, and when there are too many the oldest silent one goes.
"""

from __future__ import annotations

import contextlib
import errno
import resource
import select
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from um_directory.guard import messages

_CHUNK = 1 << 16
_BACKLOG = 1024
_MOST_CONNECTIONS = 2048
_OTHER_DESCRIPTORS = 128  # what the rest of the process needs
_MOST_BYTES = 4 * messages.MAX_REQUEST_BYTES  # held for all connections together
_ACCEPTED_A_TURN = 64
_TICK_SECONDS = 0.5
_FEW = 8
_MOMENT = struct.pack("@ll", 0, 1000)  # a struct timeval: 1 ms
_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)

Answer = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True, eq=False)
class _Listener:
    socket: socket.socket
    path: Path
    answer: Answer
    afterwards: Callable[[], None]
    on_lost: Callable[[bytes], bytes]
    in_background: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Handler:
    in_background: bool
    serve: Callable[[], None]


@dataclass(slots=True, eq=False)
class _Pending:
    """A connection: first what came of its request, then what is left to be sent of the answer."""

    connection: socket.socket
    listener: _Listener
    since: float
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0
    tail: bytes = b""
    unsent: memoryview | None = None
    open: bool = True


class SocketServer:
    """Serves `answer(request) -> reply` on Unix sockets until `stop` is called (from the same thread)."""

    def __init__(self, deadline_seconds: float) -> None:
        self._deadline = deadline_seconds
        self._most = _room_for_connections()
        self._poll = (
            select.epoll()
        )  # rather than a selector, which costs as much again as a question does here
        self._handlers: dict[int, _Handler] = {}
        self._listeners: list[_Listener] = []
        self._pending: dict[_Pending, None] = {}  # the oldest first
        self._held = 0  # bytes of all pending requests and answers
        self._running = False
        self._log = structlog.get_logger()

    def listen(
        self,
        path: Path,
        answer: Answer,
        afterwards: Callable[[], None] = lambda: None,
        on_lost: Callable[[bytes], bytes] = lambda refusal: refusal,
        in_background: bool = False,
    ) -> None:
        """Open a socket at `path`, replacing a stale one, for this user only.

        `afterwards` is called once an answer has been sent, before anything else is served. `on_lost` is told of a
        request that was given up without its being whole, and with which refusal; it returns what is answered. What
        is `in_background` is served one at a time, after everything else.
        """
        path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX)
        listening.setblocking(False)
        listening.bind(str(path))
        path.chmod(0o600)
        listening.listen(_BACKLOG)
        listener = _Listener(listening, path, answer, afterwards, on_lost, in_background)
        self._listeners.append(listener)
        self._register(listening, select.EPOLLIN, _Handler(in_background, lambda: self._accept(listener)))

    def watch(self, source: socket.socket, on_readable: Callable[[], None]) -> None:
        """Call `on_readable` whenever `source` can be read, before any request of the same moment."""
        self._register(source, select.EPOLLIN, _Handler(False, on_readable))

    def unwatch(self, source: socket.socket) -> None:
        """Stop watching."""
        self._unregister(source)

    def _register(self, source: socket.socket, events: int, handler: _Handler) -> None:
        number = source.fileno()
        self._handlers[number] = handler
        self._poll.register(number, events)

    def _unregister(self, source: socket.socket) -> None:
        number = source.fileno()
        del self._handlers[number]
        self._poll.unregister(number)

    def run(self, on_tick: Callable[[], None], priority: Callable[[], socket.socket | None]) -> None:
        """Serve until `stop`. `on_tick` is called at least twice a second; `priority` names the first to serve."""
        self._running = True
        while self._running:
            ready = [number for number, _ in self._poll.poll(_TICK_SECONDS)]
            if len(ready) > 1:
                ready = self._in_order(ready, priority())
            self._serve(ready)
            if self._pending:
                self._expire()
            on_tick()

    def _in_order(self, ready: list[int], first: socket.socket | None) -> list[int]:
        number = first.fileno() if first else -1
        return sorted(ready, key=lambda item: (self._handlers[item].in_background, item != number))

    def _serve(self, ready: list[int]) -> None:
        for number in ready:
            handler = self._handlers.get(number)
            if handler is None:
                continue  # given up in this same turn
            handler.serve()
            if handler.in_background:
                return  # the others of its kind are ready in the next turn too

    def stop(self) -> None:
        """Leave `run` after the requests at hand."""
        self._running = False

    def close(self) -> None:
        """Answer what still waits with a refusal, and remove the sockets."""
        for listener in self._listeners:
            listener.path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.socket.accept()
                    self._give_up(_Pending(connection, listener, 0), _STOPPING)
            listener.socket.close()
        for pending in list(self._pending):
            self._give_up(pending, _STOPPING)
        self._poll.close()

    # --- requests ---

    def _accept(self, listener: _Listener) -> None:
        """Take connections in, several in a row only while they have nothing to say."""
        for _ in range(1 if listener.in_background else _ACCEPTED_A_TURN):
            try:
                connection, _address = listener.socket.accept()
            except OSError as error:
                if error.errno in _NO_DESCRIPTOR:
                    self._make_room()
                return  # or the peer gave up
            if len(self._pending) >= self._most:
                self._make_room()
            chunk = self._first_bytes(connection)
            if chunk and chunk.endswith(messages.END):
                self._finish(connection, listener, chunk)
                return
            pending = _Pending(connection, listener, time.monotonic())
            if chunk is None:
                self._read(pending)
            else:
                self._take(pending, chunk)
            if not pending.open:
                return

    def _first_bytes(self, connection: socket.socket) -> bytes | None:
        """What a new connection says at once; None when it is still silent, or gone."""
        try:
            return connection.recv(_CHUNK, socket.MSG_DONTWAIT)
        except OSError:
            if len(self._pending) >= _FEW:
                return None
        # slapd writes its question right after it connects: waiting a moment here saves a turn of the loop.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _MOMENT)
        try:
            return connection.recv(_CHUNK)
        except OSError:
            return None  # `_read` finds out which

    def _finish(self, connection: socket.socket, listener: _Listener, whole: bytes) -> None:
        """Answer a request that came in one piece, as nearly all do."""
        reply = self._answer(listener, whole)
        try:
            sent = connection.send(reply, socket.MSG_DONTWAIT)
        except OSError:
            sent = 0  # the long way finds out whether it can still be sent
        if sent == len(reply):
            connection.close()
        else:
            self._send_later(_Pending(connection, listener, time.monotonic()), reply[sent:])
        listener.afterwards()

    def _make_room(self) -> None:
        oldest = next(iter(self._pending), None)
        if oldest is not None:
            self._give_up(oldest, _LATE)
        else:
            time.sleep(0.01)  # others of the process hold them all: do not run hot meanwhile

    def _read(self, pending: _Pending, flags: int = socket.MSG_DONTWAIT) -> None:
        if not pending.open:
            return  # given up in this same turn
        try:
            chunk = pending.connection.recv(_CHUNK, flags)
        except BlockingIOError:
            self._wait(pending)
            return
        except OSError:
            self._give_up(pending, _LATE)
            return
        self._take(pending, chunk)

    def _take(self, pending: _Pending, chunk: bytes) -> None:
        self._held += len(chunk)
        pending.size += len(chunk)
        pending.chunks.append(chunk)
        pending.tail = (pending.tail + chunk[-2:])[-2:]
        if not chunk:
            self._give_up(pending, _LATE, silently=not pending.size)
        elif pending.size > messages.MAX_REQUEST_BYTES or self._held > _MOST_BYTES:
            self._give_up(pending, _TOO_LARGE)
        elif pending.tail == messages.END:
            self._reply(pending, self._answer(pending.listener, b"".join(pending.chunks)))
            pending.listener.afterwards()
        else:
            self._wait(pending)

    def _wait(self, pending: _Pending) -> None:
        if pending not in self._pending:
            self._pending[pending] = None
            handler = _Handler(pending.listener.in_background, lambda: self._read(pending))
            self._register(pending.connection, select.EPOLLIN, handler)

    def _answer(self, listener: _Listener, whole: bytes) -> bytes:
        try:
            return listener.answer(whole)
        except Exception:  # noqa: BLE001 - one request must not end the guard
            self._log.exception("a request could not be answered; refused")
            return listener.on_lost(_FAILED)

    def _give_up(self, pending: _Pending, reply: bytes, silently: bool = False) -> None:
        """Refuse what is not whole. Who closed without a word (`silently`) wanted nothing."""
        if pending.open and pending.unsent is None and not silently:
            reply = pending.listener.on_lost(reply)
            with contextlib.suppress(OSError):
                pending.connection.send(reply, socket.MSG_DONTWAIT)
        self._close(pending)

    # --- answers ---

    def _reply(self, pending: _Pending, reply: bytes) -> None:
        """Send at once what fits, which slapd's answers always do, and the rest when it can be taken."""
        try:
            sent = pending.connection.send(reply, socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        except OSError:
            sent = len(reply)  # nobody is there any more
        if sent == len(reply):
            self._close(pending)
        else:
            self._send_later(pending, reply[sent:])

    def _send_later(self, pending: _Pending, rest: bytes) -> None:
        self._let_go_of_request(pending)
        pending.unsent = memoryview(rest)
        pending.size = len(pending.unsent)
        self._held += pending.size
        if pending in self._pending:
            del self._pending[pending]
            self._unregister(pending.connection)
        pending.since = time.monotonic()
        self._pending[pending] = None
        handler = _Handler(pending.listener.in_background, lambda: self._send_on(pending))
        self._register(pending.connection, select.EPOLLOUT, handler)

    def _send_on(self, pending: _Pending) -> None:
        if not pending.open or pending.unsent is None:
            return
        try:
            sent = pending.connection.send(pending.unsent, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            self._close(pending)
            return
        pending.unsent = pending.unsent[sent:]
        if not pending.unsent:
            self._close(pending)

    def _let_go_of_request(self, pending: _Pending) -> None:
        self._held -= pending.size
        pending.size = 0
        pending.chunks.clear()

    def _close(self, pending: _Pending) -> None:
        if not pending.open:
            return
        pending.open = False
        self._let_go_of_request(pending)
        if pending in self._pending:
            del self._pending[pending]
            self._unregister(pending.connection)
        pending.connection.close()

    def _expire(self) -> None:
        oldest = time.monotonic() - self._deadline
        while (pending := next(iter(self._pending), None)) is not None and pending.since < oldest:
            self._give_up(pending, _LATE)


def _room_for_connections() -> int:
    """How many connections to hold at once, after asking the system for as many descriptors as that takes."""
    wanted = _MOST_CONNECTIONS + _OTHER_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return max(_FEW, min(_MOST_CONNECTIONS, soft - _OTHER_DESCRIPTORS))


_LATE = messages.refusal(messages.UNAVAILABLE, "G0: the request was not whole in time; nothing was written")
_TOO_LARGE = messages.refusal(messages.UNAVAILABLE, "G0: the request is too large; nothing was written")
_FAILED = messages.refusal(messages.UNAVAILABLE, "G0: the guard failed; nothing was written")
_STOPPING = messages.refusal(messages.UNAVAILABLE, "G0: the guard is stopping; nothing was written")
