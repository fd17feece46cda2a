"""Several modifications in one operation, which end somewhere else than each would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from support import wire
from support.attacker import Attempt, World, ask
from support.attacks.controls import RELAX
from support.attacks.goals import CAM_GROUP, CO_CAMS, CO_LAS, LA_GROUP, a_few
from support.wire import Mod, control

PERMISSIVE = "1.2.840.113556.1.4.1413"


def contradictory(world: World) -> Iterator[Attempt]:
    """By those who may write to these groups, to ends that they may not reach."""
    here, there = world.here, world.there
    cocam, la, la2 = (here.account(name) for name in ("cocam", "la", "la2"))
    user, tech, foreign = here.account("user"), here.account("tech"), there.account("user")
    single: dict[str, list[Mod]] = {
        "none": [("delete", "member", [])],
        "none, replaced": [("replace", "member", [])],
        "none at the end": [("replace", "member", [cocam]), ("delete", "member", [])],
        "none, one by one": [
            ("add", "member", [cocam]),
            ("delete", "member", [cocam]),
            ("delete", "member", []),
        ],
        "all out": [("delete", "member", []), ("add", "member", [cocam]), ("delete", "member", [cocam])],
        "two": [("replace", "member", [cocam, la2])],
        "two, one after the other": [("replace", "member", [cocam]), ("add", "member", [la2])],
        "two, spelt otherwise": [
            ("replace", "member", [cocam, cocam.upper().replace(cocam.upper(), la2.upper())])
        ],
        "a foreigner": [("replace", "member", [cocam]), ("replace", "member", [foreign])],
        "a foreigner with an option": [("replace", "member", [cocam]), ("add", "member;x-a", [foreign])],
        "with an option only": [("add", "member;lang-en", [cocam])],
        "nobody": [("replace", "member", [f"uid=nobody1234,ou=accounts,{here.dn}"])],
        "the empty name": [("replace", "member", [""])],
        "the root": [("replace", "member", [f"cn=internal,{world.suffix}"])],
        "active and blocked": [("replace", "member", [cocam]), ("add", "umBlockedMember", [cocam])],
        "blocked": [("delete", "member", []), ("add", "umBlockedMember", [cocam])],
        "incremented": [("replace", "member", [cocam]), ("increment", "member", ["1"])],
        "with a description": [("replace", "member", [cocam]), ("replace", "description", ["x"])],
        "with a class": [("replace", "member", [cocam]), ("add", "objectClass", ["extensibleObject"])],
        "with a name": [("replace", "member", [cocam]), ("add", "cn", ["x"])],
        "with a status": [("replace", "member", [cocam]), ("add", "umAccountStatus", ["active"])],
    }
    for who, group, capacity in (
        ("contact-center", CAM_GROUP, None),
        ("cam", LA_GROUP, here.employer),
        ("cocam", LA_GROUP, here.employer),
    ):
        dn = here.group(group, capacity)
        for title, mods in single.items():
            yield ask(who, f"{group}: {title}", wire.modify(dn, *mods))
            yield ask(who, f"{group}: {title}; permissive", wire.modify(dn, *mods), control(PERMISSIVE))
            yield ask(who, f"{group}: {title}; relax", wire.modify(dn, *mods), control(RELAX))
    technical: dict[str, list[Mod]] = {
        "two": [("add", "member", [user])],
        "two at once": [("replace", "member", [user, cocam])],
        "one and a blocked one": [("add", "umBlockedMember", [user])],
        "three, then two": [("add", "member", [user, cocam]), ("delete", "member", [tech])],
        "a foreigner in his place": [("delete", "member", [tech]), ("add", "member", [foreign])],
    }
    for who in ("la", "cola", "cam", "cocam"):
        for title, mods in technical.items():
            dn = here.group("technical-user", here.employer)
            yield ask(who, f"technical user: {title}", wire.modify(dn, *mods))
            yield ask(
                who, f"technical user: {title}; permissive", wire.modify(dn, *mods), control(PERMISSIVE)
            )
    deputies: dict[str, list[Mod]] = {
        "himself out and in": [("delete", "member", [cocam]), ("add", "member", [cocam])],
        "another, then out": [("add", "member", [la]), ("delete", "member", [la])],
        "all anew": [("replace", "member", [cocam, la])],
        "the same anew": [("replace", "member", [cocam])],
        "none": [("replace", "member", [])],
        "nothing blocked": [("replace", "umBlockedMember", [])],
    }
    for title, mods in deputies.items():
        yield ask("cocam", f"co-CAMs: {title}", wire.modify(here.group(CO_CAMS), *mods))
    cola = here.account("cola")
    for title, more in {
        "himself out and in": [("delete", "member", [cola]), ("add", "member", [cola])],
        "another, then out": [("add", "member", [user]), ("delete", "member", [user])],
        "the same anew": [("replace", "member", [cola])],
    }.items():
        yield ask("cola", f"co-LAs: {title}", wire.modify(here.group(CO_LAS, here.employer), *more))


def beside_something_harmless(world: World) -> Iterator[Attempt]:
    """A goal among modifications that come to nothing."""
    here = world.here
    for goal in a_few(world, 8):
        wraps: dict[str, tuple[Sequence[Mod], Sequence[Mod]]] = {
            "twice": (goal.mods, goal.mods),
            "after nothing": ((("replace", "description", []),), goal.mods),
            "before nothing": (goal.mods, (("replace", "seeAlso", []),)),
            "after another and back": (
                (("add", "description", ["x"]), ("delete", "description", ["x"])),
                goal.mods,
            ),
            "before a deletion of what is not there": (goal.mods, (("delete", "seeAlso", []),)),
        }
        for title, (first, last) in wraps.items():
            operation = wire.modify(goal.dn, *first, *last)
            yield ask(goal.who, f"{goal.what}; {title}", operation)
            yield ask(goal.who, f"{goal.what}; {title}; permissive", operation, control(PERMISSIVE))
        for kind in ("add", "delete", "replace", "increment"):
            mods: list[Mod] = [(kind, name, values) for _kind, name, values in goal.mods]
            if not _may(goal.who, goal.what, kind):
                yield ask(goal.who, f"{goal.what}; as {kind}", wire.modify(goal.dn, *mods))
    for who in ("user", "la", "cola", "foreigncam"):
        yield ask(who, "nothing at all", wire.modify(here.group(CO_CAMS)))
        nothing = wire.modify(here.group(CO_CAMS), *[("replace", "member", [])] * 1000)
        yield ask(who, "a thousand times nothing", nothing)


def _may(who: str, what: str, kind: str) -> bool:
    """Whether the goal turned to another kind of modification is no attack any more."""
    managers = ("cam", "cocam", "la", "cola", "contact-center")
    return kind in ("delete", "replace") and "status" not in what and who in managers
