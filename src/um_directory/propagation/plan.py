"""wanted - acknowledged = plan: typed actions, and the brake on mass removals. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

from um_directory.propagation.record import Record

REMOVAL = ""
"""The fingerprint that stands for "not wanted any more"."""
IN_DOUBT = "in doubt"
"""The fingerprint of what was perhaps sent: nobody knows what the target has until it acknowledges again."""

Mark: TypeAlias = Literal["held", "confirmed"]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a target last confirmed of one record.

    `fingerprint` is `IN_DOUBT` from before a delivery until its answer; it differs from every version, so that
    whatever is wanted by then, removal included, is delivered. `remote_id` is the target's own name for it.
    `removal` says whether a removal that the brake held back is waiting for a person (`held`) or was let
    through by one (`confirmed`).
    """

    id: str
    fingerprint: str
    active: bool
    remote_id: str | None = None
    removal: Mark | None = None


@dataclass(frozen=True, slots=True)
class _Put:
    """A record to be brought to the target."""

    record: Record
    remote_id: str | None = None
    verb: ClassVar[str] = "update"

    @property
    def id(self) -> str:
        """The record's stable id."""
        return self.record.id

    @property
    def fingerprint(self) -> str:
        """What the target will have acknowledged when this is done."""
        return self.record.fingerprint()

    def description(self) -> str:
        """What running this would do, for people."""
        state = "active" if self.record.active else "inactive"
        roles = ", ".join(sorted({f"{g.capacity}/{g.role}".lstrip("/") for g in self.record.grants}))
        return f"Would {self.verb} {self.id} ({state}; enterprise {self.record.enterprise}; {roles})"


@dataclass(frozen=True, slots=True)
class Create(_Put):
    """The target has not acknowledged this record yet."""

    verb: ClassVar[str] = "create"


@dataclass(frozen=True, slots=True)
class Update(_Put):
    """The target knows another version of this record."""

    verb: ClassVar[str] = "update"


@dataclass(frozen=True, slots=True)
class Deactivate(_Put):
    """The target knows the account as active, and it may not use the application any more."""

    verb: ClassVar[str] = "deactivate"


@dataclass(frozen=True, slots=True)
class Remove:
    """The account has no role any more that gives the application."""

    id: str
    remote_id: str | None = None
    confirmed: bool = False
    verb: ClassVar[str] = "remove"
    fingerprint: ClassVar[str] = REMOVAL

    def description(self) -> str:
        """What running this would do, for people."""
        return f"Would remove {self.id}"


Action: TypeAlias = Create | Update | Deactivate | Remove

_ORDER = (Deactivate, Remove, Update, Create)  # taking away comes first: it is the urgent part


@dataclass(frozen=True, slots=True)
class Brake:
    """Limits on removals within `window` seconds. Both must be passed for removals to be held."""

    removals: int = 50
    share: float = 0.2
    window: float = 3600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do for one application.

    `held` removals wait for a person, for the `reason` given. `parked` are the ids of records that differ but
    that the target refused as they are.
    """

    actions: tuple[Action, ...] = ()
    held: tuple[Remove, ...] = ()
    reason: str = ""
    parked: tuple[str, ...] = ()

    def summary(self) -> dict[str, int]:
        """How many actions of each sort, held and parked ones apart."""
        counts = Counter(action.verb for action in self.actions)
        wanted = {kind.verb: counts[kind.verb] for kind in _ORDER}
        return {**wanted, "held": len(self.held), "parked": len(self.parked)}


@dataclass(frozen=True, slots=True)
class Known:
    """What bears on a plan besides the differences.

    `parked` maps ids to the fingerprint that the target refused: exactly that is not tried again. For the
    brake: how much the target has, and what it lost lately. `reads_empty` is set when the directory shows
    nobody with any role: that is a failed reading until a person says otherwise.
    """

    acknowledged: int
    parked: Mapping[str, str] = field(default_factory=dict)
    removed_lately: int = 0
    reads_empty: bool = False
    brake: Brake = field(default_factory=Brake)


def changes(records: Iterable[Record], acknowledged: Mapping[str, Acknowledged]) -> Iterator[Action]:
    """Compare records with what was acknowledged of the same ids.

    `acknowledged` holds the ids under comparison, no more: whichever has no record is removed.
    """
    seen = set()
    for record in records:
        seen.add(record.id)
        action = _change(record, acknowledged.get(record.id))
        if action is not None:
            yield action
    for known in acknowledged.values():
        if known.id not in seen:
            yield Remove(known.id, known.remote_id, confirmed=known.removal == "confirmed")


def _change(record: Record, known: Acknowledged | None) -> Action | None:
    if known is None:
        return Create(record)
    if known.fingerprint == record.fingerprint():
        return None
    kind = Deactivate if known.active and not record.active else Update
    return kind(record, known.remote_id)


def plan(actions: Iterable[Action], known: Known) -> Plan:
    """Order the actions, leave parked ones out, and hold removals back when there are suspiciously many.

    Removals that a person confirmed pass. Everything else goes on while removals are held.
    """
    everything = sorted(actions, key=lambda action: (_ORDER.index(type(action)), action.id))
    parked = tuple(action.id for action in everything if known.parked.get(action.id) == action.fingerprint)
    refused = frozenset(parked)
    ordered = [action for action in everything if action.id not in refused]
    doubtful = tuple(action for action in ordered if isinstance(action, Remove) and not action.confirmed)
    reason = _doubt(len(doubtful), known)
    if not reason:
        return Plan(tuple(ordered), parked=parked)
    kept = tuple(action for action in ordered if not isinstance(action, Remove) or action.confirmed)
    return Plan(kept, doubtful, reason, parked)


def _doubt(removals: int, known: Known) -> str:
    """Why these removals need a person's word; empty when they do not."""
    if not removals:
        return ""
    if known.reads_empty:
        return f"the directory shows nobody with any role, and {removals} would be removed"
    total = removals + known.removed_lately
    of = known.acknowledged + known.removed_lately
    if total > known.brake.removals and total > known.brake.share * of:
        return f"{total} of {of} would be removed within {known.brake.window / 60:.0f} minutes"
    return ""
