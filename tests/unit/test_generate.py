"""The generator: valid and unique numbers, records that the rules accept, the same every time."""

from __future__ import annotations

import re
import tracemalloc
from collections import Counter
from collections.abc import Iterable
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.be import ssn

from support.blocks import ROOT, read, records
from um_directory.errors import MalformedName
from um_directory.generate import MOST_ACCOUNTS, generate, to_ldif
from um_directory.generate.chance import Chance, Scatter
from um_directory.generate.shapes import CAPACITIES
from um_directory.guard.actor import actor_for
from um_directory.guard.evaluate import evaluate
from um_directory.model.dn import normalise
from um_directory.model.numbers import is_enterprise_number, is_nsso_number, is_ssin
from um_directory.model.operation import Add
from um_directory.view import View

SUFFIX = "dc=um,dc=example"
CATALOGUE = ROOT / "ldif" / "catalogue.ldif"


@pytest.fixture(scope="module")
def many() -> list[Add]:
    """Some hundred enterprises."""
    return list(generate(6000, seed=11))


def of_class(made: Iterable[Add], name: bytes) -> list[Add]:
    return [add for add in made if add.attributes["objectClass"] == (name,)]


def values(made: Iterable[Add], attribute: str) -> list[str]:
    return [value.decode() for add in made for value in add.attributes.get(attribute, ())]


@pytest.mark.parametrize("accounts", [1, 2, 3, 4, 17, 400])
@pytest.mark.parametrize("one_enterprise", [True, False])
def test_there_are_exactly_as_many_accounts_as_asked(accounts: int, one_enterprise: bool) -> None:
    made = list(generate(accounts, seed=3, one_enterprise=one_enterprise))
    assert len(of_class(made, b"umAccount")) == accounts
    assert (len(of_class(made, b"umEnterprise")) == 1) or not one_enterprise


def test_the_same_arguments_give_the_same_records(many: list[Add]) -> None:
    assert list(generate(6000, seed=11)) == many


def test_another_seed_gives_other_enterprises() -> None:
    first, second = (set(values(generate(300, seed=seed), "umEnterpriseNumber")) for seed in (1, 2))
    assert not first & second


def test_numbers_are_valid(many: list[Add]) -> None:
    assert all(map(is_enterprise_number, values(many, "umEnterpriseNumber")))
    assert all(map(is_nsso_number, values(many, "umNssoNumber")))
    assert all(map(is_ssin, values(many, "umSsin")))


def test_ssins_are_of_people_of_working_age(many: list[Add]) -> None:
    years = {ssn.get_birth_year(number) for number in values(many, "umSsin")}
    assert years == set(range(1956, 2006))


@pytest.mark.parametrize("attribute", ["umEnterpriseNumber", "umNssoNumber"])
def test_numbers_are_unique(many: list[Add], attribute: str) -> None:
    counted = Counter(values(many, attribute))
    assert counted.most_common(1)[0][1] == 1


def test_persons_and_accounts_match_one_to_one(many: list[Add]) -> None:
    persons = values(of_class(many, b"umPerson"), "umSsin")
    accounts = values(of_class(many, b"umAccount"), "umSsin")
    assert len(set(persons)) == len(persons)
    assert len(set(accounts)) == len(accounts)
    assert set(accounts) < set(persons), "some persons have no account"


def test_usernames_are_unique_and_of_the_form_of_c1(many: list[Add]) -> None:
    usernames = values(many, "uid")
    assert len(set(usernames)) == len(usernames)
    assert all(re.fullmatch("[a-z0-9]{8,30}", username) for username in usernames)


def test_nothing_has_a_password(many: list[Add]) -> None:
    assert not [add.dn for add in many if "userpassword" in {name.lower() for name in add.attributes}]


def test_an_entry_comes_after_its_parent_and_after_those_it_names(many: list[Add]) -> None:
    seen = {f"{container},{SUFFIX}" for container in ("ou=register", "ou=enterprises")}
    for add in many:
        dn = normalise(add.dn)
        assert dn.partition(",")[2] in seen, f"no parent yet: {dn}"
        for attribute in ("member", "umBlockedMember", "umEmployeeOf", "umAssociateOf", "umManagerOf"):
            named = {normalise(value.decode()) for value in add.attributes.get(attribute, ())}
            assert named <= seen, f"{dn} names what is not there yet"
        assert dn not in seen
        seen.add(dn)


@pytest.mark.parametrize(
    ("accounts", "seed", "one_enterprise"), [(3000, 1, False), (3000, 2, False), (700, 3, True), (2, 4, True)]
)
def test_the_rules_accept_every_record_from_the_registrar(
    accounts: int, seed: int, one_enterprise: bool
) -> None:
    view = View(SUFFIX)
    for add in records(CATALOGUE):
        view.put(add.dn, add.attributes)
    registrar = actor_for(view.tree.operator("registrar"), view)
    for add in generate(accounts, seed, one_enterprise=one_enterprise):
        refusal = evaluate(add, registrar, view)
        assert refusal is None, f"{add.dn}: {refusal.text if refusal else ''}"
        view.apply(add)
    assert len(view.accounts) == accounts


