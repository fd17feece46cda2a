"""Running a plan: each answer of the target is in the ledger before the next delivery goes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from um_directory.connectors.interface import (
    AnyConnector,
    Delivery,
    Put,
    Receipt,
    TargetUnavailable,
    Withdraw,
)
from um_directory.propagation.ledger import Ledger, Settled
from um_directory.propagation.plan import Acknowledged, Action, Plan, Remove
from um_directory.propagation.retry import QuickTries, tried


@dataclass(slots=True)
class Outcome:
    """How many actions the target acknowledged, and how many it refused for good."""

    acknowledged: int = 0
    refused: int = 0


def apply(
    plan: Plan,
    connector: AnyConnector,
    ledger: Ledger,
    *,
    tries: QuickTries,
    stopping: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _number: None,
) -> Outcome:
    """Run the plan's actions in order. A refused record is parked and the rest goes on.

    Whatever was sent without its answer being recorded is sent again by the next comparison.

    :raises TargetUnavailable: the rest was not delivered.
    """
    outcome = Outcome()
    for batch in _batches(plan.actions, connector.capabilities.batch):
        if stopping():
            break
        deliveries = [_delivery(action) for action in batch]
        receipts = tried(partial(connector.deliver, deliveries), tries)
        settled = _settled(batch, receipts)
        ledger.settle(settled)
        refused = [answer for answer in settled if answer.refused is not None]
        for answer in refused:
            structlog.get_logger().warning(
                "record parked", application=ledger.application, record=answer.id, reason=answer.refused
            )
        outcome.refused += len(refused)
        outcome.acknowledged += len(settled) - len(refused)
        progress(len(settled))
    return outcome


def _batches(actions: Sequence[Action], size: int) -> Iterator[Sequence[Action]]:
    for start in range(0, len(actions), size):
        yield actions[start : start + size]


def _delivery(action: Action) -> Delivery:
    if isinstance(action, Remove):
        return Withdraw(action.id, action.remote_id)
    return Put(action.record, action.remote_id)


def _settled(batch: Sequence[Action], receipts: Sequence[Receipt]) -> list[Settled]:
    answers = {receipt.id: receipt for receipt in receipts}
    missing = [action.id for action in batch if action.id not in answers]
    if missing:
        raise TargetUnavailable(f"no receipt for {missing[0]} and {len(missing) - 1} more")
    return [_answer(action, answers[action.id]) for action in batch]


def _answer(action: Action, receipt: Receipt) -> Settled:
    fingerprint = action.fingerprint
    known = None
    confirmed = isinstance(action, Remove) and action.confirmed
    if receipt.refused is None and not isinstance(action, Remove):
        known = Acknowledged(action.id, fingerprint, action.record.active, receipt.remote_id)
    return Settled(action.id, fingerprint, action.verb, known, receipt.refused, confirmed)
