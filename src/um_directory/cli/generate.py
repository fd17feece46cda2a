"""`um generate`: made-up enterprises as LDIF, for trying things out and for measuring."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from um_directory.errors import UmError
from um_directory.generate import MOST_ACCOUNTS, to_ldif
from um_directory.generate import generate as stream
from um_directory.generate.stream import DEFAULT_SUFFIX
from um_directory.model.operation import Add
from um_directory.settings import load_settings

_TICK = 2_000  # records between two looks at the progress bar


def generate(
    *,
    accounts: Annotated[int, typer.Option(min=1, max=MOST_ACCOUNTS, help="Accounts in all.")],
    seed: Annotated[int, typer.Option(help="Another seed gives other people.")] = 1,
    one_enterprise: Annotated[
        bool, typer.Option("--one-enterprise", help="Put all accounts in a single enterprise.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; standard output without it.")
    ] = None,
    suffix: Annotated[str | None, typer.Option(help="Top of the tree; the settings' one without it.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a summary as JSON on standard output; needs --output.")
    ] = False,
) -> None:
    """Make up enterprises with people, accounts and roles, and write them as LDIF.

    The same accounts and seed always give the same file. Nothing in it has a password.
    """
    if as_json and output is None:
        raise typer.BadParameter("--json needs --output: the LDIF itself goes to standard output")
    top = suffix or load_settings().suffix
    started = time.monotonic()
    records = stream(accounts, seed, one_enterprise=one_enterprise, suffix=top)
    header = f"# {command_line(accounts, seed, one_enterprise=one_enterprise, suffix=top)}\n\n"
    with _destination(output) as file:
        file.write(header.encode())
        written = _write(_counted(records, accounts), file)
    _report(written, accounts, time.monotonic() - started, output, as_json=as_json)


def command_line(accounts: int, seed: int, *, one_enterprise: bool, suffix: str) -> str:
    """The command that makes the same records again: the first comment of each file."""
    words = ["um generate", f"--accounts {accounts}", f"--seed {seed}"]
    if one_enterprise:
        words.append("--one-enterprise")
    if suffix != DEFAULT_SUFFIX:
        words.append(f"--suffix {shlex.quote(suffix)}")
    return " ".join(words)


def _write(records: Iterable[Add], file: BinaryIO) -> int:
    count = 0
    for count, record in enumerate(records, 1):  # noqa: B007 - the last value is the result
        file.write(to_ldif(record))
    return count


def _counted(records: Iterator[Add], accounts: int) -> Iterator[Add]:
    """The same records, with a progress bar on standard error when that is a terminal."""
    console = Console(stderr=True)
    columns = TextColumn("accounts"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    hidden = not console.is_terminal or sys.stdout.isatty()
    with Progress(*columns, console=console, disable=hidden, transient=True) as progress:
        task = progress.add_task("accounts", total=accounts)
        made = 0
        for number, record in enumerate(records):
            made += record.dn.startswith("uid=")
            if number % _TICK == 0:
                progress.update(task, completed=made)
            yield record


@contextmanager
def _destination(output: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that appears under its name only when it is whole.

    :raises UmError: when the file cannot be written.
    """
    if output is None:
        yield from _standard_output()
        return
    part = output.with_name(f".{output.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(output)
    except OSError as error:
        raise UmError(f"cannot write {output}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _standard_output() -> Iterator[BinaryIO]:
    """Standard output, whose reader may go away early, as `head` does."""
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the exit would fail again
        raise typer.Exit(1) from None


def _report(records: int, accounts: int, seconds: float, output: Path | None, *, as_json: bool) -> None:
    rate = round(records / seconds) if seconds else records
    if as_json:
        summary = {
            "accounts": accounts,
            "records": records,
            "seconds": round(seconds, 3),
            "file": str(output),
        }
        typer.echo(json.dumps(summary))
    elif output is not None:
        typer.echo(f"{output}: {records} records, {accounts} accounts ({rate} records/s)", err=True)
