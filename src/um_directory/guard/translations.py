"""Refusals in the language of the actor's account (nl, fr, de; English otherwise).

Never raises: a refusal whose words fail must stay a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import structlog
from babel.messages.pofile import read_po

from um_directory.guard.evaluate import Refusal
from um_directory.guard.rules.terms import AnyOf, Term

LANGUAGES = ("nl", "fr", "de")
CATALOGUES = Path(__file__).parent.parent / "locale"
_PRIMARY = re.compile(r"[a-z]+")


@cache
def catalogue(path: Path) -> Mapping[str, str]:
    """English text to translated text, as a PO file has them; nothing when the file cannot be read."""
    try:
        with path.open("rb") as file:
            messages = read_po(file, abort_invalid=True)
        return {str(message.id): str(message.string) for message in messages if message.id and message.string}
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, English remains
        structlog.get_logger().error("refusals will be in English", catalogue=path.name, reason=str(error))
        return {}


def translate(refusal: Refusal, language: str, catalogues: Path = CATALOGUES) -> str:
    """The text that the client reads: the rule id, and the sentence in `language` where there is one.

    `language` is a `preferredLanguage` (RFC 2798 §2.7) as somebody wrote it; its first primary subtag counts.
    """
    primary = _PRIMARY.match(language.strip().lower())
    if primary and primary[0] in LANGUAGES:
        known = catalogue(catalogues / f"{primary[0]}.po")
        template = known.get(refusal.template)
        values = {name: _spoken(value, known) for name, value in refusal.values.items()}
        sentence = _sentence(template, values) if template else None
        if sentence is not None:
            return f"{refusal.rule}: {sentence}"
    return f"{refusal.rule}: {_sentence(refusal.template, refusal.values) or refusal.template}"


def _sentence(template: str, values: Mapping[str, object]) -> str | None:
    try:
        return template.format(**values)
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        structlog.get_logger().error("a broken template", template=template, reason=repr(error))
        return None


def _spoken(value: object, known: Mapping[str, str]) -> object:
    """A value as it stands in the sentence: terms are translated, names and numbers are not."""
    if isinstance(value, Term):
        return known.get(value, value)
    if isinstance(value, AnyOf):
        return value.spoken(lambda term: known.get(term, term))
    return value
