"""Fixtures: a SCIM server that the tests of the session share, each with a tenant of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.scim import ScimServer


@pytest.fixture(scope="session")
def scim_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScimServer]:
    """scim2-server with our extension."""
    server = ScimServer(tmp_path_factory.mktemp("scim"))
    yield server
    server.stop()
