"""The rules reference: every rule has its section, and every text of a refusal stands in one."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.pofile import read_po

from um_directory.guard.rules import RULES
from um_directory.guard.rules import terms as terms_module
from um_directory.guard.translations import CATALOGUES

ROOT = Path(__file__).parents[2]


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / f"scripts/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages() -> ModuleType:
    return loaded("rule_pages")


def sections(page: str) -> dict[str, str]:
    found = {}
    for section in page.split("\n## ")[1:]:
        name, _, text = section.partition("\n")
        found[name] = text
    return found


ONLY_ALLOWS = {"D16", "E8"}
"""Rules that allow what others would refuse, and refuse nothing themselves."""


def test_every_rule_has_a_section_that_says_what_it_refuses(pages: ModuleType) -> None:
    found = sections(pages.page())
    assert list(found) == [*(rule.id for rule in RULES), *pages.OTHERS]
    for rule in RULES:
        assert rule.sentence in found[rule.id]
        assert rule.source in found[rule.id]
        if rule.id not in ONLY_ALLOWS:
            assert "- `" in found[rule.id], rule.id
        assert found[rule.id].count("\n  - nl: ") == found[rule.id].count("\n- `")


def test_every_text_that_is_translated_stands_in_it_in_four_languages(pages: ModuleType) -> None:
    page = pages.page()
    assert "(missing)" not in page
    words = set(terms_module._RELATIONS.values()) | set(terms_module.ROLES.values())
    for language in ("nl", "fr", "de"):
        with (CATALOGUES / f"{language}.po").open("rb") as file:
            known = {str(message.id): str(message.string) for message in read_po(file) if message.id}
        for text, translated in known.items():
            if text not in words and "{" in text:
                assert pages._code(text) in page
                assert pages._code(translated) in page


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("D1", "the chief access manager is designated and changed by the contact center"),
        ("D1", "an enterprise has exactly one chief access manager; replace him in one modify"),
        (
            "E3",
            "the register does not know {uid} as {whom} of enterprise {enterprise}; designate somebody whom it does",
        ),
        ("D0", "entries are neither renamed nor moved; delete and add instead"),
        ("G0", "the guard is loading its view; try again in a moment"),
    ],
)
def test_texts_are_found_where_they_are_written(pages: ModuleType, rule: str, text: str) -> None:
    """By itself, as a group rule's, in a helper, outside the rules."""
    assert text in pages.sorted_texts(rule)


def test_check_says_when_the_page_is_out_of_date(
    pages: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = loaded("reference")
    monkeypatch.setattr(reference, "ROOT", tmp_path)
    monkeypatch.setattr(reference, "PAGES", {"rules.md": pages.page})
    monkeypatch.setattr(sys, "argv", ["reference.py"])
    assert reference.main() == 0
    monkeypatch.setattr(sys, "argv", ["reference.py", "--check"])
    assert reference.main() == 0
    (tmp_path / "rules.md").write_text("old", "utf-8")
    assert reference.main() == 1
    assert "rules.md is out of date" in capsys.readouterr().out
