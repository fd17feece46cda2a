"""The operations of the rule matrix's tables, by the names that they have there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from support.certificates import certificate, current
from support.enterprise import (
    PASSWORD,
    add_member,
    block,
    hand_over,
    remove_member,
    unblock,
)
from support.matrix import ACTORS, DATA, Action, MatrixWorld
from um_directory.model.operation import Add, Attributes, Delete, Modification, Modify, Operation, SetPassword

LONG_AGO, EXPIRED = datetime(2019, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
Build = Callable[[MatrixWorld, str], Operation]
Write = Callable[[str, str], Modify]


def by(who: str, build: Build) -> Callable[[MatrixWorld, str], None]:
    """Undo with a write of somebody who surely may."""
    return lambda world, actor: world.clients[who].write(build(world, actor))


def nothing(_world: MatrixWorld, _actor: str) -> None:
    """Nothing to undo: no actor is allowed this, or it changes nothing."""


def change(dn: str, kind: str, attribute: str, *values: str) -> Modify:
    """One modification."""
    return Modify(dn, (Modification(kind, attribute, tuple(value.encode() for value in values)),))  # type: ignore[arg-type]


def holders(
    group: str, capacity: str | None, do: Write, undo: Write, target: str, *, undoer: str = "cam"
) -> Action:
    """A write on a role group; `capacity` is the name of the world's attribute with its DN."""

    def built(write: Write) -> Build:
        def build(world: MatrixWorld, _actor: str) -> Operation:
            base = getattr(world, capacity) if capacity else None
            return write(world.group(group, base), world.account(target))

        return build

    return Action(built(do), by(undoer, built(undo)))


def handed_over(group: str, capacity: str | None, target: str, before: str, undoer: str = "cam") -> Action:
    """A hand-over in one modify."""
    there = holders(group, capacity, hand_over, hand_over, target, undoer=undoer)
    back = holders(group, capacity, hand_over, hand_over, before, undoer=undoer)
    return Action(there.do, by(undoer, back.do))


def four(
    noun: str, group: str, capacity: str | None, *, new: str, active: str, blocked: str
) -> dict[str, Action]:
    """Designate, block, unblock and remove holders of one role."""
    return {
        f"designate {noun}": holders(group, capacity, add_member, remove_member, new),
        f"block {noun}": holders(group, capacity, block, unblock, active),
        f"unblock {noun}": holders(group, capacity, unblock, block, blocked),
        f"remove {noun}": holders(group, capacity, remove_member, add_member, active),
        f"remove a blocked {noun}": holders(group, capacity, _remove_blocked, _add_blocked, blocked),
        f"designate {noun} blocked": holders(group, capacity, _add_blocked, _remove_blocked, new),
    }


def _remove_blocked(group: str, member: str) -> Modify:
    return change(group, "delete", "umBlockedMember", member)


def _add_blocked(group: str, member: str) -> Modify:
    return change(group, "add", "umBlockedMember", member)


def _empty(group: str, _member: str) -> Modify:
    return change(group, "replace", "member")


# --- accounts ---


def _far_user(world: MatrixWorld) -> tuple[str, str]:
    return world.foreign.group("users", world.foreign.employer), world.foreign.account("tech")


def _delete_account(target: str) -> Action:
    return Action(
        lambda world, _actor: Delete(world.account(target)),
        by("cam", lambda world, _actor: world.add_account(target)),
    )


def on_account(target: str, attribute: str, *values: str) -> Action:
    """Set an attribute of an account; "own": of the actor's."""

    def account(world: MatrixWorld, actor: str) -> str:
        if target != "own":
            return world.account(target)
        foreign = actor.startswith("f") and actor not in ("founder", "fresh")
        return world.foreign.account(actor[1:]) if foreign else world.account(actor)

    def do(world: MatrixWorld, actor: str) -> Operation:
        return change(account(world, actor), "replace", attribute, *values)

    def undo(world: MatrixWorld, actor: str) -> None:
        whose = actor if target == "own" else target
        before = [world.language(whose)] if attribute == "preferredLanguage" and whose in ACTORS else []
        if attribute == "userPassword":
            before = [PASSWORD]
        world.clients[actor].write(change(account(world, actor), "replace", attribute, *before))

    return Action(do, undo)


