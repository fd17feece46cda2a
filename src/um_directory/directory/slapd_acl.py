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
    return [
        _rule('dn.regex="[[:cntrl:]]"', "by * none"),
        # A5: without an active role there is no password to compare with.
        _rule(
            f'{enterprises} filter="(umAccountStatus=active)" attrs=userPassword',
            "by anonymous =x",
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
            "by * none",
        ),
        _rule(f"{enterprises} attrs=entry,children", "by users =wrscd", "by * none"),
        _rule(f"{enterprises} attrs=entryUUID", f"{service} =rscd", "by users =r"),
        _rule(
            f'dn.regex="^(.+,)?{capacity}"',
            f"{service} =wrscd",
            f"{registrar} =wrscd",
            f"{contact} =rscd",
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
        *[
            _rule(f'dn.subtree="ou={name},{suffix}"', f"{registrar} =wrscd", f"{service} =rscd", "by * none")
            for name in ("register", "mandates")
        ],
        _rule(f'dn.subtree="ou=catalogue,{suffix}"', "by users read"),
        _rule(f'dn.subtree="ou=access,{suffix}"', "by users read"),
        _rule(f'dn.subtree="ou=operators,{suffix}"', f"{service} =rscd", "by self =rscd", "by * none"),
        _rule(f'dn.subtree="ou=services,{suffix}"', f"{service} =rscd", "by self =rscd", "by * none"),
        _rule(f'dn.base="{suffix}"', "by users read"),
        _rule("*", f"{service} =rscd", "by * none"),
    ]


def _rule(what: str, *who: str) -> str:
    return f"to {what} " + " ".join(who)
