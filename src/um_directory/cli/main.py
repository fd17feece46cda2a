"""The command `um`."""

from __future__ import annotations

import typer

from um_directory.cli import entry
from um_directory.cli.audit import audit
from um_directory.cli.explain import explain
from um_directory.cli.generate import generate
from um_directory.cli.guard import guard
from um_directory.cli.import_ import import_
from um_directory.cli.scheduler import scheduler
from um_directory.cli.search import search
from um_directory.cli.sync import sync
from um_directory.cli.up import up
from um_directory.cli.verify import verify

app = typer.Typer(
    help="An LDAP directory in which enterprises manage their own people's access to secured applications.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(up)
app.command()(guard)
app.command()(scheduler)
app.command("import")(import_)
app.command()(explain)
app.command()(generate)
app.command()(verify)
app.command()(audit)
app.command()(search)
app.add_typer(sync, name="sync")


def run() -> None:
    """Entry point of the console script."""
    entry.run(app)


if __name__ == "__main__":
    run()
