"""The in-memory index of roles, accounts and facts that decisions are taken from."""

from um_directory.view.facts import (
    Account,
    Capacity,
    CapacityDefinition,
    Catalogue,
    Enterprise,
    Holders,
    Person,
)
from um_directory.view.index import View

__all__ = [
    "Account",
    "Capacity",
    "CapacityDefinition",
    "Catalogue",
    "Enterprise",
    "Holders",
    "Person",
    "View",
]
