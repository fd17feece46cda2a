"""`um explain`: would these LDIF changes be refused, by which rule? Nothing is written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.text import Text

from um_directory import log_setup
from um_directory.directory.identity import SERVICE, connect_as, dn_of
from um_directory.errors import UmError
from um_directory.ldif_import import sources
from um_directory.ldif_import.batch import Rejected, feed
from um_directory.ldif_import.dry_run import Acting, Rehearsal
from um_directory.ldif_import.reader import read
from um_directory.log_setup import printable
from um_directory.model.roles import CAPACITY_ROLES, Role
from um_directory.settings import Settings, load_settings

_SOME_REFUSED = 2


def explain(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="LDIF files; - is standard input.", show_default=False),
    ],
    *,
    identity: Annotated[
        str, typer.Option("--as", metavar="registrar|contact-center|DN", help="Who would write.")
    ],
    role: Annotated[
        str | None,
        typer.Option(
            metavar="ROLE[@CAPACITY]", help="Acting in this role only (A6): user@employer, for example."
        ),
    ] = None,
    language: Annotated[
        Literal["nl", "fr", "de", "en"] | None,
        typer.Option("--lang", help="Language of the refusals; without it, the one of the account."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say of every record whether it would be refused, by which rule and why, without writing anything.

    A record after an allowed one is judged as if that had happened, after a refused one as if not.
    Exit status: 0 all would be allowed, 2 some refused, 1 could not run.
    """
    settings = load_settings()
    log_setup.configure(settings, "explain")
    sources.check(files)
    acting = _acting(settings, identity, role, language)
    with connect_as(settings, SERVICE) as service:
        rehearsal = Rehearsal.load(service, settings.suffix, acting, settings.readings)
        schema_names = service.schema_names()
    rehearsal.require_actor()
    printer = _Json(acting) if as_json else _Lines()
    for verdict in _verdicts(files, rehearsal, schema_names):
        printer.show(verdict)
    printer.finish()
    if printer.refused:
        raise typer.Exit(_SOME_REFUSED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would become of one record. `rule` and `text` are None where it would be allowed."""

    file: str
    line: int
    dn: str | None
    allowed: bool
    rule: str | None = None
    text: str | None = None


def _acting(settings: Settings, identity: str, role: str | None, language: str | None) -> Acting:
    dn = dn_of(settings, identity)
    if role is None:
        return Acting(dn, language=language)
    name, _, capacity = role.lower().partition("@")
    if name not in set(Role):
        raise UmError(f"{printable(name)}: no such role; there are {', '.join(Role)}")
    found = Role(name)
    if (found in CAPACITY_ROLES) != bool(capacity):
        raise UmError(
            f"{name}: " + (f"name the capacity: {name}@employer" if not capacity else "has no capacity")
        )
    return Acting(dn, found, capacity or None, language)


def _verdicts(files: list[Path], rehearsal: Rehearsal, schema_names: set[str]) -> Iterator[Verdict]:
    for path in files:
        with sources.open_source(path) as source:
            for outcome in feed(read(source), rehearsal.write, schema_names, source.name):
                if isinstance(outcome, Rejected):
                    reason = outcome.reason.removeprefix(f"{outcome.rule}: ")
                    yield Verdict(source.name, outcome.line, outcome.dn, False, outcome.rule, reason)
                else:
                    yield Verdict(source.name, outcome.line, outcome.dn, True)


@dataclass(slots=True)
class _Lines:
    """A line for each record, and a last one with the counts."""

    allowed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    console: Console = field(default_factory=lambda: Console(highlight=False))

    def show(self, verdict: Verdict) -> None:
        self.allowed += verdict.allowed
        said = "allowed"
        if not verdict.allowed:
            self.refused[verdict.rule or ""] += 1
            said = f"{verdict.rule}: {verdict.text}"
        line = f"{verdict.file}:{verdict.line}: {verdict.dn or '(no dn)'}: {said}"
        style = "green" if verdict.allowed else "red"
        self.console.print(Text(printable(line), style=style), soft_wrap=True)

    def finish(self) -> None:
        rules = ", ".join(f"{rule} {number:,}" for rule, number in sorted(self.refused.items()))
        refused = f"{self.refused.total():,} refused" + (f" ({rules})" if rules else "")
        self.console.print(Text(f"{self.allowed:,} would be allowed, {refused}; nothing was written"))


class _Json:
    """One JSON object, written piece by piece: a file may have a million records."""

    def __init__(self, acting: Acting) -> None:
        self.refused: Counter[str] = Counter()
        self._allowed = 0
        self._separator = ""
        head = {"as": acting.dn, "role": acting.role, "capacity": acting.capacity}
        typer.echo(json.dumps(head)[:-1] + ', "records": [')

    def show(self, verdict: Verdict) -> None:
        if verdict.allowed:
            self._allowed += 1
        else:
            self.refused[verdict.rule or ""] += 1
        typer.echo(self._separator + json.dumps(asdict(verdict)), nl=False)
        self._separator = ",\n"

    def finish(self) -> None:
        counts: dict[str, Any] = {
            "allowed": self._allowed,
            "refused": self.refused.total(),
            "refused_by_rule": dict(self.refused),
        }
        typer.echo("\n], " + json.dumps(counts)[1:])
