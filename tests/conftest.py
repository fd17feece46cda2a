"""Fixtures of integration and acceptance tests: the real service, started once a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.service import Service


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """A running service that all tests of the session share: use your own enterprises in it."""
    running = Service()
    running.start()
    yield running
    running.remove()


@pytest.fixture
def fresh_service() -> Iterator[Service]:
    """A service of the test's own, not started yet."""
    own = Service()
    yield own
    own.remove()
