"""What the domain says (docs/reference/domain.md), as tables: written from that page, not from the code.

A row is an operation of `support.matrix_actions`; a column an actor or a group of them (`support.matrix.GROUPS`);
a cell `ok`, or the id of the rule that refuses, or `-` where there is nothing to ask (an operator has no own data).
`anon` is refused by slapd itself, without a rule, but for the extended operation, about which the guard is asked first.
Capacities: `employer` unless a row says another; la, cola, user and tech have their roles there, la2, cola2 and user2
in `mandatary`.

`for` is the marker of the coverage: the rule that an `ok` in this row is an allowed case of.

Where two rules would refuse, the domain does not say which speaks. Read: without any active role nothing is
answered but A5; out of scope nothing but D14; then who may; then whom, and with which values.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of a table: expected outcome by column."""

    table: str
    name: str
    allows: str  # the marker
    expected: dict[str, str]

    @property
    def id(self) -> str:
        """For the test's name."""
        return f"{self.table}: {self.name}".replace(" ", "-")


def parse(title: str, text: str) -> list[Row]:
    """Read a table: the first line has the columns."""
    head, *lines = (line for line in text.strip().splitlines() if line.strip())
    columns = head.split("|")[2].split()
    rows = []
    for line in lines:
        name, allows, cells = (part.strip() for part in line.split("|"))
        values = cells.split()
        assert len(values) == len(columns), f"{title}: {name}"
        rows.append(Row(title, name, allows, dict(zip(columns, values, strict=True))))
    return rows


_ENTERPRISE_ROLES = """
                               | for | cam cocam la  cola user tech la2 cola2 user2 fore out cc  reg anon
hand over CAM                  | D1  | D1  D1    D1  D1   D1   D1   D1  D1    D1    D14  A5  ok  D1  slapd
add a second CAM               |     | D1  D1    D1  D1   D1   D1   D1  D1    D1    D14  A5  D1  D1  slapd
remove CAM                     |     | D1  D1    D1  D1   D1   D1   D1  D1    D1    D14  A5  D1  D1  slapd
empty the group of CAM         |     | D1  D1    D1  D1   D1   D1   D1  D1    D1    D14  A5  D1  D1  slapd
block CAM                      |     | D1  D1    D1  D1   D1   D1   D1  D1    D1    D14  A5  D1  D1  slapd
delete the group of CAM        |     | D1  D1    D1  D1   D1   D1   D1  D1    D1    D14  A5  D1  D1  slapd
designate co-CAM               | D2  | ok  D2    D2  D2   D2   D2   D2  D2    D2    D14  A5  D2  D2  slapd
designate co-CAM blocked       | D2  | ok  D2    D2  D2   D2   D2   D2  D2    D2    D14  A5  D2  D2  slapd
block co-CAM                   | D2  | ok  D2    D2  D2   D2   D2   D2  D2    D2    D14  A5  D2  D2  slapd
unblock co-CAM                 | D2  | ok  D2    D2  D2   D2   D2   D2  D2    D2    D14  A5  D2  D2  slapd
remove co-CAM                  | D2  | ok  D2    D2  D2   D2   D2   D2  D2    D2    D14  A5  D2  D2  slapd
remove a blocked co-CAM        | D2  | ok  D2    D2  D2   D2   D2   D2  D2    D2    D14  A5  D2  D2  slapd
"""

