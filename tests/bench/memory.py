"""Memory of the view at a million role memberships, each measurement in a process of its own."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

from bench.data import SUFFIX
from bench.figures import Figure
from bench.sizes import MEMBERSHIPS, MEMORY_SECONDS, SEED
from um_directory.generate import generate
from um_directory.generate.stream import MOST_ACCOUNTS
from um_directory.model.tree import Kind
from um_directory.view import View

GOAL_MIB = 1024
MILLION = 1_000_000
_TRACED = (
    10  # tracemalloc makes it several times as slow: a tenth of the memberships, but enough to mean something
)
_LEAST_TRACED = 20_000
_LOOK = 1000


def figures() -> list[Figure]:
    """By the process's resident memory, which has the goal, and by tracemalloc."""
    return [_figure("rss", MEMBERSHIPS), _figure("tracemalloc", max(MEMBERSHIPS // _TRACED, _LEAST_TRACED))]


def _figure(how: str, wanted: int) -> Figure:
    command = [sys.executable, "-m", "bench.memory", how, str(wanted)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    mib, held = found["mib"], found["memberships"]
    million = mib * MILLION / held
    measured = f"measured at {held:,} memberships in {found['seconds']:.0f} s"
    return Figure(
        f"view of a million roles, {how}",
        f"{million:,.0f} MiB",
        f"{GOAL_MIB} MiB",
        f"{million / GOAL_MIB:.2f}",
        "the goal; " + measured + ("" if held >= MILLION else ", scaled"),
        "≤ 1" if how == "rss" else "",
        million <= GOAL_MIB if how == "rss" else None,
    )


def _resident_mib() -> float:
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _measure(how: str, wanted: int) -> None:
    """In a process of its own: fill a view and print what it takes."""
    for _ in generate(100, SEED + 1):  # what the generator itself needs is there before
        pass
    gc.collect()
    view, held, began = View(SUFFIX), 0, time.monotonic()
    before = _resident_mib()
    if how == "tracemalloc":
        tracemalloc.start()
    for number, record in enumerate(generate(MOST_ACCOUNTS, SEED)):
        view.put(record.dn, record.attributes)
        if view.place(record.dn).kind is Kind.ROLE_GROUP:
            held += len(record.attributes.get("member", ())) + len(
                record.attributes.get("umBlockedMember", ())
            )
            if held >= wanted:
                break
        if number % _LOOK == 0 and time.monotonic() - began > MEMORY_SECONDS:
            break
    gc.collect()
    mib = tracemalloc.get_traced_memory()[0] / 2**20 if how == "tracemalloc" else _resident_mib() - before
    print(json.dumps({"mib": mib, "memberships": held, "seconds": time.monotonic() - began}))


if __name__ == "__main__":
    _measure(sys.argv[1], int(sys.argv[2]))
