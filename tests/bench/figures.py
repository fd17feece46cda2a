"""A measured figure with its anchor and goal, and the table of all of them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from rich.console import Console
from rich.table import Table

_TOO_NOISY = 0.2  # rounds that differ by more say nothing about a difference


@dataclass(frozen=True)
class Rounds:
    """The rounds of one measurement."""

    values: Sequence[float]

    @property
    def median(self) -> float:
        """The figure."""
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """Highest less lowest, as a share of the median: the noise."""
        return (max(self.values) - min(self.values)) / self.median if self.median else 0.0


@dataclass(frozen=True)
class Figure:
    """One row. `score` is what the goal speaks of: a ratio, or a difference in `unit`; None: there is no goal."""

    what: str
    ours: str
    anchor: str
    score: str
    note: str
    goal: str = ""
    met: bool | None = None
    noise: str = ""

    @property
    def mark(self) -> str:
        """Whether the goal is met; `noisy` where the rounds differ too much to tell."""
        if self.met is None:
            return "noisy" if self.goal else ""
        return "met" if self.met else "MISSED"


def ratio(
    what: str,
    ours: Rounds,
    anchor: Rounds,
    unit: str,
    note: str,
    *,
    least: float | None = None,
    most: float | None = None,
) -> Figure:
    """Ours to the anchor, with the least or the most it should be."""
    found = ours.median / anchor.median
    goal = f"≥ {least:.2f}" if least is not None else f"≤ {most:g}" if most is not None else ""
    met = None if not goal else found >= least if least is not None else found <= (most or 0)
    return Figure(
        what,
        shown(ours.median, unit),
        shown(anchor.median, unit),
        f"{found:.2f}",
        note,
        goal,
        met,
        f"±{max(ours.spread, anchor.spread) / 2:.0%}",
    )


def the_same(what: str, ours: Rounds, anchor: Rounds, unit: str, note: str) -> Figure:
    """Ours should be the anchor's, but for the noise of the rounds, if there is not too much of it."""
    found = ours.median / anchor.median
    noise = max(ours.spread, anchor.spread)
    return Figure(
        what,
        shown(ours.median, unit),
        shown(anchor.median, unit),
        f"{found:.2f}",
        note,
        "1 but for noise",
        None if noise > _TOO_NOISY else abs(1 - found) <= noise,
        f"±{noise / 2:.0%}",
    )


def difference(what: str, ours: Rounds, anchor: Rounds, note: str, most: float | None = None) -> Figure:
    """What ours takes longer, in µs: the median of the rounds' differences. `values` are µs."""
    # With more noise than the goal has µs, nobody can tell.
    each = Rounds([mine - other for mine, other in zip(ours.values, anchor.values, strict=True)])
    noise = (max(each.values) - min(each.values)) / 2
    met = None if most is None or noise > most else each.median <= most
    return Figure(
        what,
        shown(ours.median, "µs"),
        shown(anchor.median, "µs"),
        f"{each.median:+.0f} µs",
        note,
        "" if most is None else f"≤ {most:.0f} µs",
        met,
        f"±{noise:.0f} µs",
    )


def shown(value: float, unit: str) -> str:
    """A value with its unit."""
    return (
        f"{value:,.0f}{'' if unit.startswith('/') else ' '}{unit}" if value >= 10 else f"{value:.2f} {unit}"
    )


@dataclass
class Report:
    """All figures of a run, and on what machine."""

    machine: str
    figures: list[Figure] = field(default_factory=list)

    def print(self, console: Console, style: Literal["table", "markdown"]) -> None:
        """For people, or for docs/reference/bench.md."""
        heads = ("what", "ours", "anchor", "score", "noise", "goal", "", "the anchor is")
        rows = [
            (one.what, one.ours, one.anchor, one.score, one.noise, one.goal, one.mark, one.note)
            for one in self.figures
        ]
        if style == "markdown":
            lines = [heads, ("---",) * len(heads), *rows]
            console.print(
                "\n".join(f"| {' | '.join(line)} |" for line in lines), soft_wrap=True, markup=False
            )
        else:
            table = Table(*heads, box=None, pad_edge=False)
            for row in rows:
                table.add_row(*row)
            console.print(table)
        missed = [one.what for one in self.figures if one.met is False]
        console.print(f"\n{self.machine}", markup=False, soft_wrap=True)
        console.print(
            f"goals missed: {'; '.join(missed)}" if missed else "every goal is met",
            markup=False,
            soft_wrap=True,
        )
