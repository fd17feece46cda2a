"""One comparison and its delivery, as the scheduler and `um sync run` both do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from um_directory.connectors.interface import AnyConnector
from um_directory.errors import UmError
from um_directory.lock import exclusive
from um_directory.propagation.application import Application
from um_directory.propagation.apply import Outcome, apply
from um_directory.propagation.compare import Source, compare
from um_directory.propagation.ledger import Ledger
from um_directory.propagation.mirror import EVERYTHING, Touched
from um_directory.propagation.plan import Plan
from um_directory.propagation.retry import QuickTries


@dataclass(slots=True)
class Cycle:
    """What is needed to bring one target in step.

    `whole` is set from when a target lost its data until a run has gone through: it owes the target more than
    the accounts that somebody touches.
    """

    application: Application
    connector: AnyConnector
    ledger: Ledger
    source: Source
    run_dir: Path
    tries: QuickTries = field(default_factory=QuickTries)
    whole: bool = False

    def run(
        self,
        touched: Touched,
        *,
        patience: float = 0.0,
        stopping: Callable[[], bool] = lambda: False,
        planned: Callable[[Plan], Callable[[int], None]] = lambda _plan: lambda _number: None,
    ) -> tuple[Plan, Outcome]:
        """Compare, for the accounts `touched` or all, and deliver the difference.

        `planned` is told the plan and returns what is to be told the progress, in actions.

        :raises TargetUnavailable: the rest of the plan waits.
        :raises CannotPlan: see `compare`.
        :raises Busy: another process is at it (see `exclusive`).
        """
        with exclusive(self.run_dir, f"sync-{self.application.name}", patience):
            try:
                plan = self._plan(touched)
                outcome = apply(
                    plan,
                    self.connector,
                    self.ledger,
                    tries=self.tries,
                    stopping=stopping,
                    progress=planned(plan),
                )
            except UmError as error:
                self.ledger.report(str(error))
                raise
            self.ledger.report("")
            self.whole = False
        return plan, outcome

    def _plan(self, touched: Touched) -> Plan:
        if not self.ledger.is_empty() and self.connector.lost():
            structlog.get_logger().warning(
                "the target lost what it had; everything is sent again", application=self.application.name
            )
            self.ledger.doubt_everything()
            self.whole = True
        scope = EVERYTHING if self.whole else touched
        plan = compare(self.application, self.source, self.ledger, scope)
        self.ledger.planned(plan, scope)
        return plan
