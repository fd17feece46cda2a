"""Clients that write as fast as they can, and remember exactly what they were promised."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random

from support.enterprise import Enterprise, add_member, block, remove_member, unblock
from support.service import wait_until
from um_directory.directory.client import DirectoryClient
from um_directory.errors import DirectoryUnavailable, OperationRefused
from um_directory.model.operation import Add, Delete, Operation
from um_directory.model.roles import Role
from um_directory.view import View

ACCOUNTS_EACH = 8
NOT_NOW = frozenset({None, "G0", "A6"})
"""Refusals that are of the moment: slapd's own, the guard's own, a connection older than the guard."""

# What may become of an account, and of what is written for it.
NEXT = {
    "absent": ("none",),
    "none": ("active", "absent"),
    "active": ("blocked", "granted", "none"),
    "blocked": ("active", "none"),
    "granted": ("active",),
}


@dataclass
class Known:
    """An account: what the last acknowledged write made of it, and of the one in doubt, if it happened."""

    dn: str
    uid: str
    ssin: str
    state: str = "absent"
    doubt: str | None = None

    def possible(self) -> set[str]:
        return {self.state} | ({self.doubt} if self.doubt else set())


@dataclass
class Writer:
    """Writes as one manager of the enterprise, about accounts of its own in a group that all share."""

    enterprise: Enterprise
    name: str
    random: Random
    accounts: list[Known]
    acknowledged: int = 0
    failed: int = 0
    unexpected: list[str] = field(default_factory=list)

    def run(self, stop: threading.Event) -> None:
        """Until `stop`; reconnects whenever it must."""
        client: DirectoryClient | None = None
        while not stop.is_set():
            try:
                client = client or self.enterprise.bind(self.name)
                self._step(client)
                continue
            except DirectoryUnavailable:
                pass
            except OperationRefused as error:
                if error.rule not in NOT_NOW:
                    self.unexpected.append(str(error))
            self.failed += 1
            if client is not None:
                client.close()
                client = None
            stop.wait(0.01)
        if client is not None:
            client.close()

    def _step(self, client: DirectoryClient) -> None:
        certain = [account for account in self.accounts if account.doubt is None]
        if not certain:
            return
        account = self.random.choice(certain)
        after = self.random.choice(NEXT[account.state])
        try:
            client.write(self._operation(account, after))
        except DirectoryUnavailable:
            account.doubt = after  # sent, and nobody told whether it was carried out
            raise
        account.state = after
        self.acknowledged += 1

    def _operation(self, account: Known, after: str) -> Operation:
        users = self.enterprise.group("users", self.enterprise.employer)
        match account.state, after:
            case "absent", _:
                return self._registration(account)
            case _, "absent":
                return Delete(account.dn)
            case "active", "granted":
                return add_member(grants(self.enterprise), account.dn)
            case "granted", _:
                return remove_member(grants(self.enterprise), account.dn)
            case "active", "blocked":
                return block(users, account.dn)
            case "blocked", "active":
                return unblock(users, account.dn)
            case "blocked", _:
                return Modify_blocked(users, account.dn)
            case _, "active":
                return add_member(users, account.dn)
        return remove_member(users, account.dn)

    def _registration(self, account: Known) -> Add:
        # Without a password: hashing one would take most of the time.
        return Add(
            account.dn,
            {
                "objectClass": (b"umAccount",),
                "uid": (account.uid.encode(),),
                "umSsin": (account.ssin.encode(),),
                "cn": (b"Load",),
                "sn": (b"Load",),
            },
        )
