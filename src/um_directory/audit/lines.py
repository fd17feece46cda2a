"""One event as one line for people. Pure; whoever prints it escapes it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from um_directory.audit.events import Changed, Event, Kind

_SHOWN_VALUES = 3
_STYLES = {
    Kind.REFUSED: "red",
    Kind.UNCONFIRMED: "yellow",
    Kind.UNLOGGED: "yellow",
    Kind.WITHDRAWN: "magenta",
}
# Names that say enough by their leaf: usernames are unique in the directory.
_BY_LEAF = re.compile(
    r"(?:uid=([^,]+),ou=accounts,umenterprisenumber=\d+|cn=([^,]+),ou=(?:operators|services|access))$", re.I
)
HEADING = f"{'time':19}  {'event':14}  {'who (in which role)':44}  what"


def style(event: Event) -> str:
    """Its colour on a terminal."""
    return _STYLES.get(event.kind, "")


def line(event: Event, suffix: str) -> str:
    """Time (local), event, who in which role, what, where, and the values or the reason."""
    moment = event.time.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    kind = f"{event.kind.value} {event.rule}" if event.rule else event.kind.value
    what = f"{event.operation} {_cut(event.dn, suffix)}".strip()
    said = event.reason.removeprefix(f"{event.rule}: ") or "; ".join(_changes(event, suffix))
    return f"{moment}  {kind:14}  {_who(event, suffix):44}  {what}" + (f": {said}" if said else "")


def _who(event: Event, suffix: str) -> str:
    nobody = "the register" if event.kind is Kind.WITHDRAWN else "slapd itself"
    name = _named(event.actor, suffix) or nobody
    through = f" through {_named(event.bind, suffix)}" if event.bind.lower() != event.actor.lower() else ""
    return f"{name}{through}" + (f" ({', '.join(event.roles)})" if event.roles else "")


def _changes(event: Event, suffix: str) -> Iterable[str]:
    if not event.changes:
        return event.attributes
    differing = [change for change in event.changes if change.hidden or change.old or change.new]
    return (_change(change, suffix) for change in differing)


def _change(change: Changed, suffix: str) -> str:
    if change.hidden:
        return f"{change.attribute} changed"
    gone, come = _few("-", change.old, suffix), _few("+", change.new, suffix)
    return " ".join([change.attribute, *gone, *come])


def _few(sign: str, values: tuple[str, ...], suffix: str) -> list[str]:
    shown = [f"{sign}{_named(value, suffix)}" for value in values[:_SHOWN_VALUES]]
    more = len(values) - len(shown)
    return [*shown, f"({sign}{more} more)"] if more else shown


def _cut(dn: str, suffix: str) -> str:
    """Without what every name ends in."""
    for tail in (f",ou=enterprises,{suffix}", f",{suffix}"):
        if dn.lower().endswith(tail.lower()):
            return dn[: -len(tail)]
    return dn


def _named(value: str, suffix: str) -> str:
    """A value or a name; accounts, operators, services and applications by their own name alone."""
    cut = _cut(value, suffix)
    leaf = _BY_LEAF.match(cut) if cut != value else None
    return (leaf[1] or leaf[2]) if leaf else cut
