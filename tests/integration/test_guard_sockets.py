"""Whatever comes in on the guard's sockets, it answers within its deadline, whole, and goes on serving slapd.

slapd is the only one who should talk there, so each test also does an ordinary write through it meanwhile.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.enterprise import Enterprise, add_member, remove_member
from support.service import Service, wait_until
from support.view_check import assert_view_equals_directory
from um_directory.directory.client import DirectoryClient
from um_directory.errors import OperationRefused
from um_directory.guard.server import SocketServer

DEADLINE = 1.0  # seconds; the default is 2
MARGIN = 3.0  # for a machine that is busy
REFUSAL = re.compile(rb"RESULT\ncode: (19|50|52)\ninfo:[A-Z]+[0-9]*: [^\n]+\n\n")
CONTINUE = b"CONTINUE\n"
SOCKETS = ("guard.sock", "commits.sock", "guard.ctl")
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))


class Site:
    """A service, an enterprise, and its local administrator's connection."""

    def __init__(self) -> None:
        self.service = Service(guard_deadline_seconds=DEADLINE)
        self.service.start()
        self.enterprise = Enterprise(self.service).load()
        self.group = self.enterprise.group("users", self.enterprise.employer)
        self.tech = self.enterprise.account("tech")
        wait_until(self._log_in, what="the administrator's first log-in")

    def _log_in(self) -> bool:
        try:
            self.manager: DirectoryClient = self.enterprise.bind("la")
        except OperationRefused:
            return False
        return True

    def path(self, name: str) -> str:
        return str(self.service.settings.run_dir / name)

    def connect(self, name: str) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(DEADLINE + 10 * MARGIN)
        connection.connect(self.path(name))
        return connection

    def talk(self, name: str, *pieces: bytes, close: bool = False) -> bytes:
        """Send, and read what is answered; the guard must end the connection in time."""
        with self.connect(name) as connection:
            began = time.monotonic()
            with contextlib.suppress(BrokenPipeError):
                for piece in pieces:
                    connection.sendall(piece)
                if close:
                    connection.shutdown(socket.SHUT_WR)
            reply = everything_from(connection)
            assert time.monotonic() - began < DEADLINE + MARGIN
        return reply

    def write(self, within: float = DEADLINE + MARGIN) -> None:
        """Two ordinary writes of a person through slapd."""
        began = time.monotonic()
        self.manager.write(add_member(self.group, self.tech))
        self.manager.write(remove_member(self.group, self.tech))
        assert time.monotonic() - began < within

    def write_again(self) -> None:
        """As soon as the guard has a view again."""

        def written() -> bool:
            try:
                self.write(10 * MARGIN)
            except OperationRefused as error:
                assert error.rule in ("G0", None), error
                return False
            return True

        wait_until(written, 10 * MARGIN, "an ordinary write")

    @property
    def guard(self) -> int:
        """The guard's process id."""
        assert self.service.process is not None
        parent = str(self.service.process.pid)
        for status in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                command = (status.parent / "cmdline").read_bytes()
                if status.read_text().rpartition(")")[2].split()[1] == parent and b"cli.guard" in command:
                    return int(status.parent.name)
        raise AssertionError("no guard")

    def loads(self) -> int:
        """How often a view was taken into use."""
        return self.service.log.read_text().count('"event": "guard ready"')


def everything_from(connection: socket.socket) -> bytes:
    chunks = []
    with contextlib.suppress(ConnectionResetError):
        while chunk := connection.recv(1 << 16):
            chunks.append(chunk)
    return b"".join(chunks)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    own = Site()
    try:
        yield own
        assert own.service.log.read_text().count('"died": "guard"') == 0
    finally:
        own.service.remove()


def assert_complete(name: str, reply: bytes) -> None:
    """A refusal; on the control socket also an error object, and after a commit, which cannot be refused, that."""
    if name == "commits.sock" and reply == CONTINUE:
        return
    if name == "guard.ctl" and reply.startswith(b"{"):
        assert set(json.loads(reply)) == {"error"}
        return
    assert REFUSAL.fullmatch(reply), reply


