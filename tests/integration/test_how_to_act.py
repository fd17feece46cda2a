"""docs/how-to/act-for-a-person.md: its examples, run as they stand on the page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.blocks import SAMPLES
from support.service import Service

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "act-for-a-person.md"
USERS = "cn=users,umCapacityName=employer,umEnterpriseNumber=0438726545,ou=enterprises,dc=um,dc=example"


@pytest.fixture
def hospital(fresh_service: Service) -> Service:
    fresh_service.start()
    imported = fresh_service.um("import", str(SAMPLES / "20-hospital-several-capacities.ldif"))
    assert imported.returncode == 0, imported.stdout + imported.stderr
    return fresh_service


def example(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return found


def run(service: Service, *command: str) -> None:
    environment = {**os.environ, "UM_STATE_DIR": str(service.settings.state_dir)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def state_of(service: Service, uid: str) -> list[str]:
    with service.connect("service") as client:
        (group,) = client.search(USERS, scope="base")
    return [
        name
        for name in ("member", "umBlockedMember")
        if any(value.startswith(f"uid={uid},".encode()) for value in group.attributes.get(name, ()))
    ]


def test_the_examples_block_and_unblock_in_her_name(hospital: Service) -> None:
    assert state_of(hospital, "rikvermeulen") == ["member"]
    run(hospital, "bash", "-eu", "-c", example("sh"))
    assert state_of(hospital, "rikvermeulen") == ["umBlockedMember"]
    run(hospital, sys.executable, "-c", example("python"))
    assert state_of(hospital, "rikvermeulen") == ["member"]
    audit = hospital.um("audit", "--enterprise", "0438726545", "--person", "sofieclaes")
    in_her_name = "sofieclaes through um-service (local-administrator@employer)"
    assert audit.stdout.count(in_her_name) == 2, audit.stdout
