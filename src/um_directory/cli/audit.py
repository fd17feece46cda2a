"""`um audit`: who did what, in which role, with the old values and the new, and what was refused."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from um_directory import log_setup
from um_directory.audit.events import Event
from um_directory.audit.filters import Person, Wanted, normal
from um_directory.audit.guard_record import read_record
from um_directory.audit.join import joined
from um_directory.audit.lines import HEADING, line, style
from um_directory.audit.slapd_log import read_log
from um_directory.directory.client import DirectoryClient
from um_directory.directory.identity import SERVICE, connect_as
from um_directory.errors import UmError
from um_directory.log_setup import printable
from um_directory.model.dn import escape_filter
from um_directory.model.numbers import is_enterprise_number, normalise_enterprise_number
from um_directory.model.tree import Tree
from um_directory.settings import Settings, load_settings

_SSIN = re.compile(r"[0-9]{11}")
_USERNAME = re.compile(r"[A-Za-z0-9]{1,64}")
_BEFORE = timedelta(hours=1)  # a write that began this long before it was done is still found


def audit(
    *,
    enterprise: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="What happened in it, or was done by its people.")
    ] = None,
    person: Annotated[
        str | None, typer.Option(metavar="USERNAME|SSIN|DN", help="What somebody did, or was done to him.")
    ] = None,
    rule: Annotated[
        str | None, typer.Option(metavar="ID", help="What this rule refused or reported.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE[TTIME]", help="From then on; local time unless it says.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE[TTIME]", help="Before then; a date alone: that day included.")
    ] = None,
    refused: Annotated[bool, typer.Option("--refused", help="Only what was refused.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the newest so many.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show what was written and what was refused, newest last.

    Every write has who acted and in which role, from the guard's record, and the values, from slapd's audit log.
    Passwords are never shown, not even as hashes. Exit status: 0, or 1 could not run.
    """
    settings = load_settings()
    log_setup.configure(settings, "audit")
    moments = _moment(since, "--since", end=False), _moment(until, "--until", end=True)
    with connect_as(settings, SERVICE) as client, connect_as(settings, SERVICE) as details:
        wanted = Wanted(
            *moments,
            enterprise=_number(enterprise) if enterprise else None,
            person=_person(client, settings, person) if person else None,
            rule=rule,
            refused=refused,
        )
        found: Iterable[Event] = filter(wanted.matches, _events(settings, client, details, wanted.since))
        if limit is not None:
            found = deque(found, maxlen=limit)
        _print(found, settings.suffix, as_json=as_json)


def _events(
    settings: Settings, client: DirectoryClient, details: DirectoryClient, since: datetime | None
) -> Iterable[Event]:
    if since is not None:
        since -= _BEFORE
    record = read_record(settings.audit_dir, since.astimezone().date() - timedelta(days=1) if since else None)
    return joined(read_log(client, details, since), record)


def _person(client: DirectoryClient, settings: Settings, text: str) -> Person:
    """Whom a username, an SSIN or a DN means.

    :raises UmError: it is none of these.
    """
    tree = Tree(settings.suffix)
    if "=" in text:
        uid = tree.account_id(text)
        return Person({normal(text)}, {uid} if uid else set())
    if _SSIN.fullmatch(text):
        wanted = f"(umSsin={escape_filter(text)})"
        accounts = [entry.dn for entry in client.search(f"ou=enterprises,{tree.suffix}", wanted, ("1.1",))]
        uids = {tree.account_id(dn) for dn in accounts} - {None}
        return Person({normal(tree.person(text)), *map(normal, accounts)}, {uid for uid in uids if uid}, text)
    if not _USERNAME.fullmatch(text):
        raise UmError(f"--person {printable(text)}: neither a username, nor an SSIN, nor a DN")
    return Person(usernames={text.lower()})


def _moment(text: str | None, option: str, *, end: bool) -> datetime | None:
    """A date is its beginning, or as an end the beginning of the next.

    :raises UmError: neither date nor time.
    """
    if text is None:
        return None
    try:
        if len(text) == len("2026-11-23"):
            day = date.fromisoformat(text) + timedelta(days=1 if end else 0)
            return datetime.combine(day, time()).astimezone()
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError) as error:
        raise UmError(f"{option} {printable(text)}: not a date (2026-11-23) or time ({error})") from error


def _print(events: Iterable[Event], suffix: str, *, as_json: bool) -> None:
    show = _json if as_json else _table(suffix)
    for event in events:
        show(event)


def _json(event: Event) -> None:
    typer.echo(json.dumps(event.as_json()))


def _table(suffix: str) -> Callable[[Event], None]:
    """A line an event, so that it streams; in colour on a terminal."""
    console = Console(highlight=False)
    if console.is_terminal:
        console.print(Text(HEADING, style="bold"), soft_wrap=True)

    def show(event: Event) -> None:
        console.print(Text(printable(line(event, suffix)), style=style(event)), soft_wrap=True)

    return show


def _number(written: str) -> str:
    number = normalise_enterprise_number(written)
    if not is_enterprise_number(number):
        raise UmError(f"{printable(written)}: not an enterprise number")
    return number
