"""The rule matrix: one enterprise with every kind of actor, each on an open connection, and the cells' runner.

The tables (`support.matrix_tables`) say what the domain says of each actor and operation; the operations are in
`support.matrix_actions`. A cell is one attempt; an allowed one is undone, so that cells are independent.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from string import Formatter

import ldap3
from babel.messages.pofile import read_po

from support.enterprise import PASSWORD, Enterprise, _numbering, block, hand_over, remove_member
from support.matrix_tables import Row
from support.service import Service, wait_until
from um_directory.directory.client import DirectoryClient, Entry
from um_directory.errors import OperationRefused
from um_directory.guard.translations import CATALOGUES
from um_directory.model.operation import Add, Modification, Modify, Operation

THIRD = "healthcare-provider-hospital"
DATA = {"mail": (b"x@t.example",), "telephoneNumber": (b"+32 2 511 51 51",), "umRecognitionNumber": (b"7",)}
UNUSED = (
    "service-provider",
    "full-service-center",
    "recognised-social-secretariat",
    "supplementary-pensions-manager",
)
"""Capacities that the register entitles the enterprise to and that it has not activated."""
EMPLOYEE = "umEmployeeOf"
_blocks = itertools.count(100_000)  # of a hundred numbers each, far from those of the other tests

GROUPS: dict[str, tuple[str, ...]] = {
    "user": ("user", "hcocam", "hcola", "hexcam", "hexla"),
    "user2": ("user2", "huser", "htech"),
    "fore": ("fcam", "fcocam", "fla", "fuser"),
    "out": ("bcocam", "bcola", "buser", "btech", "excam", "exla", "gone"),
}
"""Columns that stand for several actors of whom the domain says the same.

