"""A small directory and the pieces of propagation around it, for tests."""

from __future__ import annotations

from collections.abc import Iterable

from um_directory.propagation.application import Application
from um_directory.propagation.record import Grant, Record
from um_directory.propagation.wanted import KEEP
from um_directory.view import View

SUFFIX = "dc=um,dc=example"
NUMBER = "0403019261"
ENTERPRISE = f"umEnterpriseNumber={NUMBER},ou=enterprises,{SUFFIX}"
EMPLOYER = f"umCapacityName=employer,{ENTERPRISE}"
DMFA_GRANTS = f"cn=dmfa,ou=authorizations,{EMPLOYER}"


def account_dn(uid: str) -> str:
    """DN of an account of the small directory's enterprise."""
    return f"uid={uid},ou=accounts,{ENTERPRISE}"


def members(active: Iterable[str] = (), blocked: Iterable[str] = ()) -> dict[str, tuple[bytes, ...]]:
    """The attributes of a role group or authorization."""
    return {
        "member": tuple(account_dn(uid).encode() for uid in active),
        "umBlockedMember": tuple(account_dn(uid).encode() for uid in blocked),
    }


def small_view() -> View:
    """One enterprise whose capacity employer offers dimona and dmfa, with a holder of each role."""
    view = View(SUFFIX, keep=KEEP)
    for name in ("user-management", "dimona", "dmfa", "limosa"):
        view.put(f"cn={name},ou=applications,ou=catalogue,{SUFFIX}", {"cn": (name.encode(),)})
    offers = [f"cn={name},ou=applications,ou=catalogue,{SUFFIX}".encode() for name in ("dimona", "dmfa")]
    view.put(
        f"umCapacityName=employer,ou=capacities,ou=catalogue,{SUFFIX}", {"umOffersApplication": tuple(offers)}
    )
    view.put(ENTERPRISE, {"umEnterpriseNumber": (NUMBER.encode(),)})
    for uid in ("janssens", "localadmin", "firstuser", "seconduser", "batchuser", "roleless"):
        view.put(
            account_dn(uid),
            {
                "uid": (uid.encode(),),
                "umSsin": (b"85073003328",),
                "sn": (b"Janssens",),
                "givenName": ("Zoë".encode(),),
                "mail": (f"{uid}@janssens.example".encode(),),
                "preferredLanguage": (b"nl",),
            },
        )
    view.put(f"cn=chief-access-manager,{ENTERPRISE}", members(["janssens"]))
    view.put(EMPLOYER, {"umCapacityName": (b"employer",)})
    view.put(f"cn=local-administrator,{EMPLOYER}", members(["localadmin"]))
    view.put(f"cn=users,{EMPLOYER}", members(["firstuser", "seconduser"]))
    view.put(f"cn=technical-user,{EMPLOYER}", members(["batchuser"]))
    view.put(DMFA_GRANTS, members(["firstuser"]))
    return view


def application(name: str | list[str] = "dmfa", **keys: object) -> Application:
    """A configuration of a memory target for one application of the catalogue."""
    return Application.model_validate({"name": "target", "kind": "memory", "application": name, **keys})


def record(uid: str = "firstuser", **fields: object) -> Record:
    """A record as `wanted` makes it."""
    grants = (Grant("dmfa", "employer", "user", "active"),)
    return Record(**{"id": uid, "enterprise": NUMBER, "active": True, "grants": grants, **fields})  # type: ignore[arg-type]
