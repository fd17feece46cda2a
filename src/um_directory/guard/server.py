"""The guard's socket loop: two Unix sockets, one thread, no waiting for anybody.

A request that is not whole within the deadline is answered with a refusal, as is everything that still waits when
the guard stops: only a missing answer could be taken for a yes.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from um_directory.guard import messages

_CHUNK = 1 << 16
_BACKLOG = 1024
_MAX_CONNECTIONS = 2048
_TICK_SECONDS = 0.5
_FEW = 8
_MOMENT = struct.pack("@ll", 0, 1000)  # a struct timeval: 1 ms


@dataclass(slots=True, eq=False)
class _Pending:
    connection: socket.socket
    answer: Callable[[bytes], bytes]
    since: float
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0
    tail: bytes = b""


class SocketServer:
    """Serves `answer(request) -> reply` on Unix sockets until `stop` is called (from the same thread)."""

    def __init__(self, deadline_seconds: float) -> None:
        self._deadline = deadline_seconds
        self._selector = selectors.DefaultSelector()
        self._listeners: list[tuple[socket.socket, Path]] = []
        self._pending: dict[int, _Pending] = {}
        self._running = False

    def listen(self, path: Path, answer: Callable[[bytes], bytes]) -> None:
        """Open a socket at `path`, replacing a stale one, for this user only."""
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.setblocking(False)
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(_BACKLOG)
        self._listeners.append((listener, path))
        self._selector.register(listener, selectors.EVENT_READ, lambda: self._accept(listener, answer))

    def watch(self, source: socket.socket, on_readable: Callable[[], None]) -> None:
        """Call `on_readable` whenever `source` can be read, before any request of the same moment."""
        self._selector.register(source, selectors.EVENT_READ, on_readable)

    def unwatch(self, source: socket.socket) -> None:
        """Stop watching."""
        self._selector.unregister(source)

    def run(self, on_tick: Callable[[], None], priority: Callable[[], socket.socket | None]) -> None:
        """Serve until `stop`. `on_tick` is called at least twice a second; `priority` names the first to serve."""
        self._running = True
        while self._running:
            ready = self._selector.select(_TICK_SECONDS)
            first = priority()
            for key, _ in sorted(ready, key=lambda item: item[0].fileobj is not first):
                key.data()
            self._expire()
            on_tick()

    def stop(self) -> None:
        """Leave `run` after the requests at hand."""
        self._running = False

    def close(self) -> None:
        """Answer what still waits with a refusal, and remove the sockets."""
        for listener, path in self._listeners:
            path.unlink(missing_ok=True)
            with contextlib.suppress(BlockingIOError):
                while True:
                    connection, _ = listener.accept()
                    self._finish(connection, _STOPPING)
            listener.close()
        for pending in list(self._pending.values()):
            self._drop(pending, _STOPPING)
        self._selector.close()

    def _accept(self, listener: socket.socket, answer: Callable[[bytes], bytes]) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:  # the peer gave up, or no descriptor is free: the next tick tries again
            return
        pending = _Pending(connection, answer, time.monotonic())
        if len(self._pending) >= _MAX_CONNECTIONS:
            self._drop(next(iter(self._pending.values())), _LATE)
        if len(self._pending) < _FEW:
            # slapd writes its question right after it connects: waiting a moment here saves a turn of the loop.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _MOMENT)
            self._read(pending, flags=0)
        else:
            self._read(pending)

    def _read(self, pending: _Pending, flags: int = socket.MSG_DONTWAIT) -> None:
        connection = pending.connection
        try:
            chunk = connection.recv(_CHUNK, flags)
        except BlockingIOError:
            self._wait(pending)
            return
        except OSError:
            self._drop(pending, _LATE)
            return
        pending.chunks.append(chunk)
        pending.size += len(chunk)
        pending.tail = (pending.tail + chunk[-2:])[-2:]
        if not chunk or pending.size > messages.MAX_REQUEST_BYTES:
            self._drop(pending, _LATE)
        elif pending.tail == messages.END:
            self._drop(pending, pending.answer(b"".join(pending.chunks)))
        else:
            self._wait(pending)

    def _wait(self, pending: _Pending) -> None:
        number = pending.connection.fileno()
        if number not in self._pending:
            self._pending[number] = pending
            self._selector.register(pending.connection, selectors.EVENT_READ, lambda: self._read(pending))

    def _drop(self, pending: _Pending, reply: bytes) -> None:
        if self._pending.pop(pending.connection.fileno(), None) is not None:
            self._selector.unregister(pending.connection)
        self._finish(pending.connection, reply)

    def _finish(self, connection: socket.socket, reply: bytes) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(reply)
        connection.close()

    def _expire(self) -> None:
        if not self._pending:
            return
        oldest = time.monotonic() - self._deadline
        for pending in [item for item in self._pending.values() if item.since < oldest]:
            self._drop(pending, _LATE)


_LATE = messages.refusal(messages.UNAVAILABLE, "G0: the request was not whole in time; nothing was written")
_STOPPING = messages.refusal(messages.UNAVAILABLE, "G0: the guard is stopping; nothing was written")
