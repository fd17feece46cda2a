"""`um verify`: the rules over all stored data, and the guard's view beside the directory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from um_directory import log_setup
from um_directory.cli.inspection import Inspection
from um_directory.directory.client import DirectoryClient
from um_directory.directory.identity import SERVICE, connect_as
from um_directory.directory.stored_passwords import stored_passwords
from um_directory.guard.control import ask
from um_directory.guard.verify import Finding, estimated_entries
from um_directory.guard.view_check import differences
from um_directory.log_setup import printable
from um_directory.settings import Settings, load_settings

_VIOLATIONS = 2
_SHOWN = 50


def verify(
    *,
    view: Annotated[
        bool, typer.Option("--view", help="Also compare the guard's view in memory with the directory.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Notices count as violations.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Judge everything that is stored by the rules that judge writes.

    A notice (E8: the register withdrew the fact on which something rests; E6: what stood before stays) may stand.
    Exit status: 0 no violation, 2 some, 1 could not run.
    """
    settings = load_settings()
    log_setup.configure(settings, "verify")
    with connect_as(settings, SERVICE) as client:
        outcome = _verify(settings, client, with_view=view)
    _print(outcome, as_json=as_json)
    if outcome.violations or outcome.view_differs or (strict and outcome.notices):
        raise typer.Exit(_VIOLATIONS)


@dataclass(slots=True)
class Outcome:
    """What was found. `rows` is None where the view was not compared."""

    entries: int
    findings: list[Finding]
    passwords_read: bool
    rows: int | None = None
    view_differs: dict[str, list[str]] = field(default_factory=dict)

    @property
    def violations(self) -> list[Finding]:
        """What must not stand."""
        return [finding for finding in self.findings if not finding.notice]

    @property
    def notices(self) -> list[Finding]:
        """What may."""
        return [finding for finding in self.findings if finding.notice]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        compared = {"rows": self.rows, "different": self.view_differs}
        return {
            "entries": self.entries,
            "violations": len(self.violations),
            "notices": len(self.notices),
            "by_rule": dict(Counter(finding.rule for finding in self.findings)),
            "passwords_read": self.passwords_read,
            "findings": [{**asdict(finding), "notice": finding.notice} for finding in self.findings],
            "view": None if self.rows is None else compared,
        }


def _verify(settings: Settings, client: DirectoryClient, *, with_view: bool) -> Outcome:
    with _progress() as show:
        show("reading the view", None)
        inspection = Inspection(client, settings.suffix, settings.readings)
        found = inspection.findings(show("entries", estimated_entries(inspection.view)))
        embedded = not settings.ldap_url
        if embedded:
            show("passwords", None)
            found += inspection.passwords(stored_passwords(settings))
        outcome = Outcome(inspection.entries, found, embedded)
        if with_view:
            step = show("the guard's view", None)
            rows, differing = differences(
                lambda request: ask(settings, request), inspection.view, client, step
            )
            outcome.rows = rows
            outcome.view_differs = {table: sorted(keys) for table, keys in differing.items()}
    return outcome


@contextmanager
def _progress() -> Iterator[Callable[[str, int | None], Callable[[int], None]]]:
    """A bar on standard error, only on a terminal: given a step's name and size, what to tell its progress."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    bar = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)

    def show(name: str, total: int | None) -> Callable[[int], None]:
        for task in bar.task_ids:
            bar.remove_task(task)
        task = bar.add_task(name, total=total)
        return lambda done: bar.advance(task, done)

    with bar:
        yield show


def _print(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(outcome.as_json()))
        return
    console = Console(highlight=False)
    lines = [*_finding_lines(outcome), *_view_lines(outcome)]
    shown = lines[:_SHOWN] if console.is_terminal else lines
    for line, style in shown:
        console.print(Text(printable(line), style=style), soft_wrap=True)
    if len(lines) > len(shown):
        console.print(f"… and {len(lines) - len(shown):,} more (to a pipe or with --json: all)")
    console.print(Text(_summary(outcome)), soft_wrap=True)


def _finding_lines(outcome: Outcome) -> Iterator[tuple[str, str]]:
    for finding in outcome.violations:
        yield f"{finding.rule}: {finding.dn}: {finding.text}", "red"
    for finding in outcome.notices:
        yield f"notice {finding.rule}: {finding.dn}: {finding.text}", "yellow"


def _view_lines(outcome: Outcome) -> Iterator[tuple[str, str]]:
    for table, keys in outcome.view_differs.items():
        yield from ((f"view: {table}: {key}: not what the directory holds", "red") for key in keys)


def _summary(outcome: Outcome) -> str:
    said = f"{outcome.entries:,} entries: {_counted(outcome.violations, 'violations')}"
    said += f", {_counted(outcome.notices, 'notices')}"
    if not outcome.passwords_read:
        said += "; stored passwords are on another machine and were not looked at"
    if outcome.rows is not None:
        differing = sum(map(len, outcome.view_differs.values()))
        said += f"; the guard's view: {outcome.rows:,} rows, {differing:,} different"
    return said


def _counted(findings: list[Finding], noun: str) -> str:
    rules = Counter(finding.rule for finding in findings)
    listed = ", ".join(f"{rule} {number:,}" for rule, number in sorted(rules.items()))
    return f"{len(findings):,} {noun}" + (f" ({listed})" if listed else "")
