"""Two logs joined into one stream of events: what belongs together, in order; filters; what is never shown."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from um_directory.audit.events import Changed, Event, Kind
from um_directory.audit.filters import Person, Wanted, normal
from um_directory.audit.guard_record import Line, read_record
from um_directory.audit.join import joined
from um_directory.audit.lines import line
from um_directory.audit.slapd_log import LogRecord, _changes, _needs_old, _written
from um_directory.model.operation import Add, Delete, Modification, Modify, Operation, Rename

SUFFIX = "dc=um,dc=example"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ENTERPRISE = f"umEnterpriseNumber=0403019261,ou=enterprises,{SUFFIX}"
USERS = f"cn=users,umCapacityName=employer,{ENTERPRISE}"
JANSSENS = f"uid=jjanssens1,ou=accounts,{ENTERPRISE}"
PEETERS = f"uid=ppeeters1,ou=accounts,{ENTERPRISE}"
REGISTRAR = f"cn=registrar,ou=operators,{SUFFIX}"


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def record(start: str, seconds: float, connection: int = 7, operation: Operation | None = None) -> LogRecord:
    """slapd's record of a write that ended `seconds` after noon."""
    whole = after(seconds).replace(microsecond=0)
    return LogRecord(start, whole, after(seconds), connection, REGISTRAR, operation or Modify(USERS, ()), ())


def told(kind: Kind, seconds: float, start: str = "", connection: int = 7, **more: object) -> Line:
    event = Event(after(seconds), kind, "modify", USERS, JANSSENS, connection=connection, **more)  # type: ignore[arg-type]
    return Line(event, start)


def kinds(records: Iterable[LogRecord], lines: Iterable[Line]) -> list[Kind]:
    return [event.kind for event in joined(records, lines)]


# --- the join ---


def test_the_two_halves_of_a_commit_become_one() -> None:
    (event,) = joined([record("1", 1)], [told(Kind.COMMITTED, 0.4, "1", roles=("user@employer",))])
    assert (event.kind, event.actor, event.roles) == (Kind.COMMITTED, JANSSENS, ("user@employer",))
    assert event.time == after(0.4)


@pytest.mark.parametrize("line_", [told(Kind.COMMITTED, 0, "1", connection=8), told(Kind.COMMITTED, 0, "2")])
def test_another_connection_or_start_is_another_write(line_: Line) -> None:
    assert sorted(kinds([record("1", 0)], [line_])) == [Kind.UNCONFIRMED, Kind.UNLOGGED]


def test_two_writes_that_began_together_keep_their_own_halves() -> None:
    records = [record("1", 0, connection=8), record("1", 0, connection=7)]
    lines = [told(Kind.COMMITTED, 0.1, "1", connection=7), told(Kind.COMMITTED, 0.2, "1", connection=8)]
    events = list(joined(records, lines))
    assert [(event.kind, event.connection) for event in events] == [(Kind.COMMITTED, 7), (Kind.COMMITTED, 8)]


def test_what_the_guard_was_not_told_is_unconfirmed_and_names_who_was_authorised() -> None:
    (event,) = joined([record("1", 5)], [])
    assert (event.kind, event.actor, event.time) == (Kind.UNCONFIRMED, REGISTRAR, after(5))


def test_what_slapd_does_not_have_is_unlogged_and_keeps_who_did_it() -> None:
    lines = [told(Kind.COMMITTED, 0, "1"), told(Kind.COMMITTED, 100, "2")]
    events = list(joined([record("2", 100)], lines))
    assert [(event.kind, event.actor) for event in events] == [
        (Kind.UNLOGGED, JANSSENS),
        (Kind.COMMITTED, JANSSENS),
    ]


def test_everything_comes_in_order_of_time() -> None:
    # slapd's records end in another order than the guard was told, and their seconds are whole.
    records = [record("2", 2.1), record("1", 2.0), record("3", 70)]
    lines = [
        told(Kind.REFUSED, 0.5),
        told(Kind.COMMITTED, 2.0, "1"),
        told(Kind.REFUSED, 2.05),
        told(Kind.COMMITTED, 2.1, "2"),
        told(Kind.WITHDRAWN, 3),
        told(Kind.COMMITTED, 70.2, "3"),
        told(Kind.REFUSED, 200),
    ]
    events = list(joined(records, lines))
    assert [event.time for event in events] == sorted(line_.event.time for line_ in lines)
    assert not {Kind.UNCONFIRMED, Kind.UNLOGGED} & {event.kind for event in events}


def test_a_write_that_waited_long_for_its_turn_still_finds_its_other_half() -> None:
    # It began at noon and ended 50 seconds later: the start is in the key, the end in the order.
    assert kinds([record("noon", 50)], [told(Kind.COMMITTED, 49.9, "noon")]) == [Kind.COMMITTED]


