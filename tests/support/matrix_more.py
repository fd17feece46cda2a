"""More operations of the rule matrix: oneself, eligibility, a bankrupt enterprise, values."""

from __future__ import annotations

from dataclasses import replace

from support.enterprise import add_member, block, hand_over, remove_member, unblock
from support.matrix import GROUPS, Action, MatrixWorld
from support.matrix_actions import Write, change, holders, on_account, password_of
from support.matrix_tables import RELATION_OF
from um_directory.model.operation import Add, Delete, Operation, SetPassword

# --- oneself (D11) ---


def _of_oneself(group: str, capacity: str | None, do: Write, undo: Write, undoer: str = "cam") -> Action:
    def on(write: Write, actor: str, world: MatrixWorld) -> Operation:
        base = getattr(world, capacity) if capacity else None
        return write(world.group(group, base), world.account(actor))

    return Action(
        lambda world, actor: on(do, actor, world),
        lambda world, actor: world.clients[undoer].write(on(undo, actor, world)),
    )


def _as_user_too(action: Action, blocked: bool) -> Action:
    """Surrounded by: the actor is a user, active or blocked, beside his role."""
    attribute = "umBlockedMember" if blocked else "member"

    def on(kind: str, world: MatrixWorld, actor: str) -> None:
        if actor in (*GROUPS["user"], "huser"):
            return  # is one anyway
        other = "la" if actor == "cam" else "cam"
        group = world.group("users", world.employer)
        world.clients[other].write(change(group, kind, attribute, world.account(actor)))

    return replace(
        action,
        before=lambda world, actor: on("add", world, actor),
        after=lambda world, actor: on("delete", world, actor),
    )


def _becomes_administrator() -> Action:
    there = _of_oneself("local-administrator", "employer", hand_over, hand_over)
    back = holders("local-administrator", "employer", hand_over, hand_over, "la")
    return Action(there.do, back.undo)


_USERS = ("users", "employer")
_DEPUTIES = ("co-local-administrators", "employer")
_CHIEFS = ("co-chief-access-managers", None)
ONESELF_ACTIONS: dict[str, Action] = {
    "leave as user": _as_user_too(_of_oneself(*_USERS, remove_member, add_member), blocked=False),
    "block oneself as user": _as_user_too(_of_oneself(*_USERS, block, unblock), blocked=False),
    "unblock oneself as user": _as_user_too(_of_oneself(*_USERS, unblock, block), blocked=True),
    "become user": _of_oneself(*_USERS, add_member, remove_member),
    "leave as co-LA": _of_oneself(*_DEPUTIES, remove_member, add_member),
    "block oneself as co-LA": _of_oneself(*_DEPUTIES, block, unblock),
    "unblock oneself as co-LA": _of_oneself(*_DEPUTIES, unblock, block),
    "become co-LA": _of_oneself(*_DEPUTIES, add_member, remove_member),
    "second account becomes co-LA": holders(*_DEPUTIES, add_member, remove_member, "twinla"),
    "leave as co-CAM": _of_oneself(*_CHIEFS, remove_member, add_member),
    "block oneself as co-CAM": _of_oneself(*_CHIEFS, block, unblock),
    "unblock oneself as co-CAM": _of_oneself(*_CHIEFS, unblock, block),
    "become co-CAM": _of_oneself(*_CHIEFS, add_member, remove_member),
    "become LA": _becomes_administrator(),
    "become CAM": _of_oneself("chief-access-manager", None, hand_over, hand_over, "contact-center"),
}

# --- a bankrupt enterprise (D13) ---


def _declare_bankrupt(world: MatrixWorld, _actor: str) -> None:
    world.clients["registrar"].write(change(world.dn, "replace", "umBankrupt", "TRUE"))


def _end_bankruptcy(world: MatrixWorld, _actor: str) -> None:
    world.clients["registrar"].write(change(world.dn, "replace", "umBankrupt"))


def _while_bankrupt(action: Action) -> Action:
    def undo(world: MatrixWorld, actor: str) -> None:
        _end_bankruptcy(world, actor)  # only then may somebody else than the trustee be LA again
        action.undo(world, actor)
        _declare_bankrupt(world, actor)

    return replace(action, undo=undo, before=_declare_bankrupt, after=_end_bankruptcy)


def _replaced_by(target: str) -> Action:
    there = holders("local-administrator", "employer", hand_over, hand_over, target)
    back = holders("local-administrator", "employer", hand_over, hand_over, "la")
    return Action(there.do, back.undo)


def _mandatary_replaced() -> Action:
    there = holders("local-administrator", "mandatary", hand_over, hand_over, "cand")
    back = holders("local-administrator", "mandatary", hand_over, hand_over, "la2")
    return Action(there.do, back.undo)


BANKRUPT_ACTIONS: dict[str, Action] = {
    "trustee becomes LA of employer": _while_bankrupt(_replaced_by("rtrustee")),
    "another becomes LA of employer": _while_bankrupt(_replaced_by("rdirector")),
    "bankrupt: LA of mandatary": _while_bankrupt(_mandatary_replaced()),
    "bankrupt: co-LA of employer": _while_bankrupt(
        holders("co-local-administrators", "employer", add_member, remove_member, "cand")
    ),
}

# --- eligibility (E1 to E5) ---

DESIGNATORS = {"CAM": "contact-center"}
_GROUP_OF = {
    "CAM": ("chief-access-manager", None, "cam"),
    "cocam": ("co-chief-access-managers", None, None),
    "la": ("local-administrator", "", "la"),
    "cola": ("co-local-administrators", "", None),
    "user": ("users", "", None),
    "tech": ("technical-user", "", "tech"),
}