b…: the only role is blocked; ex…: replaced; gone: removed; all on connections from before. h…: the same, but with
another, harmless role: a user of employer or of mandatary. f…: of another enterprise.
"""
TARGETS = [
    *("cand", "doomed", "tuser", "tbuser", "tcola", "tbcola", "tcocam", "tbcocam", "tla", "tboth"),
    *("tgrant", "tbgrant", "many", "first"),
]
RELATED = {
    "rdirector": "umDirectorOf",
    "rmandir": "umManagingDirectorOf",
    "rmanager": "umManagerOf",
    "rfounder": "umFounderOf",
    "rassociate": "umAssociateOf",
    "rmember": "umMemberOf",
    "rprovider": "umServiceProviderOf",
    "rtrustee": "umTrusteeOf",
    "rnone": None,
    "relsewhere": None,
}
ACTORS = [
    *("cam", "cocam", "la", "cola", "user", "tech", "la2", "cola2", "user2"),
    *("hcocam", "hcola", "hexcam", "hexla", "huser", "htech"),
    *GROUPS["out"],
]
PERSONS = [*ACTORS, *TARGETS, *RELATED, "fresh"]
SETTLE_SECONDS = 5.0
LANGUAGES = ("nl", "fr", "de", "en")


@dataclass(frozen=True)
class Action:
    """What a row attempts: `do` builds the write for an actor, `undo` puts back what an allowed one did.

    `before` and `after` surround the attempt, whatever comes of it. `exists_is_yes`: nobody can delete such an entry
    again, so it exists already; slapd says so (68) only after the guard has said yes.
    """

    do: Callable[[MatrixWorld, str], Operation]
    undo: Callable[[MatrixWorld, str], None]
    exists_is_yes: bool = False
    before: Callable[[MatrixWorld, str], None] = lambda _world, _actor: None
    after: Callable[[MatrixWorld, str], None] = lambda _world, _actor: None


class MatrixWorld(Enterprise):
    """The enterprise of the tables. Capacities employer, mandatary and the third are active."""

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.clients: dict[str, DirectoryClient] = {}
        self.inactive: list[str] = []
        self.unused = list(UNUSED)
        self.known: dict[str, dict[str, list[bytes]]] = {}
        index = next(_blocks) * 100
        self.ssins = {
            name: _numbering.ssin(index + position)[0] for position, name in enumerate([*PERSONS, "nobody"])
        }
        self.ssins["twin"] = self.ssins["cola"]
        self.ssins["twinla"] = self.ssins["la"]
        self.third = f"umCapacityName={THIRD},{self.dn}"
        self.foreign = Enterprise(self.service)
        self._stack = ExitStack()

    def language(self, name: str) -> str:
        """Each actor's language; neighbours in a table have different ones."""
        return LANGUAGES[ACTORS.index(name) % 4] if name in ACTORS else "en"

    # --- loading ---

    def _records(self) -> list[Add]:
        facts = {
            "objectClass": (b"umEnterprise",),
            "umEnterpriseNumber": (self.number.encode(),),
            "o": (b"Matrix",),
            "umEntitledCapacity": tuple(name.encode() for name in ("employer", "mandatary", THIRD, *UNUSED)),
        }
        records = [Add(self.dn, facts)]
        records += [self._person(name, RELATED.get(name, EMPLOYEE)) for name in PERSONS]
        unit = {"objectClass": (b"organizationalUnit",), "ou": (b"accounts",)}
        records.append(Add(f"ou=accounts,{self.dn}", unit))
        records += [self.add_account(name) for name in (*PERSONS, "twin", "twinla") if name != "fresh"]
        records += [
            self.add_group("chief-access-manager", None, ["excam"]),
            self.add_group(
                "co-chief-access-managers", None, ["cocam", "tcocam", "bcocam", "many"], ("tbcocam", "hcocam")
            ),
        ]
        for name, base in (("employer", self.employer), ("mandatary", self.mandatary), (THIRD, self.third)):
            unit = {"objectClass": (b"umCapacity",), "umCapacityName": (name.encode(),), **DATA}
            records.append(Add(base, unit))
        users = ["user", "tuser", "tboth", "tgrant", "tbgrant"]
        users += ["hcocam", "hcola", "hexcam", "hexla", "buser", "gone", "la", "cola", "cam"]
        records += [
            self.add_group("local-administrator", self.employer, ["exla"]),
            self.add_group(
                "co-local-administrators",
                self.employer,
                ["cola", "tcola", "bcola", "many"],
                ("tbcola", "hcola"),
            ),
            self.add_group("users", self.employer, users, ("tbuser", "huser")),
            self.add_group("technical-user", self.employer, ["tech"]),
            self.add_group("local-administrator", self.mandatary, ["la2"]),
            self.add_group("co-local-administrators", self.mandatary, ["cola2"]),
            self.add_group("users", self.mandatary, ["user2", "huser", "htech", "tboth", "many"]),
            self.add_group("technical-user", self.mandatary, ["btech"]),
            self.add_group("local-administrator", self.third, ["tla"]),
            self.add_group("technical-user", self.third, [], ("htech",)),
        ]
        records += self._authorizations()
        return records

    def _authorizations(self) -> Iterator[Add]:
        for unit in ("authorizations", "routing", "channels"):
            attributes = {"objectClass": (b"organizationalUnit",), "ou": (unit.encode(),)}
            yield Add(f"ou={unit},{self.employer}", attributes)
        yield Add(
            self.grant("dmfa"),
            {
                "objectClass": (b"umAuthorization",),
                "cn": (b"dmfa",),
                "member": (self.account("tgrant").encode(),),
                "umBlockedMember": (self.account("tbgrant").encode(),),
            },
        )

    def add_account(self, name: str, **changed: tuple[bytes, ...]) -> Add:
        if name in ACTORS:
            changed = {"preferredLanguage": (self.language(name).encode(),), **changed}
        return super().add_account(name, **changed)

    def load(self) -> MatrixWorld:
        """Load, open everybody's connection while he may, then block, replace and remove."""
        self.foreign.load()
        super().load()
        with self.service.connect("registrar") as registrar:
            elsewhere = (self.foreign.dn.encode(),)
            person = self.service.tree.person(self.ssins["relsewhere"])
            registrar.write(Modify(person, (Modification("add", "umDirectorOf", elsewhere),)))
        self.clients |= {name: self._stack.enter_context(self.service.connect(name)) for name in OPERATORS}
        anonymous = DirectoryClient._open(
            f"ldap://127.0.0.1:{self.service.settings.ldap_port}", 30, authentication=ldap3.ANONYMOUS
        )
        self.clients["anonymous"] = self._stack.enter_context(anonymous)
        self._open(self, "", [*ACTORS, "many"])
        self._open(self.foreign, "f", ("cam", "cocam", "la", "user"))
        self._settle()
        return self

    def _open(self, enterprise: Enterprise, prefix: str, names: Iterable[str]) -> None:
        for name in names:
            wait_until(partial(self._opens, f"{prefix}{name}", enterprise, name), what=f"log-in of {name}")

    def _opens(self, key: str, enterprise: Enterprise, name: str) -> bool:
        try:
            self.clients[key] = self._stack.enter_context(enterprise.bind(name))
        except OperationRefused:
            return False
        return True

    def _settle(self) -> None:
        chief, local = self.group("chief-access-manager"), self.group("local-administrator", self.employer)
        users = self.group("users", self.employer)
        for operation in (hand_over(chief, self.account("hexcam")), hand_over(chief, self.account("cam"))):
            self.clients["contact-center"].write(operation)
        cam = self.clients["cam"]
        for operation in (
            hand_over(local, self.account("hexla")),
            hand_over(local, self.account("la")),
            block(self.group("co-chief-access-managers"), self.account("bcocam")),
            block(self.group("co-local-administrators", self.employer), self.account("bcola")),
            block(self.group("technical-user", self.mandatary), self.account("btech")),
            block(users, self.account("buser")),
            *(remove_member(users, self.account(name)) for name in ("gone", "la", "cola")),
        ):
            cam.write(operation)
        self.clients["la"].write(remove_member(users, self.account("cam")))  # not by himself: D11
        wait_until(self._access_followed, what="the end of access of all who lost their role")
        self.known = self.snapshot()

    def _access_followed(self) -> bool:
        stored = self.snapshot()
        return all(
            (stored[self.account(name)].get("umAccountStatus") == [b"active"]) != (name in GROUPS["out"])
            for name in ACTORS
        )

    def close(self) -> None:
        """Close everybody's connection."""
        self._stack.close()

    # --- names ---

    def grant(self, application: str) -> str:
        """DN of an authorization of employer."""
        return f"cn={application},ou=authorizations,{self.employer}"

    def capacity_dn(self, name: str) -> str:
        """DN of a capacity."""
        return f"umCapacityName={name},{self.dn}"

    def an_inactive_capacity(self) -> str:
        """A capacity without local administrator; it is made if there is none."""
        if not self.inactive:
            name = self.unused.pop()
            attributes = {"objectClass": (b"umCapacity",), "umCapacityName": (name.encode(),), **DATA}
            self.clients["cam"].write(Add(self.capacity_dn(name), attributes))
            self.inactive.append(name)
        return self.inactive[-1]

    # --- cells ---

    def outcome(self, actor: str, action: Action, through: DirectoryClient | None = None) -> str:
        """Attempt: `ok`, the id of the rule that refused, or `slapd` when the guard was not even asked.

        `through`: not the actor's own connection, but one that acts for him.
        """
        action.before(self, actor)
        client = through or self.clients[actor]
        said = self.attempt(client, action.do(self, actor), self.language(actor), action.exists_is_yes)
        if said == "ok":
            action.undo(self, actor)
        action.after(self, actor)
        return said

    def attempt(
        self, client: DirectoryClient, operation: Operation, language: str, exists_is_yes: bool = False
    ) -> str:
        """One write and what came of it; a refusal's words are looked at too."""
        try:
            client.write(operation)
        except OperationRefused as error:
            if error.rule is None:
                return "ok" if exists_is_yes and error.code == 68 else f"slapd {error.code}"
            wrong = wrong_words(error.diagnostic, language)
            return f"{error.rule} ({wrong})" if wrong else error.rule
        return "ok"

    def compare(self, row: Row, actions: Mapping[str, Action]) -> list[str]:
        """Attempt every cell of a row; what is not as the table says."""
        wrong = []
        for column, expected in row.expected.items():
            for actor in actors_of(column) if expected != "-" else ():
                said = self.outcome(actor, actions[row.name])
                if said.partition(" ")[0] != expected or "(" in said:
                    wrong.append(f"{actor}: {said}, the domain says {expected}")
        return wrong

    def settle(self) -> list[str]:
        """Give access the time to follow, then say what a row has left behind."""
        now = self.snapshot()
        deadline = time.monotonic() + SETTLE_SECONDS
        while now != self.known and time.monotonic() < deadline:
            time.sleep(0.02)
            now = self.snapshot()
        before, self.known = self.known, now
        return [
            f"{dn}: {before.get(dn)} is now {now.get(dn)}"
            for dn in sorted({*before, *now})
            if before.get(dn) != now.get(dn)
        ]

    def snapshot(self) -> dict[str, dict[str, list[bytes]]]:
        """Everything stored below the enterprise and of its people.

        The order of values does not count, nor whether an inactive account ever was active.
        """
        found: list[Entry] = []
        with self.service.connect("service") as client:
            found += client.search(self.dn)
            people = "".join(f"(umSsin={ssin})" for ssin in self.ssins.values())
            found += client.search(f"ou=register,{self.service.settings.suffix}", f"(|{people})")
        return {
            entry.dn: {
                name: sorted(values) for name, values in entry.attributes.items() if values != (b"inactive",)
            }
            for entry in found
        }