_CAPACITY_ROLES = """
                               | for | cam cocam la  cola user tech la2 cola2 user2 fore out cc  reg anon
hand over LA                   | D4  | ok  ok    D4  D4   D4   D4   D14 D14   D14   D14  A5  D4  D4  slapd
hand over LA of mandatary      | D4  | ok  ok    D14 D14  D14  D14  D4  D4    D4    D14  A5  D4  D4  slapd
the same LA for two capacities | E2  | ok  ok    D14 D14  D14  D14  D4  D4    D4    D14  A5  D4  D4  slapd
add a second LA                |     | D4  D4    D4  D4   D4   D4   D14 D14   D14   D14  A5  D4  D4  slapd
remove LA                      |     | D4  D4    D4  D4   D4   D4   D14 D14   D14   D14  A5  D4  D4  slapd
empty the group of LA          |     | D4  D4    D4  D4   D4   D4   D14 D14   D14   D14  A5  D4  D4  slapd
block LA                       |     | D4  D4    D4  D4   D4   D4   D14 D14   D14   D14  A5  D4  D4  slapd
delete the group of LA         |     | D4  D4    D4  D4   D4   D4   D14 D14   D14   D14  A5  D4  D4  slapd
designate co-LA                | D5  | ok  ok    ok  D5   D5   D5   D14 D14   D14   D14  A5  D5  D5  slapd
designate co-LA blocked        | D5  | ok  ok    ok  D5   D5   D5   D14 D14   D14   D14  A5  D5  D5  slapd
block co-LA                    | D5  | ok  ok    ok  D5   D5   D5   D14 D14   D14   D14  A5  D5  D5  slapd
unblock co-LA                  | D5  | ok  ok    ok  D5   D5   D5   D14 D14   D14   D14  A5  D5  D5  slapd
remove co-LA                   | D5  | ok  ok    ok  D5   D5   D5   D14 D14   D14   D14  A5  D5  D5  slapd
remove a blocked co-LA         | D5  | ok  ok    ok  D5   D5   D5   D14 D14   D14   D14  A5  D5  D5  slapd
new group of co-LAs            | D5  | ok  ok    D14 D14  D14  D14  D14 D14   D14   D14  A5  D5  ok  slapd
designate user                 | D6  | ok  ok    ok  ok   D6   D6   D14 D14   D14   D14  A5  D6  D6  slapd
designate user blocked         | D6  | ok  ok    ok  ok   D6   D6   D14 D14   D14   D14  A5  D6  D6  slapd
block user                     | D6  | ok  ok    ok  ok   D6   D6   D14 D14   D14   D14  A5  D6  D6  slapd
unblock user                   | D6  | ok  ok    ok  ok   D6   D6   D14 D14   D14   D14  A5  D6  D6  slapd
remove user                    | D6  | ok  ok    ok  ok   D6   D6   D14 D14   D14   D14  A5  D6  D6  slapd
remove a blocked user          | D6  | ok  ok    ok  ok   D6   D6   D14 D14   D14   D14  A5  D6  D6  slapd
designate user of mandatary    | D14 | ok  ok    D14 D14  D14  D14  ok  ok    D6    D14  A5  D6  D6  slapd
new group of users             | D6  | ok  ok    D14 D14  D14  D14  D14 D14   D14   D14  A5  D6  ok  slapd
foreign user                   |     | D14 D14   D14 D14  D14  D14  D14 D14   D14   D14  A5  D14 D14 slapd
hand over technical user       | D7  | ok  ok    ok  ok   D7   D7   D14 D14   D14   D14  A5  D7  D7  slapd
remove technical user          | D7  | ok  ok    ok  ok   D7   D7   D14 D14   D14   D14  A5  D7  D7  slapd
block technical user           | D7  | ok  ok    ok  ok   D7   D7   D14 D14   D14   D14  A5  D7  D7  slapd
add a second technical user    |     | D7  D7    D7  D7   D7   D7   D14 D14   D14   D14  A5  D7  D7  slapd
register an account            | D6  | ok  ok    ok  ok   D6   D6   ok  ok    D6    D14  A5  ok  ok  slapd
delete an account without role | D6  | ok  ok    D6  D6   D6   D6   D6  D6    D6    D14  A5  ok  ok  slapd
delete an account with a role  |     | D6  D6    D6  D6   D6   D6   D6  D6    D6    D14  A5  D6  D6  slapd
"""

_FOREIGN = """
                            | for | cam cocam la  cola user tech la2 cola2 user2 fcam fcocam fla fuser out cc reg anon
user in a foreign enterprise | D14 | D14 D14  D14 D14  D14  D14  D14 D14   D14   ok   ok     ok  D6    A5  D6 D6  slapd
account in a foreign enterprise | D14 | D14 D14 D14 D14 D14 D14  D14 D14   D14   ok   ok     ok  D6    A5  ok ok  slapd
"""

