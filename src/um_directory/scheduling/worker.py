"""One thread for each application, so that no target waits for another."""

from __future__ import annotations

import threading
import time
from contextvars import copy_context
from pathlib import Path

import structlog

from um_directory.connectors.interface import TargetUnavailable
from um_directory.errors import UmError
from um_directory.lock import Busy
from um_directory.propagation.application import Application
from um_directory.propagation.apply import Outcome
from um_directory.propagation.compare import Source
from um_directory.propagation.cycle import Cycle
from um_directory.propagation.ledger import Ledger
from um_directory.propagation.mirror import EVERYTHING, Touched
from um_directory.propagation.plan import Plan
from um_directory.propagation.retry import pauses

_NOTHING: Touched = frozenset()
_LONGEST_PAUSE = 5.0  # seconds, when it is not the target that fails
_LONGEST_RETRY_AFTER = 900.0  # seconds; a target that asks for more is asked again all the same


class Worker:
    """Keeps one target in step. What is to be looked at accumulates until the thread gets to it."""

    def __init__(
        self, application: Application, ledger: Ledger, source: Source, state_dir: Path, run_dir: Path
    ) -> None:
        self.application = application
        self._ledger = ledger
        self._source = source
        self._state_dir = state_dir
        self._run_dir = run_dir
        self._scope: Touched = _NOTHING
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._run,), name=f"worker {application.name}", daemon=True
        )
        self._log = structlog.get_logger().bind(application=application.name)
        self._waits = pauses()
        self._trouble = ""

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def touch(self, touched: Touched) -> None:
        """Have these accounts, or all, compared as soon as can be."""
        with self._changed:
            self._scope = None if self._scope is None or touched is None else self._scope | touched
            self._changed.notify()

    def stop(self) -> None:
        """Stop after the delivery at hand. Does not wait: see `join`."""
        self._stopping.set()
        with self._changed:
            self._changed.notify()

    def join(self, timeout: float) -> bool:
        """Wait until it has stopped; False when it has not."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        cycle: Cycle | None = None
        while (scope := self._next()) != _NOTHING:
            try:
                cycle = cycle or self._cycle()
                self._report(scope, *cycle.run(scope, stopping=self._stopping.is_set))
            except UmError as error:
                self._put_off(scope, error)
            except Exception as error:  # noqa: BLE001 - a connector's mistake must not end the thread unseen
                self._log.exception("unexpected error")
                self._put_off(scope, error)
        if cycle is not None:
            cycle.connector.close()

    def _cycle(self) -> Cycle:
        # Made in the thread: loading a connector's code may take a second, which others need not wait for.
        connector = self.application.connect(self._state_dir)
        return Cycle(self.application, connector, self._ledger, self._source, self._run_dir)

    def _next(self) -> Touched:
        """Wait for something to do; nothing when it is time to stop."""
        with self._changed:
            self._changed.wait_for(lambda: self._scope != _NOTHING or self._stopping.is_set())
            scope, self._scope = self._scope, _NOTHING
        return _NOTHING if self._stopping.is_set() else scope

    def _report(self, scope: Touched, plan: Plan, outcome: Outcome) -> None:
        self._waits = pauses()
        if self._trouble:
            self._log.info("works again")
            self._trouble = ""
        if plan.held:
            self._log.warning(
                "removals held; look with um sync plan, let through with um sync confirm",
                held=len(plan.held),
                reason=plan.reason,
            )
        if plan.actions or scope is EVERYTHING:
            self._log.info(
                "in step" if outcome.acknowledged == len(plan.actions) else "delivered",
                whole_comparison=scope is EVERYTHING,
                acknowledged=outcome.acknowledged,
                refused=outcome.refused,
            )

    def _put_off(self, scope: Touched, error: Exception) -> None:
        """Leave the target alone for a while; what was to be done stays to be done."""
        self.touch(scope)
        wait = next(self._waits)
        if not isinstance(error, TargetUnavailable):
            wait = min(wait, _LONGEST_PAUSE)
        elif error.retry_after is not None:
            wait = max(wait, min(error.retry_after, _LONGEST_RETRY_AFTER))
        # The same trouble is told once, not at every try.
        if not isinstance(error, Busy) and str(error) != self._trouble:
            self._trouble = str(error)
            self._log.warning("not delivered; tried again", reason=str(error), retry_seconds=round(wait, 1))
        self._stopping.wait(wait)


def deadline(workers: list[Worker], seconds: float) -> list[str]:
    """Stop workers together; returns the names of those that did not within `seconds`."""
    until = time.monotonic() + seconds
    for worker in workers:
        worker.stop()
    return [w.application.name for w in workers if not w.join(max(0.0, until - time.monotonic()))]
