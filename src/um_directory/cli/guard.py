"""`um guard`: the guard alone, beside a slapd that somebody else runs."""

from __future__ import annotations

from um_directory import log_setup
from um_directory.cli.entry import run
from um_directory.guard.process import GuardProcess
from um_directory.settings import load_settings


def guard() -> None:
    """Answer slapd's questions about writes until told to stop.

    It must run on slapd's machine, with the same state directory. `um up` starts it by itself.
    """
    settings = load_settings()
    log_setup.configure(settings, "guard")
    GuardProcess(settings).run()


if __name__ == "__main__":  # how `um up` starts it: without loading what the other commands need
    run(guard)