def eligibility(case: str, role: str) -> Action:
    """Designate somebody with the relation of `case` as holder of `role`, in one hand-over where there is one."""
    context, _, relation = case.rpartition(": ")
    group, place, before = _GROUP_OF[role]
    capacity = place if place is None else "mandatary" if context == "mandatary" else "employer"
    if context == "mandatary":
        before = {"la": "la2", "tech": "btech"}.get(role, before)
    target = RELATION_OF[relation]
    undoer = DESIGNATORS.get(role, "cam")
    if before is None:
        action = holders(group, capacity, add_member, remove_member, target, undoer=undoer)
    elif before == "btech":  # is blocked there: he makes room
        action = _instead_of_a_blocked_one(target)
    else:
        there = holders(group, capacity, hand_over, hand_over, target, undoer=undoer)
        action = Action(there.do, holders(group, capacity, hand_over, hand_over, before, undoer=undoer).undo)
    return _without_personnel(action) if context == "no personnel" else action


def _instead_of_a_blocked_one(target: str) -> Action:
    there = holders("technical-user", "mandatary", add_member, remove_member, target)
    before = holders("technical-user", "mandatary", _unblocked, _blocked, "btech")

    return replace(
        there,
        before=lambda world, actor: world.clients["cam"].write(before.do(world, actor)),
        after=before.undo,
    )


def _unblocked(group: str, member: str) -> Operation:
    return change(group, "delete", "umBlockedMember", member)


def _blocked(group: str, member: str) -> Operation:
    return change(group, "add", "umBlockedMember", member)


def _without_personnel(action: Action) -> Action:
    def personnel(world: MatrixWorld, *values: str) -> None:
        world.clients["registrar"].write(change(world.dn, "replace", "umHasPersonnel", *values))

    def undo(world: MatrixWorld, actor: str) -> None:
        personnel(world)  # an employee is designated again
        action.undo(world, actor)

    return replace(
        action,
        undo=undo,
        before=lambda world, _actor: personnel(world, "FALSE"),
        after=lambda world, _actor: personnel(world),
    )


# --- values (C1, N1 to N3) ---

WRONG_SSIN = "81050103521"


def _account(username: str, ssin: str | None = None) -> Action:
    def build(world: MatrixWorld, _actor: str) -> Add:
        name = username.format(number=world.number, taken=world.foreign.uid("user"))
        entry = world.add_account(
            "fresh", uid=(name.encode(),), umSsin=((ssin or world.ssins["fresh"]).encode(),)
        )
        return Add(world.service.tree.account(world.number, name), entry.attributes)

    return Action(build, lambda world, actor: world.clients["cam"].write(Delete(build(world, actor).dn)))


def _registered(dn: str, attributes: dict[str, str]) -> Action:
    def where(world: MatrixWorld) -> str:
        return f"{dn},{world.service.settings.suffix}"

    values = {name: (value.encode(),) for name, value in attributes.items()}
    return Action(
        lambda world, _actor: Add(where(world), values),
        lambda world, _actor: world.clients["registrar"].write(Delete(where(world))),
    )


def _person(ssin: str) -> Action:
    return _registered(f"umSsin={ssin},ou=register", {"objectClass": "umPerson", "umSsin": ssin, "sn": "N"})


def _enterprise(number: str) -> Action:
    attributes = {"objectClass": "umEnterprise", "umEnterpriseNumber": number, "o": "N"}
    return _registered(f"umEnterpriseNumber={number},ou=enterprises", attributes)


def _nsso(number: str) -> Action:
    return Action(
        lambda world, _actor: change(world.dn, "replace", "umNssoNumber", number),
        lambda world, _actor: world.clients["registrar"].write(change(world.dn, "replace", "umNssoNumber")),
    )


VALUE_ACTIONS: dict[str, Action] = {
    "username of 7": _account("abcdef1"),
    "username of 8": _account("zz{number:.6}"),
    "username of 30": _account("abcdefghijabcdefghij{number}"),
    "username of 31": _account("abcdefghijabcdefghijk{number}"),
    "username in capitals": _account("Fresh{number}"),
    "username with a dash": _account("fresh-{number}"),
    "username with an accent": _account("frésh{number}"),
    "username taken elsewhere": _account("{taken}"),
    "account with a wrong SSIN": _account("fresh{number}", WRONG_SSIN),
    "account with a right SSIN": _account("fresh{number}"),
    "person with a wrong SSIN": _person(WRONG_SSIN),
    "person with a bis number": _person("92521506931"),
    "enterprise with a wrong number": _enterprise("0431150351"),
    "enterprise with a right number": _enterprise("0884303369"),
    "wrong NSSO number": _nsso("100000000"),
    "right NSSO number": _nsso("000100006"),
    "provisional NSSO number": _nsso("5000000120"),
}

# --- passwords (C2) ---


def password_way(way: str, password: str) -> Action:
    """One of `PASSWORD_WAYS`, by la; afterwards the old password counts again."""
    if way == "new account":
        built = _account("fresh{number}")

        def new(world: MatrixWorld, actor: str) -> Operation:
            entry = built.do(world, actor)
            assert isinstance(entry, Add)
            return Add(entry.dn, {**entry.attributes, "userPassword": (password.encode(),)})

        return Action(new, built.undo)
    target = "own" if way.startswith("own") else "tuser"
    if way.endswith("modify"):
        return on_account(target, "userPassword", password)

    def extended(world: MatrixWorld, actor: str) -> Operation:
        name = actor if target == "own" else target
        return SetPassword(world.account(name), password.encode())

    def undo(world: MatrixWorld, actor: str) -> None:
        world.clients[actor].write(password_of(target).do(world, actor))

    return Action(extended, undo)
