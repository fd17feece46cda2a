"""The world that rules and view are tried in."""

from __future__ import annotations

import pytest

from support.world import World


@pytest.fixture
def world() -> World:
    """A new one for each test: tests may change it."""
    return World()
