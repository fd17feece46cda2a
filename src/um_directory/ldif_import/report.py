"""What an import did: counts, rate, rejects; for people and for machines."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from um_directory.ldif_import.batch import Accepted, Outcome, Rejected
from um_directory.log_setup import printable

_KEPT_REJECTS = 1000


@dataclass(slots=True)
class Report:
    """Counts while the import runs; `finish` stops the clock."""

    dry_run: bool = False
    accepted: Counter[str] = field(default_factory=Counter)  # by kind of operation
    rejected: Counter[str] = field(default_factory=Counter)  # by rule
    rejects: list[dict[str, Any]] = field(default_factory=list)  # the first 1000, without their text
    files: list[str] = field(default_factory=list)
    stopped: str = ""  # why the import ended before the end of its files
    seconds: float = 0.0
    _started: float = field(default_factory=time.monotonic)

    def count(self, file: str, outcome: Outcome) -> None:
        """Take in what became of one record."""
        if isinstance(outcome, Accepted):
            self.accepted[outcome.kind] += 1
            return
        self.rejected[outcome.rule] += 1
        if len(self.rejects) < _KEPT_REJECTS:
            self.rejects.append(_as_json(file, outcome))

    def finish(self) -> None:
        """Stop the clock."""
        self.seconds = time.monotonic() - self._started

    @property
    def records(self) -> int:
        """All records seen."""
        return self.accepted.total() + self.rejected.total()

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.seconds if self.seconds else 0.0

    def as_json(self) -> dict[str, Any]:
        """For machines. `rejects` has the first 1000, `rejects_omitted` counts the others."""
        return {
            "dry_run": self.dry_run,
            "files": self.files,
            "records": self.records,
            "accepted": self.accepted.total(),
            "rejected": self.rejected.total(),
            "accepted_by_kind": dict(self.accepted),
            "rejected_by_rule": dict(self.rejected),
            "seconds": round(self.seconds, 3),
            "records_per_second": round(self.rate, 1),
            "stopped": self.stopped or None,
            "rejects": self.rejects,
            "rejects_omitted": self.rejected.total() - len(self.rejects),
        }

    def as_table(self) -> Table:
        """For people."""
        table = Table()
        table.add_column("outcome")
        table.add_column("by")
        table.add_column("records", justify="right")
        for kind, number in sorted(self.accepted.items()):
            table.add_row("accepted", kind, f"{number:,}")
        for rule, number in sorted(self.rejected.items()):
            table.add_row("rejected", printable(rule), f"{number:,}")
        return table

    def as_line(self) -> str:
        """The sum of it."""
        return (
            f"{'dry run, nothing was written: ' if self.dry_run else ''}"
            f"{self.accepted.total():,} accepted, {self.rejected.total():,} rejected in {self.seconds:.1f} s "
            f"({self.rate:,.0f} records/s)"
        )


def reject_line(file: str, rejected: Rejected) -> str:
    """One reject as `file:line: dn: reason`, safe to print."""
    return printable(f"{file}:{rejected.line}: {rejected.dn or '(no dn)'}: {rejected.reason}")


def _as_json(file: str, rejected: Rejected) -> dict[str, Any]:
    return {
        "file": file,
        "line": rejected.line,
        "dn": rejected.dn,
        "rule": rejected.rule,
        "reason": rejected.reason,
    }
