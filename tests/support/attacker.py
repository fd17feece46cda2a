"""Attackers of a running service: who they are, what they try, and how it is told whether they succeeded."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from support import wire
from support.enterprise import PASSWORD, Enterprise, add_member, block
from support.service import Service, wait_until
from support.view_check import assert_view_equals_directory
from support.wire import Control, Reply, Wire
from um_directory.directory.load import load_view
from um_directory.model.operation import Add
from um_directory.view.access import effective_access

How: TypeAlias = Callable[[Wire], list[Reply]]

PEOPLE = ("cam", "cocam", "la", "cola", "user", "tech", "la2")
_RULE_ID = re.compile(rb"[A-Z]+[0-9]+: |SV: ")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
# slapd's own notes of who bound and when, and how far it got.
_BOOKKEEPING = re.compile(rb"^(contextCSN|pwdFailureTime|pwdLastSuccess|authTimestamp):.*\n", re.MULTILINE)
# slapd itself repeats to its client what that client called an attribute or a mechanism.
_ECHO = re.compile(
    rb": (AttributeDescription contains inappropriate characters|attribute type undefined)$"
    rb"|^SASL\(-4\): no mechanism available: Couldn't find mech "
)
_SECRETS = (b"{ARGON2}", b"$argon2", PASSWORD.encode())


@dataclass(frozen=True)
class Attempt:
    """One row of a table of attacks.

    `harmless` says why a result code of success is right here although nothing may change.
    """

    who: str
    what: str
    how: How
    harmless: str = ""


def ask(who: str, what: str, operation: bytes, *controls: Control, harmless: str = "") -> Attempt:
    """A row of one operation."""
    return Attempt(who, what, lambda wire_: [wire_.ask(operation, *controls)], harmless)


class World:
    """Two enterprises of a running service, with a connection for each attacker.

    Attackers are `cam`, `cocam`, `la`, … of enterprise `here`, `foreigncam` and `foreignla` of `there`, the
    `blocked` co-CAM of `here` on a connection from before, `application`, `registrar`, `contact-center`, the
    `service` itself as long as it has not said for whom it acts, `acting`: the service for the user of `here`,
    `narrowed`: an LA of one capacity who chose to be a user of the other, and `anonymous`.
    """

    def __init__(self, service: Service) -> None:
        self.service = service
        self.suffix = service.settings.suffix
        self.here, self.there = Enterprise(service).load(), Enterprise(service).load()
        self.me: dict[str, str] = {"anonymous": ""}
        self._wires: dict[str, Wire] = {"anonymous": Wire(service.settings.ldap_port)}
        self._settle()
        with self.here.bind("la") as client:
            client.write(self._grant())
            client.write(add_member(self.here.group("users", self.here.employer), self.here.account("la2")))
        for name in PEOPLE:
            self._join(name, self.here.account(name), PASSWORD)
        self._join("foreigncam", self.there.account("cam"), PASSWORD)
        self._join("foreignla", self.there.account("la"), PASSWORD)
        for name in ("registrar", "contact-center"):
            secret = (service.settings.secrets_dir / name).read_text()
            self._join(name, service.tree.operator(name), secret)
        self._add_application()
        self._join("application", self.me["application"], PASSWORD)
        self.me["service"] = service.tree.service("um-service")
        external = wire.sasl("EXTERNAL", "")
        self._wires["service"] = Wire(service.settings.run_dir / "ldapi", external)
        self.me["acting"] = self.me["user"]
        acting = self.declaration(umActingFor=self.me["user"])
        self._wires["acting"] = Wire(service.settings.run_dir / "ldapi", external, acting)
        self.me["narrowed"] = self.me["la2"]
        narrow = self.declaration(umActingRole="user", umCapacityName="employer")
        self._wires["narrowed"] = Wire(
            service.settings.ldap_port, wire.bind(self.me["la2"], PASSWORD), narrow
        )
        for each in self._wires.values():
            each.open()
        self._block()
        self._settle()

    def _grant(self) -> Add:
        self.grant = f"cn=dmfa,ou=authorizations,{self.here.employer}"
        member = self.here.account("user").encode()
        return Add(self.grant, {"objectClass": (b"umAuthorization",), "cn": (b"dmfa",), "member": (member,)})

    def _join(self, name: str, dn: str, password: str) -> None:
        self.me[name] = dn
        self._wires[name] = Wire(self.service.settings.ldap_port, wire.bind(dn, password))
        self._wires[name].open()

    def _add_application(self) -> None:
        """There is no way through the door to make one, so it is put in beside it."""
        name = f"application{self.here.number}"
        self.me["application"] = dn = self.service.tree.service(name)
        text = f"dn: {dn}\nobjectClass: umService\ncn: {name}\nuserPassword: {self._hash()}\n"
        self._slapd("-Tadd", "-b", self.suffix, text=text)

    def _hash(self) -> str:
        options = ["-o", f"module-path={self.service.settings.slapd_modules}", "-o", "module-load=argon2"]
        return self._run("-Tpasswd", "-s", PASSWORD, "-h", "{ARGON2}", "-n", *options).decode()

    def _slapd(self, *arguments: str, text: str = "") -> bytes:
        return self._run(*arguments, "-F", str(self.service.settings.state_dir / "slapd.d"), text=text)

    def _run(self, *arguments: str, text: str = "") -> bytes:
        command = [str(self.service.settings.slapd), *arguments]
        return subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout

    def _block(self) -> None:
        """The founder was co-CAM when he logged in."""
        group, founder = self.here.group("co-chief-access-managers"), self.here.account("founder")
        with self.here.bind("cam") as client:
            client.write(add_member(group, founder))
            self._settle()
            self._join("blocked", founder, PASSWORD)
            client.write(block(group, founder))

    def _settle(self) -> None:
        def settled() -> bool:
            with self.service.connect("service") as client:
                view = load_view(client, self.suffix)
            return all(
                (account.access, account.active) == (wanted.applications, wanted.active)
                for account in view.accounts.values()
                for wanted in [effective_access(view, account.uid)]
            )

        wait_until(settled, 60, "the access of every account")

    def declaration(self, **said: wire.Text) -> bytes:
        """A write to the session (A6)."""
        mods: list[wire.Mod] = [("replace", name, [value]) for name, value in said.items()]
        return wire.modify(f"cn=session,{self.suffix}", *mods)

    def wire(self, who: str) -> Wire:
        """The attacker's connection. A blocked one keeps his: he could not make another."""
        return self._wires[who]

    def fresh(self, who: str = "anonymous") -> Wire:
        """A connection of its own over TCP, not bound."""
        assert who == "anonymous"
        return Wire(self.service.settings.ldap_port)

    def dump(self) -> dict[bytes, bytes]:
        """Every entry with everything stored on it, and slapd's configuration: what no ACL hides."""
        entries = {}
        for source in (("-b", self.suffix), ("-n", "0")):
            text = self._slapd("-Tcat", "-o", "ldif-wrap=no", *source)
            for entry in text.strip(b"\n").split(b"\n\n"):
                entries[source[1].encode() + entry.partition(b"\n")[0]] = _BOOKKEEPING.sub(b"", entry + b"\n")
        return entries

    def written_since(self, moment: str) -> list[str]:
        """Successful writes that accesslog holds from `moment` on."""
        with self.service.connect("service") as client:
            records = client.search(
                "cn=accesslog",
                f"(&(objectClass=auditWriteObject)(reqStart>={moment}))",
                ["reqDN", "reqAuthzID"],
            )
            # A declaration (A6) is logged as a write, but there is nothing to write.
            return [
                str(entry.attributes)
                for entry in records
                if b"cn=session," not in entry.attributes["reqDN"][0]
            ]

    def slapd_pid(self) -> str:
        """Of the running slapd."""
        return (self.service.settings.run_dir / "slapd.pid").read_text()

    def log(self) -> bytes:
        """What all processes of the service logged."""
        return self.service.log.read_bytes()

    def record(self) -> bytes:
        """The guard's own record of refusals and commits."""
        return b"".join(path.read_bytes() for path in sorted(self.service.settings.audit_dir.glob("*.jsonl")))

    def close(self) -> None:
        """End all connections."""
        for each in self._wires.values():
            each.close()


