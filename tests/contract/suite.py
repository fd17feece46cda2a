"""What every connector must do: one suite, inherited by the tests of each.

A subclass provides the fixture `target`; the rest is here. Whatever a test knows of the target it learns
through `Target.held`, which reads it without the connector where that can be.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

import pytest

from support.propagation import record
from um_directory.connectors.interface import AnyConnector, Put, Receipt, TargetUnavailable, Withdraw
from um_directory.propagation.record import Record


class Target(ABC):
    """A target under test, empty at first, and a connector to it."""

    connector: AnyConnector

    @abstractmethod
    def held(self) -> dict[str, bool]:
        """What the target holds: ids, and whether each is active."""

    @abstractmethod
    def unavailable(self) -> AbstractContextManager[None]:
        """Makes the target unavailable meanwhile; afterwards it is as it was."""

    @abstractmethod
    def lose(self) -> None:
        """Makes the target lose everything it holds."""


class RefusingTarget(Target):
    """A target that refuses some record for good."""

    refusable: Record


class RefusingConnectorContract:
    """Inherit from this too where a target can refuse a record."""

    def test_a_refused_record_is_a_receipt_and_the_rest_goes_on(self, target: RefusingTarget) -> None:
        receipts: list[Receipt] = []
        for delivery in (Put(target.refusable), Put(record("seconduser"))):
            receipts += target.connector.deliver([delivery])
        assert receipts[0].refused
        assert receipts[0].refused.isprintable()
        assert receipts[1].refused is None
        assert target.held() == {"seconduser": True}


class ConnectorContract:
    """Inherit from this, and provide `target`."""

    def test_a_record_put_is_known(self, target: Target) -> None:
        assert target.connector.put(record(), None)
        assert target.held() == {"firstuser": True}

    def test_putting_twice_is_putting_once(self, target: Target) -> None:
        remote_id = target.connector.put(record(), None)
        assert target.connector.put(record(), remote_id) == remote_id
        assert target.held() == {"firstuser": True}

    def test_putting_again_without_the_answer_of_the_first_time_makes_no_second(self, target: Target) -> None:
        # A process that dies between sending and recording does not know the remote id.
        remote_id = target.connector.put(record(), None)
        assert target.connector.put(record(active=False), None) == remote_id
        assert target.held() == {"firstuser": False}

    def test_a_change_is_taken_over(self, target: Target) -> None:
        remote_id = target.connector.put(record(), None)
        target.connector.put(record(active=False), remote_id)
        assert target.held() == {"firstuser": False}

    def test_a_removed_record_is_gone_and_others_are_not(self, target: Target) -> None:
        first = target.connector.put(record("firstuser"), None)
        target.connector.put(record("seconduser"), None)
        target.connector.remove("firstuser", first)
        assert target.held() == {"seconduser": True}

    def test_removing_without_the_answer_of_the_put_works(self, target: Target) -> None:
        target.connector.put(record(), None)
        target.connector.remove("firstuser", None)
        assert target.held() == {}

    def test_removing_twice_is_removing_once(self, target: Target) -> None:
        remote_id = target.connector.put(record(), None)
        target.connector.remove("firstuser", remote_id)
        target.connector.remove("firstuser", remote_id)
        target.connector.remove("neverknown", None)
        assert target.held() == {}

    def test_a_batch_has_a_receipt_for_each_delivery(self, target: Target) -> None:
        target.connector.put(record("seconduser"), None)
        batch = [Put(record("firstuser")), Withdraw("seconduser"), Put(record("thirduser", active=False))]
        receipts = target.connector.deliver(batch)
        assert [(receipt.id, receipt.refused) for receipt in receipts] == [
            ("firstuser", None),
            ("seconduser", None),
            ("thirduser", None),
        ]
        assert target.held() == {"firstuser": True, "thirduser": False}
        again = [Put(record("firstuser", active=False), receipts[0].remote_id)]
        target.connector.deliver(again)
        assert target.held() == {"firstuser": False, "thirduser": False}

    def test_an_unavailable_target_says_so_and_loses_nothing(self, target: Target) -> None:
        target.connector.put(record("firstuser"), None)
        with target.unavailable():
            with pytest.raises(TargetUnavailable) as caught:
                target.connector.deliver([Put(record("seconduser"))])
            with pytest.raises(TargetUnavailable):
                target.connector.deliver([Withdraw("seconduser")])
        assert str(caught.value).isprintable()
        assert target.held()["firstuser"] is True
        target.connector.deliver([Put(record("seconduser"))])
        assert target.held()["seconduser"] is True

    def test_a_target_that_lost_its_data_is_told_again(self, target: Target) -> None:
        remote_id = target.connector.put(record(), None)
        target.lose()
        assert target.held() == {}
        target.connector.put(record(), remote_id)
        assert target.held() == {"firstuser": True}

    def test_what_is_read_back_is_what_was_put(self, target: Target) -> None:
        odd = record("odduser12", surname='O\'Neill "\\" \n,;=', given_name="Zoë \U0001f600", language="de")
        many = {f"user{number:05}" for number in range(230)}  # more than a page
        puts = [Put(odd), *(Put(record(uid)) for uid in sorted(many))]
        size = target.connector.capabilities.batch
        receipts = [
            receipt
            for start in range(0, len(puts), size)
            for receipt in target.connector.deliver(puts[start : start + size])
        ]
        read = {held.id: held for held in target.connector.read()}
        assert set(read) == many | {"odduser12"}
        assert {held.remote_id for held in read.values()} == {receipt.remote_id for receipt in receipts}
        assert read["odduser12"].fingerprint in (None, odd.fingerprint())
        assert set(target.held()) == set(read)
