"""Pairs of writes, each legal alone but not together, fired at the same moment, many times: never both.

The answers are not believed: after every round the directory itself is read. Where a pair is legal in one order
(somebody is designated, *then* blocked), the entries' CSNs say in which order slapd carried it out.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from support.enterprise import Enterprise, add_member, block, hand_over, remove_member, unblock
from support.service import Service, wait_until
from um_directory.directory.client import DirectoryClient, Entry
from um_directory.errors import OperationRefused
from um_directory.model.operation import Add, Delete, Modification, Modify, Operation

ROUNDS = int(os.environ.get("RACE_ROUNDS", "40"))


@dataclass(frozen=True)
class Shot:
    """How one of the two writes ended."""

    refused: OperationRefused | None

    @property
    def done(self) -> bool:
        return self.refused is None

    @property
    def rule(self) -> str | None:
        assert self.refused is not None
        return self.refused.rule


class Range:
    """An enterprise, connections of its people, and two threads to fire from."""

    def __init__(self, enterprise: Enterprise) -> None:
        self.enterprise = enterprise
        self.service = enterprise.service
        self._open = ExitStack()
        self._threads = self._open.enter_context(ThreadPoolExecutor(2))
        self.reader = self._open.enter_context(self.service.connect("service"))

    def bind(self, name: str) -> DirectoryClient:
        """A connection of its own for somebody of the enterprise or an operator."""
        if name in ("registrar", "contact-center"):
            return self._open.enter_context(self.service.connect(name))

        def bound() -> bool:
            nonlocal client
            try:
                client = self.enterprise.bind(name)
            except OperationRefused as error:
                assert error.code == 49, error  # the effective access is not there yet
                return False
            return True

        client: DirectoryClient
        wait_until(bound, what=f"{name}'s first log-in")
        return self._open.enter_context(client)

    def fire(self, *shots: tuple[DirectoryClient, Operation]) -> tuple[Shot, Shot]:
        """Both at once; another error than a refusal fails the test."""
        barrier = threading.Barrier(len(shots))

        def one(client: DirectoryClient, operation: Operation) -> Shot:
            barrier.wait(10)
            try:
                client.write(operation)
            except OperationRefused as error:
                # A rule's own refusal, and no stumble of the service that would hide behind it.
                assert error.rule not in (None, "G0"), error
                return Shot(error)
            return Shot(None)

        first, second = [future.result() for future in [self._threads.submit(one, *shot) for shot in shots]]
        return first, second

    def entry(self, dn: str) -> Entry | None:
        """The entry as it is stored now."""
        return next(iter(self.reader.search(dn, attributes=("*", "entryCSN"), scope="base")), None)

    def values(self, dn: str, attribute: str = "member") -> set[str]:
        """DNs in a group."""
        entry = self.entry(dn)
        return {value.decode() for value in entry.attributes.get(attribute, ())} if entry else set()

    def moment(self, dn: str) -> bytes:
        """A value that orders the last writes to entries: one slapd gives out one CSN at a time."""
        entry = self.entry(dn)
        assert entry is not None
        return entry.attributes["entryCSN"][0]

    def close(self) -> None:
        self._open.close()


def ready(service: Service) -> Range:
    return Range(Enterprise(service).load())


@pytest.fixture(scope="module")
def arena(service: Service) -> Iterator[Range]:
    """One enterprise for all: every round leaves it as it was."""
    own = ready(service)
    yield own
    own.close()


def swap(group: str, old: str, new: str) -> Modify:
    """A hand-over that names the holder it read before."""
    return Modify(
        group,
        (
            Modification("delete", "member", (old.encode(),)),
            Modification("add", "member", (new.encode(),)),
        ),
    )


def test_never_two_technical_users(arena: Range) -> None:
    here = arena.enterprise
    group = here.group("technical-user", here.employer)
    la, cam = arena.bind("la"), arena.bind("cam")
    tech, user = here.account("tech"), here.account("user")
    for _round in range(ROUNDS):
        la.write(remove_member(group, *arena.values(group)))
        first, second = arena.fire((la, add_member(group, tech)), (cam, add_member(group, user)))
        assert first.done != second.done
        assert (second if first.done else first).rule == "D7"
        assert arena.values(group) == {tech if first.done else user}
    la.write(hand_over(group, tech))


def test_never_a_grant_to_somebody_blocked_before(arena: Range) -> None:
    """Granted and then blocked is legal: the grant rests. Blocked and then granted is not."""
    here = arena.enterprise
    users = here.group("users", here.employer)
    grants = f"cn=dimona,ou=authorizations,{here.employer}"
    la, cam = arena.bind("la"), arena.bind("cam")
    user = here.account("user")
    cam.write(Add(grants, {"objectClass": (b"umAuthorization",), "cn": (b"dimona",)}))
    for _round in range(ROUNDS):
        blocked, granted = arena.fire((la, block(users, user)), (cam, add_member(grants, user)))
        assert blocked.done
        assert user in arena.values(users, "umBlockedMember")
        assert user not in arena.values(users)
        assert (user in arena.values(grants)) == granted.done
        if granted.done:
            assert arena.moment(grants) < arena.moment(users)
            cam.write(remove_member(grants, user))
        else:
            assert granted.rule == "D8"
        la.write(unblock(users, user))


def test_a_user_removed_keeps_no_grant_of_the_same_moment(arena: Range) -> None:
    here = arena.enterprise
    users = here.group("users", here.employer)
    grants = f"cn=dmfa,ou=authorizations,{here.employer}"
    la, cam = arena.bind("la"), arena.bind("cam")
    user = here.account("user")
    cam.write(Add(grants, {"objectClass": (b"umAuthorization",), "cn": (b"dmfa",)}))
    for _round in range(ROUNDS):
        removed, granted = arena.fire((la, remove_member(users, user)), (cam, add_member(grants, user)))
        assert removed.done
        assert user not in arena.values(users)
        assert granted.done or granted.rule == "D8"
        wait_until(lambda: user not in arena.values(grants), what="the end of the grant")
        la.write(add_member(users, user))


@pytest.mark.parametrize("in_one", [True, False])
def test_after_two_hand_overs_exactly_one_local_administrator(arena: Range, in_one: bool) -> None:
    here = arena.enterprise
    group = here.group("local-administrator", here.employer)
    cam, cocam = arena.bind("cam"), arena.bind("cocam")
    old, one, other = (here.account(name) for name in ("la", "user", "cola"))
    for _round in range(ROUNDS):
        if in_one:
            shots = arena.fire((cam, hand_over(group, one)), (cocam, hand_over(group, other)))
            assert all(shot.done for shot in shots)
        else:
            shots = arena.fire((cam, swap(group, old, one)), (cocam, swap(group, old, other)))
            assert [shot.done for shot in shots].count(True) == 1
        possible = {dn for dn, shot in zip((one, other), shots, strict=True) if shot.done}
        holders = arena.values(group)
        assert len(holders) == 1
        assert holders <= possible
        cam.write(hand_over(group, old))


@pytest.mark.parametrize("in_one", [True, False])
def test_after_two_hand_overs_exactly_one_chief_access_manager(arena: Range, in_one: bool) -> None:
    here = arena.enterprise
    group = here.group("chief-access-manager")
    first, second = arena.bind("contact-center"), arena.bind("contact-center")
    old, one, other = (here.account(name) for name in ("cam", "cocam", "user"))
    for _round in range(ROUNDS):
        if in_one:
            shots = arena.fire((first, hand_over(group, one)), (second, hand_over(group, other)))
            assert all(shot.done for shot in shots)
        else:
            shots = arena.fire((first, swap(group, old, one)), (second, swap(group, old, other)))
            assert [shot.done for shot in shots].count(True) == 1
        possible = {dn for dn, shot in zip((one, other), shots, strict=True) if shot.done}
        holders = arena.values(group)
        assert len(holders) == 1
        assert holders <= possible
        first.write(hand_over(group, old))


def test_never_chief_and_administrator_of_one_of_two_capacities(arena: Range) -> None:
    here = arena.enterprise
    chief, administrator = (
        here.group("chief-access-manager"),
        here.group("local-administrator", here.mandatary),
    )
    center, cocam = arena.bind("contact-center"), arena.bind("cocam")
    person = here.account("cola")
    for _round in range(ROUNDS):
        shots = arena.fire((center, hand_over(chief, person)), (cocam, hand_over(administrator, person)))
        assert [shot.done for shot in shots].count(True) == 1
        assert {shot.rule for shot in shots if not shot.done} == {"E6"}
        holds = [person in arena.values(group) for group in (chief, administrator)]
        assert holds == [shot.done for shot in shots]
        center.write(hand_over(chief, here.account("cam")))
        cocam.write(hand_over(administrator, here.account("la2")))


def test_never_the_chief_in_two_capacities_that_become_active_together(service: Service) -> None:
    """Each is the only active capacity when it is asked about, and E6 allows it there."""
    for _round in range(ROUNDS // 4):
        here = Enterprise(service)
        with service.connect("registrar") as registrar:
            for record in here._records():
                if ",umCapacityName=" not in record.dn:
                    registrar.write(record)
        arena = Range(here)
        try:
            groups = [
                here.add_group("local-administrator", capacity, ["cam"])
                for capacity in (here.employer, here.mandatary)
            ]
            shots = arena.fire(*((arena.bind("cocam"), group) for group in groups))
            assert [shot.done for shot in shots].count(True) == 1
            assert {shot.rule for shot in shots if not shot.done} == {"E6"}
            named = [arena.values(group.dn) == {here.account("cam")} for group in groups]
            assert named == [shot.done for shot in shots]
        finally:
            arena.close()


def test_never_a_role_of_an_account_that_is_gone(arena: Range) -> None:
    here = arena.enterprise
    users = here.group("users", here.employer)
    la, cam = arena.bind("la"), arena.bind("cam")
    candidate = here.account("candidate")
    for _round in range(ROUNDS):
        cam.write(here.add_account("candidate"))
        deleted, designated = arena.fire((cam, Delete(candidate)), (la, add_member(users, candidate)))
        assert deleted.done != designated.done
        assert (arena.entry(candidate) is None) == deleted.done
        assert (candidate in arena.values(users)) == designated.done
        if designated.done:
            assert deleted.rule == "D6"
            la.write(remove_member(users, candidate))
            cam.write(Delete(candidate))


def test_never_a_deletion_before_the_last_role_ends(arena: Range) -> None:
    here = arena.enterprise
    users = here.group("users", here.employer)
    la, cam = arena.bind("la"), arena.bind("cam")
    candidate = here.account("candidate")
    for _round in range(ROUNDS):
        cam.write(here.add_account("candidate"))
        la.write(add_member(users, candidate))
        removed, deleted = arena.fire((la, remove_member(users, candidate)), (cam, Delete(candidate)))
        assert removed.done
        assert candidate not in arena.values(users)
        assert (arena.entry(candidate) is None) == deleted.done
        if not deleted.done:
            assert deleted.rule == "D6"
            cam.write(Delete(candidate))


def test_never_a_designation_by_somebody_blocked_before(arena: Range) -> None:
    here = arena.enterprise
    chiefs = here.group("co-chief-access-managers")
    users = here.group("users", here.employer)
    cam, cocam = arena.bind("cam"), arena.bind("cocam")
    tech = here.account("tech")
    for _round in range(ROUNDS):
        blocked, designated = arena.fire(
            (cam, block(chiefs, here.account("cocam"))), (cocam, add_member(users, tech))
        )
        assert blocked.done
        assert (tech in arena.values(users)) == designated.done
        if designated.done:
            assert arena.moment(users) < arena.moment(chiefs)
            cam.write(remove_member(users, tech))
        else:
            assert designated.rule == "A5"
        cam.write(unblock(chiefs, here.account("cocam")))


def test_nothing_that_a_manager_sends_after_his_block_was_acknowledged_passes(arena: Range) -> None:
    """He writes as fast as he can while he is blocked."""
    here = arena.enterprise
    chiefs, users = here.group("co-chief-access-managers"), here.group("users", here.employer)
    cam, cocam = arena.bind("cam"), arena.bind("cocam")
    tech = here.account("tech")
    for _round in range(ROUNDS // 4):
        began: list[float] = []
        under_way = threading.Event()

        def write_on(began: list[float] = began, under_way: threading.Event = under_way) -> str | None:
            while True:
                at = time.monotonic()
                try:
                    cocam.write((remove_member if len(began) % 2 else add_member)(users, tech))
                except OperationRefused as error:
                    return error.rule
                began.append(at)
                under_way.set()

        with ThreadPoolExecutor(1) as thread:
            ended = thread.submit(write_on)
            assert under_way.wait(10)
            cam.write(block(chiefs, here.account("cocam")))
            acknowledged = time.monotonic()
            assert ended.result(10) == "A5"
        assert max(began) < acknowledged
        assert (tech in arena.values(users)) == bool(len(began) % 2)
        if len(began) % 2:
            cam.write(remove_member(users, tech))
        cam.write(unblock(chiefs, here.account("cocam")))


def test_never_a_designation_on_a_fact_withdrawn_before(arena: Range) -> None:
    here = arena.enterprise
    users = here.group("users", here.employer)
    person = here.service.tree.person(here.ssins["tech"])
    fact = (here.dn.encode(),)
    registrar, cam = arena.bind("registrar"), arena.bind("cam")
    tech = here.account("tech")
    for _round in range(ROUNDS):
        withdrawn, designated = arena.fire(
            (registrar, Modify(person, (Modification("delete", "umEmployeeOf", fact),))),
            (cam, add_member(users, tech)),
        )
        assert withdrawn.done
        assert arena.values(person, "umEmployeeOf") == set()
        assert (tech in arena.values(users)) == designated.done
        if designated.done:
            assert arena.moment(users) < arena.moment(person)
            cam.write(remove_member(users, tech))
        else:
            assert designated.rule == "E3"
        registrar.write(Modify(person, (Modification("add", "umEmployeeOf", fact),)))


def test_never_one_username_in_two_enterprises(arena: Range, service: Service) -> None:
    here, there = arena.enterprise, Enterprise(service).load()
    elsewhere = Range(there)
    try:
        cam, other_cam = arena.bind("cam"), elsewhere.bind("cam")
        account = here.add_account("candidate")
        twin = Add(service.tree.account(there.number, here.uid("candidate")), account.attributes)
        for _round in range(ROUNDS):
            first, second = arena.fire((cam, account), (other_cam, twin))
            assert first.done != second.done
            assert (second if first.done else first).rule == "C1"
            filed = list(arena.reader.search(service.settings.suffix, f"(uid={here.uid('candidate')})"))
            assert [entry.dn for entry in filed] == [account.dn if first.done else twin.dn]
            (cam if first.done else other_cam).write(Delete(filed[0].dn))
    finally:
        elsewhere.close()
