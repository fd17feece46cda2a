"""The state store: what each target acknowledged, refused and still misses.

SQLite in the state directory by default. Of a record it keeps a fingerprint and whether it was active, not
the contents. Losing it costs time, not correctness: everything is sent once more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from um_directory.errors import StateDirectoryError
from um_directory.log_setup import printable
from um_directory.propagation.tables import Base

FILE_NAME = "scheduler.db"
_BUSY_SECONDS = 10
_ROWS_A_STATEMENT = 500
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_Item = TypeVar("_Item")


class StateStore:
    """The store of all applications. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, state_dir: Path) -> StateStore:
        """Open `scheduler.db` in the state directory, making it (mode 0600) when it is not there.

        :raises StateDirectoryError: it cannot be used.
        """
        path = state_dir.absolute() / FILE_NAME
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _BUSY_SECONDS})
            event.listen(engine, "connect", _tune)
            Base.metadata.create_all(engine)
        except (OSError, SQLAlchemyError) as error:
            raise StateDirectoryError(f"{path}: the state store cannot be used: {_words(error)}") from error
        return cls(engine)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction.

        :raises StateDirectoryError: the store does not work (a full disk, a lock that nobody lets go of).
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StateDirectoryError(f"the state store does not work: {_words(error)}") from error

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def upsert(
    connection: Connection,
    table: type[Base],
    rows: Sequence[Mapping[str, Any]],
    changed: Mapping[str, Any] | None = None,
) -> None:
    """Insert rows. A standing row with the same key takes the new values, but for those in `changed`."""
    for some in batches(rows):
        insert = _INSERT[connection.dialect.name](table)
        keys = [column.name for column in table.__table__.primary_key]
        values = {name: insert.excluded[name] for name in some[0] if name not in keys}
        statement = insert.on_conflict_do_update(index_elements=keys, set_={**values, **(changed or {})})
        connection.execute(statement, list(some))


def batches(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    """Cut into pieces that one SQL statement can take."""
    for start in range(0, len(items), _ROWS_A_STATEMENT):
        yield items[start : start + _ROWS_A_STATEMENT]


def _tune(connection: Any, _record: Any) -> None:
    # WAL: readers (um sync status) do not wait for the writer. FULL: that something may have been sent must
    # be known after a power failure too.
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}").close()


def _words(error: Exception) -> str:
    return printable(str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error))
