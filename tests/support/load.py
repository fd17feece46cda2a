"""Clients that write as fast as they can, and remember exactly what they were promised."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from support.enterprise import Enterprise, add_member, block, remove_member, unblock
from support.service import wait_until
from um_directory.directory.client import DirectoryClient
from um_directory.errors import DirectoryUnavailable, OperationRefused
from um_directory.model.operation import Add, Delete, Modification, Modify, Operation
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
    history: list[str] = field(default_factory=list)

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
    _failing: bool = False

    def run(self, stop: threading.Event) -> None:
        """Until `stop`; reconnects whenever it must."""
        client: DirectoryClient | None = None
        while not stop.is_set():
            # While nothing works, one account is tried again and again, and the others stay out of doubt.
            account = self.accounts[0] if self._failing else self.random.choice(self._certain())
            try:
                client = client or self.enterprise.bind(self.name)
                self._step(client, account)
                self._failing = False
                continue
            except DirectoryUnavailable as error:
                account.history.append(str(error))
                self._failing = True
            except OperationRefused as error:
                account.history.append(str(error))
                # What was in doubt may have been done: then doing it again is refused, by slapd or by a rule.
                self._failing = error.rule in (NOT_NOW - {None} if account.doubt else NOT_NOW)
                if not self._failing and not account.doubt:
                    self.unexpected.append(str(error))
            self.failed += 1
            if client is not None:
                client.close()
                client = None
            stop.wait(0.01)
        if client is not None:
            client.close()

    def _certain(self) -> list[Known]:
        return [account for account in self.accounts if account.doubt is None] or self.accounts[:1]

    def _step(self, client: DirectoryClient, account: Known) -> None:
        after = account.doubt or self.random.choice(NEXT[account.state])
        try:
            client.write(self._operation(account, after))
        except DirectoryUnavailable:
            account.doubt = after  # sent, and nobody told whether it was carried out
            raise
        account.state, account.doubt = after, None
        account.history.append(f"to {after}: done")
        self.acknowledged += 1

    def _operation(self, account: Known, after: str) -> Operation:
        users, dn = self.enterprise.group("users", self.enterprise.employer), account.dn
        operations: dict[tuple[str, str], Operation] = {
            ("absent", "none"): self._registration(account),
            ("none", "absent"): Delete(dn),
            ("none", "active"): add_member(users, dn),
            ("active", "none"): remove_member(users, dn),
            ("active", "blocked"): block(users, dn),
            ("blocked", "active"): unblock(users, dn),
            ("blocked", "none"): Modify(users, (Modification("delete", "umBlockedMember", (dn.encode(),)),)),
            ("active", "granted"): add_member(grants(self.enterprise), dn),
            ("granted", "active"): remove_member(grants(self.enterprise), dn),
        }
        return operations[account.state, after]

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


class Load:
    """Four clients of one enterprise; what they were promised outlives their connections."""

    def __init__(self, enterprise: Enterprise, random: Random) -> None:
        self.enterprise = enterprise
        person = enterprise.ssins["candidate"]
        self.writers = []
        for number, name in enumerate(("cam", "cocam", "cam", "cocam")):
            uids = [f"load{number}{one}{enterprise.tag}" for one in range(ACCOUNTS_EACH)]
            accounts = [
                Known(enterprise.service.tree.account(enterprise.number, uid), uid, person) for uid in uids
            ]
            self.writers.append(Writer(enterprise, name, Random(random.random()), accounts))
        with enterprise.service.connect("registrar") as registrar:
            registrar.write(Add(grants(enterprise), {"objectClass": (b"umAuthorization",), "cn": (b"dmfa",)}))

    @contextmanager
    def running(self) -> Iterator[None]:
        """While the block runs the clients write; it begins when each has had a write acknowledged."""
        stop = threading.Event()
        threads = [threading.Thread(target=writer.run, args=(stop,)) for writer in self.writers]
        before = [writer.acknowledged for writer in self.writers]
        for thread in threads:
            thread.start()
        try:
            wait_until(
                lambda: all(
                    writer.acknowledged > had for writer, had in zip(self.writers, before, strict=True)
                ),
                30,
                "a write of each client",
            )
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(40)
        assert not any(thread.is_alive() for thread in threads)

    def wait_for_failures(self, each: int) -> None:
        """Wait until every client was told `each` more times that something failed."""
        before = [writer.failed for writer in self.writers]
        wait_until(
            lambda: all(
                writer.failed >= had + each for writer, had in zip(self.writers, before, strict=True)
            ),
            30,
            "attempts of each client",
        )

    @property
    def acknowledged(self) -> int:
        """Writes that the clients count as done."""
        return sum(writer.acknowledged for writer in self.writers)

    def settle(self, view: View) -> int:
        """Compare with what is stored: everything acknowledged is there, nothing that was refused.

        Returns how many writes were in doubt; what became of them is known from here on.
        """
        doubtful = 0
        for writer in self.writers:
            assert writer.unexpected == []
            for account in writer.accounts:
                stored = state_of(view, self.enterprise, account.uid)
                assert stored in account.possible(), (stored, account)
                doubtful += account.doubt is not None
                account.state, account.doubt = stored, None
        return doubtful


def grants(enterprise: Enterprise) -> str:
    """The authorization that the clients write to."""
    return f"cn=dmfa,ou=authorizations,{enterprise.employer}"


def state_of(view: View, enterprise: Enterprise, uid: str) -> str:
    """What is stored of an account, in the words of `NEXT`."""
    capacity = view.enterprises[enterprise.number].capacities["employer"]
    role = capacity.groups[Role.USER].state(uid)
    granted = uid in capacity.authorizations["dmfa"].active
    if uid not in view.accounts:
        assert role is None
        assert not granted
        return "absent"
    if granted:
        assert role == "active"
        return "granted"
    return role or "none"
