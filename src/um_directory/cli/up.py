"""`um up`: slapd, guard and scheduler together, on this machine."""

from __future__ import annotations

from um_directory import log_setup
from um_directory.settings import load_settings
from um_directory.supervisor import Supervisor


def up() -> None:
    """Run the whole service in the foreground: embedded slapd, guard and scheduler. Ctrl-C stops it.

    The first start makes the state directory with generated passwords in <state>/secrets.
    """
    settings = load_settings()
    log_setup.configure(settings, "up")
    Supervisor(settings).run()
