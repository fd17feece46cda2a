"""Entries, names and requests as large as they come."""

from __future__ import annotations

from collections.abc import Iterator

from support import wire
from support.attacker import Attempt, World, ask
from support.attacks.goals import CO_CAMS
from support.wire import Mod

_MANY = 10_000


def table(world: World) -> Iterator[Attempt]:
    """By those who may not, and by those who may a little of it."""
    here, there = world.here, world.there
    nobody = [f"uid=nobody{number:05d},ou=accounts,{here.dn}" for number in range(_MANY)]
    users = here.group("users", here.employer)
    for who in ("user", "cola"):
        group = here.group(CO_CAMS) if who == "cocam" else users
        yield ask(who, "10,000 members who are nobody", wire.modify(group, ("add", "member", nobody)))
        yield ask(who, "10,000 members at once", wire.modify(group, ("replace", "member", nobody)))
        each: list[Mod] = [("add", "member", [name]) for name in nobody[:5000]]
        yield ask(who, "5,000 modifications", wire.modify(group, *each))
        back: list[Mod] = [(kind, "member", [there.account("user")]) for kind in ("add", "delete") * 2500]
        if who != "cola":  # comes to nothing, and he may write to the group
            yield ask(who, "2,500 times in and out", wire.modify(group, *back))
        yield ask(
            who,
            "a new group of 10,000",
            wire.add(
                here.group("users", here.mandatary),
                {"objectClass": ["umRoleGroup"], "cn": ["users"], "member": nobody},
            ),
        )
        account = {
            "objectClass": ["umAccount"],
            "uid": ["x"],
            "umSsin": [here.ssins["candidate"]],
            "cn": ["x"],
            "sn": ["x"],
        }
        dn = here.account("x")
        yield ask(who, "an account of 3 MB", wire.add(dn, {**account, "description": ["x" * 3_000_000]}))
        yield ask(
            who, "an account of 3 MB of zeros", wire.add(dn, {**account, "jpegPhoto": [b"\x00" * 3_000_000]})
        )
        many = {f"x-{number}": ["x"] for number in range(10_000)}
        yield ask(who, "an account of 10,000 attributes", wire.add(dn, {**account, **many}))
        options = {f"cn;x-{number}": ["x"] for number in range(2_000)}
        yield ask(who, "an account of 2,000 options", wire.add(dn, {**account, **options}))
        for size in (1_000, 8_000, 9_000, 100_000, 1_000_000):
            yield ask(
                who,
                f"a name of {size} letters",
                wire.modify(f"cn={'x' * size},{here.dn}", ("replace", "cn", ["x"])),
            )
            yield ask(
                who,
                f"a member of {size} letters",
                wire.modify(group, ("add", "member", [f"uid={'x' * size},{here.dn}"])),
            )
            yield ask(who, f"a name of {size // 5} parts", wire.delete("cn=x," * (size // 5) + here.dn))
            yield ask(who, f"an attribute of {size} letters", wire.modify(group, ("add", "x" * size, ["x"])))
            yield ask(
                who, f"{size} options", wire.modify(group, ("add", "member" + ";x-a" * (size // 4), ["x"]))
            )
            yield ask(who, f"a name to {size} letters", wire.rename(group, f"cn={'x' * size}"))
            yield ask(
                who,
                f"a password for {size} letters",
                wire.set_password(f"uid={'x' * size},{here.dn}", None, "Wachtwoord2"),
            )
        yield ask(
            who, "a request that is too long", wire.modify(group, ("add", "member", ["x" * 20_000_000]))
        )