JUNK = [
    b"\n\n",
    b"\0" * 5000 + b"\n\n",
    b"\xff\xfe\xfd\n\n",
    b"GET / HTTP/1.1\r\nHost: guard\r\n\n\n",
    b"CONTINUE\n\n",
    b"RESULT\ncode: 0\n\n",
    b"ADD\n\n",
    b"MODIFY\nmsgid: 1\nbinddn: \nconnid: 18446744073709551615\n\n",
    b"DELETE\nmsgid: 1\nbinddn: cn=x\nconnid: " + b"9" * 5000 + b"\nsuffix: o=x\ndn: o=x\n\n",
    b"ADD\nmsgid: 1\nbinddn: cn=x\nconnid: 1\nsuffix: o=x\ndn: o=x\n" + b"a:: ====\n\n",
    b"[" * 200_000 + b"\n\n",
    b'{"table": "accounts", "start": Infinity, "count": 1}\n\n',
    b'{"table": "accounts", "start": 1e400, "count": NaN}\n\n',
    b'{"table": ["accounts"], "keys": 7}\n\n',
    b'{"table": "accounts", "start": ' + b"9" * 4000 + b', "count": 1}\n\n',
    b'{"table": "accounts", "keys": [{"a": 1}]}\n\n"',
    b"null\n\n",
]


@pytest.mark.parametrize("name", SOCKETS)
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk[:20]))
def test_garbage_is_refused_and_the_guard_goes_on(site: Site, name: str, junk: bytes) -> None:
    assert_complete(name, site.talk(name, junk))


def test_writes_go_on_after_all_that_garbage(site: Site) -> None:
    site.write_again()
    assert_view_equals_directory(site.service)


WHOLE = (
    b"MODIFY\nmsgid: 2\nbinddn: %b\nconnid: 900001\nsuffix: dc=um,dc=example\n"
    b"dn: %b\ndelete: member\nmember: %b\n-\n\n"
)


def question(site: Site) -> bytes:
    """What slapd asks when the administrator ends somebody's role: allowed."""
    administrator = site.enterprise.account("la").encode()
    return WHOLE % (administrator, site.group.encode(), site.enterprise.account("user").encode())


def test_a_whole_question_is_answered_at_once(site: Site) -> None:
    assert site.talk("guard.sock", question(site)) == CONTINUE


@pytest.mark.parametrize("end", [1, 10, 60, -2, -1])
@pytest.mark.parametrize("close", [False, True])
def test_half_a_question_is_refused_in_time(site: Site, end: int, close: bool) -> None:
    assert_complete("guard.sock", site.talk("guard.sock", question(site)[:end], close=close))
    site.write()


def test_two_questions_in_one_are_none(site: Site) -> None:
    assert_complete("guard.sock", site.talk("guard.sock", question(site) * 2))
    assert_complete("guard.sock", site.talk("guard.sock", question(site) + b"x"))


def test_a_question_byte_by_byte_is_ended_at_the_deadline(site: Site) -> None:
    with site.connect("guard.sock") as connection:
        began = time.monotonic()
        with contextlib.suppress(BrokenPipeError):
            for byte in question(site):
                connection.sendall(bytes([byte]))
                time.sleep(2 * DEADLINE / 100)  # the slowness is the attack
        assert_complete("guard.sock", everything_from(connection))
        assert time.monotonic() - began < DEADLINE + MARGIN
    site.write()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_mutated_question_never_passes_unless_it_is_still_whole(site: Site, data: st.DataObject) -> None:
    """CONTINUE only for what is one whole question that the rules allow; compared with the original's meaning."""
    raw = bytearray(question(site))
    for _ in range(data.draw(st.integers(1, 4), "edits")):
        at = data.draw(st.integers(0, len(raw) - 3), "at")
        match data.draw(st.sampled_from(["flip", "cut", "insert", "repeat"]), "edit"):
            case "flip":
                raw[at] = data.draw(st.integers(0, 255), "byte")
            case "cut":
                del raw[at : min(at + data.draw(st.integers(1, 40), "length"), len(raw) - 2)]
            case "insert":
                raw[at:at] = data.draw(
                    st.binary(max_size=20) | st.sampled_from([b"\n", b"\n\n", b"\n-\n", b": "])
                )
            case "repeat":
                raw[at:at] = raw[at : at + data.draw(st.integers(1, 40), "length")]
    reply = site.talk("guard.sock", bytes(raw), close=True)
    if reply == CONTINUE:
        assert is_whole(site, bytes(raw)), bytes(raw)
    else:
        assert_complete("guard.sock", reply)