def test_memory_is_bounded() -> None:
    """What was matched, or was waited for long enough, comes out while the logs are still being read."""
    read = 0

    def lines() -> Iterable[Line]:
        nonlocal read
        for number in range(10_000):
            read += 1
            yield told(Kind.COMMITTED if number % 2 else Kind.REFUSED, number, str(number))

    out = 0
    for _event in joined((record(str(number), number) for number in range(0, 10_000, 10)), lines()):
        out += 1
        assert read - out < 200
    assert out > 10_000


# --- the guard's record ---


def test_lines_that_are_cut_short_or_no_events_are_passed_over(tmp_path: Path) -> None:
    good = {
        "time": "2026-11-23T12:00:00.000001Z",
        "event": "refused",
        "rule": "D2",
        "reason": "D2: no",
        "dn": USERS,
    }
    withdrawn = {"time": "2026-11-23T12:00:01.000000Z", "event": "withdrawn", "rule": "E1", "connection": 3}
    lines = [
        json.dumps(good),
        json.dumps(good)[:40],
        "",
        "[]",
        '{"event": 3}',
        json.dumps({**good, "time": "x"}),
    ]
    lines += [json.dumps({**good, "event": "resumed"}), "[" * 5000, json.dumps(withdrawn)]
    (tmp_path / "2026-11-23.jsonl").write_text("\n".join(lines) + "\n")
    found = [item.event for item in read_record(tmp_path)]
    assert [(event.kind, event.rule) for event in found] == [(Kind.REFUSED, "D2"), (Kind.WITHDRAWN, "E1")]
    assert found[0].time == datetime(2026, 11, 23, 12, 0, 0, 1, UTC)


def test_days_come_in_order_and_those_before_are_not_opened(tmp_path: Path) -> None:
    for day in ("2026-11-24", "2026-11-22", "2026-11-23"):
        text = json.dumps({"time": f"{day}T00:00:00.000000Z", "event": "refused", "rule": day})
        (tmp_path / f"{day}.jsonl").write_text(text + "\n")
    assert [item.event.rule for item in read_record(tmp_path)] == ["2026-11-22", "2026-11-23", "2026-11-24"]
    since = datetime(2026, 11, 23, tzinfo=UTC).date()
    assert [item.event.rule for item in read_record(tmp_path, since)] == ["2026-11-23", "2026-11-24"]
    assert list(read_record(tmp_path / "none")) == []


# --- slapd's log: old and new ---


def changes(operation: Operation, **old: tuple[bytes, ...]) -> list[Changed]:
    return list(_changes(operation, {name: list(values) for name, values in old.items()}))


def test_old_and_new_are_what_differs_afterwards() -> None:
    change = Modify(
        USERS,
        (
            Modification("replace", "member", (b"b", b"c")),
            Modification("add", "mail", (b"x",)),
            Modification("delete", "mail", (b"x",)),
            Modification("delete", "mail", (b"y",)),
            Modification("delete", "title"),
        ),
    )
    assert changes(change, Member=(b"a", b"b"), title=(b"t",)) == [
        Changed("member", ("a",), ("c",)),
        Changed("mail", ("y",), ()),
        Changed("title", ("t",), ()),
    ]


def test_what_a_later_step_takes_back_never_came() -> None:
    steps = (Modification("add", "mail", (b"x",)), Modification("replace", "mail", (b"y",)))
    assert changes(Modify(USERS, steps), mail=(b"a",)) == [Changed("mail", ("a",), ("y",))]


def test_an_entry_that_came_or_went_has_all_its_values_but_slapds_own() -> None:
    add = Add(JANSSENS, {"cn": (b"J",), "entryUUID": (b"u",), "jpegPhoto": (b"\xff",)})
    assert changes(add) == [Changed("cn", (), ("J",)), Changed("jpegPhoto", (), ("\\xff",))]
    assert changes(Delete(JANSSENS), cn=(b"J",), entryUUID=(b"u",)) == [Changed("cn", ("J",), ())]
    assert changes(Rename(JANSSENS, "uid=x")) == [Changed("rdn", (), ("uid=x",))]


def test_the_moment_of_a_write_is_in_its_entrycsn() -> None:
    csn = (b"20261123174527.928955Z#000000#000#000000",)
    moment = datetime(2026, 11, 23, 17, 45, 27, 928955, UTC)
    assert _written(Modify(USERS, (Modification("replace", "entryCSN", csn),))) == moment
    assert _written(Add(USERS, {"entryCSN": csn})) == moment
    assert _written(Add(USERS, {"entryCSN": (b"20261123174527.9Z#0",)})) is None
    assert _written(Delete(USERS)) is None


@pytest.mark.parametrize("name", ["userPassword", "USERPASSWORD", "userPassword;lang-en", "pwdHistory"])
def test_a_password_is_never_shown_but_that_it_changed_is(name: str) -> None:
    for operation in (
        Add(JANSSENS, {name: (b"{ARGON2}secret",)}),
        Modify(JANSSENS, (Modification("replace", name, (b"{ARGON2}secret",)),)),
        Modify(JANSSENS, (Modification("add", name, (b"{ARGON2}secret",)),)),
        Delete(JANSSENS),
    ):
        (change,) = changes(operation, **{name: (b"{ARGON2}secret",)})
        assert change == Changed(name, hidden=True)


