"""`make bench`: what our parts cost, as ratios against a named anchor measured in the same run.

These machines are noisy, so each figure is the median of three alternating rounds. Nothing here passes or fails.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from support.service import Service, free_port, wait_until
from um_directory.directory.embedded import EmbeddedSlapd
from um_directory.generate import generate, to_ldif
from um_directory.ldif_import.reader import read
from um_directory.settings import Settings
from um_directory.view import View

ROUNDS = 3
PERSONS = 600
ACCOUNTS = 100_000
MEMBERSHIP_GOAL_MIB = 1024  # for a million role memberships
QUESTION = (
    b"ADD\nmsgid: 2\nbinddn: cn=registrar,ou=operators,dc=um,dc=example\nconnid: 1003\nsuffix: dc=um,dc=example\n"
    b"dn: umSsin=85073003328,ou=register,dc=um,dc=example\nobjectClass: umPerson\nsn: X\numSsin: 85073003328\n\n"
)


def persons(serial: int) -> bytes:
    """LDIF of people with valid numbers; another serial, other people."""
    lines = []
    for number in range(1, PERSONS + 1):
        nine = (85_07_01 + serial) * 1000 + number
        ssin = f"{nine:09d}{97 - nine % 97:02d}"
        lines.append(
            f"dn: umSsin={ssin},ou=register,dc=um,dc=example\nobjectClass: umPerson\numSsin: {ssin}\nsn: X\n\n"
        )
    return "".join(lines).encode()


def ldapadd(settings: Settings, ldif: bytes) -> float:
    """Seconds that OpenLDAP's own client takes, one connection, one write at a time."""
    command = ["ldapadd", "-x", "-H", f"ldap://127.0.0.1:{settings.ldap_port}"]
    command += [
        "-D",
        "cn=registrar,ou=operators,dc=um,dc=example",
        "-y",
        str(settings.secrets_dir / "registrar"),
    ]
    began = time.perf_counter()
    subprocess.run(command, input=ldif, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def writes() -> tuple[float, float]:
    """(with the guard, without) in writes a second: the same slapd and logs, without the sock overlays."""
    folder = Path(tempfile.mkdtemp(prefix="um-"))
    bare_settings = Settings(state_dir=folder / "s", ldap_port=free_port())
    bare = EmbeddedSlapd(bare_settings, guarded=False)
    service = Service()
    rates: dict[str, list[float]] = {"guarded": [], "bare": []}
    try:
        bare.prepare()
        bare.start()
        bare.wait_ready()
        service.start()
        for round_ in range(ROUNDS):
            ldif = persons(round_)
            rates["bare"].append(PERSONS / ldapadd(bare_settings, ldif))
            rates["guarded"].append(PERSONS / ldapadd(service.settings, ldif))
    finally:
        bare.stop()
        shutil.rmtree(folder, ignore_errors=True)
        service.remove()
    return statistics.median(rates["guarded"]), statistics.median(rates["bare"])


def round_trips(path: str, count: int = 2000) -> list[float]:
    """Seconds of each question and answer on a Unix socket."""
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            client.sendall(QUESTION)
            client.recv(1000)
        taken.append(time.perf_counter() - began)
    return taken


YES = """
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(64)
while True:
    connection, _ = listener.accept()
    connection.recv(65536)
    connection.sendall(b"CONTINUE\\n")
    connection.close()
"""


def questions() -> tuple[float, float]:
    """(the guard, a Python socket that says yes to everything): p50 of a question, in µs."""
    folder = Path(tempfile.mkdtemp(prefix="um-"))
    path = folder / "yes.sock"
    yes = subprocess.Popen([sys.executable, "-c", YES, str(path)])
    service = Service()
    ours, theirs = [], []
    try:
        service.start()
        wait_until(path.exists, what="the socket that says yes")
        for _ in range(ROUNDS):
            theirs.append(statistics.median(round_trips(str(path))))
            ours.append(statistics.median(round_trips(str(service.settings.write_socket))))
    finally:
        yes.kill()
        yes.wait()
        service.remove()
        shutil.rmtree(folder)
    return statistics.median(ours) * 1e6, statistics.median(theirs) * 1e6


def view_size() -> tuple[float, int]:
    """(MiB, role memberships) of a view of generated enterprises, by tracemalloc."""
    tracemalloc.start()
    view = View("dc=um,dc=example")
    for record in generate(ACCOUNTS, 7):
        view.put(record.dn, record.attributes)
    size = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    memberships = sum(
        len(group.everyone())
        for enterprise in view.enterprises.values()
        for owner in (enterprise, *enterprise.capacities.values())
        for group in owner.groups.values()
    )
    return size, memberships


def reading() -> tuple[float, float]:
    """(our reader, splitting at blank lines) in MB/s over the same bytes."""
    with tempfile.NamedTemporaryFile(suffix=".ldif") as file:
        for record in generate(20_000, 7):
            file.write(to_ldif(record))
        file.flush()
        size = Path(file.name).stat().st_size / 1e6
        ours, split = [], []
        for _ in range(ROUNDS):
            ours.append(size / timed(lambda: read_through(Path(file.name))))
            split.append(size / timed(lambda: len(Path(file.name).read_bytes().split(b"\n\n"))))
    return statistics.median(ours), statistics.median(split)


def read_through(path: Path) -> int:
    """Read a file to its end; the number of records."""
    with path.open("rb") as stream:
        return sum(1 for _ in read(stream))


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    console = Console(width=118)
    table = Table("what", "ours", "anchor", "ratio", "the anchor is", box=None)
    with console.status("measuring"):
        guarded, bare = writes()
        table.add_row(
            "writes, one ldapadd",
            f"{guarded:.0f}/s",
            f"{bare:.0f}/s",
            f"{guarded / bare:.2f}",
            "the same slapd and logs without guard",
        )
        ours, yes = questions()
        table.add_row(
            "a question, p50",
            f"{ours:.0f} µs",
            f"{yes:.0f} µs",
            f"{ours / yes:.1f}",
            "a Python socket that says yes to everything",
        )
        size, memberships = view_size()
        million = size * 1_000_000 / memberships
        table.add_row(
            "view, per million roles",
            f"{million:.0f} MiB",
            f"{MEMBERSHIP_GOAL_MIB} MiB",
            f"{million / MEMBERSHIP_GOAL_MIB:.2f}",
            f"the goal; measured on {memberships:,} roles",
        )
        mb, split = reading()
        table.add_row(
            "LDIF reader",
            f"{mb:.0f} MB/s",
            f"{split:.0f} MB/s",
            f"{mb / split:.2f}",
            "bytes.split at blank lines",
        )
    console.print(table)


if __name__ == "__main__":
    main()