def is_whole(site: Site, raw: bytes) -> bool:
    """Line by line what slapd writes, and nothing but the end of a role in the administrator's own group."""
    dn = re.escape(site.group.encode())
    pattern = (
        rb"MODIFY\nmsgid: ?\d{1,20}\nbinddn: ?[^\n]+\nconnid: ?\d{1,20}\n(suffix: ?[^\n]*\n)*dn: ?"
        + dn
        + rb"\n"
        rb"((delete|add|replace): ?member\n(member: ?[^\n]*\n)*-\n)*\n"
    )
    return re.fullmatch(pattern, raw, re.IGNORECASE) is not None or slapds_own(raw)


def slapds_own(raw: bytes) -> bool:
    """What comes under nobody's name from slapd's internal connection passes, whatever it is."""
    return re.match(rb"[A-Z]+\nmsgid: ?\d+\nbinddn: ?\nconnid: ?18446744073709551615\n", raw) is not None


def crowd(site: Site, stack: ExitStack, name: str, number: int, say: bytes = b"") -> list[socket.socket]:
    """Connections that stay. Those that find no room in the queue go without."""
    made = []
    for _ in range(number):
        connection = stack.enter_context(socket.socket(socket.AF_UNIX))
        connection.setblocking(False)
        try:
            connection.connect(site.path(name))
            if say:
                connection.send(say)
        except BlockingIOError:
            connection.close()
            time.sleep(0.001)  # the guard's turn
            continue
        made.append(connection)
    return made


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("say", [b"", b"MODIFY\nmsgid: 1\n"], ids=["silent", "half"])
@pytest.mark.parametrize("number", [20, 500, 4000])
@pytest.mark.usefixtures("many_descriptors")
def test_a_crowd_does_not_keep_a_write_from_its_answer(site: Site, number: int, say: bytes) -> None:
    with ExitStack() as stack:
        there = crowd(site, stack, "guard.sock", number, say)
        assert len(there) > number / 2
        site.write()
        site.write()
        # Each is told before it is sent away, at the deadline or for want of room.
        for connection in there[:: max(1, len(there) // 20)]:
            connection.settimeout(DEADLINE + MARGIN)
            assert_complete("guard.sock", everything_from(connection))
    site.write()


@pytest.mark.usefixtures("many_descriptors")
def test_a_guard_short_of_descriptors_still_answers(site: Site) -> None:
    before = resource.prlimit(site.guard, resource.RLIMIT_NOFILE)
    used = len(list(Path(f"/proc/{site.guard}/fd").iterdir()))
    resource.prlimit(site.guard, resource.RLIMIT_NOFILE, (used + 10, before[1]))
    try:
        with ExitStack() as stack:
            crowd(site, stack, "guard.sock", 200)
            site.write()
            ticks = processor_seconds(site.guard)
            began = time.monotonic()
            wait_until(lambda: time.monotonic() > began + DEADLINE / 2, what="half a deadline")
            assert processor_seconds(site.guard) - ticks < 0.8 * DEADLINE / 2  # it does not run hot
    finally:
        resource.prlimit(site.guard, resource.RLIMIT_NOFILE, before)
    site.write()


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


HUGE = [
    pytest.param(b"x" * (40 << 20), id="40 MiB of nothing"),
    pytest.param(
        WHOLE.replace(b"-\n\n", b"") % (b"", b"", b"") + b"member: a\n" * (3 << 20), id="short lines"
    ),
    pytest.param(
        WHOLE.replace(b"-\n\n", b"") % (b"", b"", b"") + b"member:: " + b"QUFB" * (8 << 20), id="long"
    ),
]


@pytest.mark.parametrize("name", SOCKETS)
@pytest.mark.parametrize("huge", HUGE)
def test_a_huge_request_is_refused_and_holds_nobody_up(site: Site, name: str, huge: bytes) -> None:
    with site.connect(name) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(huge)
            connection.sendall(b"\n-\n\n")
        reply = everything_from(connection)
        assert_complete(name, reply)
    site.write_again()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Path]:
    """The guard's loop alone: `large` answers more than the kernel keeps for a reader, `bad` raises."""

    def fail(_raw: bytes) -> bytes:
        raise RuntimeError("a mistake of ours")

    loop = SocketServer(DEADLINE)
    loop.listen(tmp_path / "small", lambda raw: raw)
    loop.listen(tmp_path / "large", lambda raw: raw * (1 << 20), in_background=True)
    loop.listen(tmp_path / "bad", fail)
    woken, wake = socket.socketpair()
    loop.watch(woken, loop.stop)
    thread = threading.Thread(target=loop.run, args=(lambda: None, lambda: None))
    thread.start()
    yield tmp_path
    wake.send(b"!")
    thread.join(DEADLINE + MARGIN)
    assert not thread.is_alive()
    loop.close()


def asked(path: Path, question: bytes = b"?\n\n") -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(DEADLINE + MARGIN)
    connection.connect(str(path))
    connection.sendall(question)
    return connection


def test_a_reader_who_does_not_read_stops_nobody(server: Path) -> None:
    with asked(server / "large") as slow:
        for _ in range(3):
            with asked(server / "small") as other:
                assert everything_from(other) == b"?\n\n"
        assert everything_from(slow) == b"?\n\n" * (1 << 20)
    with asked(server / "large") as never:
        hung_up = select.poll()
        hung_up.register(never, 0)
        wait_until(lambda: hung_up.poll(0), DEADLINE + MARGIN, "the guard's end of it")
        assert len(everything_from(never)) < 3 << 20


def test_many_who_do_not_read_leave_room_for_others(server: Path) -> None:
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(asked(server / "large"))
        with asked(server / "small") as other:
            assert everything_from(other) == b"?\n\n"


def test_a_mistake_in_an_answer_is_a_refusal_and_ends_nothing(server: Path) -> None:
    for _ in range(2):
        with asked(server / "bad") as connection:
            assert REFUSAL.fullmatch(everything_from(connection))


def test_a_commit_that_is_not_told_whole_makes_the_guard_load_its_view(site: Site) -> None:
    for pieces, close in (((b"garbage\n\n",), False), ((b"ADD\nmsgid: 1\n",), True), ((b"ADD\n",), False)):
        before = site.loads()
        assert site.talk("commits.sock", *pieces, close=close) == CONTINUE
        wait_until(lambda before=before: site.loads() > before, 10 * MARGIN, "another view")
        site.write_again()
    assert_view_equals_directory(site.service)


def test_who_knocks_at_the_commit_socket_and_leaves_changes_nothing(site: Site) -> None:
    before = site.loads()
    site.connect("commits.sock").close()
    site.write()
    assert site.loads() == before


def test_a_commit_of_a_write_that_was_never_asked_makes_the_guard_load_its_view(site: Site) -> None:
    record = (
        b"ADD\nmsgid: 0\nbinddn: cn=internal,cn=commits\nconnid: 1001\nsuffix: cn=commits\n"
        b"dn: reqStart=20260101000000.000001Z,cn=commits\nobjectClass: auditModify\n"
        b"reqStart: 20260101000000.000001Z\nreqType: modify\nreqSession: 1001\nreqDN: %b\n"
        b"reqMod: member:+ %b\n\n"
    ) % (site.group.encode(), site.tech.encode())
    before = site.loads()
    assert site.talk("commits.sock", record) == CONTINUE
    wait_until(lambda: site.loads() > before, 10 * MARGIN, "another view")
    assert_view_equals_directory(site.service)
