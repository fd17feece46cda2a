"""`um scheduler` and `um sync` as people run them: the whole service, a real SCIM server, real files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from apscheduler.triggers.interval import IntervalTrigger

from support.enterprise import Enterprise, add_member, block, remove_member, unblock
from support.propagation import SUFFIX, application, small_view
from support.scim import ScimServer
from support.service import Service, free_port, wait_until
from um_directory.propagation.application import Schedule
from um_directory.propagation.ledger import Ledger
from um_directory.propagation.mirror import EVERYTHING, Reading
from um_directory.propagation.state import StateStore
from um_directory.scheduling.jobs import trigger
from um_directory.scheduling.worker import Worker

TENANT = "people"
SECONDS = 10.0  # more than enough for what takes milliseconds


class Site:
    """A service with five applications: SCIM, files, one that nobody answers for, and one with a tight brake."""

    def __init__(self, directory: Path) -> None:
        self.scim = ScimServer(directory)
        self.service = Service()
        self.dead_port = free_port()
        people = 'application = "user-management"\n'
        self.configure("scim", "scim", people, f'url = "{self.scim.url(TENANT)}"\ntimeout_seconds = 5\n')
        self.configure("files", "file", people, 'path = "out/files.jsonl"\n')
        self.configure("often", "file", people + '[schedule]\nevery = "1s"\n', 'path = "out/often.jsonl"\n')
        self.configure(
            "tight", "file", people + "[brake]\nremovals = 0\nshare = 0\n", 'path = "out/tight.jsonl"\n'
        )
        self.configure("dead", "scim", people, f'url = "http://127.0.0.1:{self.dead_port}/v2"\n')
        self.service.start()
        self.enterprise = Enterprise(self.service).load()

    def configure(self, name: str, kind: str, keys: str, target: str) -> None:
        text = f'name = "{name}"\nkind = "{kind}"\n{keys}[target]\n{target}'
        (self.service.settings.applications_dir / f"{name}.toml").write_text(text)

    def file(self, name: str) -> Path:
        return self.service.settings.state_dir / "out" / f"{name}.jsonl"

    def in_file(self, name: str = "files") -> dict[str, bool]:
        path = self.file(name)
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return {item["id"]: item["active"] for item in map(json.loads, lines)}

    def in_scim(self) -> dict[str, bool]:
        return {name: bool(user["active"]) for name, user in self.scim.users(TENANT).items()}

    def sync(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        """Run `um sync … --json`, expect an exit status, and return the first application's part."""
        result = self.service.um("sync", *arguments, "--json")
        assert result.returncode == status, (result.stdout, result.stderr)
        applications: list[dict[str, Any]] = json.loads(result.stdout)["applications"]
        return applications[0]

    def standing(self, name: str) -> dict[str, Any]:
        """What the scheduler's state store says of an application."""
        store = StateStore.open(self.service.settings.state_dir)
        try:
            return Ledger(store, name).status()
        finally:
            store.close()

    def scheduler_pid(self) -> int:
        assert self.service.process is not None
        for path in Path("/proc").glob("[0-9]*"):
            try:
                command = (path / "cmdline").read_bytes()
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if b"um_directory.cli.scheduler" in command and parent == self.service.process.pid:
                return int(path.name)
        raise AssertionError("no scheduler")

    def remove(self) -> None:
        self.service.remove()
        self.scim.stop()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    own = Site(tmp_path_factory.mktemp("site"))
    yield own
    own.remove()


@pytest.fixture
def uid(site: Site) -> Iterator[str]:
    """A user who is active in the scheduler's targets."""
    name = site.enterprise.uid("user")
    for found in (site.in_file, site.in_scim):
        wait_until(lambda found=found: found().get(name) is True, SECONDS, "the user at the targets")
    return name


def users(site: Site) -> str:
    return site.enterprise.group("users", site.enterprise.employer)


