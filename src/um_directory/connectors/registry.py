"""Which connector serves which `kind`. Each is loaded when it is first asked for: some are slow to load."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from um_directory.connectors.interface import AnyConnector, Options


@dataclass(frozen=True, slots=True)
class Kind:
    """Where a kind's code is: `module:Class` of its options, and of its connector."""

    options: str
    connector: str


KINDS: dict[str, Kind] = {
    "file": Kind("um_directory.connectors.file:FileOptions", "um_directory.connectors.file:FileConnector"),
    "memory": Kind(
        "um_directory.connectors.memory:MemoryOptions", "um_directory.connectors.memory:MemoryConnector"
    ),
    "scim": Kind(
        "um_directory.connectors.scim_options:ScimOptions", "um_directory.connectors.scim:ScimConnector"
    ),
}
"""The `kind` of an application's configuration, and what speaks to it."""


def options_type(kind: str) -> type[Options]:
    """The model of a kind's own keys."""
    found: type[Options] = _load(KINDS[kind].options)
    return found


def connector_type(kind: str) -> type[AnyConnector]:
    """The connector class of a kind."""
    found: type[AnyConnector] = _load(KINDS[kind].connector)
    return found


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
