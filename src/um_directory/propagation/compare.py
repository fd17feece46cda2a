"""From a reading of the directory and the ledger of an application to its plan."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TypeAlias

from um_directory.errors import UmError
from um_directory.propagation.application import Application
from um_directory.propagation.ledger import Ledger
from um_directory.propagation.mirror import Reading, Touched
from um_directory.propagation.plan import IN_DOUBT, Action, Known, Plan, Remove, changes, plan
from um_directory.propagation.wanted import wanted

Source: TypeAlias = Callable[[], AbstractContextManager[Reading | None]]
"""Gives the last whole reading of the directory, and keeps it still meanwhile."""

_SLICE = 1000  # accounts; the reading is let go of in between


class CannotPlan(UmError):
    """There is nothing to compare with: planning now would remove what should stay."""


def compare(
    application: Application, source: Source, ledger: Ledger, touched: Touched, *, lost: bool = False
) -> Plan:
    """Say what separates a target from what it should know, for the accounts `touched` or for all.

    With `lost`, as if the target had lost what it acknowledged.

    :raises CannotPlan: the directory has not been read whole, or its catalogue lacks the application.
    """
    actions: list[Action] = []
    for ids, after, up_to in _slices(application, source, touched):
        known = ledger.acknowledged(ids) if touched is not None else ledger.acknowledged_between(after, up_to)
        if lost:
            known = {one: replace(item, fingerprint=IN_DOUBT) for one, item in known.items()}
        with source() as reading:
            view = _usable(reading, application).view
            records = list(wanted(view, application, {*ids, *known}))
        actions += changes(records, known)
    with source() as reading:
        empty = _usable(reading, application).is_empty
    return plan(actions, _known(application, ledger, actions, reads_empty=empty))


def _slices(
    application: Application, source: Source, touched: Touched
) -> Iterator[tuple[Collection[str], str, str | None]]:
    """Pieces of the accounts, with the range of ids (after, up to) that each stands for.

    Together the ranges of a whole comparison cover every id there can be, so that what the directory no
    longer knows is met as well.
    """
    if touched is not None:
        some = sorted(touched)
        yield from ((some[start : start + _SLICE], "", None) for start in range(0, len(some), _SLICE))
        return
    with source() as reading:
        ids: Sequence[str] = sorted(_usable(reading, application).view.accounts)
    after = ""
    for start in range(0, max(1, len(ids)), _SLICE):
        piece = ids[start : start + _SLICE]
        up_to = piece[-1] if start + _SLICE < len(ids) else None
        yield piece, after, up_to
        after = up_to or ""


def _usable(reading: Reading | None, application: Application) -> Reading:
    if reading is None or not reading.complete:
        raise CannotPlan("the directory has not been read whole yet")
    missing = application.applications - reading.view.catalogue.applications
    if missing and not reading.is_empty:
        raise CannotPlan(f"the directory's catalogue has no application {', '.join(sorted(missing))}")
    return reading


def _known(
    application: Application, ledger: Ledger, actions: Sequence[Action], *, reads_empty: bool
) -> Known:
    brake = application.brake.limits()
    if not any(isinstance(action, Remove) for action in actions):  # the brake will not be needed
        return Known(0, ledger.parked(), brake=brake)
    return Known(
        acknowledged=ledger.count(),
        parked=ledger.parked(),
        removed_lately=ledger.removed_within(brake.window),
        reads_empty=reads_empty,
        brake=brake,
    )