@dataclass
class Tally:
    """How many attempts the tables hold and how many were made, by family, and by attacker."""

    held: Counter[str] = field(default_factory=Counter)
    made: Counter[str] = field(default_factory=Counter)
    attackers: Counter[str] = field(default_factory=Counter)
    refused_by_guard: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """All that were made."""
        return self.made.total()


TALLY = Tally()


def attack(world: World, family: str, table: Sequence[Attempt]) -> None:
    """Make every attempt of a table; fail unless every one was in vain and everything still stands."""
    before, moment, slapd = world.dump(), _now(), world.slapd_pid()
    log_size, record_size = len(world.log()), len(world.record())
    TALLY.held[family] = len(table)
    problems: list[str] = []
    rules: Counter[str] = Counter()
    for attempt in table:
        for reply in attempt.how(world.wire(attempt.who)):
            problems += _problems(attempt, reply)
            if match := _RULE_ID.match(reply.text):
                rules[match[0].decode()[:-2]] += 1
        TALLY.made[family] += 1
        TALLY.attackers[attempt.who] += 1
    TALLY.refused_by_guard.update(rules)
    problems += _changes(before, world.dump())
    problems += [f"accesslog tells of a write: {write}" for write in world.written_since(moment)]
    recorded: Counter[str] = Counter()
    problems += _log_problems(world.log()[log_size:])
    problems += _record_problems(world.record()[record_size:], recorded)
    if recorded != rules:
        problems.append(f"refused by the guard: {recorded} by its records, {rules} by the replies")
    assert not problems, f"{len(problems)} problems in {family}:\n" + "\n".join(problems[:40])
    assert TALLY.made[family] == len(table)
    assert world.slapd_pid() == slapd
    os.kill(int(slapd), 0)
    assert_view_equals_directory(world.service)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y%m%d%H%M%S.%fZ")


