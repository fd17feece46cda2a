"""Tables of `um sync`. Whatever came from outside is text here, never markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.table import Table
from rich.text import Text

_MOST_PARKED = 5
_LONGEST_UNIT = ((86400, "d"), (3600, "h"), (60, "min"), (0, "s"))


def summary_table(summaries: Mapping[str, Mapping[str, int]]) -> Table:
    """How many actions of each sort, an application a row."""
    columns = ["create", "update", "deactivate", "remove", "held", "parked"]
    table = Table("application", *columns)
    for name, summary in summaries.items():
        table.add_row(Text(name), *(str(summary[column] or "-") for column in columns))
    return table


def status_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """How each application stands."""
    table = Table(
        "application", "state", "records", "last acknowledged", "compared", "parked", "held", "trouble"
    )
    for row in rows:
        table.add_row(
            Text(row["application"]),
            state(row),
            str(row["acknowledged"]),
            ago(row["acknowledged_at"]),
            ago(row["compared_at"]),
            str(row["parked"] or "-"),
            str(row["held"] or "-"),
            Text("\n".join(_trouble(row))),
        )
    return table


def state(row: Mapping[str, Any]) -> str:
    """In step, or behind by how many and since when."""
    if row["compared_at"] is None:
        return "never compared"
    if row["pending"]:
        return f"behind by {row['pending']}, since {ago(row['pending_since'])}"
    return "in step" if not row["error"] else "failing"


def in_step(row: Mapping[str, Any]) -> bool:
    """Nothing is open, and it has been compared at all."""
    open_ends = ("pending", "parked", "held", "error")
    return row["compared_at"] is not None and not any(row[key] for key in open_ends)


def _trouble(row: Mapping[str, Any]) -> list[str]:
    parked = row["parked_records"]
    lines = [row["error"], row["held_reason"]]
    lines += [f"{record.id}: {record.reason}" for record in parked[:_MOST_PARKED]]
    lines.append(f"… and {len(parked) - _MOST_PARKED} more parked" if len(parked) > _MOST_PARKED else "")
    return [line for line in lines if line]


def ago(moment: datetime | None) -> str:
    """A point in time as people say it.

    >>> ago(None)
    '-'
    """
    if moment is None:
        return "-"
    seconds = max(0, int((datetime.now(UTC) - moment).total_seconds()))
    size, unit = next((size, unit) for size, unit in _LONGEST_UNIT if seconds >= size)
    return f"{seconds // max(size, 1)} {unit} ago"
