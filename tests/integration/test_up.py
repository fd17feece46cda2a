"""`um up`: start, stop, restart, crash, and every way in which a start cannot work."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from support.service import Service, free_port, wait_until
from um_directory.errors import DirectoryUnavailable, OperationRefused
from um_directory.model.operation import Add
from um_directory.settings import Settings

UP = [sys.executable, "-m", "um_directory.cli.main", "up"]


def run_up(service: Service, **environment: str) -> subprocess.CompletedProcess[str]:
    """`um up` that is expected to end by itself."""
    return subprocess.run(
        UP,
        env={**service.env, **environment},
        cwd=service.state,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def person(service: Service, ssin: str) -> Add:
    return Add(
        service.tree.person(ssin),
        {"objectClass": (b"umPerson",), "umSsin": (ssin.encode(),), "sn": (b"Peeters",)},
    )


def own_slapd(service: Service) -> int:
    return int((service.settings.run_dir / "slapd.pid").read_text())


def children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(line) for line in found.split()]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_data_and_secrets_survive_a_restart(fresh_service: Service) -> None:
    fresh_service.start()
    with fresh_service.connect("registrar") as registrar:
        registrar.write(person(fresh_service, "85073003328"))
    secret = (fresh_service.settings.secrets_dir / "registrar").read_text()
    assert fresh_service.stop() == 0
    fresh_service.start()
    assert (fresh_service.settings.secrets_dir / "registrar").read_text() == secret
    with fresh_service.connect("service") as client:
        found = list(client.search(fresh_service.tree.person("85073003328"), scope="base"))
    assert [entry.attributes["sn"] for entry in found] == [(b"Peeters",)]


def test_a_clean_stop_leaves_no_process_and_no_socket(fresh_service: Service) -> None:
    fresh_service.start()
    assert fresh_service.process is not None
    pids = [*children(fresh_service.process.pid)]
    assert len(pids) == 3
    assert fresh_service.stop() == 0
    assert not any(is_alive(pid) for pid in pids)
    assert not list(fresh_service.settings.run_dir.glob("*.sock"))


def test_secrets_are_generated_and_private(fresh_service: Service) -> None:
    fresh_service.start()
    folder = fresh_service.settings.secrets_dir
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = sorted(path.name for path in folder.iterdir())
    assert files == ["contact-center", "registrar"]
    values = set()
    for name in files:
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
        values.add((folder / name).read_text())
        fresh_service.connect(name).close()
    assert len(values) == 2
    assert min(len(value) for value in values) >= 20
    log = fresh_service.log.read_text()
    assert not any(value in log for value in values)


def test_slapd_listens_on_loopback_and_its_socket_only(fresh_service: Service) -> None:
    fresh_service.start()
    pid = own_slapd(fresh_service)
    listening = subprocess.run(["ss", "-ltnpH"], capture_output=True, text=True, check=True).stdout
    own = [line.split()[3] for line in listening.splitlines() if f"pid={pid}," in line]
    assert own == [f"127.0.0.1:{fresh_service.settings.ldap_port}"]


def test_a_second_up_on_the_same_state_is_refused(fresh_service: Service) -> None:
    fresh_service.start()
    second = run_up(fresh_service, UM_LDAP_PORT=str(free_port()))
    assert second.returncode == 1
    assert fresh_service.process is not None
    assert f"already in use by process {fresh_service.process.pid}" in second.stderr
    with fresh_service.connect("service") as client:
        assert list(client.search(fresh_service.settings.suffix, scope="base"))


def test_a_second_guard_is_refused_and_the_first_goes_on(fresh_service: Service) -> None:
    fresh_service.start()
    command = [sys.executable, "-m", "um_directory.cli.guard"]
    second = subprocess.run(
        command,
        env=fresh_service.env,
        cwd=fresh_service.state,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 1
    assert "guard.lock" in second.stderr
    run_up(fresh_service)
    assert (fresh_service.settings.run_dir / "up.ready").exists()
    with fresh_service.connect("registrar") as registrar:
        registrar.write(person(fresh_service, "85073003328"))


def test_a_state_directory_that_is_a_file_is_a_clear_error(fresh_service: Service) -> None:
    file = fresh_service.state / "file"
    file.touch()
    result = run_up(fresh_service, UM_STATE_DIR=str(file))
    assert result.returncode == 1
    assert "Traceback" not in result.stderr


def test_a_taken_port_is_a_clear_error(fresh_service: Service) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", fresh_service.settings.ldap_port))
        taken.listen()
        result = run_up(fresh_service)
    assert result.returncode == 1
    assert f"port {fresh_service.settings.ldap_port} on 127.0.0.1 is taken" in result.stderr
    assert "UM_LDAP_PORT" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_absent_binary_is_a_clear_error(fresh_service: Service) -> None:
    result = run_up(fresh_service, UM_SLAPD="/nowhere/slapd")
    assert result.returncode == 1
    assert "/nowhere/slapd: no slapd there; install it" in result.stderr


def test_another_suffix_on_the_same_state_is_refused(fresh_service: Service) -> None:
    fresh_service.start()
    fresh_service.stop()
    result = run_up(fresh_service, UM_SUFFIX="o=Other")
    assert result.returncode == 1
    assert "holds data of suffix dc=um,dc=example, not o=Other" in result.stderr


def test_an_unknown_setting_in_the_file_is_named(fresh_service: Service) -> None:
    file = fresh_service.state / "um.toml"
    file.write_text("ldap_prot = 389\n")
    result = run_up(fresh_service, UM_CONFIG=str(file))
    assert result.returncode == 1
    assert "ldap_prot" in result.stderr


@pytest.mark.parametrize("suffix", ["o=Sociale Zekerheid,c=BE", "ou=um"])
def test_other_suffixes_work(suffix: str) -> None:
    service = Service(suffix=suffix)
    try:
        service.start()
        with service.connect("registrar") as registrar:
            registrar.write(person(service, "85073003328"))
        with service.connect("service") as client:
            assert list(client.search(service.tree.person("85073003328"), scope="base"))
    finally:
        service.remove()


def test_a_killed_slapd_ends_up_with_a_message_and_the_next_start_has_the_data(
    fresh_service: Service,
) -> None:
    fresh_service.start()
    with fresh_service.connect("registrar") as registrar:
        registrar.write(person(fresh_service, "85073003328"))
    process = fresh_service.process
    assert process is not None
    os.kill(own_slapd(fresh_service), signal.SIGKILL)
    assert process.wait(30) == 1
    assert "slapd killed by SIGKILL" in fresh_service.log.read_text()
    fresh_service.start()
    with fresh_service.connect("service") as client:
        assert list(client.search(fresh_service.tree.person("85073003328"), scope="base"))


def test_a_killed_up_takes_its_children_along(fresh_service: Service) -> None:
    fresh_service.start()
    process = fresh_service.process
    assert process is not None
    pids = children(process.pid)
    process.kill()
    process.wait()
    wait_until(lambda: not any(is_alive(pid) for pid in pids), 20, "the end of all children")
    fresh_service.start()


def test_a_killed_guard_is_started_again_and_knows_everything(fresh_service: Service) -> None:
    fresh_service.start()
    with fresh_service.connect("registrar") as registrar:
        registrar.write(person(fresh_service, "85073003328"))
    assert fresh_service.process is not None
    os.kill(guard_of(fresh_service.process.pid), signal.SIGKILL)

    def accepted() -> bool:
        try:
            with fresh_service.connect("registrar") as registrar:
                registrar.write(person(fresh_service, "17073003384"))
        except DirectoryUnavailable:
            return False  # slapd answered twice, which it does when the guard's socket breaks
        except OperationRefused as refused:
            # Nobody listens (80), or the new guard is loading (52): refused, never let through unseen.
            assert refused.code in (52, 80), refused
            return False
        return True

    wait_until(accepted, 20, "a write through the new guard")
    assert '"died": "guard"' in fresh_service.log.read_text()


def guard_of(up: int) -> int:
    command = ["pgrep", "-f", "um_directory.cli.guard", "-P", str(up)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_a_full_disk_is_a_clear_error() -> None:
    """A file system of 8 MiB: too small to begin."""
    service = Service()
    disk = service.state / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(disk)], check=True)
    try:
        result = run_up(service, UM_STATE_DIR=str(disk / "s"))
        assert result.returncode == 1
        assert "the disk is full" in result.stderr
        assert "Traceback" not in result.stderr
    finally:
        subprocess.run(["umount", str(disk)], check=True)
        service.remove()


def test_a_disk_that_fills_up_refuses_writes_and_loses_nothing() -> None:
    service = Service(database_size_gib=1)
    disk = service.state / "s"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "none", str(disk)], check=True)
    try:
        service.start()
        (disk / "ballast").write_bytes(b"\0" * (shutil.disk_usage(disk).free))
        written = []
        with service.connect("registrar") as registrar, pytest.raises(OperationRefused) as refused:
            for number in SSINS:
                registrar.write(person(service, number))
                written.append(number)
        assert refused.value.code == 80
        (disk / "ballast").unlink()
        service.stop()
        service.start()
        with service.connect("service") as client:
            stored = {
                entry.dn for entry in client.search(f"ou=register,{service.settings.suffix}", scope="one")
            }
        assert len(stored) == len(written)
    finally:
        service.remove_process()
        subprocess.run(["umount", str(disk)], check=True)
        service.remove()


def test_it_runs_as_an_ordinary_user() -> None:
    """In a user namespace in which this process is user 1000."""
    service = Service()
    try:
        log = (service.state / "user.log").open("w")
        process = subprocess.Popen(
            ["unshare", "--user", "--map-user=1000", "--map-group=1000", *UP],
            env=service.env,
            cwd=service.state,
            stderr=log,
        )
        wait_until(
            lambda: process.poll() is not None or (service.settings.run_dir / "up.ready").exists(),
            60,
            "um up",
        )
        assert process.poll() is None, Path(log.name).read_text()
        with service.connect("registrar") as registrar:
            registrar.write(person(service, "85073003328"))
        process.terminate()
        assert process.wait(30) == 0
    finally:
        service.remove()


def test_the_guard_refuses_while_slapd_is_away_and_reloads_when_it_is_back(fresh_service: Service) -> None:
    """Each process alone, as larger sites run them."""
    from um_directory.directory.embedded import EmbeddedSlapd  # noqa: PLC0415

    settings: Settings = fresh_service.settings
    first = EmbeddedSlapd(settings)
    first.prepare()
    guard = subprocess.Popen(
        [sys.executable, "-m", "um_directory.cli.guard"], env=fresh_service.env, cwd=fresh_service.state
    )
    ready = settings.run_dir / "guard.ready"
    try:
        first.start()
        first.wait_ready()
        wait_until(ready.exists, 20, "the guard")
        with fresh_service.connect("registrar") as registrar:
            registrar.write(person(fresh_service, "85073003328"))
        first.stop()
        wait_until(lambda: not ready.exists(), 20, "the guard's notice of slapd's end")
        second = EmbeddedSlapd(settings)
        second.prepare()
        second.start()
        second.wait_ready()
        wait_until(ready.exists, 20, "the guard's new view")
        with fresh_service.connect("registrar") as registrar:
            registrar.write(person(fresh_service, "17073003384"))
        second.stop()
    finally:
        first.stop()
        guard.terminate()
        assert guard.wait(20) == 0


SSINS = ["85073003328", "17073003384", "92521506931", "19282416134", "81000003517"]