def _problems(attempt: Attempt, reply: Reply) -> Iterable[str]:
    name = f"{attempt.who}: {attempt.what}"
    if reply.done and not attempt.harmless:
        yield f"{name}: the server says that it was done"
    if any(secret in reply.raw for secret in _SECRETS):
        yield f"{name}: a secret came back: {reply.raw[:300]!r}"
    if _CONTROL.search(reply.text) and not _ECHO.search(reply.text):
        yield f"{name}: control characters in the reply: {reply.text[:200]!r}"


def _changes(before: dict[bytes, bytes], after: dict[bytes, bytes]) -> Iterable[str]:
    for dn in before.keys() | after.keys():
        if before.get(dn) != after.get(dn):
            lines = set(before.get(dn, b"").splitlines()) ^ set(after.get(dn, b"").splitlines())
            yield f"changed: {dn!r}: {sorted(lines)[:6]}"


def _log_problems(log: bytes) -> Iterable[str]:
    """Nothing raw, and no trouble: refusals are not logged but recorded."""
    for line in log.split(b"\n")[:-1]:
        if _CONTROL.search(line):
            yield f"control characters in the log: {line[:200]!r}"
        yield f"something happened: {line[:400]!r}"


def _record_problems(record: bytes, recorded: Counter[str]) -> Iterable[str]:
    """Nothing was committed; counts the refusals."""
    for line in record.split(b"\n")[:-1]:
        if _CONTROL.search(line):
            yield f"control characters in the record: {line[:200]!r}"
        entry = json.loads(line)
        if entry["event"] == "refused":
            recorded[entry["rule"]] += 1
        elif not entry["dn"].lower().startswith("cn=session,"):
            yield f"the guard records: {line[:400]!r}"


def schema_oids(path: Path) -> dict[str, str]:
    """OIDs of our own attribute types by name, from the schema file."""
    text = path.read_text("utf-8")
    arc = re.search(r"umArc (\S+)", text)
    assert arc is not None
    return {
        name: f"{arc[1]}.1.{number}"
        for number, name in re.findall(r"umAttributeType:(\d+) NAME '(\w+)'", text)
    }
