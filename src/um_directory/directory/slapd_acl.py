"""slapd's access rules: who may read what (S), and a coarse second fence around writes behind the guard.

`=w` without `r` everywhere for authenticated users lets slapd ask the guard (the sock overlay first asks for
write on the pseudo-attribute `entry`); the guard decides, and the fences here hold even where the guard would
err: the catalogue, `ou=access` and what the service keeps are out of everybody's reach.

Reading is decided here alone; docs/reference/reading.md has it as a table. Three things to know of slapd:

- a search needs `s` on the `entry` of its base, and a filter that is true of everything, `(&)`, needs no right on
  any attribute: who has `s` on a base reads the name of every entry below it whose `entry` he may read;
- `entry` of an account must be readable to whoever may write it, or a write with a post-read control is reported
  done and is not (docs/explanation/slapd.md). So colleagues have `r` on each other's, but `s` on no base above;
- the role of a manager of a capacity is not in an account's DN, so a set compares the capacities in which the account
  holds a role with those that the reader manages. Both are kept by the service (guard/keeper.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ENTERPRISE_FACTS = (
    "umNssoNumber,o,umEntitledCapacity,umHasPersonnel,umBankrupt,"
    "street,postalCode,l,mail,telephoneNumber,preferredLanguage,description"
)
SEARCH_CRITERIA = "objectClass,cn,sn,givenName,title,displayName,umSsin,preferredLanguage,mail"
"""What managers of a capacity read of the accounts in it, with uid and umAccountStatus (§4.1.4, §5.1)."""
SECRETS = "userPassword,pwdHistory"
_ALL, _READ = "=wrscd", "=rscd"


@dataclass(frozen=True, slots=True)
class _Who:
    """The `by` clauses, without rights. `$2` is the enterprise number in the entry's name, `$3` below a capacity."""

    suffix: str
    tail: str

    @property
    def service(self) -> str:
        return f'dn.exact="cn=um-service,ou=services,{self.suffix}"'

    @property
    def registrar(self) -> str:
        return f'dn.exact="cn=registrar,ou=operators,{self.suffix}"'

    @property
    def contact(self) -> str:
        return f'dn.exact="cn=contact-center,ou=operators,{self.suffix}"'

    @property
    def applications(self) -> str:
        return f'dn.one="ou=services,{self.suffix}"'

    @property
    def in_scope(self) -> str:
        """LA and co-LA of a capacity in which the account holds a role."""
        return 'set="this/umHolderIn & user/umManagerIn"'

    @property
    def colleagues(self) -> str:
        """Every account of the enterprise."""
        return f'dn.regex="^uid=[^,]+,ou=accounts,umEnterpriseNumber=$2,ou=enterprises,{self.tail}$$"'

    @property
    def managers(self) -> str:
        """LA and co-LA of any capacity of the enterprise."""
        return f'{self.colleagues} set="user/umManagerIn"'

    def chiefs(self, number: str = "$2") -> list[str]:
        """CAM and co-CAM of the enterprise."""
        return self._groups(
            ("chief-access-manager", "co-chief-access-managers"), f"umEnterpriseNumber={number}"
        )

    def administrators(self) -> list[str]:
        """LA and co-LA of the capacity in the entry's name."""
        groups = ("local-administrator", "co-local-administrators")
        return self._groups(groups, "umCapacityName=$2,umEnterpriseNumber=$3")

    def _groups(self, names: tuple[str, ...], below: str) -> list[str]:
        base = f"{below},ou=enterprises,{self.suffix}"
        return [f'group/umRoleGroup/member.expand="cn={name},{base}"' for name in names]


def access_rules(suffix: str) -> list[str]:
    """Return the `olcAccess` values of the main database, in order."""
    tail = re.escape(suffix).replace("\\ ", " ").replace("\\=", "=").replace("\\,", ",").replace("\\-", "-")
    who = _Who(suffix, tail)
    enterprise = rf"umEnterpriseNumber=([^,]+),ou=enterprises,{tail}$"
    return [
        _rule('dn.regex="[[:cntrl:]]"', "by * none"),
        *_secrets(suffix),
        *_kept(who, f'dn.regex="^(.+,)?{enterprise}"'),
        _rule(
            f'dn.regex="^()?{enterprise}" attrs={ENTERPRISE_FACTS}',
            *_by(_ALL, who.registrar),
            *_by(_READ, who.service, who.contact, *who.chiefs()),
            "by users =w",
        ),
        *_accounts(who, enterprise),
        _rule(
            f'dn.regex="^(.+,)?umCapacityName=([^,]+),{enterprise}"',
            *_by(_ALL, who.service, who.registrar, who.contact, *who.chiefs("$3"), *who.administrators()),
            "by users =w",
        ),
        _rule(
            f'dn.regex="^(.+,)?{enterprise}"',
            *_by(_ALL, who.service, who.registrar, who.contact, *who.chiefs()),
            "by users =w",
        ),
        _rule(
            f'dn.base="ou=enterprises,{suffix}"',
            *_by(_ALL, who.service, who.registrar, who.contact),
            *_by("=wsd", who.applications),
            "by users =wd",
        ),
        *_outside(who),
        # Never stored: the guard takes what is written there for a declaration (A6).
        _rule(f'dn.base="cn=session,{suffix}"', "by users =w"),
        _rule(
            f'dn.base="{suffix}"',
            *_by(_READ, who.service, who.registrar, who.contact, who.applications),
            "by users =d",
        ),
        _rule("*", *_by(_READ, who.service), "by * none"),
    ]


