"""The guard as a process: sockets, the view's loading, the keeper, and a watch on slapd's life."""

from __future__ import annotations

import contextlib
import gc
import signal
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import structlog

from um_directory.directory.client import DirectoryClient
from um_directory.directory.load import load_view
from um_directory.errors import StateDirectoryError, UmError
from um_directory.guard.actor import SERVICE_NAME
from um_directory.guard.control import answer
from um_directory.guard.door import Door
from um_directory.guard.keeper import Keeper, differing
from um_directory.guard.record import Record
from um_directory.guard.server import SocketServer
from um_directory.guard.translations import translate
from um_directory.lock import exclusive
from um_directory.model.tree import Tree
from um_directory.settings import Settings
from um_directory.view import View

_RETRY_SECONDS = 1.0
_SYNC_SECONDS = 1.0
_COLLECT = (50_000, 20, 50)  # rarely: a collection is a pause in which slapd waits, and little here is cyclic


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A view, and the accounts in it that are not as they should be."""

    view: View
    differing: set[str]


class GuardProcess:
    """Runs until SIGTERM or SIGINT.

    A view belongs to one life of slapd: a killed slapd may have committed writes that it never told of. So the
    guard keeps an idle connection to slapd; when that ends, writes are refused until the view is loaded anew.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server = SocketServer(settings.guard_deadline_seconds)
        self._keeper = Keeper(self._connect_keeper)
        self._record = Record(settings.audit_dir)
        self._door = Door(self._touched, translate, self._record)
        self._sentinel: socket.socket | None = None
        self._loaded: tuple[int, _Loaded | None] | None = None
        self._life = 0  # counts slapd's lives, so that a view loaded from an earlier one is not taken
        self._loading = False
        self._wake_up, self._woken = socket.socketpair()
        self._next_try = 0.0
        self._ended = threading.Event()
        self._log = structlog.get_logger()

    def run(self) -> None:
        """Serve until told to stop.

        :raises StateDirectoryError: the sockets cannot be made.
        :raises Busy: another guard serves this state directory.
        """
        with exclusive(self._settings.run_dir, "guard"):
            self._run()

    def _run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop())
        try:
            self._server.listen(self._settings.write_socket, self._door.answer_write)
            self._server.listen(
                self._settings.commit_socket,
                self._door.answer_commit,
                afterwards=self._door.follow,
                on_lost=self._door.lose_commit,
            )
            self._server.listen(
                self._settings.control_socket, lambda raw: answer(raw, self._door.view), in_background=True
            )
        except OSError as error:
            raise StateDirectoryError(
                f"{self._settings.run_dir}: cannot make the guard's sockets: {error.strerror}"
            ) from error
        gc.set_threshold(*_COLLECT)
        self._keeper.start()
        threading.Thread(target=self._sync_record, name="record", daemon=True).start()
        self._server.watch(self._woken, self._drain)
        try:
            self._tick()
            self._server.run(self._tick, lambda: self._sentinel)
        finally:
            self._ready_file().unlink(missing_ok=True)
            self._server.close()
            self._keeper.stop()
            self._ended.set()
            self._sync_once()

    def _connect_keeper(self) -> DirectoryClient:
        """A connection on which the service acts for itself (A6)."""
        client = DirectoryClient.bind_external(self._settings.ldapi_url)
        try:
            client.act(acting_for=Tree(self._settings.suffix).service(SERVICE_NAME))
        except UmError:
            client.close()
            raise
        return client

    def _sync_record(self) -> None:
        """In a thread of its own: a disk may take its time."""
        while not self._ended.wait(_SYNC_SECONDS):
            self._sync_once()

    def _sync_once(self) -> None:
        try:
            self._record.sync()
        except OSError as error:
            self._log.error("the audit record is not on the disk yet", reason=error.strerror)

    def _touched(self, uids: set[str]) -> None:
        if self._door.view is not None:
            self._keeper.compare(self._door.view, uids)

    def _stop(self) -> None:
        self._server.stop()
        self._wake_up.send(b"!")

    def _drain(self) -> None:
        self._woken.recv(64)

    def _ready_file(self) -> Path:
        return self._settings.run_dir / "guard.ready"

    def _tick(self) -> None:
        """Move the loading on: begin when there is no view, take a finished one into use."""
        if self._loaded is not None:
            (life, loaded), self._loaded, self._loading = self._loaded, None, False
            if loaded is not None and life == self._life:
                self._take(loaded)
        if (self._door.view is None or self._door.suspect) and not self._loading:
            self._begin_load()

    def _take(self, loaded: _Loaded) -> None:
        touched = self._door.finish_load(loaded.view)
        if touched is None:
            return
        self._keeper.begin_anew(loaded.view, touched | loaded.differing)
        gc.freeze()  # what was loaded stays: no collection need look through a million objects again
        self._ready_file().touch()
        view = loaded.view
        self._log.info("guard ready", accounts=len(view.accounts), enterprises=len(view.enterprises))

    def _begin_load(self) -> None:
        if time.monotonic() < self._next_try:
            return
        self._next_try = time.monotonic() + _RETRY_SECONDS
        self._ready_file().unlink(missing_ok=True)
        self._door.begin_load()
        if self._sentinel is None and not self._watch_slapd():
            return
        self._loading = True
        threading.Thread(target=self._load, args=(self._life,), name="load", daemon=True).start()

    def _load(self, life: int) -> None:
        """In a thread of its own: the loop must go on refusing."""
        loaded = None
        try:
            with DirectoryClient.bind_external(self._settings.ldapi_url) as client:
                client.who_am_i()  # the door sees it, and so learns which connections are older than this guard
                view = load_view(client, self._settings.suffix, readings=self._settings.readings)
            loaded = _Loaded(view, differing(view))
        except UmError as error:
            self._log.warning("cannot load the view yet", reason=str(error))
        except Exception:  # noqa: BLE001 - whatever it was, the next try may go better
            self._log.exception("cannot load the view")
        self._loaded = (life, loaded)
        self._wake_up.send(b"!")

    def _watch_slapd(self) -> bool:
        sentinel = socket.socket(socket.AF_UNIX)
        try:
            sentinel.connect(str(self._settings.run_dir / "ldapi"))
        except OSError as error:
            sentinel.close()
            self._log.info("slapd is not there yet", reason=error.strerror)
            return False
        sentinel.setblocking(False)
        self._sentinel = sentinel
        self._server.watch(sentinel, self._slapd_ended)
        return True

    def _slapd_ended(self) -> None:
        if self._sentinel is None:
            return
        self._server.unwatch(self._sentinel)
        with contextlib.suppress(OSError):
            self._sentinel.close()
        self._sentinel = None
        self._log.warning("slapd ended; writes are refused until the view is loaded anew")
        self._life += 1
        self._ready_file().unlink(missing_ok=True)
        self._door.begin_load()
        self._door.sessions.begin_life()
        self._next_try = 0.0
