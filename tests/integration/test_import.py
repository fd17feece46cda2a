"""`um import` against a real service: the samples, the mistakes, other identities, and what can go wrong."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.blocks import SAMPLES, blocks
from support.enterprise import PASSWORD, Enterprise
from support.service import Service, wait_until

MISTAKES = SAMPLES / "90-mistakes.ldif"
BAKERY = SAMPLES / "10-bakery-one-capacity.ldif"
COMMAND = [sys.executable, "-m", "um_directory.cli.main", "import"]
PERSON = "dn: umSsin={0},ou=register,dc=um,dc=example\nobjectClass: umPerson\numSsin: {0}\nsn: Janssens\n\n"


@pytest.fixture(scope="module")
def own() -> Iterator[Service]:
    """A service for this module alone: the samples go into it."""
    running = Service()
    running.start()
    yield running
    running.remove()


def report(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return dict(json.loads(result.stdout))


def exists(service: Service, dn: str) -> bool:
    with service.connect("service") as client:
        return any(True for _ in client.search(dn, scope="base", attributes=("1.1",)))


def expected_mistakes(path: Path) -> dict[tuple[int, int], str]:
    """The lines of each wrong record, from its first to the next record's, and the reason in its comment."""
    text = path.read_bytes()
    starts = [text[: text.index(block.text)].count(b"\n") + 1 for block in blocks(path)]
    spans = zip(starts, [*starts[1:], sys.maxsize], blocks(path), strict=True)
    return {(start, end): block.mistake for start, end, block in spans if block.mistake}


# --- the samples ---


def test_a_right_file_goes_in_whole(own: Service) -> None:
    result = own.um("import", "--json", str(BAKERY))
    assert result.returncode == 0, result.stderr
    found = report(result)
    assert found["accepted"] == found["records"] == len(blocks(BAKERY))
    assert found["accepted_by_kind"] == {"add": found["accepted"]}
    assert found["records_per_second"] > 0
    with own.connect("service") as client:
        names = {entry.dn.lower() for entry in client.search(own.tree.suffix, attributes=("1.1",))}
    for block in blocks(BAKERY):
        dn = re.search(rb"^dn: (.*)", block.text, re.MULTILINE)
        assert dn
        assert dn[1].decode().lower() in names


def test_a_file_imported_again_is_rejected_as_there_already(own: Service) -> None:
    own.um("import", str(BAKERY))
    result = own.um("import", "--json", str(BAKERY))
    assert result.returncode == 2
    found = report(result)
    assert found["accepted"] == 0
    assert "exists" in found["rejected_by_rule"]


def test_every_mistake_is_rejected_for_its_reason_and_the_rest_goes_in(own: Service, tmp_path: Path) -> None:
    rehearsed = report(own.um("import", "--json", "--dry-run", str(MISTAKES)))
    kept = tmp_path / "rejects.ldif"
    result = own.um("import", "--json", "--rejects", str(kept), str(MISTAKES))
    assert result.returncode == 2, result.stderr
    found = report(result)
    expected = expected_mistakes(MISTAKES)
    assert found["accepted"] == len(blocks(MISTAKES)) - len(expected)
    assert len(found["rejects"]) == len(expected)
    for reject in found["rejects"]:
        (wanted,) = (rule for (start, end), rule in expected.items() if start <= reject["line"] < end)
        # slapd's own access rules come before the guard where they say no
        assert reject["rule"] in {wanted, *({"insufficientAccessRights"} if wanted == "D0" else ())}, reject
    # The rehearsal rejects the same, but for what only slapd checks; and that slapd checks first.
    told = {reject["line"]: reject["rule"] for reject in rehearsed["rejects"]}
    done = {reject["line"]: reject["rule"] for reject in found["rejects"]}
    slapds = {"schema", "insufficientAccessRights"}
    assert {done[line] for line in done.keys() - told.keys()} == {"schema"}
    assert all(done[line] in {rule, *slapds} for line, rule in told.items())
    # What was kept is rejected again, or commented out; none of it went in.
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    again = report(own.um("import", "--json", str(kept)))
    assert again["accepted"] == 0
    commented = found["rejected_by_rule"]["format"]
    assert again["rejected"] == len(expected) - commented


