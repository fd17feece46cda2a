"""New entries, deletions, renames, other object classes, and places where nobody writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from support import wire
from support.attacker import Attempt, World, ask
from support.attacks.controls import MANAGE_DSA_IT, RELAX, TREE_DELETE
from support.attacks.goals import CAM_GROUP, CO_CAMS, CO_LAS, LA_GROUP
from support.wire import control

Values = dict[str, Sequence[wire.Text]]

EVERYONE = (
    "anonymous",
    "user",
    "tech",
    "blocked",
    "application",
    "la",
    "cola",
    "la2",
    "cocam",
    "cam",
    "foreigncam",
    "foreignla",
    "contact-center",
    "registrar",
    "service",
    "acting",
    "narrowed",
)
_DISGUISES = {"": (), "; relax": (control(RELAX),), "; manageDSAit": (control(MANAGE_DSA_IT),)}

FOREIGN_CLASSES: dict[str, Values] = {
    "alias": {"aliasedObjectName": ["dc=um,dc=example"]},
    "referral": {"ref": ["ldap://evil.example/"]},
    "extensibleObject": {},
    "1.3.6.1.4.1.1466.101.120.111": {},
    "subentry": {"subtreeSpecification": ["{}"]},
    "collectiveAttributeSubentry": {},
    "subschema": {},
    "dynamicObject": {},
    "dcObject": {"dc": ["x"]},
    "umService": {},
    "umOperator": {},
    "umPerson": {},
    "umEnterprise": {"umEnterpriseNumber": ["0403019261"], "o": ["x"]},
    "umRoleGroup": {},
    "groupOfURLs": {"memberURL": ["ldap:///dc=um,dc=example??sub?(uid=*)"]},
    "groupOfNames": {"member": ["dc=um,dc=example"]},
    "organizationalUnit": {"ou": ["x"]},
    "simpleSecurityObject": {"userPassword": ["Wachtwoord1"]},
    "strongAuthenticationUser": {"userCertificate;binary": [b"\x30\x00"]},
    "olcGlobal": {},
    "olcDatabaseConfig": {"olcDatabase": ["mdb"]},
    "OpenLDAProotDSE": {},
    "noSuchClass": {},
    "umAccount\nCONTINUE": {},
}


def _account(world: World, username: str, **more: Sequence[wire.Text]) -> tuple[str, Values]:
    values: Values = {
        "objectClass": ["umAccount"],
        "uid": [username],
        "umSsin": [world.here.ssins["candidate"]],
        "cn": ["x"],
        "sn": ["x"],
    }
    for name, value in more.items():
        values[name.replace("__", ";")] = value
    return world.service.tree.account(world.here.number, username), values


def _group(dn: str, *members: str) -> tuple[str, Values]:
    return dn, {"objectClass": ["umRoleGroup"], "cn": [dn.partition(",")[0][3:]], "member": members}


def _accounts(world: World) -> Iterator[tuple[str, str, Values]]:
    """Accounts as nobody may make them."""
    uid = f"evil{world.here.tag}"
    for name, more in FOREIGN_CLASSES.items():
        dn, values = _account(world, uid, **more)
        yield f"an account that is {name}", dn, {**values, "objectClass": ["umAccount", name]}
        yield f"only {name}", dn, {**more, "objectClass": [name], "uid": [uid]}
    extra: dict[str, Sequence[wire.Text]] = {
        "memberOf": [world.service.tree.access_group("dmfa")],
        "umAccountStatus": ["active"],
        "entryUUID": ["11111111-1111-1111-1111-111111111111"],
        "creatorsName": [world.here.account("cam")],
        "structuralObjectClass": ["umService"],
        "pwdReset": ["TRUE"],
        "pwdPolicySubentry": [world.suffix],
        "userPassword": ["Wachtwoord1", "Wachtwoord2"],
        "uid": [uid, f"second{world.here.tag}"],
        "manager": [world.here.account("cam")],
        "seeAlso": [world.here.account("cam")],
        "jpegPhoto": [b"\xff\xd8\xff"],
        "labeledURI": ["javascript:alert(1)"],
        "employeeType": ["admin"],
        "mail__lang-en": ["x@evil.example"],
        "umSsin": ["81050103521"],
        "umRelatedTo": [world.here.dn],
        "name": ["x"],
    }
    for name, value in extra.items():
        dn, values = _account(world, uid, **{name: value})
        yield f"an account with {name}", dn, values
    for wrong in (
        "short1",
        "UPPERCASE1",
        "with space1",
        "with-dash1",
        "x" * 31,
        "caf\u00e9caf\u00e91",
        "a\nb1234567",
    ):
        dn, values = _account(world, wrong)
        yield f"an account named {wrong!r}", dn, values
    for scheme in ("{CLEARTEXT}", "{SASL}", "{SSHA}", "{CRYPT}", "{ARGON2}"):
        dn, values = _account(world, uid, userPassword=[f"{scheme}Wachtwoord1"])
        yield f"an account with a password in {scheme}", dn, values
    dn, values = _account(world, uid)
    yield "an account in place of another", dn.replace(uid, world.here.uid("cam")), values
    yield "an account of nobody's enterprise", dn.replace(world.here.number, "0403019261"), values
    yield (
        "an account below an account",
        dn.replace("ou=accounts", f"uid={world.here.uid('cam')},ou=accounts"),
        values,
    )
    yield "an account below a capacity", f"uid={uid},{world.here.employer}", values
    yield "an account named otherwise", dn.replace("uid=", "cn="), values
    yield "an account of two names", dn.replace(f"uid={uid}", f"uid={uid}+cn=x"), values
    taken, values = _account(world, world.here.uid("cam"))
    yield "the username of another", taken.replace(world.here.number, world.there.number), values


# What a first load may bring (docs/decisions/0004-first-load.md).
_TAKEN_OVER = {f"an account with a password in {scheme}" for scheme in ("{SSHA}", "{CRYPT}", "{ARGON2}")}


def _others(world: World) -> Iterator[tuple[str, str, Values]]:
    """Entries that nobody may make."""
    here, suffix = world.here, world.suffix
    me = here.account("user")
    yield "a CAM of a capacity", *_group(here.group(CAM_GROUP, here.employer), me)
    yield "an LA of an enterprise", *_group(here.group(LA_GROUP), me)
    yield "a group of its own", *_group(here.group("administrators"), me)
    yield "a group in a group", *_group(here.group(CAM_GROUP, here.group("users", here.employer)), me)
    yield "a group beside enterprises", *_group(f"cn={CAM_GROUP},ou=enterprises,{suffix}", me)
    yield "a second CAM group", *_group(here.group(f"{CAM_GROUP}+cn=x"), me)
    yield "a CAM group, escaped", *_group(here.group("chief\\2daccess-manager"), me)
    yield "a CAM group, with a space", *_group(here.group(f"{CAM_GROUP}\\20"), me)
    yield "co-LAs that are foreign", *_group(here.group(CO_LAS, here.mandatary), world.there.account("user"))
    yield "co-LAs that are nobody", *_group(here.group(CO_LAS, here.mandatary), f"cn=x,{suffix}")
    yield (
        "a technical user and another",
        *_group(here.group("technical-user", here.mandatary), here.account("user"), here.account("tech")),
    )
    capacity: Values = {"objectClass": ["umCapacity"], "umCapacityName": ["telephone-operator"]}
    yield "a capacity without right", f"umCapacityName=telephone-operator,{here.dn}", capacity
    capacity = {"objectClass": ["umCapacity"], "umCapacityName": ["evil"], "mail": ["x@evil.example"]}
    yield "a capacity that does not exist", f"umCapacityName=evil,{here.dn}", capacity
    grant: Values = {"objectClass": ["umAuthorization"], "cn": ["insurability"], "member": [me]}
    yield "an application not offered", f"cn=insurability,ou=authorizations,{here.employer}", grant
    grant = {"objectClass": ["umAuthorization"], "cn": ["limosa"], "member": [here.account("cam")]}
    yield "an application for no user", f"cn=limosa,ou=authorizations,{here.employer}", grant
    unit: Values = {"objectClass": ["organizationalUnit"], "ou": ["evil"]}
    for below in (
        here.dn,
        here.employer,
        suffix,
        f"ou=enterprises,{suffix}",
        f"ou=catalogue,{suffix}",
        "cn=config",
    ):
        yield f"a container below {below}", f"ou=evil,{below}", unit
    plain: Values = {"objectClass": ["umService"], "cn": ["evil"], "userPassword": ["Wachtwoord1"]}
    for below in ("ou=services", "ou=operators", "ou=access", "ou=catalogue", "ou=enterprises"):
        yield f"an identity below {below}", f"cn=evil,{below},{suffix}", plain
    yield "a second um-service", f"cn=um-service+description=x,ou=services,{suffix}", plain
    application: Values = {"objectClass": ["umApplication"], "cn": ["evil"]}
    yield "an application", f"cn=evil,ou=applications,ou=catalogue,{suffix}", application
    definition: Values = {"objectClass": ["umCapacityDefinition"], "umCapacityName": ["evil"]}
    yield "a definition", f"umCapacityName=evil,ou=capacities,ou=catalogue,{suffix}", definition
    access: Values = {
        "objectClass": ["groupOfURLs"],
        "cn": ["evil"],
        "memberURL": ["ldap:///dc=um,dc=example??sub?(uid=*)"],
    }
    yield "an access group", f"cn=evil,ou=access,{suffix}", access
    for name in ("alias", "referral"):
        values: Values = {"objectClass": [name, "extensibleObject"], "cn": ["evil"], **FOREIGN_CLASSES[name]}
        for below in (
            here.dn,
            f"ou=accounts,{here.dn}",
            f"ou=access,{suffix}",
            f"ou=services,{suffix}",
            suffix,
        ):
            yield f"{name} below {below}", f"cn=evil,{below}", values
    for below in (
        "cn=accesslog",
        "cn=commits",
        "cn=config",
        "cn=Subschema",
        "cn=schema,cn=config",
        "cn=monitor",
    ):
        yield f"something below {below}", f"cn=evil,{below}", plain
    record: Values = {
        "objectClass": ["auditDelete"],
        "reqStart": ["20260101000000.000001Z"],
        "reqType": ["delete"],
        "reqSession": ["1"],
        "reqAuthzID": [here.account("cam")],
        "reqDN": [here.group(CAM_GROUP)],
    }
    for log in ("cn=accesslog", "cn=commits"):
        yield f"a forged record in {log}", f"reqStart=20260101000000.000001Z,{log}", record
    yield "the root DSE", "", {"objectClass": ["top"]}
    yield "the suffix again", suffix, {"objectClass": ["organization", "dcObject"], "dc": ["um"], "o": ["x"]}
    yield (
        "another suffix",
        "dc=evil,dc=test",
        {"objectClass": ["organization", "dcObject"], "dc": ["evil"], "o": ["x"]},
    )


def added(world: World) -> Iterator[Attempt]:
    """By everyone."""
    for what, dn, values in (*_accounts(world), *_others(world)):
        for who in EVERYONE:
            if who == "registrar" and what in _TAKEN_OVER:
                continue
            yield ask(who, f"adds {what}", wire.add(dn, values))
        for who in ("cam", "service", *([] if what in _TAKEN_OVER else ["registrar"])):
            yield ask(who, f"adds {what}; relax", wire.add(dn, values), control(RELAX))
            yield ask(who, f"adds {what}; manageDSAit", wire.add(dn, values), control(MANAGE_DSA_IT))


def added_by_some(world: World) -> Iterator[Attempt]:
    """Entries that somebody else may make."""
    here = world.here
    powerless = ("anonymous", "user", "tech", "blocked", "application", "foreigncam", "foreignla", "service")
    dn, values = _account(world, f"evil{here.tag}")
    for who in powerless:
        yield ask(who, "adds an account", wire.add(dn, values))
        yield ask(
            who, "adds itself as deputy", wire.add(*_group(here.group(CO_LAS, here.mandatary), world.me[who]))
        )
        capacity: Values = {
            "objectClass": ["umCapacity"],
            "umCapacityName": ["service-provider"],
            "mail": ["x@evil.example"],
        }
        yield ask(who, "activates", wire.add(f"umCapacityName=service-provider,{here.dn}", capacity))
    for who in (*powerless, "la", "cola", "la2", "cam", "cocam", "contact-center"):
        person: Values = {
            "objectClass": ["umPerson"],
            "umSsin": ["85073003328"],
            "sn": ["x"],
            "umDirectorOf": [here.dn],
        }
        yield ask(who, "adds a person", wire.add(world.service.tree.person("85073003328"), person))
        enterprise: Values = {
            "objectClass": ["umEnterprise"],
            "umEnterpriseNumber": ["0403019261"],
            "o": ["x"],
        }
        yield ask(
            who, "adds an enterprise", wire.add(world.service.tree.enterprise("0403019261"), enterprise)
        )
        mandate: Values = {
            "objectClass": ["umMandate"],
            "cn": ["evil"],
            "umPrincipal": [here.dn],
            "umMandatary": [world.there.dn],
            "umDeclarationGroup": ["wech"],
            "umFirstQuarter": ["2026Q4"],
        }
        yield ask(who, "adds a mandate", wire.add(f"cn=evil,ou=mandates,{world.suffix}", mandate))


def places(world: World) -> dict[str, str]:
    """Entries that no client writes to."""
    suffix, tree = world.suffix, world.service.tree
    own = {
        "the suffix": suffix,
        "the containers": f"ou=enterprises,{suffix}",
        "the register": f"ou=register,{suffix}",
        "the mandates": f"ou=mandates,{suffix}",
        "the catalogue": f"ou=catalogue,{suffix}",
        "a definition": f"umCapacityName=employer,ou=capacities,ou=catalogue,{suffix}",
        "an application": f"cn=dmfa,ou=applications,ou=catalogue,{suffix}",
        "a declaration": f"cn=wech-1,ou=declarations,ou=catalogue,{suffix}",
        "the access groups": f"ou=access,{suffix}",
        "an access group": tree.access_group("dmfa"),
        "the services": f"ou=services,{suffix}",
        "the service": tree.service("um-service"),
        "an application's identity": world.me["application"],
        "the operators": f"ou=operators,{suffix}",
        "the registrar": tree.operator("registrar"),
        "the contact center": tree.operator("contact-center"),
        "the accounts": f"ou=accounts,{world.here.dn}",
        "the authorizations": f"ou=authorizations,{world.here.employer}",
    }
    others = (
        "cn=accesslog",
        "cn=commits",
        "cn=config",
        "cn=schema,cn=config",
        "cn=module{0},cn=config",
        "olcDatabase={-1}frontend,cn=config",
        "olcDatabase={0}config,cn=config",
        "olcDatabase={3}mdb,cn=config",
        "olcOverlay={4}sock,olcDatabase={3}mdb,cn=config",
        "cn=Subschema",
        "cn=monitor",
        "",
        f"cn=internal,{suffix}",
        "cn=um-service",
        "gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth",
    )
    return {**own, **{dn or "the root DSE": dn for dn in others}}


def written_where_nobody_writes(world: World) -> Iterator[Attempt]:
    """Every such place, by everyone, modified, deleted and moved."""
    for what, dn in places(world).items():
        for who in EVERYONE:
            change = wire.modify(dn, ("replace", "description", ["evil"]))
            yield ask(who, f"modifies {what}", change)
            yield ask(who, f"modifies {what}; relax", change, control(RELAX))
            yield ask(who, f"deletes {what}", wire.delete(dn))
            yield ask(who, f"renames {what}", wire.rename(dn, "cn=evil"))
        for who in ("cam", "registrar", "service"):
            yield ask(who, f"deletes {what} and all below", wire.delete(dn), control(TREE_DELETE))
            yield ask(
                who, f"gives {what} a password", wire.modify(dn, ("replace", "userPassword", ["Wachtwoord2"]))
            )
            yield ask(
                who, f"makes {what} more", wire.modify(dn, ("add", "objectClass", ["extensibleObject"]))
            )
    access = {
        "olcDatabase={3}mdb,cn=config": ("add", "olcAccess", ["{0}to * by * manage"]),
        "olcDatabase={0}config,cn=config": ("replace", "olcRootPW", ["Wachtwoord1"]),
        "olcOverlay={4}sock,olcDatabase={3}mdb,cn=config": ("replace", "olcDbSocketPath", ["/tmp/evil"]),
        "cn=config": ("replace", "olcAuthzPolicy", ["any"]),
        "cn=schema,cn=config": ("add", "olcAttributeTypes", ["( 1.2.3.4 NAME 'evil' )"]),
        "cn=Subschema": ("add", "attributeTypes", ["( 1.2.3.4 NAME 'evil' )"]),
        "": ("replace", "supportedLDAPVersion", ["2"]),
        world.service.tree.access_group("dmfa"): ("replace", "memberURL", ["ldap:///??sub?"]),
        f"umCapacityName=employer,ou=capacities,ou=catalogue,{world.suffix}": (
            "add",
            "umOffersApplication",
            [f"cn=insurability,ou=applications,ou=catalogue,{world.suffix}"],
        ),
    }
    for dn, (kind, name, values) in access.items():
        for who in EVERYONE:
            yield ask(who, f"{kind}s {name} of {dn}", wire.modify(dn, (kind, name, values)))


def deleted(world: World) -> Iterator[Attempt]:
    """What stands and holds others up."""
    here = world.here
    targets = {
        "the CAM's group": here.group(CAM_GROUP),
        "the LA's group": here.group(LA_GROUP, here.employer),
        "the enterprise": here.dn,
        "a capacity": here.employer,
        "the CAM": here.account("cam"),
        "a user": here.account("user"),
        "a blocked user": here.account("blockeduser"),
    }
    for what, dn in targets.items():
        for who in EVERYONE:
            yield ask(who, f"deletes {what}", wire.delete(dn))
            yield ask(who, f"deletes {what}, in capitals", wire.delete(dn.upper()))
            yield ask(who, f"deletes {what} and all below", wire.delete(dn), control(TREE_DELETE))
            yield ask(
                who,
                f"deletes {what} and all below, if he can",
                wire.delete(dn),
                control(TREE_DELETE, critical=False),
            )
            yield ask(who, f"deletes {what}; relax", wire.delete(dn), control(RELAX))
    facts = {
        "a person": world.service.tree.person(here.ssins["stranger"]),
        "co-CAMs": here.group(CO_CAMS),
        "users": here.group("users", here.employer),
        "an authorization": world.grant,
        "an account without a role": here.account("stranger"),
    }
    for what, dn in facts.items():
        for who in (
            "anonymous",
            "user",
            "tech",
            "blocked",
            "application",
            "foreigncam",
            "foreignla",
            "service",
            "la2",
        ):
            yield ask(who, f"deletes {what}", wire.delete(dn))


def renamed(world: World) -> Iterator[Attempt]:
    """Nothing is renamed or moved, by nobody."""
    here, there = world.here, world.there
    moves: list[tuple[str, str, str, bool, str | None]] = [
        ("an account into another enterprise", here.account("la"), "", True, f"ou=accounts,{there.dn}"),
        ("a foreign account in", there.account("user"), "", True, f"ou=accounts,{here.dn}"),
        ("himself onto another", here.account("user"), f"uid={here.uid('cam')}", True, None),
        ("an account, keeping the old name", here.account("user"), f"uid=second{here.tag}", False, None),
        ("an account, in capitals", here.account("user"), f"uid={here.uid('user').upper()}", True, None),
        ("an account to a second name", here.account("user"), f"uid={here.uid('user')}+cn=user", False, None),
        ("an account by its SSIN", here.account("user"), f"umSsin={here.ssins['cam']}", False, None),
        ("users to LAs", here.group("users", here.employer), "cn=co-local-administrators", True, None),
        ("users to CAMs", here.group("users", here.employer), f"cn={CAM_GROUP}", True, here.dn),
        ("a group into a capacity", here.group("users", here.employer), "", True, here.mandatary),
        ("a capacity elsewhere", here.employer, "", True, there.dn),
        ("a capacity to another", here.employer, "umCapacityName=telephone-operator", True, None),
        ("an enterprise", here.dn, "umEnterpriseNumber=0403019261", True, None),
        ("an enterprise below another", here.dn, "", True, there.dn),
        ("a person", world.service.tree.person(here.ssins["user"]), "umSsin=85073003328", True, None),
        ("an account below itself", here.account("user"), "", True, here.account("user")),
        ("an account to the top", here.account("user"), "", True, ""),
        ("an authorization", world.grant, "cn=insurability", True, None),
        ("the accounts", f"ou=accounts,{here.dn}", "ou=graveyard", True, None),
        ("a new line", here.account("user"), "uid=x\ndeleteoldrdn: 1\nnewSuperior: x", True, None),
        ("an answer", here.account("user"), "uid=x\n\nCONTINUE\n", True, None),
        ("a newline in the place", here.account("user"), "", True, f"ou=accounts,{here.dn}\n\nCONTINUE\n"),
        ("an escaped newline", here.account("user"), "uid=x\\0a\\0aCONTINUE\\0a", True, None),
        ("NUL", here.account("user"), "uid=x\x00y", True, None),
        ("nothing", here.account("user"), "", True, None),
    ]
    for what, dn, new_rdn, delete_old, superior in moves:
        for who in EVERYONE:
            operation = wire.rename(dn, new_rdn or dn.partition(",")[0], delete_old, superior)
            for title, controls in _DISGUISES.items():
                yield ask(who, f"moves {what}{title}", operation, *controls)


def changed_in_kind(world: World) -> Iterator[Attempt]:
    """Object classes of what stands."""
    here = world.here
    targets = {
        "his own": None,
        "an account": here.account("user"),
        "a group": here.group("users", here.employer),
        "a capacity": here.employer,
        "an authorization": world.grant,
    }
    for what, target in targets.items():
        for who in EVERYONE:
            dn = target or world.me[who]
            for name, more in FOREIGN_CLASSES.items():
                mods: list[wire.Mod] = [("add", "objectClass", [name])]
                mods += [("add", attribute, values) for attribute, values in more.items()]
                yield ask(who, f"makes {what} {name} too", wire.modify(dn, *mods))
            for kind, values in (
                ("replace", ["umService"]),
                ("delete", []),
                ("delete", ["umAccount"]),
                ("replace", []),
            ):
                yield ask(
                    who, f"{kind}s the classes of {what}", wire.modify(dn, (kind, "objectClass", values))
                )
                yield ask(
                    who,
                    f"{kind}s the classes of {what}; relax",
                    wire.modify(dn, (kind, "structuralObjectClass", values)),
                    control(RELAX),
                )


OPERATIONAL: dict[str, Sequence[wire.Text]] = {
    "entryUUID": ["11111111-1111-1111-1111-111111111111"],
    "creatorsName": ["cn=evil"],
    "modifiersName": ["cn=evil"],
    "createTimestamp": ["20000101000000Z"],
    "modifyTimestamp": ["20000101000000Z"],
    "structuralObjectClass": ["umService"],
    "entryCSN": ["20000101000000.000000Z#000000#000#000000"],
    "contextCSN": ["20000101000000.000000Z#000000#000#000000"],
    "entryDN": ["cn=evil"],
    "subschemaSubentry": ["cn=evil"],
    "hasSubordinates": ["FALSE"],
    "entryTtl": ["1"],
    "pwdAccountLockedTime": ["000001010000Z"],
    "pwdPolicySubentry": ["cn=evil"],
    "pwdReset": ["FALSE"],
    "pwdChangedTime": ["20990101000000Z"],
    "pwdFailureTime": ["20990101000000Z"],
    "pwdHistory": ["20000101000000Z#1.3.6.1.4.1.1466.115.121.1.40#1#x"],
    "pwdGraceUseTime": ["20990101000000Z"],
    "pwdLastSuccess": ["20990101000000Z"],
    "authTimestamp": ["20990101000000Z"],
    "authzTo": ["dn.regex:.*"],
    "authzFrom": ["dn.regex:.*"],
    "memberOf": ["cn=dmfa,ou=access,dc=um,dc=example"],
    "umAccountStatus": ["active"],
    "ref": ["ldap://evil.example/"],
    "aliasedObjectName": ["dc=um,dc=example"],
    "c-l": ["x"],
    "collectiveExclusions": ["excludeAllCollectiveAttributes"],
    "entry": ["x"],
    "children": ["x"],
}


def operational(world: World) -> Iterator[Attempt]:
    """What slapd and the service keep, on entries of every kind."""
    here = world.here
    targets = {
        "his own account": None,
        "an account": here.account("user"),
        "the CAM's account": here.account("cam"),
        "a group": here.group("users", here.employer),
        "the enterprise": here.dn,
        "a person": world.service.tree.person(here.ssins["user"]),
    }
    for what, target in targets.items():
        for name, values in OPERATIONAL.items():
            for who in EVERYONE:
                dn = target or world.me[who]
                yield ask(who, f"sets {name} of {what}", wire.modify(dn, ("replace", name, values)))
                yield ask(
                    who,
                    f"sets {name} of {what}; relax",
                    wire.modify(dn, ("replace", name, values)),
                    control(RELAX),
                )
            for who in ("user", "cam", "registrar"):
                dn = target or world.me[who]
                yield ask(who, f"adds {name} to {what}", wire.modify(dn, ("add", name, values)))
                yield ask(who, f"ends {name} of {what}", wire.modify(dn, ("delete", name, [])))
                yield ask(
                    who,
                    f"ends {name} of {what} beside his own mail",
                    wire.modify(dn, ("replace", "mail", ["x@evil.example"]), ("delete", name, [])),
                    control(RELAX, critical=False),
                )
