"""A view of the directory that content synchronisation keeps up to date.

One thread of its own follows the directory; others read under `reading`. A lock, rather than a queue to the
one thread, lets a whole comparison go through a million accounts in slices while changes keep coming in
between. Readers get nothing until a refresh is whole: each connection fills a new view, which takes the old
one's place when the directory has said that it is complete, so nothing is planned from half a reading.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from contextvars import copy_context
from typing import TypeAlias

import structlog

from um_directory.directory.content_sync import ContentSync, Message, Subscription
from um_directory.directory.sync_messages import Deleted, Present, RefreshDone
from um_directory.errors import UmError
from um_directory.model.readings import DEFAULT, Readings
from um_directory.model.tree import Kind
from um_directory.propagation.retry import pauses
from um_directory.propagation.wanted import KEEP
from um_directory.view import View

Touched: TypeAlias = Set[str] | None
"""Usernames whose records may have changed; None (`EVERYTHING`) for all."""
EVERYTHING: Touched = None
_LONGEST_PAUSE = 5.0  # seconds; asking a directory whether it is back costs little

_CLASSES = (
    "umAccount",
    "umRoleGroup",
    "umAuthorization",
    "umEnterprise",
    "umCapacity",
    "umCapacityDefinition",
    "umApplication",
)
_ATTRIBUTES = (
    "umSsin",
    "sn",
    "givenName",
    "mail",
    "preferredLanguage",
    "member",
    "umBlockedMember",
    "umOffersApplication",
)
_CATALOGUE = {Kind.CATALOGUE_CAPACITY, Kind.CATALOGUE_APPLICATION}


def subscription(suffix: str) -> Subscription:
    """The entries and attributes that `wanted` needs: nothing of the register, no passwords."""
    alternatives = "".join(f"(objectClass={name})" for name in _CLASSES)
    return Subscription(suffix, f"(|{alternatives})", _ATTRIBUTES)


class Reading:
    """One connection's view, and the DN of each entryUUID in it: deletions name only the UUID."""

    def __init__(self, suffix: str, readings: Readings = DEFAULT) -> None:
        self.view = View(suffix, keep=KEEP, readings=readings)
        self.complete = False
        self._suffix = "," + suffix
        self._names: dict[bytes, str] = {}  # without the suffix: it is the same a million times

    def take(self, message: Message) -> Touched:
        """Take in one message; returns whose records it touches."""
        match message:
            case Present(dn, uuid, attributes):
                self._names[uuid] = dn.removesuffix(self._suffix)
                return self._touched(dn, self.view.put(dn, attributes))
            case Deleted(uuid):
                name = self._names.pop(uuid, None)
                if name is None:
                    return frozenset()
                return self._touched(name + self._suffix, self.view.remove(name + self._suffix))
            case RefreshDone():
                self.complete = True
        return EVERYTHING

    def _touched(self, dn: str, usernames: set[str]) -> Touched:
        # What a capacity offers changes the records of everybody in it.
        return EVERYTHING if self.view.place(dn).kind in _CATALOGUE else usernames

    @property
    def is_empty(self) -> bool:
        """Nobody holds any role: a directory just made, or a reading that went wrong."""
        return not self.view.accounts or not any(
            enterprise.groups or enterprise.capacities for enterprise in self.view.enterprises.values()
        )


def read_once(
    suffix: str, connect: Callable[[Subscription], ContentSync], readings: Readings = DEFAULT
) -> Reading:
    """Read the directory whole, now.

    :raises DirectoryUnavailable: see `ContentSync`.
    :raises OperationRefused: see `ContentSync`.
    """
    reading = Reading(suffix, readings)
    with connect(subscription(suffix)) as sync:
        for batch in sync.batches():
            for message in batch:
                reading.take(message)
            if reading.complete:
                break
    return reading


class Mirror:
    """Follows the directory in a thread. `touched` is called there, after each batch of changes."""

    def __init__(
        self,
        suffix: str,
        connect: Callable[[Subscription], ContentSync],
        touched: Callable[[Touched], None],
        readings: Readings = DEFAULT,
    ) -> None:
        self._suffix = suffix
        self._readings = readings
        self._connect = connect
        self._notify = touched
        self._lock = threading.Lock()
        self._reading: Reading | None = None
        self._sync: ContentSync | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._run,), name="mirror", daemon=True
        )
        self._log = structlog.get_logger()
        self.complete = threading.Event()
        """Set once a reading was whole, after that was told."""

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Stop following. What was read stays readable."""
        self._stop.set()
        if self._sync is not None:
            self._sync.interrupt()
        self._thread.join(timeout=5)

    @contextmanager
    def reading(self) -> Iterator[Reading | None]:
        """The last whole reading, kept still meanwhile; None before there is one. Be quick."""
        with self._lock:
            yield self._reading

    def _run(self) -> None:
        waits = pauses(longest=_LONGEST_PAUSE)
        while not self._stop.is_set():
            before = self._reading
            try:
                with self._connect(subscription(self._suffix)) as sync:
                    self._sync = sync
                    if not self._stop.is_set():  # else `stop` may have come too early to interrupt it
                        self._follow(sync)
            except UmError as error:
                reason = str(error)
            except Exception:  # noqa: BLE001 - whatever it is, reading anew mends it, and the thread must not die
                reason = "unexpected error"
                self._log.exception(reason)
            if self._stop.is_set():
                return
            if self._reading is not before:  # it worked for a while
                waits = pauses(longest=_LONGEST_PAUSE)
            wait = next(waits)
            self._log.warning(
                "the directory is away; until it is read whole again, the last whole reading counts",
                reason=reason,
                retry_seconds=round(wait, 1),
            )
            self._stop.wait(wait)

    def _follow(self, sync: ContentSync) -> None:
        reading = Reading(self._suffix, self._readings)
        for batch in sync.batches():
            with self._lock:  # nobody else sees the reading before it is adopted, but the lock is free then
                touched = _union(reading.take(message) for message in batch)
            if not reading.complete:
                continue
            if self._reading is not reading:
                self._adopt(reading)
            if touched is None or touched:
                self._notify(touched)
            self.complete.set()

    def _adopt(self, reading: Reading) -> None:
        with self._lock:
            self._reading = reading
        self._log.info(
            "directory read",
            accounts=len(reading.view.accounts),
            enterprises=len(reading.view.enterprises),
        )


def _union(parts: Iterator[Touched]) -> Touched:
    found: set[str] = set()
    everything = False
    for part in parts:  # every part is taken in, whatever the others say
        if part is None:
            everything = True
        else:
            found |= part
    return EVERYTHING if everything else found
