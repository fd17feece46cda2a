"""SIGKILL of the guard, of slapd and of `um up` while several clients write.

After each kill: every write that a client counts as done is there and every refused one is not, the guard's view
equals the directory, everybody's effective access is right; and while the guard is away nothing is written.
CRASH_KILLS sets how many kills of each (6), CRASH_SEED repeats a run.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import pytest

from support.enterprise import Enterprise
from support.load import Load
from support.service import Service, wait_until
from support.view_check import assert_view_equals_directory
from um_directory.directory.load import load_view
from um_directory.errors import DirectoryUnavailable, OperationRefused
from um_directory.model.operation import Delete
from um_directory.view.access import effective_access

KILLS = int(os.environ.get("CRASH_KILLS", "6"))
SEED = int(os.environ.get("CRASH_SEED") or Random().randrange(1 << 32))
LONGEST_WAIT = 0.4  # seconds under load before the kill
ROOM_FOR_DEATHS = 4  # um up gives up when the guard dies more than five times in a minute


@pytest.fixture(scope="module")
def random() -> Random:
    print(f"CRASH_SEED={SEED}")
    return Random(SEED)


@pytest.fixture(scope="module")
def load(random: Random) -> Iterator[Load]:
    """Clients of an enterprise, on a running service of this module's own."""
    own = Service()
    try:
        own.start()
        enterprise = Enterprise(own).load()
        wait_until(lambda: can_bind(enterprise, "cam") and can_bind(enterprise, "cocam"), what="access")
        yield Load(enterprise, random)
    finally:
        own.remove()


def can_bind(enterprise: Enterprise, name: str) -> bool:
    try:
        enterprise.bind(name).close()
    except OperationRefused as error:
        assert error.code == 49, error
        return False
    return True


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: is_gone(pid), what="its end")


def children(service: Service) -> list[int]:
    assert service.process is not None
    command = ["pgrep", "-P", str(service.process.pid)]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [int(line) for line in found.split()]


def guard(service: Service) -> int | None:
    """The guard's process id, once it has its view."""
    if not (service.settings.run_dir / "guard.ready").exists():
        return None
    for pid in children(service):
        with suppress(OSError):  # it has just gone
            if b"um_directory.cli.guard" in Path(f"/proc/{pid}/cmdline").read_bytes() and not is_gone(pid):
                return pid
    return None


def kill_guard(service: Service) -> None:
    """Ends when `um up` has started another one."""
    old = guard(service)
    assert old is not None
    kill(old)
    wait_until(lambda: guard(service) not in (None, old), 30, "another guard")


def kill_slapd(service: Service) -> None:
    """`um up` ends by design, and somebody starts it again."""
    assert service.process is not None
    os.kill(int((service.settings.run_dir / "slapd.pid").read_text()), signal.SIGKILL)
    assert service.process.wait(30) == 1
    service.start()


def kill_up(service: Service) -> None:
    """Its children go with it."""
    assert service.process is not None
    pids = children(service)
    service.process.kill()
    service.process.wait(30)
    wait_until(lambda: all(map(is_gone, pids)), 30, "the end of all children")
    service.start()


def assert_everything_is_right(service: Service, load: Load) -> None:
    with service.connect("service") as client:
        load.settle(load_view(client, service.settings.suffix))

        def access_is_right() -> bool:
            view = load_view(client, service.settings.suffix)
            stored = {uid: (account.access, account.active) for uid, account in view.accounts.items()}
            right = {uid: effective_access(view, uid) for uid in view.accounts}
            return stored == {uid: (access.applications, access.active) for uid, access in right.items()}

        wait_until(access_is_right, what="the effective access of everybody")
    assert_view_equals_directory(service)


@pytest.mark.parametrize("victim", [kill_guard, kill_slapd, kill_up], ids=["guard", "slapd", "up"])
def test_a_kill_under_load_loses_nothing_that_was_acknowledged(load: Load, random: Random, victim) -> None:
    service = load.enterprise.service
    for number in range(KILLS):
        if victim is kill_guard and number % ROOM_FOR_DEATHS == ROOM_FOR_DEATHS - 1:
            service.stop()
            service.start()
        with load.running():
            time.sleep(random.uniform(0, LONGEST_WAIT))  # the moment is the test's own chance
            victim(service)
        assert_everything_is_right(service, load)


@contextmanager
def frozen(service: Service) -> Iterator[None]:
    """`um up` stands still: nobody starts the guard again."""
    assert service.process is not None
    service.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        service.process.send_signal(signal.SIGCONT)


def everything(service: Service) -> dict[str, object]:
    """All entries with their CSNs: two equal readings, and nothing was written in between."""
    with service.connect("service") as client:
        found = client.search(service.settings.suffix, attributes=("*", "entryCSN", "modifyTimestamp"))
        return {entry.dn: entry.attributes for entry in found}


def test_nothing_is_written_while_the_guard_is_away(load: Load, random: Random) -> None:
    service = load.enterprise.service
    service.stop()
    service.start()
    for _number in range(3):
        old = guard(service)
        assert old is not None
        with load.running(), frozen(service):
            time.sleep(random.uniform(0, LONGEST_WAIT))
            kill(old)
            load.wait_for_failures(1)  # what was under way has ended
            before, acknowledged = everything(service), load.acknowledged
            load.wait_for_failures(10)
            assert load.acknowledged == acknowledged
            assert everything(service) == before
            with (
                service.connect("registrar") as registrar,
                pytest.raises(DirectoryUnavailable, match="guard"),
            ):
                registrar.write(
                    Delete(load.enterprise.service.tree.person(load.enterprise.ssins["stranger"]))
                )
        wait_until(lambda old=old: guard(service) not in (None, old), 30, "another guard")
        assert_everything_is_right(service, load)