def certificate_of(target: str, der: bytes) -> Action:
    """Upload a certificate (C5)."""

    def on(world: MatrixWorld, actor: str, *values: bytes) -> Modify:
        foreign = actor.startswith("f")
        own = world.foreign.account(actor[1:]) if foreign else world.account(actor)
        modification = Modification("replace", "userCertificate;binary", values)
        return Modify(own if target == "own" else world.account(target), (modification,))

    return Action(
        lambda world, actor: on(world, actor, der),
        lambda world, actor: world.clients[actor].write(on(world, actor)),
    )


def password_of(target: str) -> Action:
    """A password by the extended operation (RFC 3062): the same again."""

    def do(world: MatrixWorld, actor: str) -> Operation:
        foreign = actor.startswith("f")
        own = world.foreign.account(actor[1:]) if foreign else world.account(actor)
        return SetPassword(own if target == "own" else world.account(target), PASSWORD.encode())

    return Action(do, nothing)


def account_actions() -> dict[str, Action]:
    """Own data, and that of holders of each role."""
    found = {
        "own language": on_account("own", "preferredLanguage", "nl"),
        "own e-mail": on_account("own", "mail", "me@t.example"),
        "own password": on_account("own", "userPassword", PASSWORD),
        "own password (extended)": password_of("own"),
        "own certificate": certificate_of("own", current()),
        "own certificate, expired": certificate_of("own", certificate(starts=LONG_AGO, ends=EXPIRED)),
        "certificate of a user": certificate_of("tuser", current()),
    }
    for attribute, value in (
        ("umSsin", "85073003328"),
        ("sn", "Other"),
        ("uid", "othername1"),
        ("title", "Boss"),
    ):
        found[f"own {attribute}"] = on_account("own", attribute, value)
    found["own umAccountStatus"] = on_account("own", "umAccountStatus", "active")
    for what, target in ANOTHER.items():
        found[f"language of {what}"] = on_account(target, "preferredLanguage", "de")
        found[f"password of {what}"] = on_account(target, "userPassword", PASSWORD)
        found[f"password of {what} (extended)"] = password_of(target)
    found["name of a user"] = on_account("tuser", "sn", "Other")
    found["SSIN of a user"] = on_account("tuser", "umSsin", "85073003328")
    found["access of a user"] = on_account("tuser", "umAccountStatus", "active")
    return found


ANOTHER = {
    "a user": "tuser",
    "a blocked user": "tbuser",
    "a co-LA": "tcola",
    "another capacity's LA": "tla",
    "a co-CAM": "tcocam",
    "the CAM": "cam",
    "a user of two capacities": "tboth",
    "an account without role": "doomed",
}


# --- capacities ---


def _capacity(name: str, *without: str) -> Attributes:
    data = {key: value for key, value in DATA.items() if key not in without}
    return {"objectClass": (b"umCapacity",), "umCapacityName": (name.encode(),), **data}


def _activate(world: MatrixWorld, _actor: str) -> Operation:
    return Add(world.capacity_dn(world.unused[-1]), _capacity(world.unused[-1]))


def _activated(world: MatrixWorld, _actor: str) -> None:
    world.inactive.append(world.unused.pop())


def _activate_other(name: str, *without: str) -> Action:
    return Action(lambda world, _actor: Add(world.capacity_dn(name), _capacity(name, *without)), nothing)


def _first_administrator(world: MatrixWorld, _actor: str) -> Operation:
    return world.add_group("local-administrator", world.capacity_dn(world.an_inactive_capacity()), ["first"])


def _forget(world: MatrixWorld) -> None:
    world.inactive.pop()


def _users_too_early(world: MatrixWorld, _actor: str) -> Operation:
    return world.add_group("users", world.capacity_dn(world.an_inactive_capacity()), [])


def _capacity_data(attribute: str, *values: str) -> Action:
    before = {"mail": ["x@t.example"], "description": []}[attribute]
    return Action(
        lambda world, _actor: change(world.employer, "replace", attribute, *values),
        by("cam", lambda world, _actor: change(world.employer, "replace", attribute, *before)),
    )


def _container(unit: str) -> Action:
    attributes = {"objectClass": (b"organizationalUnit",), "ou": (unit.encode(),)}
    return Action(
        lambda world, _actor: Add(f"ou={unit},{world.employer}", attributes), nothing, exists_is_yes=True
    )


def _new_group(name: str, capacity: str) -> Action:
    return Action(
        lambda world, _actor: world.add_group(name, getattr(world, capacity), []),
        by("cam", lambda world, _actor: Delete(world.group(name, getattr(world, capacity)))),
    )


