"""`make bench`: every figure of the goals in one run, ours beside its anchor, on one machine and the same data.

These machines are noisy, so each figure is the median of rounds in which both take turns, with the spread beside it.
Nothing passes or fails here: a missed goal is marked. `--only writes` (and others) measures a part, `--markdown` prints
the table as docs/reference/bench.md has it, `bench/sizes.py` says how to make it smaller.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console

from bench import loading, memory, questions, reading, reads, writes
from bench.data import write_ldif
from bench.figures import Figure, Report
from bench.sizes import ACCOUNTS, LOADED_ACCOUNTS
from bench.stacks import Stack
from support.blocks import ROOT, records
from um_directory import log_setup
from um_directory.settings import Settings
from um_directory.view import View

PARTS = ("writes", "questions", "reads", "memory", "loading", "reading")


def machine() -> str:
    """What the figures were measured on."""
    filesystem = subprocess.run(
        ["stat", "-f", "-c", "%T", tempfile.gettempdir()], capture_output=True, text=True, check=True
    ).stdout.strip()
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, load {load:.1f} at the start, {filesystem}, Python {platform.python_version()}, "
        f"{ACCOUNTS:,} accounts in the directories"
    )


class Data:
    """The LDIF files, each written when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._views: dict[int, View] = {}
        self._catalogue = records(ROOT / "ldif" / "catalogue.ldif")

    def ldif(self, accounts: int) -> Path:
        """The file of so many accounts."""
        path = self._folder / f"{accounts}.ldif"
        if accounts not in self._views:
            self._views[accounts] = write_ldif(path, accounts, self._catalogue)
        return path

    def view(self, accounts: int) -> View:
        """What is in that file."""
        self.ldif(accounts)
        return self._views[accounts]

    def forget(self) -> None:
        """Give memory back before others need it."""
        self._views.clear()


def measure(only: tuple[str, ...], say: Callable[[str], None]) -> Iterator[Figure]:
    """All parts that are wanted, in the order of the table."""
    with tempfile.TemporaryDirectory(prefix="um-bench-") as folder:
        data = Data(Path(folder))
        say("making up enterprises")
        if {"writes", "questions", "reads"} & {*only}:
            yield from _side_by_side(only, data, say)
        data.forget()
        if "memory" in only:
            say("memory of the view")
            yield from memory.figures()
        if "loading" in only:
            say("loading the view")
            yield from loading.figures(data.ldif(LOADED_ACCOUNTS))
        if "reading" in only:
            say("reading LDIF")
            yield from reading.figures(data.ldif(ACCOUNTS))


def _side_by_side(only: tuple[str, ...], data: Data, say: Callable[[str], None]) -> Iterator[Figure]:
    """What needs a directory with and one without the guard."""
    view, ldif = data.view(ACCOUNTS), data.ldif(ACCOUNTS)
    with ExitStack() as stack:
        ours = stack.enter_context(Stack(ldif, "guard"))
        bare = stack.enter_context(Stack(ldif, "none"))
        if "writes" in only:
            say("writes, durable")
            yield from writes.durable(ldif, ours, bare)
        if "reads" in only:
            say("reads")
            yield from reads.compare(ours, bare, view)
        if "questions" in only:
            say("questions")
            yield from questions.compare(ours, view)
    if "writes" in only:
        say("writes, nosync")
        yield from writes.not_durable(ldif)


@contextmanager
def _status(console: Console) -> Iterator[Callable[[str], None]]:
    with console.status("measuring") as status:
        yield lambda what: status.update(f"measuring: {what}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    log_setup.configure(Settings(log_level="warning"), "bench")
    console = Console(width=None if Console().is_terminal else 160)
    report = Report(machine())
    with _status(Console(stderr=True)) as say:
        for figure in measure(tuple(options.only), say):
            report.figures.append(figure)
    report.print(console, "markdown" if options.markdown else "table")


if __name__ == "__main__":
    main()
