"""`um search`: people by the criteria of the manual (§4.1.4, §5.1), within the scope of whoever asks."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.text import Text

from um_directory import log_setup
from um_directory.directory.bootstrap import OPERATORS
from um_directory.directory.identity import SERVICE, connect_as
from um_directory.errors import UmError
from um_directory.log_setup import printable
from um_directory.model.numbers import is_enterprise_number, normalise_enterprise_number
from um_directory.model.tree import Tree
from um_directory.search.criteria import Criteria
from um_directory.search.people import People, Person, find_scope
from um_directory.settings import Settings, load_settings

_MORE = 2
_MOST = 500


def search(
    *,
    identity: Annotated[
        str,
        typer.Option("--as", metavar="contact-center|registrar|DN", help="Who searches.", show_default=False),
    ],
    password_file: Annotated[
        Path | None, typer.Option(help="File (mode 0600) with that identity's password; needed for a DN.")
    ] = None,
    enterprise: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="For who sees several: search in this one.")
    ] = None,
    capacity: Annotated[
        str | None, typer.Option(help="Holds a role in this capacity, active or blocked.")
    ] = None,
    application: Annotated[
        str | None, typer.Option(help="May use this application by an active role in --capacity.")
    ] = None,
    username: Annotated[str | None, typer.Option()] = None,
    name: Annotated[str | None, typer.Option()] = None,
    first_name: Annotated[str | None, typer.Option()] = None,
    title: Annotated[str | None, typer.Option()] = None,
    ssin: Annotated[str | None, typer.Option()] = None,
    language: Annotated[str | None, typer.Option(metavar="nl|fr|de|en")] = None,
    email: Annotated[str | None, typer.Option()] = None,
    prefix: Annotated[
        bool, typer.Option("--prefix", help="Username, names, title and e-mail need only begin as given.")
    ] = False,
    limit: Annotated[int, typer.Option(min=0, help="Show at most so many; 0 is all.")] = _MOST,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find people by all the criteria given, as far as whoever searches may see them.

    Local and co-local administrators find who holds a role in their capacities, chief access managers everybody
    of the enterprise, others themselves.
    Exit status: 0 all are shown (also when there are none), 2 there are more than --limit, 1 could not search.
    """
    criteria = Criteria(
        capacity, application, username, name, first_name, title, ssin, language, email, prefix
    )
    criteria.check()
    settings = load_settings()
    log_setup.configure(settings, "search")
    with _people(settings, identity, password_file, enterprise) as people, _progress() as progress:
        task = progress.add_task("looking at accounts", total=None)
        found = people.find(criteria, lambda: progress.advance(task))
        shown = islice(found, limit) if limit else found
        (_print_json if as_json else _print_lines)(progress, shown, found)


@contextmanager
def _people(
    settings: Settings, identity: str, password_file: Path | None, enterprise: str | None
) -> Iterator[People]:
    tree = Tree(settings.suffix)
    reader = tree.operator(identity) if identity in {*OPERATORS, SERVICE} else identity
    with (
        connect_as(settings, identity, password_file) as pages,
        connect_as(settings, identity, password_file) as details,
    ):
        scope = find_scope(details, tree, reader, _number(enterprise))
        yield People(settings.suffix, scope, pages, details)


def _number(typed: str | None) -> str | None:
    if typed is None:
        return None
    number = normalise_enterprise_number(typed)
    if not is_enterprise_number(number):
        raise UmError(f"--enterprise {typed}: not a valid enterprise number")
    return number


def _print_lines(progress: Progress, shown: Iterator[Person], rest: Iterator[Person]) -> None:
    count = 0
    for person in shown:
        count += 1
        for line in _lines(person):
            _say(progress, printable(line))
    more = next(rest, None) is not None
    _say(
        progress, f"{count} found" + (", and there are more: narrow the search, or --limit 0" if more else "")
    )
    _end(more=more)


def _lines(person: Person) -> Iterator[str]:
    names = f"{person.name}, {person.first_name}".strip(", ")
    details = (person.username, names, person.title, person.language, person.email)
    yield "  ".join(part for part in (*details, "" if person.active else "(inactive)") if part)
    for held in person.roles:
        where = f" of {held.capacity}" if held.capacity else ""
        yield f"    {held.role}{where}: {held.state}"
    if person.applications:
        yield f"    applications: {', '.join(person.applications)}"


def _print_json(progress: Progress, shown: Iterator[Person], rest: Iterator[Person]) -> None:
    """One object, written as it comes: there may be a million accounts."""
    separator = '{"accounts": ['
    for person in shown:
        _say(progress, separator + json.dumps(_as_json(person), ensure_ascii=True))
        separator = ","
    more = next(rest, None) is not None
    opening = separator if separator != "," else ""
    _say(progress, f'{opening}], "complete": {json.dumps(not more)}}}')
    _end(more=more)


def _as_json(person: Person) -> dict[str, Any]:
    record = asdict(person)
    record["status"] = "active" if record.pop("active") else "inactive"
    record["roles"] = [
        {"role": str(held.role), "capacity": held.capacity, "state": held.state} for held in person.roles
    ]
    return record


def _end(*, more: bool) -> None:
    if more:
        raise typer.Exit(_MORE)


def _progress() -> Progress:
    """How many were looked at, where a terminal is; results go to standard output whatever that is."""
    on_screen = sys.stdout.isatty()
    console = Console(stderr=not on_screen)
    columns = SpinnerColumn(), TextColumn("{task.description}: {task.completed}")
    return Progress(
        *columns, console=console, disable=not console.is_terminal, transient=True, redirect_stdout=on_screen
    )


def _say(progress: Progress, line: str) -> None:
    if progress.console.stderr:
        typer.echo(line)
    else:  # above the moving line
        progress.console.print(Text(line), soft_wrap=True, highlight=False)
