"""The moves of the state machine: each kind of action, and what is chosen for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import TypeAlias

from support.domain_players import (
    BAD_PASSWORDS,
    GOOD_PASSWORDS,
    GRANT_SPOTS,
    HOLDERS,
    OPERATORS,
    ROLE_SPOTS,
    By,
    Choice,
    Players,
    actors,
    either,
    enterprises,
    modes,
    one_of,
    people,
    some,
    spots,
    together,
)
from support.domain_words import (
    CAM,
    CO_LA,
    LA,
    TECHNICAL,
    USER,
    Action,
    AddCapacity,
    AddSpot,
    ChangeHolders,
    ChangePassword,
    EditAccount,
    EditCapacity,
    OutAndIn,
    Register,
    RemoveCapacity,
    RemoveSpot,
    SetFact,
    SetRelation,
    Spot,
    Step,
    Unregister,
)
from support.domain_world import (
    CAPACITIES,
    DATA,
    EMPLOYER,
    MANDATARY,
    PROVIDER,
)

KINDS: list[tuple[str, dict[str, Choice]]] = []
"""Method names with the choices of their arguments, as often as they should come up."""


def kind(weight: int, **given: Choice):
    """A kind of move: its arguments beside `by`, and how often it comes up."""

    def keep(method):
        KINDS.extend([(method.__name__, given)] * weight)
        return method

    return keep


Tries: TypeAlias = Iterator[tuple[By, Action]]
_SEVERAL, _MOST = 5, 99


class Moves(Players):
    """The kinds of moves at one table."""

    def move(self, random: Random) -> None:
        """Any move, all chosen by `random`; half the time the one of five that fewest rules object to."""
        name, given = random.choice(KINDS)
        drawn = []
        for _ in range(random.choice((1, _SEVERAL))):
            by = By(actors(random), modes(random), random.randrange(12))
            drawn.append((by, {argument: choice(random) for argument, choice in given.items()}))
        tries = [list(getattr(self, name)(by, **arguments)) for by, arguments in drawn]
        for by, action in min(tries, key=self.objections):
            self.do(by, action)

    def objections(self, tries: list[tuple[By, Action]]) -> int:
        """How many rules object to the first of these; most when there is nothing to try, or LDAP objects."""
        if not tries:
            return _MOST
        by, action = tries[0]
        if isinstance(action, OutAndIn):
            return 0
        rules = self.domain.refusals(self.actor_for(by, action), action)
        return _MOST if self.domain.impossible(action) else len(rules)

    def steps_for(self, what: str, spot: Spot, uid: str) -> tuple[Step, ...]:
        """The modifications that add, remove, block or unblock somebody."""
        return {
            "add": (Step("add", "active", (uid,)),),
            "add blocked": (Step("add", "blocked", (uid,)),),
            "remove": (
                Step("delete", "blocked" if self.held(spot).state(uid) == "blocked" else "active", (uid,)),
            ),
            "block": (Step("delete", "active", (uid,)), Step("add", "blocked", (uid,))),
            "unblock": (Step("delete", "blocked", (uid,)), Step("add", "active", (uid,))),
        }[what]

    @kind(
        8,
        drawn=spots,
        who=people,
        kind=one_of("add", "add", "add blocked", "remove", "block", "unblock"),
        enterprise=enterprises,
    )
    def one_holder(self, by, drawn, who, kind, enterprise) -> Tries:
        spot = self.spot(drawn, enterprise)
        among = "blocked" if kind == "unblock" else "active"
        uid = self.table.uid(who) if kind.startswith("add") else self.somebody(spot, who, by.pick, among)
        yield by, ChangeHolders(spot, self.steps_for(kind, spot, uid))

    @kind(6, drawn=one_of(*ROLE_SPOTS), what=one_of("add", "add", "remove", "block", "unblock"))
    def oneself(self, by, drawn, what) -> Tries:
        """D11: somebody changes his own standing."""
        uid = self.actor(By(by.actor if by.actor != "fitting" else HOLDERS[by.pick % 4], pick=by.pick)).uid
        spot = self.spot(drawn)
        if uid:
            yield (
                replace(by, actor=f"uid:{uid}"),
                ChangeHolders(spot, self.steps_for(what, spot, uid)),
            )

    @kind(
        3,
        drawn=one_of((CO_LA, EMPLOYER, ""), (CO_LA, EMPLOYER, ""), (LA, EMPLOYER, ""), (USER, EMPLOYER, "")),
        holder=one_of(*HOLDERS[2:5]),
        who=people,
        what=one_of("add", "remove", "block", "unblock"),
    )
    def in_his_own_capacity(self, by, drawn, holder, who, what) -> Tries:
        """D5, D6: LA, co-LA and user of employer, on those above, beside and below."""
        spot = self.spot(drawn)
        uid = self.table.uid(who) if what == "add" else self.somebody(spot, who, by.pick, "active")
        yield replace(by, actor=holder), ChangeHolders(spot, self.steps_for(what, spot, uid))

    @kind(3, drawn=one_of((CAM, None, ""), (LA, EMPLOYER, ""), (LA, MANDATARY, "")))
    def chief_and_administrator(self, by, drawn) -> Tries:
        """E6: one person for both."""
        role, _capacity, _ = drawn
        other = HOLDERS[2] if role == CAM else HOLDERS[0]
        uid = self.table.uid("double") if by.pick == 1 else self.actor(By(other)).uid
        yield by, ChangeHolders(self.spot(drawn), (Step("replace", "active", (uid,)),))

    @kind(3, change=one_of(("mail", "b@t.example"), ("preferredLanguage", "fr")))
    def on_an_old_connection(self, by, change) -> Tries:
        """A5: who has lost his last role changes what everybody may change of himself."""
        bound = {actor.uid for actor, _through in self.table.connections if actor.kind == "person"}
        left = sorted(uid for uid in bound & set(self.domain.accounts) if not self.domain.roles(uid))
        if left:
            uid = left[by.pick % len(left)]
            number = self.domain.accounts[uid].enterprise
            yield By(f"uid:{uid}", pick=by.pick), EditAccount(number, uid, (change,))

    @kind(2, who=people)
    def a_new_chief(self, by, who) -> Tries:
        """D1, E1: the contact center hands over."""
        chiefs = Spot(self.table.own, None, CAM)
        steps = (Step("replace", "active", (self.table.uid(who),)),)
        yield By("contact-center", pick=by.pick), ChangeHolders(chiefs, steps)

    @kind(2, change=one_of(("sn", "Other"), ("cn", "Other"), ("umSsin", "85073003328"), ("description", "x")))
    def own_entry(self, by, change) -> Tries:
        """D10: what nobody changes himself."""
        number, uid = self.account_of(by, "clerk", own=True)
        actor = by.actor if by.actor in OPERATORS else f"uid:{uid}"
        yield replace(by, actor=actor), EditAccount(number, uid, (change,))

    @kind(
        4,
        drawn=one_of(*GRANT_SPOTS),
        what=one_of("add", "add", "add", "add blocked", "remove", "block", "unblock"),
        who=people,
    )
    def grant(self, by, drawn, what, who) -> Tries:
        """D8: to a user of the capacity, mostly."""
        spot = self.spot(drawn)
        users = replace(spot, role=USER, application="")
        if spot not in self.domain.spots:
            yield by, AddSpot(spot, (self.somebody(users, who, by.pick, "active"),))
            return
        there = "blocked" if what == "unblock" else "active"
        uid = self.somebody(users if what.startswith("add") else spot, who, by.pick, there)
        yield by, ChangeHolders(spot, self.steps_for(what, spot, uid))

    @kind(
        4,
        who=people,
        drawn=one_of(*(ROLE_SPOTS[0], *(spot for spot in ROLE_SPOTS if spot[0] in (LA, TECHNICAL)))),
        form=one_of("replace", "replace", "replace", "delete and add", "add", "delete", "empty", "two"),
    )
    def hand_over(self, by, who, drawn, form) -> Tries:
        """Atomic, or an attempt at leaving none or two."""
        spot, uid = self.spot(drawn), self.table.uid(who)
        old = tuple(sorted(self.held(spot).active))
        steps = {
            "replace": (Step("replace", "active", (uid,)),),
            "delete and add": (Step("delete", "active", old), Step("add", "active", (uid,))),
            "add": (Step("add", "active", (uid,)),),
            "delete": (Step("delete", "active", old),),
            "empty": (Step("replace", "active"),),
            "two": (Step("replace", "active", tuple({*old, uid})),),
        }[form]
        if all(step.who or step.kind == "replace" for step in steps):
            yield (by, ChangeHolders(spot, steps))

    @kind(
        3,
        drawn=spots,
        steps=some(
            together(one_of("add", "delete", "replace"), one_of("active", "blocked"), some(people, 1, 2)),
            2,
            4,
        ),
    )
    def several_at_once(self, by, drawn, steps) -> Tries:
        """Any modifications together: what counts is what is different afterwards."""
        named = tuple(Step(kind, among, tuple(map(self.table.uid, who))) for kind, among, who in steps)
        yield (by, ChangeHolders(self.spot(drawn), named))

    @kind(
        3,
        drawn=spots,
        removes=one_of(*range(5)),
        active=some(people, 0, 2),
        blocked=some(people, 0, 1),
    )
    def a_group_comes_or_goes(self, by, drawn, removes, active, blocked) -> Tries:
        spot = self.spot(drawn)
        uids = [tuple(map(self.table.uid, who)) for who in (active, blocked)]
        yield (by, AddSpot(spot, *uids) if removes else RemoveSpot(spot))

    @kind(
        3,
        who=people,
        complete=either,
        capacity=one_of(*(*CAPACITIES[1:], "full-service-center")),
    )
    def activate(self, by, who, complete, capacity) -> Tries:
        """Two writes (decision 0007); the second by the same actor."""
        data = DATA.get(capacity, DATA[MANDATARY])
        number = self.table.own
        added = AddCapacity(number, capacity, data if complete or by.pick % 3 else data[1:])
        yield (by, added)
        yield (by, AddSpot(Spot(number, capacity, LA), (self.table.uid(who),)))

    @kind(
        4,
        capacity=one_of(*CAPACITIES[:2]),
        changes=some(
            one_of(
                ("mail", "new@t.example"),
                ("telephoneNumber", "+32 2 5"),
                ("mail", None),
                ("telephoneNumber", None),
                ("description", "x"),
                ("description", None),
                ("umCapacityName", PROVIDER),
            ),
            1,
            2,
        ),
    )
    def capacity_data(self, by, capacity, changes) -> Tries:
        yield (by, EditCapacity(self.table.own, capacity, tuple(changes)))

    @kind(1, capacity=one_of(*CAPACITIES))
    def a_capacity_is_not_deleted(self, by, capacity) -> Tries:
        yield (by, RemoveCapacity(self.table.own, capacity))

    @kind(
        3,
        who=people,
        enterprise=enterprises,
        name=one_of("newcomer", "nextone", "clerk", "far/clerk", "Bad", "CAPITALS"),
        password=one_of(None, one_of(*GOOD_PASSWORDS), one_of(*BAD_PASSWORDS)),
    )
    def register(self, by, who, enterprise, name, password) -> Tries:
        uid = {"Bad": "short", "CAPITALS": f"UPPER{self.table.own}"}.get(name) or self.table.uid(name)
        ssin = "81050103521" if by.pick == 7 else self.table.ssins[who]
        yield (by, Register(self.number(enterprise), uid, ssin, password))

    @kind(2, name=one_of(one_of("newcomer", "nextone"), people))
    def unregister(self, by, name) -> Tries:
        uid = self.table.uid(name)
        account = self.domain.accounts.get(uid)
        number = account.enterprise if account else self.table.own
        yield (by, Unregister(number, uid))

    def account_of(self, by, who, own: bool) -> tuple[str, str]:
        """(enterprise, uid) of the one drawn, or of the actor himself."""
        acting = self.actor(by)
        uid = acting.uid if own and acting.kind == "person" else self.table.uid(who)
        if not own and by.pick % 2:  # somebody with a role
            uid = self.actor(By(HOLDERS[by.pick % len(HOLDERS)], pick=by.pick)).uid
        account = self.domain.accounts.get(uid)
        return (account.enterprise if account else self.table.own), uid

    @kind(
        6,
        who=people,
        own=either,
        changes=some(
            one_of(
                *(("mail", "a@t.example"), ("preferredLanguage", "nl"), ("preferredLanguage", "de")) * 2,
                *(("sn", "Other"), ("umSsin", "85073003328"), ("description", "x")),
                *(("umAccountStatus", "active"), ("memberOf", "cn=dmfa,ou=access,dc=um,dc=example")),
            ),
            1,
            2,
        ),
    )
    def account_data(self, by, who, own, changes) -> Tries:
        number, uid = self.account_of(by, who, own)
        yield (by, EditAccount(number, uid, tuple(changes)))

    @kind(
        2,
        who=people,
        own=either,
        password=one_of(*GOOD_PASSWORDS * 2 + BAD_PASSWORDS),
        how=one_of("modify", "extended"),
    )
    def password(self, by, who, own, password, how) -> Tries:
        number, uid = self.account_of(by, who, own)
        yield (by, ChangePassword(number, uid, password, how))

    @kind(
        1,
        fact=one_of(
            ("personnel", True),
            ("personnel", False),
            ("bankrupt", True),
            *(("bankrupt", False),) * 3,
            *(("entitled", frozenset(CAPACITIES)),) * 2,
            ("entitled", frozenset({EMPLOYER})),
        ),
    )
    def the_register_says(self, by, fact) -> Tries:
        yield (by, SetFact(self.table.own, *fact))

    @kind(
        1,
        who=people,
        relation=one_of("employee", "director", "founder", "member", "trustee"),
    )
    def a_relation_comes_or_goes(self, by, who, relation) -> Tries:
        ssin = self.table.ssins[who]
        holds = (relation, self.table.own) in self.domain.persons[ssin]
        yield (by, SetRelation(ssin, self.table.own, relation, not holds))

    @kind(1, who=people, by_register=either)
    def bankruptcy(self, by, who, by_register) -> Tries:
        """The register names the trustee; or somebody tries that, or another."""
        register = By("registrar")
        yield (register, SetFact(self.table.own, "bankrupt", True))
        uid = self.table.uid("trustee" if by.pick % 3 else who)
        replaced = ChangeHolders(Spot(self.table.own, EMPLOYER, LA), (Step("replace", "active", (uid,)),))
        yield (register if by_register else by, replaced)

    @kind(1, who=people)
    def out_and_in_again(self, by, who) -> Tries:
        """A user is removed and named anew before his authorizations have been ended."""
        users = Spot(self.table.own, EMPLOYER, USER)
        uid = self.somebody(users, who, by.pick, "active")
        yield (By("fitting"), OutAndIn(users, uid))
