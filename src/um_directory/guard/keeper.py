"""Keeps on every account what follows from its roles: effective access (A1 to A5), and who may read it (S).

That is memberOf, umAccountStatus, umHolderIn and umManagerIn.

Level-triggered: whenever something touches an account, what is stored is compared with what should be, and the
difference is queued; the write's own commit comes back through the same comparison. So whatever order things
happen in, and after any crash, the last comparison wins.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Set
from typing import TypeAlias

import structlog

from um_directory.directory.client import DirectoryClient
from um_directory.errors import DirectoryUnavailable, OperationRefused, UmError
from um_directory.guard.rules.e08_withdrawn import BLOCKED
from um_directory.guard.withdrawn import ungrounded_roles
from um_directory.model.operation import Modification, Modify
from um_directory.model.roles import Role
from um_directory.view import Account, View
from um_directory.view.access import Access, as_stored, effective_access

_RETRY_SECONDS = 0.5
_FEW = 20
_AWAY = frozenset({52, 80})  # the guard is loading its view, or not there
_GONE = frozenset({16, 20, 32})  # noSuchAttribute, attributeOrValueExists, noSuchObject: nothing left to do

Writes: TypeAlias = tuple[Modify, ...]


class Keeper:
    """Two queues and the one thread that writes them out; everything else happens in the caller's thread.

    What follows from a change of a few accounts goes first: somebody waits for it, and a block must not stand
    behind the thousands of a load. An account stands in the queues once at most, with what its latest comparison
    found; a comparison that finds nothing takes it out. What could not be written waits by itself, in nobody's way.
    """

    def __init__(self, connect: Callable[[], DirectoryClient]) -> None:
        self._connect = connect
        self._urgent: OrderedDict[str, Writes] = OrderedDict()
        self._bulk: OrderedDict[str, Writes] = OrderedDict()
        self._later: OrderedDict[str, tuple[float, Writes]] = OrderedDict()
        self._changed = threading.Condition()
        self._writing: str | None = None
        self._stopping = False
        self._client: DirectoryClient | None = None
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self._log = structlog.get_logger()

    def start(self) -> None:
        """Start writing."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; what is still queued is found again at the next start."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout=5)

    def compare(self, view: View, uids: Set[str]) -> None:
        """Queue what differs between what is stored for these accounts and what should be."""
        found = {uid: _writes(view, uid) for uid in uids}
        with self._changed:
            queue = self._urgent if len(uids) <= _FEW else self._bulk
            for uid, writes in found.items():
                for old in (self._urgent, self._bulk, self._later):
                    old.pop(uid, None)
                if uid == self._writing:
                    self._writing = None  # this comparison is newer than what is being written
                if writes:
                    queue[uid] = writes
            self._changed.notify()

    def begin_anew(self, view: View, uids: Set[str]) -> None:
        """Forget what an earlier view asked for; `uids` are those that differ in this one (see `differing`)."""
        with self._changed:
            for queue in (self._urgent, self._bulk, self._later):
                queue.clear()
            self._writing = None
        self.compare(view, uids)

    def _run(self) -> None:
        while (item := self._next()) is not None:
            uid, writes = item
            rest = self._write_all(writes)
            with self._changed:
                if rest and self._writing == uid:
                    self._later[uid] = (time.monotonic() + _RETRY_SECONDS, rest)
                self._writing = None
        if self._client is not None:
            self._client.close()

    def _next(self) -> tuple[str, Writes] | None:
        """Wait for work; None when it is time to stop."""
        with self._changed:
            while not self._stopping:
                now = time.monotonic()
                while self._later and next(iter(self._later.values()))[0] <= now:
                    uid, (_due, writes) = self._later.popitem(last=False)
                    self._bulk[uid] = writes
                queue = self._urgent or self._bulk
                if queue:
                    item = queue.popitem(last=False)
                    self._writing = item[0]
                    return item
                due = next(iter(self._later.values()))[0] - now if self._later else None
                self._changed.wait(due)
            return None

    def _write_all(self, writes: Writes) -> Writes:
        """Write in order; returns what must be tried again."""
        for position, operation in enumerate(writes):
            if not self._write(operation):
                return writes[position:]
        return ()

    def _write(self, operation: Modify) -> bool:
        """Write; False when it must be tried again."""
        try:
            if self._client is None:
                self._client = self._connect()
            self._client.write(operation)
        except OperationRefused as error:
            if error.code not in _GONE:
                self._log.warning("effective access not written yet", dn=operation.dn, reason=str(error))
                if error.rule == "A6":
                    self._disconnect()  # the guard no longer knows that this connection is the service's own
                if error.code in _AWAY:
                    self._pause()
                return False
        except (DirectoryUnavailable, UmError) as error:
            self._log.warning("the directory is away; effective access waits", reason=str(error))
            self._disconnect()
            self._pause()
            return False
        return True

    def _disconnect(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _pause(self) -> None:
        """Nobody can be served now: do not run through the whole queue to find that out."""
        with self._changed:
            if not self._stopping:
                self._changed.wait(_RETRY_SECONDS)


def differing(view: View) -> set[str]:
    """The accounts of a newly loaded view that are not as they should be: few, unless much happened unseen."""
    return {uid for uid in view.accounts if _writes(view, uid)}


def _writes(view: View, uid: str) -> Writes:
    """What brings an account's entry in line: its access first, then the end of grants it can no longer have."""
    account = view.accounts.get(uid)
    if account is None:
        return ()
    dn = view.tree.account(account.enterprise, uid)
    access = effective_access(view, uid)
    differs = _stored(account) != access
    return (
        *([_store(view, account, access)] if differs else []),
        *_stale_grants(view, uid, dn),
        *_withdrawn_roles(view, uid, dn),
    )


def _stored(account: Account) -> Access:
    return Access(account.access, account.active, account.holder_in, account.manager_in)


def _store(view: View, account: Account, access: Access) -> Modify:
    """What differs, and the status always: an account that is new has none."""
    before = as_stored(view.tree, account.enterprise, _stored(account))
    wanted = as_stored(view.tree, account.enterprise, access)
    changes = (
        Modification("replace", name, found)
        for name, found in wanted.items()
        if found != before[name] or name == "umAccountStatus"
    )
    return Modify(view.tree.account(account.enterprise, account.uid), tuple(changes))


def _withdrawn_roles(view: View, uid: str, dn: str) -> Iterator[Modify]:
    """The block of roles whose ground the register took away, where the site has chosen that (E8)."""
    if view.readings.e8_withdrawn != "block":
        return
    for held, found in ungrounded_roles(view, uid):
        if held.state == "active" and held.role in BLOCKED:
            who = (dn.encode(),)
            yield Modify(
                found.dn, (Modification("delete", "member", who), Modification("add", "umBlockedMember", who))
            )


def _stale_grants(view: View, uid: str, dn: str) -> Iterator[Modify]:
    """Authorizations of who is no longer a user of the capacity: removing a role ends what hangs on it."""
    enterprise = view.enterprises.get(view.accounts[uid].enterprise)
    for capacity, application in enterprise.grants_of(uid) if enterprise else ():
        assert enterprise is not None
        users = enterprise.capacities[capacity].groups.get(Role.USER)
        if users is not None and users.state(uid):
            continue
        holders = enterprise.capacities[capacity].authorizations[application]
        attribute = "umBlockedMember" if uid in holders.blocked else "member"
        group = (
            f"cn={application},ou=authorizations,umCapacityName={capacity},"
            f"{view.tree.enterprise(enterprise.number)}"
        )
        yield Modify(group, (Modification("delete", attribute, (dn.encode(),)),))