_CAPACITIES = """
                               | for | cam cocam la  cola user tech la2 cola2 user2 fore out cc  reg anon
activate                       | D3  | ok  ok    D14 D14  D14  D14  D14 D14   D14   D14  A5  D3  ok  slapd
activate without entitlement   |     | D3  D3    D14 D14  D14  D14  D14 D14   D14   D14  A5  D3  D3  slapd
activate what the catalogue lacks |  | D3  D3    D14 D14  D14  D14  D14 D14   D14   D14  A5  D3  D3  slapd
name its first LA              | D4  | ok  ok    D14 D14  D14  D14  D14 D14   D14   D14  A5  D4  ok  slapd
users before the first LA      |     | D3  D3    D14 D14  D14  D14  D14 D14   D14   D14  A5  D3  D3  slapd
capacity e-mail                | D9  | ok  ok    ok  ok   D9   D9   D14 D14   D14   D14  A5  D9  D9  slapd
capacity description           | D9  | ok  ok    ok  ok   D9   D9   D14 D14   D14   D14  A5  D9  D9  slapd
remove the e-mail asked        |     | D3  D3    D3  D3   D9   D9   D14 D14   D14   D14  A5  D9  D9  slapd
container for routing          | D9  | ok  ok    ok  ok   D9   D9   D14 D14   D14   D14  A5  D9  ok  slapd
container for channels         | D9  | ok  ok    ok  ok   D9   D9   D14 D14   D14   D14  A5  D9  ok  slapd
grant                          | D8  | ok  ok    ok  ok   D8   D8   D14 D14   D14   D14  A5  D8  D8  slapd
withdraw a grant               | D8  | ok  ok    ok  ok   D8   D8   D14 D14   D14   D14  A5  D8  D8  slapd
block a grant                  | D8  | ok  ok    ok  ok   D8   D8   D14 D14   D14   D14  A5  D8  D8  slapd
unblock a grant                | D8  | ok  ok    ok  ok   D8   D8   D14 D14   D14   D14  A5  D8  D8  slapd
grant to a blocked user        |     | D8  D8    D8  D8   D8   D8   D14 D14   D14   D14  A5  D8  D8  slapd
grant to an administrator      |     | D8  D8    D8  D8   D8   D8   D14 D14   D14   D14  A5  D8  D8  slapd
new authorization              | D8  | ok  ok    ok  ok   D8   D8   D14 D14   D14   D14  A5  D8  ok  slapd
new authorization of what is not offered | | D8 D8 D8 D8  D8   D8   D14 D14   D14   D14  A5  D8  D8  slapd
delete an authorization        | D8  | ok  ok    ok  ok   D8   D8   D14 D14   D14   D14  A5  D8  D8  slapd
"""

_ACCOUNTS = """
                               | for | cam cocam la  cola user tech la2 cola2 user2 fore out cc  reg anon
own language                   | D10 | ok  ok    ok  ok   ok   ok   ok  ok    ok    ok   A5  -   -   -
own e-mail                     | A5  | ok  ok    ok  ok   ok   ok   ok  ok    ok    ok   A5  -   -   -
own password                   | D10 | ok  ok    ok  ok   ok   ok   ok  ok    ok    ok   A5  -   -   -
own password (extended)        | D10 | ok  ok    ok  ok   ok   ok   ok  ok    ok    ok   A5  -   -   -
own certificate                | C5  | ok  ok    ok  ok   ok   ok   ok  ok    ok    ok   A5  -   -   -
own certificate, expired       |     | C5  C5    C5  C5   C5   C5   C5  C5    C5    C5   A5  -   -   -
certificate of a user          |     | C5  C5    C5  C5   C5   C5   C5  C5    C5    D14  A5  C5  C5  slapd
own umSsin                     |     | D10 D10   D10 D10  D10  D10  D10 D10   D10   D10  A5  -   -   -
own sn                         |     | D10 D10   D10 D10  D10  D10  D10 D10   D10   D10  A5  -   -   -
own uid                        |     | D10 D10   D10 D10  D10  D10  D10 D10   D10   D10  A5  -   -   -
own title                      |     | D10 D10   D10 D10  D10  D10  D10 D10   D10   D10  A5  -   -   -
own umAccountStatus            |     | SV  SV    SV  SV   SV   SV   SV  SV    SV    SV   A5  -   -   -
access of a user               |     | SV  SV    SV  SV   SV   SV   SV  SV    SV    D14  A5  SV  SV  slapd
name of a user                 |     | D0  D0    D0  D0   D0   D0   D0  D0    D0    D14  A5  D0  D0  slapd
SSIN of a user                 |     | D0  D0    D0  D0   D0   D0   D0  D0    D0    D14  A5  D0  D0  slapd
"""

