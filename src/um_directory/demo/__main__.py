"""Entry point: `python -m um_directory.demo [--once]`."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

import typer

from um_directory.cli.entry import run
from um_directory.demo.stage import Stage
from um_directory.demo.story import Story
from um_directory.resources import resource

_POLL_SECONDS = 0.5

_APPLICATIONS = {
    "mandates.toml": """\
name = "mandates"
kind = "scim"
application = "mandates"
[target]
url = "{scim_url}"
""",
    "portal.toml": """\
name = "portal"
kind = "file"
application = "user-management"
[target]
path = "{export}"
""",
}


def main(
    once: bool = typer.Option(False, "--once", help="End by itself; exit 1 at the first deviation."),
) -> None:
    """Run the demo, then stay up until Ctrl-C."""
    stage = Stage(Path(".demo"), resource("ldif"))
    stage.clear()
    for name, text in _APPLICATIONS.items():
        content = text.format(scim_url=stage.scim_url, export=stage.export.name)
        (stage.settings.applications_dir / name).write_text(content, "utf-8")
    story = Story(stage)
    try:
        for chapter in (
            story.come_up,
            story.take_in,
            story.first_passwords,
            story.manage,
            story.refuse,
            story.log_in,
            story.propagate,
            story.block,
        ):
            chapter()
            stage.check_alive()
        if once:
            stage.say("\n[bold green]Every step was right.[/]")
        else:
            _stay(stage, story)
    finally:
        stage.stop()


def _stay(stage: Stage, story: Story) -> None:
    story.what_next()
    stage.say("\n[bold]It stays up. Ctrl-C stops it.[/]")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            stage.check_alive()
            time.sleep(_POLL_SECONDS)


if __name__ == "__main__":
    run(lambda: typer.run(main))
    sys.exit(0)
