"""The configuration of downstream applications: one TOML file each, checked whole before anything starts."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from apscheduler.triggers.cron import CronTrigger
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from um_directory.connectors.interface import AnyConnector, Context, Options
from um_directory.connectors.registry import KINDS, connector_type, options_type
from um_directory.errors import SettingsError
from um_directory.log_setup import printable
from um_directory.propagation.plan import Brake
from um_directory.propagation.record import PERSONAL

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DEFAULT_ATTRIBUTES = frozenset(PERSONAL) - {"umSsin"}


def _span(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"(\d{1,6})([smhd])", value) if isinstance(value, str) else None
    if match is None or not int(match[1]):
        raise ValueError('must be a number and a unit, such as "90s", "15m", "6h" or "1d"')
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _names(value: object) -> object:
    return frozenset([value]) if isinstance(value, str) else value


Span = Annotated[timedelta, BeforeValidator(_span)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Schedule(_Table):
    """When the whole comparison runs, besides every start. Changes do not wait for it."""

    every: Span | None = None
    cron: str | None = None
    jitter: Span = timedelta(seconds=0)

    @model_validator(mode="after")
    def _one(self) -> Schedule:
        if (self.every is None) == (self.cron is None):
            raise ValueError('give either every = "15m" or cron = "0 */2 * * *"')
        if self.cron is not None:
            CronTrigger.from_crontab(self.cron)
        return self


class BrakeTable(_Table):
    """Removals are held when within `within` more than `removals` *and* more than this `share` would go."""

    removals: int = Field(50, ge=0)
    share: float = Field(0.2, ge=0, le=1)
    within: Span = timedelta(hours=1)

    def limits(self) -> Brake:
        """As the planner wants them."""
        return Brake(self.removals, self.share, self.within.total_seconds())


class Application(_Table):
    """One downstream application: whom it wants to know, what of them, and how it is reached.

    `application` is the name, or names, in the directory's catalogue whose users it is told. `target` holds
    the connector's own keys.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    kind: str
    application: Annotated[frozenset[str], BeforeValidator(_names)] = Field(min_length=1)
    attributes: frozenset[str] = _DEFAULT_ATTRIBUTES
    enabled: bool = True
    schedule: Schedule = Schedule(every=timedelta(minutes=15))
    brake: BrakeTable = Field(default_factory=lambda: BrakeTable.model_validate({}))
    target: dict[str, Any] = Field(default_factory=dict)

    @property
    def applications(self) -> frozenset[str]:
        """Catalogue names, as the directory compares them."""
        return frozenset(name.lower() for name in self.application)

    @model_validator(mode="after")
    def _known_names(self) -> Application:
        if self.kind not in KINDS:
            raise ValueError(f"kind: {self.kind!r} is none of {', '.join(sorted(KINDS))}")
        unknown = sorted(self.attributes - PERSONAL.keys())
        if unknown:
            raise ValueError(f"attributes: {unknown[0]!r} is none of {', '.join(PERSONAL)}")
        return self

    def options(self) -> Options:
        """The connector's keys, checked.

        :raises ValidationError: see pydantic.
        """
        return options_type(self.kind).model_validate(self.target)

    def connect(self, state_dir: Path) -> AnyConnector:
        """Make the connector. Nothing is sent yet."""
        return connector_type(self.kind)(self.options(), Context(self.name, state_dir))


def load_applications(directory: Path, state_dir: Path) -> dict[str, Application]:
    """Read every `*.toml` in `directory`; disabled applications are left out.

    :raises SettingsError: listing every mistake with its file and key.
    """
    found: dict[str, Application] = {}
    files: dict[str, Path] = {}
    targets: dict[str, str] = {}
    problems: list[str] = []
    for path in sorted(directory.glob("*.toml")):
        try:
            application = _load(path)
            if application.enabled:
                _check(application, state_dir)
                found[application.name] = application
        except ValueError as error:
            problems += [f"{path}: {problem}" for problem in _problems(error)]
            continue
        if application.name in files:
            problems.append(f"{path}: name: {application.name} is also in {files[application.name]}")
        files[application.name] = path
        target = f"{application.kind} {sorted(application.target.items())}"
        if application.enabled and targets.setdefault(target, application.name) != application.name:
            problems.append(
                f"{path}: target: the same as that of {targets[target]}; they would undo each other"
            )
    if problems:
        raise SettingsError("\n".join(problems))
    return found


def _load(path: Path) -> Application:
    try:
        return Application.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error


def _check(application: Application, state_dir: Path) -> None:
    try:
        application.options().check(Context(application.name, state_dir))
    except ValidationError as error:
        raise ValueError("\n".join(f"target.{problem}" for problem in _problems(error))) from error
    except ValueError as error:
        raise ValueError(f"target.{error}") from error


def _problems(error: ValueError) -> list[str]:
    if not isinstance(error, ValidationError):
        return str(error).splitlines()
    return [_problem(item["loc"], item["msg"]) for item in error.errors(include_input=False)]


def _problem(location: tuple[int | str, ...], message: str) -> str:
    key = ".".join(str(part) for part in location)
    text = printable(message.removeprefix("Value error, "))
    return f"{key}: {text}" if key else text
