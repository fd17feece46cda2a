"""Writes a second with the guard and its commit notifications, against the same slapd with accesslog and no guard."""

from __future__ import annotations

import itertools
import subprocess
import time
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

from bench.figures import Figure, Rounds, ratio
from bench.sizes import ROUNDS, WRITES
from bench.stacks import Stack
from um_directory.settings import Settings

_A_DAY = 997
_FIRST_BIRTHDAY = date(1930, 1, 1)  # nobody whom the generator makes up was born before 1956
_serial = itertools.count()
NOTE = "the same slapd, one accesslog, no guard"


def people(count: int) -> bytes:
    """LDIF of that many people nobody has seen yet, with valid numbers."""
    lines = []
    for number in itertools.islice(_serial, count):
        day, serial = divmod(number, _A_DAY)
        nine = int(f"{_FIRST_BIRTHDAY + timedelta(days=day):%y%m%d}{serial + 1:03d}")
        ssin = f"{nine:09d}{97 - nine % 97:02d}"
        lines.append(
            f"dn: umSsin={ssin},ou=register,dc=um,dc=example\nobjectClass: umPerson\numSsin: {ssin}\nsn: X\n\n"
        )
    return "".join(lines).encode()


def ldapadd(settings: Settings, inputs: list[Path]) -> float:
    """Seconds until OpenLDAP's own clients, one a file and all at once, have added everything."""
    command = ["ldapadd", "-x", "-H", f"ldap://127.0.0.1:{settings.ldap_port}"]
    command += [
        "-D",
        f"cn=registrar,ou=operators,{settings.suffix}",
        "-y",
        str(settings.secrets_dir / "registrar"),
    ]
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("rb")) for path in inputs]
        began = time.perf_counter()
        clients = [subprocess.Popen(command, stdin=file, stdout=subprocess.DEVNULL) for file in files]
        codes = [client.wait() for client in clients]
        taken = time.perf_counter() - began
    assert not any(codes), codes
    return taken


def rate(stack: Stack, clients: int, count: int) -> float:
    """Writes a second of that many clients; what it takes to start one and log in is taken off."""
    inputs = []
    for number in range(clients):
        path = stack.folder / f"{number}.ldif"
        path.write_bytes(people(count // clients))
        inputs.append(path)
    nothing = stack.folder / "nothing.ldif"
    nothing.touch()
    idle = ldapadd(stack.settings, [nothing] * clients)
    return count // clients * clients / (ldapadd(stack.settings, inputs) - idle)


def compare(ours: Stack, bare: Stack, clients: int, count: int) -> tuple[Rounds, Rounds]:
    """Rates of both, taking turns; the first turn, in which caches fill, is not counted."""
    rates: tuple[list[float], list[float]] = [], []
    for round_ in range(-1, ROUNDS):
        turns = [(ours, rates[0]), (bare, rates[1])]
        for stack, kept in turns if round_ % 2 else reversed(turns):
            measured = rate(stack, clients, count if round_ >= 0 else count // 4)
            if round_ >= 0:
                kept.append(measured)
    return Rounds(rates[0]), Rounds(rates[1])


def durable(ldif: Path, ours: Stack, bare: Stack) -> list[Figure]:
    """The main database as it is delivered: on the disk before the answer."""
    found = [_figure(ours, bare, clients, least) for clients, least in ((1, 0.80), (4, 0.90))]
    with Stack(ldif, "open") as hops:
        found += [_figure(hops, bare, clients, None) for clients in (1, 4)]
    return found


def not_durable(ldif: Path) -> list[Figure]:
    """Without waiting for the disk, which hides what the guard takes."""
    with Stack(ldif, "none", durable=False) as bare:
        with Stack(ldif, "guard", durable=False) as ours:
            found = [_figure(ours, bare, 1, 0.60, durable=False)]
        with Stack(ldif, "open", durable=False) as hops:
            found.append(_figure(hops, bare, 1, None, durable=False))
    return found


def _figure(ours: Stack, bare: Stack, clients: int, least: float | None, durable: bool = True) -> Figure:
    """With a goal for the guard; without one for what asking and telling alone cost, whatever is answered."""
    what = f"{'durable' if durable else 'nosync'}, {clients} client{'s' if clients > 1 else ''}"
    rates = compare(ours, bare, clients, WRITES if durable else 3 * WRITES)
    label = f"writes, {what}" if least else f"writes, {what}: an open door"
    return ratio(label, *rates, "/s", NOTE, least=least)
