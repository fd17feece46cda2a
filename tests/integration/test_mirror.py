"""Content synchronisation with a real slapd: a mirror is what the directory is, and never half of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from support.enterprise import Enterprise, add_member, block, remove_member, unblock
from support.propagation import application
from support.service import Service, wait_until
from um_directory.directory.content_sync import ContentSync, Subscription, external
from um_directory.directory.sync_messages import Present
from um_directory.errors import DirectoryUnavailable, OperationRefused
from um_directory.model.operation import Add, Delete, Modification, Modify
from um_directory.propagation.mirror import EVERYTHING, Mirror, Reading, Touched, read_once, subscription
from um_directory.propagation.record import Record
from um_directory.propagation.wanted import wanted

Connect = Callable[[Subscription], ContentSync]


def to(service: Service) -> Connect:
    return lambda wanted: ContentSync(external(service.settings.url), wanted)


class Watched:
    """A mirror, and everything it said was touched."""

    def __init__(self, service: Service, connect: Connect | None = None) -> None:
        self.told: list[Touched] = []
        self.mirror = Mirror(service.settings.suffix, connect or to(service), self.told.append)
        self.mirror.start()

    def records(self, name: str = "user-management") -> dict[str, Record]:
        with self.mirror.reading() as reading:
            return records(reading, name) if reading else {}


def records(reading: Reading, name: str = "user-management") -> dict[str, Record]:
    return {item.id: item for item in wanted(reading.view, application(name))}


@contextmanager
def watching(service: Service, connect: Connect | None = None) -> Iterator[Watched]:
    watched = Watched(service, connect)
    try:
        assert watched.mirror.complete.wait(30)
        yield watched
    finally:
        watched.mirror.stop()


@pytest.fixture(scope="module")
def enterprise(service: Service) -> Enterprise:
    return Enterprise(service).load()


@pytest.fixture
def watched(service: Service, enterprise: Enterprise) -> Iterator[Watched]:
    with watching(service) as own:
        assert own.told[0] is EVERYTHING
        own.told.clear()
        yield own


def test_one_reading_has_everybody_and_nothing_of_the_register(
    service: Service, enterprise: Enterprise
) -> None:
    reading = read_once(service.settings.suffix, to(service))
    found = records(reading)
    assert found[enterprise.uid("la")].active
    assert found[enterprise.uid("la")].surname == "la"
    assert not found[enterprise.uid("blockeduser")].active
    assert enterprise.uid("tech") not in found
    assert reading.view.persons == {}
    assert "dimona" in reading.view.catalogue.applications


def test_a_block_arrives_with_whom_it_touches(enterprise: Enterprise, watched: Watched) -> None:
    uid = enterprise.uid("user")
    users = enterprise.group("users", enterprise.employer)
    with enterprise.bind("la") as manager:
        manager.write(block(users, enterprise.account("user")))
        wait_until(lambda: not watched.records()[uid].active, what="the block")
        assert any(touched is not None and uid in touched for touched in watched.told)
        manager.write(unblock(users, enterprise.account("user")))
        wait_until(lambda: watched.records()[uid].active, what="the end of the block")
    assert EVERYTHING not in watched.told


def test_accounts_come_change_and_go(enterprise: Enterprise, watched: Watched) -> None:
    uid = enterprise.uid("candidate")
    users = enterprise.group("users", enterprise.employer)
    with enterprise.bind("la") as manager:
        manager.write(enterprise.add_account("candidate"))
        manager.write(add_member(users, enterprise.account("candidate")))
        wait_until(lambda: uid in watched.records(), what="the new user")
        change = Modification("replace", "mail", (b"candidate@t.example",))
        manager.write(Modify(enterprise.account("candidate"), (change,)))
        wait_until(lambda: watched.records()[uid].mail == "candidate@t.example", what="the new address")
        manager.write(remove_member(users, enterprise.account("candidate")))
        wait_until(lambda: uid not in watched.records(), what="the end of the role")
    with enterprise.bind("cam") as manager:
        manager.write(Delete(enterprise.account("candidate")))
    with watched.mirror.reading() as reading:
        assert reading is not None
    wait_until(lambda: uid not in reading.view.accounts, what="the deletion")


def test_a_mirror_is_what_a_fresh_reading_is(
    service: Service, enterprise: Enterprise, watched: Watched
) -> None:
    grant = f"cn=dimona,ou=authorizations,{enterprise.employer}"
    with enterprise.bind("la") as manager:
        holder = (enterprise.account("user").encode(),)
        manager.write(
            Add(grant, {"objectClass": (b"umAuthorization",), "cn": (b"dimona",), "member": holder})
        )
    uid = enterprise.uid("user")
    wait_until(lambda: uid in watched.records("dimona"), what="the grant")
    fresh = read_once(service.settings.suffix, to(service))
    for name in ("user-management", "dimona"):
        assert watched.records(name) == records(fresh, name)


def test_a_change_of_what_a_capacity_offers_touches_everybody() -> None:
    reading = Reading("dc=um,dc=example")
    dn = "umCapacityName=employer,ou=capacities,ou=catalogue,dc=um,dc=example"
    assert reading.take(Present(dn, b"1", {})) is EVERYTHING


def test_after_a_restart_of_the_directory_the_mirror_is_right_again(fresh_service: Service) -> None:
    fresh_service.start()
    own = Enterprise(fresh_service).load()
    users = own.group("users", own.employer)
    with watching(fresh_service) as watched:
        wait_until(lambda: own.uid("la") in watched.records(), what="the first reading")
        assert watched.records()[own.uid("user")].active
        fresh_service.stop()
        assert watched.records()[own.uid("user")].active  # the last whole reading counts meanwhile
        fresh_service.start()
        with own.bind("la") as manager:
            manager.write(remove_member(users, own.account("user")))
        wait_until(lambda: own.uid("user") not in watched.records(), 30, "the change after the restart")


def test_a_base_that_is_not_there_is_a_clear_error(service: Service) -> None:
    with pytest.raises(OperationRefused, match="content synchronisation refused") as caught:
        read_once("dc=elsewhere,dc=example", to(service))
    assert caught.value.code in {32, 53}


def test_nobody_at_the_address_is_a_clear_error(tmp_path: Any) -> None:
    url = f"ldapi://{str(tmp_path / 'none').replace('/', '%2F')}"
    with pytest.raises(DirectoryUnavailable, match="does not answer"):
        ContentSync(external(url), subscription("dc=um,dc=example"))


class Cut:
    """A socket whose line breaks after so many bytes."""

    def __init__(self, real: Any, limit: int) -> None:
        self._real = real
        self._left = limit

    def recv(self, size: int) -> bytes:
        data: bytes = self._real.recv(min(size, self._left, 500) or 1)
        self._left -= len(data)
        return data if self._left > 0 else b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def breaking(service: Service, limits: Iterator[int]) -> Connect:
    """Connections that break after the given numbers of bytes, then one that does not."""

    def connect(wanted: Subscription) -> ContentSync:
        sync = ContentSync(external(service.settings.url), wanted)
        limit = next(limits, None)
        if limit is not None:
            sync._socket = Cut(sync._socket, limit)  # type: ignore[assignment]
        return sync

    return connect


@pytest.mark.parametrize("limit", [1, 700, 5000])
def test_a_reading_that_breaks_off_is_an_error(service: Service, enterprise: Enterprise, limit: int) -> None:
    with pytest.raises(DirectoryUnavailable):
        read_once(service.settings.suffix, breaking(service, iter([limit])))


def test_a_mirror_shows_nothing_of_readings_that_broke_off(service: Service, enterprise: Enterprise) -> None:
    limits = iter([700, 5000])
    with watching(service, breaking(service, limits)) as watched:
        assert next(limits, None) is None  # both have broken off before it was complete
        assert watched.told[0] is EVERYTHING
        assert enterprise.uid("la") in watched.records()


def test_closing_wakes_who_waits(service: Service) -> None:
    with watching(service) as watched:
        watched.mirror.stop()
        assert not watched.mirror._thread.is_alive()