def test_every_target_is_told_of_everybody(site: Site, uid: str) -> None:
    everybody = {
        site.enterprise.uid(name): not name.startswith("blocked")
        for name in ("cam", "cocam", "la", "la2", "cola", "user", "blockeduser", "blockedcola")
    }
    wait_until(lambda: site.in_file() == everybody, SECONDS, "the file")
    wait_until(lambda: site.in_scim() == everybody, SECONDS, "the SCIM server")


def test_a_block_reaches_every_target_though_one_is_dead(site: Site, uid: str) -> None:
    with site.enterprise.bind("la") as manager:
        manager.write(block(users(site), site.enterprise.account("user")))
        wait_until(lambda: site.in_file()[uid] is False, SECONDS, "the block in the file")
        wait_until(lambda: site.in_scim()[uid] is False, SECONDS, "the block at the SCIM server")
        manager.write(unblock(users(site), site.enterprise.account("user")))
        wait_until(lambda: site.in_file()[uid] is True, SECONDS, "the end of the block in the file")
        wait_until(lambda: site.in_scim()[uid] is True, SECONDS, "the end of the block at the SCIM server")


def test_a_target_that_hangs_delays_no_other(site: Site, uid: str) -> None:
    with site.enterprise.bind("la") as manager:
        with site.scim.hanging():
            began = time.monotonic()
            manager.write(block(users(site), site.enterprise.account("user")))
            wait_until(lambda: site.in_file()[uid] is False, SECONDS, "the block in the file")
            assert time.monotonic() - began < 3  # the other one's time-out is 5
        wait_until(lambda: site.in_scim()[uid] is False, 4 * SECONDS, "the block at the SCIM server, late")
        manager.write(unblock(users(site), site.enterprise.account("user")))
        wait_until(lambda: site.in_scim()[uid] is True, SECONDS, "the end of the block")


def test_status_tells_who_is_in_step_and_who_is_not(site: Site, uid: str) -> None:
    wait_until(lambda: site.in_scim().get(uid) is True, SECONDS, "the user")
    files = site.sync("status", "files")
    assert (files["pending"], files["error"], files["acknowledged"]) == (0, "", len(site.in_file()))
    dead = site.sync("status", "dead", status=2)
    assert dead["pending"] == len(site.in_file())
    assert dead["acknowledged"] == 0
    assert "refused" in dead["error"]  # the connection is
    table = site.service.um("sync", "status")
    assert table.returncode == 2
    assert "behind by" in table.stdout
    assert "in step" in table.stdout


def test_a_plan_says_what_would_be_done_and_does_nothing(site: Site, uid: str) -> None:
    plan = site.sync("plan", "dead", status=2)
    assert plan["summary"]["create"] + plan["summary"]["update"] + plan["summary"]["deactivate"] == len(
        site.in_file()
    )
    assert site.sync("plan", "files")["actions"] == []
    text = site.service.um("sync", "plan", "dead").stdout
    assert f"{uid} (active; enterprise {site.enterprise.number}; employer/user)" in text


def test_a_run_against_a_dead_target_fails_with_its_reason(site: Site) -> None:
    assert "refused" in site.sync("run", "dead", status=1)["error"]


def test_a_file_taken_away_is_written_again_by_a_run(site: Site, uid: str) -> None:
    before = site.in_file()
    site.file("files").unlink()
    result = site.sync("run", "files")
    assert result["acknowledged"] == len(before)
    assert site.in_file() == before


def test_the_schedule_alone_repairs_too(site: Site, uid: str) -> None:
    before = site.in_file()
    wait_until(lambda: site.in_file("often") == before, SECONDS, "the other file")
    site.file("often").unlink()
    wait_until(lambda: site.in_file("often") == before, SECONDS, "the file written by the schedule")