# --- grants ---


def _grant(do: Write, undo: Write, target: str, application: str = "dmfa") -> Action:
    return Action(
        lambda world, _actor: do(world.grant(application), world.account(target)),
        by("cam", lambda world, _actor: undo(world.grant(application), world.account(target))),
    )


def _new_grant(application: str) -> Action:
    def do(world: MatrixWorld, _actor: str) -> Operation:
        member = (world.account("tuser").encode(),)
        classes = (b"umAuthorization",)
        return Add(
            world.grant(application),
            {"objectClass": classes, "cn": (application.encode(),), "member": member},
        )

    return Action(do, by("cam", lambda world, _actor: Delete(world.grant(application))))


def _dmfa_again(world: MatrixWorld, _actor: str) -> Operation:
    return Add(
        world.grant("dmfa"),
        {
            "objectClass": (b"umAuthorization",),
            "cn": (b"dmfa",),
            "member": (world.account("tgrant").encode(),),
            "umBlockedMember": (world.account("tbgrant").encode(),),
        },
    )


# --- facts ---


def _fact(attribute: str, value: str) -> Action:
    """A fact of the enterprise that it does not have yet."""
    before = ["Matrix"] if attribute == "o" else []
    return Action(
        lambda world, _actor: change(world.dn, "replace", attribute, value),
        by("registrar", lambda world, _actor: change(world.dn, "replace", attribute, *before)),
    )


def _entitle(world: MatrixWorld, kind: str) -> Modify:
    return change(world.dn, kind, "umEntitledCapacity", "telephone-operator")


def _related(attribute: str) -> Action:
    def write(kind: str) -> Build:
        return lambda world, _actor: change(
            world.service.tree.person(world.ssins["fresh"]), kind, attribute, world.dn
        )

    return Action(write("add"), by("registrar", write("delete")))


def _person(world: MatrixWorld, _actor: str) -> Operation:
    number = world.ssins["nobody"]
    attributes = {"objectClass": (b"umPerson",), "umSsin": (number.encode(),), "sn": (b"New",)}
    return Add(world.service.tree.person(number), attributes)


def _mandate(world: MatrixWorld, _actor: str) -> Operation:
    return Add(
        f"cn=m1,ou=mandates,{world.service.settings.suffix}",
        {
            "objectClass": (b"umMandate",),
            "cn": (b"m1",),
            "umPrincipal": (world.dn.encode(),),
            "umMandatary": (world.foreign.dn.encode(),),
            "umDeclarationGroup": (b"wech",),
            "umFirstQuarter": (b"2026Q4",),
        },
    )


NEW_ENTERPRISE = "0403019261"


def _enterprise(world: MatrixWorld, _actor: str) -> Operation:
    number = NEW_ENTERPRISE.encode()
    attributes = {"objectClass": (b"umEnterprise",), "umEnterpriseNumber": (number,), "o": (b"New",)}
    return Add(world.service.tree.enterprise(NEW_ENTERPRISE), attributes)


def _deleting(build: Build) -> Build:
    return lambda world, actor: Delete(build(world, actor).dn)


def _added(build: Build, undoer: str = "registrar") -> Action:
    return Action(build, by(undoer, _deleting(build)))


def _outside(dn: str, attribute: str, value: str) -> Action:
    return Action(
        lambda world, _actor: change(f"{dn},{world.service.settings.suffix}", "replace", attribute, value),
        nothing,
    )


