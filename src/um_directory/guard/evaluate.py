"""Ask the rules: the one place where an operation becomes a yes or a refusal. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import TypeAlias

from um_directory.guard import change as parts
from um_directory.guard.actor import Actor
from um_directory.guard.change import Change, Part, decompose
from um_directory.guard.rules import RULES
from um_directory.guard.rules.base import Case, Verdict
from um_directory.guard.rules.terms import kind_term
from um_directory.model.operation import Add, Modify, Operation
from um_directory.model.roles import Role
from um_directory.model.tree import Kind
from um_directory.model.values import value_type
from um_directory.view import View

UNCLAIMED = "D0"
"""The id of the refusal of what no rule knows."""


MOST_VALUES = 5000
"""Of an operation by anybody but the registrar, who loads whole groups at once."""

Asked: TypeAlias = tuple[tuple[int, Callable[[Part, Case], Verdict]], ...]


_asked: dict[tuple[object, Kind, Role | None], Asked] = {}


def _asked_about(part: Part) -> Asked:
    """The checks of the rules that concern a part, each with its rule's place in RULES."""
    key = part.__class__, part.place.kind, part.place.role
    found = _asked.get(key)
    if found is None:
        concerned = ((index, rule) for index, rule in enumerate(RULES) if rule.concerns(*key))
        found = _asked[key] = tuple((index, rule.check) for index, rule in concerned)
    return found


@value_type
class Refusal:
    """Which rule refuses, and the text as an English template with its values."""

    rule: str
    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The English text, with its rule id."""
        return f"{self.rule}: {self.template.format(**self.values)}"


def evaluate(operation: Operation, actor: Actor, view: View) -> Refusal | None:
    """Decide on one operation against the view as it stands before it."""
    if actor.kind != "registrar" and _values(operation) > MOST_VALUES:
        # Refused before anything is looked up: all other writes wait meanwhile.
        return Refusal(
            UNCLAIMED, "an operation names at most {count} values; make several of it", {"count": MOST_VALUES}
        )
    change = decompose(operation, view)
    return judge(change, actor, view)


def _values(operation: Operation) -> int:
    if isinstance(operation, Modify):
        return sum(len(change.values) for change in operation.modifications)
    return sum(map(len, operation.attributes.values())) if isinstance(operation, Add) else 0


def judge(change: Change, actor: Actor, view: View) -> Refusal | None:
    """Ask every rule about every part: any refusal refuses, and every part must be allowed by some rule."""
    case = Case(actor, change, view)
    first, answer = len(RULES), None  # the refusal of the rule that stands first in RULES wins
    unclaimed = None
    for part in change.parts:
        allowed = False
        for index, check in _asked_about(part):
            if index >= first:
                break
            verdict = check(part, case)
            if verdict is True:
                allowed = True
            elif verdict is not None:
                first, answer = index, Refusal(RULES[index].id, verdict.template, verdict.values)
                break
        if not allowed and unclaimed is None:
            unclaimed = part
    if answer is not None:
        return answer
    if unclaimed is not None:
        return _no_rule_allows(unclaimed)
    if not change.parts:
        return Refusal(UNCLAIMED, "this operation changes nothing; say what is to be changed")
    return None


def objections(change: Change, actor: Actor, view: View) -> Iterator[tuple[Part, Refusal]]:
    """All that the rules say against something stored, as if it came in now: the first refusal of each part."""
    case = Case(actor, change, view, stored=True)
    for part in change.parts:
        allowed = False
        for index, check in _asked_about(part):
            verdict = check(part, case)
            if verdict is True:
                allowed = True
            elif verdict is not None:
                yield part, Refusal(RULES[index].id, verdict.template, verdict.values)
                break
        else:
            if not allowed:
                yield part, _no_rule_allows(part)


def _no_rule_allows(part: Part) -> Refusal:
    match part:
        case parts.AttributeChanged(place, attribute):
            return Refusal(
                UNCLAIMED,
                "no rule allows anybody to change {attribute} here ({kind}); leave it out",
                {"attribute": attribute, "kind": kind_term(place.kind)},
            )
        case parts.Unsupported(_, template, values):
            return Refusal(UNCLAIMED, template, values)
    return Refusal(
        UNCLAIMED, "no rule allows anybody to do this here ({kind})", {"kind": kind_term(part.place.kind)}
    )
