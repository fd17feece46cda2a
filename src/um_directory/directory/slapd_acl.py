"""slapd's access rules: who may read what, and a coarse second fence around writes behind the guard.

`=w` without `r` everywhere for authenticated users lets slapd ask the guard (the sock overlay first asks for
write on the pseudo-attribute `entry`); the guard decides, and the fences here hold even where the guard would
err: the catalogue, `ou=access` and what the service keeps are out of everybody's reach.
"""

from __future__ import annotations

import re

ENTERPRISE_FACTS = (
    "umNssoNumber,o,umEntitledCapacity,umHasPersonnel,umBankrupt,"
    "street,postalCode,l,mail,telephoneNumber,preferredLanguage,description"
)


def access_rules(suffix: str) -> list[str]:
    """Return the `olcAccess` values of the main database, in order."""
    tail = re.escape(suffix).replace("\\ ", " ").replace("\\=", "=").replace("\\,", ",").replace("\\-", "-")
    service = f'by dn.exact="cn=um-service,ou=services,{suffix}"'
    registrar = f'by dn.exact="cn=registrar,ou=operators,{suffix}"'
    contact = f'by dn.exact="cn=contact-center,ou=operators,{suffix}"'
    enterprise = rf"umEnterpriseNumber=([^,]+),ou=enterprises,{tail}$"
    capacity = rf"umCapacityName=([^,]+),{enterprise}"

    def group(name: str, below: str, rights: str) -> str:
        dn = f"cn={name},{below},ou=enterprises,{suffix}"
        return f'by group/umRoleGroup/member.expand="{dn}" {rights}'

    cams = [
        group(name, "umEnterpriseNumber=$2", "=wrscd")
        for name in ("chief-access-manager", "co-chief-access-managers")
    ]
    capacity_managers = [
        group(name, "umCapacityName=$2,umEnterpriseNumber=$3", "=wrscd")
        for name in ("local-administrator", "co-local-administrators")
    ]
    cams_read = [line.replace("=wrscd", "=rscd") for line in cams]
    cams_of_capacity = [line.replace("=$2", "=$3") for line in cams]
    enterprises = f'dn.subtree="ou=enterprises,{suffix}"'
    outside = [
        f"ou={name},{suffix}"
        for name in ("register", "mandates", "catalogue", "access", "operators", "services")
    ]
    return [
        _rule('dn.regex="[[:cntrl:]]"', "by * none"),
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
        _rule(
            f'dn.regex="^(.+,)?{enterprise}" attrs=memberOf,umAccountStatus',
            f"{service} =wrscd",
            f"{registrar} =rscd",
            f"{contact} =rscd",
            "by self =rscd",
            *cams_read,
            "by * none",
        ),
        _rule(
            f'dn.regex="^()?{enterprise}" attrs={ENTERPRISE_FACTS}',
            f"{registrar} =wrscd",
            f"{service} =rscd",
            f"{contact} =rscd",
            *cams_read,
            "by users =w",
        ),
        # Whoever may add or change an account must be able to read its bare entry: slapd answers success, and tells
        # the guard so, for a write with a post-read control that it then does not do (docs/explanation/slapd.md).
        _rule(
            f'dn.regex="^(.+,)?ou=accounts,{enterprise}" attrs=entry,children,entryUUID',
            f"{service} =wrscd",
            f"{registrar} =wrscd",
            f"{contact} =wrscd",
            "by self =wrscd",
            *cams,
            f'by dn.regex="^uid=[^,]+,ou=accounts,umEnterpriseNumber=$2,ou=enterprises,{tail}$$" =wrd',
            "by users =w",
        ),
        _rule(
            f'dn.regex="^(.+,)?{capacity}"',
            f"{service} =wrscd",
            f"{registrar} =wrscd",
            f"{contact} =wrscd",
            *cams_of_capacity,
            *capacity_managers,
            "by users =w",
        ),
        _rule(
            f'dn.regex="^(.+,)?{enterprise}"',
            f"{service} =wrscd",
            f"{registrar} =wrscd",
            f"{contact} =wrscd",
            "by self =wrscd",
            *cams,
            "by users =w",
        ),
        _rule(
            f'dn.base="ou=enterprises,{suffix}"', f"{service} =wrscd", f"{registrar} =wrscd", "by users =wsd"
        ),
        # Whoever tries to write there is refused by the guard, which says why; the attributes stay out of reach.
        *[
            _rule(
                f'dn.subtree="{dn}" attrs=entry,children',
                f"{service} =wrscd",
                f"{registrar} =wrscd",
                "by users =w",
            )
            for dn in outside[:2]
        ],
        *[
            _rule(f'dn.subtree="{dn}" attrs=entry,children', f"{service} =wrscd", "by users =wrscd")
            for dn in outside[2:4]
        ],
        *[
            _rule(
                f'dn.subtree="{dn}" attrs=entry,children',
                f"{service} =wrscd",
                "by self =wrscd",
                "by users =w",
            )
            for dn in outside[4:]
        ],
        *[
            _rule(f'dn.subtree="{dn}"', f"{registrar} =wrscd", f"{service} =rscd", "by * none")
            for dn in outside[:2]
        ],
        # Who may use what is told to whoever it is about, and to services.
        _rule(
            f'dn.one="ou=access,{suffix}" attrs=member val.regex="^(.+)$"',
            f'by dn.one="ou=services,{suffix}" =rscd',
            'by dn.exact,expand="${v1}" =scd',
            "by * none",
        ),
        *[_rule(f'dn.subtree="{dn}"', "by users read") for dn in outside[2:4]],
        *[
            _rule(f'dn.subtree="{dn}"', f"{service} =rscd", "by self =rscd", "by * none")
            for dn in outside[4:]
        ],
        # Never stored: the guard takes what is written there for a declaration (A6).
        _rule(f'dn.base="cn=session,{suffix}"', "by users =w"),
        _rule(f'dn.base="{suffix}"', "by users read"),
        _rule("*", f"{service} =rscd", "by * none"),
    ]


def _rule(what: str, *who: str) -> str:
    return f"to {what} " + " ".join(who)