@pytest.mark.parametrize(
    ("operation", "needed"),
    [
        (Add(USERS, {}), False),
        (Delete(USERS), True),
        (Modify(USERS, (Modification("add", "member", (b"a",)),)), False),
        (Modify(USERS, (Modification("delete", "member", (b"a",)),)), False),
        (Modify(USERS, (Modification("delete", "member"),)), True),
        (Modify(USERS, (Modification("replace", "member", (b"a",)),)), True),
        (Modify(USERS, (Modification("replace", "entryCSN", (b"a",)),)), False),
        (Modify(USERS, (Modification("replace", "userPassword", (b"a",)),)), False),
    ],
)
def test_old_values_are_read_only_where_they_tell_something(operation: Operation, needed: bool) -> None:
    assert _needs_old(operation) is needed


# --- filters ---

COMMITTED = Event(
    NOON,
    Kind.COMMITTED,
    "modify",
    USERS,
    JANSSENS,
    JANSSENS,
    changes=(Changed("member", (), (PEETERS.upper(),)),),
)
REFUSED = Event(NOON, Kind.REFUSED, "modify", USERS, JANSSENS, rule="E3", reason="E3: of ppeeters1, no")


def test_a_person_is_who_acts_whom_it_is_done_to_and_who_is_named() -> None:
    for event in (COMMITTED, REFUSED):
        for person in (Person(usernames={"jjanssens1"}), Person(usernames={"ppeeters1"})):
            assert person.concerned(event)
        assert not Person(usernames={"ppeeters"}).concerned(event)
    assert Person({normal(PEETERS)}).concerned(COMMITTED)
    assert Person({normal(USERS)}).concerned(COMMITTED)
    assert not Person(usernames={"users"}).concerned(COMMITTED)


def test_an_ssin_finds_accounts_that_came_and_went() -> None:
    person = Person(ssin="85073003328")
    made = Event(
        NOON, Kind.COMMITTED, "add", PEETERS, REGISTRAR, changes=(Changed("umSsin", (), ("85073003328",)),)
    )
    assert not person.concerned(COMMITTED)
    assert person.concerned(made)
    assert person.concerned(COMMITTED)  # which names the account


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        (Wanted(), True),
        (Wanted(enterprise="0403019261"), True),
        (Wanted(enterprise="0884303369"), False),
        (Wanted(rule="e3"), True),
        (Wanted(rule="E1"), False),
        (Wanted(refused=True), True),
        (Wanted(since=NOON), True),
        (Wanted(since=after(1)), False),
        (Wanted(until=NOON), False),
        (Wanted(until=after(1)), True),
        (Wanted(refused=True, enterprise="0884303369"), False),
    ],
)
def test_conditions(wanted: Wanted, matches: bool) -> None:
    assert wanted.matches(REFUSED) is matches


def test_only_refused_leaves_out_what_was_done_and_what_was_withdrawn() -> None:
    assert not Wanted(refused=True).matches(COMMITTED)
    assert not Wanted(refused=True).matches(Event(NOON, Kind.WITHDRAWN, rule="E1"))


def test_an_enterprise_is_also_where_the_actor_is_from_and_what_a_relation_names() -> None:
    elsewhere = Event(NOON, Kind.REFUSED, "modify", f"cn=x,{SUFFIX}", JANSSENS)
    relation = Event(NOON, Kind.COMMITTED, "modify", f"umSsin=85073003328,ou=register,{SUFFIX}", REGISTRAR)
    assert Wanted(enterprise="0403019261").matches(elsewhere)
    assert not Wanted(enterprise="0403019261").matches(relation)
    named = Event(**{**_fields(relation), "changes": (Changed("umDirectorOf", (ENTERPRISE,), ()),)})
    assert Wanted(enterprise="0403019261").matches(named)


def _fields(event: Event) -> dict[str, object]:
    return {name: getattr(event, name) for name in Event.__slots__}


# --- as a line ---


def test_a_line_has_who_what_old_and_new() -> None:
    event = Event(**{**_fields(COMMITTED), "roles": ("local-administrator@employer",)})
    text = line(event, SUFFIX)
    assert text.split("  ", 1)[0] == NOON.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    assert "jjanssens1 (local-administrator@employer)" in text
    assert text.endswith(
        "modify cn=users,umCapacityName=employer,umEnterpriseNumber=0403019261: member +PPEETERS1"
    )


def test_a_refusal_says_its_rule_once_and_who_stood_behind_the_service() -> None:
    service = f"cn=um-service,ou=services,{SUFFIX}"
    text = line(Event(**{**_fields(REFUSED), "bind": service}), SUFFIX)
    assert "refused E3 " in text
    assert "jjanssens1 through um-service" in text
    assert text.endswith(": of ppeeters1, no")


def test_many_values_are_counted() -> None:
    many = Changed("member", tuple("abcde"), ())
    assert line(Event(NOON, Kind.COMMITTED, changes=(many,)), SUFFIX).endswith("member -a -b -c (-2 more)")