_ANOTHER = {
    "a user": "ok  ok    ok  ok   D15  D15  D15 D15   D15   D14  A5  D15 D15 slapd",
    "a blocked user": "ok  ok    ok  ok   D15  D15  D15 D15   D15   D14  A5  D15 D15 slapd",
    "a co-LA": "ok  ok    ok  D15  D15  D15  D15 D15   D15   D14  A5  D15 D15 slapd",
    "another capacity's LA": "ok  ok    D15 D15  D15  D15  D15 D15   D15   D14  A5  D15 D15 slapd",
    "a co-CAM": "ok  D15   D15 D15  D15  D15  D15 D15   D15   D14  A5  D15 D15 slapd",
    "the CAM": "ok  D15   D15 D15  D15  D15  D15 D15   D15   D14  A5  ok  D15 slapd",
    "a user of two capacities": "ok  ok    D15 D15  D15  D15  D15 D15   D15   D14  A5  D15 D15 slapd",
    "an account without role": "ok  ok    D15 D15  D15  D15  D15 D15   D15   D14  A5  ok  D15 slapd",
}
"""Whose account, and who edits it and resets its password, either way. (The CAM's own: D10.)"""

_FACTS = """
                               | for | cam cocam la  cola user tech la2 cola2 user2 fore out cc  reg anon
entitlement                    | D12 | D12 D12   D12 D12  D12  D12  D12 D12   D12   D14  A5  D12 ok  slapd
name of the enterprise         | D12 | D12 D12   D12 D12  D12  D12  D12 D12   D12   D14  A5  D12 ok  slapd
bankruptcy                     | D12 | D12 D12   D12 D12  D12  D12  D12 D12   D12   D14  A5  D12 ok  slapd
personnel                      | D12 | D12 D12   D12 D12  D12  D12  D12 D12   D12   D14  A5  D12 ok  slapd
relation                       | D12 | D12 D12   D12 D12  D12  D12  D12 D12   D12   D12  A5  D12 ok  slapd
trustee                        | D12 | D12 D12   D12 D12  D12  D12  D12 D12   D12   D12  A5  D12 ok  slapd
new person                     | N1  | D12 D12   D12 D12  D12  D12  D12 D12   D12   D12  A5  D12 ok  slapd
new mandate                    | D12 | D12 D12   D12 D12  D12  D12  D12 D12   D12   D12  A5  D12 ok  slapd
new enterprise                 | N2  | D14 D14   D14 D14  D14  D14  D14 D14   D14   D14  A5  D12 ok  slapd
catalogue                      |     | D0  D0    D0  D0   D0   D0   D0  D0    D0    D0   A5  D0  D0  slapd
capacity definition            |     | D0  D0    D0  D0   D0   D0   D0  D0    D0    D0   A5  D0  D0  slapd
access group                   |     | D0  D0    D0  D0   D0   D0   D0  D0    D0    D0   A5  D0  D0  slapd
operator's password            |     | D0  D0    D0  D0   D0   D0   D0  D0    D0    D0   A5  D0  D0  slapd
container of enterprises       |     | D0  D0    D0  D0   D0   D0   D0  D0    D0    D0   A5  D0  D0  slapd
"""


