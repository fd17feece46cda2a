"""How failures of a target are met: a few quick tries on the spot, then longer and longer pauses.

The quick tries are stamina's; the pauses are ours, because a stopping process must be able to end them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import stamina

from um_directory.connectors.interface import TargetUnavailable

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class QuickTries:
    """`attempts` within `timeout` seconds, waiting `first` to `longest` seconds, doubling, with jitter."""

    attempts: int = 3
    timeout: float = 5.0
    first: float = 0.1
    longest: float = 1.0


def tried(work: Callable[[], _Result], tries: QuickTries) -> _Result:
    """Do `work`, again when its target was unavailable.

    :raises TargetUnavailable: it still is, or it asked for a longer wait (Retry-After) than is quick.
    """

    def again(error: Exception) -> bool | float:
        if not isinstance(error, TargetUnavailable):
            return False
        if error.retry_after is None:
            return True
        return error.retry_after if error.retry_after <= tries.longest else False

    for attempt in stamina.retry_context(
        on=again,
        attempts=tries.attempts,
        timeout=tries.timeout,
        wait_initial=tries.first,
        wait_max=tries.longest,
        wait_jitter=tries.first,
    ):
        with attempt:
            return work()
    raise AssertionError("stamina yields at least one attempt")


stamina.instrumentation.set_on_retry_hooks(())  # whoever gives up says so, once


def pauses(first: float = 0.5, longest: float = 60.0) -> Iterator[float]:
    """Seconds to leave a target alone: doubling, spread over the upper half so that none march in step."""
    pause = first
    while True:
        yield pause * random.uniform(0.5, 1.0)  # noqa: S311 - nothing is kept secret by it
        pause = min(2 * pause, longest)
