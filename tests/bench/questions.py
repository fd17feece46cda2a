"""What our rules add to a Python socket that answers yes to everything: a question asked as slapd asks it."""

from __future__ import annotations

import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.data import SUFFIX
from bench.figures import Figure, Rounds, difference
from bench.sizes import QUESTIONS, ROUNDS, SEED
from bench.stacks import Stack
from bench.writes import people
from support.service import wait_until
from um_directory.model.roles import Role
from um_directory.view import View
from um_directory.view.facts import Enterprise

_BLOCK = 100  # questions before it is the other's turn: noise hits all alike
_DIFFERENT = 2000
GUARD = "guard"
PLAIN, LOOP = "a Python accept loop that says yes", "the guard's own socket loop, saying yes"

_PLAIN = """
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
_LOOP = """
import sys
from pathlib import Path
from um_directory.guard.server import SocketServer
server = SocketServer(2.0)
server.listen(Path(sys.argv[1]), lambda request: b"CONTINUE\\n")
server.run(lambda: None, lambda: None)
"""


def mix(view: View) -> list[bytes]:
    """Questions that the guard allows, a quarter each: designate, block, own e-mail, the register's additions.

    Of many enterprises, so that names are mostly new to the guard, as they are in a day's work.
    """
    chance = random.Random(SEED)
    enterprises = list(view.enterprises.values())
    chance.shuffle(enterprises)
    kinds: list[Callable[[View, Enterprise], Iterator[bytes]]] = [_designate, _block, _own_mail]
    found: list[bytes] = []
    for kind in kinds:
        some = (question for enterprise in enterprises for question in kind(view, enterprise))
        found += [question for question, _ in zip(some, range(_DIFFERENT // 4), strict=False)]
    text = people(_DIFFERENT // 4).decode().split("\n\n")[:-1]
    found += [_question("ADD", f"cn=registrar,ou=operators,{SUFFIX}", record + "\n") for record in text]
    chance.shuffle(found)
    return found


def _question(kind: str, bind_dn: str, body: str) -> bytes:
    head = f"{kind}\nmsgid: 2\nbinddn: {bind_dn}\nconnid: 1000000\nsuffix: {SUFFIX}\n"
    return f"{head}{body}\n".encode()


def _modify(bind_dn: str, dn: str, *changes: tuple[str, str, str]) -> bytes:
    lines = "".join(f"{kind}: {name}\n{name}: {value}\n-\n" for kind, name, value in changes)
    return _question("MODIFY", bind_dn, f"dn: {dn}\n{lines}")


def _employers(view: View, enterprise: Enterprise) -> Iterator[tuple[str, set[str], str]]:
    """(LA's DN, users, DN of the users' group) of capacity employer, where there are both."""
    employer = enterprise.capacities.get("employer")
    if employer and Role.LA in employer.groups and Role.USER in employer.groups and not enterprise.bankrupt:
        (administrator,) = employer.groups[Role.LA].active
        own = view.tree.enterprise(enterprise.number)
        users = set(employer.groups[Role.USER].active)
        group = f"cn=users,umCapacityName=employer,{own}"
        yield view.tree.account(enterprise.number, administrator), users, group


def _designate(view: View, enterprise: Enterprise) -> Iterator[bytes]:
    accepted = view.catalogue.capacities["employer"].user_relations
    for bind_dn, users, group in _employers(view, enterprise):
        everybody = {held for role in enterprise.groups.values() for held in role.active} | {
            held
            for capacity in enterprise.capacities.values()
            for role in capacity.groups.values()
            for held in role.active
        }
        standing = enterprise.capacities["employer"].groups[Role.USER].everyone()
        for uid in sorted(everybody - standing - {bind_dn.partition(",")[0].removeprefix("uid=")}):
            person = view.persons.get(view.accounts[uid].ssin)
            if person and person.relations_with(enterprise.number) & accepted and users is not None:
                dn = view.tree.account(enterprise.number, uid)
                yield _modify(bind_dn, group, ("add", "member", dn))


def _block(view: View, enterprise: Enterprise) -> Iterator[bytes]:
    for bind_dn, users, group in _employers(view, enterprise):
        own = view.accounts[bind_dn.partition(",")[0].removeprefix("uid=")].ssin
        for uid in sorted(users)[:3]:
            if view.accounts[uid].ssin != own:
                dn = view.tree.account(enterprise.number, uid)
                yield _modify(bind_dn, group, ("delete", "member", dn), ("add", "umBlockedMember", dn))


def _own_mail(view: View, enterprise: Enterprise) -> Iterator[bytes]:
    for _bind_dn, users, _group in _employers(view, enterprise):
        for uid in sorted(users)[:2]:
            dn = view.tree.account(enterprise.number, uid)
            yield _modify(dn, dn, ("replace", "mail", f"{uid}@um.example"))


def ask(path: str, question: bytes) -> tuple[float, bytes]:
    """(µs, answer): connect, ask, read to the end, as slapd does."""
    began = time.perf_counter()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        client.sendall(question)
        answer = b""
        while chunk := client.recv(4096):
            answer += chunk
    return (time.perf_counter() - began) * 1e6, answer


def compare(stack: Stack, view: View) -> list[Figure]:
    """The guard beside both anchors."""
    questions = mix(view)
    guard = str(stack.settings.write_socket)
    for question in questions:  # and the guard has met them all once
        answer = ask(guard, question)[1]
        assert answer == b"CONTINUE\n", (question, answer)
    anchors = {name: stack.folder / f"{number}.sock" for number, name in enumerate((PLAIN, LOOP))}
    scripts = {PLAIN: _PLAIN, LOOP: _LOOP}
    processes = {
        name: subprocess.Popen([sys.executable, "-c", scripts[name], str(path)])
        for name, path in anchors.items()
    }
    try:
        for name, path in anchors.items():
            wait_until(path.exists, what=name)
        paths = {GUARD: guard, **{name: str(path) for name, path in anchors.items()}}
        pids = {GUARD: stack.guard_pid, **{name: process.pid for name, process in processes.items()}}
        taken, spent = [], []
        for _ in range(ROUNDS):
            before = {name: _cpu(pid) for name, pid in pids.items()}
            taken.append(_round(paths, questions))
            spent.append(
                {name: (_cpu(pid) - before[name]) / len(taken[-1][name]) for name, pid in pids.items()}
            )
    finally:
        for process in processes.values():
            process.kill()
            process.wait()
    goals: dict[str, tuple[float | None, float | None]] = {PLAIN: (60, 120), LOOP: (None, None)}
    return [figure for name, most in goals.items() for figure in _figures(taken, spent, name, most)]


def _cpu(pid: int) -> float:
    """µs of processor time that the process's first thread, which serves the socket, has had (proc(5))."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text("ascii").split()[0]) / 1000


def _round(paths: dict[str, str], questions: list[bytes]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in paths}
    for start in range(0, QUESTIONS, _BLOCK):
        for name, path in paths.items():
            for index in range(start, start + _BLOCK):
                taken[name].append(ask(path, questions[index % len(questions)])[0])
    return taken


def _figures(
    taken: list[dict[str, list[float]]],
    spent: list[dict[str, float]],
    anchor: str,
    most: tuple[float | None, float | None],
) -> Iterator[Figure]:
    what = "a question" if anchor == PLAIN else "a question's rules"
    for label, at, goal in (("p50", 50, most[0]), ("p99", 99, most[1])):
        ours, theirs = (
            Rounds([statistics.quantiles(one[name], n=100)[at - 1] for one in taken])
            for name in (GUARD, anchor)
        )
        yield difference(f"{what}, {label}", ours, theirs, anchor, goal)
    ours, theirs = (Rounds([one[name] for one in spent]) for name in (GUARD, anchor))
    yield difference(f"{what}, processor time", ours, theirs, anchor)
