"""The configuration of downstream applications, and how its mistakes are told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from um_directory.errors import SettingsError
from um_directory.propagation.application import Application, load_applications
from um_directory.propagation.plan import Brake
from um_directory.resources import resource

GOOD = """
name = "one"
kind = "file"
application = "dmfa"
[target]
path = "one.jsonl"
"""


def load(tmp_path: Path, text: str, name: str = "one.toml") -> dict[str, Application]:
    (tmp_path / name).write_text(text, "utf-8")
    return load_applications(tmp_path, tmp_path)


def test_the_samples_can_be_loaded_and_are_switched_off(tmp_path: Path) -> None:
    samples = resource("config/applications")
    assert load_applications(samples, tmp_path) == {}
    for path in samples.glob("*.toml"):
        text = path.read_text("utf-8")
        (tmp_path / path.name).write_text(text.replace("enabled = false", "enabled = true"), "utf-8")
    found = load_applications(tmp_path, tmp_path)
    assert {name: item.kind for name, item in found.items()} == {"dimona-scim": "scim", "dmfa-file": "file"}


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD)["one"]
    assert found.schedule.every == timedelta(minutes=15)
    assert found.brake.limits() == Brake(removals=50, share=0.2, window=3600)
    assert found.attributes == {"sn", "givenName", "mail", "preferredLanguage"}
    assert found.applications == {"dmfa"}


def test_a_disabled_application_is_left_out_and_its_target_not_looked_at(tmp_path: Path) -> None:
    assert (
        load(tmp_path, GOOD.replace('path = "one.jsonl"', "").replace('"dmfa"', '"dmfa"\nenabled = false'))
        == {}
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('name = "one"', ""), "name: Field required"),
        (('name = "one"', 'name = "../one"'), "name: String should match"),
        (('"file"', '"carrier-pigeon"'), "kind: 'carrier-pigeon' is none of file, memory, scim"),
        (('"dmfa"', "[]"), "application: "),
        (('"dmfa"', '"dmfa"\nattributes = ["userPassword"]'), "attributes: 'userPassword' is none of"),
        (('"dmfa"', '"dmfa"\nshedule = 1'), "shedule: Extra inputs are not permitted"),
        (("[target]", "[schedule]\nevery = 15\n[target]"), "schedule.every: must be a number and a unit"),
        (("[target]", '[schedule]\nevery = "0s"\n[target]'), "schedule.every: must be a number and a unit"),
        (("[target]", '[schedule]\ncron = "often"\n[target]'), "schedule: Wrong number of fields"),
        (("[target]", '[schedule]\ncron = "0 * * * *"\nevery = "1h"\n[target]'), "schedule: give either"),
        (("[target]", "[brake]\nshare = 20\n[target]"), "brake.share: Input should be less than"),
        (('path = "one.jsonl"', ""), "target.path: Field required"),
        (("[target]", "[target"), "Expected ']'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_and_key(tmp_path: Path, change: tuple[str, str], problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, GOOD.replace(*change))
    assert str(caught.value).startswith(f"{tmp_path / 'one.toml'}: {problem}")


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ('url = "http://scim.example/v2"', "target.url: must be https"),
        ('url = "https://user:word@scim.example/v2"', "target.url: must not hold credentials"),
        ('url = "ftp://scim.example/v2"', "target.url: must be https://HOST/PATH"),
        ('url = "https://scim.example/v2"\ntoken_file = "none"', "target.token_file: "),
        ('url = "https://scim.example/v2"\ntoken = "x"', "target.token: Extra inputs are not permitted"),
    ],
)
def test_a_scim_target_is_checked_too(tmp_path: Path, target: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, GOOD.replace('"file"', '"scim"').replace('path = "one.jsonl"', target))
    assert str(caught.value).startswith(f"{tmp_path / 'one.toml'}: {problem}")


def test_a_token_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("t\n")
    token.chmod(0o640)
    text = GOOD.replace('"file"', '"scim"').replace(
        'path = "one.jsonl"', 'url = "https://scim.example"\ntoken_file = "token"'
    )
    with pytest.raises(SettingsError, match="others may read this file"):
        load(tmp_path, text)
    token.chmod(0o600)
    assert set(load(tmp_path, text)) == {"one"}


def test_every_mistake_in_every_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "two.toml").write_text(GOOD.replace('"file"', '"pigeon"'))
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, "nonsense")
    assert [line.partition(": ")[0] for line in str(caught.value).splitlines()] == [
        str(tmp_path / "one.toml"),
        str(tmp_path / "two.toml"),
    ]


def test_two_files_with_one_name_are_a_mistake(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    with pytest.raises(SettingsError, match=r"two\.toml: name: one is also in .*one\.toml"):
        load(tmp_path, GOOD, "two.toml")


def test_two_applications_with_one_target_are_a_mistake(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    with pytest.raises(SettingsError, match=r"two\.toml: target: the same as that of one"):
        load(tmp_path, GOOD.replace('"one"', '"two"'), "two.toml")


def test_a_value_that_is_wrong_is_not_repeated(tmp_path: Path) -> None:
    text = GOOD.replace('"file"', '"scim"').replace('path = "one.jsonl"', 'url = "https://a:hunter2@b"')
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text)
    assert "hunter2" not in str(caught.value)
