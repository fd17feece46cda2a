"""slapd's log and the guard's record as one stream of events, oldest first, in bounded memory. Pure.

Both are nearly in order of time, but not exactly, and slapd's moments are whole seconds. So the guard's lines are
read a little ahead of slapd's records, a commit's two halves find each other by (reqStart, connection), and what
comes out is put in order within a window.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from um_directory.audit.events import Event, Kind
from um_directory.audit.guard_record import Line
from um_directory.audit.slapd_log import LogRecord
from um_directory.model.operation import Add, Delete, Modify, Operation, Rename, base_name

_AHEAD = timedelta(seconds=3)  # slapd's second ends, and the guard's line is written, before this
_PATIENCE = timedelta(seconds=30)  # for the other half of a commit
_WINDOW = _PATIENCE + 2 * _AHEAD

_NAMES: dict[type[Operation], str] = {Add: "add", Modify: "modify", Delete: "delete", Rename: "modrdn"}


def joined(records: Iterable[LogRecord], lines: Iterable[Line]) -> Iterator[Event]:
    """All events, oldest first."""
    return _ordered(_matched(iter(records), iter(lines)))


def _matched(records: Iterator[LogRecord], lines: Iterator[Line]) -> Iterator[Event]:
    waiting: OrderedDict[tuple[str, int | None], Event] = OrderedDict()
    line = next(lines, None)
    for record in records:
        while line is not None and line.event.time <= record.end + _AHEAD:
            yield from _taken(line, waiting)
            line = next(lines, None)
        yield _event(record, waiting.pop((record.start, record.connection), None))
        yield from _given_up(waiting, record.end - _PATIENCE)
    while line is not None:
        yield from _taken(line, waiting)
        yield from _given_up(waiting, line.event.time - _PATIENCE)
        line = next(lines, None)
    yield from (replace(event, kind=Kind.UNLOGGED) for event in waiting.values())


def _taken(line: Line, waiting: OrderedDict[tuple[str, int | None], Event]) -> Iterator[Event]:
    if line.event.kind is Kind.COMMITTED:
        waiting[line.start, line.event.connection] = line.event
    else:
        yield line.event


def _given_up(waiting: OrderedDict[tuple[str, int | None], Event], before: datetime) -> Iterator[Event]:
    while waiting and next(iter(waiting.values())).time < before:
        yield replace(waiting.popitem(last=False)[1], kind=Kind.UNLOGGED)


def _event(record: LogRecord, guards: Event | None) -> Event:
    if guards is not None:
        return replace(guards, changes=record.changes)
    names = dict.fromkeys(base_name(change.attribute) for change in record.changes)
    return Event(
        time=record.written,
        kind=Kind.UNCONFIRMED,
        operation=_NAMES.get(type(record.operation), ""),
        dn=record.operation.dn,
        actor=record.identity,
        bind=record.identity,
        connection=record.connection,
        attributes=tuple(names),
        changes=record.changes,
    )


def _ordered(events: Iterator[Event]) -> Iterator[Event]:
    """Sort what is out of order by less than the window."""
    heap: list[tuple[datetime, int, Event]] = []
    newest: datetime | None = None
    for number, event in enumerate(events):
        heapq.heappush(heap, (event.time, number, event))
        newest = max(newest or event.time, event.time)
        while heap and heap[0][0] < newest - _WINDOW:
            yield heapq.heappop(heap)[2]
    while heap:
        yield heapq.heappop(heap)[2]