_BANKRUPT = """
                               | for | cam cocam la  cola user tech la2 cola2 user2 fore out cc  reg anon
trustee becomes LA of employer | D13 | ok  ok    D4  D4   D4   D4   D14 D14   D14   D14  A5  D4  ok  slapd
another becomes LA of employer |     | D13 D13   D4  D4   D4   D4   D14 D14   D14   D14  A5  D4  D13 slapd
bankrupt: LA of mandatary      | D4  | ok  ok    D14 D14  D14  D14  D4  D4    D4    D14  A5  D4  D4  slapd
bankrupt: co-LA of employer    | D5  | ok  ok    ok  D5   D5   D5   D14 D14   D14   D14  A5  D5  D5  slapd
"""
"""While the register says that the enterprise is bankrupt, and who its trustee is."""

_ONESELF = """
leave as user          | D11 | cam=D11 cocam=D11 la=D11 cola=D11 user=D6
block oneself as user  | D11 | cam=D11 cocam=D11 la=D11 cola=D11 user=D6
unblock oneself as user | D11 | cam=D11 cocam=D11 la=D11 cola=D11 huser=D14
become user            | D11 | cocam=ok la=ok cola=ok tech=D6 user2=D14 gone=A5
leave as co-LA         |     | cola=D5
block oneself as co-LA |     | cola=D5
unblock oneself as co-LA |   | hcola=D5 bcola=A5
become co-LA           |     | la=D11 user=D5 tech=D5 hcola=D5 user2=D14 exla=A5
second account becomes co-LA | | la=D11
leave as co-CAM        |     | cocam=D2
block oneself as co-CAM |    | cocam=D2
unblock oneself as co-CAM |  | hcocam=D2 bcocam=A5
become co-CAM          |     | cam=D11 la=D2 cola=D2 user=D2 la2=D2
become LA              | D4  | cocam=ok cam=E6 cola=D4 user=D4 hexla=D4 la2=D14
become CAM             |     | cocam=D1 la=D1 user=D1 hexcam=D1
"""
"""D11: what one does to oneself. Who does not may at all is refused for that."""

_ELIGIBLE = """
                              | for | CAM cocam la cola user tech
an employee                   | E1  | ok  ok    ok ok   ok   ok
a director                    | E2  | ok  ok    ok ok   ok   ok
a managing director           | E3  | ok  ok    ok ok   ok   ok
a manager                     | E1  | ok  ok    ok ok   ok   ok
a founder                     | E2  | ok  ok    ok ok   E3   ok
an associate                  | E3  | E1  E1    E2 E2   ok   ok
a member                      | E3  | E1  E1    E2 E2   ok   ok
a service provider            | E3  | E1  E1    ok ok   ok   ok
a trustee                     |     | E1  E1    E2 E2   E3   ok
somebody without relation     |     | E1  E1    E2 E2   E3   ok
a director of another enterprise |  | E1  E1    E2 E2   E3   ok
no personnel: an employee     | E3  | ok  ok    E2 E2   ok   ok
no personnel: a director      | E2  | ok  ok    ok ok   ok   ok
mandatary: a service provider |     | E1  E1    E2 E2   E3   ok
"""
"""Who is designated, and as what: CAM by the contact center, the others by the CAM (E4, E5)."""
RELATION_OF = {
    "an employee": "cand",
    "a director": "rdirector",
    "a managing director": "rmandir",
    "a manager": "rmanager",
    "a founder": "rfounder",
    "an associate": "rassociate",
    "a member": "rmember",
    "a service provider": "rprovider",
    "a trustee": "rtrustee",
    "somebody without relation": "rnone",
    "a director of another enterprise": "relsewhere",
}

_VALUES = """
                              | for | cam la cola la2 cc reg
username of 7                 |     | C1  C1 C1   C1  C1 C1
username of 8                 | C1  | ok  ok ok   ok  ok ok
username of 30                | C1  | ok  ok ok   ok  ok ok
username of 31                |     | C1  C1 C1   C1  C1 C1
username in capitals          |     | C1  C1 C1   C1  C1 C1
username with a dash          |     | C1  C1 C1   C1  C1 C1
username with an accent       |     | D0  D0 D0   D0  D0 D0
username taken elsewhere      |     | C1  C1 C1   C1  C1 C1
account with a wrong SSIN     |     | N1  N1 N1   N1  N1 N1
account with a right SSIN     | N1  | ok  ok ok   ok  ok ok
"""
"""A DN outside the tree's alphabet names nothing that a rule could speak of: D0."""
_NUMBERS = """
                              | for | reg
person with a wrong SSIN      |     | N1
person with a bis number      | N1  | ok
enterprise with a wrong number |    | N2
enterprise with a right number | N2 | ok
wrong NSSO number             |     | N3
right NSSO number             | N3  | ok
provisional NSSO number       | N3  | ok
"""