def _secrets(suffix: str) -> list[str]:
    """Passwords are compared with and written, and never read."""
    enterprises = f'dn.subtree="ou=enterprises,{suffix}"'
    return [
        # A5: without an active role there is no password to compare with. `self` has x to confirm the old one.
        _rule(
            f'{enterprises} filter="(umAccountStatus=active)" attrs=userPassword',
            "by anonymous =x",
            "by self =wx",
            "by users =w",
        ),
        _rule(f"{enterprises} attrs=userPassword", "by users =w", "by * none"),
        _rule(f'dn.one="ou=operators,{suffix}" attrs=userPassword', "by anonymous =x", "by self =w"),
        _rule(f'dn.one="ou=services,{suffix}" attrs=userPassword', "by anonymous =x", "by self =w"),
        _rule(f"attrs={SECRETS}", "by * none"),
    ]


def _kept(who: _Who, below: str) -> list[str]:
    """What the service keeps on an account is written by nobody else."""
    readers = _by(_READ, who.registrar, who.contact, "self", *who.chiefs())
    return [
        _rule(
            f"{below} attrs=umAccountStatus",
            *_by(_ALL, who.service),
            *readers,
            *_by(_READ, who.in_scope),
            "by * none",
        ),
        # Of the capacities in which somebody holds a role, a manager learns only those that he manages.
        _rule(
            f'{below} attrs=umHolderIn val.regex="^(.+)$"',
            *_by(_ALL, who.service),
            *readers,
            *_by(_READ, 'set.expand="[${v1}] & user/umManagerIn"'),
            "by * none",
        ),
        _rule(
            f"{below} attrs=memberOf,umHolderIn,umManagerIn", *_by(_ALL, who.service), *readers, "by * none"
        ),
    ]


def _accounts(who: _Who, enterprise: str) -> list[str]:
    """Accounts and the container they are in; what is not named here falls to the enterprise's own rule."""
    everything = _by(_ALL, who.service, who.registrar, who.contact, "self", *who.chiefs())
    account = rf'dn.regex="^(uid=[^,]+,)ou=accounts,{enterprise}"'
    return [
        # Whoever may add or change an account must be able to read its bare entry: slapd answers success, and tells
        # the guard so, for a write with a post-read control that it then does not do (docs/explanation/slapd.md).
        _rule(
            f'dn.regex="^(.+,)?ou=accounts,{enterprise}" attrs=entry,children,entryUUID',
            *everything,
            *_by(_ALL, who.managers),
            *_by("=wrd", who.colleagues),
            "by users =w",
        ),
        # Who is to get a role here may have an account already, and none of the roles by which a manager reads it.
        _rule(f"{account} attrs=uid", *everything, *_by(_ALL, who.managers), "by users =w"),
        _rule(
            f"{account} attrs={SEARCH_CRITERIA}",
            *everything,
            *_by(_ALL, who.in_scope),
            "by users =w",
        ),
        _rule(f"{account}", *everything, "by users =w"),
        _rule(
            f'dn.regex="^()?ou=accounts,{enterprise}" attrs=objectClass,ou',
            *everything,
            *_by(_ALL, who.managers),
            "by users =w",
        ),
    ]


def _outside(who: _Who) -> list[str]:
    """The branches beside ou=enterprises.

    Whoever tries to write there is refused by the guard, which says why; the attributes stay out of reach.
    """
    suffix = who.suffix
    facts, public, identities = (
        [f'dn.subtree="ou={name},{suffix}"' for name in names]
        for names in (("register", "mandates"), ("catalogue", "access"), ("operators", "services"))
    )
    bare = "attrs=entry,children"
    return [
        *[_rule(f"{dn} {bare}", *_by(_ALL, who.service, who.registrar), "by users =w") for dn in facts],
        *[_rule(f"{dn} {bare}", *_by(_ALL, who.service, "users")) for dn in public],
        *[_rule(f"{dn} {bare}", *_by(_ALL, who.service, "self"), "by users =w") for dn in identities],
        *[_rule(dn, *_by(_ALL, who.registrar), *_by(_READ, who.service), "by * none") for dn in facts],
        # Who may use what is told to whoever it is about, and to services.
        _rule(
            f'dn.one="ou=access,{suffix}" attrs=member val.regex="^(.+)$"',
            *_by(_READ, who.applications),
            'by dn.exact,expand="${v1}" =scd',
            "by * none",
        ),
        *[_rule(dn, "by users read") for dn in public],
        *[_rule(dn, *_by(_READ, who.service, "self"), "by * none") for dn in identities],
    ]


def _by(rights: str, *whom: str) -> list[str]:
    return [f"by {one} {rights}" for one in whom]


def _rule(what: str, *clauses: str) -> str:
    return f"to {what} " + " ".join(clauses)
