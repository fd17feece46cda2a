"""What happened, or was refused: one event. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What the event tells.

    `committed`: written, says the guard and says slapd. `unconfirmed`: slapd's log has it, the guard was not told of
    the commit: it may never have happened (docs/explanation/slapd.md), or slapd or the guard was killed then.
    `unlogged`: the guard was told, slapd's log does not have it (any more). `refused`: nothing was written.
    `withdrawn`: the register took away the fact on which a role rests (E8).
    """

    COMMITTED = "committed"
    UNCONFIRMED = "unconfirmed"
    UNLOGGED = "unlogged"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Changed:
    """Values of one attribute that went (`old`) and came (`new`). `hidden`: they are secret; that it changed is not."""

    attribute: str
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `actor` acted, in `roles`; `bind` logged in: another one where the service `acting` for him did."""

    time: datetime
    kind: Kind
    operation: str = ""
    dn: str = ""
    actor: str = ""
    bind: str = ""
    roles: tuple[str, ...] = ()
    acting: bool = False
    connection: int | None = None
    rule: str = ""
    reason: str = ""
    attributes: tuple[str, ...] = ()
    changes: tuple[Changed, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """For machines: time in UTC; what does not apply is null or empty."""
        return {
            "time": self.time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "event": self.kind.value,
            "operation": self.operation or None,
            "dn": self.dn or None,
            "actor": self.actor or None,
            "bind": self.bind or None,
            "roles": list(self.roles),
            "acting": self.acting,
            "connection": self.connection,
            "rule": self.rule or None,
            "reason": self.reason or None,
            "attributes": list(self.attributes),
            "changes": [_change_json(change) for change in self.changes],
        }


def _change_json(change: Changed) -> dict[str, Any]:
    if change.hidden:
        return {"attribute": change.attribute, "hidden": True}
    return {"attribute": change.attribute, "old": list(change.old), "new": list(change.new)}
