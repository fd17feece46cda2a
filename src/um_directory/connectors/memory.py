"""The memory twin: a target in a dictionary, for tests and for trying a configuration out."""

from __future__ import annotations

from collections.abc import Iterator

from um_directory.connectors.interface import (
    Capabilities,
    Connector,
    Context,
    Held,
    Options,
    RecordRefused,
    TargetUnavailable,
)
from um_directory.propagation.record import Record


class MemoryOptions(Options):
    """A memory target has no options."""


class MemoryConnector(Connector[MemoryOptions]):
    """Keeps records while the process lives. What it should refuse can be set from outside."""

    capabilities = Capabilities(read_back=True)

    def __init__(self, options: MemoryOptions, context: Context) -> None:
        super().__init__(options, context)
        self.records: dict[str, Record] = {}
        self.refuses: dict[str, str] = {}
        """Ids of records that are refused for good, and the words."""
        self.away: str | None = None
        """Why the target is unavailable, while it is."""

    def put(self, record: Record, remote_id: str | None) -> str:
        """See `Connector.put`."""
        self._answer(record.id)
        self.records[record.id] = record
        return f"memory:{record.id}"

    def remove(self, record_id: str, remote_id: str | None) -> None:
        """See `Connector.remove`."""
        self._answer(record_id)
        self.records.pop(record_id, None)

    def read(self) -> Iterator[Held]:
        """See `Connector.read`."""
        self._answer("")
        for record in self.records.values():
            yield Held(record.id, f"memory:{record.id}", record.active, record.fingerprint())

    def lost(self) -> bool:
        """Another process, another dictionary."""
        return not self.records

    def _answer(self, record_id: str) -> None:
        if self.away is not None:
            raise TargetUnavailable(self.away)
        if record_id in self.refuses:
            raise RecordRefused(self.refuses[record_id])