def test_rejects_are_told_as_lines_and_sums_as_a_table(own: Service, tmp_path: Path) -> None:
    file = tmp_path / "one.ldif"
    file.write_text("dn: cn=a\nstray\n\n" + PERSON.format("17073003384"))
    result = own.um("import", str(file))
    assert result.returncode == 2
    assert result.stderr == f"{file}:2: cn=a: a line without a colon\n"
    assert re.search(r"accepted +│ add +│ +1 ", result.stdout)
    assert re.search(r"rejected +│ format +│ +1 ", result.stdout)
    assert re.search(r"^1 accepted, 1 rejected in .* s \(.* records/s\)$", result.stdout, re.MULTILINE)


# --- a dry run ---


def test_a_dry_run_writes_nothing_and_says_so(own: Service) -> None:
    hospital = SAMPLES / "20-hospital-several-capacities.ldif"
    result = own.um("import", "--dry-run", str(hospital))
    assert result.returncode == 0, result.stderr
    assert "dry run, nothing was written" in result.stdout
    assert not exists(own, own.tree.enterprise("0438726545"))


# --- who imports ---


def test_a_person_imports_by_his_own_rights(own: Service, tmp_path: Path) -> None:
    here = Enterprise(own).load()
    secret = tmp_path / "password"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD + "\n")
    members = f"cn=co-chief-access-managers,{here.dn}"
    change = f"dn: {members}\nchangetype: modify\nadd: member\nmember: {here.account('la')}\n-\n"
    wait_until(lambda: _can_bind(here, "cocam") and _can_bind(here, "cam"), what="effective access")

    def by(name: str, *options: str) -> subprocess.CompletedProcess[str]:
        identity = ("--as", here.account(name), "--password-file", str(secret))
        return own.um("import", "--json", *identity, *options, "-", stdin=change)

    for options in ((), ("--dry-run",)):
        refused = by("cocam", *options)
        assert refused.returncode == 2, refused.stderr
        assert report(refused)["rejected_by_rule"] == {"D2": 1}
    assert by("cam").returncode == 0


def _can_bind(enterprise: Enterprise, name: str) -> bool:
    try:
        enterprise.bind(name).close()
    except Exception:  # noqa: BLE001 - not yet
        return False
    return True


def test_a_person_needs_a_password_file(own: Service) -> None:
    result = own.um("import", "--as", own.tree.account("0403019261", "jjanssens1"), str(BAKERY))
    assert result.returncode == 1
    assert "--password-file" in result.stderr


# --- files and options ---


def test_standard_input_can_be_imported(own: Service) -> None:
    result = own.um("import", "-", stdin=PERSON.format("92521506931") + "stray\n")
    assert result.returncode == 2
    assert result.stderr.startswith("standard input:6: (no dn): no dn:")
    assert exists(own, own.tree.person("92521506931"))


def test_it_stops_at_the_first_reject_when_told_to(own: Service, tmp_path: Path) -> None:
    file = tmp_path / "a.ldif"
    file.write_text("stray\n\n" + PERSON.format("19282416134"))
    result = own.um("import", "--stop-on-error", "--json", str(file), str(BAKERY))
    assert result.returncode == 2
    assert report(result)["records"] == 1
    assert report(result)["stopped"] == f"{file}:1: stopped, as asked"
    assert not exists(own, own.tree.person("19282416134"))


@pytest.mark.parametrize("missing", ["none.ldif", "."])
def test_a_file_that_cannot_be_read_stops_it_before_it_begins(
    own: Service, tmp_path: Path, missing: str
) -> None:
    file = tmp_path / "a.ldif"
    file.write_text(PERSON.format("19282416134"))
    result = own.um("import", str(file), str(tmp_path / missing))
    assert (result.returncode, result.stdout) == (1, "")
    assert re.fullmatch(r"um: .*: cannot be read: .*\n", result.stderr)
    assert not exists(own, own.tree.person("19282416134"))


