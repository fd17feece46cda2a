"""wanted - acknowledged = plan, and what the brake holds."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.propagation import record
from um_directory.propagation.plan import (
    REMOVAL,
    Acknowledged,
    Action,
    Brake,
    Create,
    Deactivate,
    Known,
    Plan,
    Remove,
    Update,
    changes,
    plan,
)
from um_directory.propagation.record import Record


def known(item: Record, **fields: object) -> Acknowledged:
    """What a target says that it has after being told `item`."""
    return Acknowledged(**{"id": item.id, "fingerprint": item.fingerprint(), "active": item.active, **fields})  # type: ignore[arg-type]


def compared(records: Iterable[Record], acknowledged: Iterable[Acknowledged]) -> list[Action]:
    return list(changes(records, {item.id: item for item in acknowledged}))


def removals(count: int, *, confirmed: bool = False) -> list[Action]:
    return [Remove(f"u{number:06}", confirmed=confirmed) for number in range(count)]


def test_in_step_there_is_nothing_to_do() -> None:
    assert compared([record()], [known(record())]) == []


def test_a_record_never_acknowledged_is_created() -> None:
    assert compared([record()], []) == [Create(record())]


def test_a_changed_record_is_updated_under_the_targets_name() -> None:
    new = record(mail="new@janssens.example")
    assert compared([new], [known(record(), remote_id="42")]) == [Update(new, "42")]


def test_losing_the_access_is_a_deactivation_and_getting_it_back_an_update() -> None:
    blocked = record(active=False)
    assert compared([blocked], [known(record())]) == [Deactivate(blocked)]
    assert compared([record()], [known(blocked)]) == [Update(record())]


def test_a_change_of_an_inactive_record_is_no_second_deactivation() -> None:
    renamed = record(active=False, surname="Peeters")
    assert compared([renamed], [known(record(active=False))]) == [Update(renamed)]


def test_what_is_not_wanted_any_more_is_removed() -> None:
    assert compared([], [known(record(), remote_id="42")]) == [Remove("firstuser", "42")]


def test_each_action_says_what_it_would_do() -> None:
    texts = [
        action.description()
        for action in (Create(record()), Deactivate(record(active=False)), Remove("firstuser"))
    ]
    assert texts == [
        "Would create firstuser (active; enterprise 0403019261; employer/user)",
        "Would deactivate firstuser (inactive; enterprise 0403019261; employer/user)",
        "Would remove firstuser",
    ]


def test_taking_away_comes_before_giving() -> None:
    actions = [Create(record("a1234567")), Update(record("b1234567")), Remove("c1234567")]
    actions.append(Deactivate(record("d1234567", active=False)))
    made = plan(actions, Known(acknowledged=100))
    assert [action.verb for action in made.actions] == ["deactivate", "remove", "update", "create"]
    assert made.summary() == {
        "deactivate": 1, "remove": 1, "update": 1, "create": 1, "held": 0, "parked": 0
    }  # fmt: skip


def test_a_parked_version_is_not_tried_again_but_a_new_one_is() -> None:
    parked = {"firstuser": record().fingerprint()}
    assert plan([Create(record())], Known(0, parked)) == Plan(parked=("firstuser",))
    new = record(mail="new@janssens.example")
    assert plan([Create(new)], Known(0, parked)).actions == (Create(new),)


def test_a_parked_removal_is_not_tried_again() -> None:
    made = plan([Remove("firstuser")], Known(100, {"firstuser": REMOVAL}))
    assert made == Plan(parked=("firstuser",))


@pytest.mark.parametrize(
    ("gone", "acknowledged", "lately", "held"),
    [
        (50, 100, 0, False),  # many, but not more than 50
        (51, 1000, 0, False),  # more than 50, but a small share
        (51, 255, 0, False),  # exactly the share
        (51, 254, 0, True),
        (20, 223, 31, True),  # in pieces, it is as many
        (20, 224, 31, False),
    ],
)
def test_the_brake_holds_many_removals_that_are_a_large_share(
    gone: int, acknowledged: int, lately: int, held: bool
) -> None:
    made = plan(removals(gone), Known(acknowledged, removed_lately=lately))
    assert (len(made.held), len(made.actions)) == ((gone, 0) if held else (0, gone))
    assert bool(made.reason) == held


def test_what_is_not_a_removal_goes_on_while_removals_are_held() -> None:
    block = Deactivate(record(active=False))
    made = plan([*removals(60), block], Known(acknowledged=60))
    assert made.actions == (block,)
    assert len(made.held) == 60
    assert made.reason == "60 of 60 would be removed within 60 minutes"


def test_confirmed_removals_pass_and_do_not_count() -> None:
    made = plan([*removals(60, confirmed=True), Remove("zoe12345")], Known(acknowledged=61))
    assert len(made.actions) == 61
    assert made.held == ()


def test_the_limits_are_the_configurations() -> None:
    strict = Brake(removals=0, share=0.0)
    assert len(plan(removals(1), Known(100, brake=strict)).held) == 1


def test_when_the_directory_reads_empty_even_one_removal_is_held() -> None:
    made = plan(removals(1), Known(acknowledged=1, reads_empty=True))
    assert len(made.held) == 1
    assert "nobody" in made.reason


USERNAMES = st.sampled_from(["ann12345", "bob12345", "cid12345", "dee12345"])
RECORDS = st.dictionaries(USERNAMES, st.tuples(st.booleans(), st.sampled_from(["x", "y"]))).map(
    lambda found: {uid: record(uid, active=active, mail=mail) for uid, (active, mail) in found.items()}
)


@given(before=RECORDS, after=RECORDS)
def test_a_plan_carried_out_leaves_nothing_to_plan(
    before: dict[str, Record], after: dict[str, Record]
) -> None:
    target = {item.id: known(item) for item in before.values()}
    for action in plan(changes(after.values(), target), Known(len(target))).actions:
        if isinstance(action, Remove):
            del target[action.id]
        else:
            target[action.id] = known(action.record)
    assert target == {uid: known(item) for uid, item in after.items()}
    assert list(changes(after.values(), target)) == []
