"""slapd's `cn=config`, as a pure function of the settings.

It is written anew at every start, so that there is nothing to migrate and nobody edits it by hand. The order of
the overlays is the design (docs/explanation/one-door.md). What is declared last runs first:

    accesslog → cn=accesslog   the audit; its lock is held until everything below is done, telling included
    accesslog → cn=commits     tells the guard of what was committed
    sock                       asks the guard
    syncprov, dyngroup, ppolicy (hashes passwords), unique
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from um_directory.directory.slapd_acl import access_rules
from um_directory.settings import Settings

MODULES = (
    "back_mdb",
    "back_sock",
    "accesslog",
    "dyngroup",
    "ppolicy",
    "syncprov",
    "unique",
    # OWASP's floor for argon2: 19 MiB, two passes, one lane.
    "argon2 m=19456 t=2 p=1",
)
OWN_SCHEMAS = ("core", "cosine", "inetorgperson", "dyngroup")
INDEXES = (
    "objectClass,entryUUID,entryCSN eq",
    "uid,umSsin,mail,memberOf,umHolderIn eq",
    "umEnterpriseNumber,umCapacityName,cn eq",
    "sn,givenName eq,sub",
)
ACCESSLOG_SUFFIX = "cn=accesslog"
COMMITS_SUFFIX = "cn=commits"
PURGE = "400+00:00 01+00:00"  # days that the audit is kept, and how often older records are looked for
# Old values are logged whole, attribute by attribute: of a group of 100,000 users that is 10 MB for one that is added.
KEEPS_OLD = "(!(|(&(objectClass=umRoleGroup)(cn=users))(objectClass=umAuthorization)))"
_EXTENSIONS = ("binddn", "connid")


def render(settings: Settings, schema_ldif: str, guarded: bool = True, durable: bool = True) -> str:
    """Return the LDIF for `slapadd -n 0`; `schema_ldif` is slapd's own schemas and ours, one text.

    Only the bench wants less than all of it, to see what the guard costs: not `guarded` there are no sock overlays
    and no second accesslog to tell the guard by; not `durable` the main database is not synchronised to disk.
    """
    return "\n".join(
        [
            _entry("cn=config", _global(settings)),
            _entry("cn=module{0},cn=config", _modules(settings)),
            _entry("cn=schema,cn=config", [("objectClass", "olcSchemaConfig"), ("cn", "schema")]),
            schema_ldif,
            *_frontend(settings, guarded),
            *_log_databases(settings, guarded),
            *_main_database(settings, guarded, durable),
        ]
    )


def _entry(dn: str, attributes: Iterable[tuple[str, str]]) -> str:
    lines = [f"dn:: {_base64(dn)}"]
    lines += [f"{name}:: {_base64(value)}" for name, value in attributes]
    return "\n".join(lines) + "\n"


def _base64(value: str) -> str:
    # Paths and suffixes may hold anything; encoded, nothing needs quoting or folding.
    return base64.b64encode(value.encode()).decode("ascii")


def _global(settings: Settings) -> list[tuple[str, str]]:
    service = f"cn=um-service,ou=services,{settings.suffix}"
    return [
        ("objectClass", "olcGlobal"),
        ("cn", "config"),
        ("olcPidFile", str(settings.run_dir / "slapd.pid")),
        ("olcArgsFile", str(settings.run_dir / "slapd.args")),
        # The process's own user, over ldapi, is the service; nobody may authorise as another.
        (
            "olcAuthzRegexp",
            f'{{0}}"gidNumber=[0-9]+\\+uidNumber={os.getuid()},cn=peercred,cn=external,cn=auth" "{service}"',
        ),
        ("olcAuthzPolicy", "none"),
        ("olcRequires", "authc"),
        ("olcLocalSSF", "128"),
    ]


def _modules(settings: Settings) -> list[tuple[str, str]]:
    head = [
        ("objectClass", "olcModuleList"),
        ("cn", "module{0}"),
        ("olcModulePath", str(settings.slapd_modules)),
    ]
    return head + [("olcModuleLoad", f"{{{index}}}{name}") for index, name in enumerate(MODULES)]


def _socket(path: Path, operations: Iterable[str]) -> list[tuple[str, str]]:
    return [
        ("objectClass", "olcOvSocketConfig"),
        ("olcDbSocketPath", str(path)),
        *(("olcDbSocketExtensions", name) for name in _EXTENSIONS),
        *(("olcOvSocketOps", name) for name in operations),
    ]


def _frontend(settings: Settings, guarded: bool) -> list[str]:
    dn = "olcDatabase={-1}frontend,cn=config"
    database = [
        ("objectClass", "olcDatabaseConfig"),
        ("objectClass", "olcFrontendConfig"),
        ("olcDatabase", "{-1}frontend"),
        ("olcPasswordHash", "{ARGON2}"),
        ("olcSortVals", "member umBlockedMember"),
        ("olcSizeLimit", "1000"),
        # The root DSE and the schema are for everyone who has bound; nothing else is until a database says so.
        ("olcAccess", '{0}to dn.base="" by * read'),
        ("olcAccess", '{1}to dn.base="cn=Subschema" by * read'),
        ("olcAccess", "{2}to * by * none"),
    ]
    # Global, so that it sees every extended operation: transactions and Password Modify (docs/explanation/slapd.md).
    door = _overlay(dn, 0, "sock", _socket(settings.write_socket, ("extended",)))
    # back-config asks no access rule before a deletion: any client could take the door out of its frame.
    configuration = [
        ("objectClass", "olcDatabaseConfig"),
        ("olcDatabase", "{0}config"),
        ("olcRestrict", "all"),
        ("olcAccess", "{0}to * by * none"),
    ]
    return [
        _entry(dn, database),
        *([door] if guarded else []),
        _entry("olcDatabase={0}config,cn=config", configuration),
    ]


def _database(index: int, suffix: str, directory: str, megabytes: int) -> list[tuple[str, str]]:
    return [
        ("objectClass", "olcDatabaseConfig"),
        ("objectClass", "olcMdbConfig"),
        ("olcDatabase", f"{{{index}}}mdb"),
        ("olcSuffix", suffix),
        # Overlays act as the root DN. It has no password and nobody can bind as it.
        ("olcRootDN", f"cn=internal,{suffix}"),
        ("olcDbDirectory", directory),
        ("olcDbMaxSize", str(megabytes << 20)),
    ]


def _log_databases(settings: Settings, guarded: bool) -> list[str]:
    service = f"cn=um-service,ou=services,{settings.suffix}"
    state, size = settings.state_dir.absolute(), settings.database_size_gib << 10
    audit = _database(1, ACCESSLOG_SUFFIX, str(state / "accesslog"), size)
    audit += [
        # The main database is durable; this one may lose its last records in a power failure.
        ("olcDbNoSync", "TRUE"),
        # Overlays write past this. A client that deletes the suffix of an empty database ends slapd 2.5.13.
        ("olcRestrict", "write"),
        ("olcDbIndex", "reqStart,reqDN eq"),
        ("olcAccess", f'{{0}}to * by dn.exact="{service}" read by * none'),
        ("olcLimits", f'{{0}}dn.exact="{service}" size=unlimited time=unlimited'),
    ]
    # Told to the guard and never kept: the guard refuses the root entry, so every record lacks its parent.
    commits = _database(2, COMMITS_SUFFIX, str(state / "commits"), 16)
    commits += [("olcDbNoSync", "TRUE"), ("olcRestrict", "all"), ("olcAccess", "{0}to * by * none")]
    dn = "olcDatabase={2}mdb,cn=config"
    notify = _overlay(dn, 0, "sock", _socket(settings.commit_socket, ("add",)))
    telling = [_entry(dn, commits), notify] if guarded else []
    return [_entry("olcDatabase={1}mdb,cn=config", audit), *telling]


def _main_database(settings: Settings, guarded: bool, durable: bool) -> list[str]:
    number = 3 if guarded else 2  # databases are numbered without a gap
    dn = f"olcDatabase={{{number}}}mdb,cn=config"
    suffix = settings.suffix
    size = settings.database_size_gib << 10
    database = _database(number, suffix, str(settings.state_dir.absolute() / "data"), size)
    if not durable:
        database.append(("olcDbNoSync", "TRUE"))
    database += [("olcDbIndex", index) for index in INDEXES]
    database.append(("olcAddContentAcl", "TRUE"))  # attribute rules count in an add too
    database += [("olcAccess", f"{{{i}}}{rule}") for i, rule in enumerate(access_rules(suffix))]
    service = f"cn=um-service,ou=services,{suffix}"
    database.append(("olcLimits", f'{{0}}dn.exact="{service}" size=unlimited time=unlimited'))
    # Page by page (RFC 2696) everybody may read all that he may read.
    database.append(("olcLimits", "{1}users size.prtotal=unlimited"))
    uri = f"ldap:///ou=enterprises,{quote(suffix, safe='=,')}?uid?sub"  # C1
    door = _socket(settings.write_socket, ("add", "delete", "modify", "modrdn"))
    audit = [
        *_logging_writes(ACCESSLOG_SUFFIX),
        ("olcAccessLogOld", KEEPS_OLD),
        ("olcAccessLogPurge", PURGE),
    ]
    overlays = [
        ("unique", [("objectClass", "olcUniqueConfig"), ("olcUniqueURI", uri)]),
        ("ppolicy", [("objectClass", "olcPPolicyConfig"), ("olcPPolicyHashCleartext", "TRUE")]),
        ("dyngroup", [("objectClass", "olcDynGroupConfig"), ("olcDGAttrPair", "member memberURL")]),
        ("syncprov", [("objectClass", "olcSyncProvConfig"), ("olcSpCheckpoint", "1000 5")]),
        *([("sock", door), ("accesslog", _logging_writes(COMMITS_SUFFIX))] if guarded else []),
        ("accesslog", audit),
    ]
    return [
        _entry(dn, database),
        *(_overlay(dn, index, name, attributes) for index, (name, attributes) in enumerate(overlays)),
    ]


def _logging_writes(suffix: str) -> list[tuple[str, str]]:
    return [
        ("objectClass", "olcAccessLogConfig"),
        ("olcAccessLogDB", suffix),
        ("olcAccessLogOps", "writes"),
        ("olcAccessLogSuccess", "TRUE"),
    ]


def _overlay(parent: str, index: int, name: str, attributes: Iterable[tuple[str, str]]) -> str:
    head = [("objectClass", "olcOverlayConfig"), ("olcOverlay", f"{{{index}}}{name}")]
    return _entry(f"olcOverlay={{{index}}}{name},{parent}", [*head, *attributes])
