"""Refusals in the languages of the domain: every text of the guard has its translation, and nothing can fail."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from um_directory.guard.evaluate import Refusal
from um_directory.guard.rules.terms import AnyOf, Term
from um_directory.guard.translations import CATALOGUES, LANGUAGES, catalogue, translate
from um_directory.model.tree import Kind

GUARD = CATALOGUES.parent / "guard"
TEXT_ARGUMENT = {"Refuse": 0, "Refusal": 1, "Unsupported": 1, "GroupRule": 1, "Term": 0}
"""Which argument of which call is an English text to be translated."""


def text_arguments() -> Iterator[tuple[str, ast.expr]]:
    """(where, argument) of every call in the guard that takes such a text."""
    for path in sorted(GUARD.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in TEXT_ARGUMENT
            ):
                position = TEXT_ARGUMENT[node.func.id]
                yield f"{path.name}:{node.lineno}", node.args[position]


def texts() -> set[str]:
    """Every text a refusal is made of: templates, terms, and the kinds of entries."""
    constants = {
        node.value
        for _, node in text_arguments()
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return constants | {kind.value for kind in Kind}


def placeholders(template: str) -> list[tuple[str, str | None, str | None]]:
    """Name, format and conversion of each `{…}`, in order of name. Raises ValueError for a stray brace."""
    return sorted(
        (name, spec, conversion)
        for _, name, spec, conversion in Formatter().parse(template)
        if name is not None
    )