def test_the_shapes_vary(many: list[Add]) -> None:
    enterprises = of_class(many, b"umEnterprise")
    assert {"TRUE", "FALSE"} == set(values(enterprises, "umHasPersonnel"))
    assert "TRUE" in values(enterprises, "umBankrupt")
    assert {"nl", "fr", "de"} == set(values(enterprises, "preferredLanguage"))
    assert {9, 10} == {len(number) for number in values(enterprises, "umNssoNumber")}
    active = Counter(add.dn.partition(",")[2] for add in of_class(many, b"umCapacity"))
    assert set(active.values()) >= {1, 2, 3}
    groups = of_class(many, b"umRoleGroup")
    assert {add.dn.partition(",")[0] for add in groups if add.attributes.get("umBlockedMember")} >= {
        "cn=users",
        "cn=co-local-administrators",
    }
    assert any(int(number[2:4]) > 40 for number in values(many, "umSsin")), "bis numbers"
    sizes = Counter(add.dn.partition("umEnterpriseNumber=")[2][:10] for add in of_class(many, b"umAccount"))
    assert min(sizes.values()) == 1
    assert max(sizes.values()) >= 250
    assert sorted(sizes.values())[len(sizes) // 2] < 10, "most are small"


def test_every_kind_of_relation_occurs(many: list[Add]) -> None:
    relations = {
        name for add in of_class(many, b"umPerson") for name in add.attributes if name.endswith("Of")
    }
    assert len(relations) == 9


def test_without_personnel_there_are_no_employees(many: list[Add]) -> None:
    alone = {
        add.dn.encode()
        for add in of_class(many, b"umEnterprise")
        if add.attributes["umHasPersonnel"] == (b"FALSE",)
    }
    assert not [add.dn for add in many if alone & set(add.attributes.get("umEmployeeOf", ()))]


def test_some_people_are_related_to_two_enterprises(many: list[Add]) -> None:
    persons = of_class(many, b"umPerson")
    related = [
        {value for name in add.attributes if name.endswith("Of") for value in add.attributes[name]}
        for add in persons
    ]
    assert {len(enterprises) for enterprises in related} == {1, 2}


def test_capacities_are_those_of_the_catalogue() -> None:
    view = View(SUFFIX)
    for add in records(CATALOGUE):
        view.put(add.dn, add.attributes)
    assert set(CAPACITIES) == set(view.catalogue.capacities)
    for name, shape in CAPACITIES.items():
        definition = view.catalogue.capacities[name]
        assert set(shape.applications) <= definition.applications
        assert {attribute.lower() for attribute in shape.asked} == definition.activation_attributes


def test_memory_does_not_grow_with_the_number_of_accounts() -> None:
    # Held as a list, these records take more than 50 MiB; one enterprise at a time, about 2.
    tracemalloc.start()
    try:
        for _ in generate(20_000, seed=5):
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2**20


def test_a_large_stream_starts_at_once() -> None:
    assert len(list(islice(generate(MOST_ACCOUNTS, seed=1), 50))) == 50


@pytest.mark.parametrize("accounts", [0, -1, MOST_ACCOUNTS + 1])
def test_a_number_of_accounts_out_of_range_is_an_error(accounts: int) -> None:
    with pytest.raises(ValueError, match="accounts must be"):
        generate(accounts, seed=1)


def test_a_malformed_suffix_is_an_error() -> None:
    with pytest.raises(MalformedName):
        generate(1, seed=1, suffix="nonsense")


def test_the_suffix_is_a_parameter() -> None:
    text = b"".join(map(to_ldif, generate(40, seed=1, suffix="o=elsewhere"))).decode()
    assert SUFFIX not in text
    theirs = b"".join(map(to_ldif, generate(40, seed=1))).decode()
    assert theirs.replace(SUFFIX, "o=elsewhere") == text


@given(st.integers(1, 400), st.integers())
def test_a_scatter_meets_every_number_once(size: int, seed: int) -> None:
    scatter = Scatter.seeded(size, Chance(seed))
    assert sorted(scatter.at(index) for index in range(size)) == list(range(size))


def test_a_scatter_never_repeats_itself() -> None:
    with pytest.raises(ValueError, match="only 5 different numbers"):
        Scatter.seeded(5, Chance(1)).at(5)


@given(st.lists(st.binary(max_size=12) | st.sampled_from([b" a", b"a ", b":", b"<", b"a\nb", b"\0", b"\r"])))
def test_ldif_keeps_every_value(raw: list[bytes]) -> None:
    add = Add("o=um", {"o": (b"um",), **({"description": tuple(raw)} if raw else {})})
    text = to_ldif(add)
    assert text.endswith(b"\n\n")
    assert text.isascii()
    assert read(text) == add
