"""Each reading of the domain, as it is by default and as a site may choose it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from support.world import (
    OWN,
    World,
    account_dn,
    block,
    change,
    group_dn,
    hand_over,
    join,
    leave,
    modify,
)
from um_directory.errors import SettingsError
from um_directory.model.operation import Operation, SetPassword
from um_directory.model.readings import Readings
from um_directory.model.roles import Role
from um_directory.settings import load_settings
from um_directory.view.access import effective_access

LA, USERS, TECHNICAL = group_dn(Role.LA), group_dn(Role.USER), group_dn(Role.TECHNICAL)


def read_as(world: World, **chosen: object) -> World:
    world.view.readings = Readings(**chosen)  # type: ignore[arg-type]
    return world


def test_a1_the_applications_of_a_chief(world: World) -> None:
    assert effective_access(world.view, "thechief").applications == {"user-management"}
    read_as(world, a1_user_management_only=False)
    assert effective_access(world.view, "thechief").applications == {
        "user-management",
        "dimona",
        "dmfa",
        "mandates",
    }
    assert effective_access(world.view, "theuser1").applications == {"user-management", "dimona"}


def test_d4_a_blocked_administrator(world: World) -> None:
    assert world.decide("thechief", block(LA, "localadm")) == "D4"
    read_as(world, d4_block_administrator=True)
    assert world.decide("thechief", block(LA, "localadm")) is None
    assert world.decide("thechief", leave(LA, "localadm")) == "D4"
    assert world.decide("thechief", join(LA, "director")) == "D4"
    world.follow(block(LA, "localadm"))
    assert world.decide("thechief", hand_over(LA, "director")) == "D4", (
        "the blocked one must go in the same modify"
    )
    both = modify(
        LA, change("replace", "member", account_dn("director")), change("replace", "umBlockedMember")
    )
    assert world.decide("thechief", both) is None
    assert world.decide("coadmin1", join(USERS, "employee")) is None, "the capacity stays active"


def test_d11_oneself(world: World) -> None:
    co_cams = group_dn(Role.CO_CAM)
    world.put_group(USERS, ["coadmin1"])
    assert world.decide("coadmin1", block(USERS, "coadmin1")) == "D11"
    assert world.decide("thechief", join(co_cams, "thechief")) == "D11"
    read_as(world, d11_refuse_oneself=False)
    assert world.decide("coadmin1", block(USERS, "coadmin1")) is None
    assert world.decide("thechief", join(co_cams, "thechief")) is None


def test_d13_the_trustee(world: World) -> None:
    world.put_enterprise(OWN, umBankrupt="TRUE")
    assert world.decide("thechief", hand_over(LA, "director")) == "D13"
    read_as(world, d13_trustee=False)
    assert world.decide("thechief", hand_over(LA, "director")) is None


def test_d15_every_role_or_any(world: World) -> None:
    world.put_group(USERS, ["localadm", "theuser1"])
    resets: dict[str, Operation] = {
        uid: SetPassword(account_dn(uid), b"Wachtwoord2") for uid in ("localadm", "thechief", "theuser1")
    }
    decide = {uid: world.decide("coadmin1", operation) for uid, operation in resets.items()}
    assert decide == {"localadm": "D15", "thechief": "D15", "theuser1": None}
    read_as(world, d15_every_role=False)
    decide = {uid: world.decide("coadmin1", operation) for uid, operation in resets.items()}
    assert decide == {"localadm": None, "thechief": "D15", "theuser1": None}


def test_e4_a_technical_user_with_a_relation(world: World) -> None:
    world.put_group(TECHNICAL)
    assert world.decide("localadm", join(TECHNICAL, "stranger")) is None
    read_as(world, e4_relation=True)
    assert world.decide("localadm", join(TECHNICAL, "stranger")) == "E3"
    assert world.decide("localadm", join(TECHNICAL, "employee")) is None


def test_e6_chief_and_administrator_in_one(world: World) -> None:
    assert world.decide("cochief1", hand_over(LA, "thechief")) == "E6"
    read_as(world, e6_single_capacity=False)
    assert world.decide("cochief1", hand_over(LA, "thechief")) is None


@pytest.mark.parametrize(
    ("password", "chosen", "rule"),
    [
        (b",,,,,,,,,a", {}, "C2"),
        (b",,,,,,,,,a", {"c2_least_alphanumerics": 1}, None),
        (b"abcdefghijk", {}, "C2"),
        (b"abcdefghijk", {"c2_least_classes": 1}, None),
        (b"abcdefghij1", {}, None),
        (b"abcdefghij1", {"c2_least_classes": 3}, "C2"),
    ],
)
def test_c2_what_a_password_needs(
    world: World, password: bytes, chosen: dict[str, object], rule: str | None
) -> None:
    read_as(world, **chosen)
    assert world.decide("theuser1", SetPassword(account_dn("theuser1"), password)) == rule


class TestTheSettings:
    def test_default_to_the_domains_own(self) -> None:
        assert load_settings().readings == Readings()

    def test_come_from_the_environment_and_from_the_file(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        file = tmp_path / "um.toml"
        file.write_text('[readings]\ne8_withdrawn = "block"\ne6_single_capacity = false\n')
        monkeypatch.setenv("UM_CONFIG", str(file))
        monkeypatch.setenv("UM_READINGS__E6_SINGLE_CAPACITY", "true")
        assert load_settings().readings == Readings(e8_withdrawn="block")

    @pytest.mark.parametrize(
        ("name", "value", "words"),
        [
            ("E8_WITHDRAWN", "blok", "e8_withdrawn"),
            ("E9_UNKNOWN", "1", "e9_unknown"),
            ("C2_LEAST_CLASSES", "4", "c2_least_classes is 1 to 3"),
            ("C2_LEAST_ALPHANUMERICS", "11", "c2_least_alphanumerics is 0 to 10"),
        ],
    )
    def test_that_are_wrong_are_named(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
    ) -> None:
        monkeypatch.setenv(f"UM_READINGS__{name}", value)
        with pytest.raises(SettingsError, match=words):
            load_settings()

    def test_are_all_described(self) -> None:
        for reading in fields(Readings):
            rule = reading.name.partition("_")[0].upper()
            assert reading.metadata["description"].startswith(f"{rule}:")
