"""Random actors and actions against a real slapd, beside a model of the domain that knows nothing of the guard.

After each step the outcome and the entry touched are compared, now and then and at the end everything: holders,
accounts, effective access, and the guard's view. docs/explanation/testing.md says how to run it longer.
"""

from __future__ import annotations

import inspect
import os
import time
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from support import domain_model, domain_state, domain_words
from support.domain_moves import Moves
from support.domain_world import COUNTS, Table
from support.service import Service
from support.view_check import assert_view_equals_directory

EXAMPLES = int(os.environ.get("UM_TEST_EXAMPLES", "16"))
STEPS = int(os.environ.get("UM_TEST_STEPS", "100"))
SHRINK = bool(os.environ.get("UM_TEST_SHRINK"))
DEFAULT = (EXAMPLES, STEPS) == (16, 100)
BOTH_WAYS = ("A5", "A6", "C1", "C2", *(f"D{number}" for number in range(1, 16)), "E1", "E2", "E3", "E6")
"""Not D16 and E8, which are reports and imports; E4, E5 and E7 only ever allow."""
_EVERY = 10  # steps between whole comparisons


class DomainMachine(Moves, RuleBasedStateMachine):
    """One table; each step is one move."""

    service: Service

    @initialize(two_capacities=st.booleans())
    def a_new_world(self, two_capacities: bool) -> None:
        self.table = Table(self.service, two_capacities)
        self.domain = self.table.domain
        self.steps = 0
        self.seeds: Counter[int] = Counter()
        self.ended_well = True

    @rule(seed=st.integers(0, 2**32))
    def play(self, seed: int) -> None:
        """One move. The seed chooses it, and how often that seed came up before: Hypothesis likes to repeat itself."""
        self.seeds[seed] += 1
        self.ended_well = False
        self.move(Random(f"{seed} {self.seeds[seed]}"))  # text: the same on every machine
        self.steps += 1
        if self.steps % _EVERY == 0:
            self.table.compare()
        self.ended_well = True

    def teardown(self) -> None:
        if not hasattr(self, "table"):
            return
        try:
            if self.ended_well:
                self.table.compare()
        finally:
            self.table.close()


@pytest.fixture
def machine(service: Service) -> Iterator[type[DomainMachine]]:
    DomainMachine.service = service
    COUNTS.clear()
    yield DomainMachine
    del DomainMachine.service


@pytest.mark.timeout(max(900, EXAMPLES * STEPS))
def test_the_directory_does_what_the_model_of_the_domain_says(
    machine: type[DomainMachine], service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    phases = (Phase.generate, Phase.shrink) if SHRINK else (Phase.generate,)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            database=None,
            derandomize=DEFAULT,
            deadline=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
    assert_view_equals_directory(service)
    with capsys.disabled():
        print("\n" + report(time.monotonic() - started))
    if DEFAULT:  # else chance decides
        never = [(rule, way) for rule in BOTH_WAYS for way in ("refused", "allowed") if not COUNTS[rule, way]]
        assert not never, f"the machine no longer reaches {never}"


def test_the_model_knows_nothing_of_the_program() -> None:
    for module in (domain_model, domain_state, domain_words):
        assert "um_directory" not in inspect.getsource(module)


def report(seconds: float) -> str:
    """What was met, in a few lines."""
    steps = {name: count for (kind, name), count in COUNTS.items() if kind == "steps"}
    rules = sorted(
        {rule for rule, kind in COUNTS if kind in ("refused", "allowed")},
        key=lambda r: (r[0], int(r[1:] or 0) if r[1:].isdigit() else 0),
    )
    counted = [f"{rule} {COUNTS[rule, 'refused']}/{COUNTS[rule, 'allowed']}" for rule in rules]
    return (
        f"state machine: {sum(steps.values())} actions in {seconds:.0f} s; refused/allowed by rule: "
        + ", ".join(counted)
    )
