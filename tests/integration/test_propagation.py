"""From the directory to an acknowledged target: state store, comparison, delivery; the mirror on a real slapd."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from support.propagation import DMFA_GRANTS, EMPLOYER, SUFFIX, account_dn, application, members, small_view
from um_directory.connectors.interface import Context, TargetUnavailable
from um_directory.connectors.memory import MemoryConnector, MemoryOptions
from um_directory.errors import StateDirectoryError
from um_directory.lock import Busy, exclusive
from um_directory.propagation.application import Application
from um_directory.propagation.apply import Outcome
from um_directory.propagation.compare import CannotPlan
from um_directory.propagation.cycle import Cycle
from um_directory.propagation.ledger import Ledger
from um_directory.propagation.mirror import EVERYTHING, Reading, Touched
from um_directory.propagation.plan import Plan
from um_directory.propagation.record import Record
from um_directory.propagation.retry import QuickTries
from um_directory.propagation.state import FILE_NAME, StateStore
from um_directory.propagation.wanted import KEEP, wanted
from um_directory.view import View


class Site:
    """A small directory in memory, a memory target, and a real state store between them."""

    def __init__(self, directory: Path, configuration: Application | None = None) -> None:
        self.directory = directory
        self.application = configuration or application("user-management")
        self.reading = Reading(SUFFIX)
        self.reading.view = small_view()
        self.reading.complete = True
        self.store = StateStore.open(directory)
        self.ledger = Ledger(self.store, self.application.name)
        self.target = MemoryConnector(MemoryOptions(), Context(self.application.name, directory))
        self.cycle = Cycle(
            self.application,
            self.target,
            self.ledger,
            lambda: nullcontext(self.reading),
            directory,
            QuickTries(attempts=1),
        )

    @property
    def view(self) -> View:
        return self.reading.view

    def run(self, touched: Touched = EVERYTHING) -> tuple[Plan, Outcome]:
        return self.cycle.run(touched)

    def in_step(self) -> bool:
        return self.target.records == {item.id: item for item in wanted(self.view, self.application)}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    own = Site(tmp_path)
    yield own
    own.store.close()


def test_the_first_run_tells_everything_and_the_second_nothing(site: Site) -> None:
    _plan, outcome = site.run()
    assert outcome == Outcome(acknowledged=4)
    assert site.in_step()
    plan, outcome = site.run()
    assert plan == Plan()
    assert outcome == Outcome()


def test_touched_accounts_alone_are_compared(site: Site) -> None:
    site.run()
    site.view.put(f"cn=users,{EMPLOYER}", members(blocked=["firstuser", "seconduser"]))
    plan, _outcome = site.run({"firstuser"})
    assert [(action.verb, action.id) for action in plan.actions] == [("deactivate", "firstuser")]
    assert not site.target.records["firstuser"].active
    assert site.target.records["seconduser"].active


def test_an_account_that_is_gone_is_removed_at_the_target(site: Site) -> None:
    site.run()
    site.view.remove(account_dn("seconduser"))
    site.run({"seconduser"})
    assert site.in_step()
    assert site.ledger.count() == 3


def test_a_record_sent_but_not_recorded_is_sent_again_without_harm(site: Site) -> None:
    site.run()
    site.ledger.doubt_everything()  # as if the process had died between sending and recording
    _plan, outcome = site.run()
    assert outcome.acknowledged == 4
    assert site.in_step()


def test_what_was_acknowledged_before_the_target_failed_stays_acknowledged(site: Site) -> None:
    put, left = site.target.put, iter(range(2))

    def failing(record: Record, remote_id: str | None) -> str:
        if next(left, None) is None:
            raise TargetUnavailable("away")
        return put(record, remote_id)

    with patched_put(site.target, failing), pytest.raises(TargetUnavailable):
        site.run()
    status = site.ledger.status()
    assert (status["acknowledged"], status["pending"], status["error"]) == (2, 2, "away")
    assert status["pending_since"] is not None
    site.run()
    assert site.in_step()
    assert site.ledger.status()["pending"] == 0
    assert site.ledger.status()["error"] == ""
    assert site.ledger.status()["pending_since"] is None


@contextmanager
def answers_lost(target: MemoryConnector) -> Iterator[None]:
    """The target takes what it is told, and the answer never arrives."""
    put = target.put

    def lossy(record: Record, remote_id: str | None) -> str:
        put(record, remote_id)
        raise TargetUnavailable("the answer was lost")

    with patched_put(target, lossy), pytest.raises(TargetUnavailable):
        yield


def test_who_leaves_before_the_answer_came_is_removed_all_the_same(site: Site) -> None:
    with answers_lost(site.target):
        site.run({"firstuser"})
    assert site.target.records.keys() == {"firstuser"}
    leave(site, "firstuser")
    site.run({"firstuser"})
    assert site.target.records == {}


def test_who_is_unblocked_before_the_answer_to_the_block_came_is_active_again(site: Site) -> None:
    site.run()
    site.view.put(f"cn=users,{EMPLOYER}", members(["seconduser"], ["firstuser"]))
    with answers_lost(site.target):
        site.run({"firstuser"})
    assert not site.target.records["firstuser"].active
    site.view.put(f"cn=users,{EMPLOYER}", members(["firstuser", "seconduser"]))  # as it was acknowledged
    site.run({"firstuser"})
    assert site.in_step()


def test_a_refused_record_is_parked_and_stops_nothing(site: Site) -> None:
    site.target.refuses["firstuser"] = "name\ttoo odd"
    _plan, outcome = site.run()
    assert outcome == Outcome(acknowledged=3, refused=1)
    assert [(item.id, item.reason, item.attempts) for item in site.ledger.parked_records()] == [
        ("firstuser", "name\\ttoo odd", 1)
    ]
    plan, outcome = site.run()
    assert plan.parked == ("firstuser",)
    assert outcome == Outcome()  # not tried again as it is


def test_a_parked_record_is_tried_again_when_it_changes(site: Site) -> None:
    site.target.refuses["firstuser"] = "no"
    site.run()
    site.view.put(account_dn("firstuser"), {"mail": (b"new@janssens.example",)})
    site.run({"firstuser"})
    assert site.ledger.parked_records()[0].attempts == 2
    site.target.refuses.clear()
    site.ledger.unpark()
    site.run()
    assert site.in_step()
    assert site.ledger.parked_records() == []


def test_a_parked_record_nobody_wants_any_more_is_forgotten(site: Site) -> None:
    site.target.refuses["firstuser"] = "no"
    site.run()
    site.view.remove(account_dn("firstuser"))
    site.run({"seconduser"})
    assert len(site.ledger.parked_records()) == 1  # was not looked at
    site.run()
    assert site.ledger.parked_records() == []


def test_a_target_that_lost_its_data_is_told_everything(site: Site) -> None:
    site.run()
    site.target.records.clear()
    site.run({"firstuser"})
    assert site.in_step()


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Site]:
    """More than one removal, and more than 40 %, is suspicious here."""
    brake = {"removals": 1, "share": 0.4}
    own = Site(tmp_path, application("user-management", brake=brake))
    yield own
    own.store.close()


def leave(site: Site, *uids: str) -> None:
    for uid in uids:
        site.view.remove(account_dn(uid))


def test_suspicious_removals_wait_for_a_person(strict: Site) -> None:
    strict.run()
    leave(strict, "firstuser", "seconduser")
    plan, outcome = strict.run()
    assert [action.id for action in plan.held] == ["firstuser", "seconduser"]
    assert outcome == Outcome()
    assert strict.ledger.held() == ["firstuser", "seconduser"]
    assert strict.ledger.status()["held_reason"].startswith("2 of 4")
    strict.run()
    assert len(strict.target.records) == 4  # still waiting
    assert strict.ledger.confirm() == 2
    _plan, outcome = strict.run()
    assert outcome.acknowledged == 2
    assert strict.in_step()
    assert strict.ledger.status()["held_reason"] == ""


def test_removals_one_by_one_are_held_as_well(strict: Site) -> None:
    strict.run()
    leave(strict, "firstuser")
    strict.run({"firstuser"})
    leave(strict, "seconduser")
    plan, _outcome = strict.run({"seconduser"})
    assert [action.id for action in plan.held] == ["seconduser"]


def test_a_confirmation_covers_only_what_was_held(strict: Site) -> None:
    strict.run()
    leave(strict, "firstuser", "seconduser")
    strict.run()
    strict.ledger.confirm()
    leave(strict, "localadmin", "janssens")
    plan, _outcome = strict.run()
    assert [action.id for action in plan.held] == ["janssens", "localadmin"]
    assert set(strict.target.records) == {"janssens", "localadmin"}


def test_who_comes_back_is_not_held_any_more(strict: Site) -> None:
    strict.run()
    leave(strict, "firstuser", "seconduser")
    strict.run()
    strict.reading.view = small_view()
    plan, _outcome = strict.run()
    assert plan == Plan()
    assert strict.ledger.held() == []


def test_a_directory_that_reads_empty_removes_nobody(site: Site) -> None:
    site.run()
    site.reading.view = View(SUFFIX, keep=KEEP)
    plan, outcome = site.run()
    assert len(plan.held) == 4
    assert outcome == Outcome()
    assert len(site.target.records) == 4


def test_accounts_without_any_group_are_an_empty_reading_too(site: Site) -> None:
    site.run()
    site.view.enterprises.clear()
    plan, _outcome = site.run()
    assert len(plan.held) == 4


def test_half_a_reading_is_no_reading(site: Site) -> None:
    site.run()
    site.reading.view = View(SUFFIX, keep=KEEP)
    site.reading.complete = False
    with pytest.raises(CannotPlan, match="not been read whole"):
        site.run()
    assert len(site.target.records) == 4


def test_an_application_the_catalogue_does_not_know_removes_nobody(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.run()
    site.view.catalogue.applications.discard("user-management")
    with pytest.raises(CannotPlan, match="catalogue has no application user-management"):
        site.run()
    assert len(site.target.records) == 4


def test_a_directory_larger_than_a_slice_is_compared_whole(site: Site) -> None:
    many = [f"user{number:05}" for number in range(2500)]
    for uid in many:
        site.view.put(account_dn(uid), {"uid": (uid.encode(),)})
    site.view.put(f"cn=users,{EMPLOYER}", members(many))
    site.run()
    assert len(site.target.records) == 2502
    leave(site, "user00999", "user01000", "user02499")
    plan, _outcome = site.run()
    assert [action.id for action in plan.actions] == ["user00999", "user01000", "user02499"]
    assert site.in_step()


def test_the_store_is_private_and_keeps_no_contents(site: Site) -> None:
    site.run()
    path = site.directory / FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    stored = b"".join(found.read_bytes() for found in site.directory.glob(f"{FILE_NAME}*"))
    assert b"firstuser" in stored
    assert b"@janssens.example" not in stored
    assert b"Janssens" not in stored


def test_applications_do_not_see_each_other_in_the_store(site: Site) -> None:
    site.run()
    other = Ledger(site.store, "other")
    assert other.is_empty()
    other.doubt_everything()
    assert site.ledger.status()["acknowledged"] == 4


def test_a_store_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("this is not a database, however long it may be " * 100)
    with pytest.raises(StateDirectoryError, match=r"scheduler\.db: the state store cannot be used"):
        StateStore.open(tmp_path)


def test_only_one_works_on_an_application_at_a_time(site: Site) -> None:
    with exclusive(site.directory, f"sync-{site.application.name}"), pytest.raises(Busy):
        site.run()
    site.run()
    assert site.in_step()


def test_a_lock_is_waited_for_with_patience(tmp_path: Path) -> None:
    held = threading.Event()
    free = threading.Event()

    def holder() -> None:
        with exclusive(tmp_path, "x"):
            held.set()
            free.wait(5)

    thread = threading.Thread(target=holder)
    thread.start()
    held.wait(5)
    threading.Timer(0.2, free.set).start()
    with exclusive(tmp_path, "x", patience=5):
        assert free.is_set()
    thread.join()


UIDS = st.sampled_from(["janssens", "localadmin", "firstuser", "seconduser"])


class Storm(RuleBasedStateMachine):
    """Whatever happens in the directory and however the target fails, they agree whenever it can be said."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.site = Site(directory / uuid4().hex, application(["user-management", "dmfa"]))
        self.owed: set[str] = set(self.site.view.accounts)

    @rule(
        name=st.sampled_from(["users", "co-local-administrators", "local-administrator"]),
        active=st.sets(UIDS),
        blocked=st.sets(UIDS),
    )
    def regroup(self, name: str, active: set[str], blocked: set[str]) -> None:
        self.owed |= self.site.view.put(f"cn={name},{EMPLOYER}", members(active, blocked - active))

    @rule(active=st.sets(UIDS))
    def grant(self, active: set[str]) -> None:
        self.owed |= self.site.view.put(DMFA_GRANTS, members(active))

    @rule(uid=UIDS, mail=st.sampled_from(["a@x.example", "b@x.example"]))
    def edit(self, uid: str, mail: str) -> None:
        self.owed |= self.site.view.put(account_dn(uid), {"umSsin": (b"1",), "mail": (mail.encode(),)})

    @rule(uid=UIDS)
    def delete(self, uid: str) -> None:
        self.owed |= self.site.view.remove(account_dn(uid))

    @rule(uid=UIDS)
    def refuse(self, uid: str) -> None:
        self.site.target.refuses[uid] = "no"

    @rule()
    def accept(self) -> None:
        self.site.target.refuses.clear()
        self.site.ledger.unpark()
        self.owed |= set(self.site.ledger.parked())

    @rule()
    def lose(self) -> None:
        self.site.target.records.clear()

    @rule(fails_after=st.integers(0, 3))
    def deliver_and_fail(self, fails_after: int) -> None:
        put, left = self.site.target.put, iter(range(fails_after))

        def failing(record: Record, remote_id: str | None) -> str:
            answer = put(record, remote_id)
            if next(left, None) is None:
                raise TargetUnavailable("the answer was lost")  # but it took the record
            return answer

        with patched_put(self.site.target, failing), suppress(TargetUnavailable):
            self.site.run(self.owed)
            self.owed = set()

    @rule()
    def deliver(self) -> None:
        self.site.run(self.owed)
        self.owed = set()
        self.agree()

    @rule()
    def deliver_everything(self) -> None:
        self.site.run()
        self.owed = set()
        self.agree()

    def agree(self) -> None:
        if self.site.reading.is_empty:
            return  # then removals are held
        due = {item.id: item for item in wanted(self.site.view, self.site.application)}
        refused = self.site.target.refuses.keys()
        for uid in (due.keys() | self.site.target.records.keys()) - refused:
            assert self.site.target.records.get(uid) == due.get(uid)

    def teardown(self) -> None:
        self.site.target.refuses.clear()
        self.site.ledger.unpark()
        if self.site.run()[0].held:
            self.site.ledger.confirm()
            self.site.run()
        assert self.site.in_step()
        assert self.site.ledger.parked() == {}
        assert self.site.run()[0] == Plan()
        self.site.store.close()


@contextmanager
def patched_put(target: MemoryConnector, put: Callable[[Record, str | None], str]) -> Iterator[None]:
    """The target answers with `put` meanwhile."""
    target.put = put  # type: ignore[method-assign]
    try:
        yield
    finally:
        del target.put


def test_a_storm_of_changes_and_failures(tmp_path: Path) -> None:
    run_state_machine_as_test(
        lambda: Storm(tmp_path),
        settings=hypothesis_settings(max_examples=40, stateful_step_count=20, deadline=None),
    )
