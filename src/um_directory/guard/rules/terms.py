"""Words that stand inside a refusal and are translated with it: roles, relations, kinds of entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from um_directory.model.roles import Role
from um_directory.model.tree import Kind


class Term(str):
    """A word or phrase with translations of its own, looked up by the English text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Terms as one phrase: "a, b or c"."""

    terms: tuple[Term, ...]

    def spoken(self, say: Callable[[str], str]) -> str:
        """The phrase, with each word put through `say`."""
        *most, last = (say(term) for term in self.terms)
        return f"{', '.join(most)} {say(_OR)} {last}" if most else last

    def __str__(self) -> str:
        """The English phrase.

        >>> str(AnyOf((Term("director"), Term("manager"), Term("founder"))))
        'director, manager or founder'
        """
        return self.spoken(str)


_OR = Term("or")

ROLES: dict[Role, Term] = {
    Role.CAM: Term("chief access manager"),
    Role.CO_CAM: Term("co-chief access manager"),
    Role.LA: Term("local administrator"),
    Role.CO_LA: Term("co-local administrator"),
    Role.USER: Term("user"),
    Role.TECHNICAL: Term("technical user"),
}

_RELATIONS: dict[str, Term] = {
    "umemployeeof": Term("employee"),
    "umdirectorof": Term("director"),
    "ummanagingdirectorof": Term("managing director"),
    "ummanagerof": Term("manager"),
    "umfounderof": Term("founder"),
    "umassociateof": Term("associate"),
    "ummemberof": Term("member"),
    "umserviceproviderof": Term("service provider"),
    "umtrusteeof": Term("trustee"),
}


def any_relation(names: Iterable[str]) -> AnyOf | None:
    """The relations (attribute names, lower case) as a phrase; None when there is none of ours among them."""
    wanted = frozenset(names)
    terms = tuple(term for name, term in _RELATIONS.items() if name in wanted)
    return AnyOf(terms) if terms else None


def kind_term(kind: Kind) -> Term:
    """The kind of an entry."""
    return Term(kind.value)
