"""Refusals in the language of the actor's account (nl, fr, de; English otherwise)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from um_directory.guard.evaluate import Refusal

LANGUAGES = ("nl", "fr", "de")
CATALOGUES = Path(__file__).parent.parent / "locale"


@cache
def catalogue(language: str) -> dict[str, str]:
    """English template to translated template, as the catalogue file has them."""
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language)
    return {str(message.id): str(message.string) for message in messages if message.id and message.string}


def translate(refusal: Refusal, language: str) -> str:
    """The text that the client reads: the rule id, and the sentence in `language` where there is one."""
    known = language[:2].lower()
    template = catalogue(known).get(refusal.template) if known in LANGUAGES else None
    return f"{refusal.rule}: {(template or refusal.template).format(**refusal.values)}"
