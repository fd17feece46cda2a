"""What needs an enterprise of its own: CAM and LA in one person (E6, D16), the first holders of its roles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.enterprise import Enterprise, add_member, hand_over
from support.service import Service, wait_until
from um_directory.directory.client import DirectoryClient
from um_directory.errors import OperationRefused
from um_directory.model.operation import Add, Operation


class OneCapacity(Enterprise):
    """Only employer is active, and service-provider may be."""

    def _records(self) -> list[Add]:
        return [record for record in super()._records() if self.mandatary not in record.dn]


@pytest.fixture
def one(service: Service) -> OneCapacity:
    loaded = OneCapacity(service)
    loaded.load()
    return loaded


@pytest.fixture
def cam(one: OneCapacity) -> Iterator[DirectoryClient]:
    with log_in(one, "cam") as client:
        yield client


def log_in(enterprise: Enterprise, name: str) -> DirectoryClient:
    found: list[DirectoryClient] = []

    def bound() -> bool:
        try:
            found.append(enterprise.bind(name))
        except OperationRefused:
            return False
        return True

    wait_until(bound, what=f"log-in of {name}")
    return found[0]


def rule(client: DirectoryClient, operation: Operation) -> str | None:
    try:
        client.write(operation)
    except OperationRefused as error:
        return error.rule
    return "ok"


def activation(one: OneCapacity, administrator: str) -> tuple[Add, Add]:
    dn = f"umCapacityName=service-provider,{one.dn}"
    attributes = {"objectClass": (b"umCapacity",), "umCapacityName": (b"service-provider",)}
    return Add(dn, {**attributes, "mail": (b"s@t.example",)}), one.add_group(
        "local-administrator", dn, [administrator]
    )


def test_with_one_capacity_one_person_may_be_both(one: OneCapacity, cam: DirectoryClient) -> None:
    group = one.group("local-administrator", one.employer)
    assert rule(cam, hand_over(group, one.account("cam"))) == "ok"
    assert rule(cam, hand_over(group, one.account("la"))) == "ok"
    with one.service.connect("contact-center") as contact_center:
        chief = one.group("chief-access-manager")
        assert rule(contact_center, hand_over(chief, one.account("la"))) == "ok"
        assert rule(contact_center, hand_over(chief, one.account("cam"))) == "ok"


def test_what_stood_before_a_second_capacity_stays_and_is_not_made_again(
    one: OneCapacity, cam: DirectoryClient
) -> None:
    group = one.group("local-administrator", one.employer)
    assert rule(cam, hand_over(group, one.account("cam"))) == "ok"
    entry, own = activation(one, "cam")
    assert rule(cam, entry) == "ok"
    assert rule(cam, own) == "E6"  # with this one there are two
    assert rule(cam, activation(one, "la")[1]) == "ok"
    assert rule(cam, add_member(one.group("users", one.employer), one.account("founder"))) == "E3"
    assert (
        rule(cam, add_member(one.group("users", one.employer), one.account("tech"))) == "ok"
    )  # as LA, as ever
    assert rule(cam, hand_over(group, one.account("la"))) == "ok"
    assert rule(cam, hand_over(group, one.account("cam"))) == "E6"
    with one.service.connect("contact-center") as contact_center:
        chief = one.group("chief-access-manager")
        assert rule(contact_center, hand_over(chief, one.account("la"))) == "E6"
        assert rule(contact_center, hand_over(chief, one.account("cola"))) == "ok"


def test_a_take_over_brings_both_whatever_is_active(service: Service) -> None:
    """D16: by the registrar's first load; afterwards nobody combines them."""

    class TakenOver(Enterprise):
        def _records(self) -> list[Add]:
            records = super()._records()
            group = self.group("local-administrator", self.employer)
            place = next(index for index, record in enumerate(records) if record.dn == group)
            records[place] = self.add_group("local-administrator", self.employer, ["cam"])
            mandatary = [record for record in records if self.mandatary in record.dn]
            return [*mandatary_first(records, mandatary)]

    taken_over = TakenOver(service)
    taken_over.load()
    with log_in(taken_over, "cam") as cam:
        group = taken_over.group("local-administrator", taken_over.employer)
        assert rule(cam, hand_over(group, taken_over.account("la"))) == "ok"
        assert rule(cam, hand_over(group, taken_over.account("cam"))) == "E6"


def mandatary_first(records: list[Add], mandatary: list[Add]) -> list[Add]:
    """The other capacity is active before employer comes."""
    first = next(index for index, record in enumerate(records) if "umCapacityName=employer" in record.dn)
    rest = [record for record in records[first:] if record not in mandatary]
    return [*records[:first], *mandatary, *rest]


class Unled(OneCapacity):
    """Nobody is chief or co-chief access manager yet."""

    def _records(self) -> list[Add]:
        return [record for record in super()._records() if "chief-access-manager" not in record.dn]


def test_the_first_chief_comes_from_the_contact_center_and_his_first_deputies_from_him(
    service: Service,
) -> None:
    unled = Unled(service)
    unled.load()

    def chief(*names: str) -> Operation:
        return unled.add_group("chief-access-manager", None, [*names])

    deputies = unled.add_group("co-chief-access-managers", None, ["cocam"])
    with log_in(unled, "la") as la, service.connect("contact-center") as contact_center:
        assert rule(la, chief("la")) == "D1"
        assert rule(la, deputies) == "D2"
        assert rule(contact_center, deputies) == "D2"
        assert rule(contact_center, chief()) == "D1"
        assert rule(contact_center, chief("cam", "cocam")) == "D1"
        assert rule(contact_center, chief("stranger")) == "E1"
        assert rule(contact_center, chief("cam")) == "ok"
    with log_in(unled, "cam") as cam:
        assert rule(cam, unled.add_group("co-chief-access-managers", None, ["stranger"])) == "E1"
        assert rule(cam, deputies) == "ok"