ACTIONS: dict[str, Action] = {
    "hand over CAM": handed_over("chief-access-manager", None, "cand", "cam", "contact-center"),
    "add a second CAM": holders("chief-access-manager", None, add_member, remove_member, "cand"),
    "remove CAM": holders("chief-access-manager", None, remove_member, add_member, "cam"),
    "empty the group of CAM": holders("chief-access-manager", None, _empty, _empty, "cam"),
    "block CAM": holders("chief-access-manager", None, block, unblock, "cam"),
    "delete the group of CAM": Action(lambda world, _: Delete(world.group("chief-access-manager")), nothing),
    **four("co-CAM", "co-chief-access-managers", None, new="cand", active="tcocam", blocked="tbcocam"),
    "hand over LA": handed_over("local-administrator", "employer", "cand", "la"),
    "hand over LA of mandatary": handed_over("local-administrator", "mandatary", "cand", "la2"),
    "the same LA for two capacities": handed_over("local-administrator", "mandatary", "la", "la2"),
    "add a second LA": holders("local-administrator", "employer", add_member, remove_member, "cand"),
    "remove LA": holders("local-administrator", "employer", remove_member, add_member, "la"),
    "empty the group of LA": holders("local-administrator", "employer", _empty, _empty, "la"),
    "block LA": holders("local-administrator", "employer", block, unblock, "la"),
    "delete the group of LA": Action(
        lambda world, _: Delete(world.group("local-administrator", world.employer)), nothing
    ),
    **four("co-LA", "co-local-administrators", "employer", new="cand", active="tcola", blocked="tbcola"),
    "new group of co-LAs": _new_group("co-local-administrators", "third"),
    **four("user", "users", "employer", new="cand", active="tuser", blocked="tbuser"),
    "designate user of mandatary": holders("users", "mandatary", add_member, remove_member, "cand"),
    "new group of users": _new_group("users", "third"),
    "hand over technical user": handed_over("technical-user", "employer", "cand", "tech"),
    "remove technical user": holders("technical-user", "employer", remove_member, add_member, "tech"),
    "block technical user": holders("technical-user", "employer", block, unblock, "tech"),
    "add a second technical user": holders("technical-user", "employer", add_member, remove_member, "cand"),
    "foreign user": Action(
        lambda world, _: add_member(world.group("users", world.employer), world.foreign.account("user")),
        nothing,
    ),
    "user in a foreign enterprise": Action(
        lambda world, _: add_member(*_far_user(world)),
        by("fcam", lambda world, _: remove_member(*_far_user(world))),
    ),
    "account in a foreign enterprise": _added(
        lambda world, _: world.foreign.add_account("candidate"), "fcam"
    ),
    "register an account": Action(
        lambda world, _: world.add_account("fresh"),
        by("cam", lambda world, _: Delete(world.account("fresh"))),
    ),
    "delete an account without role": _delete_account("doomed"),
    "delete an account with a role": _delete_account("tuser"),
    "activate": Action(_activate, _activated),
    "activate without entitlement": _activate_other("telephone-operator"),
    "activate what the catalogue lacks": _activate_other("astronaut"),
    "name its first LA": Action(_first_administrator, lambda world, _: _forget(world)),
    "users before the first LA": Action(_users_too_early, nothing),
    "grant": _grant(add_member, remove_member, "tuser"),
    "withdraw a grant": _grant(remove_member, add_member, "tgrant"),
    "block a grant": _grant(block, unblock, "tgrant"),
    "unblock a grant": _grant(unblock, block, "tbgrant"),
    "grant to a blocked user": _grant(add_member, remove_member, "tbuser"),
    "grant to an administrator": _grant(add_member, remove_member, "tcola"),
    "new authorization": _new_grant("dimona"),
    "new authorization of what is not offered": _new_grant("insurability"),
    "delete an authorization": Action(
        lambda world, _: Delete(world.grant("dmfa")),
        by("cam", _dmfa_again),
    ),
    "capacity e-mail": _capacity_data("mail", "y@t.example"),
    "capacity description": _capacity_data("description", "ours"),
    "remove the e-mail asked": _capacity_data("mail"),
    "container for routing": _container("routing"),
    "container for channels": _container("channels"),
    **account_actions(),
    "entitlement": Action(
        lambda world, _: _entitle(world, "add"), by("registrar", lambda world, _: _entitle(world, "delete"))
    ),
    "name of the enterprise": _fact("o", "Other"),
    "bankruptcy": _fact("umBankrupt", "TRUE"),
    "personnel": _fact("umHasPersonnel", "FALSE"),
    "relation": _related("umDirectorOf"),
    "trustee": _related("umTrusteeOf"),
    "new person": _added(_person),
    "new mandate": _added(_mandate),
    "new enterprise": _added(_enterprise),
    "catalogue": _outside("cn=dmfa,ou=applications,ou=catalogue", "labeledURI", "https://x.example/"),
    "capacity definition": _outside("umCapacityName=employer,ou=capacities,ou=catalogue", "description", "x"),
    "access group": _outside("cn=dmfa,ou=access", "description", "x"),
    "operator's password": _outside("cn=contact-center,ou=operators", "userPassword", PASSWORD),
    "container of enterprises": _outside("ou=enterprises", "description", "x"),
}