OPERATORS = ("contact-center", "registrar")
COLUMN_NAMES = {"cc": "contact-center", "reg": "registrar", "anon": "anonymous"}


def actors_of(column: str) -> tuple[str, ...]:
    """The actors that a column of a table stands for."""
    return GROUPS.get(column) or (COLUMN_NAMES.get(column, column),)


# --- words ---


@cache
def _templates(language: str) -> tuple[re.Pattern[str], ...]:
    with (CATALOGUES / f"{'nl' if language == 'en' else language}.po").open("rb") as file:
        texts = [
            message.id if language == "en" else message.string for message in read_po(file) if message.id
        ]
    return tuple(re.compile(_pattern(str(text)), re.DOTALL) for text in texts)


def _pattern(template: str) -> str:
    parts = []
    for literal, name, _spec, _conversion in Formatter().parse(template):
        parts.append(re.escape(literal) + (".+" if name is not None else ""))
    return "".join(parts)


def wrong_words(diagnostic: str, language: str) -> str:
    """What is wrong with a refusal's text: not a sentence of the actor's language."""
    text = diagnostic.partition(": ")[2]
    if any(pattern.fullmatch(text) for pattern in _templates(language)):
        return ""
    return f"not {language}: {text}"


__all__ = ["PASSWORD", "Action", "MatrixWorld", "actors_of", "wrong_words"]
