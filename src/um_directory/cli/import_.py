"""`um import`: LDIF files through the guard's door."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from um_directory import log_setup
from um_directory.directory.client import DirectoryClient
from um_directory.directory.identity import SERVICE, connect_as, dn_of
from um_directory.errors import UmError
from um_directory.ldif_import import sources
from um_directory.ldif_import.batch import Outcome, Rejected, feed
from um_directory.ldif_import.dry_run import Acting, Rehearsal
from um_directory.ldif_import.legacy import take_over
from um_directory.ldif_import.reader import Item, read
from um_directory.ldif_import.rejects import RejectsFile
from um_directory.ldif_import.report import Report, reject_line
from um_directory.settings import Settings, load_settings

_SHOWN_REJECTS = 20
REGISTRAR = "registrar"
Feeder: TypeAlias = Callable[[Iterator[Item], str], Iterator[Outcome]]
_SOME_REJECTED = 2


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="LDIF files; - is standard input.", show_default=False),
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every record and write nothing.")] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(help="Write the rejected records here, with reasons, to be mended and imported again."),
    ] = None,
    identity: Annotated[
        str, typer.Option("--as", metavar="registrar|contact-center|DN", help="On whose behalf.")
    ] = REGISTRAR,
    password_file: Annotated[
        Path | None, typer.Option(help="File (mode 0600) with that identity's password; needed for a DN.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
    stop_on_error: Annotated[
        bool, typer.Option("--stop-on-error", help="Stop at the first record that is rejected.")
    ] = False,
    legacy: Annotated[
        bool,
        typer.Option("--legacy", help="The records are the local administrators of the old system (D16)."),
    ] = False,
) -> None:
    """Import entries and changes from LDIF files, one record at a time, by the same rules as any other client.

    A record that is malformed or refused is reported with file, line, DN and reason; the others go in.
    Exit status: 0 all accepted, 2 some rejected, 1 could not run.
    """
    settings = load_settings()
    log_setup.configure(settings, "import")
    total = sources.check(files)
    if rejects is not None and any(_is_same(path, rejects) for path in files):
        raise UmError(f"{rejects}: it is to be read and to be written; give --rejects another name")
    if legacy and identity != REGISTRAR:
        raise UmError("--legacy is the registrar's: only it may load what stood before (D16)")
    report = Report(dry_run=dry_run)
    try:
        with ExitStack() as stack:
            client = stack.enter_context(connect_as(settings, identity, password_file))
            feeder = _feeder(settings, identity, client, dry_run=dry_run, legacy=legacy)
            kept = stack.enter_context(RejectsFile(rejects)) if rejects else None
            progress = stack.enter_context(_progress())
            run = _Run(feeder, report, kept, progress)
            run.files(files, total, stop_on_error=stop_on_error)
    finally:
        if report.files:
            report.finish()
            _print(report, as_json=as_json)
    if report.rejected:
        raise typer.Exit(_SOME_REJECTED)


class _Run:
    """One import: counts, shows and keeps what becomes of each record."""

    def __init__(
        self,
        feeder: Feeder,
        report: Report,
        kept: RejectsFile | None,
        progress: Progress,
    ) -> None:
        self._feeder = feeder
        self._report = report
        self._kept = kept
        self._progress = progress
        self._most_shown = _SHOWN_REJECTS if progress.console.is_terminal else None
        self._shown = 0

    def files(self, paths: list[Path], total: int | None, *, stop_on_error: bool) -> None:
        """Import the files in order.

        :raises UmError: the import could not go on; `report.stopped` says why too.
        """
        task = self._progress.add_task("import", total=total)
        try:
            for path in paths:
                with sources.open_source(path, lambda size: self._progress.advance(task, size)) as source:
                    self._report.files.append(source.name)
                    for outcome in self._feeder(read(source), source.name):
                        self._note(source.name, outcome)
                        if stop_on_error and isinstance(outcome, Rejected):
                            self._report.stopped = f"{source.name}:{outcome.line}: stopped, as asked"
                            return
        except UmError as error:
            self._report.stopped = str(error)
            raise
        except KeyboardInterrupt:
            self._report.stopped = "interrupted; whether the record in hand was written is not known"
            raise UmError(self._report.stopped) from None
        finally:
            self._mention_hidden()

    def _note(self, file: str, outcome: Outcome) -> None:
        self._report.count(file, outcome)
        if not isinstance(outcome, Rejected):
            return
        if self._kept is not None:
            self._kept.add(file, outcome)
        if self._most_shown is None or self._shown < self._most_shown:
            self._shown += 1
            self._say(reject_line(file, outcome))

    def _mention_hidden(self) -> None:
        hidden = self._report.rejected.total() - self._shown
        if hidden:
            self._say(f"… and {hidden} more" + ("" if self._kept else " (use --rejects FILE)"))

    def _say(self, line: str) -> None:
        # Text, so that brackets in a name are not taken for markup.
        self._progress.console.print(Text(line), soft_wrap=True, highlight=False)


def _progress() -> Progress:
    """A bar of bytes read, on standard error and only on a terminal."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _feeder(
    settings: Settings, identity: str, client: DirectoryClient, *, dry_run: bool, legacy: bool
) -> Feeder:
    """What becomes of the records of a file, one after the other."""
    if legacy:
        rehearsal = _rehearsal(settings, identity, client)
        write = (lambda _operation: None) if dry_run else client.write
        return lambda items, file: take_over(items, rehearsal, write, file)
    write = _rehearsal(settings, identity, client).write if dry_run else client.write
    names = client.schema_names()
    return lambda items, file: feed(items, write, names, file)


def _rehearsal(settings: Settings, identity: str, client: DirectoryClient) -> Rehearsal:
    """What a dry run asks. On the directory's own machine the service reads for it: it may see everything."""
    acting = Acting(dn_of(settings, identity))
    if settings.url.startswith("ldapi:"):
        with connect_as(settings, SERVICE) as service:
            return Rehearsal.load(service, settings.suffix, acting, settings.readings)
    return Rehearsal.load(client, settings.suffix, acting, settings.readings)


def _print(report: Report, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(report.as_json()))
        return
    console = Console(highlight=False)
    if report.records:
        console.print(report.as_table())
    console.print(report.as_line(), soft_wrap=True)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them does not exist, or cannot be looked at
        return False
