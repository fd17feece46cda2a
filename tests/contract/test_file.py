"""Files of JSON Lines: the contract, and that no reader ever finds half a file."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contract.suite import ConnectorContract, Target
from support.propagation import record
from um_directory.connectors.file import FileConnector, FileOptions
from um_directory.connectors.interface import Context, Put, TargetUnavailable, Withdraw


class FileTarget(Target):
    def __init__(self, directory: Path) -> None:
        self.connector: FileConnector = FileConnector(
            FileOptions(path=Path("outbox/records.jsonl")), Context("file", directory)
        )
        self.path = directory / "outbox" / "records.jsonl"

    def held(self) -> dict[str, bool]:
        if not self.path.exists():
            return {}
        records = [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]
        return {item["id"]: item["active"] for item in records}

    @contextmanager
    def unavailable(self) -> Iterator[None]:
        # A regular file in the directory's place fails for root too, unlike permissions.
        away = self.path.parent.with_name("away")
        self.path.parent.rename(away)
        self.path.parent.write_text("in the way")
        yield
        self.path.parent.unlink()
        away.rename(self.path.parent)

    def lose(self) -> None:
        self.path.unlink()


@pytest.fixture
def target(tmp_path: Path) -> FileTarget:
    return FileTarget(tmp_path)


class TestFile(ConnectorContract):
    pass


def test_the_file_is_sorted_private_and_one_line_a_record(target: FileTarget) -> None:
    target.connector.deliver([Put(record("zoe12345")), Put(record("ann12345"))])
    target.connector.deliver([Put(record("max12345")), Withdraw("zoe12345")])
    lines = target.path.read_text("utf-8").splitlines()
    assert lines == [record("ann12345").line(), record("max12345").line()]
    assert stat.S_IMODE(target.path.stat().st_mode) == 0o600
    assert [path.name for path in target.path.parent.iterdir()] == ["records.jsonl"]


def test_a_reader_that_has_the_file_open_keeps_the_old_one_whole(target: FileTarget) -> None:
    target.connector.put(record("ann12345"), None)
    with target.path.open() as reader:
        target.connector.put(record("max12345"), None)
        assert reader.read() == record("ann12345").line() + "\n"


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", full], check=False).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        target = FileTarget(full)
        target.connector.put(record("ann12345"), None)
        puts = [Put(record(f"user{number:05}")) for number in range(1000)]
        with pytest.raises(TargetUnavailable, match="No space left on device"):
            target.connector.deliver(puts)
        assert target.held() == {"ann12345": True}
        assert [path.name for path in target.path.parent.iterdir()] == ["records.jsonl"]
    finally:
        subprocess.run(["umount", full], check=True)


def test_a_read_only_directory_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    place = tmp_path / "place"
    target = FileTarget(place)
    target.connector.put(record("ann12345"), None)
    bound = subprocess.run(["mount", "--bind", place, place], check=False).returncode == 0
    if not bound or subprocess.run(["mount", "-o", "remount,bind,ro", place], check=False).returncode:
        pytest.skip("needs the right to mount a directory read-only")
    try:
        with pytest.raises(TargetUnavailable, match="Read-only file system"):
            target.connector.put(record("max12345"), None)
        assert target.held() == {"ann12345": True}
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_leftover_of_a_killed_process_is_overwritten_and_private(target: FileTarget) -> None:
    target.path.parent.mkdir()
    leftover = target.path.parent / ".records.jsonl.new"
    leftover.write_text("half a line")
    leftover.chmod(0o644)
    target.connector.put(record(), None)
    assert target.path.read_text() == record().line() + "\n"
    assert stat.S_IMODE(target.path.stat().st_mode) == 0o600


def test_a_link_in_the_place_of_the_new_file_is_not_followed(target: FileTarget, tmp_path: Path) -> None:
    target.path.parent.mkdir()
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (target.path.parent / ".records.jsonl.new").symlink_to(victim)
    with pytest.raises(TargetUnavailable):
        target.connector.put(record(), None)
    assert victim.read_text() == "precious"
    target.connector.put(record(), None)  # the failed attempt has removed the link
    assert target.held() == {"firstuser": True}


@pytest.mark.parametrize(
    "content", ["not json\n", '{"id": 5}\n', '{"id": "b"}\n{"id": "a"}\n', '{"id": "cut"}']
)
def test_a_file_changed_by_somebody_else_is_neither_used_nor_lost(target: FileTarget, content: str) -> None:
    target.path.parent.mkdir()
    target.path.write_text(content)
    with pytest.raises(TargetUnavailable, match="not as it was written"):
        target.connector.put(record(), None)
    assert target.path.read_text() == content


def test_a_file_taken_away_or_emptied_counts_as_lost(target: FileTarget) -> None:
    target.connector.put(record(), None)
    assert not target.connector.lost()
    target.path.write_text("")
    assert target.connector.lost()
    shutil.rmtree(target.path.parent)
    assert target.connector.lost()
