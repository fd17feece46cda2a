"""The rejects file: whole or not there, private, and ready to be mended and imported again."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from um_directory.errors import OperationRefused, UmError
from um_directory.ldif_import.batch import Rejected, feed
from um_directory.ldif_import.blocks import Limits
from um_directory.ldif_import.reader import Mistake, Record, read
from um_directory.ldif_import.rejects import HEADER, RejectsFile
from um_directory.model.operation import Delete, Operation


def refuse(operation: Operation) -> None:
    raise OperationRefused(operation.dn, 50, "insufficientAccessRights", "D2: no\nnot \x1b[31m you")


def rejects_of(text: bytes, path: Path, limits: Limits | None = None) -> bytes:
    with RejectsFile(path) as kept:
        for outcome in feed(
            read(io.BytesIO(text), limits), refuse, {"cn", "userpassword", "objectclass"}, "x"
        ):
            assert isinstance(outcome, Rejected)
            kept.add("a\nb.ldif", outcome)
    return path.read_bytes()


def test_a_refused_record_is_kept_as_it_was_after_its_reason(tmp_path: Path) -> None:
    record = b"# mine\ndn: cn=a,dc=um\nobjectClass: x\ncn:: YQ==\nuserPassword: Sec\n ret.1"
    assert rejects_of(record + b"\n", tmp_path / "r.ldif") == (
        HEADER + b"\n"
        b"# file: a\\nb.ldif, line: 2, rule: D2\n# reason: D2: no\\nnot \\x1b[31m you\n\n" + record + b"\n"
    )


def test_what_is_kept_can_be_imported_again_and_its_reasons_do_not_pile_up(tmp_path: Path) -> None:
    text = b"dn: cn=a,dc=um\ncn: a\n\nversion: 1\n# mine\ndn: cn=b,dc=um\nchangetype: delete\n"
    once = rejects_of(text, tmp_path / "once.ldif")
    again = rejects_of(once, tmp_path / "again.ldif")
    assert once.count(b"# reason") == again.count(b"# reason") == 2
    assert [item.dn for item in read(io.BytesIO(again))] == ["cn=a,dc=um", "cn=b,dc=um"]


def test_what_cannot_be_read_is_commented_out(tmp_path: Path) -> None:
    kept = rejects_of(b"dn: cn=a,dc=um\ncn: caf\xe9\n x\nstray\n", tmp_path / "r.ldif")
    assert kept.endswith(b"\n\n# dn: cn=a,dc=um\n# cn: caf\xe9\n#  x\n# stray\n")
    assert list(read(io.BytesIO(kept))) == []


def test_a_duplicate_can_be_read_and_is_kept_as_it_was(tmp_path: Path) -> None:
    kept = rejects_of(b"dn: cn=a,dc=um\ncn: a\n\ndn: cn=a,dc=um\ncn: b\n", tmp_path / "r.ldif")
    assert kept.endswith(
        b"rule: exists\n# reason: the same dn as the record at line 1\n\ndn: cn=a,dc=um\ncn: b\n"
    )


def test_what_is_too_long_is_only_named(tmp_path: Path) -> None:
    kept = rejects_of(b"dn: cn=a,dc=um\n" + b"cn: aa\n" * 30, tmp_path / "r.ldif", Limits(record=100))
    assert b"line: 1, rule: format\n# reason: the record is longer than 100 bytes" in kept
    assert kept.endswith(b"\n\n# (too long to be kept here; it is only in the file)\n")


def test_an_operation_without_text_is_written_anew(tmp_path: Path) -> None:
    with RejectsFile(tmp_path / "r.ldif") as kept:
        kept.add("-", Rejected(1, "cn=a", "D2", "D2: no", Record(1, Delete("cn=a"))))
    assert (tmp_path / "r.ldif").read_bytes().endswith(b"\n\ndn: cn=a\nchangetype: delete\n")


def test_only_the_owner_may_read_it_and_an_older_one_is_replaced_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "r.ldif"
    path.write_text("older")
    path.chmod(0o644)
    with RejectsFile(path):
        assert path.read_text() == "older"
    assert path.read_bytes().startswith(b"# Records")
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_after_a_failure_it_holds_what_was_rejected_until_then(tmp_path: Path) -> None:
    path = tmp_path / "r.ldif"
    with pytest.raises(RuntimeError), RejectsFile(path) as kept:
        kept.add("a", Rejected(1, None, "format", "bad", Mistake(1, None, "bad", b"x")))
        raise RuntimeError
    assert path.read_bytes().endswith(b"\n# x\n")


@pytest.mark.parametrize("name", ["missing/r.ldif", "."])
def test_a_place_that_cannot_be_written_is_an_error_before_anything_happens(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(UmError, match="cannot write the rejects"), RejectsFile(tmp_path / name):
        pytest.fail("entered")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_an_error_and_leaves_no_half_file(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    kept = RejectsFile(tmp_path / "r.ldif")
    with pytest.raises(UmError, match="No space left"), kept:
        kept._file.close()
        kept._file = full.open("wb")
        kept.add("a", Rejected(1, None, "format", "bad", Mistake(1, None, "bad", b"x" * 100_000)))
    assert list(tmp_path.iterdir()) == []
