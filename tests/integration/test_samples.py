"""The sample enterprises against the rules, and the file of mistakes against its own comments."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from support.blocks import GOOD_SAMPLES, LEGACY, ROOT, SAMPLES, Block, blocks, read, records
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
    assert len(view.enterprises) == 7


def test_no_number_or_username_occurs_in_two_samples() -> None:
    counted: Counter[str] = Counter()
    for name in GOOD_SAMPLES:
        for add in records(SAMPLES / name):
            counted[add.dn.lower()] += 1
            counted.update(f"uid {value.decode()}" for value in add.attributes.get("uid", ()))
            counted.update(f"nsso {value.decode()}" for value in add.attributes.get("umNssoNumber", ()))
    assert counted.most_common(1)[0][1] == 1


@pytest.mark.parametrize("path", sorted((ROOT / "ldif").rglob("*.ldif")), ids=lambda path: path.name)
def test_the_name_of_an_entry_is_among_its_attributes(path: Path) -> None:
    for block in blocks(path):
        if block.mistake != "format" and not block.is_change:
            add = read(block.text)
            kind, _, value = add.dn.partition(",")[0].partition("=")
            assert add.attributes[kind] == (value.encode(),), add.dn


@pytest.mark.parametrize("name", [*GOOD_SAMPLES, MISTAKES.name, LEGACY.name])
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


# --- the catalogue ---

E2 = {"umemployeeof", "umdirectorof", "ummanagingdirectorof", "ummanagerof", "umfounderof"}
E3 = E2 - {"umfounderof"} | {"umassociateof", "ummemberof"}


def test_the_catalogue_has_the_relations_of_e2_and_e3(view: View) -> None:
    assert len(view.catalogue.capacities) == 8
    for name, definition in view.catalogue.capacities.items():
        also = {"umserviceproviderof"} if name == "employer" else set()  # E5
        assert definition.administrator_relations == E2 | also
        assert definition.user_relations == E3 | also


def test_a_capacity_offers_applications_that_exist(view: View) -> None:
    for definition in view.catalogue.capacities.values():
        assert definition.applications
        assert definition.applications < view.catalogue.applications
        assert "user-management" not in definition.applications  # comes with the role (A1 to A3)


def test_a_declaration_starts_from_what_its_rules_allow() -> None:
    declarations = [add for add in records(ROOT / "ldif" / "catalogue.ldif") if "ou=declarations" in add.dn]
    names = {add.dn.partition(",")[0].removeprefix("cn=") for add in declarations}
    expected = {"wech": (1, 2, 3, 5, 6, 7, 8, 9), "zima": (1, 2, 3, 5, 6), "aoat": (1, 2, 3, 4)}
    assert names == {f"{group}-{number}" for group, numbers in expected.items() for number in numbers}
    for add in declarations:
        (group,) = add.attributes["umDeclarationGroup"]
        assert add.attributes["cn"][0].startswith(group + b"-")
        assert add.attributes["umDefaultRecipient"][0] in add.attributes["umAllowedRecipient"]
        assert add.attributes["umDefaultChannel"][0] in add.attributes["umAllowedChannel"]


@pytest.mark.parametrize("language", ["en", "nl", "fr", "de"])
def test_everything_in_the_catalogue_is_described(language: str) -> None:
    described = [
        add
        for add in records(ROOT / "ldif" / "catalogue.ldif")
        if b"groupOfURLs" not in add.attributes["objectClass"]
    ]
    missing = [add.dn for add in described if not add.attributes.get(f"description;lang-{language}")]
    assert not missing
