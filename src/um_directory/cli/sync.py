"""`um sync`: what the downstream applications know, and bringing them in step by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from um_directory import log_setup
from um_directory.cli.sync_report import in_step, status_table, summary_table
from um_directory.errors import UmError
from um_directory.settings import load_settings

if TYPE_CHECKING:
    from um_directory.cli.desk import Desk, Result
    from um_directory.propagation.plan import Action, Plan

sync = typer.Typer(help="Downstream applications: plan, run, status, retry, confirm.", no_args_is_help=True)

_FAILED, _UNFINISHED = 1, 2
_SHOWN = 50
_WIDTH_OF_PIPES = 160  # characters; a pipe has no width, and tables cut for a narrow terminal read badly

App = Annotated[str | None, typer.Argument(metavar="APP", help="One application; without it, all.")]
OneApp = Annotated[str, typer.Argument(metavar="APP", help="The application.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@sync.command()
def plan(
    app: App = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Show every action.")] = False,
    as_json: Json = False,
) -> None:
    """Read the directory now and say what would change at each application, and why. Nothing is sent.

    Exit status: 0 all in step, 2 something would be done or is held or parked, 1 could not tell.
    """
    with _desk(app) as desk:
        plans = desk.plans()
    if as_json:
        _print_json([_plan_as_json(name, made) for name, made in plans.items()])
    else:
        _print_plans(plans, None if everything else _SHOWN)
    if any(sum(made.summary().values()) for made in plans.values()):
        raise typer.Exit(_UNFINISHED)


@sync.command()
def run(app: App = None, *, as_json: Json = False) -> None:
    """Read the directory now, compare everything, and deliver the difference.

    Exit status: 0 all acknowledged, 2 something is refused or held, 1 an application could not be reached.
    """
    with _desk(app) as desk:
        _run(desk, as_json=as_json)


@sync.command()
def status(app: App = None, *, as_json: Json = False) -> None:
    """Show how each application stands, as the scheduler last saw it.

    Exit status: 0 all in step, 2 something is pending, parked, held or failing, 1 could not tell.
    """
    with _desk(app) as desk:
        running = desk.scheduler_runs()
        rows = desk.statuses()
    if as_json:
        _print_json(rows, scheduler="running" if running else "stopped")
    else:
        console = _console()
        console.print(status_table(rows))
        if not running:
            console.print("The scheduler does not run: this is how it left things.")
    if not all(in_step(row) for row in rows):
        raise typer.Exit(_UNFINISHED)


@sync.command()
def retry(
    app: App = None,
    record: Annotated[str | None, typer.Argument(metavar="RECORD", help="One parked record.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Try parked records again: those that an application refused. Then as `run`, exit status too."""
    with _desk(app) as desk:
        if not sum(ledger.unpark(record) for ledger in desk.ledgers.values()):
            raise UmError(f"{record or app or 'no application'}: nothing is parked")
        _run(desk, as_json=as_json)


@sync.command()
def confirm(app: OneApp, *, as_json: Json = False) -> None:
    """Let held removals through (see them with `plan`). Then as `run`, exit status too.

    What is held as you say so passes, and nothing that comes after.
    """
    with _desk(app) as desk:
        if not desk.ledgers[app].confirm():
            raise UmError(f"{app}: no removals are held")
        _run(desk, as_json=as_json)


def _desk(app: str | None) -> AbstractContextManager[Desk]:
    # Here, so that the other commands of `um` need not wait for SQLAlchemy to load.
    from um_directory.cli.desk import open_desk  # noqa: PLC0415

    settings = load_settings()
    log_setup.configure(settings, "sync")
    return open_desk(settings, app)


def _run(desk: Desk, *, as_json: bool) -> None:
    with _progress() as progress:

        def announce(name: str, made: Plan) -> Callable[[int], None]:
            task = progress.add_task(name, total=len(made.actions))
            return lambda number: progress.advance(task, number)

        results = desk.run(announce)
    if as_json:
        _print_json([_result_as_json(result) for result in results])
    else:
        console = _console()
        console.print(summary_table({result.application: result.plan.summary() for result in results}))
        for result in results:
            words = result.error or result.plan.reason
            if words:
                console.print(f"{result.application}: {words}", markup=False)
    if any(result.error for result in results):
        raise typer.Exit(_FAILED)
    if any(result.outcome.refused or result.plan.held or result.plan.parked for result in results):
        raise typer.Exit(_UNFINISHED)


def _print_plans(plans: dict[str, Plan], most: int | None) -> None:
    console = _console()
    console.print(summary_table({name: made.summary() for name, made in plans.items()}))
    for name, made in plans.items():
        lines = [action.description() for action in made.actions]
        lines += [f"{action.description()}: held, {made.reason}" for action in made.held]
        lines += [f"Would not try {record_id} again: parked" for record_id in made.parked]
        for line in lines[:most]:
            console.print(f"{name}: {line}", markup=False, soft_wrap=True)
        if most is not None and len(lines) > most:
            console.print(f"{name}: … and {len(lines) - most} more (--all shows them)", markup=False)


def _plan_as_json(name: str, made: Plan) -> dict[str, Any]:
    return {
        "application": name,
        "summary": made.summary(),
        "reason": made.reason,
        "actions": _actions_as_json(made.actions),
        "held": _actions_as_json(made.held),
        "parked": list(made.parked),
    }


def _actions_as_json(actions: Iterable[Action]) -> list[dict[str, str]]:
    return [
        {"action": action.verb, "id": action.id, "description": action.description()} for action in actions
    ]


def _result_as_json(result: Result) -> dict[str, Any]:
    return {
        "application": result.application,
        "summary": result.plan.summary(),
        "acknowledged": result.outcome.acknowledged,
        "refused": result.outcome.refused,
        "reason": result.plan.reason,
        "error": result.error,
    }


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH_OF_PIPES)


def _progress() -> Progress:
    """On standard error, and only on a terminal."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _print_json(applications: list[dict[str, Any]], **more: str) -> None:
    typer.echo(json.dumps({**more, "applications": applications}, default=_as_json, ensure_ascii=False))


def _as_json(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return {name: getattr(value, name) for name in value.__slots__}
