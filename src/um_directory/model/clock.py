"""What time it is, for the few rules that ask. A rule is given a clock and reads none itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Returns the present moment, with its time zone. Asked only by a rule that needs it: a call costs something."""


def utc_now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)
