"""slapd's log does not fill the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from um_directory.directory import embedded
from um_directory.directory.embedded import EmbeddedSlapd
from um_directory.settings import Settings


def test_a_large_log_is_put_aside_and_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_LARGEST_LOG_BYTES", 10)
    slapd = EmbeddedSlapd(Settings(state_dir=tmp_path))
    slapd.trim_log()  # there is none yet
    log = tmp_path / "log" / "slapd.log"
    log.parent.mkdir()
    with log.open("ab") as appending:
        appending.write(b"0123456789")
        appending.flush()
        slapd.trim_log()
        assert log.stat().st_size == 10
        appending.write(b"x")
        appending.flush()
        slapd.trim_log()
        assert (log.read_bytes(), (log.parent / "slapd.log.1").read_bytes()) == (b"", b"0123456789x")
        appending.write(b"again")
    assert log.read_bytes() == b"again"
