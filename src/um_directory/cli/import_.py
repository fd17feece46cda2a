"""`um import`: LDIF files through the guard's door."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from um_directory import log_setup
from um_directory.directory.identity import connect_as
from um_directory.errors import UmError
from um_directory.ldif_import import sources
from um_directory.ldif_import.rejects import RejectsFile
from um_directory.ldif_import.report import Report
from um_directory.settings import load_settings

_SHOWN_REJECTS = 20
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
    ] = "registrar",
    password_file: Annotated[
        Path | None, typer.Option(help="File (mode 0600) with that identity's password; needed for a DN.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
    stop_on_error: Annotated[
        bool, typer.Option("--stop-on-error", help="Stop at the first record that is rejected.")
    ] = False,
) -> None:
    """Import entries and changes from LDIF files, one record at a time, by the same rules as any other client.

    A record that is malformed or refused is reported with file, line, DN and reason; the others go in.
    Exit status: 0 all accepted, 2 some rejected, 1 could not run.
    """
    settings = load_settings()
    log_setup.configure(settings, "import")
    total = sources.check(files)
    if rejects is not None and any(
        path.exists() and rejects.exists() and path.samefile(rejects) for path in files
    ):
        raise UmError(f"{rejects}: is to be read and to be written; give --rejects another name")
    report = Report(dry_run=dry_run)
    try:
        with ExitStack() as stack:
            client = stack.enter_context(connect_as(settings, identity, password_file))
            write = _rehearsal(settings, identity, client).write if dry_run else client.write
            schema_names = client.schema_names()
            kept = stack.enter_context(RejectsFile(rejects)) if rejects else None
            display = stack.enter_context(_Display.opened(total, kept))
            _run(files, write, schema_names, report, display, stop_on_error=stop_on_error)
    except UmError as error:
        report.stopped = str(error)
        raise
    finally:
        _print(report, as_json=as_json)
    if report.rejected:
        raise typer.Exit(_SOME_REJECTED)
