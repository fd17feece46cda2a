"""The rehearsal: rules, existence, and what earlier records would have done, without a directory."""

from __future__ import annotations

import pytest

from support.blocks import ROOT, SAMPLES, records
from um_directory.errors import OperationRefused
from um_directory.ldif_import.dry_run import Acting, Rehearsal
from um_directory.ldif_import.names import NameTable, parent
from um_directory.model.operation import Add, Delete, Modification, Modify, Operation
from um_directory.view import View

SUFFIX = "dc=um,dc=example"
BAKERY = "10-bakery-one-capacity.ldif"


def rehearsal(actor: str = f"cn=registrar,ou=operators,{SUFFIX}") -> Rehearsal:
    """As after the first start: base tree and catalogue."""
    view, names = View(SUFFIX), NameTable()
    names.enter(SUFFIX, 0)
    for add in [*records(ROOT / "ldif" / "base.ldif"), *records(ROOT / "ldif" / "catalogue.ldif")]:
        view.put(add.dn, add.attributes)
        names.enter(add.dn, 0)
        names.change(parent(add.dn), +1)
    return Rehearsal(view, names, Acting(actor))


def refusal(made: Rehearsal, operation: Operation) -> OperationRefused:
    with pytest.raises(OperationRefused) as caught:
        made.write(operation)
    return caught.value


def test_later_records_see_earlier_ones() -> None:
    made = rehearsal()
    for add in records(SAMPLES / BAKERY):
        made.write(add)


def test_what_the_rules_refuse_is_refused_with_the_rule() -> None:
    made = rehearsal()
    _enterprise, *rest = records(SAMPLES / BAKERY)
    group = next(add for add in rest if add.dn.startswith("cn=chief-access-manager"))
    assert refusal(made, group).rule is not None  # its enterprise is not there


def test_a_refused_record_leaves_no_trace() -> None:
    made = rehearsal()
    wrong = Add(f"umSsin=81050103521,ou=register,{SUFFIX}", {"objectClass": (b"umPerson",)})
    assert refusal(made, wrong).rule == "N1"
    assert refusal(made, wrong).rule == "N1"  # not: exists


def person(ssin: str = "85073003328") -> Add:
    attributes = {"objectClass": (b"umPerson",), "umSsin": (ssin.encode(),), "sn": (b"Janssens",)}
    return Add(f"umSsin={ssin},ou=register,{SUFFIX}", attributes)


def test_an_entry_exists_after_it_was_added_and_not_after_it_was_deleted() -> None:
    made = rehearsal()
    change = Modify(person().dn, (Modification("replace", "sn", (b"Peeters",)),))
    assert refusal(made, change).code == 32
    made.write(person())
    made.write(change)
    assert refusal(made, person()).code == 68
    made.write(Delete(person().dn))
    assert refusal(made, Delete(person().dn)).code == 32
    made.write(person())


def test_an_entry_with_others_below_it_cannot_go() -> None:
    made = rehearsal()
    enterprise = next(add for add in records(SAMPLES / BAKERY) if add.dn.startswith("umEnterpriseNumber="))
    accounts = next(add for add in records(SAMPLES / BAKERY) if add.dn.startswith("ou=accounts,"))
    assert refusal(made, accounts).code == 32
    made.write(enterprise)
    made.write(accounts)
    refused = refusal(made, Delete(enterprise.dn))
    assert refused.code == 66 or refused.rule


def test_somebody_unknown_may_nothing() -> None:
    assert refusal(rehearsal(f"cn=nobody,{SUFFIX}"), person()).rule
