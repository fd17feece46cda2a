"""The demo's chapters, on the hospital of `ldif/samples/20-hospital-several-capacities.ldif`."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from um_directory.demo.stage import Deviation, Stage
from um_directory.model.tree import Tree

HOSPITAL = "0438726545"
CAM, CO_CAM = "averhaegen", "lucdewaele"
NEW_LA, NEW_USER, STRANGER = "thomasaerts", "lottesmets", "vlambrecht"
APPLICATION = "mandates"
LEAST_GOOD_RECORDS, LEAST_MISTAKES = 4000, 10


class Story:
    """Each method is one chapter; each checks what it shows."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.tree = Tree(stage.settings.suffix)
        self.enterprise = self.tree.enterprise(HOSPITAL)
        self.capacity = f"umCapacityName=mandatary,{self.enterprise}"

    def account(self, uid: str) -> str:
        """DN of an account of the hospital."""
        return self.tree.account(HOSPITAL, uid)

    # --- 1 ---

    def come_up(self) -> None:
        """Start everything."""
        stage = self.stage
        stage.title("1  A directory comes up")
        stage.start_scim_server()
        stage.good(f"a SCIM application of somebody else listens on {stage.scim_url}")
        began = time.monotonic()
        stage.start_service()
        stage.good(
            f"um up: slapd, guard and scheduler, ready in {time.monotonic() - began:.1f} s "
            f"on ldap://127.0.0.1:{stage.settings.ldap_port}"
        )
        stage.good(f"generated passwords of the operators are in {stage.settings.secrets_dir}")

    # --- 2 ---

    def take_in(self) -> None:
        """Import the good samples, and the one full of mistakes."""
        stage = self.stage
        stage.title("2  It takes in enterprises from LDIF")
        good = sorted(
            path
            for path in (stage.ldif / "samples").glob("*.ldif")
            if not path.name.startswith(("60-", "90-"))
        )
        result = stage.um("import", *map(str, good), "--json")
        report = _json(result, expected_status=0)
        stage.say(
            f"  {len(good)} files: {report['accepted']} records accepted, {report['rejected']} rejected, "
            f"in {report['seconds']:.1f} s ({report['accepted'] / report['seconds']:.0f} records/s)"
        )
        _expect(
            report["rejected"] == 0 and report["accepted"] > LEAST_GOOD_RECORDS,
            "all good samples are accepted",
            result,
        )
        stage.good("five enterprises, the largest with 2,000 accounts")
        self._mistakes()

    def _mistakes(self) -> None:
        stage = self.stage
        rejects = stage.root / "rejects.ldif"
        file = stage.ldif / "samples" / "90-mistakes.ldif"
        result = stage.um("import", str(file), "--json", "--rejects", str(rejects))
        report = _json(result, expected_status=2)
        table = Table("line", "rule", "entry", "reason", box=None, padding=(0, 1), show_edge=False)
        for item in report["rejects"]:
            table.add_row(
                str(item["line"]), item["rule"] or "", escape((item["dn"] or "")[:40]), escape(item["reason"])
            )
        stage.console.print(table)
        _expect(
            report["rejected"] > LEAST_MISTAKES and report["accepted"] > 0,
            "mistakes are rejected, the rest is kept",
            result,
        )
        stage.good(
            f"a file with mistakes of every kind: {report['rejected']} rejected with their line, "
            f"{report['accepted']} accepted; the rejects are in {rejects}, to be mended and imported again"
        )

    # --- 3 ---

    def first_passwords(self) -> None:
        """The contact center gives the CAM a password, she gives one to her co-CAM."""
        stage = self.stage
        stage.title("3  People get their first password from whom may give it (D15)")
        secret = stage.settings.secrets_dir / "contact-center"
        self._modify(
            "the contact center sets the password of the chief access manager, Annelies Verhaegen",
            self.tree.operator("contact-center"),
            secret,
            _password_ldif(self.account(CAM), self._new_password(CAM)),
        )
        self._as(
            CAM,
            "she sets the password of the co-chief access manager, Luc Dewaele",
            _password_ldif(self.account(CO_CAM), self._new_password(CO_CAM)),
        )

    # --- 4 ---

    def manage(self) -> None:
        """Activation, designation, registration and grant, with plain ldapmodify."""
        stage = self.stage
        stage.title("4  Enterprises manage their own people, with plain ldapmodify")
        self._as(
            CAM,
            "the CAM registers Thomas Aerts, activates capacity mandatary and names him its administrator",
            self._account_ldif(NEW_LA, "01061401149", "Thomas", "Aerts", "nl")
            + f"dn: {self.capacity}\nchangetype: add\nobjectClass: umCapacity\numCapacityName: mandatary\n"
            f"mail: volmachten@ziekenhuis-terlinde.example\ntelephoneNumber: +32 16 00 00 00\n\n"
            + self._group_ldif("local-administrator", NEW_LA),
            show=True,
        )
        self._as(
            NEW_LA,
            "he registers a user, Lotte Smets, and grants her the application mandates",
            self._account_ldif(NEW_USER, "02022807444", "Lotte", "Smets", "nl")
            + self._group_ldif("users", NEW_USER)
            + f"dn: ou=authorizations,{self.capacity}\nchangetype: add\nobjectClass: organizationalUnit\n"
            "ou: authorizations\n\n"
            + f"dn: cn={APPLICATION},ou=authorizations,{self.capacity}\nchangetype: add\n"
            f"objectClass: umAuthorization\ncn: {APPLICATION}\nmember: {self.account(NEW_USER)}\n\n",
        )

    # --- 5 ---

    def refuse(self) -> None:
        """What the rules refuse, in the language of who asks."""
        stage = self.stage
        stage.title("5  It refuses what the rules refuse")
        co_cams = f"cn=co-chief-access-managers,{self.enterprise}"
        employer_users = f"cn=users,umCapacityName=employer,{self.enterprise}"
        self._refused(
            CO_CAM, "a co-CAM adds a co-CAM", "D2", _member_ldif(co_cams, self.account("karimbenali"))
        )
        self._refused(
            NEW_LA,
            "a local administrator reaches into another capacity",
            "D14",
            _member_ldif(employer_users, self.account(NEW_USER)),
        )
        self._as(
            NEW_LA,
            "an account for Victor Lambrecht, whom the register relates to nobody, is only an account",
            self._account_ldif(STRANGER, "65110327510", "Victor", "Lambrecht", "nl"),
        )
        self._refused(
            NEW_LA,
            "… but user of the capacity he cannot be",
            "E3",
            _member_ldif(f"cn=users,{self.capacity}", self.account(STRANGER)),
        )
        self._refused(
            NEW_LA,
            "a username with capitals",
            "C1",
            self._account_ldif("LSmets2002", "02022807444", "Lotte", "Smets", "nl"),
        )

    # --- 6 ---

    def log_in(self) -> None:
        """As an application would: bind, then a group check."""
        stage = self.stage
        stage.title("6  An application logs her in, over plain LDAP")
        secret, dn = stage.password_file(NEW_USER), self.account(NEW_USER)
        stage.wait_for("effective access", lambda: self._binds(NEW_USER))
        _expect_code(stage.ldap("ldapwhoami", dn, secret), 0, "the bind")
        stage.good("bind with her password: success")
        group = self.tree.access_group(APPLICATION)
        _expect_code(stage.ldap("ldapcompare", dn, secret, group, f"member:{dn}"), 6, "the group check")
        stage.good(f"compare member on cn={APPLICATION},ou=access: TRUE")
        other = self.tree.access_group("dmfa")
        _expect_code(stage.ldap("ldapcompare", dn, secret, other, f"member:{dn}"), 5, "the other group check")
        stage.good("compare member on cn=dmfa,ou=access, which nobody granted her: FALSE")
        found = stage.ldap("ldapsearch", dn, secret, "-LLL", "-b", dn, f"(memberOf={group})", "1.1")
        _expect(dn in found.stdout.replace("\n ", ""), "the search with a memberOf filter finds her", found)
        stage.good("search with (memberOf=…), as most software does: found")

    # --- 7 ---

    def propagate(self) -> None:
        """Both downstream applications know her."""
        stage = self.stage
        stage.title("7  Two downstream applications are kept in step")
        stage.wait_for("the SCIM application", lambda: self._scim_active() is True)
        stage.wait_for("the file", lambda: self._exported().get("active") is True)
        stage.good(f"SCIM application ({APPLICATION}): user {NEW_USER}, active")
        lines = sum(1 for _ in stage.export.open(encoding="utf-8"))
        stage.good(f"file for the portal ({stage.export.name}): {lines} lines, hers among them, active")

    # --- 8 ---

    def block(self) -> None:
        """Block her: out of the directory at once, and of both applications."""
        stage = self.stage
        stage.title("8  Her administrator blocks her")
        users, dn = f"cn=users,{self.capacity}", self.account(NEW_USER)
        began = time.monotonic()
        self._as(
            NEW_LA,
            "member out, umBlockedMember in: one modify",
            f"dn: {users}\nchangetype: modify\ndelete: member\nmember: {dn}\n-\n"
            f"add: umBlockedMember\numBlockedMember: {dn}\n\n",
            show=True,
        )
        answered = time.monotonic()
        stage.wait_for("the end of her log-in", lambda: not self._binds(NEW_USER))
        out = time.monotonic()
        stage.wait_for("the SCIM application", lambda: self._scim_active() is False)
        scim = time.monotonic()
        stage.wait_for("the file", lambda: self._exported().get("active") is False)
        file = time.monotonic()
        _expect_code(
            stage.ldap("ldapwhoami", dn, stage.password_file(NEW_USER)), 49, "the log-in of a blocked user"
        )
        stage.good("her log-in: refused (invalid credentials)")
        for what, when in (
            ("her log-in ended", out),
            ("the SCIM application has her inactive", scim),
            ("the file has her inactive", file),
        ):
            stage.good(f"{what}, seen {1000 * (when - answered):.0f} ms after the answer")
        stage.say(
            f"  [dim](the write itself, with ldapmodify's start: {1000 * (answered - began):.0f} ms)[/]"
        )
        stage.wait_for("um sync status", lambda: stage.um("sync", "status").returncode == 0)
        status = _json(stage.um("sync", "status", "--json"), expected_status=0)
        for row in status["applications"]:
            stage.good(
                f"um sync status: {row['application']}: {row['acknowledged']} acknowledged, "
                f"{row['pending']} pending, {row['parked']} parked, {row['held']} held"
            )

    def what_next(self) -> None:
        """Commands to paste."""
        stage = self.stage
        settings = stage.settings
        url = f"ldap://127.0.0.1:{settings.ldap_port}"
        um = f"UM_STATE_DIR={settings.state_dir} UM_LDAP_PORT={settings.ldap_port} "
        um += f"UM_APPLICATIONS_DIR={settings.applications_dir} .venv/bin/um"
        stage.title("What to try next")
        stage.say("  Look around as the chief access manager of the hospital, who sees her own enterprise:")
        self._paste(
            f"ldapsearch -x -H {url} -LLL -D {self.account(CAM)} \\\n"
            f"    -y {stage.password_file(CAM)} -b {self.enterprise} '(umAccountStatus=active)' uid memberOf"
        )
        stage.say("  Try to break a rule: as the administrator of mandatary, write in capacity employer:")
        self._paste(
            f"printf 'dn: %s\\nchangetype: modify\\nreplace: mail\\nmail: x@y.example\\n' \\\n"
            f"    umCapacityName=employer,{self.enterprise} | \\\n"
            f"  ldapmodify -x -H {url} -D {self.account(NEW_LA)} \\\n    -y {stage.password_file(NEW_LA)}"
        )
        stage.say("  Ask the scheduler, import more, look at what a file would do:")
        self._paste(
            f"{um} sync status\n  {um} generate --accounts 500 --seed 7 -o /tmp/more.ldif\n"
            f"  {um} import --dry-run /tmp/more.ldif"
        )
        stage.say(f"  Logs: {stage.root}/um-up.log (JSON lines), {settings.state_dir}/log/slapd.log")

    # --- hands ---

    def _paste(self, command: str) -> None:
        self.stage.console.print(f"  [cyan]{escape(command)}[/]\n", soft_wrap=True)

    def _as(self, uid: str, what: str, ldif: str, show: bool = False) -> None:
        self._modify(what, self.account(uid), self.stage.password_file(uid), ldif, show)

    def _modify(self, what: str, bind_dn: str, secret: Path, ldif: str, show: bool = False) -> None:
        stage = self.stage
        name = bind_dn.partition(",")[0]
        # Access follows a designation within milliseconds; whoever was just named may have to wait for it.
        stage.wait_for(f"{name}'s log-in", lambda: stage.ldap("ldapwhoami", bind_dn, secret).returncode == 0)
        result = stage.ldap("ldapmodify", bind_dn, secret, stdin=ldif)
        _expect_code(result, 0, what)
        stage.good(what)
        if show:
            hidden = "\n".join(
                "userPassword: ********" if line.startswith("userPassword") else line
                for line in ldif.splitlines()
            )
            stage.console.print(
                f"[dim]{escape(_indented(f'ldapmodify -D {name},…', hidden))}[/]", soft_wrap=True
            )

    def _refused(self, uid: str, what: str, rule: str, ldif: str) -> None:
        result = self.stage.ldap("ldapmodify", self.account(uid), self.stage.password_file(uid), stdin=ldif)
        text = next(
            (
                line.partition(":")[2].strip()
                for line in result.stderr.splitlines()
                if "dditional info:" in line
            ),
            "",
        )
        if result.returncode == 0 or not text.startswith(f"{rule}:"):
            raise Deviation(f"{what}: expected a refusal by {rule}, got {result.returncode} {result.stderr}")
        self.stage.console.print(f"  [red]✗[/] {escape(what)}\n      [red]{escape(text)}[/]")

    def _new_password(self, uid: str) -> str:
        return self.stage.password_file(uid).read_text("ascii")

    def _account_ldif(self, uid: str, ssin: str, given: str, sn: str, language: str) -> str:
        return (
            f"dn: {self.account(uid)}\nchangetype: add\nobjectClass: umAccount\nuid: {uid}\numSsin: {ssin}\n"
            f"cn: {given} {sn}\nsn: {sn}\ngivenName: {given}\npreferredLanguage: {language}\n"
            f"mail: {given.lower()}.{sn.lower()}@ziekenhuis-terlinde.example\n"
            f"userPassword: {self._new_password(uid)}\n\n"
        )

    def _group_ldif(self, name: str, uid: str) -> str:
        return (
            f"dn: cn={name},{self.capacity}\nchangetype: add\nobjectClass: umRoleGroup\ncn: {name}\n"
            f"member: {self.account(uid)}\n\n"
        )

    def _binds(self, uid: str) -> bool:
        result = self.stage.ldap("ldapwhoami", self.account(uid), self.stage.password_file(uid))
        return result.returncode == 0

    def _scim_active(self) -> object:
        user = self.stage.scim_user(NEW_USER)
        return user.get("active") if user else None

    def _exported(self) -> dict[str, Any]:
        with self.stage.export.open(encoding="utf-8") as file:
            for line in file:
                if f'"{NEW_USER}"' in line:
                    return dict(json.loads(line))
        return {}


def _password_ldif(dn: str, password: str) -> str:
    return f"dn: {dn}\nchangetype: modify\nreplace: userPassword\nuserPassword: {password}\n\n"


def _member_ldif(group: str, member: str) -> str:
    return f"dn: {group}\nchangetype: modify\nadd: member\nmember: {member}\n\n"


def _indented(head: str, text: str) -> str:
    return f"      {head}\n" + "\n".join(f"      | {line}" for line in text.strip().splitlines())


def _expect(condition: bool, what: str, result: subprocess.CompletedProcess[str]) -> None:
    if not condition:
        raise Deviation(f"{what}: not so. {result.stdout[-2000:]}\n{(result.stderr or '')[-2000:]}")


def _expect_code(result: subprocess.CompletedProcess[str], code: int, what: str) -> None:
    _expect(result.returncode == code, f"{what} (exit status {code}, got {result.returncode})", result)


def _json(result: subprocess.CompletedProcess[str], expected_status: int) -> dict[str, Any]:
    _expect_code(result, expected_status, "the command")
    return dict(json.loads(result.stdout))
