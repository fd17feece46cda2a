"""What each attacker would like to reach, plainly put: other tables put it in disguise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from support import wire
from support.attacker import Attempt, World, ask
from support.wire import Mod

CAM_GROUP, CO_CAMS = "chief-access-manager", "co-chief-access-managers"
LA_GROUP, CO_LAS = "local-administrator", "co-local-administrators"


@dataclass(frozen=True)
class Goal:
    """A Modify that `who` has no right to."""

    who: str
    what: str
    dn: str
    mods: tuple[Mod, ...]


def goals(world: World) -> list[Goal]:
    """All of them."""
    return [*_of_the_powerless(world), *_of_managers(world), *_of_chiefs(world), *_of_operators(world)]


def _change(who: str, what: str, dn: str, kind: str, attribute: str, *values: str) -> Goal:
    return Goal(who, what, dn, ((kind, attribute, values),))


def _of_the_powerless(world: World) -> Iterator[Goal]:
    """Who manages nothing: users, technical users, the blocked, applications, strangers."""
    here = world.here
    person = world.service.tree.person(here.ssins["user"])
    for who in ("anonymous", "user", "acting", "tech", "blocked", "application", "foreignla"):
        me = world.me[who] or here.account("user")
        for group, capacity in (
            (CAM_GROUP, None),
            (CO_CAMS, None),
            (LA_GROUP, here.employer),
            (CO_LAS, here.employer),
            ("users", here.mandatary),
            ("technical-user", here.employer),
        ):
            dn = here.group(group, capacity)
            yield _change(who, f"joins {group}", dn, "add", "member", me)
        yield _change(who, "takes the CAM's place", here.group(CAM_GROUP), "replace", "member", me)
        yield _change(
            who, "takes the LA's place", here.group(LA_GROUP, here.employer), "replace", "member", me
        )
        yield Goal(
            who,
            "unblocks a user",
            here.group("users", here.employer),
            (
                ("delete", "umBlockedMember", [here.account("blockeduser")]),
                ("add", "member", [here.account("blockeduser")]),
            ),
        )
        yield _change(
            who,
            "ends a co-CAM",
            here.group(CO_CAMS),
            "delete",
            "member",
            here.account("cocam"),
        )
        yield _change(who, "grants an application", world.grant, "add", "member", here.account("tech"))
        yield _change(who, "writes capacity data", here.employer, "replace", "mail", "x@evil.example")
        yield _change(who, "writes a fact", here.dn, "add", "umEntitledCapacity", "telephone-operator")
        yield _change(who, "writes a relation", person, "add", "umDirectorOf", here.dn)
        yield _change(who, "edits the CAM", here.account("cam"), "replace", "mail", "x@evil.example")
        yield _change(who, "ends a status", here.account("cam"), "replace", "umAccountStatus", "inactive")
        yield _change(
            who,
            "gives access",
            here.account("tech"),
            "add",
            "memberOf",
            world.service.tree.access_group("dmfa"),
        )
    yield _change("user", "changes his SSIN", here.account("user"), "replace", "umSsin", here.ssins["cam"])
    yield _change("user", "changes his name", here.account("user"), "replace", "cn", "cam")


def _of_managers(world: World) -> Iterator[Goal]:
    """Local administrators and their deputies beyond their capacity and their station."""
    here, there = world.here, world.there
    for who in ("la", "cola"):
        me = world.me[who]
        yield _change(who, "becomes CAM", here.group(CAM_GROUP), "replace", "member", me)
        yield _change(who, "becomes co-CAM", here.group(CO_CAMS), "add", "member", me)
        yield _change(
            who, "leads another capacity", here.group(LA_GROUP, here.mandatary), "replace", "member", me
        )
        yield _change(who, "joins another capacity", here.group("users", here.mandatary), "add", "member", me)
        yield _change(who, "edits another capacity", here.mandatary, "replace", "mail", "x@evil.example")
        yield _change(who, "adds users elsewhere", there.group("users", there.employer), "add", "member", me)
        yield _change(
            who,
            "lets a foreigner in",
            here.group("users", here.employer),
            "add",
            "member",
            there.account("stranger"),
        )
        yield _change(
            who,
            "names his successor",
            here.group(LA_GROUP, here.employer),
            "replace",
            "member",
            here.account("la2"),
        )
        yield _change(who, "edits the CAM", here.account("cam"), "replace", "preferredLanguage", "de")
        yield _change(who, "writes a fact", here.dn, "replace", "umHasPersonnel", "FALSE")
        yield _change(
            who, "ends a user's status", here.account("user"), "replace", "umAccountStatus", "inactive"
        )
        yield _change(
            who,
            "a second technical user",
            here.group("technical-user", here.employer),
            "add",
            "member",
            here.account("user"),
        )
        yield _change(
            who,
            "a founder as user",
            here.group("users", here.employer),
            "add",
            "member",
            here.account("founder"),
        )
        yield _change(who, "grants to no user", world.grant, "add", "member", here.account("cam"))
    users = here.group("users", here.mandatary)
    yield _change("narrowed", "adds a user where he is LA", users, "add", "member", here.account("user"))
    yield _change("narrowed", "edits where he is LA", here.mandatary, "replace", "mail", "x@evil.example")
    yield _change("narrowed", "edits another", here.account("user"), "replace", "mail", "x@evil.example")
    co_las = here.group(CO_LAS, here.employer)
    yield _change("cola", "adds a deputy", co_las, "add", "member", here.account("user"))
    yield _change("cola", "ends himself", co_las, "delete", "member", here.account("cola"))
    yield _change("cola", "edits the LA", here.account("la"), "replace", "mail", "x@evil.example")
    yield _change(
        "la", "is his own deputy", here.group(CO_LAS, here.employer), "add", "member", here.account("la")
    )
    yield _change(
        "la",
        "a stranger as deputy",
        here.group(CO_LAS, here.employer),
        "add",
        "member",
        here.account("stranger"),
    )


def _of_chiefs(world: World) -> Iterator[Goal]:
    """Chief access managers of this and another enterprise, and the co-CAM."""
    here, there = world.here, world.there
    cams, co_cams = here.group(CAM_GROUP), here.group(CO_CAMS)
    yield _change("cocam", "becomes CAM", cams, "replace", "member", here.account("cocam"))
    yield _change("cocam", "adds a co-CAM", co_cams, "add", "member", here.account("la"))
    yield _change("cocam", "ends himself", co_cams, "delete", "member", here.account("cocam"))
    yield _change("cocam", "edits the CAM", here.account("cam"), "replace", "mail", "x@evil.example")
    yield _change("cam", "names his successor", cams, "replace", "member", here.account("cocam"))
    yield _change("cam", "ends himself", cams, "delete", "member", here.account("cam"))
    yield _change("cam", "a second CAM", cams, "add", "member", here.account("cocam"))
    yield _change("cam", "is his own deputy", co_cams, "add", "member", here.account("cam"))
    yield _change("cam", "a stranger as co-CAM", co_cams, "add", "member", here.account("stranger"))
    for who in ("cam", "cocam"):
        administrators = here.group(LA_GROUP, here.employer)
        yield _change(who, "ends the LA", administrators, "delete", "member", here.account("la"))
        yield _change(who, "blocks the LA", administrators, "replace", "umBlockedMember", here.account("la"))
        yield _change(who, "a second LA", administrators, "add", "member", here.account("la2"))
        yield _change(who, "a stranger as LA", administrators, "replace", "member", here.account("stranger"))
        yield _change(who, "the CAM as LA too", administrators, "replace", "member", here.account("cam"))
        yield _change(
            who,
            "a foreigner as user",
            here.group("users", here.employer),
            "add",
            "member",
            there.account("user"),
        )
        yield _change(
            who,
            "a founder as user",
            here.group("users", here.employer),
            "add",
            "member",
            here.account("founder"),
        )
        yield _change(who, "writes a fact", here.dn, "add", "umEntitledCapacity", "telephone-operator")
        yield _change(who, "renames the enterprise", here.dn, "replace", "o", "Evil")
        yield _change(
            who,
            "writes a relation",
            world.service.tree.person(here.ssins["stranger"]),
            "add",
            "umManagerOf",
            here.dn,
        )
        yield _change(
            who,
            "gives access",
            here.account("user"),
            "add",
            "memberOf",
            world.service.tree.access_group("dimona"),
        )
    for group, capacity in ((CAM_GROUP, None), (CO_CAMS, None), (LA_GROUP, here.employer)):
        dn = here.group(group, capacity)
        yield _change("foreigncam", f"puts himself in {group}", dn, "replace", "member", there.account("cam"))
        yield _change("foreigncam", f"chooses {group}", dn, "replace", "member", here.account("la2"))
    yield _change(
        "foreigncam", "adds a user", here.group("users", here.employer), "add", "member", here.account("cola")
    )
    yield _change("foreigncam", "edits an account", here.account("user"), "replace", "mail", "x@evil.example")
    yield _change("foreigncam", "edits a capacity", here.employer, "replace", "mail", "x@evil.example")


def _of_operators(world: World) -> Iterator[Goal]:
    """The contact center, the registrar and the service beyond what is theirs."""
    here = world.here
    administrators, users = here.group(LA_GROUP, here.employer), here.group("users", here.employer)
    person = world.service.tree.person(here.ssins["stranger"])
    for who in ("contact-center", "registrar", "service"):
        yield _change(who, "names an LA", administrators, "replace", "member", here.account("la2"))
        yield _change(who, "adds a user", users, "add", "member", here.account("cola"))
        yield _change(who, "adds a co-CAM", here.group(CO_CAMS), "add", "member", here.account("la"))
        yield _change(who, "grants an application", world.grant, "add", "member", here.account("tech"))
        yield _change(who, "edits a user", here.account("user"), "replace", "mail", "x@evil.example")
        yield _change(who, "edits a capacity", here.employer, "replace", "mail", "x@evil.example")
        yield _change(who, "changes an SSIN", here.account("user"), "replace", "umSsin", here.ssins["cam"])
    for who in ("registrar", "service"):
        yield _change(who, "names a CAM", here.group(CAM_GROUP), "replace", "member", here.account("cocam"))
    for who in ("contact-center", "service"):
        yield _change(who, "writes a fact", here.dn, "replace", "umHasPersonnel", "FALSE")
        yield _change(who, "writes a relation", person, "add", "umManagerOf", here.dn)
    cams = here.group(CAM_GROUP)
    yield _change("contact-center", "no CAM", cams, "delete", "member", here.account("cam"))
    yield _change("contact-center", "two CAMs", cams, "add", "member", here.account("cocam"))
    yield _change("contact-center", "a stranger as CAM", cams, "replace", "member", here.account("stranger"))
    yield _change(
        "contact-center", "a foreigner as CAM", cams, "replace", "member", world.there.account("cam")
    )
    for who in ("contact-center", "registrar"):
        yield _change(who, "ends a status", here.account("cam"), "replace", "umAccountStatus", "inactive")


def plainly(world: World) -> list[Attempt]:
    """Each goal as it is."""
    return [ask(goal.who, goal.what, wire.modify(goal.dn, *goal.mods)) for goal in goals(world)]


def a_few(world: World, of_each: int) -> list[Goal]:
    """So many goals of every attacker, taken evenly: those that a table multiplies by many disguises."""
    by_attacker: dict[str, list[Goal]] = {}
    for goal in goals(world):
        by_attacker.setdefault(goal.who, []).append(goal)
    chosen = []
    for mine in by_attacker.values():
        step = max(1, len(mine) / of_each)
        chosen += [mine[int(position * step)] for position in range(min(of_each, len(mine)))]
    return chosen
