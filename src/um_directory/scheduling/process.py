"""`um scheduler`: the mirror, a worker for each application, and the timetable."""

from __future__ import annotations

import signal
import threading

import structlog

from um_directory.directory.content_sync import ContentSync, external
from um_directory.lock import exclusive
from um_directory.propagation.application import load_applications
from um_directory.propagation.ledger import Ledger
from um_directory.propagation.mirror import Mirror, Touched
from um_directory.propagation.state import StateStore
from um_directory.scheduling.jobs import timetable
from um_directory.scheduling.worker import Worker, deadline
from um_directory.settings import Settings

_STOP_SECONDS = 8.0  # less than a supervisor's patience


class SchedulerProcess:
    """Runs until SIGTERM or SIGINT. `<run>/scheduler.ready` is there once the directory was read whole."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ready = settings.run_dir / "scheduler.ready"
        self._stop = threading.Event()
        self._log = structlog.get_logger()

    def run(self) -> None:
        """Run.

        :raises SettingsError: a configuration of an application is wrong.
        :raises StateDirectoryError: the state store cannot be used.
        :raises Busy: another scheduler runs on this state directory.
        """
        settings = self._settings
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        with exclusive(settings.run_dir, "scheduler"):
            self._ready.unlink(missing_ok=True)
            applications = load_applications(settings.applications_dir, settings.state_dir)
            store = StateStore.open(settings.state_dir)
            workers: list[Worker] = []
            mirror = Mirror(
                settings.suffix,
                lambda subscription: ContentSync(external(settings.url), subscription),
                lambda touched: self._on_change(workers, touched),
                settings.readings,
            )
            for application in applications.values():
                ledger = Ledger(store, application.name)
                workers.append(
                    Worker(application, ledger, mirror.reading, settings.state_dir, settings.run_dir)
                )
            try:
                self._serve(mirror, workers)
            finally:
                self._ready.unlink(missing_ok=True)
                store.close()

    def _serve(self, mirror: Mirror, workers: list[Worker]) -> None:
        schedule = timetable(workers)
        for worker in workers:
            worker.start()
        mirror.start()
        schedule.start()
        self._log.info("scheduler started", applications=[worker.application.name for worker in workers])
        self._stop.wait()
        schedule.shutdown(wait=False)
        mirror.stop()
        late = deadline(workers, _STOP_SECONDS)
        self._log.info("scheduler stopped", **({"still_delivering": late} if late else {}))

    def _on_change(self, workers: list[Worker], touched: Touched) -> None:
        for worker in workers:
            worker.touch(touched)
        if not self._ready.exists():
            self._ready.touch(mode=0o600)

    def _on_signal(self, *_: object) -> None:
        self._stop.set()