def test_a_file_is_not_overwritten_by_its_own_rejects(own: Service, tmp_path: Path) -> None:
    file = tmp_path / "a.ldif"
    file.write_text("stray\n")
    result = own.um("import", "--rejects", str(tmp_path / "." / "a.ldif"), str(file))
    assert (result.returncode, file.read_text()) == (1, "stray\n")
    assert "another name" in result.stderr


def test_no_password_is_ever_shown(own: Service, tmp_path: Path) -> None:
    file, kept = tmp_path / "a.ldif", tmp_path / "r.ldif"
    account = "dn: uid=jjanssens1,ou=accounts,umEnterpriseNumber=0431150351,ou=enterprises,dc=um,dc=example\n"
    classes = "objectClass: umAccount\n"
    file.write_text(
        account + classes + "userPassword: Geheim.4711\n\n"  # the guard refuses it
        "dn: cn=a\nuserPassword: Geheim\n.4711\n\n"  # no LDIF: the fold is missing
        "dn: cn=b\nuserPassword: Geheim.4711\n"  # not sent: no object class
    )
    for options in ((), ("--dry-run",), ("--json",)):
        result = own.um("import", "--rejects", str(kept), *options, str(file))
        assert result.returncode == 2
        assert "4711" not in result.stdout + result.stderr + own.log.read_text()
        assert kept.read_text().count("4711") == 3  # or it could not be imported again


# --- a terminal ---


def test_on_a_terminal_twenty_rejects_are_shown_and_the_others_counted(own: Service, tmp_path: Path) -> None:
    file = tmp_path / "a.ldif"
    file.write_bytes(b"dn: cn=\x07[bold]a\nstray\n\n" * 25)
    reader, writer = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, str(file)], env={**own.env, "TERM": "xterm"}, stdout=subprocess.DEVNULL, stderr=writer
    )
    os.close(writer)
    shown = _everything(reader)
    assert process.wait(60) == 2
    assert shown.count("a line without a colon") == 20
    assert "cn=\\x07[bold]a" in shown
    assert "… and 5 more (use --rejects FILE)" in shown


def _everything(terminal: int) -> str:
    text = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other side has closed
            return text.decode()
        text += piece


# --- when it breaks off ---


def test_a_directory_that_is_away_is_an_error(fresh_service: Service) -> None:
    result = fresh_service.um("import", str(BAKERY))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("um: ")
    assert "Traceback" not in result.stderr


def test_a_connection_lost_on_the_way_says_after_which_line(fresh_service: Service, tmp_path: Path) -> None:
    fresh_service.start()
    kept = tmp_path / "r.ldif"
    process = _importing(fresh_service, "--rejects", str(kept), "--json")
    assert process.stdin is not None
    process.stdin.write("stray\n\n" + PERSON.format("17073003384"))
    process.stdin.flush()
    wait_until(lambda: exists(fresh_service, fresh_service.tree.person("17073003384")), what="first record")
    fresh_service.stop()
    out, err = process.communicate(PERSON.format("92521506931"), timeout=60)
    assert process.returncode == 1
    dn = fresh_service.tree.person("92521506931")
    assert f"um: standard input:8: {dn}: the directory does not answer" in err
    assert "Whether this record was written is not known" in err
    found = json.loads(out)
    assert (found["accepted"], found["rejected"]) == (1, 1)
    assert found["stopped"].startswith("standard input:8: ")
    assert "# stray" in kept.read_text()


def test_an_interrupted_import_says_what_it_did(own: Service) -> None:
    process = _importing(own)
    assert process.stdin is not None
    process.stdin.write(PERSON.format("81000003517") + PERSON.format("79061808806"))
    process.stdin.flush()
    # Once the second is in, the first has been counted; the second may still be on its way back.
    wait_until(lambda: exists(own, own.tree.person("79061808806")), what="second record")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "1 accepted, 0 rejected" in out or "2 accepted, 0 rejected" in out
    assert err.startswith("um: interrupted")


def _importing(service: Service, *options: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*COMMAND, *options, "-"], env=service.env, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )
