"""The report of an import, for people and machines."""

from __future__ import annotations

import io
import json

from rich.console import Console

from um_directory.ldif_import.batch import Accepted, Rejected
from um_directory.ldif_import.reader import Mistake
from um_directory.ldif_import.report import Report, reject_line


def rejected(line: int = 7, rule: str = "D2", reason: str = "D2: no", dn: str | None = "cn=a") -> Rejected:
    return Rejected(line, dn, rule, reason, Mistake(line, dn, reason))


def counted() -> Report:
    report = Report(files=["a.ldif"])
    for outcome in (Accepted(1, "x", "add"), Accepted(2, "y", "add"), Accepted(3, "z", "delete"), rejected()):
        report.count("a.ldif", outcome)
    report.seconds = 2.0
    return report


def test_counts_by_kind_and_rule_and_the_rate() -> None:
    assert json.loads(json.dumps(counted().as_json())) == {
        "dry_run": False,
        "files": ["a.ldif"],
        "records": 4,
        "accepted": 3,
        "rejected": 1,
        "accepted_by_kind": {"add": 2, "delete": 1},
        "rejected_by_rule": {"D2": 1},
        "seconds": 2.0,
        "records_per_second": 2.0,
        "stopped": None,
        "rejects": [{"file": "a.ldif", "line": 7, "dn": "cn=a", "rule": "D2", "reason": "D2: no"}],
        "rejects_omitted": 0,
    }
    assert counted().as_line() == "3 accepted, 1 rejected in 2.0 s (2 records/s)"


def test_the_table_has_a_row_for_each_kind_and_rule() -> None:
    console = Console(file=io.StringIO(), width=60)
    report = counted()
    report.count("a.ldif", rejected(rule="evil\x1b[2J"))
    console.print(report.as_table())
    text = console.file.getvalue()  # type: ignore[attr-defined]
    rows = [
        tuple(cell.strip() for cell in line.split("│")[1:-1]) for line in text.splitlines() if "│" in line
    ]
    assert rows == [
        ("accepted", "add", "2"),
        ("accepted", "delete", "1"),
        ("rejected", "D2", "1"),
        ("rejected", "evil\\x1b[2J", "1"),
    ]


def test_a_dry_run_says_that_nothing_was_written() -> None:
    assert Report(dry_run=True).as_line().startswith("dry run, nothing was written: 0 accepted")


def test_a_million_rejects_are_counted_and_a_thousand_kept() -> None:
    report = Report()
    for _ in range(1500):
        report.count("a.ldif", rejected())
    assert report.as_json()["rejected"] == 1500
    assert len(report.as_json()["rejects"]) == 1000
    assert report.as_json()["rejects_omitted"] == 500


def test_the_clock_stops_at_finish() -> None:
    report = Report()
    report.finish()
    first = report.as_json()["seconds"]
    assert 0 <= first < 5
    assert report.as_json()["seconds"] == first


def test_a_reject_is_one_printable_line() -> None:
    assert reject_line("a.ldif", rejected(dn=None, reason="no dn")) == "a.ldif:7: (no dn): no dn"
    line = reject_line("a\x1b.ldif", rejected(dn="cn=a\nb\u202e", reason="D2: \x07\x9b"))
    assert line == "a\\x1b.ldif:7: cn=a\\nb\\u202e: D2: \\x07\\x9b"
