"""The sample enterprises against the rules, and the file of mistakes against its own comments."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from support.blocks import GOOD_SAMPLES, ROOT, SAMPLES, Block, blocks, read, records
from um_directory.guard.actor import Actor, actor_for
from um_directory.guard.evaluate import evaluate
from um_directory.model.roles import Role
from um_directory.view import View

SUFFIX = "dc=um,dc=example"
MISTAKES = SAMPLES / "90-mistakes.ldif"
HOSPITAL = "0438726545"


@pytest.fixture
def view() -> View:
    """A view that knows the catalogue."""
    made = View(SUFFIX)
    for add in records(ROOT / "ldif" / "catalogue.ldif"):
        made.put(add.dn, add.attributes)
    return made


def registrar(view: View) -> Actor:
    return actor_for(view.tree.operator("registrar"), view)


def load(view: View, name: str) -> None:
    for add in records(SAMPLES / name):
        refusal = evaluate(add, registrar(view), view)
        assert refusal is None, f"{add.dn}: {refusal.text if refusal else ''}"
        view.apply(add)


def test_the_registrar_loads_all_samples_one_after_another(view: View) -> None:
    for name in GOOD_SAMPLES:
        load(view, name)
    assert len(view.enterprises) == 5


def test_no_number_or_username_occurs_in_two_samples() -> None:
    counted: Counter[str] = Counter()
    for name in GOOD_SAMPLES:
        for add in records(SAMPLES / name):
            counted[add.dn.lower()] += 1
            counted.update(f"uid {value.decode()}" for value in add.attributes.get("uid", ()))
            counted.update(f"nsso {value.decode()}" for value in add.attributes.get("umNssoNumber", ()))
    assert counted.most_common(1)[0][1] == 1


@pytest.mark.parametrize("name", [*GOOD_SAMPLES, MISTAKES.name])
def test_no_sample_has_a_password(name: str) -> None:
    assert b"userpassword" not in (SAMPLES / name).read_bytes().lower()


def test_the_hospital_leaves_room_for_what_comes_next(view: View) -> None:
    load(view, "20-hospital-several-capacities.ldif")
    hospital = view.enterprises[HOSPITAL]
    assert hospital.entitled - set(hospital.capacities) == {"mandatary"}
    administrators = [next(iter(found.groups[Role.LA].active)) for found in hospital.capacities.values()]
    assert len(set(administrators)) == 2
    assert hospital.groups[Role.CO_CAM].active
    with_account = {account.ssin for account in view.accounts.values()}
    waiting = [person for ssin, person in view.persons.items() if ssin not in with_account]
    assert any("umemployeeof" in person.relations_with(HOSPITAL) for person in waiting)
    assert any(not person.relations for person in waiting)


def test_the_other_samples_are_what_their_names_say(view: View) -> None:
    for name in GOOD_SAMPLES:
        load(view, name)
    alone, bankrupt = view.enterprises["0804612723"], view.enterprises["0643991215"]
    assert not alone.has_personnel
    assert bankrupt.bankrupt
    (administrator,) = bankrupt.capacities["employer"].groups[Role.LA].active
    trustee = view.persons[view.accounts[administrator].ssin]
    assert trustee.relations_with(bankrupt.number) == {"umtrusteeof"}


# --- the file of mistakes ---


def ruled(block: Block) -> bool:
    return block.mistake is None or re.fullmatch(r"[A-Z]\d+", block.mistake) is not None


def test_each_rule_refuses_the_mistake_meant_for_it(view: View) -> None:
    for block in blocks(MISTAKES):
        if block.is_change or not ruled(block):
            continue
        add = read(block.text)
        refusal = evaluate(add, registrar(view), view)
        assert (refusal.rule if refusal else None) == block.mistake, f"{add.dn}: {refusal}"
        if refusal is None:
            view.apply(add)


def test_the_file_of_mistakes_counts_right() -> None:
    found = blocks(MISTAKES)
    right = sum(block.mistake is None for block in found)
    header = MISTAKES.read_bytes().partition(b"\n\n")[0].decode()
    numbers = re.search(r"(\d+) records are right and must be accepted, (\d+) are wrong", header)
    assert numbers
    assert (int(numbers[1]), int(numbers[2])) == (right, len(found) - right)


def test_there_is_a_mistake_of_every_kind() -> None:
    kinds = {block.mistake for block in blocks(MISTAKES)}
    assert kinds >= {"format", "schema", "exists", "N1", "N2", "N3", "C1", "D0", "E1", "E2", "E3"}
    assert kinds >= {"D1", "D3", "D4", "D6", "D7", "D14"}
