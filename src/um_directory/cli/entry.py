"""How every command ends: errors that a person can do something about become one line and exit status 1."""

from __future__ import annotations

import sys
from collections.abc import Callable

from um_directory.errors import UmError
from um_directory.log_setup import printable


def run(command: Callable[[], object]) -> None:
    """Run `command`; exit 1 with `um: <reason>` for every `UmError`."""
    try:
        command()
    except UmError as error:
        print(f"um: {printable(str(error))}", file=sys.stderr)  # noqa: T201 - the command's own voice
        sys.exit(1)
