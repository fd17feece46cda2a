"""Time to load the view, against one ldapsearch that reads the same entries and attributes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from bench.figures import Figure, Rounds, ratio
from bench.sizes import ROUNDS
from bench.stacks import Stack
from um_directory.directory.client import DirectoryClient
from um_directory.directory.load import VIEW_ATTRIBUTES, load_view
from um_directory.settings import Settings

_MOST_TIMES = 12


def figures(ldif: Path) -> list[Figure]:
    """Both as the service over ldapi, taking turns."""
    loads, searches = [], []
    with Stack(ldif, "none", durable=False) as stack:
        entries = _ldapsearch(stack)[1]  # and the database is in memory
        for _ in range(ROUNDS):
            loads.append(_load(stack))
            searches.append(_ldapsearch(stack)[0])
    note = f"one ldapsearch of the same {entries:,} entries and attributes"
    return [ratio("loading the view", Rounds(loads), Rounds(searches), "s", note, most=_MOST_TIMES)]


def _ldapsearch(stack: Stack) -> tuple[float, int]:
    """(seconds, entries)."""
    command = ["ldapsearch", "-Q", "-Y", "EXTERNAL", "-H", stack.settings.ldapi_url, "-LLL"]
    command += ["-b", stack.settings.suffix, "(objectClass=*)", *VIEW_ATTRIBUTES]
    out = stack.folder / "found.ldif"
    with out.open("wb") as file:
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=file)
        taken = time.perf_counter() - began
    with out.open("rb") as file:
        return taken, sum(line.startswith(b"dn:") for line in file)


def _load(stack: Stack) -> float:
    """Seconds, in a process of its own that holds nothing else, as the guard is at its start."""
    state = str(stack.settings.state_dir)
    command = [sys.executable, "-m", "bench.loading", state]
    done = subprocess.run(command, check=True, capture_output=True, env={**os.environ, "UM_STATE_DIR": state})
    return float(json.loads(done.stdout)["seconds"])


def _measure(state: str) -> None:
    settings = Settings(state_dir=Path(state))
    with DirectoryClient.bind_external(settings.ldapi_url) as client:
        began = time.perf_counter()
        view = load_view(client, settings.suffix)
        taken = time.perf_counter() - began
    print(json.dumps({"seconds": taken, "accounts": len(view.accounts)}))


if __name__ == "__main__":
    _measure(sys.argv[1])