def test_held_removals_wait_for_confirm(site: Site, uid: str) -> None:
    with site.enterprise.bind("la") as manager:
        manager.write(remove_member(users(site), site.enterprise.account("user")))
        wait_until(lambda: uid not in site.in_file(), SECONDS, "the removal elsewhere")
        wait_until(lambda: site.standing("tight")["held"] == 1, SECONDS, "the held removal")
        assert uid in site.in_file("tight")
        plan = site.sync("plan", "tight", status=2)
        assert [action["description"] for action in plan["held"]] == [f"Would remove {uid}"]
        site.sync("run", "tight", status=2)
        assert uid in site.in_file("tight")
        site.sync("confirm", "tight")
        assert uid not in site.in_file("tight")
        site.sync("status", "tight")
        nothing = site.service.um("sync", "confirm", "tight")
        assert (nothing.returncode, nothing.stderr) == (1, "um: tight: no removals are held\n")
        manager.write(add_member(users(site), site.enterprise.account("user")))
    wait_until(lambda: site.in_file("tight").get(uid) is True, SECONDS, "the user again")


def test_a_refused_record_is_parked_shown_and_retried(site: Site, uid: str) -> None:
    name = site.enterprise.uid("candidate")
    foreign = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
        "externalId": "hr-1",
    }
    made = httpx.post(f"{site.scim.url(TENANT)}/Users", json=foreign).raise_for_status().json()
    with site.enterprise.bind("la") as manager:
        manager.write(site.enterprise.add_account("candidate"))
        manager.write(add_member(users(site), site.enterprise.account("candidate")))
    wait_until(lambda: name in site.in_file(), SECONDS, "the user elsewhere")
    wait_until(lambda: site.standing("scim")["parked"] == 1, SECONDS, "the parked record")
    status = site.sync("status", "scim", status=2)
    assert status["parked_records"][0]["id"] == name
    assert "the userName belongs to externalId hr-1" in status["parked_records"][0]["reason"]
    assert "hr-1" in site.service.um("sync", "status", "scim").stdout
    site.sync("retry", "scim", status=2)  # still refused
    httpx.delete(f"{site.scim.url(TENANT)}/Users/{made['id']}").raise_for_status()
    site.sync("retry", "scim", name)
    assert site.in_scim()[name] is True
    assert site.service.um("sync", "retry", "scim").stderr == "um: scim: nothing is parked\n"


def test_a_killed_scheduler_comes_back_and_catches_up(site: Site, uid: str) -> None:
    with site.enterprise.bind("la") as manager:
        killed = site.scheduler_pid()
        os.kill(killed, signal.SIGKILL)
        manager.write(block(users(site), site.enterprise.account("user")))
        wait_until(lambda: site.in_file()[uid] is False, 3 * SECONDS, "the block in the file")
        wait_until(lambda: site.in_scim()[uid] is False, SECONDS, "the block at the SCIM server")
        assert site.scheduler_pid() != killed
        manager.write(unblock(users(site), site.enterprise.account("user")))
        wait_until(lambda: site.in_scim()[uid] is True, SECONDS, "the end of the block")


def test_a_second_scheduler_on_the_same_state_is_refused(site: Site) -> None:
    result = site.service.um("scheduler")
    assert result.returncode == 1
    assert "scheduler.lock is held by another process" in result.stderr


def test_an_application_that_is_not_configured_is_named(site: Site) -> None:
    result = site.service.um("sync", "plan", "payroll")
    assert result.returncode == 1
    assert "payroll: no such application" in result.stderr
    assert "dead, files, often, scim, tight" in result.stderr


def test_log_lines_hold_no_personal_data(site: Site, uid: str) -> None:
    everything = [json.loads(line) for line in site.service.log.read_text().splitlines()]
    lines = [line for line in everything if line["process"] == "scheduler"]
    assert "in step" in {line["event"] for line in lines}
    assert [line for line in lines if "@" in json.dumps(line)] == []


def test_stopping_is_quick_and_clean(tmp_path: Path) -> None:
    service = Service()
    try:
        service.start()
        ready = service.settings.run_dir / "scheduler.ready"
        assert ready.exists()
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - began < SECONDS
        assert not ready.exists()
    finally:
        service.remove()


