"""Keeps `memberOf` and `umAccountStatus` on every account equal to its effective access (A1 to A5).

Level-triggered: whenever something touches an account, what is stored is compared with what should be, and the
difference is queued; the write's own commit comes back through the same comparison. So whatever order things
happen in, and after any crash, the last comparison wins.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Set
from typing import TypeAlias

import structlog

from um_directory.directory.client import DirectoryClient
from um_directory.errors import DirectoryUnavailable, OperationRefused, UmError
from um_directory.model.operation import Modification, Modify
from um_directory.model.roles import Role
from um_directory.view import View
from um_directory.view.access import Access, effective_access

_RETRY_SECONDS = 0.5
_FEW = 20
_GONE = frozenset({16, 20, 32})  # noSuchAttribute, attributeOrValueExists, noSuchObject: nothing left to do

Key: TypeAlias = tuple[str, str]


class Keeper:
    """Two queues and the one thread that writes them out; everything else happens in the caller's thread.

    What follows from a change of a few accounts goes first: somebody waits for it, and a block must not stand
    behind the thousands of a load.
    """

    def __init__(self, connect: Callable[[], DirectoryClient]) -> None:
        self._connect = connect
        self._urgent: OrderedDict[Key, Modify] = OrderedDict()
        self._bulk: OrderedDict[Key, Modify] = OrderedDict()
        self._changed = threading.Condition()
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
        wanted: dict[Key, Modify] = {}
        for uid in uids:
            account = view.accounts.get(uid)
            if account is None:
                continue
            dn = view.tree.account(account.enterprise, uid)
            access = effective_access(view, uid)
            if (account.access, account.active) != (access.applications, access.active):
                wanted[dn, ""] = _store(view, dn, access)
            wanted.update(_stale_grants(view, uid, dn))
        if wanted:
            queue = self._urgent if len(uids) <= _FEW else self._bulk
            with self._changed:
                for key in wanted:  # only the latest comparison of an account counts
                    self._urgent.pop(key, None)
                    self._bulk.pop(key, None)
                queue.update(wanted)
                self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not (self._urgent or self._bulk or self._stopping):
                    self._changed.wait()
                if self._stopping:
                    break
                queue = self._urgent or self._bulk
                key, operation = queue.popitem(last=False)
            if not self._write(operation):
                with self._changed:
                    # A newer comparison of the same account wins over this one.
                    if key not in self._urgent and key not in self._bulk:
                        queue[key] = operation
                    self._changed.wait(_RETRY_SECONDS)
        if self._client is not None:
            self._client.close()

    def _write(self, operation: Modify) -> bool:
        """Write; False when it must be tried again."""
        try:
            if self._client is None:
                self._client = self._connect()
            self._client.write(operation)
        except OperationRefused as error:
            if error.code not in _GONE:
                self._log.warning("effective access not written yet", dn=operation.dn, reason=str(error))
                return False
        except (DirectoryUnavailable, UmError) as error:
            self._log.warning("the directory is away; effective access waits", reason=str(error))
            if self._client is not None:
                self._client.close()
                self._client = None
            return False
        return True


def _store(view: View, dn: str, access: Access) -> Modify:
    groups = tuple(view.tree.access_group(name).encode() for name in sorted(access.applications))
    status = b"active" if access.active else b"inactive"
    return Modify(
        dn,
        (
            Modification("replace", "memberOf", groups),
            Modification("replace", "umAccountStatus", (status,)),
        ),
    )


def _stale_grants(view: View, uid: str, dn: str) -> dict[Key, Modify]:
    """Authorizations of who is no longer a user of the capacity: removing a role ends what hangs on it."""
    account = view.accounts[uid]
    enterprise = view.enterprises.get(account.enterprise)
    stale: dict[Key, Modify] = {}
    if enterprise is None:
        return stale
    for capacity, application in enterprise.grants_of(uid):
        users = enterprise.capacities[capacity].groups.get(Role.USER)
        if users is not None and users.state(uid):
            continue
        holders = enterprise.capacities[capacity].authorizations[application]
        attribute = "umBlockedMember" if uid in holders.blocked else "member"
        group = (
            f"cn={application},ou=authorizations,umCapacityName={capacity},"
            f"{view.tree.enterprise(enterprise.number)}"
        )
        stale[dn, group] = Modify(group, (Modification("delete", attribute, (dn.encode(),)),))
    return stale
