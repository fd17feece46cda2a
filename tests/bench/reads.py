"""Binds and searches with and without the guard, which is asked about neither."""

from __future__ import annotations

import itertools
import random
import socket
import subprocess
import time
from collections.abc import Callable

from bench.data import PASSWORD, login
from bench.figures import Figure, Rounds, the_same
from bench.sizes import READS, ROUNDS, SEED
from bench.stacks import Stack
from um_directory.view import View

NOTE = "the same slapd and data without guard"


def compare(ours: Stack, bare: Stack, view: View) -> list[Figure]:
    """Both kinds, taking turns."""
    usernames = random.Random(SEED).choices(sorted(view.accounts), k=READS)
    uid = login(view)
    account = view.tree.account(view.accounts[uid].enterprise, uid)
    kinds: dict[str, Callable[[Stack], float]] = {
        "binds, SSHA": lambda stack: binds(stack, account, READS // 2),
        "searches by username": lambda stack: searches(stack, usernames),
    }
    return [the_same(what, *_turns(ours, bare, measure), "/s", NOTE) for what, measure in kinds.items()]


def _turns(ours: Stack, bare: Stack, measure: Callable[[Stack], float]) -> tuple[Rounds, Rounds]:
    rates: tuple[list[float], list[float]] = [], []
    for stack in (ours, bare):
        measure(stack)  # caches
    for round_ in range(ROUNDS):
        turns = [(ours, rates[0]), (bare, rates[1])]
        for stack, kept in turns if round_ % 2 else reversed(turns):
            kept.append(measure(stack))
    return Rounds(rates[0]), Rounds(rates[1])


def searches(stack: Stack, usernames: list[str]) -> float:
    """Searches a second of one ldapsearch, which reads the filters from a file."""
    path = stack.folder / "usernames"
    path.write_text("".join(f"{name}\n" for name in usernames))
    command = ["ldapsearch", "-Q", "-Y", "EXTERNAL", "-H", stack.settings.ldapi_url, "-LLL", "-f", str(path)]
    command += ["-b", f"ou=enterprises,{stack.settings.suffix}", "(uid=%s)", "uid", "memberOf"]
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return len(usernames) / (time.perf_counter() - began)


def binds(stack: Stack, account: str, count: int) -> float:
    """Simple binds a second, one after another on one connection."""
    with socket.create_connection(("127.0.0.1", stack.settings.ldap_port)) as client:
        began = time.perf_counter()
        for number in itertools.islice(itertools.cycle(range(1, 128)), count):
            client.sendall(bind_request(number, account))
            answer = client.recv(4096)
            # LDAPMessage, messageID, BindResponse, resultCode success (RFC 4511 §4.2.2)
            assert answer[:1] == b"\x30", answer
            assert b"\x61\x07\x0a\x01\x00" in answer, answer
        return count / (time.perf_counter() - began)


def bind_request(number: int, dn: str) -> bytes:
    """A BindRequest in BER (RFC 4511 §4.2)."""
    name, password = dn.encode(), PASSWORD.encode()
    body = b"\x02\x01\x03" + _ber(0x04, name) + _ber(0x80, password)
    return _ber(0x30, b"\x02\x01" + bytes([number]) + _ber(0x60, body))


def _ber(tag: int, value: bytes) -> bytes:
    size = len(value)
    length = bytes([size]) if size < 128 else b"\x81" + bytes([size])
    return bytes([tag]) + length + value
