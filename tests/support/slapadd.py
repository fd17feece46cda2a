"""A configuration and database made by slapadd alone: the schema is checked, no server runs."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from support.blocks import ROOT

SCHEMA = ROOT / "schema" / "um-directory.ldif"
_BASED_ON = ("core", "cosine", "inetorgperson", "dyngroup")
_CONFIG = """\
dn: cn=config
objectClass: olcGlobal
cn: config

dn: cn=module{{0}},cn=config
objectClass: olcModuleList
cn: module{{0}}
olcModulePath: /usr/lib/ldap
olcModuleLoad: back_mdb

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

{includes}
dn: olcDatabase={{1}}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {{1}}mdb
olcSuffix: {suffix}
olcDbDirectory: {database}
olcDbMaxSize: 1073741824
olcDbIndex: objectClass,member,umBlockedMember,memberOf,umRelatedTo,umSsin eq
"""


@dataclass(frozen=True)
class Outcome:
    """What a tool said. slapadd exits 0 with warnings too, so tests look at `said`."""

    code: int
    said: str
    out: bytes


class Offline:
    """A directory below `folder` on which slapd's offline tools work."""

    def __init__(self, folder: Path, suffix: str = "dc=um,dc=example") -> None:
        self._config = folder / "config"
        self._folder = folder
        for made in (self._config, folder / "database"):
            made.mkdir()
        includes = "".join(f"include: file:///etc/ldap/schema/{name}.ldif\n\n" for name in _BASED_ON)
        source = _CONFIG.format(
            includes=f"{includes}include: file://{SCHEMA}\n", suffix=suffix, database=folder / "database"
        )
        self.loaded = self.slapadd(source.encode(), "-n", "0")

    def slapadd(self, ldif: bytes, *options: str) -> Outcome:
        """Load LDIF, classes and values checked, into the database unless told otherwise."""
        source = self._folder / "source.ldif"
        source.write_bytes(ldif)
        return self._run("slapadd", "-o", "value-check=yes", *(options or ("-n", "1")), "-l", str(source))

    def slapcat(self, *options: str) -> bytes:
        """The content, unfolded."""
        outcome = self._run("slapcat", "-o", "ldif-wrap=no", *options)
        assert outcome.code == 0, outcome.said
        return outcome.out

    def found(self, ldap_filter: str) -> set[str]:
        """First RDN of each entry that matches."""
        out = self.slapcat("-n", "1", "-a", ldap_filter)
        return {line[4:].partition(b",")[0].decode() for line in out.split(b"\n") if line.startswith(b"dn: ")}

    def slaptest(self) -> Outcome:
        """Check the configuration and open the database."""
        return self._run("slaptest")

    def _run(self, tool: str, *options: str) -> Outcome:
        command = [f"/usr/sbin/{tool}", "-F", str(self._config), *options]
        done = subprocess.run(command, capture_output=True, check=False, timeout=120)
        return Outcome(done.returncode, done.stderr.decode(errors="replace"), done.stdout)
