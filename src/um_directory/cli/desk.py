"""What the commands of `um sync` work with: the applications, their ledgers, and the directory as it is now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from um_directory.directory.content_sync import ContentSync, external
from um_directory.errors import UmError
from um_directory.lock import Busy, exclusive
from um_directory.propagation.application import Application, load_applications
from um_directory.propagation.apply import Outcome
from um_directory.propagation.compare import Source, compare
from um_directory.propagation.cycle import Cycle
from um_directory.propagation.ledger import Ledger
from um_directory.propagation.mirror import EVERYTHING, read_once
from um_directory.propagation.plan import Plan
from um_directory.propagation.state import StateStore
from um_directory.settings import Settings

_PATIENCE_SECONDS = 30.0  # for a scheduler that is delivering to the same application


@dataclass(slots=True)
class Result:
    """What became of one application in a run. That it could not be reached is a result too."""

    application: str
    plan: Plan = field(default_factory=Plan)
    outcome: Outcome = field(default_factory=Outcome)
    error: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """The chosen applications. Each method that reads the directory does so anew."""

    settings: Settings
    applications: dict[str, Application]
    ledgers: dict[str, Ledger]

    def plans(self) -> dict[str, Plan]:
        """What a run would do, by application."""
        source = self._read()
        return {name: self._plan(name, source) for name in self.applications}

    def _plan(self, name: str, source: Source) -> Plan:
        application, ledger = self.applications[name], self.ledgers[name]
        with application.connect(self.settings.state_dir) as connector:
            lost = not ledger.is_empty() and connector.lost()
        return compare(application, source, ledger, EVERYTHING, lost=lost)

    def run(self, announce: Callable[[str, Plan], Callable[[int], None]]) -> list[Result]:
        """Compare and deliver, one application after the other; none stops the next.

        `announce` is told each plan and returns what is to be told the progress, in actions.
        """
        source = self._read()
        return [self._run_one(name, source, announce) for name in self.applications]

    def _run_one(
        self, name: str, source: Source, announce: Callable[[str, Plan], Callable[[int], None]]
    ) -> Result:
        application = self.applications[name]
        result = Result(name)

        def planned(plan: Plan) -> Callable[[int], None]:
            result.plan = plan
            return announce(name, plan)

        try:
            with application.connect(self.settings.state_dir) as connector:
                cycle = Cycle(application, connector, self.ledgers[name], source, self.settings.run_dir)
                _, result.outcome = cycle.run(EVERYTHING, patience=_PATIENCE_SECONDS, planned=planned)
        except UmError as error:
            result.error = str(error)
        return result

    def statuses(self) -> list[dict[str, Any]]:
        """How each application stands (see `Ledger.status`), with its parked records."""
        return [
            {**ledger.status(), "parked_records": ledger.parked_records()} for ledger in self.ledgers.values()
        ]

    def scheduler_runs(self) -> bool:
        """Whether a scheduler is at work on this state directory."""
        try:
            with exclusive(self.settings.run_dir, "scheduler"):
                return False
        except Busy:
            return True

    def _read(self) -> Source:
        reading = read_once(
            self.settings.suffix,
            lambda wanted: ContentSync(external(self.settings.url), wanted),
            self.settings.readings,
        )
        return lambda: nullcontext(reading)


@contextmanager
def open_desk(settings: Settings, app: str | None) -> Iterator[Desk]:
    """The applications of the configuration, or the one.

    :raises UmError: there is no such application, or nothing has ever run here.
    """
    if not settings.state_dir.is_dir():
        raise UmError(f"{settings.state_dir}: no such state directory; has um up run, with these settings?")
    applications = load_applications(settings.applications_dir, settings.state_dir)
    if app is not None:
        if app not in applications:
            known = ", ".join(applications) or "none"
            raise UmError(f"{app}: no such application in {settings.applications_dir} (there are: {known})")
        applications = {app: applications[app]}
    store = StateStore.open(settings.state_dir)
    try:
        yield Desk(settings, applications, {name: Ledger(store, name) for name in applications})
    finally:
        store.close()
