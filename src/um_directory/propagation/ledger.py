"""What the state store knows of one application. Every method is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, delete, func, insert, select, update

from um_directory.propagation.plan import IN_DOUBT, Acknowledged, Action, Create, Mark, Plan, Remove
from um_directory.propagation.state import StateStore, batches, upsert
from um_directory.propagation.tables import AcknowledgedRow, ParkedRow, RemovalRow, StatusRow

TRY_AGAIN = "again"
"""In the place of a parked record's fingerprint: it is to be tried again, whatever it is."""
_MARKS: dict[str, Mark] = {"held": "held", "confirmed": "confirmed"}
_REMOVALS_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a target answered to one action: it knows the record (`known`), refuses it, or has it no more.

    `confirmed`: a person had let the removal through, so the brake does not count it.
    """

    id: str
    fingerprint: str
    action: str
    known: Acknowledged | None = None
    refused: str | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Parked:
    """A record that the target refuses, for the reason in its own words."""

    id: str
    action: str
    reason: str
    attempts: int
    since: datetime


class Ledger:
    """The part of the store that is about `application`."""

    def __init__(self, store: StateStore, application: str) -> None:
        self._store = store
        self.application = application
        with store.transaction() as connection:
            upsert(connection, StatusRow, [{"application": application}], {"application": application})

    # --- what the target has ---

    def acknowledged(self, ids: Iterable[str]) -> dict[str, Acknowledged]:
        """What was acknowledged of these records."""
        found: dict[str, Acknowledged] = {}
        with self._store.transaction() as connection:
            for some in batches(sorted(ids)):
                found.update(self._read(connection, AcknowledgedRow.record_id.in_(some)))
        return found

    def acknowledged_between(self, after: str, up_to: str | None) -> dict[str, Acknowledged]:
        """What was acknowledged of records with `after` < id <= `up_to` (None: no end)."""
        limits = [AcknowledgedRow.record_id > after]
        if up_to is not None:
            limits.append(AcknowledgedRow.record_id <= up_to)
        with self._store.transaction() as connection:
            return self._read(connection, *limits)

    def _read(self, connection: Connection, *where: Any) -> dict[str, Acknowledged]:
        row = AcknowledgedRow
        statement = select(row.record_id, row.fingerprint, row.active, row.remote_id, row.removal)
        rows = connection.execute(statement.where(row.application == self.application, *where))
        return {
            record_id: Acknowledged(record_id, fingerprint, active, remote_id, _MARKS.get(removal or ""))
            for record_id, fingerprint, active, remote_id, removal in rows
        }

    def count(self) -> int:
        """How many records the target has, or may have."""
        return self._count(AcknowledgedRow)

    def is_empty(self) -> bool:
        """Whether the target acknowledged nothing."""
        row = AcknowledgedRow
        known = (row.application == self.application, row.fingerprint != IN_DOUBT)
        with self._store.transaction() as connection:
            return connection.scalar(select(row.record_id).where(*known).limit(1)) is None

    def removed_within(self, seconds: float) -> int:
        """How many records the target lost lately."""
        moment = datetime.now(UTC) - timedelta(seconds=seconds)
        statement = select(func.sum(RemovalRow.number)).where(
            RemovalRow.application == self.application, RemovalRow.at >= moment
        )
        with self._store.transaction() as connection:
            return int(connection.scalar(statement) or 0)

    def settle(self, answers: Sequence[Settled]) -> None:
        """Record what the target answered."""
        now = datetime.now(UTC)
        known = [answer.known for answer in answers if answer.known]
        refused = [answer for answer in answers if answer.refused is not None]
        gone = [answer for answer in answers if not answer.known and answer.refused is None]
        never = [answer.id for answer in refused if answer.action == Create.verb]
        unasked = sum(not answer.confirmed for answer in gone)
        with self._store.transaction() as connection:
            upsert(connection, AcknowledgedRow, [self._acknowledged_row(item, now) for item in known])
            self._delete(connection, AcknowledgedRow, [*never, *(answer.id for answer in gone)])
            self._delete(connection, ParkedRow, [answer.id for answer in answers if answer.refused is None])
            again = {"attempts": ParkedRow.attempts + 1, "since": ParkedRow.since}
            upsert(connection, ParkedRow, [self._parked_row(item, now) for item in refused], again)
            if unasked:
                self._count_removals(connection, unasked, now)
            left = StatusRow.pending - len(answers)
            changes: dict[str, Any] = {"pending": case((left > 0, left), else_=0)}
            if known or gone:
                changes["acknowledged_at"] = now
            self._set_status(connection, changes)

    def doubt_everything(self) -> None:
        """The target lost its data: nothing counts as acknowledged any more."""
        statement = update(AcknowledgedRow).where(AcknowledgedRow.application == self.application)
        with self._store.transaction() as connection:
            connection.execute(statement.values(fingerprint=IN_DOUBT, active=True))

    # --- what it refuses, and what the brake holds ---

    def parked(self) -> dict[str, str]:
        """Id and fingerprint of each record that the target refuses."""
        row = ParkedRow
        statement = select(row.record_id, row.fingerprint).where(row.application == self.application)
        with self._store.transaction() as connection:
            return {found[0]: found[1] for found in connection.execute(statement)}

    def parked_records(self) -> list[Parked]:
        """The parked records, for people."""
        row = ParkedRow
        statement = select(row.record_id, row.action, row.reason, row.attempts, row.since)
        with self._store.transaction() as connection:
            found = connection.execute(
                statement.where(row.application == self.application).order_by(row.record_id)
            )
            return [Parked(*columns) for columns in found]

    def unpark(self, record_id: str | None = None) -> int:
        """Let the parked records, or the one, be tried again; returns how many there are."""
        statement = update(ParkedRow).where(ParkedRow.application == self.application)
        if record_id is not None:
            statement = statement.where(ParkedRow.record_id == record_id)
        with self._store.transaction() as connection:
            return connection.execute(statement.values(fingerprint=TRY_AGAIN)).rowcount

    def held(self) -> list[str]:
        """Ids whose removal waits for a person."""
        return self._marked("held")

    def confirm(self) -> int:
        """A person lets the held removals through; returns how many."""
        row = AcknowledgedRow
        statement = update(row).where(row.application == self.application, row.removal == "held")
        with self._store.transaction() as connection:
            self._set_status(connection, {"held_reason": "", "held_since": None})
            return connection.execute(statement.values(removal="confirmed")).rowcount

    # --- how it stands ---

    def planned(self, plan: Plan, scope: Collection[str] | None) -> None:
        """Take note of a plan for the records in `scope` (None: all, a whole comparison), before it is run.

        Its records are in doubt from here until the target answers: whatever becomes of this process, what
        may have been sent is not forgotten. What was held or parked in that scope and is not in the plan any
        more has settled itself.
        """
        now = datetime.now(UTC)
        removals = {action.id for action in (*plan.actions, *plan.held) if isinstance(action, Remove)}
        stale_marks = _stale(self._marked("held", "confirmed"), scope, removals)
        busy = {action.id for action in plan.actions} | set(plan.parked)
        stale_parked = _stale(self.parked(), scope, busy)
        with self._store.transaction() as connection:
            self._doubt(connection, plan.actions)
            self._mark(connection, stale_marks, None)
            self._mark(connection, [action.id for action in plan.held], "held")
            self._delete(connection, ParkedRow, stale_parked)
            row = connection.execute(
                select(StatusRow.pending_since, StatusRow.held_since).where(
                    StatusRow.application == self.application
                )
            ).one()
            changes: dict[str, Any] = {
                "pending": len(plan.actions),
                "pending_since": (row[0] or now) if plan.actions else None,
            }
            if scope is None or plan.held:
                changes["held_reason"] = plan.reason
                changes["held_since"] = (row[1] or now) if plan.held else None
            if scope is None:
                changes["compared_at"] = now
            self._set_status(connection, changes)

    def report(self, error: str) -> None:
        """Take note of how the last attempt ended; empty when it went well."""
        with self._store.transaction() as connection:
            changes: dict[str, Any] = {"error": error}
            if error:
                changes["error_at"] = datetime.now(UTC)
            else:
                done = StatusRow.pending == 0
                changes["pending_since"] = case((done, None), else_=StatusRow.pending_since)
            self._set_status(connection, changes)

    def status(self) -> dict[str, Any]:
        """The row of `StatusRow`, and how many records are acknowledged, parked and held."""
        with self._store.transaction() as connection:
            row = connection.execute(
                select(StatusRow.__table__).where(StatusRow.application == self.application)
            ).one()
            acknowledged = connection.scalar(
                select(func.count())
                .select_from(AcknowledgedRow)
                .where(
                    AcknowledgedRow.application == self.application,
                    AcknowledgedRow.fingerprint != IN_DOUBT,
                )
            )
        counts = {
            "acknowledged": acknowledged,
            "parked": self._count(ParkedRow),
            "held": len(self.held()),
        }
        return {**row._mapping, **counts}

    # --- helpers ---

    def _acknowledged_row(self, item: Acknowledged, now: datetime) -> dict[str, Any]:
        return {
            "application": self.application,
            "record_id": item.id,
            "fingerprint": item.fingerprint,
            "active": item.active,
            "remote_id": item.remote_id,
            "acknowledged_at": now,
            "removal": None,
        }

    def _doubt(self, connection: Connection, actions: Sequence[Action]) -> None:
        row = AcknowledgedRow
        rows = [
            {
                "application": self.application,
                "record_id": action.id,
                "fingerprint": IN_DOUBT,
                "active": True,  # at worst
            }
            for action in actions
        ]
        upsert(connection, row, rows)

    def _parked_row(self, item: Settled, now: datetime) -> dict[str, Any]:
        return {
            "application": self.application,
            "record_id": item.id,
            "fingerprint": item.fingerprint,
            "action": item.action,
            "reason": item.refused,
            "attempts": 1,
            "since": now,
        }

    def _count_removals(self, connection: Connection, number: int, now: datetime) -> None:
        connection.execute(
            insert(RemovalRow), [{"application": self.application, "at": now, "number": number}]
        )
        connection.execute(
            delete(RemovalRow).where(
                RemovalRow.application == self.application, RemovalRow.at < now - _REMOVALS_KEPT
            )
        )

    def _marked(self, *marks: str) -> list[str]:
        row = AcknowledgedRow
        statement = select(row.record_id).where(row.application == self.application, row.removal.in_(marks))
        with self._store.transaction() as connection:
            return list(connection.scalars(statement.order_by(row.record_id)))

    def _mark(self, connection: Connection, ids: Sequence[str], mark: str | None) -> None:
        row = AcknowledgedRow
        for some in batches(ids):
            where = (row.application == self.application, row.record_id.in_(some))
            connection.execute(update(row).where(*where).values(removal=mark))

    def _delete(
        self, connection: Connection, table: type[AcknowledgedRow | ParkedRow], ids: Sequence[str]
    ) -> None:
        for some in batches(ids):
            connection.execute(
                delete(table).where(table.application == self.application, table.record_id.in_(some))
            )

    def _count(self, table: type[AcknowledgedRow | ParkedRow]) -> int:
        statement = select(func.count()).select_from(table).where(table.application == self.application)
        with self._store.transaction() as connection:
            return int(connection.scalar(statement) or 0)

    def _set_status(self, connection: Connection, changes: dict[str, Any]) -> None:
        connection.execute(update(StatusRow).where(StatusRow.application == self.application).values(changes))


def _stale(ids: Iterable[str], scope: Collection[str] | None, busy: Collection[str]) -> list[str]:
    return [one for one in ids if one not in busy and (scope is None or one in scope)]
