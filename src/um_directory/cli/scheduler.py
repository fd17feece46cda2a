"""`um scheduler`: keeps the downstream applications in step with the directory."""

from __future__ import annotations

from um_directory import log_setup
from um_directory.cli.entry import run
from um_directory.settings import load_settings


def scheduler() -> None:
    """Follow the directory and tell every configured application, until told to stop.

    It may run anywhere that reaches a directory node; `um up` starts it by itself. The applications are the
    files in UM_APPLICATIONS_DIR, read once at the start.
    """
    # Here, so that the other commands of `um` need not wait for SQLAlchemy and APScheduler to load.
    from um_directory.scheduling.process import SchedulerProcess  # noqa: PLC0415

    settings = load_settings()
    log_setup.configure(settings, "scheduler")
    SchedulerProcess(settings).run()


if __name__ == "__main__":  # how `um up` starts it: without loading what the other commands need
    run(scheduler)
