"""The state store's tables."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Index, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class _Utc(TypeDecorator[datetime]):
    """Points in time, stored without a zone (SQLite knows none) and always meant as UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {datetime: _Utc}  # noqa: RUF012 - SQLAlchemy's own declaration


class AcknowledgedRow(Base):
    """The last version of a record that a target confirmed, or `IN_DOUBT`. See `plan.Acknowledged`."""

    __tablename__ = "acknowledged"

    application: Mapped[str] = mapped_column(String(40), primary_key=True)
    record_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(32))
    active: Mapped[bool]
    remote_id: Mapped[str | None] = mapped_column(String)
    acknowledged_at: Mapped[datetime | None]
    removal: Mapped[str | None] = mapped_column(String(9))


_MARKED = AcknowledgedRow.removal.is_not(None)
# The few that the brake holds are looked for at every change, among perhaps a million that it does not.
Index(
    "acknowledged_removal",
    AcknowledgedRow.application,
    AcknowledgedRow.removal,
    sqlite_where=_MARKED,
    postgresql_where=_MARKED,
)


class ParkedRow(Base):
    """A version of a record that a target refuses, in its own words (already made printable)."""

    __tablename__ = "parked"

    application: Mapped[str] = mapped_column(String(40), primary_key=True)
    record_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String)
    attempts: Mapped[int]
    since: Mapped[datetime]


class RemovalRow(Base):
    """How many records a target lost at a time: what the brake looks back on."""

    __tablename__ = "removal"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    application: Mapped[str] = mapped_column(String(40), index=True)
    at: Mapped[datetime]
    number: Mapped[int]


class StatusRow(Base):
    """How an application stands.

    `pending` counts what was planned and is not acknowledged, `pending_since` when it stopped being nothing.
    `compared_at` is the last whole comparison. `error` is empty when the last delivery worked.
    """

    __tablename__ = "status"

    application: Mapped[str] = mapped_column(String(40), primary_key=True)
    pending: Mapped[int] = mapped_column(default=0)
    pending_since: Mapped[datetime | None]
    compared_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String, default="")
    error_at: Mapped[datetime | None]
    held_reason: Mapped[str] = mapped_column(String, default="")
    held_since: Mapped[datetime | None]