def test_a_target_that_comes_back_is_told_what_it_missed(tmp_path: Path) -> None:
    """Nothing wakes the worker but its own retry: no change, no schedule."""
    target = {"path": "out/records.jsonl"}
    files = application("user-management", kind="file", target=target)
    reading = Reading(SUFFIX)
    reading.view, reading.complete = small_view(), True
    (tmp_path / "run").mkdir()
    in_the_way = tmp_path / "out"
    in_the_way.touch()
    store = StateStore.open(tmp_path)
    ledger = Ledger(store, "target")
    worker = Worker(files, ledger, lambda: nullcontext(reading), tmp_path, tmp_path / "run")
    worker.start()
    try:
        worker.touch(EVERYTHING)
        wait_until(lambda: ledger.status()["error"], SECONDS, "the failure")
        assert ledger.status()["acknowledged"] == 0
        in_the_way.unlink()
        wait_until((in_the_way / "records.jsonl").exists, SECONDS, "the file")
        wait_until(lambda: ledger.status()["error"] == "", SECONDS, "the end of the failure")
        assert ledger.status()["acknowledged"] == 4
    finally:
        worker.stop()
        assert worker.join(SECONDS)
        store.close()


def started(state: Path, **more: str) -> subprocess.Popen[str]:
    """`um scheduler` alone."""
    settings = {
        "UM_STATE_DIR": str(state),
        "UM_APPLICATIONS_DIR": str(state),
        "UM_LOG_FORMAT": "json",
        **more,
    }
    env = {name: value for name, value in os.environ.items() if not name.startswith("UM_")} | settings
    command = [sys.executable, "-m", "um_directory.cli.scheduler"]
    return subprocess.Popen(command, env=env, cwd=state, stderr=subprocess.PIPE, text=True)


def test_without_a_directory_it_waits_says_so_and_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(
        'name = "one"\nkind = "file"\napplication = "dmfa"\n[target]\npath = "one.jsonl"\n'
    )
    process = started(tmp_path)
    lines: list[str] = []
    assert process.stderr is not None
    reader = threading.Thread(target=lambda: lines.extend(process.stderr or ()), daemon=True)
    reader.start()
    try:
        away = '"event": "the directory is away'
        wait_until(lambda: sum(away in line for line in lines) >= 2, 30, "two tries")
        assert not (tmp_path / "run" / "scheduler.ready").exists()
        assert not (tmp_path / "one.jsonl").exists()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
    reader.join(SECONDS)


def test_a_wrong_configuration_ends_it_with_file_and_key(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text('name = "one"\nkind = "file"\napplication = "dmfa"\n')
    process = started(tmp_path)
    _out, words = process.communicate(timeout=30)
    assert process.returncode == 1
    assert words == f"um: {tmp_path / 'one.toml'}: target.path: Field required\n"


def test_without_a_state_directory_sync_says_so(tmp_path: Path) -> None:
    env = {**os.environ, "UM_STATE_DIR": str(tmp_path / "none")}
    command = [sys.executable, "-m", "um_directory.cli.main", "sync", "status"]
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "no such state directory" in result.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("schedule", "least", "most"),
    [
        (Schedule(every=timedelta(minutes=15)), 15 * 60, 15 * 60),
        (Schedule(every=timedelta(minutes=15), jitter=timedelta(seconds=30)), 14.5 * 60, 15.5 * 60),
        (Schedule(cron="*/10 * * * *"), 0, 10 * 60),
    ],
)
def test_a_schedule_fires_when_it_says(schedule: Schedule, least: float, most: float) -> None:
    now = datetime.now(UTC)
    made = trigger(schedule)
    fires = made.get_next_fire_time(now if isinstance(made, IntervalTrigger) else None, now)
    assert least - 1 <= (fires - now).total_seconds() <= most + 1