PASSWORDS = {
    "Kort1234!": "C2",  # 9
    "Tien123456": "ok",
    "Vijftien1234567": "ok",
    "Zestien123456789": "C2",
    "een twee 345": "C2",
    "alleenletters": "C2",
    "0123456789": "C2",
    ",;:=?./+*$%": "C2",
    ",;:=?./+*$a1": "ok",
    "%><&@#'(!{}a1": "ok",
    ")-_abcdefgh": "ok",
    "1234567890)": "ok",
    "a)-_,;:=?./": "C2",  # one letter or digit
    "p\u00e9nible12345": "C2",
    "punt~komma12": "C2",
    "{SSHA}Abcdef12": "C2",
    "{CRYPT}abcd1": "C2",
}
"""C2 by example; ways: own and another's, by modify and extended operation, and with a new account."""
PASSWORD_WAYS = ("own modify", "own extended", "another's modify", "another's extended", "new account")


def by_actor(title: str, text: str) -> list[Row]:
    """Read a table whose cells name their actors."""
    rows = []
    for line in text.strip().splitlines():
        name, allows, cells = (part.strip() for part in line.split("|"))
        pairs = (cell.partition("=") for cell in cells.split())
        rows.append(Row(title, name, allows, {actor: expected for actor, _, expected in pairs}))
    return rows


def _another() -> list[Row]:
    head = "| for | cam cocam la cola user tech la2 cola2 user2 fore out cc reg anon"
    forms = ("language of {}", "password of {}", "password of {} (extended)")
    lines = [f"{form.format(whom)} | D15 | {cells}" for whom, cells in _ANOTHER.items() for form in forms]
    lines = [line.replace("slapd", "A5") if "(extended)" in line else line for line in lines]
    return parse("another's account", "\n".join([head, *lines]))


ROWS: list[Row] = [
    *parse("enterprise roles", _ENTERPRISE_ROLES),
    *parse("capacity roles", _CAPACITY_ROLES),
    *parse("foreign enterprise", _FOREIGN),
    *parse("capacities", _CAPACITIES),
    *parse("accounts", _ACCOUNTS),
    *_another(),
    *parse("facts", _FACTS),
]
"""Rows with all actors."""
BANKRUPT = parse("bankrupt", _BANKRUPT)
ONESELF = by_actor("oneself", _ONESELF)
ELIGIBLE = parse("eligible", _ELIGIBLE)
"""Columns are roles here."""
VALUES = [*parse("values", _VALUES), *parse("numbers", _NUMBERS)]
SESSIONS = ("cam", "cocam", "la", "cola", "user", "tech", "la2", "cola2", "user2")
"""For whom the service acts: every row must come out as for the person himself (A6)."""


def _one_of_each_kind() -> list[Row]:
    kinds: dict[tuple[str, ...], Row] = {}
    for row in ROWS:
        if "password" not in row.name and row.table != "foreign enterprise":
            kinds.setdefault((row.table, *row.expected.values()), row)
    return [row for row in kinds.values() if row.name not in STAYS]


STAYS = ("activate", "name its first LA", "users before the first LA")
"""Capacities cannot be given up (no rule allows it): each allowed cell has one of its own."""
SESSION_ROWS = _one_of_each_kind()
"""Rows for sessions: of those with the same outcomes throughout, one."""
NARROWED = {
    "co-chief-access-manager": "cocam",
    "co-local-administrator": "cola",
    "user": "user2",
}
"""`many` is all three, in employer the second and in mandatary the third: narrowed to one he is as who is that only."""
